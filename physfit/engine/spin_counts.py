"""Sums of products of spins that share a few parameters: count pairs that differ.

With spins as bytes of 0 and 1, one column of bytes for each spin, a pair of columns is
compared by an exclusive or, and 32 samples at once are counted by adding bytes. Of m
pairs of which c differ the sum of products is m - 2 c, an exact integer. A byte counts
up to 127 (more would overflow the signed word), then the counts move on into the
features.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, address_at, as_bytes, offset
from physfit.engine.dense import dot, fill
from physfit.engine.roles import routine
from physfit.engine.spin_table import WORDS, facts_of, pairs_in
from physfit.engine.structs import add_scaled

__all__ = ["add_features", "count_features", "feature_energies"]

#: The largest count of a byte.
MOST = 127


@routine
def count_features(
    context: Any, columns: Any, counter: Any, count: Any, features: Any
) -> None:
    """Derivative of the energy of each sample by each parameter, a row for each.

    The counter has room for a byte of each sample.
    """
    facts = facts_of(context)
    for k in range(facts.n_parameters):
        fill(offset(features, k * STRIDE), 0.0, count)
    n_words = (count + 7) // 8
    _count_pairs(context, columns, counter, n_words, features)
    if facts.field >= 0:
        row = offset(features, facts.field * STRIDE)
        _count_spins(columns, facts.n_spins, counter, n_words, row)
    if facts.constant >= 0:
        fill(offset(features, facts.constant * STRIDE), 1.0, count)


@routine
def _count_pairs(
    context: Any, columns: Any, counter: Any, n_words: Any, features: Any
) -> None:
    facts = facts_of(context)
    pairs = pairs_in(context)
    n_pairs = facts.n_pairs
    p = 0
    while p < n_pairs:
        k = pairs[3 * p + 2]
        fill(counter, 0, n_words)
        held = 0
        while p + 3 < n_pairs and held + 3 < MOST and pairs[3 * p + 11] == k:
            add_four(counter, columns, offset(pairs, 3 * p), n_words)
            held += 4
            p += 4
        while p < n_pairs and held < MOST and pairs[3 * p + 2] == k:
            add_different(counter, columns, offset(pairs, 3 * p), n_words)
            held += 1
            p += 1
        empty(counter, n_words, held, offset(features, int(k) * STRIDE))


@routine
def _count_spins(
    columns: Any, n_spins: Any, counter: Any, n_words: Any, row: Any
) -> None:
    i = 0
    while i < n_spins:
        fill(counter, 0, n_words)
        held = 0
        while i < n_spins and held < MOST:
            add_bytes(counter, offset(columns, i * WORDS), n_words)
            held += 1
            i += 1
        empty(counter, n_words, held, row)


@routine
def add_different(counter: Any, columns: Any, pair: Any, n_words: Any) -> None:
    """Count samples in which the spins of a pair differ."""
    left = offset(columns, pair[0] * WORDS)
    right = offset(columns, pair[1] * WORDS)
    for w in range(n_words):
        counter[w] += left[w] ^ right[w]


@routine
def add_four(counter: Any, columns: Any, pairs: Any, n_words: Any) -> None:
    """The same of four pairs at once, which spares loads and checks of the loop."""
    a0 = offset(columns, pairs[0] * WORDS)
    b0 = offset(columns, pairs[1] * WORDS)
    a1 = offset(columns, pairs[3] * WORDS)
    b1 = offset(columns, pairs[4] * WORDS)
    a2 = offset(columns, pairs[6] * WORDS)
    b2 = offset(columns, pairs[7] * WORDS)
    a3 = offset(columns, pairs[9] * WORDS)
    b3 = offset(columns, pairs[10] * WORDS)
    for w in range(n_words):
        first = (a0[w] ^ b0[w]) + (a1[w] ^ b1[w])
        counter[w] += first + (a2[w] ^ b2[w]) + (a3[w] ^ b3[w])


@routine
def add_bytes(counter: Any, column: Any, n_words: Any) -> None:
    """Count samples in which a spin is down."""
    for w in range(n_words):
        counter[w] += column[w]


@routine
def empty(counter: Any, n_words: Any, held: Any, row: Any) -> None:
    """row -= held - 2 counts, which is the sum of the products counted."""
    counts = as_bytes(address_at(counter))
    most = float(held)
    for r in range(8 * n_words):
        row[r] -= most - 2.0 * float(counts[r])


@routine
def feature_energies(
    features: Any, full: Any, n_parameters: Any, count: Any, value: Any
) -> None:
    """Energy of each sample: the features times the parameters."""
    fill(value, 0.0, count)
    for k in range(n_parameters):
        add_scaled(value, offset(features, k * STRIDE), full[k], count)


@routine
def add_features(
    features: Any, slope: Any, n_parameters: Any, count: Any, total: Any
) -> None:
    """total += slope times each feature."""
    for k in range(n_parameters):
        total[k] += dot(slope, offset(features, k * STRIDE), count)
