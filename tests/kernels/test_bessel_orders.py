"""Bessel functions of whole orders against mpmath and scipy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.errors import InputError
from physfit.kernels import bessel_orders as orders
from physfit.kernels.bessel_orders import ORDER_MAX
from tests.kernels.precision import Points, scalar_loops
from tests.kernels.scalar_cases import Case, absolute_errors, of
from tests.kernels.test_bessel_modified import k


def spherical(n: int, x: Any) -> Any:
    """Exact spherical j."""
    a = abs(x)
    value = mpmath.sqrt(mpmath.pi / 2 / a) * mpmath.besselj(n + mpmath.mpf(1) / 2, a)
    return value * mpmath.sign(x) ** n


EXACT = {
    "jn": mpmath.besselj,
    "yn": mpmath.bessely,
    "iv": mpmath.besseli,
    "kn": k,
    "spherical_jn": spherical,
}
OSCILLATING = ("jn", "yn", "spherical_jn")


def points(name: str, n: int) -> Points:
    """Both sides of every border, and small ones."""
    random = np.random.default_rng(n)
    border = n * n if name == "iv" else n
    x = np.concatenate(
        [
            random.uniform(0.0, 1.2 * border + 1.0, 60),
            random.uniform(0.0, 60.0, 40),
            10.0 ** random.uniform(-200.0 / (n + 1), 0.0, 40),
            border + np.array([0.0, 1e-13, -1e-13]),
        ]
    )
    x = x[x > 0.0]
    return x if name in ("yn", "kn") else x * random.choice([-1.0, 1.0], x.size)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 10, ORDER_MAX])
@pytest.mark.parametrize("name", EXACT)
def test_error_is_as_stated(name: str, n: int) -> None:
    """Relative, and beside the amplitude of what oscillates beyond x = n."""
    function = getattr(orders, name)(n)
    x = points(name, n)
    errors = absolute_errors(Case(function, lambda v: EXACT[name](n, v), x, 0.0))
    scale = np.abs(of(function)(x))
    beyond = (np.abs(x) > n / 2) & (name in OSCILLATING)
    assert (errors / np.where(beyond, np.maximum(scale, 0.1), scale)).max() < 1e-14


def slope(name: str, n: int, x: Points) -> Any:
    """Derivative by the table of the module."""
    below, above = (of(getattr(orders, name)(k))(x) for k in (n - 1, n + 1))
    if name == "spherical_jn":
        return (n * below - (n + 1) * above) / (2 * n + 1)
    signs = {"jn": (0.5, -0.5), "yn": (0.5, -0.5), "iv": (0.5, 0.5), "kn": (-0.5, -0.5)}
    return signs[name][0] * below + signs[name][1] * above


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("name", EXACT)
def test_derivatives_are_those_of_the_table(name: str, n: int) -> None:
    """Each agrees with the difference of the exact function, beside its amplitude."""
    x = np.random.default_rng(5).uniform(0.1, 30.0, 25)
    with mpmath.workdps(50):
        step = mpmath.mpf(10) ** -15
        exact = [
            float((EXACT[name](n, v + step) - EXACT[name](n, v - step)) / (2 * step))
            for v in map(mpmath.mpf, x.tolist())
        ]
    atol = 3e-15 if name in OSCILLATING else 0.0
    np.testing.assert_allclose(slope(name, n, x), exact, rtol=2e-14, atol=atol)


@pytest.mark.parametrize("n", [1, 2, 3, ORDER_MAX])
@pytest.mark.parametrize("name", ["jn", "iv", "yn", "kn", "spherical_jn"])
def test_special_numbers(name: str, n: int) -> None:
    """Zero, outside of the domain and NaN as scipy has them; J and Y of no infinity."""
    ends = np.array([0.0, -0.0, 1e-13, -2.0, np.nan, np.inf])
    if name in ("jn", "iv"):
        expected = {"jn": special.jv, "iv": special.iv}[name](n, ends)
    else:
        expected = getattr(special, name)(n, ends)
    if name in OSCILLATING:
        expected[-1] = np.nan
    found = of(getattr(orders, name)(n))(ends)
    if name == "iv":  # 2 x I_2 of infinity is a difference of infinities
        found, expected = found[:-1], expected[:-1]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("n", [-1, ORDER_MAX + 1])
def test_orders_that_are_not_written_out(n: int) -> None:
    """They are refused by name, with the range."""
    with pytest.raises(InputError, match="from 0 to 20"):
        orders.jn(n)


def test_a_function_is_made_once() -> None:
    """So that compiled code is found again."""
    assert orders.jn(4) is orders.jn(4)
    assert orders.jn(4)(1.5) == pytest.approx(special.jv(4, 1.5), rel=1e-14)


def test_loops_are_vector_code() -> None:
    """A loop over each function is vector code; what remains of it calls sqrt."""
    made = [getattr(orders, name)(3) for name in EXACT]
    loops, calls = scalar_loops([(function, 1, 1) for function in made])
    assert loops == 0
    assert set(calls) <= {"sqrt"}
