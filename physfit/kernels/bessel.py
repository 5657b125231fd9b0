"""Bessel functions of order 0 and 1, and 2 J1(x) / x, without branches.

Up to |x| = 8 J is a polynomial in x^2, and what is left of Y after its logarithm times
J. Beyond, J and Y are cosine and sine of x less eighths of a turn, times amplitudes
that are polynomials in 1 / x^2.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `j0(x)`, `j1(x)` | -`j1(x)`, `j1_slope(x)` |
| `y0(x)`, `y1(x)` | -`y1(x)`, `y0(x)` - `y1(x)` / x |
| `jinc(x)` | `jinc_slope(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 9.1.11 to 9.1.13, 9.1.28 to 9.1.30, 9.2.5 to 9.2.10.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import log, sincos
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["j0", "j1", "j1_slope", "jinc", "jinc_slope", "y0", "y1"]

#: |x| up to which J is a polynomial.
SMALL = 8.0
TWO_OVER_PI = 0.6366197723675814
PI = 3.141592653589793
#: J0, J1 / x and J2 / x^2 in x^2 / 32 - 1, for |x| <= 8.
_j0_small_polynomial = polynomial(
    0.04582966485981377,
    0.9303012472958572,
    -0.6484692830871837,
    -0.808088807669687,
    1.0383794611437211,
    -0.507468045847102,
    0.14598884856759264,
    -0.028472718610869575,
    0.004058078989140991,
    -0.00044354592247271616,
    3.8473197855944406e-05,
    -2.7177491450348606e-06,
    1.595610910454382e-07,
    -7.91540772613074e-09,
    3.363447579149498e-10,
    -1.238464418210802e-11,
    4.003763198544757e-13,
    -1.1380595432215676e-14,
)
_j1_small_polynomial = polynomial(
    -0.05814382795599107,
    0.08105866038589796,
    0.15151665143806634,
    -0.2595948652859303,
    0.15858376432721938,
    -0.054745818212847276,
    0.012456814392255438,
    -0.002029039494570245,
    0.0002494945813909099,
    -2.4045748660869506e-05,
    1.8684525371950885e-06,
    -1.1967081644265458e-07,
    6.431268798326299e-09,
    -2.9430378793535847e-10,
    1.1610590176624424e-11,
    -3.9908120700697754e-13,
    1.2095547763548495e-14,
    -3.237828825886891e-16,
)
_j2_small_polynomial = polynomial(
    -0.005066166274118622,
    -0.018939581429758292,
    0.048674037241111925,
    -0.039645941081804845,
    0.017108068191514773,
    -0.00467130539709579,
    0.0008877047788744822,
    -0.0001247472906954482,
    1.3525733621739278e-05,
    -1.1677828357712431e-06,
    8.227368630390756e-08,
    -4.823451549234071e-09,
    2.3912182822881133e-10,
    -1.0159323533185574e-11,
    3.7413828123759974e-13,
    -1.206072598466021e-14,
    3.4411273499932457e-16,
    -8.705557904377718e-18,
)
#: Y0 - (2 / pi) log(x / 2) J0, and (Y1 - (2 / pi) (log(x / 2) J1 - 1 / x)) / x.
_y0_small_polynomial = polynomial(
    -0.3620273432371452,
    -0.4179207423206952,
    1.3609456599655456,
    -0.2124599944206597,
    -0.6193407826303358,
    0.448246044635635,
    -0.15453679652310554,
    0.03380285696397354,
    -0.005235027670798993,
    0.0006104345644549922,
    -5.581830462706525e-05,
    4.122054206402963e-06,
    -2.51441070291588e-07,
    1.2898223771945294e-08,
    -5.646268915733961e-10,
    2.135325063190945e-11,
    -7.073366508377921e-13,
    2.0554687212344604e-14,
)
_y1_small_polynomial = polynomial(
    0.04510266206869483,
    -0.20760857842830602,
    0.09022750636730935,
    0.12052035426888161,
    -0.12641995056569882,
    0.0543901163079464,
    -0.01413192339424849,
    0.002527134046682168,
    -0.00033372257011146276,
    3.406363375532225e-05,
    -2.776505580556252e-06,
    1.852420143241069e-07,
    -1.0315388849000657e-08,
    4.87106474855212e-10,
    -1.9764090841791317e-11,
    6.967783825086588e-13,
    -2.1613972227314063e-14,
    5.90933033290034e-16,
)
#: Amplitudes in 128 / x^2 - 1, for |x| >= 8: of order 0 (P, x Q), and of order 1.
_p0_polynomial = polynomial(
    0.9994572757882519,
    -0.0005363673192129684,
    6.137416080147722e-06,
    -2.0527448258799454e-07,
    1.2803760990761632e-08,
    -1.2121099519052884e-09,
    1.5500758850965851e-10,
    -2.4911156906092825e-11,
    4.7832464504070676e-12,
    -1.0160586409351026e-12,
    2.486651879170221e-13,
    -1.0240462527458219e-13,
    3.2274659236696375e-14,
)
_q0_polynomial = polynomial(
    -0.12444091103610815,
    0.000546651927947526,
    -1.1817110661178995e-05,
    5.684971881945821e-07,
    -4.53497287291549e-08,
    5.146231447392908e-09,
    -7.576308983575964e-10,
    1.3623551327470025e-10,
    -2.871340122554895e-11,
    6.950884509252912e-12,
    -1.864509534041415e-12,
    4.612313225070798e-13,
    -1.3804814538584404e-13,
    1.0162670211167594e-13,
    -3.865968322695467e-14,
)
_p1_polynomial = polynomial(
    1.0009070262780821,
    0.0008988049416705195,
    -7.959694698478657e-06,
    2.45367663311693e-07,
    -1.470851251614582e-08,
    1.360297066536911e-09,
    -1.713127898085761e-10,
    2.7234187811287063e-11,
    -5.1871998149145174e-12,
    1.0958092927251801e-12,
    -2.668914316041983e-13,
    1.0911783467601572e-13,
    -3.4273425511664546e-14,
)
_q1_polynomial = polynomial(
    0.3742149922195918,
    -0.00076971670576437,
    1.4569614809828342e-05,
    -6.633568561252034e-07,
    5.136106034386487e-08,
    -5.720890726108569e-09,
    8.316054768262827e-10,
    -1.4816645190838213e-10,
    3.101014520989263e-11,
    -7.46416005204052e-12,
    1.993145349755006e-12,
    -4.923339389851518e-13,
    1.4696599919708492e-13,
    -1.073572214809827e-13,
    4.074705384627214e-14,
)


@scalar
def _variable(a):
    """Variable of the polynomials for small x."""
    return a * a * 0.03125 - 1.0


@scalar
def _beyond(a):
    """Larger of a and 8; NaN of NaN."""
    return SMALL if a < SMALL else a


@scalar
def _large_0(a):
    """J0 and Y0 for a >= 8."""
    t = 128.0 / (a * a) - 1.0
    sine, cosine = sincos(a)
    p, q = _p0_polynomial(t), _q0_polynomial(t) / a
    root = 1.0 / math.sqrt(PI * a)
    total, rest = sine + cosine, sine - cosine
    return root * (p * total - q * rest), root * (p * rest + q * total)


@scalar
def _large_1(a):
    """J1 and Y1 for a >= 8."""
    t = 128.0 / (a * a) - 1.0
    sine, cosine = sincos(a)
    p, q = _p1_polynomial(t), _q1_polynomial(t) / a
    root = 1.0 / math.sqrt(PI * a)
    total, rest = sine + cosine, sine - cosine
    return root * (p * rest + q * total), root * (q * rest - p * total)


@scalar
def j0(x):
    """Bessel function J of order 0.

    Parameters
    ----------
    x : float
        |x| <= `elementary.SINCOS_MAX`, otherwise NaN.

    Returns
    -------
    float
        Absolute error below 1e-15 for |x| <= 8, 6e-16 / sqrt(|x|) beyond.
    """
    a = math.fabs(x)
    large, _ = _large_0(_beyond(a))
    return _j0_small_polynomial(_variable(a)) if a <= SMALL else large


@scalar
def j1(x):
    """Bessel function J of order 1.

    Parameters
    ----------
    x : float
        |x| <= `elementary.SINCOS_MAX`, otherwise NaN.

    Returns
    -------
    float
        Absolute error below 1e-15 for |x| <= 8, 6e-16 / sqrt(|x|) beyond; relative
        below 2e-15 for |x| <= 1.
    """
    a = math.fabs(x)
    large, _ = _large_1(_beyond(a))
    small = x * _j1_small_polynomial(_variable(a))
    return small if a <= SMALL else (large if x > 0.0 else -large)


@scalar
def j1_slope(x):
    """Derivative J0(x) - J1(x) / x of `j1`, 1/2 at 0; domain and bound as `j1`."""
    a = math.fabs(x)
    t, far = _variable(a), _beyond(a)
    large_0, _ = _large_0(far)
    large_1, _ = _large_1(far)
    small = _j0_small_polynomial(t) - _j1_small_polynomial(t)
    return small if a <= SMALL else large_0 - large_1 / far


@scalar
def jinc(x):
    """2 J1(x) / x, the amplitude of a round aperture's diffraction; 1 at 0.

    Parameters
    ----------
    x : float
        |x| <= `elementary.SINCOS_MAX`, otherwise NaN.

    Returns
    -------
    float
        Absolute error below 1e-15.
    """
    a = math.fabs(x)
    far = _beyond(a)
    large, _ = _large_1(far)
    return 2.0 * (_j1_small_polynomial(_variable(a)) if a <= SMALL else large / far)


@scalar
def jinc_slope(x):
    """Derivative -2 J2(x) / x of `jinc`, 0 at 0; domain and bound as `jinc`."""
    a = math.fabs(x)
    far = _beyond(a)
    large_0, _ = _large_0(far)
    large_1, _ = _large_1(far)
    large = (2.0 * large_1 / far - large_0) / far
    size = a * _j2_small_polynomial(_variable(a)) if a <= SMALL else large
    return -2.0 * (size if x > 0.0 else -size)


@scalar
def y0(x):
    """Bessel function Y of order 0.

    Parameters
    ----------
    x : float
        0 <= x <= `elementary.SINCOS_MAX`, otherwise NaN; -inf at 0.

    Returns
    -------
    float
        Absolute error below 2e-15 for x <= 8, 6e-16 / sqrt(x) beyond; relative below
        1e-15 for x <= 0.1.
    """
    t = _variable(x)
    _, large = _large_0(_beyond(x))
    logarithm = TWO_OVER_PI * log(0.5 * x)
    small = logarithm * _j0_small_polynomial(t) + _y0_small_polynomial(t)
    return small if x <= SMALL else large


@scalar
def y1(x):
    """Bessel function Y of order 1.

    Parameters
    ----------
    x : float
        0 <= x <= `elementary.SINCOS_MAX`, otherwise NaN; -inf at 0.

    Returns
    -------
    float
        Absolute error below 2e-15 for 0.5 <= x <= 8, 6e-16 / sqrt(x) beyond; relative
        below 1e-15 for x <= 0.5.
    """
    t = _variable(x)
    _, large = _large_1(_beyond(x))
    logarithm = TWO_OVER_PI * log(0.5 * x)
    rest = logarithm * _j1_small_polynomial(t) + _y1_small_polynomial(t)
    small = x * rest - TWO_OVER_PI / x
    return (-math.inf if x == 0.0 else small) if x <= SMALL else large
