"""Hyperbolic functions and their inverses against mpmath and numpy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from physfit.kernels import hyperbolic
from physfit.kernels.powers import hypot
from tests.kernels.precision import Points, logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
INSIDE = np.concatenate(
    [
        random.uniform(-1.0, 1.0, 500),
        1.0 - 10.0 ** random.uniform(-15.0, 0.0, 300),
        logarithmic(2, -300.0, 0.0, 300),
    ]
)
ABOVE = np.concatenate(
    [
        random.uniform(1.0, 30.0, 300),
        1.0 + 10.0 ** random.uniform(-15.0, 0.0, 300),
        10.0 ** random.uniform(0.0, 308.0, 300),
    ]
)


def rapidities(largest: float, decades: float) -> Points:
    """Small and large arguments of both signs, and where the form changes."""
    return np.concatenate(
        [
            random.uniform(-30.0, 30.0, 400),
            random.uniform(-largest, largest, 300),
            logarithmic(3, -300.0, decades, 300),
            neighbours(np.array([22.0, -22.0])),
        ]
    )


CASES = [
    Case(
        hyperbolic.sinh,
        mpmath.sinh,
        rapidities(710.4, 0.0),
        4.0,
        (of(hyperbolic.cosh),),
    ),
    Case(
        hyperbolic.cosh,
        mpmath.cosh,
        rapidities(710.4, 0.0),
        3.0,
        (of(hyperbolic.sinh),),
    ),
    Case(
        hyperbolic.asinh,
        mpmath.asinh,
        rapidities(1e5, 308.0),
        5.0,
        (lambda x: 1.0 / of(hypot)(x, 1.0),),
    ),
    Case(
        hyperbolic.acosh,
        mpmath.acosh,
        ABOVE,
        5.0,
        (lambda x: 1.0 / np.sqrt(x - 1.0) / np.sqrt(x + 1.0),),
    ),
    Case(
        hyperbolic.atanh,
        mpmath.atanh,
        INSIDE,
        5.0,
        (lambda x: 1.0 / ((1.0 - x) * (1.0 + x)),),
    ),
]
ENDS = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e300, -1e300, np.inf, -np.inf, np.nan, 711.0]
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function."""
    assert max(slope_errors(case)) < 1e-14


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("sinh", np.sinh),
        ("cosh", np.cosh),
        ("asinh", np.arcsinh),
        ("acosh", np.arccosh),
        ("atanh", np.arctanh),
    ],
)
def test_special_numbers(name: str, reference: Any) -> None:
    """Zeros, ends of the domain, overflow, infinities and NaN as numpy has them."""
    with np.errstate(all="ignore"):
        expected = reference(ENDS)
    found = of(getattr(hyperbolic, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    loops, calls = scalar_loops([(case.function, 1, 1) for case in CASES])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
