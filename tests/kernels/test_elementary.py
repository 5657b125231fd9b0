"""Elementary functions against mpmath, at dense and at adversarial points."""

from __future__ import annotations

import math
from typing import NamedTuple

import mpmath
import numpy as np
import pytest

from physfit.engine.blocks import elementwise
from physfit.kernels import elementary
from physfit.kernels.elementary import SINCOS_MAX
from tests.kernels.precision import (
    Points,
    Reference,
    logarithmic,
    neighbours,
    powers_of_two,
    scalar_loops,
    ulp_errors,
)


class Case(NamedTuple):
    """A function, its reference, the points and the bound in ulp of its docstring."""

    name: str
    reference: Reference
    points: Points
    bound: float


def generator(seed: int) -> np.random.Generator:
    """A generator with its seed in sight."""
    return np.random.default_rng(seed)


def exponents() -> Points:
    """The normal range of exp, and where its rounding to multiples of log 2 flips."""
    halfway = (np.arange(-1074, 1024, 9) + 0.5) * math.log(2.0)
    random = generator(1)
    return np.concatenate(
        [
            random.uniform(-708.3, 709.78, 500),
            random.uniform(-1.0, 1.0, 500),
            logarithmic(2, -20.0, 0.0, 100),
            neighbours(halfway[halfway > -708.3]),
            [709.782712893384, -708.3964185322641],
        ]
    )


def exponents_minus_one() -> Points:
    """Both sides of 0, far and tiny, and where the rounding flips."""
    random = generator(3)
    return np.concatenate(
        [
            random.uniform(-45.0, 5.0, 500),
            random.uniform(-1.0, 1.0, 500),
            random.uniform(-745.0, 709.7, 200),
            logarithmic(4, -307.0, 0.0, 100),
            neighbours((np.arange(-50, 60) + 0.5) * math.log(2.0)),
        ]
    )


def logarithmands() -> Points:
    """All decades, subnormals, near 1 and near the ends of the mantissa."""
    random = generator(5)
    return np.concatenate(
        [
            10.0 ** random.uniform(-323.0, 308.0, 500),
            random.uniform(0.5, 2.0, 400),
            1.0 + logarithmic(6, -16.0, -1.0, 400),
            powers_of_two(-1073, 1024, 17),
            neighbours(np.ldexp(math.sqrt(0.5), np.arange(-30, 30, 3))),
        ]
    )


def logarithmands_less_one() -> Points:
    """All decades, near 0, near -1 and where the exponent changes."""
    random = generator(7)
    return np.concatenate(
        [
            10.0 ** random.uniform(-307.0, 308.0, 300),
            random.uniform(-1.0, 2.0, 500),
            logarithmic(8, -16.0, -1.0, 300),
            -1.0 + 10.0 ** random.uniform(-15.0, 0.0, 300),
            powers_of_two(-60, 60, 3),
            neighbours(np.array([math.sqrt(0.5) - 1.0, math.sqrt(2.0) - 1.0])),
        ]
    )


def near_quarter_turns() -> Points:
    """Floats next to multiples of pi / 2, best rational approximations included."""
    with mpmath.workprec(300):
        multiples = [*range(1, 60), *generator(9).integers(60, 3 * 10**8, 200)]
        fraction = mpmath.pi / 2
        before, now = 0, 1
        for _ in range(17):
            multiples += [now, 2 * now, 3 * now]
            whole = int(mpmath.floor(fraction))
            fraction = 1 / (fraction - whole)
            before, now = now, int(mpmath.floor(fraction)) * now + before
        angles = [float(int(k) * mpmath.pi / 2) for k in multiples]
    points = neighbours(np.array([a for a in angles if a < SINCOS_MAX]))
    return np.concatenate([points, -points])


def angles() -> Points:
    """Small, middle and large angles, near multiples of pi / 2, powers of two."""
    random = generator(10)
    return np.concatenate(
        [
            random.uniform(-7.0, 7.0, 500),
            random.uniform(-1e6, 1e6, 500),
            random.uniform(-1e9, 1e9, 300),
            logarithmic(17, 8.0, 15.65, 300),
            near_quarter_turns(),
            powers_of_two(-60, 52, 1),
            [SINCOS_MAX, -SINCOS_MAX],
        ]
    )


