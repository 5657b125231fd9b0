"""The normal distribution's integral and the inverse of erf against mpmath."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import normal as kernels
from physfit.kernels.special import erfcx
from tests.kernels.precision import logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
TAILS = np.concatenate(
    [
        random.uniform(-37.0, 37.0, 200),
        random.uniform(-3.0, 3.0, 150),
        logarithmic(2, -10.0, 0.0, 60),
    ]
)
CHANCES = np.concatenate(
    [
        random.uniform(-1.0, 1.0, 200),
        1.0 - 10.0 ** random.uniform(-15.8, -0.5, 100),
        logarithmic(3, -300.0, 0.0, 60),
        neighbours(np.array([0.5, -0.5])),
    ]
)


def log_ndtr(x: Any) -> Any:
    """log(ndtr) without cancellation."""
    return mpmath.log(mpmath.ncdf(x)) if x < 0 else mpmath.log1p(-mpmath.ncdf(-x))


def erfinv(x: Any) -> Any:
    """Inverse of erf by Newton's method from scipy's value."""
    a = abs(x)
    y = mpmath.mpf(float(special.erfinv(float(a))))
    for _ in range(6):
        excess = mpmath.erf(y) - a if a < 0.9 else (1 - a) - mpmath.erfc(y)
        y -= excess * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y)
    return mpmath.sign(x) * y


CASES = [
    Case(
        kernels.ndtr,
        mpmath.ncdf,
        TAILS,
        7.0,
        (lambda x: np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi),),
    ),
    Case(
        kernels.log_ndtr,
        log_ndtr,
        TAILS,
        7.0,
        (lambda x: np.sqrt(2.0 / np.pi) / of(erfcx)(-x * np.sqrt(0.5)),),
    ),
    Case(
        kernels.erfinv,
        erfinv,
        CHANCES,
        5.0,
        (lambda x: np.sqrt(np.pi) / 2.0 * np.exp(of(kernels.erfinv)(x) ** 2),),
    ),
]
ENDS = np.array([0.0, 1.0, -1.0, 1.5, 50.0, -50.0, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function.

    The exponent x^2 / 2 = 700 is rounded to 1e-13.
    """
    points = case.points[np.abs(case.points) > 1e-3]
    if case.function is kernels.erfinv:
        points = points[np.abs(points) < 1.0 - 1e-6]
    assert max(slope_errors(case._replace(points=points), 60)) < 5e-13


@pytest.mark.parametrize("name", ["ndtr", "log_ndtr", "erfinv"])
def test_special_numbers(name: str) -> None:
    """Tails, ends of the domain, infinities and NaN as scipy has them."""
    expected = getattr(special, name)(ENDS)
    found = of(getattr(kernels, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    loops, calls = scalar_loops([(case.function, 1, 1) for case in CASES])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
