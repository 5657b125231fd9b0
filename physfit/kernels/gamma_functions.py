"""The gamma function and its logarithm, without branches.

From 8 on Stirling's series; below, a polynomial on an interval of length 1 and the
recurrence in products. Negative arguments by reflection.

Derivatives, by the names of this module and of `polygamma`:

| function | derivative |
|---|---|
| `gamma(x)` | `gamma(x)` `digamma(x)` |
| `gammaln(x)` | `digamma(x)` |

Coefficients: `scripts/kernel_coefficients.py`.

References
----------
Abramowitz & Stegun, 6.1.15 to 6.1.17, 6.1.40.
"""

from __future__ import annotations

import math

import numpy as np

from physfit.kernels.elementary import _cut, exp_sum, log, sincos_turned
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial
from physfit.kernels.powers import log_parts

__all__ = ["gamma", "gammaln"]

PI = 3.141592653589793
LOG_ROOT_TWO_PI = 0.9189385332046728
#: Where Stirling's series begins, and where gamma(x) is infinite.
FAR = 8.0
OVERFLOW = 172.0
#: log(gamma(2 + u)) / u in (u - 1/4) / (3/4), for u in [-1/2, 1].
_log_gamma_polynomial = polynomial(
    0.4994868595695864,
    0.21917882116244464,
    -0.03054116466683435,
    0.006196636568244012,
    -0.00147528422018824,
    0.0003832198800394913,
    -0.00010503681070229427,
    2.9836329667639118e-05,
    -8.69038486239621e-06,
    2.5781217142369902e-06,
    -7.755374007946567e-07,
    2.3583083834101397e-07,
    -7.233614070678952e-08,
    2.2348946472850323e-08,
    -6.9442011172837706e-09,
    2.160926168625442e-09,
    -6.775885274811877e-10,
    2.2160031818362803e-10,
    -7.001023532537396e-11,
    1.6323368951009147e-11,
    -5.167007974893094e-12,
    3.982737167496385e-12,
    -1.2728289026829804e-12,
)
#: gamma(2 + u) in 2 u - 1, for u in [0, 1].
_gamma_polynomial = polynomial(
    1.329340388179137,
    0.46736726081304275,
    0.16363964449533402,
    0.03173390585514289,
    0.0068545771251391436,
    0.0008862743935879298,
    0.00016238130348747453,
    1.2557816296590549e-05,
    2.9471647825776378e-06,
    7.698756495752562e-09,
    5.989193053090346e-08,
    -6.250682908003216e-09,
    1.7720164391338376e-09,
    -3.127393566223822e-10,
    6.503032101792064e-11,
    -1.2776633367202418e-11,
    3.1424545765626092e-12,
    -6.277723398219092e-13,
)
#: What is left of log(gamma(y)), times y, in 1 / y^2.
_stirling_polynomial = polynomial(
    0.08333333333333333,
    -0.0027777777777776747,
    0.0007936507935117282,
    -0.0005952380234291254,
    0.0008417325268022405,
    -0.001914965912162907,
    0.0062081367662297935,
    -0.020855820837463117,
)


@scalar
def _whole(a):
    """Largest integer not above a."""
    return float(np.floor(a))


@scalar
def _product(a, u):
    """(2 + u) (3 + u) ... (a - 1), for a < 8 that is u plus a whole number."""
    product = (2.0 + u) if a >= 3.0 else 1.0
    product = product * (3.0 + u) if a >= 4.0 else product
    product = product * (4.0 + u) if a >= 5.0 else product
    product = product * (5.0 + u) if a >= 6.0 else product
    return product * (6.0 + u) if a >= 7.0 else product


@scalar
def _gamma_small(a):
    """gamma(a) for 0 <= a < 8."""
    u = a - _whole(a)
    value = _product(a, u) * _gamma_polynomial(2.0 * u - 1.0)
    divisor = a * (1.0 + a) if a < 1.0 else (a if a < 2.0 else 1.0)
    return value / divisor


@scalar
def _gamma_large(a):
    """gamma(a) for 8 <= a <= 172."""
    high, low = log_parts(a)
    y = a - 0.5
    log_cut, y_cut = _cut(high), _cut(y)
    rest = (high - log_cut) + low
    first = y_cut * log_cut
    second = y_cut * rest + (y - y_cut) * (log_cut + rest)
    sum_1 = first - a
    tail = LOG_ROOT_TWO_PI + _stirling_polynomial(1.0 / (a * a)) / a
    sum_2 = sum_1 + tail
    lost = ((first - sum_1) - a) + (tail - (sum_2 - sum_1))
    return exp_sum(sum_2, lost + second)


@scalar
def _gamma_of_size(a):
    """gamma(a) for a >= 0."""
    far = FAR if a < FAR else (OVERFLOW if a > OVERFLOW else a)
    return _gamma_small(a) if a < FAR else _gamma_large(far)


@scalar
def gamma(x):
    """Gamma function.

    Parameters
    ----------
    x : float
        Any value; NaN at negative integers and at -inf, infinite at 0 and above 171.6.

    Returns
    -------
    float
        Within 6 ulp for x > 0, 12 ulp for x < 0, where it underflows from -171.6 on.
    """
    a = math.fabs(x)
    value = _gamma_of_size(a)
    sine, _ = sincos_turned(a, 0.5, 0.0)
    reflected = -PI / (sine * value) / a
    reflected = math.nan if _whole(a) == a else reflected
    pole = math.copysign(math.inf, x)
    return pole if x == 0.0 else (value if x > 0.0 else reflected)


@scalar
def _gammaln_of_size(a):
    """log(gamma(a)) for a >= 0."""
    whole = _whole(a)
    near = 1.0 if a < 1.5 else (2.0 if a < 3.0 else whole)
    u = a - (0.0 if a < 0.5 else near)
    below = a * (1.0 + a) if a < 0.5 else a
    argument = below if a < 1.5 else _product(a, a - whole)
    far = a >= FAR
    logarithm = log(a if far else argument)
    small = u * _log_gamma_polynomial((u - 0.25) / 0.75)
    small = small + (-logarithm if a < 1.5 else logarithm)
    y = FAR if a < FAR else a
    series = _stirling_polynomial(1.0 / y / y) / y
    large = (y - 0.5) * (logarithm - 1.0) + ((LOG_ROOT_TWO_PI - 0.5) + series)
    return (math.inf if a == math.inf else large) if far else small


@scalar
def gammaln(x):
    """Logarithm of |gamma(x)|.

    Parameters
    ----------
    x : float
        Any value; inf at 0, at negative integers and at inf.

    Returns
    -------
    float
        Within 5 ulp for x > 0, its zeros at 1 and 2 included; for x < 0 the error is
        below 5e-16 (1 + |x| log|x|).
    """
    a = math.fabs(x)
    value = _gammaln_of_size(a)
    sine, _ = sincos_turned(a, 0.5, 0.0)
    reflected = log(PI / math.fabs(sine)) - (value + log(a))
    reflected = math.inf if _whole(a) == a else reflected
    return value if x >= 0.0 else (reflected if x < 0.0 else math.nan)
