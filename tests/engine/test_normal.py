"""Gradient and Gauss-Newton sums against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    Linear,
    Quadratic,
)
from physfit.models.loss import Loss
from physfit.models.param import tie
from physfit.objective import Objective


def peaks(count: int):
    model = Quadratic()
    for k in range(count):
        model = Gaussian(f"g{k}_") + model
    return model


def objective(model, n, loss, seed=0):
    rng = np.random.default_rng(seed)
    x = np.linspace(-2.0, 3.0, n)[None]
    y = 5.0 + rng.normal(size=(model.n_outputs, n))
    weights = rng.uniform(0.5, 2.0, size=y.shape)
    return Objective(model.layout, x, y, weights, loss)


def expected(goal, theta):
    value, partials = goal.values_and_partials(theta)
    rho, slope, weight, _ = goal.loss_terms(value)
    gradient = np.einsum("kon,on->k", partials, slope)
    return rho.sum(), gradient, np.einsum("kon,on,lon->kl", partials, weight, partials)


@pytest.mark.parametrize("n", [1, 16, 255, 256, 257, 700])
@pytest.mark.parametrize("count", range(6))
def test_sums_are_those_of_the_definition(n, count):
    """g = sum s J and G = sum t J J^T for 3 to 18 parameters, around block sizes."""
    model = peaks(count)
    goal = objective(model, n, Loss("soft_l1"))
    theta = np.random.default_rng(1).uniform(0.5, 1.5, goal.n_free)
    cost, gradient, matrix = goal.normal(theta)
    ref_cost, ref_gradient, ref_matrix = expected(goal, theta)
    # Sums of up to 700 terms in another order.
    assert cost == pytest.approx(ref_cost, rel=1e-12)
    scale = np.abs(ref_matrix).max()
    np.testing.assert_allclose(gradient, ref_gradient, rtol=1e-10, atol=1e-12 * scale)
    np.testing.assert_allclose(matrix, ref_matrix, rtol=1e-10, atol=1e-13 * scale)
    np.testing.assert_array_equal(matrix, matrix.T)


def test_complex_data_enter_with_both_parts():
    """Real and imaginary residuals are both summed."""
    goal = objective(ComplexRingdown(), 300, Loss("chi2"))
    theta = np.array([2.0, 0.7, 0.3, 0.2])
    for got, reference in zip(goal.normal(theta), expected(goal, theta), strict=True):
        np.testing.assert_allclose(got, reference, rtol=1e-10)


@pytest.mark.parametrize("name", ["chi2", "poisson", "huber", "soft_l1", "cauchy"])
def test_the_gradient_is_the_derivative_of_the_cost(name):
    """Central differences of the cost, for every loss."""
    model = Exponential() + Constant()
    goal = objective(model, 100, Loss(name))
    theta = np.array([2.0, 1.5, 3.0])
    _, gradient, _ = goal.normal(theta)
    step = 1e-6
    for k in range(3):
        move = step * np.eye(3)[k]
        slope = (goal.cost(theta + move) - goal.cost(theta - move)) / (2 * step)
        # Rounding of a cost near 1e3 over a step of 1e-6 leaves 1e-7.
        assert gradient[k] == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_samples_of_weight_zero_leave_the_sums():
    """A weight of 0 is a sample that does not exist."""
    model = Gaussian() + Constant()
    x = np.linspace(-3.0, 3.0, 50)[None]
    y = np.exp(-x * x)
    theta = np.array([1.0, 0.1, 0.8, 0.1])
    keep = np.arange(50) % 3 != 0
    weights = np.where(keep, 2.0, 0.0)[None]
    all_of_it = Objective(model.layout, x, y, weights, Loss("chi2")).normal(theta)
    kept = np.ascontiguousarray
    part = Objective(
        model.layout,
        kept(x[:, keep]),
        kept(y[:, keep]),
        kept(weights[:, keep]),
        Loss("chi2"),
    ).normal(theta)
    for one, other in zip(all_of_it, part, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_outside_the_domain_the_cost_is_nan():
    """A sigma below 0 gives no number that a solver could take for a cost."""
    goal = objective(Gaussian(), 40, Loss("chi2"))
    assert np.isnan(goal.normal(np.array([1.0, 0.0, -1.0]))[0])
    assert np.isnan(goal.cost(np.array([1.0, 0.0, -1.0])))


def test_partials_that_are_not_finite_make_the_cost_nan():
    """A point without a gradient is no point to go to: its cost is not finite either.

    The root of a parameter at zero has a value, but no slope.
    """
    model = Linear().where(intercept=tie("sqrt(slope)"))
    x = np.arange(5.0)[None]
    goal = Objective(model.layout, x, np.ones((1, 5)), np.ones((1, 5)), Loss("chi2"))
    assert np.isfinite(goal.cost(np.array([0.0])))
    assert np.isnan(goal.normal(np.array([0.0]))[0])
