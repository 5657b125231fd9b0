"""Exact Ising models, k_B = 1: energy and heat per spin of chain and square lattice.

With ``K = J / T`` and ``E = -J sum s s'``, both lattices have ``u = -J f(K)``. Then
``c = du/dT = K^2 f'(K)``, and the partials are ``du/dJ = -(f + K f')`` and
``dc/dJ = (K / T) (2 f' + K f'')``. f is odd in K, so a negative (antiferromagnetic) J
gives the same u and c: both lattices are bipartite.

Square lattice (Onsager): with ``th = tanh 2K, q = th^2, p = 1 - q, kappa = q - p`` and
the complete elliptic integrals of complementary modulus |kappa|,

    f  = (1 + (2 / pi) kappa Kell) / th
    f' = (2 / (pi q)) (2 (Kell - Eell) - 2 p (pi / 2 + kappa Kell))

In these forms c loses every digit for T -> 0, and u for T -> inf. So the differences
are taken inside the arithmetic-geometric mean: it starts from ``a_1 = max(p, q)`` with
``c_1 = min(p, q)``, goes on by ``c_{n+1} = c_n^2 / (4 a_{n+1})``, and with its limit a,
``R = sum c_n / c_1^2`` and ``S = sum 2^(n-1) c_n^2 / c_1^4`` over n >= 2,

    Kell = pi / (2 a),   1 - a = c_1 + c_1^2 R,
    2 (1 - Eell / Kell) = 1 - kappa^2 + 2 c_1^2 + 2 c_1^4 S.

What is left are sums of terms of one sign, for f, f' and f'' on either side of T_c.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, tanh
from physfit.kernels.kernel import scalar

__all__ = ["ising_chain_energy", "ising_chain_heat", "ising_square_energy"]
__all__ += ["ising_square_heat"]


#: |J| / T from which exp(-|J| / T) is 0: spins are frozen, as at T = 0.
FROZEN = 1000.0


@scalar
def coupling_of(T, J):
    """K = J / T for T >= 0, otherwise NaN; of frozen spins `FROZEN` with J's sign.

    Nothing depends on K from there on, and its products with 1 / cosh(K) stay 0.
    """
    temperature = T if T >= 0.0 else math.nan
    frozen = math.copysign(FROZEN, J) + 0.0 * (temperature + J)
    return J / temperature if math.fabs(J) < FROZEN * temperature else frozen


@scalar
def sech(x):
    """1 / cosh(x), with full relative accuracy where cosh would overflow."""
    e = exp(-math.fabs(x))
    return 2.0 * e / (1.0 + e * e)


@scalar
def agm_sums(a, b, c):
    """Limit a, R and S of the mean that starts from a_1, b_1, c_1; see the module.

    Eight steps: enough for b_1 / a_1 down to 1e-9, that is |kappa| down to 1e-18.
    """
    limit = 0.5 * (a + b)
    b = math.sqrt(a * b)
    d = 0.25 / limit
    square = c * c
    first = d
    second = 2.0 * d * d
    weight = 4.0
    for _ in range(7):
        a = limit
        limit = 0.5 * (a + b)
        b = math.sqrt(a * b)
        d = 0.25 * square * d * d / limit
        first += d
        second += weight * d * d
        weight *= 2.0
    return limit, first, second


@scalar
def square_lattice(coupling):
    """(f, h, f' / h^2, f'' / h^2) of the square lattice at K = J / T; see the module.

    h = p below T_c and 1 above, so that K h stays finite for T -> 0.
    """
    th = tanh(2.0 * coupling)
    root_p = sech(2.0 * coupling)
    q = th * th
    p = root_p * root_p
    low = q >= p
    kappa = math.fabs(q - p)
    c = p if low else q
    a, first, second = agm_sums(q if low else p, math.sqrt(kappa), c)
    critical = kappa == 0.0
    singular = (1.0 - c * c * second) / (math.nan if critical else kappa)
    slope_scale = (math.inf if critical else 2.0) / a
    # Each quotient keeps a denominator of 1 where the other side of T_c is meant.
    th_low = th if low else 1.0
    q_low = q if low else 1.0
    f = (1.0 + kappa / a) / th_low if low else th * (1.0 - q * first) / a
    below = (2.0 + p * first + p * p * second) / q_low
    above = 1.0 + q * p * first + q * q * q * second
    slope = slope_scale * (below if low else above)
    bend_below = p * (2.0 - (1.0 + 2.0 * q) * singular - 2.0 * first) - 8.0
    bend_below = (bend_below - 2.0 * p * p * p * second) / (q_low * th_low)
    bend_above = 2.0 + (1.0 + 2.0 * q) * singular - 2.0 * first - 2.0 * q * q * second
    bend = 2.0 * slope_scale * (bend_below if low else p * th * bend_above)
    return f, p if low else 1.0, slope, bend


@scalar
def ising_chain_energy(T, J):
    """Energy per spin of the Ising chain, ``-J tanh(J / T)``, with its partial.

    Parameters
    ----------
    T : float
        Temperature in units of energy (k_B = 1); `T >= 0`, otherwise NaN.
    J : float
        Coupling of neighbours, of either sign.

    Returns
    -------
    tuple of float
        u, du/dJ; relative errors below 2e-15.

    References
    ----------
    Ising, Z. Phys. 31 (1925) 253.
    """
    k = coupling_of(T, J)
    th = tanh(k)
    root = sech(k)
    return -J * th, -(th + (k * root) * root)


@scalar
def ising_chain_heat(T, J):
    """Heat capacity per spin of the Ising chain, ``(J / T)^2 / cosh^2(J / T)``.

    Parameters
    ----------
    T : float
        Temperature in units of energy (k_B = 1); `T >= 0`, otherwise NaN.
    J : float
        Coupling of neighbours, of either sign.

    Returns
    -------
    tuple of float
        c, dc/dJ; relative error of c below (4 + |J / T|) 4e-16.

    References
    ----------
    Ising, Z. Phys. 31 (1925) 253.
    """
    k = coupling_of(T, J)
    temperature = T if T > 0.0 else 1.0
    root = sech(k)
    scaled = k * root
    return scaled * scaled, 2.0 * scaled * root * (1.0 - k * tanh(k)) / temperature


@scalar
def ising_square_energy(T, J):
    """Energy per spin of the infinite square-lattice Ising model, with its partial.

    Parameters
    ----------
    T : float
        Temperature in units of energy (k_B = 1); `T >= 0`, otherwise NaN.
    J : float
        Coupling of neighbours, of either sign.

    Returns
    -------
    tuple of float
        u, du/dJ. At the critical temperature 2 |J| / log(1 + sqrt(2)) u is continuous
        and du/dJ infinite, with the sign of -J (at the nearest doubles it is about 41).
        Errors are below 3 roundings (1.1e-16)
        of the result plus the movement that one rounding of T and J causes.

    References
    ----------
    Onsager, Phys. Rev. 65 (1944) 117.
    """
    k = coupling_of(T, J)
    f, h, slope, _ = square_lattice(k)
    return -J * f, -(f + (k * h) * (h * slope))


@scalar
def ising_square_heat(T, J):
    """Heat capacity per spin of the infinite square-lattice Ising model.

    Parameters
    ----------
    T : float
        Temperature in units of energy (k_B = 1); `T >= 0`, otherwise NaN.
    J : float
        Coupling of neighbours, of either sign.

    Returns
    -------
    tuple of float
        c, dc/dJ. At the critical temperature 2 |J| / log(1 + sqrt(2)) c is infinite and
        dc/dJ NaN (at the nearest doubles c is about 18). Errors as for
        `ising_square_energy`, down to T -> 0, where c falls like exp(-8 |J| / T), until
        it underflows.

    References
    ----------
    Onsager, Phys. Rev. 65 (1944) 117.
    """
    k = coupling_of(T, J)
    temperature = T if T > 0.0 else 1.0
    _, h, slope, bend = square_lattice(k)
    scaled = k * h
    return scaled * scaled * slope, scaled * h * (2.0 * slope + k * bend) / temperature
