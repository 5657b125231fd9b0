"""Powers, roots and logarithms to other bases, without branches.

x^y is exp(y log x), with log x as a sum of two doubles: one alone would leave an error
of 700 ulp in large powers, and log10(1000) below 3. From 1 + f = x / 2^k,
log(1 + f) = 2 s + s z P(z) with s = f / (2 + f) and z = s^2; its leading terms are kept
as exact products of numbers of 26 bits, with what is left of each factor beside.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `power(x, y)` | `power_by_base(x, y)` by x, `power_by_exponent(x, y)` by y |
| `exp2(x)` | log(2) `exp2(x)` |
| `log2(x)`, `log10(x)` | 1 / (log(2) x), 1 / (log(10) x) |
| `cbrt(x)` | 1 / (3 `cbrt(x)`^2) |
| `hypot(x, y)` | x / `hypot(x, y)` by x, y / `hypot(x, y)` by y |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Dekker, Numer. Math. 18 (1971) 224 (exact sums and products).
"""

from __future__ import annotations

import math

import numpy as np

from physfit.kernels.elementary import (
    LN2_HIGH,
    LN2_LOW,
    MIN_NORMAL,
    ROUND,
    TWO_54,
    _cut,
    _exp_tail,
    _exponent_and_fraction,
    _power_of_two,
    _rounded_bits,
    exp_sum,
    log,
    square_parts,
)
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["cbrt", "exp2", "hypot", "log2", "log10", "log_parts", "power"]
__all__ += ["power_by_base", "power_by_exponent"]

LN2 = 0.6931471805599453
#: 2/3 cut to 26 bits, and what is left of it.
TWO_THIRDS_HIGH = 0.6666666567325592
TWO_THIRDS_LOW = 9.934107462565104e-09
#: 2 (atanh(s) - s - s^3 / 3) / s^5 in s^2, on |s| <= (sqrt(2) - 1) / (sqrt(2) + 1).
_log_rest_polynomial = polynomial(
    0.4,
    0.2857142857142938,
    0.2222222222164882,
    0.1818181833699257,
    0.15384594791762352,
    0.13334813971292003,
    0.11705988156500907,
    0.11725771221811145,
)
#: 1 / log(2) and 1 / log(10), cut to 26 bits, and what is left of them.
INV_LN2_HIGH = 1.4426950216293335
INV_LN2_LOW = 1.9259629911266175e-08
INV_LN10_HIGH = 0.4342944771051407
INV_LN10_LOW = 4.798111141615973e-09
#: |y| from which x^y is 0, 1 or infinite for every x.
LARGEST_EXPONENT = 1e20
#: |y log x| from which it is 0 or infinite.
LARGEST_LOG = 746.0
#: x^(1/3) on [0.35, 2.84], to 2e-3.
_cbrt_polynomial = polynomial(
    0.42991044452292065,
    0.9784522408933507,
    -0.6347759476039204,
    0.2919427884541533,
    -0.07211105936769617,
    0.007205888761316146,
)


@scalar
def _log1p_parts(f):
    """log(1 + f), 1 + f in [sqrt(1/2), sqrt(2)), as three numbers to 2**-65 of it.

    The first has 26 bits, the second 52 and at most 1% of the first, the rest 1e-4.
    """
    d = 2.0 + f
    s = f / d
    s_high, d_high = _cut(s), _cut(d)
    left = ((f - s_high * d_high) - s_high * (d - d_high)) - (s - s_high) * d
    s_low = (s - s_high) + (left - s * (f - (d - 2.0))) / d
    square, square_low = square_parts(s)
    z = square + square_low
    z_high = _cut(z)
    z_low = (square - z_high) + (square_low + 2.0 * s * (s_low - (s - s_high)))
    p_low = TWO_THIRDS_LOW + z * _log_rest_polynomial(z)
    w = z_high * TWO_THIRDS_HIGH
    w_high = _cut(w)
    w_low = (w - w_high) + (z_high * p_low + z_low * (TWO_THIRDS_HIGH + p_low))
    rest = 2.0 * s_low + (s_high * w_low + s_low * (w_high + w_low))
    return 2.0 * s_high, s_high * w_high, rest


@scalar
def log_parts(x):
    """log(x) as a sum of two numbers.

    Parameters
    ----------
    x : float
        0 < x < inf, subnormals included; for others the numbers mean nothing.

    Returns
    -------
    tuple of float
        (high, low): high is log(x) rounded, their sum log(x) to 2**-63 of it.
    """
    tiny = x < MIN_NORMAL
    k, f = _exponent_and_fraction(x * TWO_54 if tiny else x)
    k = k - 54.0 if tiny else k
    first, second, rest = _log1p_parts(f)
    whole = k * LN2_HIGH
    sum_1 = whole + first
    sum_2 = sum_1 + second
    lost = (first - (sum_1 - whole)) + (second - (sum_2 - sum_1))
    low = lost + (k * LN2_LOW + rest)
    high = sum_2 + low
    return high, (sum_2 - high) + low


