"""Covariances against scipy, closed forms, substituted fits and simulations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import curve_fit

from physfit import bounds, fit, fixed, tie
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    Linear,
    Model,
    Quadratic,
    Ringdown,
)
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import TRUSTED
from physfit.uncertainty.covariance import covariance

PEAK = {
    "amplitude": 3.0,
    "center": 5.0,
    "sigma": 0.7,
    "slope": 0.1,
    "intercept": 1.0,
}
X = np.linspace(0.0, 10.0, 120)


def noisy(model: Model, truth: dict[str, float], size: float, seed: int) -> Any:
    """Values of a model with normal noise."""
    noise = np.random.default_rng(seed).normal(0.0, size, len(X))
    return model(X, **truth) + noise


def solution_at(objective: Objective, theta: list[float], **changes: Any) -> Solution:
    """A solution as a solver without a covariance of its own reports it."""
    n = len(theta)
    start = Solution(
        theta=np.array(theta),
        cost=objective.cost(np.array(theta)),
        status=Status.REPORTED,
        n_steps=1,
        n_evals=1,
        covariance=np.full((n, n), np.nan),
        condition=math.inf,
        at_bound=np.zeros(n, dtype=np.int64),
        optimality=0.0,
        gradient=np.zeros(n),
    )
    return start._replace(**changes)


@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "scaled"])
def test_agrees_with_scipy(absolute: bool) -> None:
    """With sigma the covariance is scipy's absolute one, without it the scaled one."""
    model = Gaussian() + Linear()
    y = noisy(model, PEAK, 0.05, seed=1)
    sigma = np.full(len(X), 0.08)
    result = fit(model, X, y, sigma=sigma if absolute else None, start=PEAK)
    _, expected = curve_fit(
        lambda x, *p: model(x, **dict(zip(model.names, p, strict=True))),
        X,
        y,
        list(PEAK.values()),
        sigma=sigma,
        absolute_sigma=absolute,
        jac=lambda x, *p: (
            model.with_partials(x, **dict(zip(model.names, p, strict=True)))[1].T
        ),
        xtol=1e-14,
        ftol=1e-14,
    )
    # scipy inverts R, we the normal matrix (condition here below 1e4): 1e-8 is enough.
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-6, atol=1e-14)


def test_ties_are_those_of_the_substituted_fit() -> None:
    """Amplitude tied to 2 x the other and shared sigma: scipy's fit without them."""
    model = (Gaussian("a_") + Gaussian("b_")).where(
        b_amplitude=tie("2 * a_amplitude"), b_sigma=tie("a_sigma")
    )
    truth = {"a_amplitude": 3.0, "a_center": 4.0, "a_sigma": 0.7, "b_center": 6.5}
    y = noisy(model, truth, 0.05, seed=2)
    one = Gaussian()

    def substituted(x: Any, a: float, c: float, s: float, d: float) -> Any:
        first = one(x, amplitude=a, center=c, sigma=s)
        return first + one(x, amplitude=2.0 * a, center=d, sigma=s)

    result = fit(model, X, y, start=truth)
    popt, expected = curve_fit(
        substituted, X, y, list(truth.values()), xtol=1e-14, ftol=1e-14
    )
    np.testing.assert_allclose(result.solution.theta, popt, rtol=1e-7)
    # scipy's Jacobian here is a forward difference, good to 1e-7 of its size.
    np.testing.assert_allclose(
        result.covariance, expected, rtol=1e-5, atol=1e-5 * expected.max()
    )
    error = math.sqrt(expected[0, 0])
    assert result.stderr["b_amplitude"] == pytest.approx(2.0 * error, rel=1e-5)
    assert result.stderr["b_sigma"] == result.stderr["a_sigma"]
    full = result.full_covariance
    names = list(result.names)
    first, second = names.index("a_amplitude"), names.index("b_amplitude")
    assert full[first, second] == pytest.approx(2.0 * full[first, first], rel=1e-12)


def test_fixed_parameters_have_no_error_and_no_covariance() -> None:
    """A fixed parameter has stderr NaN and zeros in the full covariance."""
    model = (Gaussian() + Linear()).where(slope=fixed(0.1))
    result = fit(model, X, noisy(model, {**PEAK}, 0.05, seed=3), start=_free(PEAK))
    assert math.isnan(result["slope"].stderr)
    place = result.names.index("slope")
    assert not result.full_covariance[place].any()
    assert not result.full_covariance[:, place].any()


def _free(truth: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in truth.items() if name != "slope"}


