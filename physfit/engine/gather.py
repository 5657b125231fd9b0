"""Rows of a file in a random order, gathered into columns.

The order of a window is a Fisher-Yates shuffle: for i = n - 1 ... 1 swap entry i with
entry j drawn uniformly from 0 ... i, so that all n! orders are equally likely. The
draws come from the counter generator splitmix64: word t of key k is mix(k + t c) with
an odd constant c, so that nothing but the key decides and no state is carried from one
window to the next. A word gives two draws of 32 bits. A draw u becomes j = floor(u m /
2^32) for m = i + 1; low words below 2^32 mod m are drawn again (Lemire), which makes j
exactly uniform and costs a division once in 2^32 / m draws.

Where a window is larger than the cache, its blocks are scattered into it one after the
other, each while it is still in the cache: a block is shuffled by itself, cut into runs
of eight rows, and the runs of all blocks stand in the window in random order. Each run
fills a line of the cache, so that nothing is written twice. Blocks of equal size share
one permutation, which each begins at a random place of: shuffling each would cost a
quarter of all that is done with a row here.

Gathering reads each raw row once, in the order of the permutation, and writes it into
its columns, 1 / sigma in place of sigma. Whether all values were finite and all sigmas
above 0 is a conjunction carried along; which row was at fault is found afterwards.

References
----------
Steele, Lea & Flood, OOPSLA 2014 (splitmix64). Lemire, ACM TOMACS 29 (2019) 3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from physfit.engine.abi import (
    BLOCK,
    as_bytes,
    as_floats,
    as_integers,
    as_shorts,
    as_singles,
    as_spins,
    as_words,
    at,
    is_null,
    offset,
)
from physfit.engine.roles import entry, routine
from physfit.engine.struct import Struct

__all__ = ["DTYPES", "RUN", "RawColumn", "RawPart", "gather_columns", "gather_spins"]
__all__ += ["shuffle_order", "stratify_order"]

#: Rows that stay together when rows are scattered: doubles in a line of the cache.
RUN = 8
#: Numbers of the raw types that `gather_columns` reads.
DTYPES = {
    np.dtype(np.float64): 0,
    np.dtype(np.float32): 1,
    np.dtype(np.int64): 2,
    np.dtype(np.int32): 3,
    np.dtype(np.int16): 4,
    np.dtype(np.int8): 5,
    np.dtype(np.uint8): 6,
}


class RawPart(Struct):
    """An array of raw rows."""

    address: int
    #: Its type, see `DTYPES`.
    dtype: int
    #: Numbers in a row.
    width: int
    #: A `RawColumn` for each column that is read.
    columns: int
    n_columns: int


class RawColumn(Struct):
    """A column of an array of raw rows, and where its numbers go."""

    number: int
    #: Whether 1 / value is wanted.
    is_sigma: int
    target: int


# Bytes of both.
PART = 8 * RawPart.SIZE
COLUMN = 8 * RawColumn.SIZE


@routine
def mixed(word: Any) -> Any:
    """Finaliser of splitmix64: a bijection of 64-bit words without a pattern left."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@routine
def below(draw: Any, bound: Any, state: Any) -> Any:
    """Uniform integer below `bound` < 2^31 from 32 random bits, and the state after."""
    low_bits = np.uint64(0xFFFFFFFF)
    product = draw * bound
    low = product & low_bits
    if low < bound:
        threshold = (np.uint64(1) << np.uint64(32)) % bound
        while low < threshold:
            state = state + np.uint64(0x9E3779B97F4A7C15)
            product = (mixed(state) >> np.uint64(32)) * bound
            low = product & low_bits
    return product >> np.uint64(32), state


@entry("void(i64, i64, i32*)")
def shuffle_order(key: Any, n: Any, order: Any) -> None:
    """Write a uniformly random permutation of 0 ... n - 1, n < 2^31, into `order`."""
    for i in range(n):
        order[i] = np.int32(i)
    state = np.uint64(key)
    i = n - 1
    while i > 0:
        state = state + np.uint64(0x9E3779B97F4A7C15)
        word = mixed(state)
        j, state = below(word >> np.uint64(32), np.uint64(i + 1), state)
        kept = order[i]
        order[i] = order[np.int64(j)]
        order[np.int64(j)] = kept
        i -= 1
        if i > 0:
            word = word & np.uint64(0xFFFFFFFF)
            j, state = below(word, np.uint64(i + 1), state)
            kept = order[i]
            order[i] = order[np.int64(j)]
            order[np.int64(j)] = kept
            i -= 1


