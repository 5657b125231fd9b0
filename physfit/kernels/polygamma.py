"""Derivatives of the logarithm of the gamma function, without branches.

On [1, 2] digamma is a polynomial times the distance from its zero; up to 8 it follows
by the recurrence, and from there on by its asymptotic series. The others take eight
steps of the recurrence, then the series, for any x. Negative arguments by reflection.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `digamma(x)` | `trigamma(x)` |
| `trigamma(x)` | `tetragamma(x)` |
| `tetragamma(x)` | `pentagamma(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 6.3.5, 6.3.7, 6.3.18, 6.4.6 to 6.4.14.
"""

from __future__ import annotations

import math

import numpy as np

from physfit.kernels.elementary import log, sincos_turned
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["digamma", "pentagamma", "tetragamma", "trigamma"]

PI = 3.141592653589793
#: Where the asymptotic series begins.
FAR = 8.0
#: The zero of digamma, less 1, in two parts.
ROOT_HIGH = 0.46163214496836236
ROOT_LOW = -1.5522348162858677e-17
#: digamma(1 + u) over the distance from its zero, in 2 u - 1.
_digamma_polynomial = polynomial(
    0.9510558760318328,
    -0.21181371064073024,
    0.06013562106019684,
    -0.018550615381739702,
    0.005936795278301875,
    -0.0019350666647392832,
    0.0006368880303847901,
    -0.00021074841284590126,
    6.99501882655044e-05,
    -2.325823275895313e-05,
    7.741234441368395e-06,
    -2.578133701610713e-06,
    8.589062683365892e-07,
    -2.8621216825577647e-07,
    9.543261570760428e-08,
    -3.1807298477301726e-08,
    1.0528133851878114e-08,
    -3.509235492410718e-09,
    1.2466690231864029e-09,
    -4.1555064115551965e-10,
    8.748420037436287e-11,
    -2.9161179626023815e-11,
    2.916093601085364e-11,
    -9.720300404202244e-12,
)
#: What is left of polygammas of order 0 to 3, times y^(order + 2), in 1 / y^2.
_digamma_rest_polynomial = polynomial(
    -0.08333333333333333,
    0.008333333333333273,
    -0.003968253968150779,
    0.0041666665982644955,
    -0.007575734736252119,
    0.021088476563015532,
    -0.08284662584146768,
    0.4103919397123186,
    -1.7723438848038762,
)
_trigamma_rest_polynomial = polynomial(
    0.16666666666666666,
    -0.0333333333333322,
    0.023809523807580096,
    -0.03333333204380414,
    0.07575714459070881,
    -0.25303182992145234,
    1.1574253415441726,
    -6.4640994255594775,
    30.16232499270368,
)
_tetragamma_rest_polynomial = polynomial(
    -0.5,
    0.16666666666666557,
    -0.16666666666432606,
    0.2999999980637883,
    -0.8333325152596037,
    3.2902760492089516,
    -17.469814296226847,
    117.68671970493088,
    -871.0177510734203,
    4688.674627610359,
)
_pentagamma_rest_polynomial = polynomial(
    2.0,
    -0.9999999999999755,
    1.3333333332812096,
    -2.99999995684883,
    9.999981745573443,
    -46.06219226221821,
    279.3231760920419,
    -2105.3170489958866,
    16948.704682621083,
    -96067.07830794719,
)


@scalar
def _whole(a):
    """Largest integer not above a."""
    return float(np.floor(a))


@scalar
def _digamma_of_size(a):
    """digamma(a) for a > 0."""
    u = a - _whole(a)
    small = ((u - ROOT_HIGH) - ROOT_LOW) * _digamma_polynomial(2.0 * u - 1.0)
    total = 1.0 / (1.0 + u) if a >= 2.0 else (0.0 if a >= 1.0 else -1.0 / a)
    total = total + 1.0 / (2.0 + u) if a >= 3.0 else total
    total = total + 1.0 / (3.0 + u) if a >= 4.0 else total
    total = total + 1.0 / (4.0 + u) if a >= 5.0 else total
    total = total + 1.0 / (5.0 + u) if a >= 6.0 else total
    total = total + 1.0 / (6.0 + u) if a >= 7.0 else total
    y = FAR if a < FAR else a
    w = 1.0 / y / y
    large = log(y) - (0.5 / y - w * _digamma_rest_polynomial(w))
    return small + total if a < FAR else large


