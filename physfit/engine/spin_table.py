"""What compiled code is told about a sum of products of spins: context of its kernel.

The context is two arrays: a `SpinTable`, and the pairs as rows (i, j, parameter).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from physfit.engine.abi import BLOCK, STRIDE, as_integers, at
from physfit.engine.roles import routine
from physfit.engine.struct import Struct
from physfit.kernels.kernel import Context, Kernel

__all__ = ["Products", "SpinTable", "facts_of", "is_dense", "pairs_in", "pairs_of"]
__all__ += ["products_of", "sign", "spin_context"]

#: Spins of a group; its states are the 16 values of four bits.
GROUP = 4
STATES = 16
#: Entries of the table of two groups.
ENTRIES = STATES * STATES
#: 64-bit words that hold one byte for each sample of a block.
WORDS = BLOCK // 8


class Products(NamedTuple):
    """A sum of products of spins, each times a parameter.

    The value is `constant` minus the sum of parameter k times s_i s_j over the rows
    (i, j, k) of `pairs`, minus `field` times the sum of all spins.

    Attributes
    ----------
    n_spins : int
    pairs : bytes
        Rows (i, j, k) of int64, i < j, sorted by k; as bytes they can be hashed.
    field, constant : int
        Numbers of these parameters, -1 for none.
    n_parameters : int
    """

    n_spins: int
    pairs: bytes
    field: int
    constant: int
    n_parameters: int


class SpinTable(Struct):
    """Numbers of a sum of products, and places in the kernel's own memory."""

    n_spins: int
    n_pairs: int
    field: int
    constant: int
    n_parameters: int
    n_groups: int
    is_dense: int
    # Places.
    columns: int
    matrix: int
    single: int
    tables: int
    histogram: int
    states: int
    counter: int
    features: int


@routine
def facts_of(context: Any) -> Any:
    """The table of a context."""
    return at(context[0], SpinTable)


@routine
def sign(state: Any, spin: Any) -> Any:
    """Spin of a group in one of its states: 1 where its bit is 0, -1 where it is 1."""
    return 1.0 if state >> spin & 1 == 0 else -1.0


@routine
def pairs_in(context: Any) -> Any:
    """Rows (i, j, parameter), one after the other."""
    return as_integers(context[2])


def pairs_of(products: Products) -> Any:
    """Rows (i, j, parameter), shape (n_pairs, 3)."""
    return np.frombuffer(products.pairs, dtype=np.int64).reshape(-1, 3)


def spin_context(products: Products) -> tuple[Context, int]:
    """Context of the kernel of a sum of products, and doubles of its own memory."""
    places, n_work = _places(products)
    words = SpinTable.filled(
        n_spins=products.n_spins,
        n_pairs=len(pairs_of(products)),
        field=products.field,
        constant=products.constant,
        n_parameters=products.n_parameters,
        n_groups=_n_groups(products),
        is_dense=is_dense(products),
        **places,
    )
    return Context(words, pairs_of(products)), n_work


def products_of(kernel: Kernel) -> Products:
    """The sum of products that a kernel computes."""
    words, pairs = kernel.context.arrays
    return Products(
        int(words[SpinTable.n_spins]),
        pairs.tobytes(),
        int(words[SpinTable.field]),
        int(words[SpinTable.constant]),
        int(words[SpinTable.n_parameters]),
    )


def is_dense(products: Products) -> bool:
    """Whether pairs have parameters of their own, rather than share a few."""
    pairs = pairs_of(products)
    return len(pairs) < 4 * len(np.unique(pairs[:, 2]))


def _n_groups(products: Products) -> int:
    """Groups of four spins; at least two, so that there is a pair of them."""
    return max(2, -(-products.n_spins // GROUP))


def _places(products: Products) -> tuple[dict[str, int], int]:
    """Where each part of the kernel's own memory begins, and the size of all."""
    sizes = {
        "columns": -(-products.n_spins // 8) * 8 * WORDS,
        "counter": WORDS,
    }
    if is_dense(products):
        n_groups = _n_groups(products)
        n_padded = GROUP * n_groups
        n_entries = n_groups * (n_groups - 1) // 2 * ENTRIES
        sizes |= {
            "matrix": n_padded * n_padded,
            "single": n_padded + GROUP * STATES + 2 * STATES,
            "tables": n_entries,
            "histogram": n_entries,
            "states": n_groups * STRIDE,
        }
    else:
        sizes["features"] = products.n_parameters * STRIDE
    places, n_work = {}, 0
    for field, size in sizes.items():
        places[field] = n_work
        n_work += size
    return places, n_work