@entry("void(i32*, i32*, i64, i64, i32*, i64*)")
def stratify_order(
    order: Any, strata: Any, n: Any, n_strata: Any, out: Any, work: Any
) -> None:
    """Interleave the rows of `order`: every stretch has the strata in proportion.

    `strata[row]` is the stratum of a row. Rows of one stratum keep the order they have;
    which stratum comes next is the one most behind its share (smooth weighted round
    robin), so no stretch is off by more than about one row of each. `work` holds three
    integers a stratum.
    """
    counts, places = work, offset(work, n_strata)
    credits = offset(work, 2 * n_strata)
    for k in range(3 * n_strata):
        work[k] = 0
    for i in range(n):
        counts[strata[i]] += 1
    for k in range(1, n_strata):
        places[k] = places[k - 1] + counts[k - 1]
    # rows by stratum go to `out`, and from there back into `order` one by one
    for i in range(n):
        row = order[i]
        place = places[strata[row]]
        out[place] = row
        places[strata[row]] = place + 1
    for k in range(n_strata):
        places[k] -= counts[k]
    for i in range(n):
        best = 0
        for k in range(n_strata):
            credits[k] += counts[k]
            if credits[k] > credits[best]:
                best = k
        credits[best] -= n
        order[i] = out[places[best]]
        places[best] += 1


@routine
def all_finite(values: Any, n: Any) -> Any:
    """Whether no value is NaN or infinite."""
    sound = True
    for i in range(n):
        sound &= abs(values[i]) < math.inf
    return sound


@routine
def inverted_all(values: Any, n: Any) -> Any:
    """Replace sigmas by 1 / sigma; whether all these are finite and above 0."""
    sound = True
    for i in range(n):
        weight = 1.0 / values[i]
        sound &= (weight > 0.0) & (weight < math.inf)
        values[i] = weight
    return sound


@routine
def put_runs(source: Any, n: Any, places: Any, out: Any) -> None:
    """Copy runs of eight, the last perhaps shorter, to where `places` says."""
    for k in range(n // RUN):
        run = offset(source, k * RUN)
        target = offset(out, np.int64(places[k]))
        for i in range(RUN):
            target[i] = run[i]
    done = n // RUN * RUN
    if done < n:
        target = offset(out, np.int64(places[n // RUN]))
        for i in range(n - done):
            target[i] = source[done + i]


@routine
def gathered(raw: Any, part: Any, order: Any, n: Any, places: Any, work: Any) -> Any:
    """Gather the columns of rows of any type; whether all of them are usable."""
    sound = True
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        picked = offset(order, start)
        for k in range(part.n_columns):
            own = at(part.columns + k * COLUMN, RawColumn)
            column = offset(raw, own.number)
            out = as_floats(own.target)
            target = offset(out, start) if is_null(places) else work
            for i in range(size):
                target[i] = np.float64(column[np.int64(picked[i]) * part.width])
            if own.is_sigma != 0:
                sound &= inverted_all(target, size)
            else:
                sound &= all_finite(target, size)
            if not is_null(places):
                put_runs(target, size, offset(places, start // RUN), out)
    return np.int64(sound)


@routine
def gathered_part(part: Any, order: Any, n: Any, places: Any, work: Any) -> Any:
    """The same for the type of a raw array."""
    raw, dtype = part.address, part.dtype
    if dtype == 0:
        return gathered(as_floats(raw), part, order, n, places, work)
    if dtype == 1:
        return gathered(as_singles(raw), part, order, n, places, work)
    if dtype == 2:
        return gathered(as_integers(raw), part, order, n, places, work)
    if dtype == 3:
        return gathered(as_words(raw), part, order, n, places, work)
    if dtype == 4:
        return gathered(as_shorts(raw), part, order, n, places, work)
    if dtype == 5:
        return gathered(as_spins(raw), part, order, n, places, work)
    return gathered(as_bytes(raw), part, order, n, places, work)


@entry("i64(i64, i64, i32*, i64, i32*, f64*)")
def gather_columns(
    parts: Any, n_parts: Any, order: Any, n: Any, places: Any, work: Any
) -> Any:
    """Gather the columns of raw rows in an order; whether all values are usable.

    `parts` is the address of a `RawPart` for each raw array. With `places` columns are
    scattered: run k, the rows order[8 k] to order[8 k + 7], goes to places[k] and the
    seven after, by way of `work`, which has room for a block of doubles.
    """
    sound = np.int64(1)
    for p in range(n_parts):
        sound &= gathered_part(at(parts + p * PART, RawPart), order, n, places, work)
    return sound


@entry("i64(u8*, i64, i32*, i64, i32*, u8*)")
def gather_spins(
    raw: Any, width: Any, order: Any, n: Any, places: Any, out: Any
) -> Any:
    """The same for rows of int8 spins; whether every one is +1 or -1."""
    sound = True
    for i in range(n):
        row = offset(raw, np.int64(order[i]) * width)
        place = np.int64(i)
        if not is_null(places):
            place = np.int64(places[i // RUN]) + i % RUN
        target = offset(out, place * width)
        for j in range(width):
            spin = row[j]
            # +1 is the byte 1, -1 the byte 255: plus 1 they are 2 and 0
            sound &= ((np.int64(spin) + 1) & 253) == 0
            target[j] = spin
    return np.int64(sound)
