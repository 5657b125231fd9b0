"""What an objective gives besides cost and gradient, which the engine's tests check."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models import Gaussian, Linear, Model
from physfit.models.loss import Loss
from physfit.models.param import fixed, tie
from physfit.objective import Objective

X = np.linspace(-2.0, 3.0, 700)[None]


def objective(model: Model) -> Objective:
    """The model on 700 samples, more than two blocks."""
    y = np.cos(X)
    return Objective(model.layout, X, y, np.full(y.shape, 2.0), Loss("chi2"))


@pytest.mark.parametrize("shape", [(5,), (2, 3), (1,), (0,)], ids=str)
def test_costs_of_many_points_are_the_costs_of_each(shape):
    """One call in place of many, in any shape."""
    goal = objective(Linear())
    thetas = np.random.default_rng(1).normal(size=(*shape, 2))
    found = goal.costs(thetas)
    expected = [goal.cost(theta) for theta in thetas.reshape(-1, 2)]
    assert found.shape == shape
    np.testing.assert_array_equal(found.ravel(), expected)


def test_costs_count_as_evaluations():
    """One for each point."""
    goal = objective(Linear())
    goal.costs(np.zeros((4, 2)))
    assert goal.n_evals == 4


def test_a_fixed_parameter_can_be_moved():
    """As if it had been fixed there; ties that hang on it follow."""
    model = (Gaussian() + Linear()).where(slope=tie("2 * center"), sigma=fixed(0.5))

    def at(center: float) -> Objective:
        return objective(model.where(center=fixed(center)))

    theta = np.array([1.3, 0.2])
    moved = at(0.0)
    moved.hold(model.index["center"], 0.7)
    assert moved.cost(theta) == at(0.7).cost(theta)
    assert moved.cost(theta) != at(0.0).cost(theta)


def test_a_twin_has_its_own_memory():
    """Holding a parameter of one leaves the other alone."""
    model = Linear().where(slope=fixed(1.0))
    goal = objective(model)
    twin = goal.twin()
    before = goal.cost(np.array([0.5]))
    twin.hold(0, 3.0)
    assert goal.cost(np.array([0.5])) == before
    assert twin.cost(np.array([0.5])) != before
