"""Modified Bessel functions K of order 0 and 1, plain and scaled, without branches.

From x = 2 on K is exp(-x) / sqrt(x) times a polynomial in 1 / x, and so is K1 - K0, of
which the derivatives of the scaled functions consist; below, what is left of K after
its logarithm times I is a polynomial in x^2.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `k0(x)`, `k1(x)` | -`k1(x)`, -`k0(x)` - `k1(x)` / x |
| `k0e(x)`, `k1e(x)` | `k0e_slope(x)`, `k1e_slope(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 9.6.11, 9.6.13, 9.6.26 to 9.6.28, 9.7.2.
"""

from __future__ import annotations

import math

from physfit.kernels.bessel_i import beyond, i_small
from physfit.kernels.elementary import exp, log
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["k0", "k0e", "k0e_slope", "k1", "k1e", "k1e_slope"]

#: x up to which K less its logarithm is a polynomial.
SMALL = 2.0
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
def _k_small(x):
    """K0 and K1 for 0 <= x <= 2; beyond, anything."""
    z = x * x
    small_0, small_1 = i_small(x)
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
    far = beyond(x, SMALL)
    large, _, _ = _k_large(far)
    return small if x <= SMALL else exp(-far) * large


@scalar
def k1(x):
    """Modified Bessel function K of order 1; domain and bound as `k0`."""
    _, small = _k_small(x)
    far = beyond(x, SMALL)
    _, large, _ = _k_large(far)
    return small if x <= SMALL else exp(-far) * large


@scalar
def k0e(x):
    """exp(x) K0(x), for x >= 0; within 7 ulp."""
    small, _ = _k_small(x)
    large, _, _ = _k_large(beyond(x, SMALL))
    return exp(x) * small if x <= SMALL else large


@scalar
def k1e(x):
    """exp(x) K1(x), for x >= 0; within 7 ulp."""
    _, small = _k_small(x)
    _, large, _ = _k_large(beyond(x, SMALL))
    return exp(x) * small if x <= SMALL else large


@scalar
def k0e_slope(x):
    """Derivative `k0e(x)` - `k1e(x)` of `k0e`; within 40 ulp."""
    small_0, small_1 = _k_small(x)
    _, _, difference = _k_large(beyond(x, SMALL))
    return exp(x) * (small_0 - small_1) if x <= SMALL else -difference


@scalar
def k1e_slope(x):
    """Derivative `k1e(x)` - `k0e(x)` - `k1e(x)` / x of `k1e`; within 40 ulp."""
    small_0, small_1 = _k_small(x)
    far = beyond(x, SMALL)
    _, large_1, difference = _k_large(far)
    small = exp(x) * (small_1 - small_0 - small_1 / x)
    return small if x <= SMALL else difference - large_1 / far
