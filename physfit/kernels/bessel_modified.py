"""Modified Bessel functions of order 0 and 1, plain and scaled, without branches.

Up to |x| = 8 I is a polynomial in x^2, beyond it exp(x) / sqrt(x) times one in 1 / x;
the difference I0 - I1, of which the derivatives of the scaled functions consist, has a
polynomial of its own there. K is so from x = 2 on; below, what is left of it after
its logarithm times I is a polynomial in x^2.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `i0(x)`, `i1(x)` | `i1(x)`, `i1_slope(x)` |
| `i0e(x)`, `i1e(x)` | `i0e_slope(x)`, `i1e_slope(x)` |
| `k0(x)`, `k1(x)` | -`k1(x)`, -`k0(x)` - `k1(x)` / x |
| `k0e(x)`, `k1e(x)` | `k0e_slope(x)`, `k1e_slope(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 9.6.10 to 9.6.13, 9.6.26 to 9.6.28, 9.7.1, 9.7.2.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, log
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["i0", "i0e", "i0e_slope", "i1", "i1_slope", "i1e", "i1e_slope"]
__all__ += ["k0", "k0e", "k0e_slope", "k1", "k1e", "k1e_slope"]

#: |x| up to which I is a polynomial, and K less its logarithm.
I_SMALL = 8.0
K_SMALL = 2.0
EXP_8 = 2980.9579870417283
#: I0 and I1 / x in x^2, for |x| <= 8.
_i0_small_polynomial = polynomial(
    1.0,
    0.25,
    0.015625,
    0.00043402777777777775,
    6.781684027777778e-06,
    6.78168402777777e-08,
    4.709502797068029e-10,
    2.402807549523021e-12,
    9.38596699044486e-15,
    2.896903391381146e-17,
    7.242258512143295e-20,
    1.4963342843679799e-22,
    2.597805810072757e-25,
    3.842840540736517e-28,
    4.902653194701293e-31,
    5.434698553934258e-34,
    5.4160930911965884e-37,
    4.049003585516793e-40,
    5.396384706795462e-43,
)
_i1_small_polynomial = polynomial(
    0.5,
    0.0625,
    0.0026041666666666665,
    5.4253472222222226e-05,
    6.781684027777773e-07,
    5.651403356481591e-09,
    3.3639305693326665e-11,
    1.5017547184680642e-13,
    5.214426104646516e-16,
    1.4484517018212629e-18,
    3.2919354425983547e-21,
    6.234733594318706e-24,
    9.991390632392436e-27,
    1.3727374047117812e-29,
    1.630447729545268e-32,
    1.7329954717086137e-35,
    1.3769047940227915e-38,
    1.9429054278018938e-41,
)
#: sqrt(x) exp(-x) I0 and I1, and x^(3/2) exp(-x) (I0 - I1), in 16 / x - 1.
_i0_large_polynomial = polynomial(
    0.4021765094450081,
    0.003360551983667854,
    0.00013621607439232746,
    1.1143033791556743e-05,
    1.4838475473607391e-06,
    2.973598432479169e-07,
    8.87225351128584e-08,
    3.932602459703109e-08,
    2.1545177650836005e-08,
    7.553516470355896e-09,
    -6.729724111923548e-09,
    -1.3404241991980871e-08,
    -5.4685974495866e-09,
    7.540601378890834e-09,
    7.58022133915272e-09,
    -3.4857887470034955e-09,
    -6.188265090497361e-09,
    1.497880830187091e-09,
    3.881151253996067e-09,
    -5.562201990080394e-10,
    -1.7789375042917173e-09,
    1.4672236659214398e-10,
    5.181936971288284e-10,
    -1.9216763724933513e-11,
    -7.06893851181878e-11,
)
_i1_large_polynomial = polynomial(
    0.38939845902587233,
    -0.009749577193235728,
    -0.00021923576383430274,
    -1.5038547201176271e-05,
    -1.8349101134666435e-06,
    -3.483855609009937e-07,
    -1.0001323461066435e-07,
    -4.312935369971356e-08,
    -2.337059627111857e-08,
    -8.426622829598154e-09,
    6.715795128085017e-09,
    1.4029693589852716e-08,
    6.040877342160988e-09,
    -7.630751970065577e-09,
    -8.044231276166508e-09,
    3.406636130196794e-09,
    6.4870195719816896e-09,
    -1.4171698018664596e-09,
    -4.047785403711858e-09,
    5.146498826087142e-10,
    1.8513716745511988e-09,
    -1.342266320082222e-10,
    -5.388285995923524e-10,
    1.7502497778701306e-11,
    7.347992441734663e-11,
)
_i_difference_polynomial = polynomial(
    0.20444880670617194,
    0.005313260124286683,
    0.00037396928734236435,
    4.493600840755328e-05,
    8.164113848532239e-06,
    2.1678167912777678e-06,
    8.519654734191309e-07,
    4.6725940680304783e-07,
    2.5124770161133444e-07,
    4.943368242713061e-09,
    -2.1887554130252317e-07,
    -2.2272215613763106e-07,
    3.242626511083778e-08,
    2.195179242500961e-07,
    5.1338702189435886e-08,
    -1.835145106320214e-07,
    -6.767606205774911e-08,
    1.5060551234801738e-07,
    5.3964594710051815e-08,
    -1.1291991904406619e-07,
    -3.1388033211441516e-08,
    6.873554626715532e-08,
    1.2885612948573014e-08,
    -3.023996547903089e-08,
    -3.3181456064926056e-09,
    8.32722813496065e-09,
    4.0019745084729763e-10,
    -1.064508519192691e-09,
)
#: K0 + log(x / 2) I0, and (K1 - log(x / 2) I1 - 1 / x) / x, in x^2, for x <= 2.
_k0_small_polynomial = polynomial(
    -0.5772156649015329,
    0.10569608377461678,
    0.014418505235913549,
    0.0005451899602568561,
    1.0214014135961433e-05,
    1.1570350941095384e-07,
    8.819883094824484e-10,
    4.8431971437706104e-12,
    2.009241432611261e-14,
    6.515238891874141e-17,
    1.7854414371292447e-19,
)
_k1_small_polynomial = polynomial(
    0.03860783245076643,
    -0.042049020943654196,
    -0.002837111983763369,
    -7.493042905988493e-05,
    -1.089218253873714e-06,
    -1.0112909397458008e-08,
    -6.54019724239452e-11,
    -3.1208581714929136e-13,
    -1.145208638488409e-15,
    -3.330649816227767e-18,
    -8.239352467802129e-21,
)
#: sqrt(x) exp(x) K0 and K1, and x^(3/2) exp(x) (K1 - K0), in 4 / x - 1.
_k0_large_polynomial = polynomial(
    1.2185953385133905,
    -0.031071461824889554,
    0.0030328918102751935,
    -0.0004797690567629981,
    9.956054742546008e-05,
    -2.473520464665274e-05,
    7.002245564109627e-06,
    -2.1911767539401716e-06,
    7.427807838466459e-07,
    -2.689135887009184e-07,
    1.0295120376495239e-07,
    -4.131061283701578e-08,
    1.7056674605334674e-08,
    -7.3618275080282515e-09,
    3.791192703615846e-09,
    -1.8006773523392004e-09,
    6.837018659348517e-11,
    3.233433692180319e-11,
    7.977983533091815e-10,
    -4.506683106759898e-10,
    -3.0539020868001565e-10,
    1.7977981899954878e-10,
    1.0806290149518295e-10,
    -6.183509185741941e-11,
)
_k1_large_polynomial = polynomial(
    1.363151890371342,
    0.10334973775386527,
    -0.005566729880074451,
    0.0007357241549046456,
    -0.00013959021956830856,
    3.284386565057862e-05,
    -8.961207299463647e-06,
    2.730040312895642e-06,
    -9.067094776630646e-07,
    3.2298873862640425e-07,
    -1.220284967173793e-07,
    4.843094038201199e-08,
    -1.9827457966367164e-08,
    8.49114322410236e-09,
    -4.313336112817399e-09,
    2.0346220468711174e-09,
    -1.0584430289297026e-10,
    -2.104015257574649e-11,
    -8.740019154894709e-10,
    4.921710202548386e-10,
    3.3153918291421876e-10,
    -1.948680720152238e-10,
    -1.1801191034535537e-10,
    6.73716173849808e-11,
)
_k_difference_polynomial = polynomial(
    0.5782262074318057,
    -0.040541409116786456,
    0.00614292235539811,
    -0.0012809495087268735,
    0.00032434644026873823,
    -9.40301590365451e-05,
    3.0176356454731922e-05,
    -1.0491489363530287e-05,
    3.8934448617133795e-06,
    -1.525824677441088e-06,
    6.263635795936052e-07,
    -2.6744133706174457e-07,
    1.1834088750112832e-07,
    -5.4887414381010163e-08,
    2.588971773646791e-08,
    -1.0217374138316712e-08,
    4.7805638599835785e-09,
    -6.5489808341114e-09,
    3.725707307310717e-09,
    3.362084410384837e-09,
    -2.1433743971325887e-09,
    -3.472223851886806e-09,
    2.1217030151770155e-09,
    1.4466839053204875e-09,
    -8.922927969470342e-10,
    -3.638005029692938e-10,
    2.2151599227861647e-10,
)


@scalar
def _i_small(a):
    """I0 and I1 / a for 0 <= a <= 8; beyond, anything."""
    z = a * a
    return _i0_small_polynomial(z), _i1_small_polynomial(z)


@scalar
def _beyond(a, start):
    """Larger of a and `start`; NaN of NaN."""
    return start if a < start else a


@scalar
def _i_large(a):
    """I0, I1 and I0 - I1 times exp(-a), for a >= 8."""
    t = 16.0 / a - 1.0
    root = 1.0 / math.sqrt(a)
    difference = root * _i_difference_polynomial(t) / a
    return root * _i0_large_polynomial(t), root * _i1_large_polynomial(t), difference


@scalar
def i0(x):
    """Modified Bessel function I of order 0.

    Parameters
    ----------
    x : float
        Any value; from |x| = 713.99 on the result is inf.

    Returns
    -------
    float
        Within 4 ulp.
    """
    a = math.fabs(x)
    small, _ = _i_small(a)
    far = _beyond(a, I_SMALL)
    large, _, _ = _i_large(far)
    return small if a <= I_SMALL else exp(far - 8.0) * (EXP_8 * large)


@scalar
def i1(x):
    """Modified Bessel function I of order 1.

    Parameters
    ----------
    x : float
        Any value; from |x| = 713.99 on the result is infinite.

    Returns
    -------
    float
        Within 4 ulp.
    """
    a = math.fabs(x)
    _, small = _i_small(a)
    far = _beyond(a, I_SMALL)
    _, large, _ = _i_large(far)
    value = a * small if a <= I_SMALL else exp(far - 8.0) * (EXP_8 * large)
    return math.copysign(value, x)


@scalar
def i1_slope(x):
    """Derivative I0(x) - I1(x) / x of `i1`, 1/2 at 0; within 8 ulp."""
    a = math.fabs(x)
    small_0, small_1 = _i_small(a)
    far = _beyond(a, I_SMALL)
    large_0, large_1, _ = _i_large(far)
    large = exp(far - 8.0) * (EXP_8 * (large_0 - large_1 / far))
    return small_0 - small_1 if a <= I_SMALL else large


@scalar
def i0e(x):
    """exp(-|x|) I0(x), for any x; within 4 ulp."""
    a = math.fabs(x)
    small, _ = _i_small(a)
    large, _, _ = _i_large(_beyond(a, I_SMALL))
    return exp(-a) * small if a <= I_SMALL else large


@scalar
def i1e(x):
    """exp(-|x|) I1(x), for any x; within 4 ulp."""
    a = math.fabs(x)
    _, small = _i_small(a)
    _, large, _ = _i_large(_beyond(a, I_SMALL))
    return math.copysign(exp(-a) * (a * small) if a <= I_SMALL else large, x)


@scalar
def _i_difference(a):
    """exp(-a) (I0(a) - I1(a)) and exp(-a) I1(a) / a for a >= 0."""
    small_0, small_1 = _i_small(a)
    far = _beyond(a, I_SMALL)
    _, large_1, difference = _i_large(far)
    e = exp(-a)
    near = a <= I_SMALL
    return (
        e * (small_0 - a * small_1) if near else difference,
        e * small_1 if near else large_1 / far,
    )


@scalar
def i0e_slope(x):
    """Derivative of `i0e`, `i1e(x)` - sign(x) `i0e(x)`; within 40 ulp.

    At 0 it jumps from 1 to -1; 0 there.
    """
    difference, _ = _i_difference(math.fabs(x))
    return 0.0 if x == 0.0 else math.copysign(difference, -x)


@scalar
def i1e_slope(x):
    """Derivative of `i1e`, `i0e(x)` - `i1e(x)` (1 / x + sign(x)); 1/2 at 0.

    Absolute error below 3e-16, relative below 1e-14 but at its zeros, |x| = 1.5451.
    """
    difference, quotient = _i_difference(math.fabs(x))
    return difference - quotient


@scalar
def _k_small(x):
    """K0 and K1 for 0 <= x <= 2; beyond, anything."""
    z = x * x
    small_0, small_1 = _i_small(x)
    logarithm = log(0.5 * x)
    order_1 = 1.0 / x + x * (logarithm * small_1 + _k1_small_polynomial(z))
    infinite = math.inf if x == 0.0 else order_1
    return _k0_small_polynomial(z) - logarithm * small_0, infinite


@scalar
def _k_large(x):
    """K0, K1 and K1 - K0 times exp(x), for x >= 2."""
    t = 4.0 / x - 1.0
    root = 1.0 / math.sqrt(x)
    difference = root * _k_difference_polynomial(t) / x
    return root * _k0_large_polynomial(t), root * _k1_large_polynomial(t), difference


@scalar
def k0(x):
    """Modified Bessel function K of order 0.

    Parameters
    ----------
    x : float
        x >= 0, otherwise NaN; inf at 0.

    Returns
    -------
    float
        Within 6 ulp, until it underflows beyond x = 705.
    """
    small, _ = _k_small(x)
    far = _beyond(x, K_SMALL)
    large, _, _ = _k_large(far)
    return small if x <= K_SMALL else exp(-far) * large


@scalar
def k1(x):
    """Modified Bessel function K of order 1; domain and bound as `k0`."""
    _, small = _k_small(x)
    far = _beyond(x, K_SMALL)
    _, large, _ = _k_large(far)
    return small if x <= K_SMALL else exp(-far) * large


@scalar
def k0e(x):
    """exp(x) K0(x), for x >= 0; within 7 ulp."""
    small, _ = _k_small(x)
    large, _, _ = _k_large(_beyond(x, K_SMALL))
    return exp(x) * small if x <= K_SMALL else large


@scalar
def k1e(x):
    """exp(x) K1(x), for x >= 0; within 7 ulp."""
    _, small = _k_small(x)
    _, large, _ = _k_large(_beyond(x, K_SMALL))
    return exp(x) * small if x <= K_SMALL else large


@scalar
def k0e_slope(x):
    """Derivative `k0e(x)` - `k1e(x)` of `k0e`; within 40 ulp."""
    small_0, small_1 = _k_small(x)
    _, _, difference = _k_large(_beyond(x, K_SMALL))
    return exp(x) * (small_0 - small_1) if x <= K_SMALL else -difference


@scalar
def k1e_slope(x):
    """Derivative `k1e(x)` - `k0e(x)` - `k1e(x)` / x of `k1e`; within 40 ulp."""
    small_0, small_1 = _k_small(x)
    far = _beyond(x, K_SMALL)
    _, large_1, difference = _k_large(far)
    small = exp(x) * (small_1 - small_0 - small_1 / x)
    return small if x <= K_SMALL else difference - large_1 / far
