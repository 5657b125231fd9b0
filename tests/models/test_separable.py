"""Separable least squares, and the maxima that peaks start from."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models.prominence import extrema, smoothed
from physfit.models.separable import compass_search, polynomial_columns, project

X = np.linspace(0.0, 1.0, 101)


@pytest.mark.parametrize("kind", [float, complex])
def test_projection_is_linear_least_squares(kind):
    """Coefficients and remainder are those of numpy's lstsq, complex data included."""
    rng = np.random.default_rng(1)
    y = rng.standard_normal(101).astype(kind)
    columns = [np.ones(101), X, np.exp(2j * X) if kind is complex else np.exp(X)]
    coefficients, rest, cost = project(columns, y)
    matrix = np.array(columns).T
    exact = np.linalg.lstsq(matrix, y, rcond=None)[0]
    np.testing.assert_allclose(coefficients, exact, rtol=1e-6)
    np.testing.assert_allclose(rest, y - matrix @ exact, atol=1e-8)
    assert cost == pytest.approx(np.sum(np.abs(rest) ** 2))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_columns_that_overflow_cost_infinitely(bad):
    """A candidate whose shape cannot be computed never wins."""
    assert project([np.full(101, bad)], X)[2] == np.inf


def test_equal_columns_share():
    """Two equal columns are no failure: the fit is that of one."""
    coefficients, _, cost = project([X, X], 3.0 * X)
    assert coefficients.sum() == pytest.approx(3.0)
    assert cost < 1e-12


def test_compass_search_goes_downhill():
    """The search ends near the minimum, and leaves a coordinate with step 0 alone."""
    found = compass_search(
        lambda p: (p[0] - 1.0) ** 2 + (p[1] + 2.0) ** 2, (0.0, 0.0), (0.5, 0.0), 30
    )
    assert found == pytest.approx([1.0, 0.0], abs=1e-3)


def test_polynomial_columns_stay_in_one():
    """Powers are of x brought to -1 .. 1, wherever x is."""
    columns = polynomial_columns(1e9 + X, 2)
    assert [float(np.abs(column).max()) for column in columns] == [1.0, 1.0, 1.0]
    assert polynomial_columns(X, -1) == []


def test_extrema_come_by_prominence():
    """A lower peak that stands alone comes before a higher shoulder."""
    curve = np.zeros(60)
    curve[[10, 11, 12, 13, 14]] = [2.0, 5.0, 4.5, 4.8, 2.0]
    curve[40] = 2.0
    curve[50] = -3.0
    found = [(own.at, own.sign, own.score) for own in extrema(curve, 0.0)]
    expected = [(11, 1.0, 5.0), (50, -1.0, 3.0), (40, 1.0, 2.0), (13, 1.0, None)]
    assert [own[:2] for own in found] == [own[:2] for own in expected]
    assert [own[2] for own in found[:3]] == [own[2] for own in expected[:3]]
    assert found[3][2] == pytest.approx(0.3)


def test_extrema_below_the_noise_are_left_out():
    """What stands out by less than the noise is none."""
    curve = np.zeros(30)
    curve[[5, 20]] = [1.0, 0.1]
    assert [own.at for own in extrema(curve, 0.05)] == [5]


def test_only_noisy_curves_are_smoothed():
    """A clean curve comes back as it is, a noisy one with less noise."""
    clean = np.exp(-(((X - 0.5) / 0.1) ** 2))
    noisy = clean + 0.2 * np.random.default_rng(2).standard_normal(101)
    np.testing.assert_array_equal(smoothed(clean)[0], clean)
    assert np.std(smoothed(noisy)[0] - clean) < 0.6 * np.std(noisy - clean)
