"""The real branches of Lambert's W, the inverse of w exp(w), without branches.

Near the branch point -1 / e both are polynomials in p = sqrt(2 (e x + 1)), with e x + 1
from 1 / e in two parts. Elsewhere a start of two digits is improved by two or three
steps of fourth order.

Derivatives, by the names of this module, with w the value:

| function | derivative |
|---|---|
| `lambert_w0(x)` | exp(-w) / (1 + w) |
| `lambert_wm1(x)` | w / (x (1 + w)) |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Corless, Gonnet, Hare, Jeffrey & Knuth, Adv. Comput. Math. 5 (1996) 329; Fritsch,
Shafer & Crowley, Comm. ACM 16 (1973) 123 (the step).
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import log, log1p
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["lambert_w0", "lambert_wm1"]

#: 1 / e in two parts, and 2 e.
INV_E_HIGH = 0.36787944117144233
INV_E_LOW = -1.2428753672788363e-17
TWO_E = 5.43656365691809
#: x up to which the polynomials serve: p = 0.8.
NEAR = -0.2501
#: W of both branches in p / 0.4 - 1, for p in [0, 0.8].
_w0_polynomial = polynomial(
    -0.6452242304554526,
    0.3162924846544136,
    -0.03286600750117552,
    0.004692772660325514,
    -0.0007620458901140215,
    0.00013270419717452325,
    -2.4147095649919982e-05,
    4.5284092887671115e-06,
    -8.681164728919777e-07,
    1.692320029400355e-07,
    -3.3427800889010255e-08,
    6.673284426634052e-09,
    -1.3439657191974113e-09,
    2.729349828956382e-10,
    -5.572135749003469e-11,
    1.1188935767796549e-11,
    -2.3065896369842787e-12,
    6.015812533257632e-13,
    -1.2517806931144998e-13,
)
_wm1_polynomial = polynomial(
    -1.4657458011640392,
    -0.5473206899746969,
    -0.10184864630366279,
    -0.02607316504585948,
    -0.0075885195515026085,
    -0.0023676120433313787,
    -0.000771639571995978,
    -0.00025913383459221526,
    -8.894332586748652e-05,
    -3.103980018014843e-05,
    -1.097492753174067e-05,
    -3.921661036696346e-06,
    -1.4135547920186007e-06,
    -5.131573840977126e-07,
    -1.8747760732899579e-07,
    -6.904209463476973e-08,
    -2.5478920140483584e-08,
    -9.172994226902902e-09,
    -3.4090720084659958e-09,
    -1.5343356626659386e-09,
    -5.753180728747945e-10,
    -5.0775294653915305e-11,
    -1.8601103128177522e-11,
    -6.700941107553115e-11,
    -2.5379695567017956e-11,
)


@scalar
def _near_variable(x):
    """p / 0.4 - 1; NaN below the branch point."""
    square = TWO_E * ((x + INV_E_HIGH) + INV_E_LOW)
    at_point = x == -INV_E_HIGH
    return math.sqrt(0.0 if at_point else square) / 0.4 - 1.0


@scalar
def _improved(w, x):
    """Step of fourth order to the solution of w exp(w) = x."""
    z = log(x / w) - w
    q = 2.0 * (1.0 + w) * (1.0 + w + 0.6666666666666666 * z)
    return w * (1.0 + z / (1.0 + w) * (q - z) / (q - 2.0 * z))


@scalar
def lambert_w0(x):
    """Principal branch of Lambert's W.

    Parameters
    ----------
    x : float
        x >= -1 / e, otherwise NaN.

    Returns
    -------
    float
        In [-1, inf), within 6 ulp.
    """
    near = _w0_polynomial(_near_variable(x))
    far = NEAR if x < NEAR else x
    bounded = 1e300 if far > 1e300 else far
    start = log1p(bounded)
    w = start * (1.0 - log1p(start) / (2.0 + start))
    w = _improved(_improved(w, far), far)
    w = x if math.fabs(x) < 1e-20 else w
    w = math.inf if x == math.inf else w
    return near if x < NEAR else w


@scalar
def lambert_wm1(x):
    """Branch -1 of Lambert's W.

    Parameters
    ----------
    x : float
        -1 / e <= x < 0, otherwise NaN; -inf at 0.

    Returns
    -------
    float
        At most -1, within 6 ulp.
    """
    near = _wm1_polynomial(_near_variable(x))
    far = NEAR if x < NEAR else x
    first = log(-far)
    second = log(-first)
    w = first - second + second / first
    w = _improved(_improved(_improved(w, far), far), far)
    w = -math.inf if x == 0.0 else w
    return near if x < NEAR else w
