"""The bounded step, interpreted from the source that is compiled, on hard problems."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from mgh import BOUNDED, PROBLEMS, Problem

from physfit.engine import levenberg_marquardt as lm
from physfit.engine import state as fields
from physfit.engine.linear_solver import DENSE
from physfit.engine.state import FitState

#: Cost of residuals of 1e-14: data of order 1 are met exactly.
ROUNDING = 1e-28


class End(NamedTuple):
    """Where the loop ended."""

    theta: np.ndarray
    squares: float
    status: int
    gradient: np.ndarray
    held: np.ndarray
    n_evals: int
    costs: list[float]


def jacobian(residuals, p):
    """Partials of the residuals, by central differences."""
    columns = []
    for k in range(len(p)):
        step = 1e-6 * max(abs(p[k]), 1e-3)
        up, down = np.array(p), np.array(p)
        up[k] += step
        down[k] -= step
        columns.append((residuals(up) - residuals(down)) / (up[k] - down[k]))
    return np.array(columns)


def minimise(problem: Problem, ftol=1e-14, xtol=1e-12, max_steps=400) -> End:
    n = len(problem.start)
    state = FitState.over(np.zeros(fields.state_size(n, DENSE.size(n))))
    state.ftol, state.xtol, state.max_steps = ftol, xtol, max_steps
    state.floor = ROUNDING
    v = fields.variables(state, n, DENSE)
    v.theta[:n] = problem.start
    v.lower[:n] = problem.lower or (-math.inf,) * n
    v.upper[:n] = problem.upper or (math.inf,) * n

    def evaluate(theta):
        p = theta[:n]
        residual = problem.residuals(p)
        partials = jacobian(problem.residuals, p)
        if not (np.isfinite(residual).all() and np.isfinite(partials).all()):
            return math.nan
        v.trial_gradient[:n] = partials @ residual
        v.trial_matrix[: n * n] = (partials @ partials.T).ravel()
        return 0.5 * float(residual @ residual)

    lm.begin(state, v, n, evaluate(v.theta))
    costs = [state.cost]
    while state.status == fields.RUNNING:
        lm.propose(state, v, n)
        if state.status == fields.RUNNING:
            lm.judge(state, v, n, evaluate(v.trial))
            costs.append(state.cost)
    fields.hold_active(v, n)
    return End(
        v.theta[:n].copy(),
        2.0 * state.cost,
        int(state.status),
        v.gradient[:n].copy(),
        v.held[:n].copy(),
        int(state.n_evals),
        costs,
    )


def name(problem: Problem) -> str:
    return problem.name


@pytest.mark.parametrize("problem", PROBLEMS, ids=name)
def test_the_minimum_of_a_known_problem_is_found(problem):
    """Sum of squares at the published minimum, with a converged status."""
    end = minimise(problem)
    assert end.status < 20
    # Published minima have six digits; zero-residual problems end at rounding.
    assert end.squares == pytest.approx(problem.minimum, rel=2e-6, abs=1e-12)


@pytest.mark.parametrize("problem", BOUNDED, ids=name)
def test_the_minimum_within_bounds_is_found(problem):
    """Published bounded minimum; optimality conditions hold on the bounds."""
    end = minimise(problem)
    assert end.status < 20
    assert end.squares == pytest.approx(problem.minimum, rel=1e-6, abs=1e-12)
    assert (end.theta >= problem.lower).all()
    assert (end.theta <= problem.upper).all()
    scale = np.abs(jacobian(problem.residuals, end.theta)).max(axis=1)
    projected = np.where(end.held == 0.0, end.gradient, 0.0) / scale
    # Differences give gradients to some 1e-8 of the residual.
    assert np.abs(projected).max() <= 1e-6 * (1.0 + math.sqrt(end.squares))
    assert (end.gradient[end.held < 0] >= 0.0).all()
    assert (end.gradient[end.held > 0] <= 0.0).all()


@pytest.mark.parametrize("problem", [*PROBLEMS, *BOUNDED], ids=name)
def test_the_cost_never_grows(problem):
    """Accepted steps go down but for the rounding of a cost, rejected ones stay."""
    costs = np.array(minimise(problem).costs)
    assert (np.diff(costs) <= 1e-14 * costs[:-1]).all()


def test_a_start_that_is_not_finite_is_a_status():
    """No step is tried from a start without a cost."""
    problem = Problem("nan", lambda p: np.array([np.nan, p[0]]), (1.0,), 0.0)
    end = minimise(problem)
    assert end.status == fields.NOT_FINITE_AT_START


def test_a_trial_that_is_not_finite_is_rejected():
    """A step out of the domain shrinks the radius; the minimum inside is found."""

    def residuals(p):
        inside = p[0] > 0.0
        return np.array([np.log(p[0]) + 3.0 if inside else np.nan])

    end = minimise(Problem("log", residuals, (5.0,), 0.0))
    assert end.status < 20
    assert end.theta[0] == pytest.approx(math.exp(-3.0), rel=1e-8)


def test_the_edge_of_the_domain_is_not_called_a_minimum():
    """If the cost falls towards where the model is not defined, the status says so."""

    def residuals(p):
        return np.array([p[0] + 10.0 if p[0] > 1.0 else np.nan])

    end = minimise(Problem("edge", residuals, (5.0,), 0.0))
    assert end.status == fields.NOT_FINITE_AROUND


def test_a_short_radius_is_no_arrival():
    """What a step can gain that the radius cut short does not end a fit."""

    def residuals(p):
        return np.array([p[0] - 1e6, p[0] - 1e6 - 2.0])

    end = minimise(Problem("far", residuals, (0.0,), 0.0), ftol=1e-3)
    assert end.theta[0] == pytest.approx(1e6 + 1.0, rel=1e-9)


def test_the_limit_of_steps_is_a_status():
    """The best point so far is kept."""
    end = minimise(PROBLEMS[0], max_steps=3)
    assert end.status == fields.MAX_STEPS_REACHED
    assert end.squares < 24.2


def test_a_parameter_without_influence_stays_where_it_is():
    """A singular matrix does not stop the others."""
    problem = Problem(
        "idle", lambda p: np.array([p[0] - 2.0, p[0] - 4.0]), (0.0, 7.0), 2
    )
    end = minimise(problem)
    assert end.status < 20
    # The damping that a singular matrix needs leaves 1e-10 of the last step.
    np.testing.assert_allclose(end.theta, [3.0, 7.0], rtol=1e-9)
    assert end.theta[1] == 7.0


def test_a_parameter_leaves_its_bound_when_the_gradient_points_inwards():
    """A start on a bound is no prison."""
    problem = Problem(
        "bound", lambda p: np.array([p[0] - 2.0]), (0.0,), 0.0, (0.0,), (5.0,)
    )
    end = minimise(problem)
    assert end.theta[0] == pytest.approx(2.0)
    assert end.held[0] == 0.0


def test_a_linear_problem_takes_one_step():
    """The model is exact, so the first step is the answer, and no other is tried."""
    rng = np.random.default_rng(0)
    design, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    end = minimise(Problem("linear", lambda p: design @ p - y, (0.1,) * 4, 0.0))
    # Differences give partials to 1e-9.
    np.testing.assert_allclose(end.theta, np.linalg.lstsq(design, y)[0], atol=1e-8)
    assert end.n_evals <= 3


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9], ids=["tiny", "unit", "huge"])
def test_the_path_does_not_depend_on_the_scale_of_a_parameter(scale):
    """Marquardt's scaling: same costs in other units."""
    plain = minimise(PROBLEMS[0])
    scaled = minimise(
        Problem(
            "scaled",
            lambda p: PROBLEMS[0].residuals(np.array([p[0] / scale, p[1]])),
            (-1.2 * scale, 1.0),
            0.0,
        )
    )
    np.testing.assert_allclose(scaled.costs[:8], plain.costs[:8], rtol=1e-6)


@pytest.mark.parametrize("seed", [24, 25, 38, 39])
def test_parameters_that_leave_the_box_in_turn_take_one_step(seed):
    """Moving some to their bounds drives others out; one step follows to the end."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(12, 6)) @ (np.eye(6) + 0.9 * rng.normal(size=(6, 6)))
    y = 3.0 * rng.normal(size=12)
    box = (0.0,) * 6, (1.0,) * 6
    problem = Problem("box", lambda p: design @ p - y, (0.5,) * 6, 0.0, *box)
    assert minimise(problem).n_evals == 2


def test_the_memory_of_a_fit_is_three_matrices():
    """The inverse takes the place of the trial's matrix, which has served its time."""
    n = 1000
    besides = FitState.SIZE + fields.N_VECTORS * n
    assert fields.state_size(n, DENSE.size(n)) - besides == 3 * n**2
