"""Special functions without branches: the Faddeeva function w and error functions.

The Faddeeva function w(z) = exp(-z^2) erfc(-i z), z = x + i y with y >= 0, is the Voigt
profile up to scale. A rational series is good relative to |w|; but far from the centre
Re w is |z| / y times smaller than |w|. So there are several forms, for a caller that
picks one by its parameter y, once for a whole block of points. `faddeeva_small_y`,
`faddeeva_with_derivative` and `faddeeva_large_y` give w and w' with relative accuracy
in each real and imaginary part, for y up to `FADDEEVA_SMALL_Y`, between, and for
|z| >= 8.

Outside |z| = 8 all three sum the asymptotic series of w' and take
w = (2 i / sqrt(pi) - w') / (2 z), the direction of w' = -2 z w + 2 i / sqrt(pi) in
which nothing cancels; Re w is then proportional to y term by term. Inside, the first
takes w = exp(-z^2) + 2 i D(z) / sqrt(pi) with a Taylor series in y of the Dawson
integral D, the second a polynomial in Z = (L + i z) / (L - i z), of Weideman's form but
fitted to |z| <= 8 alone.

Coefficients come from weighted least squares or Chebyshev interpolation, computed with
50 digits and rounded.

References
----------
Weideman, SIAM J. Numer. Anal. 31 (1994) 1497, eq. 38; Abramowitz & Stegun 7.1.20,
7.1.23; Shepherd & Laframboise, Math. Comp. 36 (1981) 249.
"""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul

from physfit.kernels.elementary import exp, exp_sum, square_parts
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import complex_polynomial, polynomial

__all__ = ["FADDEEVA_SMALL_Y", "erf", "erfc", "erfcx", "faddeeva_large_y"]
__all__ += ["faddeeva_small_y", "faddeeva_with_derivative"]

ONE_OVER_ROOT_PI = 0.5641895835477563
TWO_OVER_ROOT_PI = 1.1283791670955126

#: Upper end of the domain of `faddeeva_small_y`.
FADDEEVA_SMALL_Y = 0.002
#: |z|^2 from which the asymptotic series is summed.
FAR_SQUARED = 64.0
#: Sum of (2 k + 1)!! v^k.
_asymptotic_series = complex_polynomial(*accumulate(range(1, 24, 2), mul))
#: w as a polynomial in Z with L = `INSIDE_LENGTH`, for |z| <= 8, y >= 0, to 5e-15 |w|.
INSIDE_LENGTH = 5.5
_inside_polynomial = complex_polynomial(
    0.10096221839949909,
    0.19574241171124868,
    0.1782701060975981,
    0.1524337025107786,
    0.12223461577791968,
    0.09176611410933386,
    0.06434674890009486,
    0.04201021933290996,
    0.025429177625117153,
    0.014190075992296982,
    0.007242744825810445,
    0.0033435683366672755,
    0.001372464609369968,
    0.00048689339193680583,
    0.00014123649355055434,
    2.894080550016119e-05,
    1.4955837994877505e-06,
    -1.800713385630081e-06,
    -8.414851959889916e-07,
    -1.4739124877964134e-07,
    2.8140750961384437e-08,
    2.461966025922622e-08,
    4.1987009498045975e-09,
    -8.936074771652158e-10,
    -1.118861879420742e-09,
    1.2219829839304256e-10,
    -5.38100188222511e-11,
    1.0945965922299858e-10,
    -4.931226493958994e-11,
    1.7432201973669645e-11,
    -9.119072370096677e-12,
    3.481285260555804e-12,
    -5.794913038287625e-13,
)
#: D(x) / x = P(x^2) / Q(x^2) for |x| <= 8, to 2e-15.
_dawson_numerator = polynomial(
    0.9999999999999996,
    -0.000806769725063988,
    0.040729614883708846,
    0.002746044429412323,
    0.0005447838505290639,
    4.434178164396331e-05,
    3.967619483254194e-06,
    2.6789573646466375e-07,
    1.605370007253034e-08,
    8.136779857533909e-10,
    3.480931298329206e-11,
    1.320658299362571e-12,
    3.29402212338372e-14,
    1.1558479473888686e-15,
)
_dawson_denominator = polynomial(
    1.0,
    0.6658598969415245,
    0.21796954617947203,
    0.046686912212335875,
    0.00734514540326016,
    0.0009030502937771311,
    9.008889181103952e-05,
    7.470821528450144e-06,
    5.2305746488536e-07,
    3.117902451427213e-08,
    1.5921557621862005e-09,
    6.825222167324837e-11,
    2.6072861772987972e-12,
    6.472432898618749e-14,
    2.3116963896536123e-15,
)
#: (1 + 2 x) erfcx(x) in t = (x - 4) / (x + 4), for x >= 0.
_erfcx_polynomial = polynomial(
    1.2329951186255526,
    -0.13962111684056228,
    0.015379652102619974,
    0.06809705425466839,
    -0.10103906603631811,
    0.09373283499911264,
    -0.06633036581186058,
    0.037167515526338006,
    -0.01619773406293477,
    0.005031970069102256,
    -0.0007577732435942576,
    -0.0001992571524726518,
    0.00015062142608651945,
    -2.4397731143023292e-05,
    -1.1221135665965907e-05,
    5.70657829924074e-06,
    2.9173425573089733e-07,
    -8.210647933297337e-07,
    7.771943241086912e-08,
    1.0631817593818149e-07,
    -2.0725802488181963e-08,
    -1.2338731403798444e-08,
    3.2323973445082033e-09,
    9.297625263709659e-10,
    -2.764120233734578e-10,
)
#: erf(x) / x in x^2, for |x| <= 1.
_erf_polynomial = polynomial(
    1.1283791670955126,
    -0.37612638903183543,
    0.11283791670944997,
    -0.026866170643236143,
    0.00522397760710251,
    -0.0008548325974698299,
    0.00012055294883501286,
    -1.492473648590296e-05,
    1.6447419370488171e-06,
    -1.6208442020927564e-07,
    1.3719880012236024e-08,
    -7.795547647493875e-10,
)


