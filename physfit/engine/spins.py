"""Sums of products of spins: values and gradient straight from rows of int8.

The model is linear in its parameters, so no Jacobian is ever stored: the values of a
block go to the loss, and the slopes that come back go through the same products. Pairs
with parameters of their own take the tables of `nibbles`, pairs that share a few the
counts of `spin_counts`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.engine import jit
from physfit.engine.abi import (
    BLOCK,
    GRADIENT,
    as_floats,
    as_integers,
    is_null,
    offset,
)
from physfit.engine.layout import Layout
from physfit.engine.nibbles import (
    add_slopes,
    collect_products,
    energies,
    fill_tables,
)
from physfit.engine.normal import loss_of_block
from physfit.engine.problem import address_of, assemble, problem_of, release
from physfit.engine.roles import entry, routine
from physfit.engine.slots import (
    FREE,
    FULL,
    LDX,
    N_FREE,
    N_SAMPLES,
    N_TIES,
    OPS,
    SPINS,
    TERMS,
    X,
    row,
    slot,
)
from physfit.engine.spin_counts import (
    add_features,
    count_features,
    feature_energies,
)
from physfit.engine.spin_table import (
    COLUMNS,
    COUNTER,
    ENTRIES,
    FEATURES,
    HISTOGRAM,
    IS_DENSE,
    N_GROUPS,
    N_PARAMETERS,
    N_SPINS,
    NIBBLES,
    SUMS,
    TABLES,
)
from physfit.engine.spin_words import pack_columns, pack_nibbles
from physfit.engine.ties import apply_ties, resolve
from physfit.typing import FloatArray

__all__ = ["spin_energies", "spin_gradient", "spin_values"]

#: Which word of an operation is the address of its table.
TABLE = 4


def spin_energies(
    layout: Layout, full: FloatArray, spins: NDArray[np.int8]
) -> FloatArray:
    """Energies of configurations, shape (n,), at all full parameters.

    Parameters
    ----------
    layout : Layout
        Of one sum of products.
    full : ndarray, shape (n_full,)
    spins : ndarray of int8, shape (n, n_spins)
        Of 1 and -1, C-contiguous.
    """
    problem = problem_of(assemble(layout), spins)
    problem.memory.work[: layout.n_full] = full
    value = np.empty(len(spins))
    jit.compiled(spin_values).call(problem.address, None, address_of(value))
    release(problem)
    return value


@entry(GRADIENT)
def spin_gradient(problem: Any, theta: Any, start: Any, stop: Any, out: Any) -> Any:
    """Add the gradient over rows `start` to `stop` to `out` (P); return the cost."""
    resolve(problem, theta)
    table = as_floats(as_integers(problem[OPS])[TABLE])
    work = as_floats(problem[SPINS])
    total = offset(work, int(table[SUMS]))
    for k in range(int(table[N_PARAMETERS])):
        total[k] = 0.0
    _prepare(problem, table, work, True)
    cost = 0.0
    slope = as_floats(problem[TERMS])
    place = start
    while place < stop:
        count = min(BLOCK, stop - place)
        _block_values(problem, table, work, place, count)
        cost += loss_of_block(problem, 0, place, count, True)
        if table[IS_DENSE] != 0.0:
            nibbles = as_integers(problem[SPINS] + 8 * int(table[NIBBLES]))
            histogram = offset(work, int(table[HISTOGRAM]))
            add_slopes(nibbles, int(table[N_GROUPS]), slope, count, histogram)
        else:
            features = offset(work, int(table[FEATURES]))
            add_features(features, slope, int(table[N_PARAMETERS]), count, total)
        place += BLOCK
    if table[IS_DENSE] != 0.0:
        collect_products(table, offset(work, int(table[HISTOGRAM])), work, total)
    _add_free(problem, table, total, out)
    return cost


@entry("void(i64*, f64*, f64*)")
def spin_values(problem: Any, theta: Any, value: Any) -> None:
    """Values of all rows at free parameters `theta`, or as they stand if it is NULL."""
    if not is_null(theta):
        resolve(problem, theta)
    table = as_floats(as_integers(problem[OPS])[TABLE])
    work = as_floats(problem[SPINS])
    _prepare(problem, table, work, False)
    n = problem[N_SAMPLES]
    place = 0
    while place < n:
        count = min(BLOCK, n - place)
        _block_values(problem, table, work, place, count)
        block = slot(problem, 0)
        for r in range(count):
            value[place + r] = block[r]
        place += BLOCK


@routine
def _prepare(problem: Any, table: Any, work: Any, with_histogram: Any) -> None:
    """Tables of energies for the parameters as they stand; empty histograms."""
    if table[IS_DENSE] == 0.0:
        return
    tables = offset(work, int(table[TABLES]))
    fill_tables(table, as_floats(problem[FULL]), work, tables)
    if with_histogram:
        n_groups = int(table[N_GROUPS])
        histogram = offset(work, int(table[HISTOGRAM]))
        for k in range(n_groups * (n_groups - 1) // 2 * ENTRIES):
            histogram[k] = 0.0


@routine
def _block_values(problem: Any, table: Any, work: Any, place: Any, count: Any) -> None:
    """Values of a block to the first slot; its spins packed in the working memory."""
    address = problem[X] + place * problem[LDX]
    n_spins = int(table[N_SPINS])
    value = slot(problem, 0)
    if table[IS_DENSE] != 0.0:
        n_groups = int(table[N_GROUPS])
        nibbles = as_integers(problem[SPINS] + 8 * int(table[NIBBLES]))
        pack_nibbles(address, problem[LDX], count, n_spins, n_groups, nibbles)
        energies(nibbles, n_groups, offset(work, int(table[TABLES])), count, value)
        return
    columns = as_integers(problem[SPINS] + 8 * int(table[COLUMNS]))
    counter = problem[SPINS] + 8 * int(table[COUNTER])
    features = offset(work, int(table[FEATURES]))
    pack_columns(address, problem[LDX], count, n_spins, columns)
    count_features(table, columns, counter, count, features)
    full = as_floats(problem[FULL])
    feature_energies(features, full, int(table[N_PARAMETERS]), count, value)


@routine
def _add_free(problem: Any, table: Any, total: Any, out: Any) -> None:
    """out += the gradient by the free parameters, from that by all of them."""
    free = as_integers(problem[FREE])
    if problem[N_TIES] == 0:
        for k in range(problem[N_FREE]):
            out[k] += total[free[k]]
        return
    # The chain rule on rows of the Jacobian, as if the sums were those of one sample.
    for k in range(int(table[N_PARAMETERS])):
        row(problem, k)[0] = total[k]
    apply_ties(problem, 1)
    for k in range(problem[N_FREE]):
        out[k] += row(problem, free[k])[0]