@scalar
def _log_times(x, factor_high, factor_low):
    """log(x) times a factor of 26 bits and a small rest; limits as `log`."""
    high, low = log_parts(x)
    cut = _cut(high)
    rest = (high - cut) + low
    value = cut * factor_high + (rest * factor_high + (cut + rest) * factor_low)
    return value if (x > 0.0) & (x < math.inf) else log(x)


@scalar
def log2(x):
    """Logarithm to base 2.

    Parameters
    ----------
    x : float
        As for `elementary.log`.

    Returns
    -------
    float
        Within 1 ulp; exact for powers of 2.
    """
    return _log_times(x, INV_LN2_HIGH, INV_LN2_LOW)


@scalar
def log10(x):
    """Logarithm to base 10.

    Parameters
    ----------
    x : float
        As for `elementary.log`.

    Returns
    -------
    float
        Within 1 ulp; exact for powers of 10.
    """
    return _log_times(x, INV_LN10_HIGH, INV_LN10_LOW)


@scalar
def exp2(x):
    """2^x.

    Parameters
    ----------
    x : float
        Any value; from 1024 on the result is inf, below -1075 it is 0.

    Returns
    -------
    float
        Within 1.1 ulp, exact for whole x; then gradual underflow.
    """
    clipped = -1080.0 if x < -1080.0 else x
    clipped = 1025.0 if clipped > 1025.0 else clipped
    shifted = clipped + ROUND
    r = (clipped - (shifted - ROUND)) * LN2
    e = 1.0 + (r + _exp_tail(r))
    n = _rounded_bits(shifted)
    half = np.int64(n >> np.int64(1))
    return e * _power_of_two(half) * _power_of_two(np.int64(n - half))


@scalar
def _power_of_size(a, y):
    """a^y for a >= 0."""
    high, low = log_parts(a)
    exponent = y if y < LARGEST_EXPONENT else LARGEST_EXPONENT
    exponent = -LARGEST_EXPONENT if y < -LARGEST_EXPONENT else exponent
    log_cut, y_cut = _cut(high), _cut(exponent)
    first = y_cut * log_cut
    rest = (high - log_cut) + low
    second = y_cut * rest + (exponent - y_cut) * (log_cut + rest)
    inside = math.fabs(first) < LARGEST_LOG
    value = exp_sum(first, second if inside else 0.0)
    vanishing = (a == 0.0) == (y > 0.0)
    value = value if (a > 0.0) & (a < math.inf) else (0.0 if vanishing else math.inf)
    return value if (a == a) & (y == y) else math.nan


@scalar
def power(x, y):
    """x^y as numpy and C have it.

    Parameters
    ----------
    x : float
        Any value; where it is negative and y no integer the result is NaN.
    y : float
        Any value; x^0 = 1 and 1^y = 1 for every x and y, NaN included.

    Returns
    -------
    float
        Within 1.5 ulp; gradual underflow. Of a zero and of infinities the limit, with
        the sign of x for odd y.
    """
    value = _power_of_size(math.fabs(x), y)
    half = 0.5 * y
    whole = float(np.floor(y)) == y
    odd = whole & (float(np.floor(half)) != half)
    signed = math.copysign(value, x) if odd else value
    bounded = (x < 0.0) & (x > -math.inf)
    signed = signed if whole | (not bounded) else math.nan
    return 1.0 if (y == 0.0) | (x == 1.0) else signed


@scalar
def power_by_base(x, y):
    """Derivative y x^(y - 1) of `power` by x; 0 for y = 0."""
    return 0.0 if y == 0.0 else y * power(x, y - 1.0)


@scalar
def power_by_exponent(x, y):
    """Derivative x^y log(x) of `power` by y; 0 for x = 0 and y > 0, NaN for x < 0."""
    value = power(x, y) * log(x)
    return 0.0 if (x == 0.0) & (y > 0.0) else value


@scalar
def cbrt(x):
    """Cube root, of negative x too.

    Parameters
    ----------
    x : float
        Any value.

    Returns
    -------
    float
        Within 2 ulp.
    """
    a = math.fabs(x)
    tiny = a < MIN_NORMAL
    k, f = _exponent_and_fraction(a * TWO_54 if tiny else a)
    third = float(np.rint(k / 3.0))
    left = k - 3.0 * third
    m = (1.0 + f) * (2.0 if left > 0.0 else (0.5 if left < 0.0 else 1.0))
    t = _cbrt_polynomial(m)
    cube = t * t * t
    t = t * (cube + 2.0 * m) / (2.0 * cube + m)
    t = t - (t * t * t - m) / (3.0 * t * t)
    scale = _power_of_two(np.int64(third - 18.0 if tiny else third))
    return math.copysign(t * scale if (a > 0.0) & (a < math.inf) else a, x)


@scalar
def hypot(x, y):
    """Length sqrt(x^2 + y^2) of the vector (x, y), without overflow on the way.

    Parameters
    ----------
    x, y : float
        Any values; inf if one of them is infinite.

    Returns
    -------
    float
        Within 2 ulp.
    """
    a, b = math.fabs(x), math.fabs(y)
    long = b if a < b else a
    short = a if a < b else b
    ratio = short / long
    value = long * math.sqrt(1.0 + ratio * ratio)
    value = a + b if (long == 0.0) | (long == math.inf) else value
    return math.inf if (a == math.inf) | (b == math.inf) else value