@pytest.mark.parametrize("given", [True, False], ids=["sigma", "no sigma"])
def test_parameter_at_its_bound_leaves_the_covariance(given: bool) -> None:
    """Offset >= 0 with truth -0.05: flagged, the others as with it fixed at 0."""
    model = Gaussian() + Constant()
    truth = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7, "c": -0.05}
    y = noisy(model, truth, 0.05, seed=4)
    sigma = 0.05 if given else None
    start = {"amplitude": 2.5, "center": 5.1, "sigma": 0.6}
    bounded = model.where(c=bounds(0.0, None))
    result = fit(bounded, X, y, sigma=sigma, start={**start, "c": 0.1})
    held = fit(model.where(c=fixed(0.0)), X, y, sigma=sigma, start=start)
    assert result["c"].at_bound == -1
    assert result["c"].value == 0.0
    assert math.isnan(result["c"].stderr)
    assert np.isnan(result.covariance[3]).all()
    assert result.dof == held.dof
    np.testing.assert_allclose(
        result.covariance[:3, :3], held.covariance, rtol=1e-7, atol=1e-16
    )
    height = result["height"]
    assert height.stderr == pytest.approx(held["height"].stderr, rel=1e-7)


def test_bound_holds_where_the_covariance_is_factorised() -> None:
    """The same without the solver's own inverse."""
    model = (Gaussian() + Constant()).where(c=bounds(0.0, None))
    truth = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7, "c": 0.0}
    y = noisy(model, truth, 0.05, seed=4) - 0.05
    result = fit(model, X, y, sigma=0.05, start=truth)
    without = result.solution._replace(condition=math.inf)
    found = covariance(without, Loss("chi2"), len(X), True, lambda: result.objective)
    assert found.rank == 3
    np.testing.assert_allclose(found.matrix, result.covariance, rtol=1e-8, atol=1e-16)


def test_quantity_of_held_parameters_alone_has_no_error() -> None:
    """What depends on a parameter at a bound only has NaN, never 0."""
    model = (Gaussian("a_") + Constant() + Linear("l_")).where(
        c=bounds(0.0, None), l_intercept=fixed(0.0), l_slope=tie("2 * c")
    )
    truth = {"a_amplitude": 3.0, "a_center": 5.0, "a_sigma": 0.7}
    y = Gaussian()(X, amplitude=3.0, center=5.0, sigma=0.7) - 0.05
    y += np.random.default_rng(5).normal(0.0, 0.05, len(X))
    result = fit(model, X, y, start={**truth, "c": 0.1})
    assert result["c"].at_bound == -1
    assert math.isnan(result["l_slope"].stderr)


def test_undetermined_parameters_are_named_and_the_others_hold() -> None:
    """Two constants: both infinite, the peak as with one; their sum is determined."""
    truth = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7}
    y = noisy(Gaussian(), truth, 0.05, seed=6) + 1.0
    twice = Gaussian() + Constant("a_") + Constant("b_")
    result = fit(twice, X, y, start={**truth, "a_c": 0.5, "b_c": 0.5})
    once = fit(Gaussian() + Constant(), X, y, start={**truth, "c": 1.0})
    assert result.stderr["a_c"] == result.stderr["b_c"] == math.inf
    assert result.dof == once.dof
    for name in truth:
        assert result.stderr[name] == pytest.approx(once.stderr[name], rel=1e-6)
    total = result.uncertainty.propagate(np.array([[0.0, 0.0, 0.0, 1.0, 1.0]]))
    assert math.sqrt(total[0, 0]) == pytest.approx(once.stderr["c"], rel=1e-6)
    assert any("`a_c`, `b_c`" in sentence for sentence in result.warnings)


def test_two_identical_peaks_are_not_determined() -> None:
    """Six parameters of which the data see three combinations."""
    model = Gaussian("a_") + Gaussian("b_")
    y = noisy(Gaussian(), {"amplitude": 3.0, "center": 5.0, "sigma": 0.7}, 0.01, seed=7)
    objective = Objective(
        model.layout, X[None], y[None], np.ones((1, len(X))), Loss("chi2")
    )
    theta = [1.5, 5.0, 0.7] * 2
    found = covariance(
        solution_at(objective, theta), Loss("chi2"), len(X), True, lambda: objective
    )
    assert found.rank == 3
    assert found.undetermined == (0, 1, 2, 3, 4, 5)
    assert np.isinf(found.matrix.diagonal()).all()