@scalar
def faddeeva_large_y(x, y):
    """Faddeeva function and its derivative for |z| >= 8, from the asymptotic series.

    Parameters
    ----------
    x, y : float
        Real and imaginary part of z, y >= 0, 64 <= x^2 + y^2 < 1e300. For smaller |z|
        the numbers are finite and meaningless.

    Returns
    -------
    tuple of float
        (Re w, Im w, Re w', Im w') with w' = dw/dz. The error is below 1e-14 |w| and
        1e-12 |w'|, 1e-13 of Re w and 2e-11 of Re w', for y so large that
        exp(-x^2) does not show in Re w.
    """
    squared = x * x + y * y
    inverse = 1.0 / (squared if squared > FAR_SQUARED else FAR_SQUARED)
    z_re = x * inverse
    z_im = y * inverse
    v_re = 0.5 * (z_re * z_re - z_im * z_im)
    v_im = -z_re * z_im
    a, b = _asymptotic_series(v_re, v_im)
    t_re = v_re * (a - v_re * b) - v_im * v_im * b
    t_im = v_im * a
    return (
        ONE_OVER_ROOT_PI * ((1.0 + t_re) * z_im - t_im * z_re),
        ONE_OVER_ROOT_PI * ((1.0 + t_re) * z_re + t_im * z_im),
        TWO_OVER_ROOT_PI * t_im,
        -TWO_OVER_ROOT_PI * t_re,
    )


@scalar
def _faddeeva_inside(x, y):
    """w(x + i y) to 6e-15 |w| for |z| <= 8, y >= 0; beyond, anything."""
    real = INSIDE_LENGTH + y
    d = 1.0 / (real * real + x * x)
    z_re = ((INSIDE_LENGTH - y) * real - x * x) * d
    z_im = 2.0 * INSIDE_LENGTH * x * d
    a, b = _inside_polynomial(z_re, z_im)
    return a - z_re * b, z_im * b


@scalar
def faddeeva_with_derivative(x, y):
    """Faddeeva function and its derivative for y >= `FADDEEVA_SMALL_Y`.

    Parameters
    ----------
    x, y : float
        Real and imaginary part of z, |z| < 1e150. Smaller y costs relative accuracy of
        Re w and Re w' in proportion.

    Returns
    -------
    tuple of float
        (Re w, Im w, Re w', Im w') with w' = dw/dz. The error is below 1e-14 |w|,
        5e-12 |w'|, 5e-11 of Re w and 5e-9 of Re w'.
    """
    inside = y if y >= 0.0 else math.nan
    w_re, w_im = _faddeeva_inside(x, inside)
    far_re, far_im, far_d_re, far_d_im = faddeeva_large_y(x, inside)
    d_re = -2.0 * (x * w_re - y * w_im)
    d_im = TWO_OVER_ROOT_PI - 2.0 * (x * w_im + y * w_re)
    far = x * x + y * y > FAR_SQUARED
    return (
        far_re if far else w_re,
        far_im if far else w_im,
        far_d_re if far else d_re,
        far_d_im if far else d_im,
    )


