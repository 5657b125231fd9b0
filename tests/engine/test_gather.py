"""Shuffles and gathers: uniform orders, exact columns, every bad value noticed."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from physfit.engine import gather, jit

#: 1e-4: one false alarm in 10000 sets of seeds; the seeds here are fixed.
LEAST_P = 1e-4


def shuffled(key, n):
    """The order of a key."""
    order = np.full(n + 1, -7, dtype=np.int32)
    jit.compiled(gather.shuffle_order).call(key, n, order.ctypes.data)
    assert order[n] == -7  # nothing is written behind the end
    return order[:n]


def gathered(raw, order, columns):
    """Columns of rows, and whether the kernel found them usable."""
    out = np.full((len(columns), order.size), -1.0)
    rows = [
        (at, inverted, out[k].ctypes.data) for k, (at, inverted) in enumerate(columns)
    ]
    table = np.array(rows, dtype=np.int64)
    part = np.zeros(gather.RawPart.SIZE, dtype=np.int64)
    part[gather.RawPart.address], part[gather.RawPart.width] = (
        raw.ctypes.data,
        raw.shape[1],
    )
    part[gather.RawPart.dtype] = gather.DTYPES[raw.dtype]
    part[gather.RawPart.columns] = table.ctypes.data
    part[gather.RawPart.n_columns] = len(columns)
    is_sound = jit.compiled(gather.gather_columns).call(
        part.ctypes.data, 1, order.ctypes.data, order.size, None, None
    )
    return out, bool(is_sound)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 1000, 65_537])
def test_every_number_comes_once(n):
    """A shuffle is a permutation."""
    np.testing.assert_array_equal(np.sort(shuffled(5, n)), np.arange(n))


def test_the_key_decides():
    """Equal keys give equal orders; keys that differ by one bit have nothing alike."""
    first, again, other = shuffled(8, 5000), shuffled(8, 5000), shuffled(9, 5000)
    np.testing.assert_array_equal(first, again)
    # fixed points of a random permutation are Poisson of mean 1
    assert np.count_nonzero(first == other) < 10
    assert np.count_nonzero(first == np.arange(5000)) < 10


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_all_orders_are_equally_likely(n):
    """Chi2 over all n! orders, 200 expected of each, keys in a row."""
    counts = dict.fromkeys(permutations(range(n)), 0)
    for key in range(200 * len(counts)):
        counts[tuple(shuffled(key, n).tolist())] += 1
    chi2 = sum((count - 200.0) ** 2 / 200.0 for count in counts.values())
    assert stats.chi2.sf(chi2, len(counts) - 1) > LEAST_P


def test_places_are_uniform_and_independent():
    """Where the first and second entry end up: a flat table of pairs."""
    n, trials = 12, 30_000
    table = np.zeros((n, n))
    for key in range(trials):
        places = np.argsort(shuffled(key * 2_654_435_761, n))
        table[places[0], places[1]] += 1
    pairs = table[~np.eye(n, dtype=bool)]
    assert np.trace(table) == 0
    expected = trials / pairs.size
    chi2 = ((pairs - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(chi2, pairs.size - 1) > LEAST_P


@pytest.mark.parametrize("bound", [4, 10, 3 << 29], ids=["4", "10", "3 * 2^29"])
def test_draws_below_a_bound_are_uniform(bound):
    """Also where a quarter of the 32-bit draws must be drawn again.

    The functions are run by the interpreter with numpy's words.
    """
    rng = np.random.default_rng(3)
    draws = rng.integers(0, 1 << 32, 4000, dtype=np.uint64)
    with np.errstate(over="ignore"):
        found = [
            int(gather.below(draw, np.uint64(bound), np.uint64(k))[0])
            for k, draw in enumerate(draws)
        ]
    # where 2^32 / bound is no integer, the remainder by 3 shows draws not drawn again:
    # for 3 * 2^29 two of eight would give remainder 2
    counts = np.bincount(np.array(found) % 3, minlength=3)
    few = bound if bound % 3 else 3
    shares = np.bincount(np.arange(few) % 3) / few
    expected = len(found) * shares
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert max(found) < bound
    assert stats.chi2.sf(chi2, 2) > LEAST_P


def test_the_mixer_is_splitmix64():
    """The published first words of seed 1234567 (Vigna's splitmix64.c)."""
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    state, words = np.uint64(1234567), []
    with np.errstate(over="ignore"):
        for _ in expected:
            state = state + np.uint64(0x9E3779B97F4A7C15)
            words.append(int(gather.mixed(state)))
    assert words == expected


@pytest.mark.parametrize("dtype", list(gather.DTYPES), ids=str)
@pytest.mark.parametrize("n", [1, 255, 256, 1000])
def test_columns_are_those_of_numpy(dtype, n):
    """Value and 1 / sigma of rows in any order, for every raw type."""
    rng = np.random.default_rng(n)
    raw = rng.integers(1, 100, (n, 5)).astype(dtype)
    order = rng.permutation(n).astype(np.int32)
    out, is_sound = gathered(raw, order, [(3, 0), (0, 0), (2, 1)])
    assert is_sound
    np.testing.assert_array_equal(out[0], raw[order, 3].astype(np.float64))
    np.testing.assert_array_equal(out[1], raw[order, 0].astype(np.float64))
    np.testing.assert_array_equal(out[2], 1.0 / raw[order, 2].astype(np.float64))


BAD = {
    "nan": (np.nan, False, False),
    "inf": (np.inf, False, False),
    "-inf": (-np.inf, False, False),
    "zero": (0.0, True, False),
    "negative": (-1.0, True, False),
    "tiny sigma": (1e-320, True, False),
    "largest": (np.finfo(float).max, True, True),
}


@pytest.mark.parametrize("at", [0, 300, 999], ids=["first", "middle", "last"])
@pytest.mark.parametrize(("value", "as_value", "as_sigma"), BAD.values(), ids=BAD)
def test_a_bad_value_is_noticed(value, as_value, as_sigma, at):
    """As a value NaN and inf; as a sigma also what has no finite, positive inverse."""
    raw = np.ones((1000, 2))
    raw[at, 1] = value
    order = shuffled(1, 1000)
    assert gathered(raw, order, [(1, 0)])[1] is as_value
    assert gathered(raw, order, [(1, 1)])[1] is as_sigma
    assert gathered(raw, order, [(0, 0)])[1] is True


@pytest.mark.parametrize("width", [1, 7, 40])
def test_spins_keep_their_rows(width):
    """Rows of spins in order; anything but +1 and -1 is noticed."""
    rng = np.random.default_rng(width)
    raw = rng.choice(np.array([-1, 1], dtype=np.int8), (500, width))
    order = shuffled(width, 500)
    out = np.empty_like(raw)
    call = jit.compiled(gather.gather_spins).call
    arguments = (raw.ctypes.data, width, order.ctypes.data, 500, None, out.ctypes.data)
    assert call(*arguments) == 1
    np.testing.assert_array_equal(out, raw[order])
    for bad in (0, 2, -2, 127, -128, 3):
        raw[77, width - 1] = bad
        assert call(*arguments) == 0, bad


def test_strata_come_in_proportion():
    """In every stretch each stratum is within two rows of its share."""
    rng = np.random.default_rng(2)
    n, shares = 6000, [0.6, 0.3, 0.09, 0.01]
    strata = rng.choice(4, n, p=shares).astype(np.int32)
    order = shuffled(4, n)
    before = order.copy()
    space, work = np.empty(n, np.int32), np.empty(12, np.int64)
    jit.compiled(gather.stratify_order).call(
        order.ctypes.data,
        strata.ctypes.data,
        n,
        4,
        space.ctypes.data,
        work.ctypes.data,
    )
    np.testing.assert_array_equal(np.sort(order), np.arange(n))
    for stratum in range(4):
        hits = strata[order] == stratum
        expected = np.arange(1, n + 1) * hits.mean()
        assert np.abs(np.cumsum(hits) - expected).max() < 2.0
        kept = before[strata[before] == stratum]
        np.testing.assert_array_equal(order[hits], kept)
