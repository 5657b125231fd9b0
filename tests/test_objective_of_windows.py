"""An objective bound to windows against the objective of the same rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from physfit.engine import jit
from physfit.engine.gradient import gradient_of_rows
from physfit.engine.normal import normal_equations
from physfit.models import ComplexRingdown, Constant, Gaussian, IsingEnergy, Linear
from physfit.models.loss import LEAST_SQUARES, Loss, as_loss
from physfit.models.param import tie
from physfit.objective import Objective

CASES = {
    "real": (Gaussian() + Linear(), [2.0, 0.3, 0.8, 0.1, 0.5]),
    "complex": (ComplexRingdown(), [2.0, 0.7, 0.3, 0.2]),
    "tied": (
        (Gaussian("a_") + Gaussian("b_") + Constant()).where(b_sigma=tie("a_sigma")),
        [2.0, 0.3, 0.8, 1.0, -0.5, 0.1],
    ),
}


class Window(NamedTuple):
    """Columns, more of them than rows in use."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    n: int


def window_of(model, n: int, capacity: int, seed: int) -> Window:
    """Random rows; NaN where no row is in use."""
    rng = np.random.default_rng(seed)
    shape = (model.n_outputs, capacity)
    columns = (
        rng.uniform(-2.0, 3.0, (1, capacity)),
        5.0 + rng.normal(size=shape),
        rng.uniform(0.5, 2.0, shape),
    )
    for column in columns:
        column[:, n:] = np.nan
    return Window(*columns, n)


def objective_of(model, window: Window, loss: Loss) -> Objective:
    """The same rows in memory."""
    columns = (np.ascontiguousarray(own[:, : window.n]) for own in window[:3])
    return Objective(model.layout, *columns, loss)


def sums_of(bound: Objective, theta: np.ndarray):
    """Cost, gradient and Gauss-Newton matrix of the bound window."""
    n = bound.n_free
    gradient, matrix = np.empty(n), np.empty((n, n))
    cost = jit.compiled(normal_equations).call(
        bound.address, theta.ctypes.data, gradient.ctypes.data, matrix.ctypes.data
    )
    return cost, gradient, matrix


@pytest.mark.parametrize("case", CASES, ids=CASES)
@pytest.mark.parametrize("loss", ["chi2", "huber:1.2"], ids=str)
def test_every_window_gives_the_sums_of_its_rows(case, loss):
    """Bit by bit those of an objective; the unused rows (NaN) are never touched."""
    model, start = CASES[case]
    own, theta = as_loss(loss), np.array(start)
    bound = Objective.of_windows(model.layout, own)
    sizes = [(700, 1024), (256, 256), (3, 8), (1000, 1000)]
    windows = [window_of(model, *size, seed=k) for k, size in enumerate(sizes)]
    got, expected = [], []
    for window in windows:
        bound.bind(*window)
        got.append(sums_of(bound, theta))
        expected.append(objective_of(model, window, own).normal(theta))
    for ours, theirs in zip(got, expected, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("case", CASES, ids=CASES)
def test_the_gradient_of_a_range_of_rows_sees_only_these(case):
    """Gradient over rows 100 to 600 of a padded window, added to what was there."""
    model, start = CASES[case]
    theta = np.array(start)
    window = window_of(model, 700, 1024, seed=3)
    bound = Objective.of_windows(model.layout, LEAST_SQUARES)
    bound.bind(*window)
    total = np.ones(bound.n_free)
    cost = jit.compiled(gradient_of_rows).call(
        bound.address, theta.ctypes.data, 100, 600, total.ctypes.data
    )
    part = Window(*(own[:, 100:600] for own in window[:3]), 500)
    reference = objective_of(model, part, Loss("chi2")).gradient(theta)
    # Sums of 500 terms in another order.
    assert cost == pytest.approx(reference[0], rel=1e-12)
    np.testing.assert_allclose(total - 1.0, reference[1], rtol=1e-10)


def test_an_empty_window_adds_nothing():
    """Cost, gradient and matrix of no rows are zero."""
    model, start = CASES["real"]
    bound = Objective.of_windows(model.layout, LEAST_SQUARES)
    bound.bind(*window_of(model, 0, 8, seed=0))
    for value in sums_of(bound, np.array(start)):
        assert not np.any(value)


@pytest.mark.parametrize("couplings", ["all_pairs", "nearest"])
def test_windows_of_spins_are_rows_of_int8(couplings):
    """The gradient reads int8 configurations; the padding (0) is never touched."""
    model = IsingEnergy(9, couplings)
    rng = np.random.default_rng(5)
    spins = np.zeros((1024, 9), dtype=np.int8)
    spins[:700] = np.where(rng.random((700, 9)) < 0.5, 1, -1)
    window = window_of(model, 700, 1024, seed=5)._replace(x=spins)
    bound = Objective.of_windows(model.layout, LEAST_SQUARES)
    bound.bind(*window)
    theta, total = rng.normal(size=bound.n_free), np.zeros(bound.n_free)
    call = jit.compiled(gradient_of_rows)
    cost = call.call(bound.address, theta.ctypes.data, 100, 600, total.ctypes.data)
    columns = np.ascontiguousarray(spins.T, dtype=np.float64)
    part = Window(*(own[:, 100:600] for own in (columns, *window[1:3])), 500)
    reference = objective_of(model, part, Loss("chi2")).gradient(theta)
    # Sums of 500 terms in another order.
    assert cost == pytest.approx(reference[0], rel=1e-12)
    scale = np.abs(reference[1]).max()
    np.testing.assert_allclose(total, reference[1], rtol=1e-10, atol=1e-12 * scale)
