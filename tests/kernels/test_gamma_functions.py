"""The gamma function and its relatives against mpmath and scipy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import gamma_functions, polygamma
from tests.kernels.precision import logarithmic, neighbours, scalar_loops
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
        random.uniform(0.0, 9.0, 200),
        random.uniform(8.0, 171.0, 80),
        10.0 ** random.uniform(-70.0, 0.0, 40),
        1.0 + logarithmic(2, -15.0, -1.0, 40),
        2.0 + logarithmic(3, -15.0, -1.0, 40),
        neighbours(np.array([0.5, 1.5, 3.0, 8.0, 1.4616321449683623])),
    ]
)
NEGATIVE = -np.concatenate(
    [random.uniform(0.0, 10.0, 150), random.uniform(10.0, 165.0, 50)]
)
FAR = 10.0 ** random.uniform(2.5, 100.0, 40)


def log_gamma(x: Any) -> Any:
    """log(|gamma|)."""
    return mpmath.re(mpmath.loggamma(x))


def exact(order: int) -> Any:
    """Exact polygamma."""
    return lambda x: mpmath.polygamma(order, x)


def gamma_slope(x: Any) -> Any:
    """As the table has it."""
    return of(gamma_functions.gamma)(x) * of(polygamma.digamma)(x)


CASES = [
    Case(gamma_functions.gamma, mpmath.gamma, POSITIVE, 6.0, (gamma_slope,)),
    Case(gamma_functions.gammaln, log_gamma, POSITIVE, 5.0, (of(polygamma.digamma),)),
    Case(polygamma.digamma, mpmath.digamma, POSITIVE, 6.0, (of(polygamma.trigamma),)),
    Case(
        polygamma.trigamma,
        exact(1),
        POSITIVE,
        8.0,
        (of(polygamma.tetragamma),),
    ),
    Case(
        polygamma.tetragamma,
        exact(2),
        POSITIVE,
        8.0,
        (of(polygamma.pentagamma),),
    ),
    Case(polygamma.pentagamma, exact(3), POSITIVE, 8.0),
]
REFLECTED = [
    Case(gamma_functions.gamma, mpmath.gamma, NEGATIVE, 12.0),
    Case(polygamma.trigamma, exact(1), NEGATIVE, 20.0),
    Case(polygamma.pentagamma, exact(3), NEGATIVE, 30.0),
]
ENDS = np.array([0.0, -0.0, 1.0, 2.0, -1.0, -3.0, 200.0, 1e300, np.inf, np.nan])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.slopes], ids=lambda case: case.name
)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function."""
    assert max(slope_errors(case, 200)) < 5e-14


@pytest.mark.parametrize("case", REFLECTED, ids=lambda case: case.name)
def test_negative_arguments(case: Case) -> None:
    """Those without zeros are within the stated ulp there."""
    assert compiled_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.name)
def test_large_arguments(case: Case) -> None:
    """They are within the stated ulp, far beyond where gamma has a double."""
    assert compiled_error(case._replace(points=FAR)) <= case.bound


def test_negative_arguments_of_what_has_zeros() -> None:
    """The others have the stated errors there."""
    size = 1.0 + np.abs(NEGATIVE) * np.abs(np.log(np.abs(NEGATIVE)))
    errors = absolute_errors(Case(gamma_functions.gammaln, log_gamma, NEGATIVE, 0.0))
    assert (errors / size).max() < 5e-16
    size = np.abs(np.pi / np.tan(np.pi * NEGATIVE)) + np.log(2.0 - NEGATIVE)
    errors = absolute_errors(Case(polygamma.digamma, mpmath.digamma, NEGATIVE, 0.0))
    assert (errors / size).max() < 1e-15
    errors = absolute_errors(Case(polygamma.tetragamma, exact(2), NEGATIVE, 0.0))
    assert (errors / (1.0 + np.abs(of(polygamma.tetragamma)(NEGATIVE)))).max() < 1e-14


@pytest.mark.parametrize("name", ["gamma", "gammaln", "digamma"])
def test_special_numbers(name: str) -> None:
    """Poles, overflow, infinity and NaN as scipy has them."""
    expected = getattr(special, name)(ENDS)
    module = polygamma if name == "digamma" else gamma_functions
    found = of(getattr(module, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("name", "order"), [("trigamma", 1), ("pentagamma", 3)])
def test_poles_of_even_order(name: str, order: int) -> None:
    """They are infinite from both sides."""
    found = of(getattr(polygamma, name))(ENDS)
    np.testing.assert_allclose(found, special.polygamma(order, ENDS), rtol=1e-14)


def test_factorials() -> None:
    """Of whole numbers, to the last that has a double."""
    n = np.arange(1.0, 171.0)
    exact = [float(mpmath.factorial(int(k))) for k in n]
    np.testing.assert_allclose(of(gamma_functions.gamma)(n + 1.0), exact, rtol=7e-16)


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    functions = [(case.function, 1, 1) for case in CASES]
    assert scalar_loops(functions) == (0, [])
