"""Complete elliptic integrals against mpmath and scipy."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import elliptic as kernels
from tests.kernels.precision import logarithmic, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
PARAMETERS = np.concatenate(
    [
        random.uniform(-3.0, 1.0, 200),
        1.0 - 10.0 ** random.uniform(-15.5, 0.0, 100),
        -(10.0 ** random.uniform(0.0, 15.0, 50)),
        logarithmic(2, -20.0, -1.0, 50),
    ]
)
CASES = [
    Case(kernels.ellipk, mpmath.ellipk, PARAMETERS, 8.0, (of(kernels.ellipk_slope),)),
    Case(kernels.ellipe, mpmath.ellipe, PARAMETERS, 90.0, (of(kernels.ellipe_slope),)),
]
ENDS = np.array([0.0, -0.0, 1.0, 2.0, np.inf, np.nan])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function, at m = 0 and 1 too."""
    assert max(slope_errors(case, 120)) < 2e-14


@pytest.mark.parametrize(
    ("name", "zero", "one"),
    [
        ("ellipk_slope", np.pi / 8.0, np.inf),
        ("ellipe_slope", -np.pi / 8.0, -np.inf),
    ],
)
def test_limits_of_the_derivatives(name: str, zero: float, one: float) -> None:
    """Where the formulas are 0 / 0, and at the end of the domain."""
    found = of(getattr(kernels, name))(np.array([0.0, 1.0]))
    np.testing.assert_allclose(found, [zero, one], rtol=1e-15)


@pytest.mark.parametrize("name", ["ellipk", "ellipe"])
def test_special_numbers(name: str) -> None:
    """Ends, outside of the domain and NaN as scipy has them."""
    expected = getattr(special, name)(ENDS)
    found = of(getattr(kernels, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    functions = [(getattr(kernels, name), 1, 1) for name in kernels.__all__]
    loops, calls = scalar_loops(functions)
    assert loops == 0
    assert set(calls) <= {"sqrt"}
