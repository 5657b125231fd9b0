"""Rows taken in, orthonormal columns and box sums, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scratch_cases import Row

from physfit.engine.abi import address_at, at
from physfit.engine.guesses import boxes
from physfit.engine.guesses.basis import append, coefficients
from physfit.engine.guesses.boxes import find_box, start_running
from physfit.engine.guesses.frame import Scratch
from physfit.engine.roles import entry

LINE = [(0, 0), (1, 1)]


def drawn(n=30, seed=0):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(5.0, 9.0, n)), rng.normal(size=n)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1), None])
def test_samples_are_taken_in_by_rising_x(order):
    """Rising, falling or shuffled, each value stays with its x."""
    x, y = drawn()
    index = np.random.default_rng(1).permutation(30) if order is None else order
    row = Row(x[index], y[index])
    np.testing.assert_array_equal(row.array(Scratch.x), x)
    np.testing.assert_array_equal(row.array(Scratch.residual), y)


def test_columns_are_orthonormal_and_the_rest_is_orthogonal():
    """Gram-Schmidt on weighted columns."""
    x, y = drawn()
    row = Row(x, y, np.random.default_rng(2).uniform(0.5, 2.0, 30), LINE)
    columns = np.array([row.column(0), row.column(1)])
    np.testing.assert_allclose(columns @ columns.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(columns @ row.array(Scratch.residual), 0, atol=1e-12)


def test_coefficients_are_those_of_least_squares():
    """Intercept and slope of a line, weighted."""
    x, y = drawn()
    w = np.random.default_rng(3).uniform(0.5, 2.0, 30)
    values = Row(x, y, w, LINE).give()
    expected = np.polynomial.Polynomial.fit(x, y, 1, w=w).convert().coef
    np.testing.assert_allclose(values[:2], expected, rtol=1e-10)


def test_a_given_term_is_subtracted_and_kept():
    """The rest of the line fits what a known slope leaves."""
    x, y = drawn()
    values = Row(x, y, powers=LINE, full=np.array([np.nan, 2.0, np.nan])).give()
    assert values[1] == 2.0
    assert values[0] == pytest.approx(np.mean(y - 2.0 * x))


@entry("void(f64*, f64*)")
def append_column(work, out):
    """Append what stands behind the columns."""
    scratch = at(address_at(work), Scratch)
    append(scratch)
    coefficients(scratch)


def test_a_dependent_column_gets_no_coefficient():
    """A copy of a column leaves the rest as it is."""
    x, y = drawn()
    row = Row(x, y, powers=LINE)
    before = row.array(Scratch.residual).copy()
    row.column(2)[:] = 3.0 + 2.0 * x
    row.call(append_column)
    np.testing.assert_allclose(row.array(Scratch.residual), before, atol=1e-9)
    assert row.array(Scratch.coefficients)[2] == 0.0


@entry("void(f64*, f64*, f64)")
def find(work, out, sign):
    """Find the best box of half the range at most."""
    scratch = at(address_at(work), Scratch)
    scratch.widest = scratch.n // 2
    start_running(scratch)
    find_box(scratch, sign, -np.inf, np.inf)
    out[0], out[1] = scratch.box, scratch.box_width


@pytest.mark.parametrize("sign", [1.0, -1.0, 0.0])
@pytest.mark.parametrize("start", [0, 9, 22])
def test_the_best_box_is_where_the_box_is(sign, start):
    """A box of 8 samples on a slope is found, at the ends as well."""
    x = np.linspace(0.0, 1.0, 30)
    y = 0.5 * x
    y[start : start + 8] += 1.0 if sign == 0.0 else sign
    assert tuple(Row(x, y, powers=LINE).call(find, sign)[:2]) == (start, 8)


def test_running_sums_are_sums():
    """From nothing to all."""
    a, b = np.random.default_rng(4).normal(size=(2, 11))
    total = np.zeros(12)
    boxes.run(a, b, total, 11)
    np.testing.assert_allclose(total, np.concatenate([[0.0], np.cumsum(a * b)]))
