"""What gradient and matrix say about a point, and factors of rows."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest

from physfit.solve.derivatives import (
    held_at_bounds,
    largest_cosine,
    newton_step,
    scaled_inverse,
)
from physfit.solve.factor import added


def test_only_what_is_pushed_outwards_is_held():
    """On a lower bound with a positive gradient, on an upper one with a negative."""
    theta = np.array([0.0, 0.0, 1.0, 1.0, 0.5])
    gradient = np.array([2.0, -2.0, 2.0, -2.0, 2.0])
    held = held_at_bounds(theta, gradient, np.zeros(5), np.ones(5))
    assert held.tolist() == [-1, 0, 0, 1, 0]


def test_the_inverse_leaves_out_what_is_held():
    """Condition and inverse are those of the rest, whatever the units."""
    plain = np.random.default_rng(0).normal(size=(50, 4))
    units, at_bound = np.array([1.0, 1e8, 1e-8, 1.0]), np.array([0, 0, 0, 1])
    inverse, condition = scaled_inverse((plain * units).T @ (plain * units), at_bound)
    expected = np.linalg.inv(plain[:, :3].T @ plain[:, :3])
    got = inverse[:3, :3] * np.outer(units[:3], units[:3])
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)
    assert np.isnan(inverse[3]).all()
    assert 1.0 < condition < 10.0


@pytest.mark.parametrize(
    "matrix",
    [np.ones((2, 2)), np.diag([1.0, 0.0]), np.diag([1.0, np.nan])],
    ids=["singular", "zero", "nan"],
)
def test_a_matrix_without_inverse_has_an_infinite_condition(matrix):
    """And an inverse of NaN."""
    inverse, condition = scaled_inverse(matrix, np.zeros(2, dtype=np.int64))
    assert condition == math.inf
    assert np.isnan(inverse).all()


def test_the_cosine_is_that_of_residuals_and_columns():
    """The definition, over the columns that are free."""
    rng = np.random.default_rng(1)
    jacobian, residual = rng.normal(size=(30, 3)), rng.normal(size=30)
    cosines = jacobian.T @ residual / np.linalg.norm(jacobian, axis=0)
    cosines /= np.linalg.norm(residual)
    at_bound = np.array([0, 0, 0])
    at_bound[np.argmax(np.abs(cosines))] = 1
    got = largest_cosine(
        jacobian.T @ residual,
        jacobian.T @ jacobian,
        at_bound,
        0.5 * residual @ residual,
    )
    assert got == pytest.approx(np.sort(np.abs(cosines))[-2], rel=1e-12)


def test_factors_of_parts_make_the_factor_of_the_whole():
    """Their products are the same, from one row on; NaN stays NaN."""
    rows = np.random.default_rng(2).normal(size=(40, 4))
    factor = reduce(added, np.split(rows, [1, 3, 20]), np.zeros((0, 4)))
    assert factor.shape == (4, 4)
    np.testing.assert_allclose(factor.T @ factor, rows.T @ rows, rtol=1e-12)
    assert np.isnan(added(factor, np.full((1, 4), np.nan))).all()


def test_a_step_holds_first_what_first_comes_to_its_bound():
    """The other would leave as well, but not once the first is held."""
    matrix = np.array([[2.0, 1.8], [1.8, 2.0]])
    theta, gradient = np.array([1e-18, 0.1]), np.array([1.0, 0.0])
    limits = np.array([0.0, -1.0]), np.array([5.0, 1.0])
    step = newton_step(theta, gradient, matrix, *limits)
    np.testing.assert_allclose(step, [-1e-18, 0.0], rtol=1e-12, atol=1e-17)


def test_there_is_no_step_without_an_inverse():
    """NaN for all, where the parameters are not determined."""
    step = newton_step(np.ones(2), np.ones(2), np.ones((2, 2)), -np.ones(2), np.ones(2))
    assert np.isnan(step).all()
