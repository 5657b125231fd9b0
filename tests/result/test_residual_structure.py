"""Residuals that follow one another are told, those of noise are not."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import physfit as pf
from physfit.result import residual_structure
from physfit.result.residual_structure import LEAST, _few_runs, runs_of, structure

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
X = np.linspace(0.0, 10.0, 120)
TOLD = "Residuals of neighbouring samples belong together"


@pytest.mark.parametrize("above", [4, 5, 7])
def test_the_distribution_is_that_of_all_orders(above):
    """Each of the C(11, a) orders is as likely; their runs are counted one by one."""
    n = 11
    counts: Counter[int] = Counter()
    for places in itertools.combinations(range(n), above):
        signs = np.isin(np.arange(n), places)
        counts[1 + int(np.sum(signs[1:] != signs[:-1]))] += 1
    values = np.array(list(counts.elements()))
    for runs in range(2, n + 1):
        found = runs_of(runs, above, n - above)
        assert found.p == pytest.approx(np.mean(values <= runs), rel=1e-12)
        assert found.expected == pytest.approx(values.mean(), rel=1e-12)
        assert found.deviation == pytest.approx(values.std(), rel=1e-12)


def test_the_normal_law_continues_the_sums(monkeypatch):
    """Where it takes over, the two differ by a few per cent at three deviations."""
    by_sums = runs_of(171, 200, 200)
    monkeypatch.setattr(residual_structure, "SUMMED", 100)
    assert runs_of(171, 200, 200).p == pytest.approx(by_sums.p, rel=0.05)


NOISES = {
    "normal": lambda rng, curve: curve + rng.normal(size=curve.size),
    "heavy tails": lambda rng, curve: curve + rng.standard_t(2, size=curve.size),
    "growing": lambda rng, curve: (
        curve + np.geomspace(0.1, 10.0, curve.size) * rng.normal(size=curve.size)
    ),
    "skewed": lambda rng, curve: curve + rng.exponential(size=curve.size) - 1.0,
    "few counts": lambda rng, curve: 1.0 * rng.poisson(np.maximum(curve - 0.9, 0.05)),
}


@pytest.mark.parametrize("n", [20, 200])
@pytest.mark.parametrize("noise", NOISES)
def test_noise_is_told_in_one_case_of_a_hundred_at_most(n, noise):
    """Whatever its law is, and though its size or skewness changes along x."""
    rng, x = np.random.default_rng(1), np.linspace(0.0, 10.0, n)
    model = pf.models.Gaussian() + pf.models.Constant()
    start = {"amplitude": 12.0, "center": 5.0, "sigma": 1.0, "c": 1.0}
    curve = model(x, **start)
    n_fits = 300
    told = 0
    for _ in range(n_fits):
        result = pf.fit(model, x, NOISES[noise](rng, curve), start=start)
        told += structure(result) is not None
    # 0.01 of them are 3; more than 9 would be 3.5 standard errors beyond.
    assert told <= 9


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("height", [35.0, 50.0])
def test_a_wrong_shape_is_told(height, seed):
    """A Lorentzian peak of 35 or 50 deviations is fitted by a Gaussian."""
    truth = pf.models.Lorentzian() + pf.models.Constant()
    width = 1.0
    y = truth(X, amplitude=math.pi * width * height, center=5.0, gamma=width, c=1.0)
    y += np.random.default_rng(seed).normal(size=X.size)
    wrong = pf.fit("gaussian + constant", X, y)
    assert any(TOLD in own for own in wrong.warnings)
    assert TOLD in wrong.report()
    assert not any(TOLD in own for own in pf.fit(truth, X, y).warnings)


def curved(noise, seed=2):
    """A parabola with noise, which is fitted by a line."""
    return 0.05 * (X - 5.0) ** 2 + noise * np.random.default_rng(seed).normal(
        size=X.size
    )


def test_an_overstated_sigma_does_not_hide_it():
    """chi2 is small, and the residuals follow one another all the same."""
    result = pf.fit("linear", X, curved(0.1), sigma=1.0)
    assert any(TOLD in own for own in result.warnings)


def test_it_is_told_once():
    """Where sigma shows that residuals are too large there is nothing to add."""
    result = pf.fit("linear", X, curved(0.1), sigma=0.1)
    assert any("larger than their errors explain" in own for own in result.warnings)
    assert not any(TOLD in own for own in result.warnings)


def test_counts_have_a_law_of_their_own():
    """Their deviance says it; signs of few counts follow the curve."""
    y = np.random.default_rng(3).poisson(3.0 + curved(0.0))
    result = pf.fit("linear", X, y, loss="poisson")
    assert not any(TOLD in own for own in result.warnings)


def test_the_order_is_that_of_x():
    """Shuffled samples tell the same."""
    y, order = curved(0.2), np.random.default_rng(4).permutation(X.size)
    plain = pf.fit("linear", X, y)
    mixed = pf.fit("linear", X[order], y[order])
    assert structure(mixed) == structure(plain) is not None


@pytest.mark.parametrize("n_equal", [8, 20])
def test_equal_x_sorted_by_y_are_no_structure(n_equal):
    """A table sorted by all its columns has, at each x, low values before high ones."""
    rng, x = np.random.default_rng(3), np.repeat(np.linspace(0.0, 10.0, 24), n_equal)
    y = 2.0 * x + rng.normal(size=x.size)
    order = np.lexsort((y, x))
    assert structure(pf.fit(pf.models.Linear(), x[order], y[order])) is None


def test_repeats_add_to_what_is_told():
    """Five samples at each x show a shape of the size of the noise, in any order."""
    rng, x = np.random.default_rng(3), np.repeat(np.linspace(0.0, 10.0, 40), 5)
    y = np.sin(x) + rng.normal(size=x.size)
    once = structure(pf.fit(pf.models.Linear(), x, y))
    assert once is not None
    shuffled = rng.permutation(x.size)
    again = structure(pf.fit(pf.models.Linear(), x[shuffled], y[shuffled]))
    assert again is not None
    assert again[:3] == once[:3]


def test_outliers_do_not_hide_it_from_robust_losses():
    """Signs count them as one sample each."""
    y = curved(0.1)
    y[::17] += 8.0
    assert structure(pf.fit("linear", X, y, loss="huber")) is not None


def test_either_part_of_complex_values_tells(tmp_path):
    """The imaginary part has a second line that the model lacks."""
    t = np.linspace(0.0, 3.0, 200)
    ring = pf.models.ComplexRingdown()
    values = {"amplitude": 4.0, "frequency": 1.0, "rate": 0.5, "phase": 0.0}
    rng = np.random.default_rng(5)
    y = ring(t, **values) + 0.1 * (rng.normal(size=200) + 1j * rng.normal(size=200))
    assert structure(pf.fit(ring, t, y, start=values)) is None
    bent = pf.fit(ring, t, y + 0.3j * np.cos(3.0 * t), start=values)
    assert structure(bent) is not None


def test_two_outputs_are_two_chances():
    """What is unlikely for one of them must be half as likely for either of two."""
    n = 20
    few = next(r for r in range(2, n) if 0.005 < runs_of(r, n, n).p < 0.01)
    changes = np.linspace(0, 2 * n, few + 1).astype(int)
    signs = np.repeat((-1.0) ** np.arange(few), np.diff(changes))
    assert _few_runs(signs, 0.01) is not None
    mixed = (-1.0) ** np.arange(signs.size)
    data = SimpleNamespace(n_total=None, x=np.arange(signs.size)[None])
    told = {"data": data, "model": SimpleNamespace(spins=None)}
    told["loss"] = SimpleNamespace(traits=SimpleNamespace(is_likelihood=True))
    assert structure(SimpleNamespace(residuals=signs, **told)) is not None
    assert structure(SimpleNamespace(residuals=mixed + 1j * signs, **told)) is None


def test_a_residual_of_zero_ends_no_run():
    """It is neither above nor below."""
    residuals = np.repeat([1.0, -1.0], 30)
    residuals[:30:2] = 0.0
    assert _few_runs(residuals, 0.01) is not None


@pytest.mark.parametrize("n", [2, 5, 2 * LEAST - 1])
def test_few_samples_have_no_structure(n):
    """Nor have those that the model meets."""
    x = np.arange(float(n))
    assert structure(pf.fit("linear", x, x**2)) is None
    exact = pf.fit("linear", X, 2.0 * X + 1.0)
    assert not any(TOLD in own for own in exact.warnings)


PROBLEMS = {
    "Roszman1": "b1-b2*x-atan(b3/(x-b4))/pi",
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_guess_that_ends_elsewhere_is_told(name):
    """Certified problems whose guessed starts lead to a higher minimum."""
    table = pf.read_table(DATASETS / f"nist/{name}.csv")
    result = pf.fit(pf.formula(PROBLEMS[name]), table)
    (told,) = [own for own in result.warnings if TOLD in own]
    assert "start values guessed do not lead to the best minimum" in told
