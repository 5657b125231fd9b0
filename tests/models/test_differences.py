"""Differences find their steps, keep to bounds and say how good they are."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models.differences import by_differences, steps_at

X = np.linspace(-1.0, 1.0, 101)
FREE = np.full(2, -np.inf), np.full(2, np.inf)


def peak(params):
    """A peak of the given place and width."""
    return np.exp(-(((X - params[0]) / params[1]) ** 2))


def slopes_of(function, params, limits=FREE):
    params = np.array(params)
    value = function(params)
    steps, slopes = steps_at(function, params, value, *limits)
    return slopes, steps


def exact(place, width):
    z = (X - place) / width
    return np.exp(-z * z) * np.array([2.0 * z / width, 2.0 * z * z / width])


@pytest.mark.parametrize(
    ("place", "width"),
    [(0.3, 0.2), (0.0, 0.2), (1e-12, 0.3), (-0.7, 1e-1), (0.5, 40.0)],
)
def test_differences_are_good_to_nine_digits(place, width):
    """Relative to the largest slope, for parameters of any size."""
    found, _ = slopes_of(peak, [place, width])
    expected = exact(place, width)
    size = np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(found - expected) / size).max() < 2e-9


def test_a_value_of_zero_does_not_make_the_step():
    """At 0 the sample that is 0 itself moves with any step, others do not."""
    found, _ = slopes_of(lambda p: p[1] * np.sin(X - p[0]), [0.0, 2.0])
    assert found[0] == pytest.approx(-2.0 * np.cos(X), abs=2e-9)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_jump_at_the_point_is_no_slope(scale):
    """Where it stands exactly at a parameter; samples beside it keep their slopes."""

    def late(params):
        delay = X - params[0] / scale
        return np.where(delay < 0.0, 0.0, params[1] * np.exp(-np.abs(delay)))

    found, _ = slopes_of(late, [X[60] * scale, 2.0])
    delay = X - X[60]
    expected = np.where(delay > 0.0, 2.0 * np.exp(-np.abs(delay)), 0.0) / scale
    assert found[0] == pytest.approx(expected, abs=1e-6 / scale)


def test_an_integer_has_no_slope():
    """A parameter that is cut to an integer, at one."""
    found, _ = slopes_of(lambda p: p[1] * X ** int(p[0]), [2.0, 3.0])
    assert not found[0].any()
    assert found[1] == pytest.approx(X**2)


def test_a_position_is_known_to_less_than_itself():
    """A width a billionth of the position makes the step."""
    x = 5e6 + np.linspace(-3e-2, 3e-2, 41)

    def line(params):
        return 1.0 / (1.0 + ((x - params[0]) / params[1]) ** 2)

    found, _ = slopes_of(line, [5e6, 1e-2])
    z = (x - 5e6) / 1e-2
    expected = 2.0 * z / 1e-2 / (1.0 + z * z) ** 2
    # The position itself rounds at 1e-9, a ten millionth of the width.
    assert np.abs(found[0] - expected).max() < 1e-4 * np.abs(expected).max()


def test_a_function_that_rounds_early_takes_long_steps():
    """As an integrator does, whose values are good to eight digits."""

    def rough(params):
        return np.round(peak(params), 8)

    found, steps = slopes_of(rough, [0.3, 0.2])
    expected = exact(0.3, 0.2)
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()
    assert (steps.errors < 1e-4).all()


def test_bounds_and_the_domain_are_kept():
    """One-sided differences of second order stand in, as good as central ones."""
    asked = []

    def root(params):
        asked.append(params.copy())
        return np.exp(params[0] * X) + np.sqrt(params[1] - 1.0) * X**2 + params[1] * X

    at = [2.0, 1.5]
    found, _ = slopes_of(root, at, (np.array([2.0, 1.5]), np.array([np.inf, np.inf])))
    assert (np.array(asked) >= at).all()
    expected = np.array([X * np.exp(2.0 * X), 0.5 / np.sqrt(0.5) * X**2 + X])
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_steps_are_sought_anew_where_they_are_no_good():
    """Those of a wide peak do not spoil the derivatives of a narrow one."""
    _, steps = slopes_of(peak, [0.5, 40.0])
    params = np.array([0.5, 0.05])
    far = steps._replace(size=np.array([0.05, 0.5]))
    found, is_far = by_differences(peak, params, peak(params), far)
    assert is_far
    expected = exact(*params)
    assert np.abs(found - expected).max() < 1e-7 * np.abs(expected).max()
