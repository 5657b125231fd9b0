"""Modified Bessel functions I of order 0 and 1, plain and scaled, without branches.

Up to |x| = 8 I is a polynomial in x^2, beyond it exp(x) / sqrt(x) times one in 1 / x;
the difference I0 - I1, of which the derivatives of the scaled functions consist, has a
polynomial of its own there.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `i0(x)`, `i1(x)` | `i1(x)`, `i1_slope(x)` |
| `i0e(x)`, `i1e(x)` | `i0e_slope(x)`, `i1e_slope(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 9.6.10, 9.6.26 to 9.6.28, 9.7.1.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["beyond", "i0", "i0e", "i0e_slope", "i1", "i1_slope", "i1e", "i1e_slope"]
__all__ += ["i_small"]

#: |x| up to which I is a polynomial.
SMALL = 8.0
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


@scalar
def i_small(a):
    """I0 and I1 / a for 0 <= a <= 8; beyond, anything."""
    z = a * a
    return _i0_small_polynomial(z), _i1_small_polynomial(z)


@scalar
def beyond(a, start):
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
    small, _ = i_small(a)
    far = beyond(a, SMALL)
    large, _, _ = _i_large(far)
    return small if a <= SMALL else exp(far - 8.0) * (EXP_8 * large)


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
    _, small = i_small(a)
    far = beyond(a, SMALL)
    _, large, _ = _i_large(far)
    value = a * small if a <= SMALL else exp(far - 8.0) * (EXP_8 * large)
    return math.copysign(value, x)


@scalar
def i1_slope(x):
    """Derivative I0(x) - I1(x) / x of `i1`, 1/2 at 0; within 8 ulp."""
    a = math.fabs(x)
    small_0, small_1 = i_small(a)
    far = beyond(a, SMALL)
    large_0, large_1, _ = _i_large(far)
    large = exp(far - 8.0) * (EXP_8 * (large_0 - large_1 / far))
    return small_0 - small_1 if a <= SMALL else large


@scalar
def i0e(x):
    """exp(-|x|) I0(x), for any x; within 4 ulp."""
    a = math.fabs(x)
    small, _ = i_small(a)
    large, _, _ = _i_large(beyond(a, SMALL))
    return exp(-a) * small if a <= SMALL else large


@scalar
def i1e(x):
    """exp(-|x|) I1(x), for any x; within 4 ulp."""
    a = math.fabs(x)
    _, small = i_small(a)
    _, large, _ = _i_large(beyond(a, SMALL))
    return math.copysign(exp(-a) * (a * small) if a <= SMALL else large, x)


@scalar
def _i_difference(a):
    """exp(-a) (I0(a) - I1(a)) and exp(-a) I1(a) / a for a >= 0."""
    small_0, small_1 = i_small(a)
    far = beyond(a, SMALL)
    _, large_1, difference = _i_large(far)
    e = exp(-a)
    near = a <= SMALL
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
