"""Tangent, inverse trigonometric functions and sin(pi x) / (pi x), without branches.

Derivatives, by the names of this module and of `elementary`:

| function | derivative |
|---|---|
| `tan(x)` | 1 + `tan(x)`^2 |
| `asin(x)`, `acos(x)` | 1 / sqrt((1 - x) (1 + x)), and its negative |
| `atan2(y, x)` | x / (x^2 + y^2) by y, -y / (x^2 + y^2) by x |
| `sinc(x)` | `sinc_slope(x)` |

Coefficients: `scripts/kernel_coefficients.py`.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import (
    PI_2_HIGH,
    PI_2_LOW,
    PI_4_HIGH,
    PI_4_LOW,
    TAN_PI_8,
    _atan_polynomial,
    sincos,
    sincos_turned,
)
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["acos", "asin", "atan2", "sinc", "sinc_slope", "tan"]

PI_HIGH = 3.141592653589793
PI_LOW = 1.2246467991473532e-16
TAN_3_PI_8 = 2.414213562373095
#: |x| below which `sinc` is 1.
NO_ANGLE = 1e-9
#: (asin(x) / x - 1) / x^2 in x^2, on |x| <= 1/2.
_asin_polynomial = polynomial(
    0.16666666666666666,
    0.07500000000000118,
    0.044642857142551895,
    0.03038194447553234,
    0.02237215744350722,
    0.017352816540325496,
    0.01396378001220357,
    0.011566459612121669,
    0.009621842970100282,
    0.009319560794767446,
    0.0030448799094556773,
    0.019554513336123378,
    -0.01924167174674304,
    0.02961201126495512,
)
#: d/dx [sin(pi x) / (pi x)] / x in x^2, on |x| <= 1/2.
_sinc_slope_polynomial = polynomial(
    -3.289868133696453,
    3.2469697011334144,
    -1.1445109447324986,
    0.2091827825409614,
    -0.023460810348857115,
    0.0017811454504394063,
    -9.766178312858364e-05,
    4.0481709751849e-06,
    -1.2767649554481104e-07,
)


@scalar
def tan(x):
    """Tangent.

    Parameters
    ----------
    x : float
        Angle in radians, |x| <= `elementary.SINCOS_MAX`; beyond it NaN.

    Returns
    -------
    float
        Within 5 ulp, near zeros and poles too.
    """
    sine, cosine = sincos(x)
    return sine / cosine


@scalar
def _near_asin(x):
    """(r, d): asin(x) = r + d for |x| <= 1/2; otherwise pi/2 - |asin(x)| = 2 (r + d).

    The rest d is a tenth of r at most.
    """
    a = math.fabs(x)
    far = a > 0.5
    half = 0.5 * (1.0 - a)
    r = math.sqrt(half) if far else x
    return r, r * ((half if far else x * x) * _asin_polynomial(half if far else x * x))


@scalar
def asin(x):
    """Arc sine.

    Parameters
    ----------
    x : float
        |x| <= 1, otherwise NaN.

    Returns
    -------
    float
        In [-pi / 2, pi / 2], within 2 ulp.
    """
    r, d = _near_asin(x)
    far = math.copysign(PI_2_HIGH - (2.0 * (r + d) - PI_2_LOW), x)
    return far if math.fabs(x) > 0.5 else r + d


@scalar
def acos(x):
    """Arc cosine.

    Parameters
    ----------
    x : float
        |x| <= 1, otherwise NaN.

    Returns
    -------
    float
        In [0, pi], within 2 ulp, near its zero at 1 too.
    """
    r, d = _near_asin(x)
    right = 2.0 * (r + d)
    left = PI_HIGH - (right - PI_LOW)
    middle = PI_2_HIGH - ((r - PI_2_LOW) + d)
    return middle if math.fabs(x) <= 0.5 else (right if x > 0.0 else left)


@scalar
def _angle_in_quadrant(a, b):
    """Arc tangent of a / b for a, b >= 0, not both 0 or infinite."""
    near = a <= TAN_PI_8 * b
    far = a > TAN_3_PI_8 * b
    numerator = a if near else (-b if far else a - b)
    denominator = b if near else (a if far else a + b)
    t = numerator / denominator
    high = 0.0 if near else (PI_2_HIGH if far else PI_4_HIGH)
    low = 0.0 if near else (PI_2_LOW if far else PI_4_LOW)
    z = t * t
    return high + (t - (t * z * _atan_polynomial(z) - low))


@scalar
def atan2(y, x):
    """Angle of the point (x, y) from the x axis.

    Parameters
    ----------
    y, x : float
        Any values; the signs of zeros count, as in numpy.

    Returns
    -------
    float
        In [-pi, pi], within 4 ulp; limits on the axes and of infinities.
    """
    a, b = math.fabs(y), math.fabs(x)
    huge = (a > 1e300) | (b > 1e300)
    a = 1e-10 * a if huge else a
    b = 1e-10 * b if huge else b
    both = (a == b) & ((a == 0.0) | (a == math.inf))
    none = both & (a == 0.0)
    angle = _angle_in_quadrant(
        0.0 if none else (1.0 if both else a), 1.0 if both else b
    )
    left = PI_HIGH - (angle - PI_LOW)
    return math.copysign(left if math.copysign(1.0, x) < 0.0 else angle, y)


@scalar
def sinc(x):
    """sin(pi x) / (pi x), as `numpy.sinc`.

    Parameters
    ----------
    x : float
        |x| <= 2**49, otherwise NaN.

    Returns
    -------
    float
        Within 4 ulp, near the zeros too; 1 at 0.
    """
    sine, _ = sincos_turned(x, 0.5, 0.0)
    return 1.0 if math.fabs(x) < NO_ANGLE else sine / (PI_HIGH * x)


@scalar
def sinc_slope(x):
    """Derivative (cos(pi x) - sinc(x)) / x of `sinc`.

    Parameters
    ----------
    x : float
        |x| <= 2**49, otherwise NaN.

    Returns
    -------
    float
        Within 3e-16, and 4 ulp for |x| < 1/2, where the form above cancels.
    """
    sine, cosine = sincos_turned(x, 0.5, 0.0)
    near = math.fabs(x) <= 0.5
    inside = x * _sinc_slope_polynomial(x * x)
    return inside if near else (cosine - sine / (PI_HIGH * x)) / x
