"""Bessel functions of order 0 and 1 against mpmath and scipy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import bessel as kernels
from tests.kernels.precision import logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import Case, absolute_errors, of, slope_errors

random = np.random.default_rng(1)
NEAR = np.concatenate(
    [
        random.uniform(0.3, 8.0, 200),
        neighbours(np.array([2.404825557695773, 3.8317059702075125, 8.0])),
    ]
)
FAR = np.concatenate(
    [random.uniform(8.0, 60.0, 100), 10.0 ** random.uniform(1.0, 15.0, 60)]
)
TINY = 10.0 ** random.uniform(-300.0, -0.5, 100)


def j(order: int, x: Any) -> Any:
    """Exact J."""
    return mpmath.besselj(order, x)


def y(order: int, x: Any) -> Any:
    """Exact Y."""
    return mpmath.bessely(order, x)


def y1_slope(x: Any) -> Any:
    """As the table has it."""
    return of(kernels.y0)(x) - of(kernels.y1)(x) / x


#: Function, exact form, its derivative by the table, largest absolute error near 0.
TABLE = [
    (kernels.j0, lambda x: j(0, x), lambda x: -of(kernels.j1)(x), 1e-15),
    (kernels.j1, lambda x: j(1, x), of(kernels.j1_slope), 1e-15),
    (kernels.j1_slope, lambda x: j(0, x) - j(1, x) / x, None, 1e-15),
    (kernels.jinc, lambda x: 2 * j(1, x) / x, of(kernels.jinc_slope), 1e-15),
    (kernels.jinc_slope, lambda x: -2 * j(2, x) / x, None, 1e-15),
    (kernels.y0, lambda x: y(0, x), lambda x: -of(kernels.y1)(x), 2e-15),
    (kernels.y1, lambda x: y(1, x), y1_slope, 2e-15),
]
ROWS = [pytest.param(*row, id=row[0].__name__) for row in TABLE]
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 20.0, -20.0, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize(("function", "reference", "slope", "bound"), ROWS)
def test_error_near_and_far(
    function: Any, reference: Any, slope: Any, bound: float
) -> None:
    """The absolute error is as stated, beside an amplitude that falls as 1 / sqrt(x).

    J is odd or even; tiny arguments lose nothing relative to Y or to J1.
    """
    assert absolute_errors(Case(function, reference, NEAR, 0.0)).max() < bound
    far = absolute_errors(Case(function, reference, FAR, 0.0))
    assert (far * np.sqrt(FAR)).max() < 6e-16
    tiny = absolute_errors(Case(function, reference, TINY, 0.0))
    size = np.abs(of(function)(TINY))
    assert (tiny / size).max() < 4e-15
    if not function.__name__.startswith("y"):
        parity = -1.0 if function.__name__ in ("j1", "jinc_slope") else 1.0
        mirrored = of(function)(-NEAR)
        np.testing.assert_array_equal(mirrored, parity * of(function)(NEAR))


@pytest.mark.parametrize(
    ("function", "reference", "slope"),
    [pytest.param(*row[:3], id=row[0].__name__) for row in TABLE if row[2]],
)
def test_derivatives_are_those_of_the_table(
    function: Any, reference: Any, slope: Any
) -> None:
    """Each agrees with the difference of the exact function, relative to amplitude."""
    near = Case(function, reference, NEAR, 0.0, (slope,))
    assert max(slope_errors(near, 100, floor=0.1)) < 2e-14
    far = Case(function, reference, FAR[FAR < 1e4], 0.0, (slope,))
    assert max(slope_errors(far, 100, floor=1e-2)) < 2e-14


@pytest.mark.parametrize("name", ["j0", "j1", "y0", "y1"])
def test_special_numbers(name: str) -> None:
    """Zeros, outside of the domain and NaN as scipy has them; no limit at infinity."""
    expected = getattr(special, name)(ENDS)
    expected[np.isinf(ENDS)] = np.nan
    found = of(getattr(kernels, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_limits_at_zero() -> None:
    """Quotients that are 0 / 0 there."""
    assert of(kernels.jinc)(0.0)[0] == pytest.approx(1.0, abs=5e-16)
    assert of(kernels.jinc_slope)(0.0)[0] == 0.0
    assert of(kernels.j1_slope)(0.0)[0] == pytest.approx(0.5, abs=5e-16)


@pytest.mark.parametrize("name", ["j0", "y1"])
def test_interpreted_agrees_with_compiled(name: str) -> None:
    """Run as plain Python, they are the compiled ones but for fused multiply-adds."""
    function = getattr(kernels, name)
    points = np.abs(logarithmic(2, -3.0, 3.0, 50))
    interpreted = [function(x) for x in points.tolist()]
    np.testing.assert_allclose(interpreted, of(function)(points), rtol=0.0, atol=1e-13)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    names = kernels.__all__
    loops, calls = scalar_loops([(getattr(kernels, name), 1, 1) for name in names])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
