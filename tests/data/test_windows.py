"""Where the rows of shuffled blocks go in a window."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.data.base import block_key
from physfit.data.windows import shuffle_plan

SIZES = {
    "one block": [20],
    "whole runs": [16, 8, 24],
    "remainders": [17, 5, 0, 31],
    "less than a run": [3, 7],
}


def taken(sizes, key):
    """The rows of a window that each block fills, in its own order."""
    places, first, *_ = shuffle_plan(np.array(sizes), key)
    return [
        np.concatenate(
            [places[f + k] + np.arange(min(8, n - 8 * k)) for k in range(-(-n // 8))]
            or [np.empty(0, dtype=np.int64)]
        )
        for f, n in zip(first, sizes, strict=True)
    ]


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_every_row_of_a_window_is_filled_once(sizes):
    """The runs of all blocks cover the window, each row by one."""
    rows = np.concatenate(taken(sizes, 5))
    np.testing.assert_array_equal(np.sort(rows), np.arange(sum(sizes)))


def test_whole_runs_stand_in_random_order():
    """Each of 60 runs is first in a window for about as many of 3000 keys."""
    first = [
        int(np.flatnonzero(shuffle_plan(np.array([160, 320]), key).places == 0)[0])
        for key in range(3000)
    ]
    counts = np.bincount(first, minlength=62)
    # The last entry of each block is its remainder of no rows; 59 degrees of freedom,
    # 5 sigma.
    runs = np.delete(counts, [20, 61])
    chi2 = ((runs - 50.0) ** 2 / 50.0).sum()
    assert runs.sum() == 3000
    assert chi2 < 59 + 5 * np.sqrt(2 * 59)


def test_keys_of_blocks_differ():
    """No two blocks of a window, and no two windows, are shuffled alike."""
    keys = {block_key(key, number) for key in range(100) for number in range(100)}
    assert len(keys) == 10_000
    assert all(0 <= key < 1 << 63 for key in keys)


def test_a_shared_order_is_one_from_any_place():
    """Of 24 rows: every stretch of the doubled order is a permutation."""
    plan = shuffle_plan(np.array([24, 24, 10]), 3)
    assert plan.block == 24
    for start in range(24):
        stretch = plan.order[start : start + 24]
        np.testing.assert_array_equal(np.sort(stretch), np.arange(24))
