"""Elementary functions without branches, so that loops over them become vector code.

`math.exp` in a compiled loop is a call into libm for every point; the functions here
are straight-line arithmetic with a value select where libm would branch, and the
compiler turns a loop over them into vector instructions. Each reduces its argument to a
short interval, evaluates a polynomial there (Chebyshev interpolants, computed with 60
digits and rounded) and puts the result together again in the number's integer view.

They are compiled with contraction of `a * b + c` allowed and nothing else: adding and
subtracting `ROUND` rounds to an integer and must not be folded away.

Outside its domain a function returns NaN. Bounds are in units in the last place (ulp)
of the correctly rounded result, and hold with and without fused multiply-add.

The module is long because each function stands with its coefficients and its bounds.

References
----------
Cody & Waite, Software Manual for the Elementary Functions (1980); the shape of `log`,
`log1p`, `sincos` and `atan` follows fdlibm (Sun Microsystems, 1993).
"""

from __future__ import annotations

import math

import numpy as np

from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["SINCOS_MAX", "atan", "cos", "exp", "exp_sum", "expm1", "log", "log1p"]
__all__ += ["log1p_inside", "sin", "sincos", "sincos_swept", "sincos_turned"]
__all__ += ["square_parts", "tanh"]

#: Adding it to |t| < 2**51 leaves the nearest integer to t in the low bits.
ROUND = 6755399441055744.0
ROUND_BITS = 0x4338000000000000

INV_LN2 = 1.4426950408889634
LN2_HIGH = 0.6931471803691238
LN2_LOW = 1.9082149292705877e-10
#: (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2.
_exp_polynomial = polynomial(
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662399,
    0.008333333333330051,
    0.0013888888917281794,
    0.00019841269863105968,
    2.480152119021773e-05,
    2.7557268378684192e-06,
    2.7620138719733994e-07,
    2.5100424157005067e-08,
)

#: 2 (atanh(s) - s) / s^3 in s^2, on |s| <= (sqrt(2) - 1) / (sqrt(2) + 1).
_log_polynomial = polynomial(
    0.666666666666667,
    0.3999999999989889,
    0.28571428626253836,
    0.22222211089379493,
    0.18182892432537032,
    0.15331611722050653,
    0.14617807153462828,
)
MIN_NORMAL = 2.2250738585072014e-308
TWO_54 = 18014398509481984.0
#: Bits of 1.0 less those of sqrt(1/2): the mantissa's range becomes [0.71, 1.41).
LOG_OFFSET = 0x3FF0000000000000 - 0x3FE6A09E00000000
LOG_BASE = 0x3FE6A09E00000000
#: Sign, exponent and the upper 25 bits of the mantissa.
UPPER_HALF = -(1 << 27)
MANTISSA = 0x000FFFFFFFFFFFFF
#: Bits of 2**52: an integer below 2**52 put into its mantissa is that float plus 2**52.
TWO_52_BITS = 0x4330000000000000
LOG_BIAS = 4503599627371519.0

#: `sincos` is NaN beyond.
SINCOS_MAX = 2.0**52
TWO_OVER_PI = 0.6366197723675814
#: pi / 2 in four parts of 24 bits, exact times integers up to 2**29, and a rest.
PIO2 = (
    1.570796251296997,
    7.549789415861596e-08,
    5.390302529957765e-15,
    3.282003415807913e-22,
    1.2706558760139879e-29,
)
#: What is taken off first where there are more quarter turns than that: 2**28 turns.
FAR = tuple(2.0**30 * part for part in PIO2)
INV_FAR = TWO_OVER_PI / 2.0**30

TWO_PI = 6.283185307179586
#: `sincos_turned` is NaN beyond this many turns.
TURNS_MAX = 2.0**48
#: Adding it to |t| < 2**49 leaves the nearest quarter to t in the low bits.
ROUND_TO_QUARTER = 1688849860263936.0
QUARTER_BITS = 0x4318000000000000
_sin_polynomial = polynomial(
    -0.16666666666666666,
    0.008333333333330946,
    -0.0001984126983675497,
    2.755731610068303e-06,
    -2.5051131455427943e-08,
    1.5918101230273893e-10,
)
_cos_polynomial = polynomial(
    0.041666666666666664,
    -0.0013888888888887395,
    2.4801587298763433e-05,
    -2.7557317270560326e-07,
    2.0876146024689743e-09,
    -1.1382614868556182e-11,
)

