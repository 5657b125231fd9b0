"""Losses: values, derivatives, weights and limits, driven by their registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from zlib import crc32

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import least_squares

from physfit.engine.blocks import elementwise, llvm_of_loss
from physfit.kernels import losses
from physfit.kernels.registry import LOSSES
from tests.kernels.domains import LOSS_DOMAINS, Arguments
from tests.kernels.reference import DIGITS, conditions, excess, partials, rebuilt

Array = NDArray[np.float64]
OWN = {
    name: loss
    for name, loss in LOSSES.items()
    if loss.function.__module__ == losses.__name__
}
each_loss = pytest.mark.parametrize("name", sorted(OWN.keys() & LOSS_DOMAINS.keys()))
each_robust = pytest.mark.parametrize("name", ["huber", "soft_l1", "cauchy"])


@cache
def compiled(name: str) -> Callable[..., Array]:
    """Map of a loss over arrays: rows are rho, slope, weight, curvature."""
    return elementwise(OWN[name].function, 3 + len(OWN[name].hyper), 4)


def draws(name: str, count: int) -> list[Arguments]:
    """Random arguments of a loss, the same in every run."""
    rng = np.random.default_rng(crc32(name.encode()))
    return [LOSS_DOMAINS[name].sample(rng) for _ in range(count)]


@cache
def cases(name: str) -> tuple[Arguments, ...]:
    """Special arguments first, then random ones."""
    return (*LOSS_DOMAINS[name].special, *draws(name, 80))


def errors(name: str, exact: Callable[[Arguments], list[mp.mpf]], rows: slice) -> Array:
    """Errors of the chosen rows of results, in roundings, a row per case."""
    results = compiled(name)(*np.array(cases(name)).T)[rows].T
    source = rebuilt(OWN[name].function)
    noise = mp.mpf(10) ** (20 - DIGITS)
    return np.array(
        [
            [
                excess(*triple, noise)
                for triple in zip(
                    row,
                    exact(arguments),
                    conditions(source, arguments)[1][rows],
                    strict=True,
                )
            ]
            for arguments, row in zip(cases(name), results, strict=True)
        ]
    )


def test_every_loss_has_a_domain() -> None:
    """A new loss comes with its domain and reference in domains.py."""
    missing = sorted(OWN.keys() - LOSS_DOMAINS.keys())
    assert not missing, f"add an entry to LOSS_DOMAINS in domains.py for: {missing}"


@each_loss
def test_rho_agrees_with_an_independent_reference(name: str) -> None:
    """Rho is as near as rounded arguments allow, up to the stated roundings."""
    domain = LOSS_DOMAINS[name]
    with mp.workdps(DIGITS):
        worst = errors(
            name, lambda a: [domain.reference(*map(mp.mpf, a))], slice(0, 1)
        ).max()
    assert worst < domain.roundings


@each_loss
def test_slope_and_curvature_are_derivatives(name: str) -> None:
    """The slope is d rho / d f and the curvature d slope / d f of the same source."""
    source = rebuilt(OWN[name].function)

    def exact(arguments: Arguments) -> list[mp.mpf]:
        results = [
            partials(lambda *a, k=k: source(*a)[k], arguments, range(1, 2))[0]
            for k in (0, 1)
        ]
        return [results[0], source(*map(mp.mpf, arguments))[2], results[1]]

    with mp.workdps(DIGITS):
        worst = errors(name, exact, slice(1, 4)).max()
    assert worst < LOSS_DOMAINS[name].roundings


@each_loss
def test_the_weight_times_the_residual_is_the_slope(name: str) -> None:
    """Weight (f - y) = slope, and the weight is never negative."""
    arguments = np.array(cases(name)).T
    _, slope, weight, _ = compiled(name)(*arguments)
    residual = arguments[1] - arguments[0]
    np.testing.assert_allclose(weight * residual, slope, rtol=1e-15)
    assert (weight >= 0.0).all()


@each_loss
def test_rho_is_smallest_where_model_meets_data(name: str) -> None:
    """Rho = slope = 0 and weight = curvature at f = y; rho grows on both sides."""
    hyper = [0.7] * len(OWN[name].hyper)
    at = compiled(name)(3.0, 3.0, 2.0, *hyper)[:, 0]
    assert at[0] == at[1] == 0.0
    assert at[2] == at[3] > 0.0
    f = 3.0 + np.concatenate(
        [-np.geomspace(2.9, 1e-5, 60), np.geomspace(1e-5, 90.0, 60)]
    )
    rho, slope, _, _ = compiled(name)(3.0, f, 2.0, *hyper)
    assert (rho > 0.0).all()
    assert (np.sign(slope) == np.sign(f - 3.0)).all()
    assert (np.diff(rho[:60]) < 0.0).all()
    assert (np.diff(rho[60:]) > 0.0).all()


@each_loss
def test_outside_its_domain_a_loss_is_nan(name: str) -> None:
    """No clamping: an argument outside the domain, or NaN, gives NaN."""
    assert np.isnan(compiled(name)(*np.array(LOSS_DOMAINS[name].outside).T)[0]).all()


@each_robust
def test_with_a_distant_bend_a_robust_loss_is_chi2(name: str) -> None:
    """For delta = 1e7 |z| everything agrees with chi2 to (z / delta)^2."""
    z = np.linspace(-10.0, 10.0, 201)
    robust = compiled(name)(1.0, 1.0 + z / 4.0, 4.0, 1e8)
    np.testing.assert_allclose(
        robust, compiled("chi2")(1.0, 1.0 + z / 4.0, 4.0), rtol=1e-13
    )


@each_robust
def test_a_robust_loss_is_scipys(name: str) -> None:
    """The sum of rho is the cost of least_squares with the same loss and f_scale."""
    z = np.linspace(-9.0, 9.0, 41)
    fixed = least_squares(
        lambda p: z + 0.0 * p[0], [1.0], loss=name, f_scale=1.7, max_nfev=1
    )
    total = compiled(name)(0.0, z, 1.0, 1.7)[0].sum()
    assert total == pytest.approx(fixed.cost, rel=1e-14)


@each_robust
def test_far_residuals_pull_less(name: str) -> None:
    """The weight never exceeds that of chi2 and falls with |z|."""
    weight = compiled(name)(0.0, np.linspace(0.0, 50.0, 501), 1.0, 1.3)[2]
    assert weight[0] == 1.0
    assert (np.diff(weight) <= 0.0).all()
    assert weight[-1] < 0.05


def test_poisson_is_half_the_deviance() -> None:
    """Log likelihood of the saturated model less that of the model, by scipy.stats."""
    y, f = np.meshgrid([0.0, 1.0, 7.0, 250.0], [0.01, 0.9, 7.5, 240.0])
    saturated = stats.poisson.logpmf(y, np.where(y > 0.0, y, 1e-300))
    expected = (saturated - stats.poisson.logpmf(y, f)).ravel()
    rho = compiled("poisson")(y.ravel(), f.ravel(), 1.0)[0]
    # scipy's two log likelihoods cancel: 1e-12 of their size, some hundreds.
    np.testing.assert_allclose(rho, expected, rtol=1e-11, atol=1e-11)


def test_poisson_keeps_its_digits_for_large_counts() -> None:
    """For 1e12 counts, rho goes to (f - y)^2 / 2 y, which is 0.5 one sigma away."""
    rho = compiled("poisson")(1e12, 1e12 + 1e6 * np.array([-1.0, 1.0]), 1.0)[0]
    np.testing.assert_allclose(rho, 0.5, rtol=1e-6)


def test_poisson_is_finite_where_counts_are_below_the_rounding_of_their_mean() -> None:
    """Where y / f is below a rounding of 1, rho is f to that."""
    y, f = np.array([1.0, 1e-20, 1e-300, 7.0]), np.array([1e17, 1.0, 1e3, 1e300])
    rho = compiled("poisson")(y, f, 1.0)[0]
    np.testing.assert_allclose(rho, f - y + y * np.log(y / f), rtol=1e-15)


def test_no_counts_where_none_are_expected_cost_nothing() -> None:
    """At y = 0 rho is f down to f = 0, with slope 1 and a weight that stays finite."""
    f = np.array([0.0, 5e-324, 1e-200, 1e-9])
    rho, slope, weight, curvature = compiled("poisson")(0.0, f, 1.0)
    np.testing.assert_array_equal(rho, f)
    # f times 1 / f: two roundings
    np.testing.assert_allclose(slope, 1.0, rtol=2.3e-16)
    np.testing.assert_array_equal(curvature, 0.0)
    np.testing.assert_allclose(weight, [1e100, 1e100, 1e100, 1e9])
    assert np.isnan(compiled("poisson")(1.0, np.array([0.0, 1e-200]), 1.0)).all()


@each_loss
def test_draws_of_arguments_differ(name: str) -> None:
    """A sampler gives new arguments every time; residuals have both signs."""
    sample = np.array(draws(name, 100))
    assert len(np.unique(sample, axis=0)) == 100
    assert 20 <= (sample[:, 1] > sample[:, 0]).sum() <= 80


@each_robust
def test_draws_lie_on_both_sides_of_the_bend(name: str) -> None:
    """Residuals are drawn inside and outside delta."""
    y, f, w, delta = np.array(draws(name, 100)).T
    assert 20 <= (np.abs((f - y) * w) < delta).sum() <= 80


@each_loss
def test_loops_over_a_loss_are_vector_code(name: str) -> None:
    """The sum, with and without its derivatives, is vector code without libm."""
    code = llvm_of_loss(OWN[name])
    assert len(re.findall(r"^vector\.body\d*:", code, re.MULTILINE)) >= 3
    assert re.search(r"fadd\b[a-z ]* <\d+ x double>", code)
    called = set(re.findall(r"\bcall [^@\n]*@([\w.$]+)\(", code))
    # sqrt is an instruction; its call is the path for negative numbers outside loops.
    foreign = {f for f in called if not f.startswith(("llvm.", "_ZN")) and f != "sqrt"}
    assert not foreign
