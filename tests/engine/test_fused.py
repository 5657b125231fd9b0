"""Fused sums against the assembled ones."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.engine import fused
from physfit.kernels.registry import LOSSES
from physfit.models.loss import Loss, as_loss
from physfit.objective import Objective
from tests.kernels.points import POINTS

MODELS = {
    "sum": pf.models.Gaussian() + pf.models.Constant(),
    "product": pf.models.Exponential("e_") * pf.models.Gaussian(),
    "fixed": (pf.models.Lorentzian() + pf.models.Linear()).where(slope=pf.fixed(0.3)),
    "ties": (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
        b_sigma=pf.tie("2 * a_sigma"),
        b_amplitude=pf.tie("a_amplitude * sqrt(b_sigma)"),
    ),
    "one": pf.models.IsingChainHeat(),
}
VALUES = {
    "center": 1.2,
    "a_center": 0.8,
    "b_center": 2.1,
    "r_rate": 0.2,
    "r_phase": 0.4,
}
X = np.linspace(0.5, 4.0, 37)


def padded(values: np.ndarray, fill: float) -> np.ndarray:
    return np.concatenate([values, np.full(-len(values) % 8, fill)])


def problem(model: pf.Model, loss: Loss, seed: int = 1) -> tuple[Objective, np.ndarray]:
    """Bound to whole vectors of samples; those that fill up weigh nothing."""
    rng = np.random.default_rng(seed)
    values = {name: VALUES.get(name, 0.9) for name in model.free_names}
    curve = np.asarray(model(X, **values))
    y = np.abs(curve + 0.2 * rng.normal(size=X.size))
    w = rng.uniform(0.5, 2.0, X.size) if loss.name != "poisson" else np.ones(X.size)
    columns = (padded(X, X[-1]), padded(y, y[-1]), padded(w, 0.0))
    rows = [np.ascontiguousarray(own[None]) for own in columns]
    theta = np.array([values[name] for name in model.free_names])
    return Objective(model.layout, *rows, loss), theta


def sums(
    objective: Objective, theta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    n, loss = len(theta), objective.loss
    call = fused.fused(objective.layout, loss.kernel).call
    gradient, matrix = np.empty(n), np.empty((n, n))
    cost = call(
        objective.problem.address,
        theta.ctypes.data,
        gradient.ctypes.data,
        matrix.ctypes.data,
    )
    return cost, gradient, matrix


@pytest.mark.parametrize(
    ("name", "loss"),
    [*((name, "huber") for name in MODELS), *(("sum", loss) for loss in LOSSES)],
)
def test_cost_gradient_and_matrix_are_those_of_the_assembled_sums(name, loss):
    """To rounding, for sums, products, ties and every loss."""
    objective, theta = problem(MODELS[name], as_loss(loss))
    cost, gradient, matrix = sums(objective, theta)
    plain = Objective(
        objective.layout,
        *(np.ascontiguousarray(own[:, : X.size]) for own in (objective.x, objective.y)),
        np.ascontiguousarray(objective.weights[:, : X.size]),
        objective.loss,
    )
    expected = plain.normal(theta)
    scale = np.sqrt(np.diag(expected[2]))
    assert cost == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(
        gradient / scale, expected[1] / scale, rtol=1e-11, atol=1e-12 * np.sqrt(cost)
    )
    np.testing.assert_allclose(matrix, expected[2], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("n", [32, 37, 40], ids=["whole", "ragged", "whole again"])
def test_equal_weights_come_in_after_the_loop(n):
    """The same sums as with a weight for each sample, whole vectors or not."""
    model, loss = MODELS["sum"], as_loss("chi2")
    rng = np.random.default_rng(3)
    x = np.linspace(0.5, 4.0, n)
    theta = np.array([0.9, 1.2, 0.9, 0.9])
    y = rng.normal(1.0, 0.3, n)
    columns = (padded(x, x[-1]), padded(y, y[-1]), padded(np.full(n, 0.7), 0.0))
    rows = [np.ascontiguousarray(own[None]) for own in columns]
    objective = Objective(model.layout, *rows, loss)
    gradient, matrix = np.empty(4), np.empty((4, 4))
    cost = fused.fused(model.layout, loss.kernel, equal_weights=True).call(
        objective.problem.address,
        theta.ctypes.data,
        gradient.ctypes.data,
        matrix.ctypes.data,
    )
    expected = Objective(
        model.layout, x[None], y[None], np.full((1, n), 0.7), loss
    ).normal(theta)
    assert cost == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(matrix, expected[2], rtol=1e-11, atol=1e-13)


def test_a_value_that_is_not_finite_gives_nan():
    """Where any partial is NaN there is no cost."""
    objective, theta = problem(MODELS["sum"], as_loss("chi2"))
    theta[2] = -1.0
    assert np.isnan(sums(objective, theta)[0])


@pytest.mark.parametrize("name", sorted(POINTS))
def test_components_that_choose_a_formula_are_left_to_the_assembled_path(name):
    """And so are complex ones and those of many parameters; all others fuse."""
    point = POINTS[name]
    model = pf.parse_model(name)
    expected = point.choose is None and point.n_outputs == 1
    expected &= len(model.free_names) <= fused.MOST_FREE
    assert fused.can_fuse(model.layout) == expected


def test_many_parameters_are_left_to_the_assembled_path():
    """Their sums would not stay in registers."""
    model = pf.parse_model("gaussian(a_) + gaussian(b_) + constant")
    assert not fused.can_fuse(model.layout)
