"""Rounding, sign and remainders as numpy has them, without branches.

Derivatives, by the names of this module; those of `floor`, `ceil`, `rint`, `trunc` and
`sign` are 0 wherever they exist.

| function | by x | by y |
|---|---|---|
| `mod(x, y)` | 1 | -`floor_divide(x, y)` |
| `fmod(x, y)` | 1 | -`trunc_divide(x, y)` |
| `floor_divide(x, y)`, `trunc_divide(x, y)` | 0 | 0 |
"""

from __future__ import annotations

import math

import numpy as np

from physfit.kernels.elementary import _cut
from physfit.kernels.kernel import scalar

__all__ = ["ceil", "floor", "floor_divide", "fmod", "mod", "rint", "sign", "trunc"]
__all__ += ["trunc_divide"]

#: Remainders of more divisors than that are NaN.
QUOTIENT_MAX = 2.0**52
TWO_26 = 2.0**26


@scalar
def floor(x):
    """Largest integer not above x, exact; infinities and NaN stay what they are."""
    return float(np.floor(x))


@scalar
def ceil(x):
    """Smallest integer not below x, exact; infinities and NaN stay what they are."""
    return float(np.ceil(x))


@scalar
def trunc(x):
    """Integer next to x towards 0, exact; infinities and NaN stay what they are."""
    return float(np.trunc(x))


@scalar
def rint(x):
    """Nearest integer, the even one of two, exact; infinities and NaN stay."""
    return float(np.rint(x))


@scalar
def sign(x):
    """-1, 0 or 1 with the sign of x; NaN of NaN."""
    return 1.0 if x > 0.0 else (-1.0 if x < 0.0 else x)


@scalar
def _less(a, count, b):
    """a - count b, exact for a whole count of 26 bits and a result of 53 bits."""
    b_high = _cut(b)
    return (a - count * b_high) - count * (b - b_high)


@scalar
def _divided(a, b):
    """Whole part of a / b and remainder for a, b >= 0, both exact."""
    quotient = a / b
    first = float(np.trunc(quotient / TWO_26)) * TWO_26
    near = _less(a, first, b)
    second = float(np.trunc(near / b))
    rest = _less(near, second, b)
    count = first + second
    low, high = rest < 0.0, rest >= b
    rest = rest + b if low else (rest - b if high else rest)
    count = count - 1.0 if low else (count + 1.0 if high else count)
    inside = quotient <= QUOTIENT_MAX
    all_of_it = (b == math.inf) & (a < math.inf)
    rest = a if all_of_it else (rest if inside else math.nan)
    return 0.0 if all_of_it else (count if inside else math.nan), rest


@scalar
def fmod(x, y):
    """Remainder of x / y with the sign of x, as `numpy.fmod`.

    Parameters
    ----------
    x, y : float
        |x / y| <= 2**52, otherwise NaN; NaN for y = 0 too. An infinite y leaves x.

    Returns
    -------
    float
        Exact: x less a whole number of y, of size below |y|.
    """
    _, rest = _divided(math.fabs(x), math.fabs(y))
    return math.copysign(rest, x)


@scalar
def _is_opposite(rest, y):
    """Whether a remainder towards 0 must be moved by y to get its sign."""
    return ((rest < 0.0) & (y > 0.0)) | ((rest > 0.0) & (y < 0.0))


@scalar
def mod(x, y):
    """Remainder of x / y with the sign of y, as `numpy.mod` and Python's %.

    Parameters
    ----------
    x, y : float
        As for `fmod`.

    Returns
    -------
    float
        Within half an ulp of x - y floor(x / y). Of a tiny x with the other sign it is
        y, as in numpy.
    """
    rest = fmod(x, y)
    moved = rest + y if _is_opposite(rest, y) else rest
    return math.copysign(0.0, y) if rest == 0.0 else moved


@scalar
def trunc_divide(x, y):
    """Quotient x / y cut towards 0, a whole number; domain as `fmod`."""
    count, _ = _divided(math.fabs(x), math.fabs(y))
    return -count if (x < 0.0) != (y < 0.0) else count


@scalar
def floor_divide(x, y):
    """Largest integer not above x / y, as `numpy.floor_divide`; domain as `fmod`."""
    count, rest = _divided(math.fabs(x), math.fabs(y))
    more = count + 1.0 if rest > 0.0 else count
    return -more if (x < 0.0) != (y < 0.0) else count
