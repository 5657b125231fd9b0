"""Sums of products of spins that share a few parameters: count pairs that differ.

With spins as bytes of 0 and 1, one column of bytes for each spin, a pair of columns is
compared by an exclusive or, and 32 samples at once are counted by adding bytes. Of m
pairs of which c differ the sum of products is m - 2 c, an exact integer. A byte counts
up to 127 (more would overflow the signed word), then the counts move on into the
features.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, as_bytes, as_integers, offset
from physfit.engine.roles import routine, summation
from physfit.engine.spin_table import (
    CONSTANT,
    FIELD,
    N_PAIRS,
    N_PARAMETERS,
    N_SPINS,
    PAIRS,
    WORDS,
)

__all__ = ["add_features", "count_features", "feature_energies"]

#: The largest count of a byte.
MOST = 127


@routine
def count_features(
    table: Any, columns: Any, address: Any, count: Any, features: Any
) -> None:
    """Derivative of the energy of each sample by each parameter, a row for each.

    At `address` is room for a byte of each sample.
    """
    for k in range(int(table[N_PARAMETERS])):
        row = offset(features, k * STRIDE)
        for r in range(count):
            row[r] = 0.0
    n_words = (count + 7) // 8
    _count_pairs(table, columns, address, n_words, features)
    if table[FIELD] >= 0.0:
        row = offset(features, int(table[FIELD]) * STRIDE)
        _count_spins(columns, int(table[N_SPINS]), address, n_words, row)
    if table[CONSTANT] >= 0.0:
        row = offset(features, int(table[CONSTANT]) * STRIDE)
        for r in range(count):
            row[r] = 1.0


@routine
def _count_pairs(
    table: Any, columns: Any, address: Any, n_words: Any, features: Any
) -> None:
    counter = as_integers(address)
    pairs = offset(table, PAIRS)
    n_pairs = int(table[N_PAIRS])
    p = 0
    while p < n_pairs:
        k = pairs[3 * p + 2]
        clear(counter, n_words)
        held = 0
        while p + 3 < n_pairs and held + 3 < MOST and pairs[3 * p + 11] == k:
            add_four(counter, columns, offset(pairs, 3 * p), n_words)
            held += 4
            p += 4
        while p < n_pairs and held < MOST and pairs[3 * p + 2] == k:
            add_different(counter, columns, offset(pairs, 3 * p), n_words)
            held += 1
            p += 1
        empty(address, n_words, held, offset(features, int(k) * STRIDE))


@routine
def _count_spins(
    columns: Any, n_spins: Any, address: Any, n_words: Any, row: Any
) -> None:
    counter = as_integers(address)
    i = 0
    while i < n_spins:
        clear(counter, n_words)
        held = 0
        while i < n_spins and held < MOST:
            add_bytes(counter, offset(columns, i * WORDS), n_words)
            held += 1
            i += 1
        empty(address, n_words, held, row)


@routine
def clear(counter: Any, n_words: Any) -> None:
    """counter = 0."""
    for w in range(n_words):
        counter[w] = 0


@routine
def add_different(counter: Any, columns: Any, pair: Any, n_words: Any) -> None:
    """Count samples in which the spins of a pair differ."""
    left = offset(columns, int(pair[0]) * WORDS)
    right = offset(columns, int(pair[1]) * WORDS)
    for w in range(n_words):
        counter[w] += left[w] ^ right[w]


@routine
def add_four(counter: Any, columns: Any, pairs: Any, n_words: Any) -> None:
    """The same of four pairs at once, which spares loads and checks of the loop."""
    a0 = offset(columns, int(pairs[0]) * WORDS)
    b0 = offset(columns, int(pairs[1]) * WORDS)
    a1 = offset(columns, int(pairs[3]) * WORDS)
    b1 = offset(columns, int(pairs[4]) * WORDS)
    a2 = offset(columns, int(pairs[6]) * WORDS)
    b2 = offset(columns, int(pairs[7]) * WORDS)
    a3 = offset(columns, int(pairs[9]) * WORDS)
    b3 = offset(columns, int(pairs[10]) * WORDS)
    for w in range(n_words):
        first = (a0[w] ^ b0[w]) + (a1[w] ^ b1[w])
        counter[w] += first + (a2[w] ^ b2[w]) + (a3[w] ^ b3[w])


@routine
def add_bytes(counter: Any, column: Any, n_words: Any) -> None:
    """Count samples in which a spin is down."""
    for w in range(n_words):
        counter[w] += column[w]


@routine
def empty(address: Any, n_words: Any, held: Any, row: Any) -> None:
    """row -= held - 2 counts, which is the sum of the products counted."""
    counts = as_bytes(address)
    most = float(held)
    for r in range(8 * n_words):
        row[r] -= most - 2.0 * float(counts[r])


@routine
def feature_energies(
    features: Any, full: Any, n_parameters: Any, count: Any, value: Any
) -> None:
    """Energy of each sample: the features times the parameters."""
    for r in range(count):
        value[r] = 0.0
    for k in range(n_parameters):
        factor = full[k]
        row = offset(features, k * STRIDE)
        for r in range(count):
            value[r] += factor * row[r]


@summation
def add_features(
    features: Any, slope: Any, n_parameters: Any, count: Any, total: Any
) -> None:
    """total += slope times each feature."""
    for k in range(n_parameters):
        row = offset(features, k * STRIDE)
        part = 0.0
        for r in range(count):
            part += slope[r] * row[r]
        total[k] += part