TAN_PI_8 = 0.41421356237309503
PI_2_HIGH = 1.5707963267948966
PI_2_LOW = 6.123233995736766e-17
PI_4_HIGH = 0.7853981633974483
PI_4_LOW = 3.061616997868383e-17
#: (1 - atan(t) / t) / t^2 in t^2, on |t| <= tan(pi / 8).
_atan_polynomial = polynomial(
    0.3333333333333333,
    -0.1999999999999548,
    0.14285714284657894,
    -0.11111111014561013,
    0.09090904549884611,
    -0.0769218253511664,
    0.06664502215671353,
    -0.05858068756860806,
    0.05085030492807691,
    -0.03921955253246738,
    0.01916206891580967,
)


@scalar
def _power_of_two(k):
    """2**k for an int64 k in [-1022, 1023]; for any other k a meaningless number."""
    return float(np.int64((k + np.int64(1023)) << np.int64(52)).view(np.float64))


@scalar
def _rounded_bits(shifted):
    """Integer that was left in the low bits of `shifted` = t + ROUND."""
    return np.int64(np.float64(shifted).view(np.int64) - np.int64(ROUND_BITS))


@scalar
def _exp_tail(r):
    """e^r - 1 - r for |r| <= ln(2) / 2."""
    return r * r * _exp_polynomial(r)


@scalar
def exp_sum(high, low):
    """e^(high + low) for a small correction `low`.

    Serves exponents that are known better than one double holds, such as x^2.

    Parameters
    ----------
    high : float
        Any value; above 710 the result is inf, below -746 it is 0, NaN stays NaN.
    low : float
        |low| <= 1e-3.

    Returns
    -------
    float
        Within 1.1 ulp; below 2.3e-308 gradual underflow, within 1 subnormal spacing.
    """
    clipped = -746.0 if high < -746.0 else high
    clipped = 710.0 if clipped > 710.0 else clipped
    shifted = clipped * INV_LN2 + ROUND
    k = shifted - ROUND
    r = ((clipped - k * LN2_HIGH) - k * LN2_LOW) + low
    e = 1.0 + (r + _exp_tail(r))
    n = _rounded_bits(shifted)
    half = np.int64(n >> np.int64(1))
    return e * _power_of_two(half) * _power_of_two(np.int64(n - half))


@scalar
def exp(x):
    """e^x.

    Parameters
    ----------
    x : float
        Any value; above 709.79 the result is inf, below -745.14 it is 0, NaN stays NaN.

    Returns
    -------
    float
        Within 1.1 ulp; below 2.3e-308 gradual underflow, within 1 subnormal spacing.
    """
    return exp_sum(x, 0.0)


@scalar
def _cut(x):
    """x cut to 26 bits."""
    bits = np.int64(np.float64(x).view(np.int64) & np.int64(UPPER_HALF))
    return float(bits.view(np.float64))


@scalar
def square_parts(x):
    """x^2 as a sum of two numbers, for `exp_sum`.

    Parameters
    ----------
    x : float
        |x| < 1e150.

    Returns
    -------
    tuple of float
        (high, low): high is the exact square of x cut to 26 bits, |low| < 2**-24 x^2;
        together x^2 to 2**-76 of it.
    """
    cut = _cut(x)
    return cut * cut, (x - cut) * (x + cut)


@scalar
def expm1(x):
    """e^x - 1 without loss of digits near 0.

    Parameters
    ----------
    x : float
        Any value; above 709.79 the result is inf, below -38 it is -1, NaN stays NaN.

    Returns
    -------
    float
        Within 3 ulp.
    """
    clipped = -40.0 if x < -40.0 else x
    clipped = 710.0 if clipped > 710.0 else clipped
    shifted = clipped * INV_LN2 + ROUND
    k = shifted - ROUND
    r = (clipped - k * LN2_HIGH) - k * LN2_LOW
    small = r + _exp_tail(r)
    half = _power_of_two(np.int64(_rounded_bits(shifted) - np.int64(1)))
    return small if k == 0.0 else 2.0 * (half * small + (half - 0.5))


