"""The Faddeeva function and error functions against mpmath."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from physfit.engine.blocks import elementwise
from physfit.kernels import special
from physfit.kernels.special import FADDEEVA_SMALL_Y
from tests.kernels.precision import (
    Points,
    Reference,
    logarithmic,
    neighbours,
    scalar_loops,
    ulp_errors,
)


class Bounds(NamedTuple):
    """Relative error bounds of |w|, |w'|, Re w and Re w'."""

    w: float
    slope: float
    re_w: float
    re_slope: float


class Strip(NamedTuple):
    """A function for w and w', and the y at which it is tried."""

    name: str
    y: float
    bounds: Bounds


#: From here on |z| >= 8 for every x.
LARGE_Y = 8.0
SMALL = Bounds(2e-14, 5e-12, 2e-12, 5e-11)
REGULAR = Bounds(1e-14, 5e-12, 5e-11, 5e-9)
LARGE = Bounds(1e-14, 1e-12, 1e-13, 2e-11)
STRIPS = [
    *[
        Strip("faddeeva_small_y", y, SMALL)
        for y in (0.0, 1e-300, 1e-12, 7e-7, 1e-4, FADDEEVA_SMALL_Y)
    ],
    *[
        Strip("faddeeva_with_derivative", y, REGULAR)
        for y in (FADDEEVA_SMALL_Y, 0.03, 0.5, 2.0, LARGE_Y)
    ],
    *[Strip("faddeeva_large_y", y, LARGE) for y in (LARGE_Y, 30.0, 7e5)],
]


def abscissas(y: float) -> Points:
    """The centre, the far tail, and both sides of |z| = 8."""
    random = np.random.default_rng(20)
    edge = math.sqrt(max(64.0 - y * y, 1e-6))
    return np.concatenate(
        [
            random.uniform(-9.0, 9.0, 60),
            random.uniform(-25.0, 25.0, 20),
            logarithmic(21, -3.0, 8.0, 40),
            neighbours(np.array([edge, 0.9241388730045916])),
            [0.0],
        ]
    )


def exact_faddeeva(x: float, y: float) -> tuple[Any, Any]:
    """w and w' at x + i y by the closed form, far away by the asymptotic series."""
    z = mpmath.mpc(x, y)
    if abs(z) > 10:
        return asymptotic_faddeeva(z)
    with mpmath.extradps(150):
        w = mpmath.exp(-z * z) * mpmath.erfc(-1j * z)
        return w, -2 * z * w + 2j / mpmath.sqrt(mpmath.pi)


def asymptotic_faddeeva(z: Any) -> tuple[Any, Any]:
    """w and w' for |z| > 10, where the smallest term is 1e-43.

    On the real axis the series misses exp(-z^2), the only real part when y = 0.
    """
    v = 1 / (2 * z * z)
    term = mpmath.mpc(1)
    series, slope = term, term
    for k in range(1, 80):
        term *= (2 * k - 1) * v
        series += term
        slope += (2 * k + 1) * term
    root = mpmath.sqrt(mpmath.pi)
    gauss = mpmath.exp(-z * z) if z.imag < 0.01 else mpmath.mpf(0)
    return gauss + 1j / root / z * series, -2 * z * gauss - 1j / root / z**2 * slope


def worst(found: list[Any], exact: list[Any]) -> float:
    """Largest relative error, where the exact value is a normal number."""
    return max(
        float(abs(a - b) / abs(b))
        for a, b in zip(found, exact, strict=True)
        if abs(b) > 1e-300
    )


def complexes(re: Points, im: Points) -> list[Any]:
    """Exact complex numbers from their parts."""
    return [mpmath.mpc(a, b) for a, b in zip(re.tolist(), im.tolist(), strict=True)]


@pytest.mark.parametrize("strip", STRIPS, ids=lambda strip: f"{strip.name}-{strip.y}")
def test_w_and_its_derivative(strip: Strip) -> None:
    """w, w' and their real parts keep their relative accuracy into the far tail."""
    x = abscissas(strip.y)
    parts = elementwise(getattr(special, strip.name), 2, 4)(x, strip.y)
    with mpmath.workdps(40):
        exact = [exact_faddeeva(point, strip.y) for point in x.tolist()]
        w, slope = [list(column) for column in zip(*exact, strict=True)]
        errors = Bounds(
            worst(complexes(parts[0], parts[1]), w),
            worst(complexes(parts[2], parts[3]), slope),
            worst(parts[0].tolist(), [value.real for value in w]),
            worst(parts[2].tolist(), [value.real for value in slope]),
        )
    assert all(np.array(errors) <= np.array(strip.bounds)), errors


