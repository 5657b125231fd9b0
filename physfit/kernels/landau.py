"""Landau's distribution of energy losses, by polynomials in three variables.

The density phi(x) = 1 / pi times the integral of exp(-t log(t) - x t) sin(pi t) over
t > 0 is

* for x < -1: sqrt(u / (2 pi)) exp(-u) H(1 / u) with u = exp(-1 - x), where the path of
  the integral through its saddle point, t = -u, leaves a function H of 1 / u alone;
* for x > 4: K(1 / w) / w^2 with x = w + log(w), since t = s / w makes the exponent -s -
  s log(s) / w; two steps of fourth order find w;
* a polynomial between.

It is a point function and no formula because no elementary function is near it.
Coefficients: `scripts/kernel_coefficients.py`.

References
----------
L. Landau, J. Phys. USSR 8 (1944) 201; K. S. Koelbig, B. Schorr, Comput. Phys. Commun.
31 (1984) 97, whose DENLAN is good to 1e-7.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, log
from physfit.kernels.kernel import scalar
from physfit.kernels.lineshapes import positive
from physfit.kernels.polynomials import polynomial

__all__ = ["landau", "landau_density"]

#: Where the density is largest.
MODE = -0.2227829812564085
TWO_PI = 2.0 * math.pi
#: 1 / w at x = 4, a little more; H and K in variables from -1 to 1.
RIGHT_END = 0.3425
_LEFT = (
    1.017587180931679,
    0.015324233340057525,
    -0.0016655526242665742,
    0.0003865191547725297,
    -0.00012312830633110202,
    4.706199844187588e-05,
    -2.0297520479900467e-05,
    9.550656004688178e-06,
    -4.801597447392572e-06,
    2.5371199946552576e-06,
    -1.4012043713733572e-06,
    8.648586945493954e-07,
    -5.237385588203219e-07,
    -6.487309736774716e-08,
    1.0722040101629857e-07,
    1.5991943994624124e-06,
    -1.2759725872279386e-06,
    -4.433808611146997e-06,
    3.5956286907467265e-06,
    9.845081330039813e-06,
    -7.963435832234075e-06,
    -1.5671250340711048e-05,
    1.267697473953368e-05,
    1.805859175380966e-05,
    -1.4599949580228673e-05,
    -1.4615694113944568e-05,
    1.1810641425144104e-05,
    7.9136055679321e-06,
    -6.390211179607726e-06,
    -2.5770170175685415e-06,
    2.079125331917654e-06,
    3.8490487498663865e-07,
    -3.1009892122203837e-07,
)
_MIDDLE = (
    0.12422109407147186,
    -0.10205180449134016,
    0.022682117546766408,
    0.03183828203119816,
    -0.04249109979378633,
    0.02768301485902905,
    -0.009278400484228512,
    -0.0019887681324665648,
    0.005414777696124531,
    -0.004418404709466541,
    0.002260089549612646,
    -0.0006089649523860631,
    -0.00018216118038544163,
    0.0003637621245253585,
    -0.0002754559111069951,
    0.00013854574123077946,
    -4.224342815031911e-05,
    -2.9755839284189036e-06,
    1.494322954640468e-05,
    -1.2412241623090824e-05,
    6.709377044083293e-06,
    -2.5174980861014293e-06,
    4.99452677801901e-07,
    3.0923282780975985e-07,
    -5.484944151583014e-07,
    3.1098138255987335e-07,
    5.436137131454153e-09,
    -1.142730648301997e-08,
    -7.497707750396442e-08,
    2.1024527864747946e-08,
    3.633196102697523e-08,
    -1.654700910007958e-08,
    -4.049806793000991e-09,
    2.4397902024179267e-09,
)
_RIGHT = (
    0.6751630299745129,
    -0.2784890258789018,
    0.06465065867499518,
    -0.0013027129655761433,
    -0.008731745357498507,
    0.006256373208431269,
    -0.003060090491790469,
    0.001195238215600449,
    -0.00036631184578154845,
    6.698107142496242e-05,
    1.4992203673783202e-05,
    -2.4484041111424525e-05,
    1.6829984843524533e-05,
    -8.941961317959828e-06,
    4.033396149786808e-06,
    -1.5517983011593292e-06,
    4.869637708284021e-07,
    -1.1200114816202846e-07,
    -1.1302515493436224e-08,
    5.6240316652747406e-08,
    -3.7858683333873954e-08,
    3.5542322836758875e-10,
    5.091944269917607e-10,
    1.1109170556276988e-08,
    -5.620925898884956e-09,
    -1.3439002609740645e-09,
    9.801650170208235e-10,
)


def _slope(table):
    """Polynomial that is the derivative of another."""
    return polynomial(*(k * c for k, c in enumerate(table) if k))


_left_polynomial, _left_slope = polynomial(*_LEFT), _slope(_LEFT)
_middle_polynomial, _middle_slope = polynomial(*_MIDDLE), _slope(_MIDDLE)
_right_polynomial, _right_slope = polynomial(*_RIGHT), _slope(_RIGHT)


@scalar
def _left(x):
    """Density and slope for x < -1."""
    u = exp(-1.0 - x if x > -8.0 else 7.0)  # beyond, exp(-u) is 0
    v = 1.0 / u
    t = 2.0 * v - 1.0
    size = exp(-u) * math.sqrt(u / TWO_PI)
    value = size * _left_polynomial(t)
    return value, value * (u - 0.5) + size * (2.0 * v) * _left_slope(t)


@scalar
def _middle(x):
    """Density and slope for x from -1 to 4."""
    t = (x - 1.5) / 2.5
    return _middle_polynomial(t), _middle_slope(t) / 2.5


@scalar
def _closer(w, x):
    """A better solution of w + log(w) = x."""
    rest = x - w - log(w)
    one = 1.0 + w
    square = 2.0 * one * (one + rest * (2.0 / 3.0))
    return w * (1.0 + rest / one * ((square - rest) / (square - 2.0 * rest)))


@scalar
def _right(x):
    """Density and slope for x > 4."""
    start = x - log(x)
    e = 1.0 / _closer(_closer(start, x), x)
    t = e * (2.0 / RIGHT_END) - 1.0
    k = _right_polynomial(t)
    slope = _right_slope(t) * (2.0 / RIGHT_END)
    return e * e * k, -(e * e) / (1.0 + e) * (e * (2.0 * k + e * slope))


@scalar
def landau_density(x):
    """Landau's density phi(x) and its slope.

    Parameters
    ----------
    x : float
        Any value.

    Returns
    -------
    tuple of float
        Errors below 1e-15 of the largest value and 1e-13 of the largest slope; for x >
        -1 also of the value itself.
    """
    middle, middle_slope = _middle(x)
    left, left_slope = _left(x if x < -1.0 else -1.0)
    right, right_slope = _right(x if x > 4.0 else 4.0)
    value = left if x < -1.0 else middle
    slope = left_slope if x < -1.0 else middle_slope
    return right if x > 4.0 else value, right_slope if x > 4.0 else slope


@scalar
def landau(x, amplitude, center, sigma):
    """Landau distribution of area `amplitude` with its maximum at `center`.

    ``amplitude / sigma phi((x - center) / sigma + mode)``, with partials.

    Parameters
    ----------
    x, center : float
        Position and most probable value, in one unit.
    amplitude : float
        Area.
    sigma : float
        Width, in the unit of x; `sigma > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, center, sigma), to 1e-14 and 1e-12 of the largest.
    """
    inverse = 1.0 / positive(sigma)
    z = (x - center) * inverse
    density, slope = landau_density(z + MODE)
    shape = density * inverse
    scale = amplitude * inverse * inverse
    return amplitude * shape, shape, -scale * slope, -scale * (density + z * slope)
