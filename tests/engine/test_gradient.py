"""Gradient over a range of rows: what the minibatch loop sums."""

from __future__ import annotations

import numpy as np
import pytest

import physfit.models
from physfit.engine import jit
from physfit.engine.addresses import address_of
from physfit.engine.gradient import gradient_of_rows
from physfit.kernels.registry import LOSSES
from physfit.models import Constant, Gaussian, Linear
from physfit.models import tree as trees
from physfit.models.catalogue import COMPONENTS
from physfit.models.loss import Loss
from physfit.models.param import fixed, tie
from physfit.objective import Objective
from tests.models.catalogue.cases import CASES

N = 700


def catalogue_model(name):
    """A component; the real ones on a background that keeps counts positive."""
    model = getattr(physfit.models, name)()
    return model + Constant("b_") if model.n_outputs == 1 else model


def case_of(model):
    """Range of each coordinate and values, as curves of the entry are measured."""
    case = CASES[trees.leaves(model.tree)[0].declaration.point]
    x, values = (case.curve or case.draw)(np.random.default_rng(1))
    x = np.atleast_2d(x)
    return x.min(axis=1), x.max(axis=1), {"b_c": 20.0, **values}


def theta_of(model):
    values = case_of(model)[2]
    return np.array([values[name] for name in model.free_names])


def data_of(model, n=N, seed=0):
    rng = np.random.default_rng(seed)
    low, high, _ = case_of(model)
    x = rng.uniform(low, high, size=(n, len(low))).T
    shape = (model.n_outputs, n)
    return x, 20.0 + rng.normal(size=shape), rng.uniform(0.5, 2.0, size=shape)


def objective_of(model, loss, rows=slice(None), data=None):
    kept = [np.ascontiguousarray(own[:, rows]) for own in data or data_of(model)]
    return Objective(model.layout, *kept, loss)


def gradient(goal, theta, start, stop, out=None):
    """Cost and gradient over rows, added to `out`."""
    out = np.zeros(goal.n_free) if out is None else out
    call = jit.compiled(gradient_of_rows).call
    theta = np.ascontiguousarray(theta)
    address = goal.problem.address
    return call(address, address_of(theta), start, stop, address_of(out)), out


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", COMPONENTS)
def test_rows_have_the_gradient_of_a_fit_to_these_rows(name, loss):
    """Every model times every loss: `normal` of an objective that has these rows only.

    A Poisson cost of complex data, whose model is negative somewhere, is NaN in both.
    """
    model = catalogue_model(name)
    theta = theta_of(model)
    goal = objective_of(model, Loss(loss))
    cost, got = gradient(goal, theta, 100, 611)
    part = objective_of(model, Loss(loss), slice(100, 611))
    expected_cost, expected, _ = part.normal(theta)
    assert np.isfinite(cost) or (loss == "poisson" and model.n_outputs == 2)
    # Sums of 511 terms in another order.
    assert cost == pytest.approx(expected_cost, rel=1e-12, nan_ok=True)
    np.testing.assert_allclose(
        got, expected, rtol=1e-10, atol=1e-12 * np.abs(expected).max()
    )


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 511, 512, 513])
@pytest.mark.parametrize("start", [0, 1, 37])
def test_ranges_around_the_block_size(start, n):
    """Any half-open range, anywhere in the data."""
    model = Gaussian() + Linear()
    theta = np.array([2.0, 0.3, 0.7, 0.1, 20.0])
    goal = objective_of(model, Loss("soft_l1"))
    part = objective_of(model, Loss("soft_l1"), slice(start, start + n))
    cost, got = gradient(goal, theta, start, start + n)
    expected_cost, expected, _ = part.normal(theta)
    assert cost == pytest.approx(expected_cost, rel=1e-12)
    np.testing.assert_allclose(
        got, expected, rtol=1e-10, atol=1e-12 * np.abs(expected).max()
    )


def test_batches_add_up_to_the_whole():
    """The gradient of the data is the sum of those of its batches, in any cut."""
    model = Gaussian() + Linear()
    theta = np.array([2.0, 0.3, 0.7, 0.1, 20.0])
    goal = objective_of(model, Loss("chi2"))
    total = np.zeros(5)
    cost = 0.0
    for start in range(0, N, 64):
        cost += gradient(goal, theta, start, min(start + 64, N), total)[0]
    expected_cost, expected, _ = goal.normal(theta)
    assert cost == pytest.approx(expected_cost, rel=1e-12)
    np.testing.assert_allclose(total, expected, rtol=1e-11)


def test_an_empty_range_adds_nothing():
    """No rows, no cost, no gradient."""
    goal = objective_of(Gaussian() + Linear(), Loss("chi2"))
    cost, got = gradient(goal, np.ones(5), 10, 10)
    assert cost == 0.0
    assert not got.any()


def test_ties_and_fixed_parameters_enter_by_the_chain_rule():
    """The gradient has the free parameters only, ties included in theirs."""
    model = (Gaussian("a_") + Gaussian("b_") + Linear()).where(
        b_sigma=tie("2 * a_sigma"), slope=fixed(0.5)
    )
    data = data_of(Gaussian() + Linear())
    goal = objective_of(model, Loss("huber"), data=data)
    theta = np.array([2.0, 1.3, 0.7, 1.0, 3.0, 18.0])
    _, got = gradient(goal, theta, 0, N)
    assert goal.n_free == 6
    step = 1e-6
    slopes = [
        (goal.cost(theta + step * e) - goal.cost(theta - step * e)) / (2.0 * step)
        for e in np.eye(6)
    ]
    # Rounding of a cost near 1e3 over a step of 1e-6 leaves 1e-7.
    np.testing.assert_allclose(got, slopes, rtol=1e-6, atol=1e-6)
