"""In which order the rows of a source are visited.

A sampler arranges a source into windows of a capacity that follows from the memory
granted, and plans each of them on its own: which rows, shuffled by which key. The keys
are words of Philox with the seed as its key and (window, epoch) as its counter, so a
plan depends on nothing that happened before, and a run can go on from any window.

`blocks` is the way through files larger than memory: blocks of rows are read whole,
in an order that is new in every epoch, a window holds several of them, and its rows
are shuffled uniformly. Every row comes exactly once an epoch. Rows of one block meet
in one window, so a sorted file is better permuted once (`physfit shuffle`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from physfit.data.base import Source
from physfit.engine import gather, jit
from physfit.errors import InputError, did_you_mean
from physfit.typing import IntArray

__all__ = [
    "Arrangement",
    "Blocks",
    "FullShuffle",
    "Plan",
    "Sampler",
    "Sequential",
    "WithReplacement",
    "sampler_named",
    "uniform_key",
]

#: Windows that are in memory at once: read, gathered, waiting, in use.
SLOTS = 4
_WINDOW, _EPOCH, _DRAWS = 0, 1, 2


class Plan(NamedTuple):
    """Rows of one window: ranges of the file, or `n_draws` rows drawn by `key`.

    `ranges` has shape (n, 2), start and stop. The rows are shuffled by `key` unless it
    is None.
    """

    ranges: IntArray
    key: int | None = None
    n_draws: int = 0


class Arrangement(Protocol):
    """A source cut into windows."""

    @property
    def capacity(self) -> int:
        """Rows of the largest window."""

    @property
    def n_windows(self) -> int:
        """Windows of an epoch."""

    def plan(self, seed: int, epoch: int, index: int) -> Plan:
        """Which rows make up a window."""


class Sampler(Protocol):
    """An order of rows."""

    @property
    def name(self) -> str:
        """As a user writes it."""

    def arranged(self, source: Source, budget: int) -> Arrangement:
        """Windows of a source when `budget` rows fit into all buffers together."""


def uniform_key(seed: int, epoch: int, index: int, purpose: int = _WINDOW) -> int:
    """Word of 63 bits for a window, the same for the same arguments everywhere."""
    counter = np.array([0, index, epoch, purpose], dtype=np.uint64)
    return int(np.random.Philox(key=seed, counter=counter).random_raw() >> 1)


@dataclass(frozen=True)
class Sequential:
    """Rows in the order of the file."""

    name: str = "sequential"

    def arranged(self, source: Source, budget: int) -> Arrangement:
        """Windows of whole blocks of about a mebibyte."""
        capacity = min(source.block_rows, _largest(source, budget), source.n_rows)
        return _Stretches(source.n_rows, capacity)


@dataclass(frozen=True)
class _Stretches:
    """Windows one after the other."""

    n_rows: int
    capacity: int

    @property
    def n_windows(self) -> int:
        return -(-self.n_rows // self.capacity)

    def plan(self, seed: int, epoch: int, index: int) -> Plan:
        start = index * self.capacity
        return Plan(_ranges([start], [min(start + self.capacity, self.n_rows)]))


@dataclass(frozen=True)
class WithReplacement:
    """Rows drawn independently and uniformly; as many in an epoch as there are."""

    name: str = "with_replacement"

    def arranged(self, source: Source, budget: int) -> Arrangement:
        """Windows as large as memory allows."""
        return _Draws(source.n_rows, min(_largest(source, budget), source.n_rows))


@dataclass(frozen=True)
class _Draws:
    n_rows: int
    capacity: int

    @property
    def n_windows(self) -> int:
        return -(-self.n_rows // self.capacity)

    def plan(self, seed: int, epoch: int, index: int) -> Plan:
        n = min(self.capacity, self.n_rows - index * self.capacity)
        key = uniform_key(seed, epoch, index, _DRAWS)
        return Plan(_ranges([0], [self.n_rows]), key, n)


@dataclass(frozen=True)
class FullShuffle:
    """All rows in a uniformly random order; the data set must fit in memory."""

    name: str = "shuffle"

    def arranged(self, source: Source, budget: int) -> Arrangement:
        """One window that holds every row."""
        if source.n_rows <= budget:
            return _Blocks(source.n_rows, source.n_rows, source.n_rows)
        raise InputError(
            f"`shuffle` holds all {source.n_rows} rows in memory, but `memory` has "
            f"room for {budget}; use the sampler 'blocks', permute the file once with "
            "`physfit shuffle`, or raise `memory`."
        )


@dataclass(frozen=True)
class Blocks:
    """Blocks in random order, rows shuffled within windows of several blocks."""

    name: str = "blocks"

    def arranged(self, source: Source, budget: int) -> Arrangement:
        """Windows of as many whole blocks as fit into a quarter of the memory."""
        if source.n_rows * SLOTS <= budget:
            return _Blocks(source.n_rows, source.n_rows, source.n_rows)
        largest = _largest(source, budget)
        block = min(source.block_rows, largest)
        return _Blocks(source.n_rows, block, largest // block * block)


class _Blocks:
    """Windows of several blocks in the order of an epoch."""

    def __init__(self, n_rows: int, block: int, capacity: int) -> None:
        self._n_rows, self._block = n_rows, block
        self._n_blocks = -(-n_rows // block)
        self.n_windows = -(-self._n_blocks // (capacity // block))
        self.capacity = -(-self._n_blocks // self.n_windows) * block
        self._epoch: tuple[int, int, IntArray] | None = None

    def plan(self, seed: int, epoch: int, index: int) -> Plan:
        """Rows of a window: its share of the epoch's blocks."""
        blocks = self._blocks_of(seed, epoch)
        first, end = (k * self._n_blocks // self.n_windows for k in (index, index + 1))
        starts = np.sort(blocks[first:end]) * self._block
        stops = np.minimum(starts + self._block, self._n_rows)
        return Plan(_ranges(starts, stops), uniform_key(seed, epoch, index))

    def _blocks_of(self, seed: int, epoch: int) -> IntArray:
        """The blocks in the order of an epoch, kept until another is asked for."""
        kept = self._epoch
        if kept is None or kept[:2] != (seed, epoch):
            order = np.empty(self._n_blocks, dtype=np.int32)
            key = uniform_key(seed, epoch, 0, _EPOCH)
            shuffle = jit.compiled(gather.shuffle_order).call
            shuffle(key, order.size, order.ctypes.data)
            kept = self._epoch = (seed, epoch, order.astype(np.int64))
        return kept[2]


def _largest(source: Source, budget: int) -> int:
    """Rows of the largest window when `SLOTS` of them share the memory."""
    rows = budget // SLOTS // 8 * 8
    if rows < 8:
        raise InputError(
            f"`memory` has room for {budget} rows of `{source.name}`, but at least "
            f"{8 * SLOTS} are needed; raise `memory`."
        )
    return rows


def _ranges(starts: object, stops: object) -> IntArray:
    return np.array([starts, stops], dtype=np.int64).T.copy()


_NAMED: dict[str, type[Sampler]] = {
    "sequential": Sequential,
    "with_replacement": WithReplacement,
    "shuffle": FullShuffle,
    "blocks": Blocks,
}


def sampler_named(name: str) -> Sampler:
    """The sampler of a name.

    Examples
    --------
    >>> sampler_named("blocks")
    Blocks(name='blocks')
    """
    if name in _NAMED:
        return _NAMED[name]()
    raise InputError(f"There is no sampler {name!r}; {did_you_mean(name, _NAMED)}")
