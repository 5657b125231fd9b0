"""Ising models on small periodic square lattices, by counts of their states.

With b the sum of s s' over all bonds (each once), E = -J b, and g(b) states of each b,

    <q> = sum g q exp(K b) / sum g exp(K b),   K = J / T, k_B = 1,
    d<q>/dK = <q b> - <q> <b>.

A table holds, one after the other, all b, the logarithms of their g, and for each b the
means of what is asked for over the states that have it. Largest exponents are taken
out, and moments are those about the mean, so that nothing overflows or cancels.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar

__all__ = ["finite_energy", "finite_heat", "finite_magnetization"]
__all__ += ["finite_susceptibility"]


@scalar
def _largest(K, table, m):
    """Largest K b + log g."""
    top = -math.inf
    for i in range(m):
        a = K * table[i] + table[m + i]
        top = a if a > top else top
    return top


@scalar
def _mean(K, table, m, top, first):
    """Sum of weights, and the mean of the numbers that begin at `first`."""
    total, mean = 0.0, 0.0
    for i in range(m):
        p = exp(K * table[i] + table[m + i] - top)
        total += p
        mean += p * table[first + i]
    return total, mean / total


@scalar
def _coupling(T, J):
    """K = J / T for T > 0, otherwise NaN."""
    return J / T if T > 0.0 else math.nan


@scalar
def _cumulants(K, table, m):
    """Mean, variance and third cumulant of b."""
    top = _largest(K, table, m)
    total, mean = _mean(K, table, m, top, 0)
    second, third = 0.0, 0.0
    for i in range(m):
        p = exp(K * table[i] + table[m + i] - top)
        d = table[i] - mean
        second += p * d * d
        third += p * d * d * d
    return mean, second / total, third / total


@scalar
def _covariance(K, table, m, first):
    """Mean of the numbers that begin at `first`, and their covariance with b."""
    top = _largest(K, table, m)
    total, mean = _mean(K, table, m, top, 0)
    _, own = _mean(K, table, m, top, first)
    covariance = 0.0
    for i in range(m):
        p = exp(K * table[i] + table[m + i] - top)
        covariance += p * (table[i] - mean) * (table[first + i] - own)
    return own, covariance / total


@scalar
def finite_energy(T, J, table, n):
    """Energy per spin and d/dJ; the table ends with the number of spins."""
    K = _coupling(T, J)
    mean, variance, _ = _cumulants(K, table, n // 2)
    spins = table[n - 1]
    return -J * mean / spins, -(mean + K * variance) / spins


@scalar
def finite_heat(T, J, table, n):
    """Heat capacity per spin and d/dJ; the table ends with the number of spins."""
    K = _coupling(T, J)
    _, variance, third = _cumulants(K, table, n // 2)
    spins = table[n - 1]
    return K * K * variance / spins, K / T * (2.0 * variance + K * third) / spins


@scalar
def finite_magnetization(T, J, table, n):
    """Mean of |M| per spin and d/dJ; its means stand third in the table."""
    m = n // 3
    value, covariance = _covariance(_coupling(T, J), table, m, 2 * m)
    return value, covariance / T


@scalar
def finite_susceptibility(T, J, table, n):
    """(<M^2> - <|M|>^2) / (N T) and d/dJ; |M| / N and M^2 / N stand in the table.

    It ends with the number of spins.
    """
    m = n // 4
    K = _coupling(T, J)
    size, by_size = _covariance(K, table, m, 2 * m)
    square, by_square = _covariance(K, table, m, 3 * m)
    spins = table[n - 1]
    value = (square - spins * size * size) / T
    return value, (by_square - 2.0 * spins * size * by_size) / (T * T)