@scalar
def digamma(x):
    """Derivative of `gammaln`.

    Parameters
    ----------
    x : float
        Any value; NaN at negative integers, infinite at 0.

    Returns
    -------
    float
        Within 6 ulp for x > 0, its zero included; absolute error below 1e-15
        (|pi cot(pi x)| + log(2 - x)) for x < 0.
    """
    a = math.fabs(x)
    value = _digamma_of_size(a)
    sine, cosine = sincos_turned(a, 0.5, 0.0)
    reflected = value + 1.0 / a + PI * cosine / sine
    reflected = math.nan if _whole(a) == a else reflected
    pole = math.copysign(math.inf, -x)
    return pole if x == 0.0 else (value if x > 0.0 else reflected)


@scalar
def _inverse_sums(a):
    """Sums of 1 / (a + k)^2, ^3 and ^4 over k = 7 to 1."""
    k, second, third, fourth = 7.0, 0.0, 0.0, 0.0
    for _ in range(7):
        inverse = 1.0 / (a + k)
        square = inverse * inverse
        second += square
        third += square * inverse
        fourth += square * square
        k -= 1.0
    return second, third, fourth


@scalar
def trigamma(x):
    """Derivative of `digamma`.

    Parameters
    ----------
    x : float
        Any value; inf at 0 and at negative integers.

    Returns
    -------
    float
        Within 8 ulp for x > 0, 20 ulp for x < 0.
    """
    a = math.fabs(x)
    total, _, _ = _inverse_sums(a)
    r = 1.0 / (a + FAR)
    w = r * r
    rest = r * (1.0 + r * (0.5 + r * _trigamma_rest_polynomial(w))) + total
    sine, _ = sincos_turned(a, 0.5, 0.0)
    scaled = PI / sine
    return rest + 1.0 / a / a if x >= 0.0 else scaled * scaled - rest


@scalar
def tetragamma(x):
    """Derivative of `trigamma`.

    Parameters
    ----------
    x : float
        Any value; -inf at 0 and NaN at negative integers.

    Returns
    -------
    float
        Within 8 ulp for x > 0; for x < 0 the error is below 1e-14 (1 + its size).
    """
    a = math.fabs(x)
    _, total, _ = _inverse_sums(a)
    r = 1.0 / (a + FAR)
    w = r * r
    series = w * (1.0 + r * (1.0 - r * _tetragamma_rest_polynomial(w)))
    rest = series + 2.0 * total
    sine, cosine = sincos_turned(a, 0.5, 0.0)
    scaled = PI / sine
    reflected = 2.0 * (cosine * scaled) * (scaled * scaled) - rest
    value = -(rest + 2.0 / a / a / a) if x >= 0.0 else reflected
    return math.nan if (x < 0.0) & (_whole(x) == x) else value


@scalar
def pentagamma(x):
    """Derivative of `tetragamma`.

    Parameters
    ----------
    x : float
        Any value; inf at 0 and at negative integers.

    Returns
    -------
    float
        Within 8 ulp for x > 0, 30 ulp for x < 0.
    """
    a = math.fabs(x)
    _, _, total = _inverse_sums(a)
    r = 1.0 / (a + FAR)
    w = r * r
    series = r * w * (2.0 + r * (3.0 + r * _pentagamma_rest_polynomial(w)))
    rest = series + 6.0 * total
    sine, cosine = sincos_turned(a, 0.5, 0.0)
    square = (PI / sine) * (PI / sine)
    reflected = 2.0 * square * square * (1.0 + 2.0 * cosine * cosine) - rest
    return rest + 6.0 / a / a / a / a if x >= 0.0 else reflected
