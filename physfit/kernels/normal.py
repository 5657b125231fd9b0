"""The normal distribution's integral, its logarithm, and the inverse of erf.

Derivatives, by the names of this module and of `special`:

| function | derivative |
|---|---|
| `ndtr(x)` | exp(-x^2 / 2) / sqrt(2 pi) |
| `log_ndtr(x)` | sqrt(2 / pi) / `erfcx(-x / sqrt(2))` |
| `erfinv(x)` | sqrt(pi) / 2 exp(`erfinv(x)`^2) |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Giles, GPU Computing Gems (2011), chapter 10 (the variable of `erfinv`).
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp_sum, log, log1p, square_parts
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial
from physfit.kernels.special import erfcx

__all__ = ["erfinv", "log_ndtr", "ndtr"]

ROOT_HALF = 0.7071067811865476
#: erfinv(x) / x in w = -log(1 - x^2): in 2 w / 5 - 1 for w <= 5, and in two pieces of
#: sqrt(w), up to 4 and beyond.
_erfinv_centre_polynomial = polynomial(
    1.501409351110792,
    0.6166006918604174,
    -0.026108235777397543,
    -0.019573561059544792,
    0.008525400950935687,
    -0.0004878983983917288,
    -0.0008341356436271004,
    0.0002921906859257542,
    2.0472417315275435e-05,
    -4.143207668932324e-05,
    8.652724322500236e-06,
    2.851674019404679e-06,
    -1.8538776642620877e-06,
    1.3577878098667184e-07,
    1.995526106184873e-07,
    -7.080444183999584e-08,
    -6.724038453487156e-09,
    1.0935753034594136e-08,
    -1.9762052212105254e-09,
    -9.028645000045472e-10,
    4.4151204081829204e-10,
    9.517478602163609e-12,
    -3.826143979641102e-11,
    5.054070705670798e-12,
)
_erfinv_middle_polynomial = polynomial(
    2.933231672208679,
    0.9030205044313406,
    0.006042673283660426,
    -0.0041528216025506345,
    0.0027040513603435695,
    -0.001602124353313658,
    0.0006996075842617969,
    -0.00014711391229399177,
    -5.2446114216531556e-05,
    5.8443301951247056e-05,
    -2.0556485356163427e-05,
    -4.856350880770664e-07,
    3.809567975429961e-06,
    -1.659671509433564e-06,
    1.2954269521577946e-07,
    2.008324164853077e-07,
    -1.0877853102324988e-07,
    1.86869510069509e-08,
    8.163467945380872e-09,
    -6.6753783338578814e-09,
    1.52951001979967e-09,
    3.8159775954294725e-10,
    -2.7189347167086025e-10,
    3.68342794460373e-11,
)
_erfinv_tail_polynomial = polynomial(
    4.90042105144364,
    1.0607992684776597,
    -0.00018726854587129598,
    -0.00023188618667802172,
    8.659304863718003e-05,
    -2.345108266549917e-05,
    5.620165321815856e-06,
    -1.2763533575017917e-06,
    2.9788166511826694e-07,
    -8.525118683934475e-08,
    3.5551982126830075e-08,
    -1.9082906671391354e-08,
    1.0410035542122285e-08,
    -5.0930995452669106e-09,
    2.1009534054265655e-09,
    -6.837673652307989e-10,
    1.4596382804295303e-10,
    6.057085294576141e-12,
    -2.5624713597899832e-11,
    1.2670920667164293e-11,
    -2.4235437699123474e-12,
)


@scalar
def _ndtr_tail(a):
    """Integral beyond a >= 0."""
    high, low = square_parts(60.0 if a > 60.0 else a)
    return 0.5 * exp_sum(-0.5 * high, -0.5 * low) * erfcx(ROOT_HALF * a)


@scalar
def ndtr(x):
    """Integral of the normal distribution up to x.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        In [0, 1], within 7 ulp until it underflows at x = -37.5.
    """
    tail = _ndtr_tail(math.fabs(x))
    return tail if x < 0.0 else 1.0 - tail


@scalar
def log_ndtr(x):
    """Logarithm of `ndtr`.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        At most 0, within 7 ulp until it underflows at x = 37.5.
    """
    a = math.fabs(x)
    scaled = 0.5 * erfcx(ROOT_HALF * a)
    left = log(scaled if x < 0.0 else 0.5) - 0.5 * x * x
    left = -math.inf if x == -math.inf else left
    return left if x < 0.0 else log1p(-_ndtr_tail(a))


@scalar
def erfinv(x):
    """Inverse of the error function.

    Parameters
    ----------
    x : float
        |x| <= 1, otherwise NaN; infinite at the ends.

    Returns
    -------
    float
        Within 5 ulp.
    """
    a = math.fabs(x)
    w = -log1p(-a * a) if a < 0.5 else -log((1.0 - a) * (1.0 + a))
    root = math.sqrt(w)
    centre = _erfinv_centre_polynomial(0.4 * w - 1.0)
    middle = _erfinv_middle_polynomial((root - 3.1) / 0.9)
    tail = _erfinv_tail_polynomial((root - 5.05) / 1.05)
    value = x * (centre if w <= 5.0 else (middle if root <= 4.0 else tail))
    return math.copysign(math.inf, x) if a == 1.0 else value
