"""Small linear algebra against numpy, interpreted from the source that is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine import dense

SIZES = [1, 2, 5, 12]


def spd(n: int, seed: int = 0) -> np.ndarray:
    half = np.random.default_rng(seed).normal(size=(n + 3, n))
    return half.T @ half


def factor_of(matrix, shift=0.0, held=None):
    n = len(matrix)
    factor = np.zeros(n * n)
    held = np.zeros(n) if held is None else held
    squares = np.arange(1.0, n + 1)
    ok = dense.factorise(matrix.ravel(), shift, squares, held, n, factor)
    return ok, factor.reshape(n, n)


@pytest.mark.parametrize("n", SIZES)
def test_the_factor_times_its_transpose_is_the_shifted_matrix(n):
    """L D L^T = A + shift diag(squares)."""
    matrix = spd(n)
    ok, factor = factor_of(matrix, shift=0.3)
    lower = np.tril(factor, -1) + np.eye(n)
    product = lower / np.diag(factor) @ lower.T
    expected = matrix + 0.3 * np.diag(np.arange(1.0, n + 1))
    assert ok
    np.testing.assert_allclose(product, expected, rtol=1e-12)


@pytest.mark.parametrize("n", SIZES)
def test_the_form_is_that_of_the_inverse(n):
    """v^T A^-1 v."""
    matrix, vector = spd(n), np.arange(1.0, n + 1)
    _, factor = factor_of(matrix)
    expected = vector @ np.linalg.solve(matrix, vector)
    assert dense.form(factor.ravel(), n, vector) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", SIZES)
def test_solve_and_invert_agree_with_numpy(n):
    """A x = b and the inverse."""
    matrix = spd(n)
    _, factor = factor_of(matrix)
    right = np.arange(1.0, n + 1)
    solution, inverse = right.copy(), np.empty(n * n)
    dense.solve(factor.ravel(), n, solution)
    dense.invert(factor.ravel(), n, inverse)
    np.testing.assert_allclose(solution, np.linalg.solve(matrix, right), rtol=1e-9)
    np.testing.assert_allclose(
        inverse.reshape(n, n), np.linalg.inv(matrix), rtol=1e-9, atol=1e-12
    )


def test_held_parameters_leave_the_system():
    """The others are solved as if the held rows and columns did not exist."""
    matrix, held = spd(5), np.array([0.0, 1.0, 0.0, -1.0, 0.0])
    _, factor = factor_of(matrix, held=held)
    right = np.where(held == 0.0, 1.0, 0.0)
    dense.solve(factor.ravel(), 5, right)
    inside = held == 0.0
    expected = np.linalg.solve(matrix[np.ix_(inside, inside)], np.ones(3))
    np.testing.assert_allclose(right[inside], expected, rtol=1e-12)
    np.testing.assert_array_equal(right[~inside], 0.0)


@pytest.mark.parametrize(
    "matrix",
    [np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones((3, 3)), np.zeros((2, 2))],
    ids=["indefinite", "rank_one", "zero"],
)
def test_a_matrix_that_is_not_positive_definite_is_reported(matrix):
    """No factor is made of rounding noise."""
    assert not factor_of(matrix)[0]