@scalar
def _exponent_and_fraction(x):
    """(k, f) with x = 2**k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), for normal x > 0."""
    bits = np.int64(np.float64(x).view(np.int64) + np.int64(LOG_OFFSET))
    exponent = np.int64((bits >> np.int64(52)) & np.int64(0x7FF))
    k = float(np.int64(exponent | np.int64(TWO_52_BITS)).view(np.float64)) - LOG_BIAS
    mantissa = np.int64((bits & np.int64(MANTISSA)) + np.int64(LOG_BASE))
    return k, float(mantissa.view(np.float64)) - 1.0


@scalar
def _log_sum(k, f, low):
    """Sum k log(2) + log(1 + f) + low for integer k, 1 + f in [sqrt(1/2), sqrt(2))."""
    s = f / (2.0 + f)
    z = s * s
    half_square = 0.5 * f * f
    correction = s * (half_square + z * _log_polynomial(z)) + (k * LN2_LOW + low)
    return k * LN2_HIGH - ((half_square - correction) - f)


@scalar
def log(x):
    """Natural logarithm.

    Parameters
    ----------
    x : float
        x >= 0, subnormals included; log(0) = -inf, log(inf) = inf, negative gives NaN.

    Returns
    -------
    float
        Within 1 ulp.
    """
    tiny = x < MIN_NORMAL
    k, f = _exponent_and_fraction(x * TWO_54 if tiny else x)
    value = _log_sum(k - 54.0 if tiny else k, f, 0.0)
    value = math.inf if x == math.inf else value
    outside = -math.inf if x == 0.0 else math.nan
    return value if x > 0.0 else outside


@scalar
def log1p(x):
    """log(1 + x) without loss of digits near 0.

    Parameters
    ----------
    x : float
        x >= -1; log1p(-1) = -inf, log1p(inf) = inf, below -1 NaN.

    Returns
    -------
    float
        Within 2 ulp.
    """
    u = 1.0 + x
    k, f = _exponent_and_fraction(u)
    lost = 1.0 - (u - x) if k > 0.0 else x - (u - 1.0)
    safe = u if u > 0.0 else 1.0
    value = _log_sum(k, x if k == 0.0 else f, 0.0 if k == 0.0 else lost / safe)
    value = math.inf if x == math.inf else value
    outside = -math.inf if x == -1.0 else math.nan
    return value if x > -1.0 else outside


@scalar
def log1p_inside(x):
    """log(1 + x) where that is a finite number, in half the time that `log1p` takes.

    Parameters
    ----------
    x : float
        -1 < x < inf, otherwise any number.

    Returns
    -------
    float
        Within 4 ulp: away from 0, where the logarithm is above 0.34, the rounding of
        1 + x is left.
    """
    k, f = _exponent_and_fraction(1.0 + x)
    return _log_sum(k, x if k == 0.0 else f, 0.0)


@scalar
def _in_quadrant(n, r):
    """Sine and cosine of n quarter turns and an angle |r| <= pi / 4 more."""
    z = r * r
    s = r + r * z * _sin_polynomial(z)
    half = 0.5 * z
    near = 1.0 - half
    c = near + (((1.0 - near) - half) + z * z * _cos_polynomial(z))
    odd = (n & np.int64(1)) != np.int64(0)
    sine = c if odd else s
    cosine = s if odd else c
    sine = -sine if (n & np.int64(2)) != np.int64(0) else sine
    cosine = -cosine if ((n + np.int64(1)) & np.int64(2)) != np.int64(0) else cosine
    return sine, cosine


