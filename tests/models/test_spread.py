"""Start values of models that only spread points can find, of one curve and of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

import physfit as pf
from physfit.models.declaration import Declaration
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.model import component
from physfit.models.param import Param
from physfit.models.spread import SpreadGuess

M = pf.models
X = np.linspace(0.0, 10.0, 120)
WAVE_AND_PEAK = M.Ringdown("a_") + M.Gaussian() + M.Constant()
HEAT = M.IsingSquareHeat()


def wave_and_peak(rng: np.random.Generator) -> dict[str, float]:
    return {
        "a_amplitude": rng.uniform(1.0, 3.0),
        "a_frequency": rng.uniform(0.3, 2.0),
        "a_rate": rng.uniform(0.05, 0.5),
        "a_phase": rng.uniform(-3.0, 3.0),
        "amplitude": rng.uniform(2.0, 5.0),
        "center": rng.uniform(2.0, 8.0),
        "sigma": rng.uniform(0.2, 0.8),
        "c": 1.0,
    }


def drawn(model, n: int, seed: int, noise: float, x=X) -> tuple[np.ndarray, list]:
    """Rows of a model, and the parameters of each."""
    rng = np.random.default_rng(seed)
    sizes = {"J": lambda: {"J": rng.uniform(0.3, 3.0)}}
    one = sizes.get(model.free_names[0], lambda: wave_and_peak(rng))
    truths = [one() for _ in range(n)]
    y = np.array([model(x, **truth) for truth in truths])
    return y + noise * rng.normal(size=y.shape), truths


@pytest.mark.parametrize(
    ("model", "noise"), [(HEAT, 0.05), (WAVE_AND_PEAK, 0.2)], ids=["heat", "wave"]
)
def test_each_row_finds_its_own_start(model, noise):
    """Rows that have nothing in common end where fits from the truth do."""
    x = X + 0.2
    y, truths = drawn(model, 40, 3, noise, x)
    many = pf.fit_many(model, x, y, sigma=noise, retry=False)
    pairs = zip(y, truths, strict=True)
    best = [pf.fit(model, x, own, sigma=noise, start=start) for own, start in pairs]
    worse = many.chi2 > np.array([own.chi2 for own in best]) + 0.05
    assert worse.sum() <= 1
    assert (many.table.retry_stage == pf.RetryStage.GUESS).all()


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_rows_are_guessed_as_single_curves_are(unit):
    """One search: the costs of the fits agree, in all units of x."""
    x = (X + 0.2) * unit
    y, _ = drawn(WAVE_AND_PEAK, 8, 4, 0.2)
    many = pf.fit_many(WAVE_AND_PEAK, x, y, sigma=0.2, retry=False)
    single = [pf.fit(WAVE_AND_PEAK, x, row, sigma=0.2).chi2 for row in y]
    np.testing.assert_allclose(many.chi2, single, rtol=1e-8)


def test_rows_of_counts_masks_and_own_x_are_guessed():
    """By least squares where the loss has a domain; masked samples do not count."""
    rng = np.random.default_rng(5)
    xs = np.sort(rng.uniform(0.2, 10.0, (20, 120)), axis=1)
    truth = rng.uniform(0.5, 3.0, 20)
    heat = np.array([HEAT(x, J=J) for x, J in zip(xs, truth, strict=True)])
    counts = rng.poisson(400.0 * heat) / 400.0
    hidden = rng.uniform(size=xs.shape) < 0.1
    counts[hidden] = 1e6
    many = pf.fit_many(HEAT, xs, counts, loss="poisson", mask=hidden)
    np.testing.assert_allclose(many["J"].value, truth, rtol=0.02)


@pytest.mark.parametrize("threads", [2, 5])
def test_guesses_do_not_depend_on_the_threads(threads):
    """Bit for bit."""
    y, _ = drawn(WAVE_AND_PEAK, 70, 6, 0.2)
    one, more = (
        pf.fit_many(WAVE_AND_PEAK, X, y, sigma=0.2, threads=n).table
        for n in (1, threads)
    )
    for before, after in zip(one, more, strict=True):
        np.testing.assert_array_equal(before, after)


def test_values_that_are_given_stay_and_guide_the_others():
    """Of two minima the one at the given frequency."""
    truth = wave_and_peak(np.random.default_rng(8))
    y = WAVE_AND_PEAK(X, **truth) + 0.1 * np.random.default_rng(9).normal(size=X.size)
    known = {"a_frequency": truth["a_frequency"], "center": truth["center"]}
    found = WAVE_AND_PEAK.where(**known).guess(X, y)
    assert {name: found[name] for name in known} == known
    residual = WAVE_AND_PEAK(X, **found) - y
    assert np.sqrt(np.mean(residual**2)) < 0.15


def test_bounds_limit_what_is_spread():
    """And the linear parameters."""
    model = WAVE_AND_PEAK.where(
        a_frequency=pf.bounds(0.1, 0.4), c=pf.bounds(2.0, None), a_rate=pf.fixed(0.2)
    )
    y, _ = drawn(WAVE_AND_PEAK, 1, 10, 0.2)
    found = model.guess(X, y[0])
    assert 0.1 <= found["a_frequency"] <= 0.4
    assert found["c"] >= 2.0


def test_what_enters_linearly_is_not_spread():
    """Amplitudes and backgrounds are solved for."""
    plan = SpreadGuess(WAVE_AND_PEAK, X[None])
    free = np.array(WAVE_AND_PEAK.free_names)
    assert set(free[list(plan._looks.linear)]) == {"a_amplitude", "amplitude", "c"}


def test_data_that_no_point_meets_give_a_start_all_the_same():
    """It is the fit that says where the model is not finite."""
    model = M.Gaussian() * M.Exponential("e_")
    found = model.guess(X, np.zeros(X.size))
    assert np.isfinite(list(found.values())).all()


def test_complex_rotations_on_a_real_line_are_guessed():
    """The line has no imaginary part; rows and single fits end at the minimum."""
    rng = np.random.default_rng(11)
    model = M.ComplexRingdown() + M.Linear()
    truths = [
        {
            "amplitude": rng.uniform(1.0, 3.0),
            "frequency": rng.uniform(-5.0, 5.0),
            "rate": rng.uniform(0.05, 0.6),
            "phase": rng.uniform(-3.0, 3.0),
            "slope": rng.uniform(-1.0, 1.0),
            "intercept": rng.uniform(-2.0, 2.0),
        }
        for _ in range(24)
    ]
    y = np.array([model(X, **truth) for truth in truths])
    y = y + 0.3 * (rng.normal(size=y.shape) + 1j * rng.normal(size=y.shape))
    many = pf.fit_many(model, X, y, sigma=0.3, retry=False)
    best = [
        pf.fit(model, X, own, sigma=0.3, start=truth).chi2
        for own, truth in zip(y, truths, strict=True)
    ]
    assert (many.chi2 > np.array(best) + 0.05).sum() == 0


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_outliers_do_not_lead_a_robust_fit_astray(offset):
    """Most fits are found; with all samples as they are hardly one is.

    For single fits, in any order of x, and rows alike.
    """
    rng = np.random.default_rng(12)
    y, truths = drawn(WAVE_AND_PEAK, 20, 13, 0.1)
    hit = rng.uniform(size=y.shape) < 0.05
    y[hit] += rng.choice([-1.0, 1.0], hit.sum()) * 30.0
    y += offset
    many = pf.fit_many(WAVE_AND_PEAK, X, y, sigma=0.1, loss="cauchy", retry=False)
    mixed = rng.permutation(X.size)
    fits = [
        [
            pf.fit(WAVE_AND_PEAK, x, own, sigma=0.1, loss="cauchy", start=start).chi2
            for x, own, start in (
                (X, row, truth | {"c": 1.0 + offset}),
                (X[mixed], row[mixed], None),
            )
        ]
        for row, truth in zip(y, truths, strict=True)
    ]
    best, single = np.array(fits).T
    assert (many.chi2 > 1.02 * best).sum() < 10
    assert (single > 1.02 * best).sum() < 10


def test_one_component_is_kept_while_another_is_searched():
    """Two decaying oscillations of near frequencies are found in further rounds."""
    builder = Builder()
    t = Term(builder, builder.input(0))
    p = [Term(builder, builder.parameter(k)) for k in range(6)]
    parts = [
        p[k]
        * (2.0 * math.pi * p[k + 1] * t).apply("cos")
        * (-(t / p[k + 2])).apply("exp")
        for k in (0, 3)
    ]
    names = tuple("abcdef")
    graph = Graph.finished(builder, [(parts[0] + parts[1]).step], ["t"], names)
    declaration = Declaration(
        kernel=kernel_of(graph, "beating"),
        description="",
        formula="",
        parameters=tuple(Param(name, "", "") for name in names),
        graph=graph,
    )
    x = np.linspace(0.0, 12.0, 260)
    model = component(declaration)
    truth = dict(zip(names, (1.0, 0.5, 5.0, 0.6, 0.66, 9.0), strict=True))
    y = model(x, **truth) + 0.03 * np.random.default_rng(0).normal(size=x.size)
    result = pf.fit(model, x, y, sigma=0.03)
    assert result.chi2 / result.dof < 1.3
