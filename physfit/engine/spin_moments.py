"""Averages of products of two and four spins, by bits.

With 64 configurations in a word, one row of words for each spin, the product of a pair
is the exclusive or of two rows, and that of two pairs the exclusive or of four; of n
configurations of which c have an odd number of spins down the sum of the products is
n - 2 c, exactly. Of all products of two pairs most are the same: they depend on the set
of four sites only, so 40 spins need 91 390 sums instead of 304 590.

Pairs and sets are numbered by the sum of their binomials: the pair i < j has the number
j (j - 1) / 2 + i, the set a < b < c < d the number

    C(d, 4) + C(c, 3) + C(b, 2) + a ,

so that those with the same c and d stand in a row, in the order of the pairs (a, b).
"""

from __future__ import annotations

from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine import jit
from physfit.engine.abi import as_bytes, offset, popcount
from physfit.engine.addresses import address_of
from physfit.engine.roles import entry, routine, summation
from physfit.engine.spin_words import octet_bits
from physfit.typing import IntArray

__all__ = ["Moments", "four_sites", "moments", "pair_number"]

#: Words of each pair that are worked on at a time; 780 pairs of them fill a cache.
CHUNK = 64
# Exchanges that transpose a matrix of 8 x 8 bits.
SWAP_1 = 0x00AA00AA00AA00AA
SWAP_2 = 0x0000CCCC0000CCCC
SWAP_4 = 0x00000000F0F0F0F0


class Moments(NamedTuple):
    """Sums of products of spins over configurations.

    Attributes
    ----------
    n : int
        Number of configurations.
    two : ndarray, shape (C(n_sites, 2),)
        Sum of s_i s_j by the number of the pair.
    four : ndarray, shape (C(n_sites, 4),)
        Sum of s_a s_b s_c s_d by the number of the set.
    """

    n: int
    two: IntArray
    four: IntArray


def moments(spins: NDArray[np.int8]) -> Moments:
    """Moments of configurations.

    Parameters
    ----------
    spins : ndarray of int8, shape (n, n_spins)
        Of 1 and -1, C-contiguous.
    """
    n, n_spins = spins.shape
    n_words = -(-n // 64)
    bits = np.zeros((n_spins, n_words), dtype=np.int64)
    work = np.empty((comb(n_spins, 2), CHUNK), dtype=np.int64)
    two = np.zeros(comb(n_spins, 2), dtype=np.int64)
    four = np.zeros(comb(n_spins, 4), dtype=np.int64)
    jit.compiled(pack_bits).call(
        address_of(spins), n, n_spins, n_words, address_of(bits)
    )
    jit.compiled(count_odd).call(
        address_of(bits),
        n_spins,
        n_words,
        address_of(work),
        address_of(two),
        address_of(four),
    )
    return Moments(n, n - 2 * two, n - 2 * four)


def pair_number(i: IntArray, j: IntArray) -> IntArray:
    """Numbers of pairs i < j."""
    number: IntArray = j * (j - 1) // 2 + i
    return number


def four_sites(sites: IntArray) -> IntArray:
    """Numbers of sets of four different sites, shape (4, ...), in any order."""
    a, b, c, d = np.sort(sites, axis=0)
    third = c * (c - 1) * (c - 2) // 6
    # Three factors first: all four would overflow for sites beyond 50 000 only.
    fourth = d * (d - 1) * (d - 2) // 6 * (d - 3) // 4
    number: IntArray = pair_number(a, b) + third + fourth
    return number


@entry("void(i64, i64, i64, i64, i64)")
def pack_bits(
    address: Any, n: Any, n_spins: Any, n_words: Any, bits_address: Any
) -> None:
    """Bits of each spin over the configurations, in rows of words that are zero."""
    for o in range((n_spins + 7) // 8):
        first = 8 * o
        count = min(8, n_spins - first)
        for k in range((n + 7) // 8):
            matrix = 0
            for r in range(min(8, n - 8 * k)):
                row = address + (8 * k + r) * n_spins
                matrix |= octet_bits(row, o, n_spins) << 8 * r
            matrix = transposed(matrix)
            for m in range(count):
                target = as_bytes(bits_address + (first + m) * n_words * 8)
                target[k] = matrix >> 8 * m & 255


@routine
def transposed(matrix: Any) -> Any:
    """Matrix of 8 x 8 bits, a byte for each row, transposed."""
    turned = (matrix ^ (matrix >> 7)) & SWAP_1
    matrix ^= turned ^ (turned << 7)
    turned = (matrix ^ (matrix >> 14)) & SWAP_2
    matrix ^= turned ^ (turned << 14)
    turned = (matrix ^ (matrix >> 28)) & SWAP_4
    return matrix ^ turned ^ (turned << 28)


@entry("void(i64*, i64, i64, i64*, i64*, i64*)")
def count_odd(
    bits: Any, n_sites: Any, n_words: Any, work: Any, two: Any, four: Any
) -> None:
    """Add how many configurations have an odd number of spins down, for all sets."""
    place = 0
    while place < n_words:
        count = min(CHUNK, n_words - place)
        pair = 0
        for j in range(1, n_sites):
            right = offset(bits, j * n_words + place)
            for i in range(j):
                left = offset(bits, i * n_words + place)
                products(left, right, count, offset(work, pair * CHUNK))
                two[pair] += differences(left, right, count)
                pair += 1
        _count_sets(n_sites, count, work, four)
        place += CHUNK


@routine
def _count_sets(n_sites: Any, count: Any, work: Any, four: Any) -> None:
    """Sets of four: each pair (c, d) with all pairs of sites before c."""
    base = 0
    for d in range(3, n_sites):
        base = d * (d - 1) * (d - 2) // 6 * (d - 3) // 4
        for c in range(2, d):
            right = offset(work, (d * (d - 1) // 2 + c) * CHUNK)
            out = offset(four, base + c * (c - 1) * (c - 2) // 6)
            for p in range(c * (c - 1) // 2):
                out[p] += differences(offset(work, p * CHUNK), right, count)


@routine
def products(left: Any, right: Any, count: Any, out: Any) -> None:
    """Bits of the products of two rows."""
    for w in range(count):
        out[w] = left[w] ^ right[w]


@summation
def differences(left: Any, right: Any, count: Any) -> Any:
    """How many bits of two rows differ."""
    total = 0
    for w in range(count):
        total += popcount(left[w] ^ right[w])
    return total
