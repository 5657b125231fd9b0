"""Rounding and remainders, bit by bit as numpy has them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from physfit.kernels import rounding
from physfit.kernels.rounding import QUOTIENT_MAX
from tests.kernels.precision import Points, logarithmic, scalar_loops
from tests.kernels.scalar_cases import of

ROUNDINGS = ["floor", "ceil", "trunc", "rint", "sign"]
SPECIAL = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, np.inf, -np.inf, np.nan, 1e300])


def dividends() -> Points:
    """Pairs of any quotient below 2**52, of decimals, and of multiples."""
    n = 4000
    y = logarithmic(1, -300.0, 250.0, n)
    x = y * logarithmic(2, -6.0, 15.6, n)
    tenths = np.round(np.random.default_rng(3).uniform(-30.0, 30.0, (2, n)), 1)
    tenths[1][tenths[1] == 0.0] = 0.1
    whole = np.rint(logarithmic(4, 0.0, 10.0, n))
    pairs = np.hstack([[x, y], tenths, [whole * y, y]])
    quotients = np.abs(pairs[0] / pairs[1])
    return pairs[:, (np.abs(pairs[0]) < 1e300) & (quotients <= QUOTIENT_MAX)]


def exact(name: str, x: float, y: float) -> float:
    """Remainder or quotient by whole numbers of any size."""
    ratio = Fraction(x) / Fraction(y)
    count = math.floor(ratio) if name in ("mod", "floor_divide") else math.trunc(ratio)
    return float(count if "divide" in name else Fraction(x) - count * Fraction(y))


@pytest.mark.parametrize("name", ROUNDINGS)
def test_roundings_are_those_of_numpy(name: str) -> None:
    """For every size, both signs, halves, zeros and what is not finite."""
    points = np.concatenate([logarithmic(5, -20.0, 20.0, 500), SPECIAL])
    found = of(getattr(rounding, name))(points)
    np.testing.assert_array_equal(found, getattr(np, name)(points))


@pytest.mark.parametrize("name", ["mod", "fmod", "floor_divide", "trunc_divide"])
def test_remainders_are_exact(name: str) -> None:
    """Rounded once, compiled and interpreted, up to the largest quotient."""
    x, y = dividends()
    function = getattr(rounding, name)
    expected = np.array([exact(name, *row) for row in np.array([x, y]).T.tolist()])
    np.testing.assert_array_equal(of(function)(x, y), expected)
    rows = np.array([x, y]).T[::11].tolist()
    np.testing.assert_array_equal([function(*row) for row in rows], expected[::11])


@pytest.mark.parametrize("name", ["mod", "fmod", "floor_divide"])
def test_remainders_are_those_of_numpy(name: str) -> None:
    """Whose quotients are exact below 10**14."""
    x, y = dividends()
    inside = np.abs(x / y) < 1e14
    found = of(getattr(rounding, name))(x, y)[inside]
    np.testing.assert_array_equal(found, getattr(np, name)(x, y)[inside])


@pytest.mark.parametrize("name", ["mod", "fmod", "floor_divide"])
def test_remainders_by_infinity_and_of_zero(name: str) -> None:
    """An infinite divisor leaves a remainder as numpy has it, with its sign."""
    x = np.array([2.0, -2.0, 0.0, -0.0, 3.0, -3.0])
    y = np.array([np.inf, np.inf, 2.0, 2.0, -np.inf, -np.inf])
    found = of(getattr(rounding, name))(x, y)
    expected = getattr(np, name)(x, y)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["mod", "fmod", "floor_divide", "trunc_divide"])
def test_remainders_outside_the_domain(name: str) -> None:
    """Division by 0, too large a quotient and what is not a number give NaN."""
    x = np.array([1.0, 0.0, np.inf, np.nan, 1.0, 1e16])
    y = np.array([0.0, 0.0, 2.0, 2.0, np.nan, 1.0])
    assert np.isnan(of(getattr(rounding, name))(x, y)).all()


def test_points_are_spread() -> None:
    """The pairs differ, and their quotients reach both ends."""
    x, y = dividends()
    sizes = np.abs(x / y)[x != 0.0]
    assert np.unique(x).size > 4000
    assert sizes.min() < 1e-5
    assert 1e15 < sizes.max() <= QUOTIENT_MAX


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    pairs = ["mod", "fmod", "floor_divide", "trunc_divide"]
    functions = [(getattr(rounding, name), 1, 1) for name in ROUNDINGS]
    functions += [(getattr(rounding, name), 2, 1) for name in pairs]
    assert scalar_loops(functions) == (0, [])
