"""Tangent, inverse trigonometric functions and sinc against mpmath and numpy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from physfit.kernels import trigonometric
from physfit.kernels.elementary import SINCOS_MAX
from tests.kernels.precision import Points, logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)


def sines() -> Points:
    """The interval (-1, 1), near its ends, near 0 and where the form changes."""
    random = np.random.default_rng(1)
    near = 10.0 ** random.uniform(-15.0, 0.0, 300)
    return np.concatenate(
        [
            random.uniform(-1.0, 1.0, 500),
            np.minimum(1.0 - near, 1.0 - 2.0**-53),
            near - 1.0,
            logarithmic(2, -300.0, 0.0, 200),
            neighbours(np.array([0.5, -0.5])),
        ]
    )


def planes() -> Points:
    """Points of all directions and sizes."""
    y = logarithmic(3, -300.0, 300.0, 1200)
    return np.array([y, y * logarithmic(4, -4.0, 4.0, 1200)])


def turns(low: float, high: float, largest: float) -> Points:
    """Arguments over an interval, and all decades."""
    random = np.random.default_rng(5)
    far = logarithmic(6, -100.0, largest, 500)
    return np.concatenate([random.uniform(low, high, 500), far])


def sinc_slope(x: Any) -> Any:
    """(cos(pi x) - sinc(x)) / x."""
    with mpmath.extraprec(1000):
        angle = mpmath.pi * x
        return (mpmath.cos(angle) - mpmath.sin(angle) / angle) / x


CASES = [
    Case(
        trigonometric.tan,
        mpmath.tan,
        turns(-7.0, 7.0, 15.0),
        5.0,
        (lambda x: 1.0 + of(trigonometric.tan)(x) ** 2,),
    ),
    Case(
        trigonometric.asin,
        mpmath.asin,
        sines(),
        2.0,
        (lambda x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x)),),
    ),
    Case(
        trigonometric.acos,
        mpmath.acos,
        sines(),
        2.0,
        (lambda x: -1.0 / np.sqrt((1.0 - x) * (1.0 + x)),),
    ),
    Case(
        trigonometric.atan2,
        mpmath.atan2,
        planes(),
        4.0,
        (
            lambda y, x: 1.0 / (x + y * (y / x)),
            lambda y, x: -1.0 / (y + x * (x / y)),
        ),
    ),
    Case(
        trigonometric.sinc,
        mpmath.sincpi,
        turns(-7.0, 7.0, 12.0),
        4.0,
    ),
    Case(trigonometric.sinc_slope, sinc_slope, turns(-0.5, 0.5, -0.4), 4.0),
]
ENDS = np.array([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, np.inf, -np.inf, np.nan, 5e-324])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES[:4], ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function."""
    assert max(slope_errors(case)) < 1e-14


def test_slope_of_sinc() -> None:
    """sinc_slope is the derivative of sinc to 3e-16, far from 0 too; 0 at 0."""
    points = turns(-30.0, 30.0, 8.0)
    found = of(trigonometric.sinc_slope)(points)
    with mpmath.workprec(200):
        exact = [float(sinc_slope(mpmath.mpf(x))) for x in points.tolist()]
    # The sine of an angle of pi / 2 or less, over it: 3 roundings of 1.4.
    assert np.abs(found - exact).max() < 5e-16
    assert of(trigonometric.sinc_slope)(0.0) == 0.0


@pytest.mark.parametrize(
    ("name", "reference"),
    [("tan", np.tan), ("asin", np.arcsin), ("acos", np.arccos), ("sinc", np.sinc)],
)
def test_special_numbers(name: str, reference: Any) -> None:
    """Zeros, ends of the domain, infinities and NaN as numpy has them."""
    with np.errstate(all="ignore"):
        expected = reference(ENDS)
    found = of(getattr(trigonometric, name))(ENDS)
    # numpy's sine of the double next to pi is 1e-16, not 0.
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=1e-16)


def test_angles_on_axes_and_of_infinities() -> None:
    """As numpy has them, with the signs of zeros."""
    ends = np.concatenate([ENDS, [-0.0, 1.7e308, -1.7e308]])
    y, x = (part.ravel() for part in np.meshgrid(ends, ends))
    found, expected = of(trigonometric.atan2)(y, x), np.arctan2(y, x)
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    signs = np.signbit([found, expected])[:, ~np.isnan(expected)]
    np.testing.assert_array_equal(signs[0], signs[1])


def test_angles_beyond_the_domain() -> None:
    """Angles that no double tells apart give NaN."""
    assert np.isnan(of(trigonometric.tan)(4.0 * SINCOS_MAX)).all()
    assert np.isnan(of(trigonometric.sinc)(4.0 * SINCOS_MAX)).all()
    assert np.isnan(of(trigonometric.sinc_slope)(4.0 * SINCOS_MAX)).all()


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    functions = [(case.function, case.n_in, 1) for case in CASES]
    loops, calls = scalar_loops(functions)
    assert loops == 0
    assert set(calls) <= {"sqrt"}