@pytest.mark.parametrize(
    ("border", "names"),
    [
        (FADDEEVA_SMALL_Y, ("faddeeva_small_y", "faddeeva_with_derivative")),
        (LARGE_Y, ("faddeeva_with_derivative", "faddeeva_large_y")),
    ],
)
def test_variants_agree_on_their_borders(border: float, names: tuple[str, str]) -> None:
    """Where two regimes meet, their functions give the same w and w'."""
    x = abscissas(border)
    one, two = (elementwise(getattr(special, own), 2, 4)(x, border) for own in names)
    np.testing.assert_allclose(one, two, rtol=5e-9, atol=2e-14)


@pytest.mark.parametrize(
    ("name", "y"),
    [
        ("faddeeva_small_y", -1e-300),
        ("faddeeva_small_y", 1.01 * FADDEEVA_SMALL_Y),
        ("faddeeva_with_derivative", -1.0),
        ("faddeeva_small_y", math.nan),
        ("faddeeva_with_derivative", math.nan),
        ("faddeeva_large_y", math.nan),
    ],
)
def test_w_is_nan_outside_its_domain(name: str, y: float) -> None:
    """Below the real axis, or beyond its strip, w is NaN near and far."""
    values = elementwise(getattr(special, name), 2, 4)(np.array([0.5, 900.0]), y)
    assert np.isnan(values).all()


def scaled(x: Any) -> Any:
    """erfcx, by its asymptotic series where erfc underflows mpmath's patience."""
    if x < 1e4:
        return mpmath.exp(x * x) * mpmath.erfc(x)
    return (1 - 1 / (2 * x * x) + 3 / (4 * x**4)) / (x * mpmath.sqrt(mpmath.pi))


def error_points(low: float, high: float, tiny: float, huge: float) -> Points:
    """Even over [low, high], with decades of both signs, and the ends of intervals."""
    random = np.random.default_rng(23)
    decades = logarithmic(24, tiny, huge, 150)
    return np.concatenate(
        [
            random.uniform(low, high, 300),
            random.uniform(-2.0, 2.0, 150),
            decades[decades >= low],
            neighbours(np.array([1.0, -1.0, 4.0])),
        ]
    )


ERRORS = [
    ("erf", mpmath.erf, error_points(-6.0, 6.0, -300.0, 1.0), 2.0),
    ("erfc", mpmath.erfc, error_points(-7.0, 26.5, -20.0, 1.0), 5.0),
    ("erfcx", scaled, error_points(-26.6, 30.0, -20.0, 290.0), 4.0),
]


@pytest.mark.parametrize(
    ("name", "reference", "points", "bound"), ERRORS, ids=[row[0] for row in ERRORS]
)
def test_error_functions(
    name: str, reference: Reference, points: Points, bound: float
) -> None:
    """erf, erfc and erfcx are within the stated ulp, tails included."""
    values = elementwise(getattr(special, name), 1, 1)(points)
    errors = ulp_errors(values, points, reference)
    assert errors.max() <= bound, points[np.argmax(errors)]


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("erf", math.inf, 1.0),
        ("erf", -math.inf, -1.0),
        ("erf", math.nan, math.nan),
        ("erf", 0.0, 0.0),
        ("erfc", math.inf, 0.0),
        ("erfc", -math.inf, 2.0),
        ("erfc", 1e200, 0.0),
        ("erfc", math.nan, math.nan),
        ("erfcx", math.inf, 0.0),
        ("erfcx", -26.7, math.inf),
        ("erfcx", -1e300, math.inf),
        ("erfcx", math.nan, math.nan),
    ],
)
def test_ends_of_the_error_functions(name: str, point: float, expected: float) -> None:
    """Infinities, overflow and NaN give the limit."""
    value = elementwise(getattr(special, name), 1, 1)(point)
    np.testing.assert_array_equal(value, [expected])


def test_interpreted_agrees_with_compiled() -> None:
    """Run as plain Python, w is the compiled one but for fused multiply-adds."""
    compiled = elementwise(special.faddeeva_small_y, 2, 4)(1.3, 0.001)[:, 0]
    interpreted = special.faddeeva_small_y(1.3, 0.001)
    np.testing.assert_allclose(interpreted, compiled, rtol=1e-13)


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    functions = [
        (special.faddeeva_small_y, 2, 4),
        (special.faddeeva_with_derivative, 2, 4),
        (special.faddeeva_large_y, 2, 4),
        (special.erf, 1, 1),
        (special.erfc, 1, 1),
        (special.erfcx, 1, 1),
    ]
    assert scalar_loops(functions) == (0, [])