def test_parameter_without_influence_is_not_determined() -> None:
    """A peak of amplitude 0 has no center; the amplitude keeps its error."""
    model = Gaussian() + Constant()
    objective = Objective(
        model.layout, X[None], 0.0 * X[None], np.ones((1, len(X))), Loss("chi2")
    )
    solution = solution_at(objective, [0.0, 5.0, 0.7, 0.0])
    found = covariance(solution, Loss("chi2"), len(X), True, lambda: objective)
    assert found.undetermined == (1, 2)
    assert np.isfinite(found.matrix[np.ix_([0, 3], [0, 3])]).all()


def test_keeps_its_digits_where_the_normal_matrix_loses_them() -> None:
    """A parabola far from the origin: exact to 1e-6 at a condition above 1e12."""
    mpmath = pytest.importorskip("mpmath")
    x = 100.0 + np.arange(16) / 8.0
    y = 1.0 + np.cos(x)
    result = fit(Quadratic(), x, y, sigma=1.0, start={"a": 0.0, "b": 0.0, "c": 0.0})
    assert result.solution.condition > TRUSTED
    with mpmath.workdps(60):
        rows = mpmath.matrix([[mpmath.mpf(v) ** 2, mpmath.mpf(v), 1] for v in x])
        exact = (rows.T * rows) ** -1
        expected = np.array(exact.tolist(), dtype=np.float64)
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-6)


def test_partials_that_are_not_finite_give_no_errors() -> None:
    """Nothing is made up where the model has no derivative."""
    model = Exponential()
    objective = Objective(
        model.layout, X[None], 0.0 * X[None], np.ones((1, len(X))), Loss("chi2")
    )
    solution = solution_at(objective, [1.0, 0.0])
    found = covariance(solution, Loss("chi2"), len(X), True, lambda: objective)
    assert np.isnan(found.matrix).all()


def test_no_degrees_of_freedom_give_no_scaled_errors() -> None:
    """As many parameters as samples: NaN without sigma, finite with it."""
    x, y = X[:2], np.array([1.0, 2.0])
    start = {"slope": 0.0, "intercept": 0.0}
    scaled = fit(Linear(), x, y, start=start)
    assert scaled.dof == 0
    assert np.isnan(scaled.covariance).all()
    assert any("no degree of freedom" in sentence for sentence in scaled.warnings)
    assert np.isfinite(fit(Linear(), x, y, sigma=0.1, start=start).covariance).all()


def test_poisson_is_the_inverse_fisher_information() -> None:
    """Sum over samples of the products of partials by the mean, inverted."""
    model = Gaussian() + Constant()
    truth = {"amplitude": 500.0, "center": 5.0, "sigma": 0.7, "c": 12.0}
    counts = np.random.default_rng(8).poisson(model(X, **truth)).astype(float)
    result = fit(model, X, counts, loss="poisson", start=truth)
    value, partials = model.with_partials(X, **result.values)
    information = (partials / value) @ partials.T
    np.testing.assert_allclose(
        result.covariance, np.linalg.inv(information), rtol=1e-8, atol=1e-14
    )


def test_huber_with_a_far_bend_is_least_squares() -> None:
    """No residual beyond delta: the scaled covariance of chi2."""
    model = Gaussian() + Linear()
    y = noisy(model, PEAK, 0.05, seed=9)
    plain = fit(model, X, y, start=PEAK)
    robust = fit(model, X, y, loss="huber:1e6", start=PEAK)
    np.testing.assert_allclose(
        robust.covariance, plain.covariance, rtol=1e-6, atol=1e-14
    )


def test_robust_errors_are_hubers_formula() -> None:
    """Eq. (6.5) of the reference written out, with its correction for few samples."""
    rng = np.random.default_rng(3)
    x = np.linspace(-1.0, 1.0, 14)
    y = 1.0 + 2.0 * x + 0.1 * rng.standard_normal(x.size)
    y[[2, 9]] += 1.5
    result = fit(Linear(), x, y, sigma=0.1, loss="huber:1.3")
    z = (y - result(x)) / 0.1
    design = np.stack([x, np.ones_like(x)]) / 0.1
    psi, bend = np.clip(z, -1.3, 1.3), (np.abs(z) <= 1.3).astype(float)
    correction = 1.0 + 2 / 14 * bend.var() / bend.mean() ** 2
    factor = correction**2 * (psi @ psi / (14 - 2)) / bend.mean() ** 2
    expected = factor * np.linalg.inv(design @ design.T)
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-9, atol=1e-15)


