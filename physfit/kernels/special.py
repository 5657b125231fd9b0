"""Special functions without branches: Faddeeva w, error functions, elliptic K and E.

The Faddeeva function w(z) = exp(-z^2) erfc(-i z), z = x + i y with y >= 0, is the Voigt
profile up to scale. No single formula serves it, so there are several, for a caller
that picks one by its parameter y, once for a whole block of points:

- `faddeeva`: Weideman's rational series, a polynomial in Z = (L + i z) / (L - i z) with
  real coefficients, summed by a recurrence of two real terms. Good relative to |w| for
  every y >= 0; but far from the centre Re w is |z| / y times smaller than |w|.
- `faddeeva_small_y`, `faddeeva_with_derivative`, `faddeeva_large_y` give w and w' with
  relative accuracy in each real and imaginary part, for y up to `FADDEEVA_SMALL_Y`,
  between, and from `FADDEEVA_LARGE_Y` on; `faddeeva_regime` numbers them. Outside
  |z| = 8 all three sum the asymptotic series of w' and take
  w = (2 i / sqrt(pi) - w') / (2 z), the direction of w' = -2 z w + 2 i / sqrt(pi) in
  which nothing cancels; Re w is then proportional to y term by term. Inside, the first
  takes w = exp(-z^2) + 2 i D(z) / sqrt(pi) with a Taylor series in y of the Dawson
  integral D, the second a polynomial in Z as above, fitted to |z| <= 8 alone.

Coefficients: Fourier integrals (Weideman) and weighted least squares or Chebyshev
interpolation (all others), computed with 50 digits and rounded. The tables and the
unrolled sums, which the compiler needs to vectorise, make this module long.

References
----------
Weideman, SIAM J. Numer. Anal. 31 (1994) 1497, eq. 38; Abramowitz & Stegun 7.1.20,
7.1.23, 17.3.33 to 17.3.36; Shepherd & Laframboise, Math. Comp. 36 (1981) 249.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, exp_sum, log, square_parts
from physfit.kernels.registry import scalar

__all__ = [
    "FADDEEVA_LARGE_Y",
    "FADDEEVA_SMALL_Y",
    "ellipk_ellipe",
    "erf",
    "erfc",
    "erfcx",
    "faddeeva",
    "faddeeva_large_y",
    "faddeeva_regime",
    "faddeeva_small_y",
    "faddeeva_with_derivative",
]

ONE_OVER_ROOT_PI = 0.5641895835477563
TWO_OVER_ROOT_PI = 1.1283791670955126

#: Upper end of the domain of `faddeeva_small_y`.
FADDEEVA_SMALL_Y = 0.002
#: Lower end of the domain of `faddeeva_large_y`.
FADDEEVA_LARGE_Y = 8.0
#: |z|^2 from which the asymptotic series is summed.
FAR_SQUARED = 64.0
#: (2 k + 1)!!
ODD_FACTORIALS = (
    1.0,
    3.0,
    15.0,
    105.0,
    945.0,
    10395.0,
    135135.0,
    2027025.0,
    34459425.0,
    654729075.0,
    13749310575.0,
    316234143225.0,
)
#: Length L of Weideman's map; its best value for 36 terms.
WEIDEMAN_LENGTH = 5.3125
WEIDEMAN = (
    2.8962548955490437,
    2.6124420998165356,
    2.1976583246819446,
    1.7214428425113402,
    1.252620650755525,
    0.8439101758462513,
    0.5239938904205625,
    0.2979506221944591,
    0.15375808705484573,
    0.07106205228816075,
    0.028802549619032353,
    0.009865053565145164,
    0.0026349690384507877,
    0.00041864309395908553,
    -4.331454713268482e-05,
    -5.564617855586238e-05,
    -1.7480079407818427e-05,
    -8.761948755008512e-07,
    1.498032820922223e-06,
    5.744347884275211e-07,
    6.785282045035611e-09,
    -6.37884972788182e-08,
    -1.7455374011595676e-08,
    3.519273984336932e-09,
    2.9709184966985032e-09,
    1.631280155077161e-10,
    -3.5997270234326814e-10,
    -8.444485095047928e-11,
    3.6347016203227735e-11,
    1.7066731897438108e-11,
    -3.0670847244616987e-12,
    -2.851359742953738e-12,
    1.8009758965238477e-13,
    4.5017968256409563e-13,
    3.742010092650266e-15,
    -7.092475808776568e-14,
)
#: w as a polynomial in Z with L = `INSIDE_LENGTH`, for |z| <= 8, y >= 0, to 5e-15 |w|.
INSIDE_LENGTH = 5.5
INSIDE = (
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
DAWSON_P = (
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
DAWSON_Q = (
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
ERFCX = (
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
ERF = (
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
#: `ellipk_ellipe` is NaN beyond; a little above 1, so that rounding cannot matter.
ELLIPTIC_MAX = 1.000000001
#: K = P(m1) - log(m1) Q(m1), E = P(m1) - log(m1) m1 Q(m1).
ELLIPK_P = (
    1.386294361119896,
    0.09657359030542063,
    0.03088515761101262,
    0.01493910681192817,
    0.008819953977678121,
    0.006450528836729967,
    0.007608565069536776,
    0.010117883892361582,
    0.007188450028121394,
    0.0018197582425969656,
    9.897089961454355e-05,
)
ELLIPK_Q = (
    0.4999999999999995,
    0.12499999999659206,
    0.0703124976979475,
    0.04882778143216238,
    0.03736795923767975,
    0.02999553706061512,
    0.023275185412959594,
    0.014226164410431704,
    0.005014902667398558,
    0.0007037336973315711,
    2.0717211440396226e-05,
)
ELLIPE_P = (
    1.0,
    0.44314718056341595,
    0.05680519663271017,
    0.021832072456212215,
    0.011578005223101326,
    0.007678868027969429,
    0.008075519475168304,
    0.01087976088435375,
    0.00836542864309588,
    0.002299537661554124,
    0.0001347572273154218,
)
ELLIPE_Q = (
    0.2499999999996012,
    0.0937499993743107,
    0.0585936020951373,
    0.042715271611784275,
    0.03344050895516691,
    0.025935469667771056,
    0.016366105924794632,
    0.006098048029529408,
    0.0009117786748236139,
    2.856961147766024e-05,
)


@scalar
def faddeeva(x, y):
    """Real and imaginary part of the Faddeeva function w(x + i y).

    Parameters
    ----------
    x : float
        Real part of z, |x| < 1e150.
    y : float
        Imaginary part of z, 0 <= y < 1e150; NaN below 0.

    Returns
    -------
    tuple of float
        (Re w, Im w), error below 1e-14 |w|. For Re w relative to itself, or for w',
        use the variants by `faddeeva_regime`.
    """
    real = WEIDEMAN_LENGTH + (y if y >= 0.0 else math.nan)
    d = 1.0 / (real * real + x * x)
    inverse_re = real * d
    inverse_im = x * d
    rest = WEIDEMAN_LENGTH - y
    z_re = (rest * real - x * x) * d
    z_im = 2.0 * WEIDEMAN_LENGTH * inverse_im
    u = 2.0 * z_re
    v = z_re * z_re + z_im * z_im
    b = WEIDEMAN[35]
    a = WEIDEMAN[34] + u * b
    a, b = (WEIDEMAN[33] - v * b) + u * a, a
    a, b = (WEIDEMAN[32] - v * b) + u * a, a
    a, b = (WEIDEMAN[31] - v * b) + u * a, a
    a, b = (WEIDEMAN[30] - v * b) + u * a, a
    a, b = (WEIDEMAN[29] - v * b) + u * a, a
    a, b = (WEIDEMAN[28] - v * b) + u * a, a
    a, b = (WEIDEMAN[27] - v * b) + u * a, a
    a, b = (WEIDEMAN[26] - v * b) + u * a, a
    a, b = (WEIDEMAN[25] - v * b) + u * a, a
    a, b = (WEIDEMAN[24] - v * b) + u * a, a
    a, b = (WEIDEMAN[23] - v * b) + u * a, a
    a, b = (WEIDEMAN[22] - v * b) + u * a, a
    a, b = (WEIDEMAN[21] - v * b) + u * a, a
    a, b = (WEIDEMAN[20] - v * b) + u * a, a
    a, b = (WEIDEMAN[19] - v * b) + u * a, a
    a, b = (WEIDEMAN[18] - v * b) + u * a, a
    a, b = (WEIDEMAN[17] - v * b) + u * a, a
    a, b = (WEIDEMAN[16] - v * b) + u * a, a
    a, b = (WEIDEMAN[15] - v * b) + u * a, a
    a, b = (WEIDEMAN[14] - v * b) + u * a, a
    a, b = (WEIDEMAN[13] - v * b) + u * a, a
    a, b = (WEIDEMAN[12] - v * b) + u * a, a
    a, b = (WEIDEMAN[11] - v * b) + u * a, a
    a, b = (WEIDEMAN[10] - v * b) + u * a, a
    a, b = (WEIDEMAN[9] - v * b) + u * a, a
    a, b = (WEIDEMAN[8] - v * b) + u * a, a
    a, b = (WEIDEMAN[7] - v * b) + u * a, a
    a, b = (WEIDEMAN[6] - v * b) + u * a, a
    a, b = (WEIDEMAN[5] - v * b) + u * a, a
    a, b = (WEIDEMAN[4] - v * b) + u * a, a
    a, b = (WEIDEMAN[3] - v * b) + u * a, a
    a, b = (WEIDEMAN[2] - v * b) + u * a, a
    a, b = (WEIDEMAN[1] - v * b) + u * a, a
    a, b = (WEIDEMAN[0] - v * b) + u * a, a
    p_re = 2.0 * (a - z_re * b)
    p_im = 2.0 * z_im * b
    s_re = (p_re * inverse_re - p_im * inverse_im) + ONE_OVER_ROOT_PI
    s_im = p_re * inverse_im + p_im * inverse_re
    return (
        s_re * inverse_re - s_im * inverse_im,
        s_re * inverse_im + s_im * inverse_re,
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
    u = 2.0 * v_re
    v = v_re * v_re + v_im * v_im
    b = ODD_FACTORIALS[11]
    a = ODD_FACTORIALS[10] + u * b
    a, b = (ODD_FACTORIALS[9] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[8] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[7] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[6] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[5] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[4] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[3] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[2] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[1] - v * b) + u * a, a
    a, b = (ODD_FACTORIALS[0] - v * b) + u * a, a
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
    u = 2.0 * z_re
    v = z_re * z_re + z_im * z_im
    b = INSIDE[32]
    a = INSIDE[31] + u * b
    a, b = (INSIDE[30] - v * b) + u * a, a
    a, b = (INSIDE[29] - v * b) + u * a, a
    a, b = (INSIDE[28] - v * b) + u * a, a
    a, b = (INSIDE[27] - v * b) + u * a, a
    a, b = (INSIDE[26] - v * b) + u * a, a
    a, b = (INSIDE[25] - v * b) + u * a, a
    a, b = (INSIDE[24] - v * b) + u * a, a
    a, b = (INSIDE[23] - v * b) + u * a, a
    a, b = (INSIDE[22] - v * b) + u * a, a
    a, b = (INSIDE[21] - v * b) + u * a, a
    a, b = (INSIDE[20] - v * b) + u * a, a
    a, b = (INSIDE[19] - v * b) + u * a, a
    a, b = (INSIDE[18] - v * b) + u * a, a
    a, b = (INSIDE[17] - v * b) + u * a, a
    a, b = (INSIDE[16] - v * b) + u * a, a
    a, b = (INSIDE[15] - v * b) + u * a, a
    a, b = (INSIDE[14] - v * b) + u * a, a
    a, b = (INSIDE[13] - v * b) + u * a, a
    a, b = (INSIDE[12] - v * b) + u * a, a
    a, b = (INSIDE[11] - v * b) + u * a, a
    a, b = (INSIDE[10] - v * b) + u * a, a
    a, b = (INSIDE[9] - v * b) + u * a, a
    a, b = (INSIDE[8] - v * b) + u * a, a
    a, b = (INSIDE[7] - v * b) + u * a, a
    a, b = (INSIDE[6] - v * b) + u * a, a
    a, b = (INSIDE[5] - v * b) + u * a, a
    a, b = (INSIDE[4] - v * b) + u * a, a
    a, b = (INSIDE[3] - v * b) + u * a, a
    a, b = (INSIDE[2] - v * b) + u * a, a
    a, b = (INSIDE[1] - v * b) + u * a, a
    a, b = (INSIDE[0] - v * b) + u * a, a
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
    p = DAWSON_P[12] + s * DAWSON_P[13]
    p = DAWSON_P[11] + s * p
    p = DAWSON_P[10] + s * p
    p = DAWSON_P[9] + s * p
    p = DAWSON_P[8] + s * p
    p = DAWSON_P[7] + s * p
    p = DAWSON_P[6] + s * p
    p = DAWSON_P[5] + s * p
    p = DAWSON_P[4] + s * p
    p = DAWSON_P[3] + s * p
    p = DAWSON_P[2] + s * p
    p = DAWSON_P[1] + s * p
    p = DAWSON_P[0] + s * p
    q = DAWSON_Q[13] + s * DAWSON_Q[14]
    q = DAWSON_Q[12] + s * q
    q = DAWSON_Q[11] + s * q
    q = DAWSON_Q[10] + s * q
    q = DAWSON_Q[9] + s * q
    q = DAWSON_Q[8] + s * q
    q = DAWSON_Q[7] + s * q
    q = DAWSON_Q[6] + s * q
    q = DAWSON_Q[5] + s * q
    q = DAWSON_Q[4] + s * q
    q = DAWSON_Q[3] + s * q
    q = DAWSON_Q[2] + s * q
    q = DAWSON_Q[1] + s * q
    q = DAWSON_Q[0] + s * q
    return x * (p / q)


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
def faddeeva_regime(y):
    """Which function gives w and w' at this y.

    0: `faddeeva_small_y`, 1: `faddeeva_with_derivative`, 2: `faddeeva_large_y`.
    """
    if y <= FADDEEVA_SMALL_Y:
        return 0
    return 2 if y >= FADDEEVA_LARGE_Y else 1


@scalar
def _erfcx_positive(x):
    """exp(x^2) erfc(x) for x >= 0."""
    t = (x - 4.0) / (x + 4.0) if x < 1e300 else 1.0
    p = ERFCX[23] + t * ERFCX[24]
    p = ERFCX[22] + t * p
    p = ERFCX[21] + t * p
    p = ERFCX[20] + t * p
    p = ERFCX[19] + t * p
    p = ERFCX[18] + t * p
    p = ERFCX[17] + t * p
    p = ERFCX[16] + t * p
    p = ERFCX[15] + t * p
    p = ERFCX[14] + t * p
    p = ERFCX[13] + t * p
    p = ERFCX[12] + t * p
    p = ERFCX[11] + t * p
    p = ERFCX[10] + t * p
    p = ERFCX[9] + t * p
    p = ERFCX[8] + t * p
    p = ERFCX[7] + t * p
    p = ERFCX[6] + t * p
    p = ERFCX[5] + t * p
    p = ERFCX[4] + t * p
    p = ERFCX[3] + t * p
    p = ERFCX[2] + t * p
    p = ERFCX[1] + t * p
    p = ERFCX[0] + t * p
    return p / (1.0 + 2.0 * x)


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
    s = a * a
    p = ERF[10] + s * ERF[11]
    p = ERF[9] + s * p
    p = ERF[8] + s * p
    p = ERF[7] + s * p
    p = ERF[6] + s * p
    p = ERF[5] + s * p
    p = ERF[4] + s * p
    p = ERF[3] + s * p
    p = ERF[2] + s * p
    p = ERF[1] + s * p
    p = ERF[0] + s * p
    return x * p if a < 1.0 else math.copysign(1.0 - erfc(a), x)


@scalar
def ellipk_ellipe(m1):
    """Complete elliptic integrals K and E by the complementary parameter.

    Parameters
    ----------
    m1 : float
        1 - m = 1 - k^2 = k'^2 in [0, 1]; the caller computes it without cancellation,
        for K diverges as log(16 / m1) / 2. NaN outside; K(0) = inf.

    Returns
    -------
    tuple of float
        (K, E), relative error below 2e-15.
    """
    lg = log(m1 if m1 > 0.0 else 1.0)
    p = ELLIPK_P[9] + m1 * ELLIPK_P[10]
    p = ELLIPK_P[8] + m1 * p
    p = ELLIPK_P[7] + m1 * p
    p = ELLIPK_P[6] + m1 * p
    p = ELLIPK_P[5] + m1 * p
    p = ELLIPK_P[4] + m1 * p
    p = ELLIPK_P[3] + m1 * p
    p = ELLIPK_P[2] + m1 * p
    p = ELLIPK_P[1] + m1 * p
    p = ELLIPK_P[0] + m1 * p
    q = ELLIPK_Q[9] + m1 * ELLIPK_Q[10]
    q = ELLIPK_Q[8] + m1 * q
    q = ELLIPK_Q[7] + m1 * q
    q = ELLIPK_Q[6] + m1 * q
    q = ELLIPK_Q[5] + m1 * q
    q = ELLIPK_Q[4] + m1 * q
    q = ELLIPK_Q[3] + m1 * q
    q = ELLIPK_Q[2] + m1 * q
    q = ELLIPK_Q[1] + m1 * q
    q = ELLIPK_Q[0] + m1 * q
    k = p - lg * q
    p = ELLIPE_P[9] + m1 * ELLIPE_P[10]
    p = ELLIPE_P[8] + m1 * p
    p = ELLIPE_P[7] + m1 * p
    p = ELLIPE_P[6] + m1 * p
    p = ELLIPE_P[5] + m1 * p
    p = ELLIPE_P[4] + m1 * p
    p = ELLIPE_P[3] + m1 * p
    p = ELLIPE_P[2] + m1 * p
    p = ELLIPE_P[1] + m1 * p
    p = ELLIPE_P[0] + m1 * p
    q = ELLIPE_Q[8] + m1 * ELLIPE_Q[9]
    q = ELLIPE_Q[7] + m1 * q
    q = ELLIPE_Q[6] + m1 * q
    q = ELLIPE_Q[5] + m1 * q
    q = ELLIPE_Q[4] + m1 * q
    q = ELLIPE_Q[3] + m1 * q
    q = ELLIPE_Q[2] + m1 * q
    q = ELLIPE_Q[1] + m1 * q
    q = ELLIPE_Q[0] + m1 * q
    e = p - lg * (m1 * q)
    inside = (m1 >= 0.0) & (m1 <= ELLIPTIC_MAX)
    k = k if inside else math.nan
    return math.inf if m1 == 0.0 else k, e if inside else math.nan
