"""Rows taken in, orthonormal columns and box sums, interpreted, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.guesses import basis, boxes, frame, polynomials

LINE = [0, 0, 1, 1]


def taken(x, y, w=None, terms=LINE, full=None):
    """Scratch with a row taken in, its polynomial explained."""
    n = len(x)
    work = np.zeros(frame.scratch_size(n, 4))
    plan = np.array([len(terms) // 2, 0, 4, 0, 0, 0, *terms], dtype=np.int64)
    frame.take_row(plan, x, n, y, np.ones(n) if w is None else w, n, work)
    values = np.full(3, np.nan) if full is None else full
    polynomials.take_polynomials(plan, values, work)
    return work, values


def drawn(n=30, seed=0):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(5.0, 9.0, n)), rng.normal(size=n)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1), None])
def test_samples_are_taken_in_by_rising_x(order):
    """Rising, falling or shuffled, each value stays with its x."""
    x, y = drawn()
    index = np.random.default_rng(1).permutation(30) if order is None else order
    work, _ = taken(x[index], y[index], terms=[])
    np.testing.assert_array_equal(frame.vector(work, frame.X)[:30], x)
    np.testing.assert_array_equal(frame.vector(work, frame.REST)[:30], y)


def test_columns_are_orthonormal_and_the_rest_is_orthogonal():
    """Gram-Schmidt on weighted columns."""
    x, y = drawn()
    work, _ = taken(x, y, np.random.default_rng(2).uniform(0.5, 2.0, 30))
    columns = np.array([frame.vector(work, frame.BASIS + k)[:30] for k in range(2)])
    np.testing.assert_allclose(columns @ columns.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(
        columns @ frame.vector(work, frame.REST)[:30], 0, atol=1e-12
    )


def test_coefficients_are_those_of_least_squares():
    """Intercept and slope of a line, weighted."""
    x, y = drawn()
    w = np.random.default_rng(3).uniform(0.5, 2.0, 30)
    work, values = taken(x, y, w)
    basis.coefficients(work)
    polynomials.give_polynomials(values, work)
    expected = np.polynomial.Polynomial.fit(x, y, 1, w=w).convert().coef
    np.testing.assert_allclose(values[:2], expected, rtol=1e-10)


def test_a_given_term_is_subtracted_and_kept():
    """The rest of the line fits what a known slope leaves."""
    x, y = drawn()
    work, values = taken(x, y, full=np.array([np.nan, 2.0, np.nan]))
    basis.coefficients(work)
    polynomials.give_polynomials(values, work)
    assert values[1] == 2.0
    assert values[0] == pytest.approx(np.mean(y - 2.0 * x))


def test_a_dependent_column_gets_no_coefficient():
    """A copy of a column leaves the rest as it is."""
    x, y = drawn()
    work, _ = taken(x, y)
    before = frame.vector(work, frame.REST)[:30].copy()
    basis.next_column(work)[:30] = 3.0 + 2.0 * x
    basis.append(work)
    basis.coefficients(work)
    np.testing.assert_allclose(frame.vector(work, frame.REST)[:30], before, atol=1e-9)
    assert frame.small(work, frame.COEFFICIENTS)[2] == 0.0


@pytest.mark.parametrize("sign", [1.0, -1.0, 0.0])
@pytest.mark.parametrize("start", [0, 9, 22])
def test_the_best_box_is_where_the_box_is(sign, start):
    """A box of 8 samples on a slope is found, at the ends as well."""
    x = np.linspace(0.0, 1.0, 30)
    y = 0.5 * x
    y[start : start + 8] += 1.0 if sign == 0.0 else sign
    work, _ = taken(x, y)
    work[frame.WIDEST] = 15
    boxes.start_running(work)
    assert boxes.find_box(work, sign, -np.inf, np.inf)[:2] == (start, 8)


def test_running_sums_are_sums():
    """From nothing to all."""
    a, b = np.random.default_rng(4).normal(size=(2, 11))
    total = np.zeros(12)
    boxes.run(a, b, total, 11)
    np.testing.assert_allclose(total, np.concatenate([[0.0], np.cumsum(a * b)]))
