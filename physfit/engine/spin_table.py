"""What compiled code is told about a sum of products of spins: one table of doubles.

A header of numbers and of places in the working memory, the signs of four spins by
their bits, then the pairs as they stand in `Products`. Doubles hold all of these
integers exactly, and a component kernel takes a table of doubles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine.abi import BLOCK, STRIDE
from physfit.engine.layout import Products
from physfit.typing import FloatArray

__all__ = ["pairs_of", "spin_table", "spin_work"]

# Numbers of the header.
N_SPINS = 0
N_PAIRS = 1
FIELD = 2
CONSTANT = 3
N_PARAMETERS = 4
N_GROUPS = 5
IS_DENSE = 6
N_WORK = 7
# Places in the working memory: PLACES.
SUMS = 8
MATRIX = 9
SINGLE = 10
TABLES = 11
HISTOGRAM = 12
NIBBLES = 13
COLUMNS = 14
COUNTER = 15
FEATURES = 16
HEADER = 17
SIGNS = HEADER
PAIRS = SIGNS + 64
#: Spins of a group; its states are the 16 values of four bits.
GROUP = 4
STATES = 16
#: Entries of the table of two groups.
ENTRIES = STATES * STATES
#: 64-bit words that hold one byte for each sample of a block.
WORDS = BLOCK // 8


def pairs_of(products: Products) -> Any:
    """Rows (i, j, parameter), shape (n_pairs, 3)."""
    return np.frombuffer(products.pairs, dtype=np.int64).reshape(-1, 3)


def spin_table(products: Products) -> FloatArray:
    """The table of a sum of products."""
    pairs = pairs_of(products)
    places, n_work = _places(products)
    header = np.zeros(HEADER)
    header[N_SPINS] = products.n_spins
    header[N_PAIRS] = len(pairs)
    header[FIELD] = products.field
    header[CONSTANT] = products.constant
    header[N_PARAMETERS] = products.n_parameters
    header[N_GROUPS] = _n_groups(products)
    header[IS_DENSE] = is_dense(products)
    header[N_WORK] = n_work
    for slot, place in places.items():
        header[slot] = place
    bits = np.arange(STATES) >> np.arange(GROUP)[:, None] & 1
    return np.concatenate([header, (1.0 - 2.0 * bits).ravel(), pairs.ravel()])


def spin_work(products: Products) -> int:
    """Doubles of working memory that a sum of products needs."""
    return _places(products)[1]


def is_dense(products: Products) -> bool:
    """Whether pairs have parameters of their own, rather than share a few."""
    pairs = pairs_of(products)
    return len(pairs) < 4 * len(np.unique(pairs[:, 2]))


def _n_groups(products: Products) -> int:
    """Groups of four spins; at least two, so that there is a pair of them."""
    return max(2, -(-products.n_spins // GROUP))


def _places(products: Products) -> tuple[dict[int, int], int]:
    """Where each part of the working memory begins, and the size of all."""
    sizes = {SUMS: products.n_parameters}
    if is_dense(products):
        n_groups = _n_groups(products)
        n_padded = GROUP * n_groups
        n_entries = n_groups * (n_groups - 1) // 2 * ENTRIES
        sizes |= {
            MATRIX: n_padded * n_padded,
            SINGLE: n_padded + GROUP * STATES + 2 * STATES,
            TABLES: n_entries,
            HISTOGRAM: n_entries,
            NIBBLES: n_groups * STRIDE,
        }
    else:
        n_padded = -(-products.n_spins // 8) * 8
        sizes |= {
            COLUMNS: n_padded * WORDS,
            COUNTER: WORDS,
            FEATURES: products.n_parameters * STRIDE,
        }
    places, n_work = {}, 0
    for slot, size in sizes.items():
        places[slot] = n_work
        n_work += size
    return places, n_work
