"""Spins of a row of int8 as bits: 0 for up, 1 for down.

Eight spins are one 64-bit word; its sign bits shifted down are eight bytes of 0 or 1,
and one multiplication gathers these into the eight bits of a byte.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.engine.abi import STRIDE, address_at, as_bytes, as_integers, offset
from physfit.engine.roles import routine
from physfit.engine.spin_table import WORDS
from physfit.errors import DomainError

__all__ = ["octet_bits", "pack_columns", "pack_states", "spin_rows", "words_at"]

#: A one in every byte.
ONES = 0x0101010101010101
#: Its product with bytes of 0 and 1 has them as bits in the highest byte.
GATHER = 0x0102040810204080


def spin_rows(x: NDArray[Any]) -> NDArray[np.int8]:
    """Rows of int8 from columns of numbers, shape (n_spins, n); or as they are.

    Raises
    ------
    DomainError
        When a number is neither 1 nor -1.
    """
    if x.dtype == np.int8:
        return x
    wrong = np.abs(x) != 1.0
    if wrong.any():
        raise DomainError(
            f"spins are 1 or -1, but `x` holds {float(x[wrong][0])!r}; pass "
            "configurations of spins."
        )
    return np.array(x.T, dtype=np.int8, order="C")


@routine
def words_at(memory: Any, place: Any) -> Any:
    """Part of a memory of doubles as integers."""
    return as_integers(address_at(offset(memory, place)))


@routine
def octet(address: Any, number: Any, n_spins: Any) -> Any:
    """Spins 8 number ... of the row at `address`, as bytes of 0 and 1."""
    left = n_spins - 8 * number
    if left >= 8:
        return (as_integers(address + 8 * number)[0] >> 7) & ONES
    rest = as_bytes(address + 8 * number)
    word = 0
    for m in range(left):
        word |= ((rest[m] >> 7) & 1) << (8 * m)
    return word


@routine
def octet_bits(address: Any, number: Any, n_spins: Any) -> Any:
    """The same spins as the eight bits of a byte."""
    # Unsigned: numba takes it that signed products never overflow.
    word = np.uint64(octet(address, number, n_spins))
    return np.int64(word * np.uint64(GATHER) >> np.uint64(56))


@routine
def pack_states(
    address: Any, ldx: Any, count: Any, n_spins: Any, n_groups: Any, states: Any
) -> None:
    """States of the groups of four spins, one row of `states` for each group.

    Rows of the block are padded by zeros up to a multiple of four.
    """
    n_octets = (n_spins + 7) // 8
    for r in range(count):
        for o in range(n_octets):
            bits = octet_bits(address + r * ldx, o, n_spins)
            states[2 * o * STRIDE + r] = bits & 15
            if 2 * o + 1 < n_groups:
                states[(2 * o + 1) * STRIDE + r] = bits >> 4
    for g in range(2 * n_octets, n_groups):
        for r in range(count):
            states[g * STRIDE + r] = 0
    for g in range(n_groups):
        for r in range(count, (count + 3) // 4 * 4):
            states[g * STRIDE + r] = 0


@routine
def pack_columns(
    address: Any, ldx: Any, count: Any, n_spins: Any, columns: Any
) -> None:
    """Spin i of all samples of a block: row i of WORDS words, a byte for each."""
    n_octets = (n_spins + 7) // 8
    n_words = (count + 7) // 8
    for o in range(n_octets):
        for w in range(n_words):
            for m in range(8):
                columns[(8 * o + m) * WORDS + w] = 0
            for r in range(min(8, count - 8 * w)):
                word = octet(address + (8 * w + r) * ldx, o, n_spins)
                for m in range(8):
                    columns[(8 * o + m) * WORDS + w] |= (word >> 8 * m & 1) << 8 * r
