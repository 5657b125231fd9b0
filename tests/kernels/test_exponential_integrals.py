"""Exponential integrals against mpmath and scipy."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import exponential_integrals as kernels
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
        random.uniform(6.0, 30.0, 100),
        random.uniform(30.0, 700.0, 50),
        10.0 ** random.uniform(-300.0, 0.0, 50),
        neighbours(np.array([2.0, 6.0, 12.0, 24.0])),
    ]
)
#: Without the neighbourhood of the zero of Ei.
ZERO_FREE = POSITIVE[np.abs(POSITIVE - 0.3725) > 0.1]
CASES = [
    Case(kernels.exp1, mpmath.e1, POSITIVE, 20.0, (lambda x: -np.exp(-x) / x,)),
    Case(
        kernels.expi,
        mpmath.ei,
        np.concatenate([ZERO_FREE, -POSITIVE]),
        20.0,
        (lambda x: np.exp(x) / x,),
    ),
]
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 800.0, -800.0, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


def test_error_beside_the_zero_of_ei() -> None:
    """It is absolute there."""
    points = random.uniform(0.25, 0.5, 100)
    assert absolute_errors(Case(kernels.expi, mpmath.ei, points, 0.0)).max() < 3e-16


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function."""
    points = case.points[np.abs(case.points) > 1e-3]
    assert max(slope_errors(case._replace(points=points), 60)) < 1e-14


@pytest.mark.parametrize("name", ["exp1", "expi"])
def test_special_numbers(name: str) -> None:
    """Poles, outside of the domain, overflow, infinities and NaN as scipy has them."""
    expected = getattr(special, name)(ENDS)
    found = of(getattr(kernels, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    assert scalar_loops([(case.function, 1, 1) for case in CASES]) == (0, [])
