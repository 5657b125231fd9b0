"""Steps by singular values, from places where a compiled fit may have ended."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.data.record import Observations
from physfit.fitting import FitPlan, plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.models import Constant, Exponential, Linear
from physfit.models.model import Model
from physfit.models.param import bounds
from physfit.objective import Objective
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.refine import _accepted, lost_digits, refined

X = np.linspace(0.0, 4.0, 60)


def solve(plan: FitPlan) -> Solution:
    """Minimum of a plan fit."""
    return levenberg_marquardt(plan.objective, plan.theta, *plan.limits)


def ended(model: Model, y: np.ndarray, start: dict[str, float]) -> Solution:
    """Refined solution, from an end at `start` that the fit did not call a minimum."""
    data = Observations(X[None].copy(), y[None].copy(), np.full((1, X.size), 0.1))
    plan = plan_of(model, data, FitSettings.of(start=start))
    minimum = solve(plan)
    objective: Objective = plan.objective
    stopped = minimum._replace(
        theta=plan.theta,
        cost=objective.cost(plan.theta),
        status=Status.MAX_STEPS,
        at_bound=np.zeros_like(minimum.at_bound),
    )
    limits = (model.free_lower, model.free_upper)
    found = refined(objective, stopped, *limits, Stop())
    assert found.cost <= stopped.cost
    assert found.cost == pytest.approx(objective.cost(found.theta), rel=1e-12)
    if found.status.converged:
        # Cosines of 1e-6 are gains of 1e-12 of the cost: ten times the rounding.
        assert found.optimality < 1e-6
        np.testing.assert_allclose(found.theta, minimum.theta, rtol=1e-6, atol=1e-9)
        np.testing.assert_array_equal(found.at_bound, minimum.at_bound)
    return found


def noise() -> np.ndarray:
    return 0.1 * np.random.default_rng(2).normal(size=X.size)


def test_it_reaches_the_minimum_of_the_compiled_fit():
    """From nearby, in a few steps, with their number told."""
    y = 3.0 * np.exp(-X / 1.2) + 0.5 + noise()
    start = {"amplitude": 2.5, "decay": 1.5, "c": 0.3}
    found = ended(Exponential() + Constant(), y, start)
    assert found.status is Status.FTOL
    assert found.n_evals > found.n_steps > 0


@pytest.mark.parametrize(("times", "taken"), [(1, 1.0), (8, 1.0), (6, 1.5), (-1, None)])
def test_a_step_is_halved_until_it_lowers_the_cost(times, taken):
    """Eight times the way to a minimum is halved thrice; uphill is refused."""
    data = Observations(X[None].copy(), np.full((1, X.size), 3.0), None)
    objective = plan_of(Constant(), data, FitSettings.of(start={"c": 1.0})).objective
    theta, way, infinite = np.array([1.0]), np.array([2.0]), np.full(1, np.inf)
    cost = objective.cost(theta)
    found = _accepted(objective, theta, times * way, cost, -infinite, infinite)
    if taken is None:
        assert found is None
    else:
        assert found is not None
        assert found[0][0] == 1.0 + 2.0 * taken
        assert found[1] == objective.cost(found[0]) < cost


def test_a_bound_met_on_the_way_holds():
    """The others end where they do with it held, and it is flagged."""
    y = 2.0 * np.exp(-X / 1.3) - 0.2 + noise()
    model = (Exponential() + Constant()).where(c=bounds(0.0, None))
    found = ended(model, y, {"amplitude": 1.5, "decay": 1.0, "c": 0.4})
    assert found.status.converged
    assert found.theta[2] == 0.0
    assert found.at_bound.tolist() == [0, 0, -1]


def test_a_bound_is_left_when_the_gradient_points_inwards():
    """A start on a bound is no prison here either."""
    model = Linear().where(slope=bounds(0.0, None))
    found = ended(model, 0.7 * X + 1.0 + noise(), {"slope": 0.0, "intercept": 0.0})
    assert found.status.converged
    assert found.theta[0] > 0.5


def test_directions_that_are_not_determined_stay():
    """Two constants: their sum is fitted, their difference keeps its start."""
    model = Constant("a_") + Constant("b_")
    data = Observations(X[None].copy(), (5.0 + noise())[None], None)
    plan = plan_of(model, data, FitSettings.of(start={"a_c": 1.0, "b_c": 2.0}))
    stopped = solve(plan)._replace(
        theta=plan.theta, cost=plan.objective.cost(plan.theta)
    )
    assert lost_digits(stopped)
    infinite = np.full(2, np.inf)
    found = refined(plan.objective, stopped, -infinite, infinite, Stop())
    assert found.theta.sum() == pytest.approx(5.0 + noise().mean(), rel=1e-12)
    assert found.theta[1] - found.theta[0] == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"condition": 1e13}, True),
        ({"condition": 1e11}, False),
        ({"condition": 1e13, "status": Status.EXACT}, False),
        ({"condition": 1e13, "status": Status.NOT_FINITE_AT_START}, False),
    ],
    ids=["bad", "good", "exact", "nowhere"],
)
def test_it_is_called_only_where_it_helps(changes, needed):
    """Bad normal equations, and an end that may lie near a minimum."""
    data = Observations(X[None].copy(), (X + noise())[None], None)
    plan = plan_of(
        Linear(), data, FitSettings.of(start={"slope": 1.0, "intercept": 0.0})
    )
    solution = solve(plan)._replace(**changes)
    assert lost_digits(solution) is needed
