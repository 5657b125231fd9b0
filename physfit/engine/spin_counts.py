"""Sums of products of spins that share a few parameters: count pairs that differ.

With spins as bytes of 0 and 1, one column of bytes for each spin, a pair of columns is
compared by an exclusive or, and 32 samples at once are counted by adding bytes. Of m
pairs of which c differ the sum of products is m - 2 c, an exact integer. A byte counts
up to 255, then the counts move on into the features.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, offset
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
MOST = 255


@routine
def count_features(
    table: Any, columns: Any, counter: Any, count: Any, features: Any
) -> None:
    """Derivative of the energy of each sample by each parameter, a row for each."""
    for k in range(int(table[N_PARAMETERS])):
        row = offset(features, k * STRIDE)
        for r in range(count):
            row[r] = 0.0
    n_words = (count + 7) // 8
    _count_pairs(table, columns, counter, n_words, features)
    if table[FIELD] >= 0.0:
        row = offset(features, int(table[FIELD]) * STRIDE)
        _count_spins(columns, int(table[N_SPINS]), counter, n_words, row)
    if table[CONSTANT] >= 0.0:
        row = offset(features, int(table[CONSTANT]) * STRIDE)
        for r in range(count):
            row[r] = 1.0


@routine
def _count_pairs(
    table: Any, columns: Any, counter: Any, n_words: Any, features: Any
) -> None:
    pairs = offset(table, PAIRS)
    n_pairs = int(table[N_PAIRS])
    p = 0
    while p < n_pairs:
        k = pairs[3 * p + 2]
        clear(counter, n_words)
        held = 0
        while p < n_pairs and held < MOST and pairs[3 * p + 2] == k:
            left = offset(columns, int(pairs[3 * p]) * WORDS)
            right = offset(columns, int(pairs[3 * p + 1]) * WORDS)
            add_different(counter, left, right, n_words)
            held += 1
            p += 1
        empty(counter, n_words, held, offset(features, int(k) * STRIDE))


@routine
def _count_spins(
    columns: Any, n_spins: Any, counter: Any, n_words: Any, row: Any
) -> None:
    i = 0
    while i < n_spins:
        clear(counter, n_words)
        held = 0
        while i < n_spins and held < MOST:
            add_bytes(counter, offset(columns, i * WORDS), n_words)
            held += 1
            i += 1
        empty(counter, n_words, held, row)


@routine
def clear(counter: Any, n_words: Any) -> None:
    """counter = 0."""
    for w in range(n_words):
        counter[w] = 0


@routine
def add_different(counter: Any, left: Any, right: Any, n_words: Any) -> None:
    """Count samples in which two spins differ."""
    for w in range(n_words):
        counter[w] += left[w] ^ right[w]


@routine
def add_bytes(counter: Any, column: Any, n_words: Any) -> None:
    """Count samples in which a spin is down."""
    for w in range(n_words):
        counter[w] += column[w]


@routine
def empty(counter: Any, n_words: Any, held: Any, row: Any) -> None:
    """row -= held - 2 counts, which is the sum of the products counted."""
    for w in range(n_words):
        word = counter[w]
        for m in range(8):
            row[8 * w + m] -= float(held - 2 * (word >> 8 * m & 255))


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
