"""Powers, roots and logarithms against mpmath and numpy."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from physfit.kernels import powers
from tests.kernels.precision import Points, logarithmic, powers_of_two, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

LN2, LN10 = math.log(2.0), math.log(10.0)


def positives() -> Points:
    """All decades, subnormals, near 1, powers of two."""
    random = np.random.default_rng(1)
    return np.concatenate(
        [
            10.0 ** random.uniform(-322.0, 308.0, 500),
            random.uniform(0.5, 2.0, 400),
            1.0 + logarithmic(2, -15.0, -1.0, 300),
            powers_of_two(-1000, 1000, 37),
        ]
    )


def bases_and_exponents() -> Points:
    """Results over all decades, from bases of every size and next to 1."""
    random = np.random.default_rng(3)
    bases = positives()
    bases = bases[np.abs(np.log(bases)) > 1e-15]
    results = random.uniform(-707.0, 709.0, bases.size)
    whole = random.integers(-30, 30, 200)
    signed = np.array([logarithmic(4, -8.0, 8.0, 200), whole])
    return np.hstack([[bases, results / np.log(bases)], signed])


def lengths() -> Points:
    """Pairs of all decades and of like sizes, whose length has a double."""
    x = logarithmic(5, -300.0, 300.0, 600)
    y = x * logarithmic(6, -4.0, 4.0, 600)
    return np.array([x, y])


CASES = [
    Case(
        powers.power,
        lambda x, y: x**y if y != int(y) else x ** int(y),
        bases_and_exponents(),
        1.5,
        (of(powers.power_by_base),),
    ),
    Case(
        powers.power,
        lambda x, y: x**y,
        bases_and_exponents()[:, :1000],
        1.5,
        (of(powers.power_by_base), of(powers.power_by_exponent)),
    ),
    Case(
        powers.exp2,
        lambda x: mpmath.mpf(2) ** x,
        np.random.default_rng(7).uniform(-1022.0, 1024.0, 900),
        1.1,
        (lambda x: LN2 * of(powers.exp2)(x),),
    ),
    Case(
        powers.log2,
        lambda x: mpmath.log(x) / mpmath.log(2),
        positives(),
        1.0,
        (lambda x: 1.0 / (LN2 * x),),
    ),
    Case(
        powers.log10,
        lambda x: mpmath.log(x) / mpmath.log(10),
        positives(),
        1.0,
        (lambda x: 1.0 / (LN10 * x),),
    ),
    Case(
        powers.cbrt,
        lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        np.concatenate([positives(), -positives()]),
        2.0,
        (lambda x: 1.0 / (3.0 * of(powers.cbrt)(x) ** 2),),
    ),
    Case(
        powers.hypot,
        mpmath.hypot,
        lengths(),
        2.0,
        (
            lambda x, y: x / of(powers.hypot)(x, y),
            lambda x, y: y / of(powers.hypot)(x, y),
        ),
    ),
]
NAMES = [f"{case.name}-{k}" for k, case in enumerate(CASES)]
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 2.5, -1.5])
FAR = [np.inf, -np.inf, np.nan, 1e300, -1e300, 5e-324, 1e19, -1e25, 1.0 + 1e-15]
ENDS = np.concatenate([ENDS, FAR])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function.

    An ulp of the exponent of a large power is 1e-13 of it.
    """
    assert max(slope_errors(case)) < 1e-12


@pytest.mark.parametrize(
    ("name", "reference"), [("power", np.power), ("hypot", np.hypot)]
)
def test_pairs_of_special_numbers(name: str, reference: Any) -> None:
    """Zeros with their signs, infinities, NaN and huge numbers as numpy has them."""
    x, y = (part.ravel() for part in np.meshgrid(ENDS, ENDS))
    with np.errstate(all="ignore"):
        expected = reference(x, y)
    found = of(getattr(powers, name))(x, y)
    np.testing.assert_allclose(found, expected, rtol=4e-16)
    signs = np.signbit([found, expected])[:, ~np.isnan(expected)]
    np.testing.assert_array_equal(signs[0], signs[1])


@pytest.mark.parametrize("name", ["log2", "log10", "exp2", "cbrt"])
def test_special_numbers(name: str) -> None:
    """Zeros, infinities, subnormals and what lies outside, as numpy has them."""
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(ENDS)
    np.testing.assert_allclose(of(getattr(powers, name))(ENDS), expected, rtol=4e-16)


def test_powers_of_the_base_have_whole_logarithms() -> None:
    """So that a floor of a logarithm is what it is in numpy."""
    tens = np.arange(-22.0, 23.0)
    twos = np.arange(-1074.0, 1024.0)
    np.testing.assert_array_equal(of(powers.log10)(10.0 ** tens[22:]), tens[22:])
    np.testing.assert_array_equal(of(powers.log2)(2.0**twos), twos)
    np.testing.assert_array_equal(of(powers.exp2)(twos), 2.0**twos)


def test_powers_of_zero_have_slopes() -> None:
    """0^y is flat in y for y > 0, x^0 flat in x; y of negative x has no derivative."""
    x, y = np.array([0.0, 0.0, 0.0, -2.0]), np.array([2.0, 0.5, 0.0, 2.0])
    by_exponent = of(powers.power_by_exponent)(x, y)
    np.testing.assert_array_equal(by_exponent, [0.0, 0.0, -np.inf, np.nan])
    by_base = of(powers.power_by_base)(x, y)
    np.testing.assert_array_equal(by_base, [0.0, np.inf, 0.0, -4.0])


def test_logarithm_in_two_parts() -> None:
    """Their sum is the logarithm to 2**-63 of it, which one double is not."""
    points = positives()
    points = points[points != 1.0]
    with mpmath.workprec(200):
        exact = [mpmath.log(mpmath.mpf(x)) for x in points.tolist()]
        parts = [powers.log_parts(x) for x in points.tolist()]
        errors = [
            abs((mpmath.mpf(high) + low) / value - 1)
            for (high, low), value in zip(parts, exact, strict=True)
        ]
    assert max(errors) < 2.0**-63


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    pairs = ["power", "power_by_base", "power_by_exponent", "hypot"]
    functions = [(getattr(powers, name), 2, 1) for name in pairs]
    functions += [(getattr(powers, n), 1, 1) for n in ("log2", "log10", "exp2", "cbrt")]
    assert scalar_loops(functions) == (0, [])