def tangents() -> Points:
    """All decades, and the ends of the three intervals."""
    edge = math.tan(math.pi / 8.0)
    random = generator(11)
    return np.concatenate(
        [
            random.uniform(-3.0, 3.0, 500),
            logarithmic(12, -300.0, 300.0, 300),
            random.uniform(0.40, 0.43, 300),
            random.uniform(2.40, 2.43, 300),
            neighbours(np.array([edge, 1.0, 1.0 / edge, -edge, -1.0])),
            powers_of_two(-60, 60, 5),
        ]
    )


def rapidities() -> Points:
    """All decades, into saturation."""
    random = generator(13)
    return np.concatenate(
        [
            random.uniform(-3.0, 3.0, 700),
            random.uniform(-25.0, 25.0, 200),
            logarithmic(14, -300.0, 2.0, 300),
            powers_of_two(-60, 6, 2),
        ]
    )


CASES = [
    Case("exp", mpmath.exp, exponents(), 1.1),
    Case("expm1", mpmath.expm1, exponents_minus_one(), 3.0),
    Case("log", mpmath.log, logarithmands(), 1.0),
    Case("log1p", mpmath.log1p, logarithmands_less_one(), 2.0),
    Case("log1p_inside", mpmath.log1p, logarithmands_less_one(), 4.0),
    Case("sin", mpmath.sin, angles(), 2.0),
    Case("cos", mpmath.cos, angles(), 2.0),
    Case("atan", mpmath.atan, tangents(), 2.5),
    Case("tanh", mpmath.tanh, rapidities(), 3.0),
]
BY_NAME = {case.name: case for case in CASES}
INFINITY = math.inf
SPECIAL = [
    ("exp", INFINITY, INFINITY),
    ("exp", -INFINITY, 0.0),
    ("exp", 0.0, 1.0),
    ("exp", 709.79, INFINITY),
    ("exp", 1e308, INFINITY),
    ("exp", -745.14, 0.0),
    ("exp", -1e308, 0.0),
    ("expm1", INFINITY, INFINITY),
    ("expm1", -INFINITY, -1.0),
    ("expm1", 5e-324, 5e-324),
    ("log", 0.0, -INFINITY),
    ("log", -0.0, -INFINITY),
    ("log", INFINITY, INFINITY),
    ("log", -5e-324, math.nan),
    ("log", -INFINITY, math.nan),
    ("log", 1.0, 0.0),
    ("log1p", -1.0, -INFINITY),
    ("log1p", INFINITY, INFINITY),
    ("log1p", -1.0000000000000002, math.nan),
    ("log1p", 5e-324, 5e-324),
    ("sin", INFINITY, math.nan),
    ("cos", -INFINITY, math.nan),
    ("sin", 4503599627370497.0, math.nan),
    ("cos", -1e300, math.nan),
    ("atan", INFINITY, math.pi / 2.0),
    ("atan", -INFINITY, -math.pi / 2.0),
    ("tanh", INFINITY, 1.0),
    ("tanh", -INFINITY, -1.0),
    # `log1p_inside` may be any number outside
    *[(name, math.nan, math.nan) for name in BY_NAME if name != "log1p_inside"],
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    values = elementwise(getattr(elementary, case.name), 1, 1)(case.points)
    errors = ulp_errors(values, case.points, case.reference)
    worst = int(np.argmax(errors))
    assert errors[worst] <= case.bound, (case.points[worst], errors[worst])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bound_holds_when_interpreted(case: Case) -> None:
    """Run as plain Python, without fused multiply-add, the bound holds too."""
    points = case.points[::5]
    function = getattr(elementary, case.name)
    values = np.array([function(point) for point in points.tolist()])
    errors = ulp_errors(values, points, case.reference)
    assert errors.max() <= case.bound


@pytest.mark.parametrize(("name", "point", "expected"), SPECIAL)
def test_ends_of_the_domain(name: str, point: float, expected: float) -> None:
    """Zeros, infinities and NaN give the limit, or NaN outside the domain."""
    value = elementwise(getattr(elementary, name), 1, 1)(point)
    np.testing.assert_array_equal(value, [expected])


def test_exp_underflows_gradually() -> None:
    """Below the normal numbers exp is within one spacing of the subnormals."""
    points = generator(15).uniform(-745.13, -708.4, 300)
    values = elementwise(elementary.exp, 1, 1)(points)
    assert ulp_errors(values, points, mpmath.exp).max() <= 1.0
    assert (values > 0.0).all()


def test_sum_of_squares_and_lines() -> None:
    """exp_sum with square_parts gives exp(-x^2) to 1.1 ulp where x^2 alone does not."""
    points = generator(16).uniform(15.0, 26.6, 300)
    parts = elementwise(elementary.square_parts, 1, 2)(points)
    values = elementwise(elementary.exp_sum, 2, 1)(-parts[0], -parts[1])
    errors = ulp_errors(values, points, lambda x: mpmath.exp(-x * x))
    naive = elementwise(elementary.exp, 1, 1)(-points * points)
    assert errors.max() <= 1.1
    assert ulp_errors(naive, points, lambda x: mpmath.exp(-x * x)).max() > 50.0


def test_sincos_is_sin_and_cos() -> None:
    """The pair is bit by bit what the single functions give."""
    points = BY_NAME["sin"].points
    pair = elementwise(elementary.sincos, 1, 2)(points)
    np.testing.assert_array_equal(pair[0], elementwise(elementary.sin, 1, 1)(points))
    np.testing.assert_array_equal(pair[1], elementwise(elementary.cos, 1, 1)(points))


@pytest.mark.parametrize("turns", [1e-3, 1.0, 1e4, 1e9, 1e14], ids="{:g}".format)
def test_turns_are_reduced_before_they_are_rounded(turns: float) -> None:
    """sincos_turned keeps its stated bound, compiled and interpreted.

    After 1e9 turns the rounded angle is 1e-6 rad off.
    """
    random = generator(18)
    t = random.choice([-1.0, 1.0], 300) * 10.0 ** random.uniform(-9.0, 10.0, 300)
    frequency = turns * random.uniform(0.1, 2.0, 300) / t
    phase = random.uniform(-4.0, 4.0, 300)
    columns = np.array([frequency, t, phase]).T.tolist()
    with mpmath.workdps(50):
        angles = [
            2 * mpmath.pi * mpmath.mpf(f) * mpmath.mpf(time) + mpmath.mpf(p)
            for f, time, p in columns
        ]
        exact = np.array(
            [[float(f(a)) for a in angles] for f in (mpmath.sin, mpmath.cos)]
        )
    bound = 5e-16 + 2.3e-16 * np.abs(phase) + 2.0**-74 * np.abs(frequency * t)
    compiled = elementwise(elementary.sincos_turned, 3, 2)(frequency, t, phase)
    own = [elementary.sincos_turned(*one) for one in columns]
    assert (np.abs(compiled - exact) < bound).all()
    assert (np.abs(np.array(own).T - exact) < bound).all()


def test_turns_that_no_double_tells_apart_are_nan() -> None:
    """As are those of numbers that are not finite."""
    arguments = np.array([[2.0**48, 1.1, 0.0], [1e200, 1e200, 0.0], [1.0, np.nan, 0.0]])
    assert np.isnan(elementwise(elementary.sincos_turned, 3, 2)(*arguments.T)).all()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_points_are_spread(case: Case) -> None:
    """The generators of points draw different ones, hundreds of them."""
    assert np.unique(case.points).size > 800
    assert np.isfinite(case.points).all()


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    functions = [(getattr(elementary, case.name), 1, 1) for case in CASES]
    functions.append((elementary.sincos_turned, 3, 2))
    assert scalar_loops(functions) == (0, [])