def test_robust_errors_do_not_depend_on_the_scale_of_sigma() -> None:
    """With delta in units of sigma scaled along, the errors stay what they are."""
    model = Gaussian() + Linear()
    y = noisy(model, PEAK, 0.05, seed=10)
    first = fit(model, X, y, sigma=0.05, loss="huber:1.345", start=PEAK)
    second = fit(model, X, y, sigma=0.5, loss="huber:0.1345", start=PEAK)
    np.testing.assert_allclose(first.covariance, second.covariance, rtol=1e-6)


N_TOYS = 400

Noise = Callable[[np.random.Generator, Any], Any]


def _normal(rng: np.random.Generator, f: Any) -> Any:
    return f + rng.normal(0.0, 0.1, len(f))


def _tailed(rng: np.random.Generator, f: Any) -> Any:
    return f + 0.1 * rng.standard_t(4.0, len(f))


def _counts(rng: np.random.Generator, f: Any) -> Any:
    return rng.poisson(f).astype(float)


RING = {"amplitude": 2.0, "frequency": 0.5, "rate": 0.2, "phase": 0.3}
COUNTS = {"amplitude": 400.0, "center": 5.0, "sigma": 0.7, "c": 20.0}
TOYS = [
    pytest.param(Ringdown(), RING, _normal, {"sigma": 0.1}, id="chi2 sigma"),
    pytest.param(Ringdown(), RING, _normal, {}, id="chi2 scaled"),
    pytest.param(
        Gaussian() + Constant(), COUNTS, _counts, {"loss": "poisson"}, id="poisson"
    ),
    pytest.param(
        Ringdown(), RING, _tailed, {"sigma": 0.1, "loss": "huber"}, id="huber"
    ),
    pytest.param(
        Ringdown(), RING, _tailed, {"sigma": 0.1, "loss": "soft_l1"}, id="soft_l1"
    ),
    pytest.param(
        Ringdown(), RING, _tailed, {"sigma": 0.1, "loss": "cauchy"}, id="cauchy"
    ),
]


@pytest.mark.parametrize(("model", "truth", "noise", "options"), TOYS)
def test_stated_errors_cover_the_truth(
    model: Model, truth: dict[str, float], noise: Noise, options: dict[str, Any]
) -> None:
    """Pulls of all parameters over simulated data have mean 0 and width 1."""
    rng = np.random.default_rng(11)
    curve = model(X, **truth)
    expected = np.array([truth[name] for name in model.free_names])
    pulls = []
    for _ in range(N_TOYS):
        result = fit(model, X, noise(rng, curve), start=truth, **options)
        errors = np.sqrt(result.covariance.diagonal())
        pulls.append((result.solution.theta - expected) / errors)
    # Four standard deviations of a mean and of a width; 0.05 for the small samples.
    limit = 4.0 / math.sqrt(N_TOYS)
    assert np.abs(np.mean(pulls, axis=0)).max() < limit + 0.05
    assert np.abs(np.std(pulls, axis=0) - 1.0).max() < limit / math.sqrt(2.0) + 0.05


def test_complex_data_count_both_parts() -> None:
    """Real and imaginary parts are samples of their own."""
    model = ComplexRingdown()
    rng = np.random.default_rng(12)
    noise = rng.normal(0.0, 0.1, (2, len(X)))
    y = model(X, **RING) + noise[0] + 1j * noise[1]
    result = fit(model, X, y, sigma=0.1, start=RING)
    assert result.n_samples == 2 * len(X)
    _, partials = model.with_partials(X, **result.values)
    stacked = np.hstack([partials.real, partials.imag]) / 0.1
    np.testing.assert_allclose(
        result.covariance, np.linalg.inv(stacked @ stacked.T), rtol=1e-8, atol=1e-14
    )


def test_nothing_free_has_an_empty_covariance() -> None:
    """All parameters fixed: a result with statistics and no errors."""
    model = Constant().where(c=fixed(1.0))
    result = fit(model, X, np.ones(len(X)), sigma=1.0)
    assert result.covariance.shape == (0, 0)
    assert result.dof == len(X)
    assert math.isnan(result["c"].stderr)


@pytest.mark.parametrize("scale", [1e-100, 1e-160, 1e-209])
def test_what_is_not_determined_is_so_in_any_unit_of_x(scale: float) -> None:
    """Variances beyond the largest number are infinite, and never an error of 0."""
    counts = np.zeros(20)
    counts[10] = 1.0
    line = fit(Linear(), np.linspace(0.0, scale, 20), counts, loss="poisson")
    assert line["slope"].stderr != 0.0