@scalar
def _dawson_inside(x):
    """Dawson's integral D(x) for |x| <= 8, to 3e-15; beyond, anything."""
    s = x * x
    return x * (_dawson_numerator(s) / _dawson_denominator(s))


@scalar
def _dawson_near_axis(x, y):
    """Real and imaginary part of 2 i D(x + i y) / sqrt(pi), |x| <= 8, y <= 0.002."""
    d0 = _dawson_inside(x)
    d1 = 1.0 - 2.0 * x * d0
    d2 = -2.0 * (d0 + x * d1)
    d3 = -2.0 * (2.0 * d1 + x * d2)
    d4 = -2.0 * (3.0 * d2 + x * d3)
    s = y * y
    return (
        TWO_OVER_ROOT_PI * y * (s * d3 * (1.0 / 6.0) - d1),
        TWO_OVER_ROOT_PI * (d0 - s * (0.5 * d2 - s * d4 * (1.0 / 24.0))),
    )


@scalar
def _gaussian_near_axis(x, y):
    """Real and imaginary part of exp(-(x + i y)^2) for y <= 0.002."""
    e = exp((y - x) * (y + x))
    t = 2.0 * x * y if math.fabs(x) < 30.0 else 0.0
    s = t * t
    cosine = 1.0 - s * (0.5 - s * (1.0 / 24.0 - s * (1.0 / 720.0)))
    sine = t * (1.0 - s * (1.0 / 6.0 - s * (1.0 / 120.0 - s * (1.0 / 5040.0))))
    return e * cosine, -e * sine


@scalar
def faddeeva_small_y(x, y):
    """Faddeeva function and its derivative for 0 <= y <= `FADDEEVA_SMALL_Y`.

    Parameters
    ----------
    x : float
        Real part of z, |x| < 1e150.
    y : float
        Imaginary part of z, 0 included; NaN outside [0, `FADDEEVA_SMALL_Y`].

    Returns
    -------
    tuple of float
        (Re w, Im w, Re w', Im w') with w' = dw/dz. The error is below 2e-14 |w|,
        5e-12 |w'|, 2e-12 of Re w (down to y = 0, until exp(-x^2) underflows) and 5e-11
        of Re w'.
    """
    inside = y if (y >= 0.0) & (y <= FADDEEVA_SMALL_Y) else math.nan
    g_re, g_im = _gaussian_near_axis(x, inside)
    h_re, h_im = _dawson_near_axis(x, inside)
    far_re, far_im, far_d_re, far_d_im = faddeeva_large_y(x, inside)
    far = x * x + y * y > FAR_SQUARED
    w_re = g_re + (far_re if far else h_re)
    w_im = g_im + (far_im if far else h_im)
    dg_re = -2.0 * (x * g_re - y * g_im)
    dg_im = -2.0 * (x * g_im + y * g_re)
    dh_re = -2.0 * (x * h_re - y * h_im)
    dh_im = TWO_OVER_ROOT_PI - 2.0 * (x * h_im + y * h_re)
    return (
        w_re,
        w_im,
        dg_re + (far_d_re if far else dh_re),
        dg_im + (far_d_im if far else dh_im),
    )


@scalar
def _erfcx_positive(x):
    """exp(x^2) erfc(x) for x >= 0."""
    t = (x - 4.0) / (x + 4.0) if x < 1e300 else 1.0
    return _erfcx_polynomial(t) / (1.0 + 2.0 * x)


@scalar
def erfcx(x):
    """Scaled complementary error function exp(x^2) erfc(x).

    Parameters
    ----------
    x : float
        Any value; below -26.63 the result is inf.

    Returns
    -------
    float
        Within 4 ulp.
    """
    a = math.fabs(x)
    positive = _erfcx_positive(a)
    high, low = square_parts(40.0 if a > 40.0 else a)
    return positive if x >= 0.0 else 2.0 * exp_sum(high, low) - positive


@scalar
def erfc(x):
    """Complementary error function 1 - erf(x).

    Parameters
    ----------
    x : float
        Any value.

    Returns
    -------
    float
        Within 5 ulp, to where it leaves the normal numbers (x = 26.5); then gradual
        underflow.
    """
    a = math.fabs(x)
    high, low = square_parts(40.0 if a > 40.0 else a)
    tail = exp_sum(-high, -low) * _erfcx_positive(a)
    return tail if x >= 0.0 else 2.0 - tail


@scalar
def erf(x):
    """Error function.

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
    inside = x * _erf_polynomial(a * a)
    return inside if a < 1.0 else math.copysign(1.0 - erfc(a), x)
