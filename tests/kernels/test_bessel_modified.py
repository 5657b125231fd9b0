"""Modified Bessel functions of order 0 and 1 against mpmath and scipy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import bessel_i, bessel_k
from tests.kernels.precision import neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    absolute_errors,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
POSITIVE = np.concatenate(
    [
        random.uniform(0.0, 9.0, 150),
        random.uniform(7.0, 60.0, 100),
        random.uniform(60.0, 700.0, 60),
        10.0 ** random.uniform(-300.0, 0.0, 60),
        neighbours(np.array([2.0, 8.0])),
    ]
)
REAL = POSITIVE * random.choice([-1.0, 1.0], POSITIVE.size)


def i(order: int, x: Any) -> Any:
    """Exact I."""
    return mpmath.besseli(order, x)


def k(order: int, x: Any) -> Any:
    """K to 40 digits; beyond 2 by trapezoids, which mpmath's takes a second for."""
    if x < 2:
        return mpmath.besselk(order, x)
    step = min(mpmath.mpf("0.05"), mpmath.mpf("0.45") / mpmath.sqrt(x))
    total, t, term = mpmath.exp(-x) / 2, mpmath.mpf(0), mpmath.mpf(1)
    while term > mpmath.mpf("1e-60") * total:
        t += step
        term = mpmath.exp(-x * mpmath.cosh(t)) * mpmath.cosh(order * t)
        total += term
    return step * total


def ie(order: int, x: Any) -> Any:
    """exp(-|x|) I."""
    return mpmath.exp(-abs(x)) * i(order, x)


def ke(order: int, x: Any) -> Any:
    """exp(x) K."""
    return mpmath.exp(x) * k(order, x)


def k0_slope(x: Any) -> Any:
    """As the table has it."""
    return -of(bessel_k.k1)(x)


def k1_slope(x: Any) -> Any:
    """As the table has it."""
    return -of(bessel_k.k0)(x) - of(bessel_k.k1)(x) / x


CASES = [
    Case(bessel_i.i0, lambda x: i(0, x), REAL, 4.0, (of(bessel_i.i1),)),
    Case(bessel_i.i1, lambda x: i(1, x), REAL, 4.0, (of(bessel_i.i1_slope),)),
    Case(bessel_i.i1_slope, lambda x: i(0, x) - i(1, x) / x, REAL, 8.0),
    Case(bessel_i.i0e, lambda x: ie(0, x), REAL, 4.0, (of(bessel_i.i0e_slope),)),
    Case(bessel_i.i1e, lambda x: ie(1, x), REAL, 4.0, (of(bessel_i.i1e_slope),)),
    Case(
        bessel_i.i0e_slope,
        lambda x: ie(1, x) - mpmath.sign(x) * ie(0, x),
        REAL,
        40.0,
    ),
    Case(bessel_k.k0, lambda x: k(0, x), POSITIVE, 6.0, (k0_slope,)),
    Case(bessel_k.k1, lambda x: k(1, x), POSITIVE, 6.0, (k1_slope,)),
    Case(bessel_k.k0e, lambda x: ke(0, x), POSITIVE, 7.0, (of(bessel_k.k0e_slope),)),
    Case(bessel_k.k1e, lambda x: ke(1, x), POSITIVE, 7.0, (of(bessel_k.k1e_slope),)),
    Case(bessel_k.k0e_slope, lambda x: ke(0, x) - ke(1, x), POSITIVE, 40.0),
    Case(
        bessel_k.k1e_slope,
        lambda x: ke(1, x) * (1 - 1 / x) - ke(0, x),
        POSITIVE[POSITIVE > 1e-150],
        40.0,
    ),
]
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 720.0, -720.0, 1e300, np.inf, -np.inf, np.nan])
OF_SCIPY = ["i0", "i1", "i0e", "i1e", "k0", "k1", "k0e", "k1e"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.slopes], ids=lambda case: case.name
)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function.

    That of `i1e` has zeros, and a size of 0.003 at x = 8.
    """
    floor = 1e-3 if case.name == "i1e" else 0.0
    points = case.points[np.abs(case.points) > 1e-6]
    points = points[np.abs(points) < 100.0]
    assert max(slope_errors(case._replace(points=points), 40, floor)) < 1e-14


def test_slope_of_the_scaled_i1() -> None:
    """i1e_slope to 3e-16, its zeros included."""
    case = Case(
        bessel_i.i1e_slope,
        lambda x: ie(0, x) - ie(1, x) * (1 / x + mpmath.sign(x)),
        REAL,
        0.0,
    )
    assert absolute_errors(case).max() < 3e-16


@pytest.mark.parametrize(
    ("name", "expected"),
    [("i1_slope", 0.5), ("i1e_slope", 0.5), ("i0e_slope", 0.0), ("i1", 0.0)],
)
def test_slopes_at_zero(name: str, expected: float) -> None:
    """Where the formulas are 0 / 0 the functions have the limit."""
    assert of(getattr(bessel_i, name))(0.0)[0] == pytest.approx(expected, abs=1e-16)


@pytest.mark.parametrize("name", OF_SCIPY)
def test_special_numbers(name: str) -> None:
    """Zeros, outside of the domain, overflow, infinities, NaN as scipy has them."""
    expected = getattr(special, name)(ENDS)
    function = getattr(bessel_i if name.startswith("i") else bessel_k, name)
    np.testing.assert_allclose(of(function)(ENDS), expected, rtol=1e-15)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    functions = [case.function for case in CASES] + [bessel_i.i1e_slope]
    loops, calls = scalar_loops([(function, 1, 1) for function in functions])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