@scalar
def sincos(x):
    """Sine and cosine together.

    Parameters
    ----------
    x : float
        Angle in radians, |x| <= `SINCOS_MAX` = 2**52; beyond it both are NaN.

    Returns
    -------
    tuple of float
        (sin x, cos x), each within 2 ulp, near the zeros too.
    """
    far = (x * INV_FAR + ROUND) - ROUND
    near = (x - far * FAR[0]) - far * FAR[1]
    shifted = (near - far * FAR[2]) * TWO_OVER_PI + ROUND
    k = shifted - ROUND
    first = ((near - k * PIO2[0]) - k * PIO2[1]) - far * FAR[2]
    second = first - k * PIO2[2]
    third = second - k * PIO2[3]
    rest = ((first - second) - k * PIO2[2]) + ((second - third) - k * PIO2[3])
    r = third + (rest - (k * PIO2[4] + (far * FAR[3] + far * FAR[4])))
    sine, cosine = _in_quadrant(_rounded_bits(shifted), r)
    inside = math.fabs(x) <= SINCOS_MAX
    return sine if inside else math.nan, cosine if inside else math.nan


@scalar
def _quarters(shifted):
    """Integer that was left in the low bits of `shifted` = t + ROUND_TO_QUARTER."""
    return np.int64(np.float64(shifted).view(np.int64) - np.int64(QUARTER_BITS))


@scalar
def sincos_turned(frequency, t, phase):
    """Sine and cosine of the angle 2 pi frequency t + phase.

    The turns frequency t are reduced before they are rounded: their leading product is
    exact. Costs as much as `sincos` of the angle, which after 10^9 turns is known to
    1e-6 rad alone.

    Parameters
    ----------
    frequency, t : float
        Their product is the number of turns, up to `TURNS_MAX` = 2**48 (3e14); beyond
        it both are NaN.
    phase : float
        In radians.

    Returns
    -------
    tuple of float
        (sin, cos); absolute errors below 5e-16 + |phase| 2.3e-16 + turns 2**-74.
    """
    frequency_high, t_high = _cut(frequency), _cut(t)
    turns = frequency_high * t_high
    low = frequency_high * (t - t_high) + (frequency - frequency_high) * t
    first = turns + ROUND_TO_QUARTER
    rest = (turns - (first - ROUND_TO_QUARTER)) + (low + phase / TWO_PI)
    second = rest + ROUND_TO_QUARTER
    r = TWO_PI * (rest - (second - ROUND_TO_QUARTER))
    quadrant = np.int64(_quarters(first) + _quarters(second))
    sine, cosine = _in_quadrant(quadrant, r)
    inside = math.fabs(turns) <= TURNS_MAX
    return sine if inside else math.nan, cosine if inside else math.nan


@scalar
def sincos_swept(omega, t):
    """Sine and cosine of omega t, reduced as `sincos_turned` does.

    The frequency omega / (2 pi) is rounded, which is a change of omega by two roundings
    for all times.
    """
    return sincos_turned(omega / TWO_PI, t, 0.0)


@scalar
def sin(x):
    """Sine; domain and bound as `sincos`."""
    sine, _ = sincos(x)
    return sine


@scalar
def cos(x):
    """Cosine; domain and bound as `sincos`."""
    _, cosine = sincos(x)
    return cosine


@scalar
def atan(x):
    """Arc tangent.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        In [-pi / 2, pi / 2], within 2.5 ulp.
    """
    a = math.fabs(x)
    near = a < TAN_PI_8
    far = a > 1.0 + 2.0 * 0.7071067811865476
    numerator = a if near else (-1.0 if far else a - 1.0)
    denominator = 1.0 if near else (a if far else a + 1.0)
    t = numerator / denominator
    high = 0.0 if near else (PI_2_HIGH if far else PI_4_HIGH)
    low = 0.0 if near else (PI_2_LOW if far else PI_4_LOW)
    z = t * t
    return math.copysign(high + (t - (t * z * _atan_polynomial(z) - low)), x)


@scalar
def tanh(x):
    """Hyperbolic tangent.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        In [-1, 1], within 3 ulp.
    """
    a = math.fabs(x)
    e = expm1(2.0 * (22.0 if a > 22.0 else a))
    return math.copysign(e / (e + 2.0), x)
