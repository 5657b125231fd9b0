"""Doniach-Sunjic lines convolved with a Gaussian.

The line is ``Re[exp(i pi alpha / 2) (gamma + i u)^-s] amplitude / pi``, u = x - center,
s = 1 - alpha. With a Gaussian of standard deviation sigma the power becomes
sigma^-s Phi(z), z = (gamma + i u) / sigma, where Phi(z) = exp(z^2 / 4) D_-s(z), a
parabolic cylinder function, has the limit z^-s at infinity and the equation

    Phi'' - z Phi' - s Phi = 0 .

It is written as ``(z + L)^-s p(Z)``, Z = (L - z) / (L + z): the half plane Re z >= 0 is
the unit disc of Z, in which p is as smooth as on its rim. The coefficients of p follow
from the equation, a recurrence of four terms whose solution is the one that falls; p is
1 at Z = -1, where z is infinite. So with w = gamma + L sigma + i u

    sigma^-s Phi = w^-s p(Z),  its derivative by gamma  -w^-(s+1) q(Z),
    by sigma  -sigma w^-(s+2) r(Z),

q = s p + (1 + Z) p', r = (s + 1) q + (1 + Z) q'. Nothing is divided by sigma or gamma,
one of which may be 0. The derivative by s has a polynomial of its own, from the
derivative of the recurrence.

References
----------
S. Doniach, M. Sunjic, J. Phys. C 3 (1970) 285; Olver et al., NIST Handbook of
Mathematical Functions, 12.5.1; J. A. C. Weideman, SIAM J. Numer. Anal. 31 (1994) 1497,
for s = 1, the Faddeeva function.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import atan, exp, log, sincos
from physfit.kernels.kernel import Generated, scalar

__all__ = ["N_PREPARED", "SIZE", "doniach_gaussian", "doniach_table"]

#: Degree of the polynomials, and L: the value is right to 2e-15 of |Phi|.
DEGREE = 40
LENGTH = 5.75
#: Doubles of a table: four polynomials, and room for their equations.
ROW = DEGREE + 2
N_PREPARED = 4 * ROW
SIZE = N_PREPARED + 3 * ROW
_C = 0.25 / (LENGTH * LENGTH)


@scalar
def doniach_table(amplitude, center, gamma, alpha, sigma, table):
    """Coefficients of p, q, r and of dp/ds, one row after the other, into a table."""
    s = 1.0 - alpha
    n = DEGREE
    # p_1 to p_n from p_0 = 1: eliminated from the first equation on
    for k in range(4 * ROW):
        table[k] = 0.0
    table[0] = 1.0
    low, main, high = 4 * ROW, 5 * ROW, 6 * ROW
    slope = 3 * ROW
    for k in range(n):
        m = float(k)
        above = _C * (m + 2.0) * (m + 1.0)
        own = (m + 1.0) * (_C * (2.0 * (s + 1.0) + 3.0 * m) + 0.5)
        before = _C * (s * (s + 1.0) + 4.0 * (s + 1.0) * m + 3.0 * m * (m - 1.0))
        before -= 0.5 * (m + s)
        last = _C * (s * (s + 1.0) + (m - 1.0) * (2.0 * (s + 1.0) + (m - 2.0)))
        # row k: last p_(k-1) + before p_k + own p_(k+1) + above p_(k+2) = 0
        right = 0.0
        if k == 0:
            right = -before
        if k == 1:
            right = -last
        if k > 1:
            factor = last / table[main + k - 2]
            before -= factor * table[high + k - 2]
            right -= factor * table[low + k - 2]
        if k > 0:
            factor = before / table[main + k - 1]
            own -= factor * table[high + k - 1]
            right -= factor * table[low + k - 1]
        table[main + k], table[high + k], table[low + k] = own, above, right
    for j in range(n):
        k = n - 1 - j
        following = table[k + 2] if k + 2 <= n else 0.0
        table[k + 1] = (table[low + k] - table[high + k] * following) / table[main + k]
    _by_s(s, table)
    total, change = 0.0, 0.0
    sign = 1.0
    for k in range(n + 1):
        total += sign * table[k]
        change += sign * table[slope + k]
        sign = -sign
    for k in range(n + 1):
        table[k] /= total
        table[slope + k] = (table[slope + k] - table[k] * change) / total
    for k in range(n + 1):
        m = float(k)
        table[ROW + k] = (s + m) * table[k] + (m + 1.0) * table[k + 1]
    for k in range(n + 1):
        m = float(k)
        q, following = table[ROW + k], table[ROW + k + 1]
        table[2 * ROW + k] = (s + 1.0 + m) * q + (m + 1.0) * following


@scalar
def _by_s(s, table):
    """Derivative by s of the coefficients of p while p_0 is 1, to the last row."""
    n, slope = DEGREE, 3 * ROW
    low, main, high = 4 * ROW, 5 * ROW, 6 * ROW
    for k in range(n):
        m = float(k)
        p_last = table[k - 1] if k > 0 else 0.0
        d_own = 2.0 * _C * (m + 1.0)
        d_before = _C * (2.0 * s + 1.0 + 4.0 * m) - 0.5
        d_last = _C * (2.0 * s + 1.0 + 2.0 * (m - 1.0))
        right = -(d_own * table[k + 1] + d_before * table[k] + d_last * p_last)
        last = _C * (s * (s + 1.0) + (m - 1.0) * (2.0 * (s + 1.0) + (m - 2.0)))
        before = _C * (s * (s + 1.0) + 4.0 * (s + 1.0) * m + 3.0 * m * (m - 1.0))
        before -= 0.5 * (m + s)
        if k > 1:
            factor = last / table[main + k - 2]
            before -= factor * table[high + k - 2]
            right -= factor * table[low + k - 2]
        if k > 0:
            right -= before / table[main + k - 1] * table[low + k - 1]
        table[low + k] = right
    for j in range(n):
        k = n - 1 - j
        following = table[slope + k + 2] if k + 2 <= n else 0.0
        value = table[low + k] - table[high + k] * following
        table[slope + k + 1] = value / table[main + k]


@scalar
def place_on_disc(x, center, gamma, alpha, sigma):
    """Parts of Z; twice its real part and its square, which sums are taken by."""
    is_right = gamma >= 0.0 and sigma >= 0.0 and alpha >= 0.0 and alpha < 1.0
    u = x - center
    wide = LENGTH * sigma
    re = gamma + wide if is_right else math.nan
    square = re * re + u * u
    # Z = (L sigma - gamma - i u) / w
    z_re = ((wide - gamma) * re - u * u) / square
    z_im = -u * (re + wide - gamma) / square
    return z_re, z_im, 2.0 * z_re, z_re * z_re + z_im * z_im


@scalar
def powers_of_distance(x, center, gamma, alpha, sigma):
    """Of f = exp(i pi alpha / 2) w^-s / pi: f, f / w and f / w^2; log |w|, arg w."""
    s = 1.0 - alpha
    u = x - center
    re = gamma + LENGTH * sigma
    square = re * re + u * u
    half_log = 0.5 * log(square)
    angle = atan(u / re)
    sine, cosine = sincos(0.5 * math.pi * alpha - s * angle)
    size = exp(-s * half_log) / math.pi
    f_re, f_im = size * cosine, size * sine
    v_re, v_im = re / square, -u / square
    g_re, g_im = f_re * v_re - f_im * v_im, f_re * v_im + f_im * v_re
    h_re, h_im = g_re * v_re - g_im * v_im, g_re * v_im + g_im * v_re
    return f_re, f_im, g_re, g_im, h_re, h_im, half_log, angle


def _line_text() -> str:
    """Text of the point function: the sums of the polynomials, written out.

    A loop over coefficients would be the innermost one, and samples one by one.
    """
    names = [f"t{k}" for k in range(4 * ROW)]
    head = "x, amplitude, center, gamma, alpha, sigma"
    lines = [
        f"def doniach_gaussian({head}, {', '.join(names)}):",
        "    at = x, center, gamma, alpha, sigma",
        "    z_re, z_im, twice, norm = place_on_disc(*at)",
        "    f_re, f_im, g_re, g_im, h_re, h_im, size, angle = powers_of_distance(*at)",
    ]
    for row, name in enumerate("pqrs"):
        first = row * ROW
        # b_k = a_k + 2 Re Z b_(k+1) - |Z|^2 b_(k+2); the sum a_0 + Z b_1 - |Z|^2 b_2
        lines += [f"    {name}1, {name}2 = t{first + DEGREE}, 0.0"]
        lines += [
            f"    {name}1, {name}2 = "
            f"t{first + k} + twice * {name}1 - norm * {name}2, {name}1"
            for k in range(DEGREE - 1, 0, -1)
        ]
        lines += [f"    {name}_re = t{first} + z_re * {name}1 - norm * {name}2"]
        lines += [f"    {name}_im = z_im * {name}1"]
    lines += [
        "    shape = f_re * p_re - f_im * p_im",
        "    other = f_re * p_im + f_im * p_re",
        "    by_gamma = -amplitude * (g_re * q_re - g_im * q_im)",
        "    by_center = -amplitude * (g_re * q_im + g_im * q_re)",
        "    by_sigma = -amplitude * sigma * (h_re * r_re - h_im * r_im)",
        # by alpha: i pi / 2 + log w, less the part of p
        f"    by_alpha = size * shape - ({0.5 * math.pi!r} + angle) * other",
        "    by_alpha = amplitude * (by_alpha - f_re * s_re + f_im * s_im)",
        "    value = amplitude * shape",
        "    return value, shape, by_center, by_gamma, by_alpha, by_sigma",
    ]
    return "\n".join(lines) + "\n"


#: Value and d/d(amplitude, center, gamma, alpha, sigma) of the line at x, from the
#: numbers of `doniach_table`. NaN unless gamma and sigma are >= 0, one of them above,
#: and alpha from 0 to below 1. The error of the value is below 1e-14 of |Phi|, which
#: is larger than the value far from the line where gamma or alpha are small.
doniach_gaussian = Generated(
    "doniach_gaussian",
    _line_text(),
    {"place_on_disc": place_on_disc, "powers_of_distance": powers_of_distance},
)
