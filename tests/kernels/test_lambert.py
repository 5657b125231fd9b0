"""Lambert's W against mpmath, and as the inverse of w exp(w)."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from physfit.kernels import lambert as kernels
from physfit.kernels.elementary import exp
from tests.kernels.precision import neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
BRANCH_POINT = -0.36787944117144233
ABOVE = BRANCH_POINT + 10.0 ** random.uniform(-15.5, -0.9, 100)
NEGATIVE = np.concatenate(
    [
        ABOVE[ABOVE < 0.0],
        random.uniform(BRANCH_POINT, 0.0, 100),
        -(10.0 ** random.uniform(-300.0, -0.5, 60)),
        neighbours(np.array([-0.2501])),
    ]
)
REAL = np.concatenate(
    [NEGATIVE, random.uniform(0.0, 50.0, 100), 10.0 ** random.uniform(-300, 300, 100)]
)


def w(branch: int) -> Any:
    """Exact W, real."""
    return lambda x: mpmath.re(mpmath.lambertw(x, branch))


def w0_slope(x: Any) -> Any:
    """As the table has it."""
    value = of(kernels.lambert_w0)(x)
    return of(exp)(-value) / (1.0 + value)


def wm1_slope(x: Any) -> Any:
    """As the table has it."""
    value = of(kernels.lambert_wm1)(x)
    return value / (x * (1.0 + value))


CASES = [
    Case(kernels.lambert_w0, w(0), REAL, 6.0, (w0_slope,)),
    Case(kernels.lambert_wm1, w(-1), NEGATIVE, 6.0, (wm1_slope,)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function; see the next test."""
    points = case.points[case.points > BRANCH_POINT + 1e-3]
    assert max(slope_errors(case._replace(points=points), 60)) < 2e-14


def test_slope_beside_the_branch_point() -> None:
    """There 1 + w has the absolute error of w: half of its digits are lost."""
    x = ABOVE[ABOVE < BRANCH_POINT + 1e-3]
    with mpmath.workdps(60):
        values = [w(0)(mpmath.mpf(v)) for v in x.tolist()]
        exact = np.array([float(mpmath.exp(-v) / (1 + v)) for v in values])
    above = 1.0 + of(kernels.lambert_w0)(x)
    assert (np.abs(w0_slope(x) / exact - 1.0) < 2e-14 + 3e-16 / above).all()


def test_it_is_the_inverse() -> None:
    """w exp(w) gives x back."""
    points = np.random.default_rng(4).uniform(-0.99, 20.0, 200)
    found = of(kernels.lambert_w0)(points * np.exp(points))
    np.testing.assert_allclose(found, points, rtol=1e-13)


def test_ends_of_the_domain() -> None:
    """The branch point, 0, infinity and NaN, and outside."""
    x = np.array([BRANCH_POINT, 0.0, np.inf, np.nan, -0.4, -np.inf])
    found = of(kernels.lambert_w0)(x)
    np.testing.assert_allclose(found, [-1.0, 0.0, np.inf, np.nan, np.nan, np.nan])
    x = np.array([BRANCH_POINT, 0.0, np.inf, np.nan, -0.4, 1.0])
    found = of(kernels.lambert_wm1)(x)
    np.testing.assert_allclose(found, [-1.0, -np.inf, *[np.nan] * 4])


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    loops, calls = scalar_loops([(case.function, 1, 1) for case in CASES])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
