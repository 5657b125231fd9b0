"""Windows of columns, filled from raw rows.

A slot holds the columns of one window. They are gathered from a stage that holds all
rows of the window, or dealt from a stage that holds one block after the other. All
columns begin at a multiple of 64 bytes, as the capacity is a multiple of 8 rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.arenas import ALIGN, Arena
from physfit.data.base import Plan, Source, block_key
from physfit.data.stages import Checks, Stage
from physfit.engine import gather, jit
from physfit.typing import FloatArray, IntArray

__all__ = ["Deal", "Hand", "Slot", "deal_of"]


class Slot:
    """Columns of one window, used again for the next one.

    Parameters
    ----------
    source : Source
    capacity : int
        Rows at most, rounded up to a multiple of 8.
    staged : bool
        Whether the window has a stage of its own for all of its rows.

    Attributes
    ----------
    x, y, weights : ndarray
        The columns, see `Window`.
    """

    def __init__(self, source: Source, capacity: int, *, staged: bool = True) -> None:
        self._source = source
        capacity = -(-capacity // 8) * 8
        self._stage = Stage(source, capacity) if staged else None
        x_bytes = source.n_spins or 8 * source.n_inputs
        size = capacity * (x_bytes + 16 * source.n_outputs) + 3 * ALIGN
        self._arena = Arena(size)
        y_shape = (source.n_outputs, capacity)
        self.y: FloatArray = self._arena.array(y_shape, np.float64)
        self.weights: FloatArray = self._arena.array(y_shape, np.float64)
        self.weights.fill(1.0)
        self.x = (
            self._arena.array((capacity, source.n_spins), np.int8)
            if source.n_spins
            else self._arena.array((source.n_inputs, capacity), np.float64)
        )
        self._tables = self._columns_of_parts()

    @property
    def has_spins(self) -> bool:
        """Whether x is a configuration of spins."""
        return bool(self._source.n_spins)

    @property
    def stage(self) -> Stage:
        """Where the rows of the window are put."""
        assert self._stage is not None
        return self._stage

    def release(self) -> None:
        """Give the memory back; the buffers must not be used again."""
        self._arena.release()
        if self._stage is not None:
            self._stage.release()

    def _columns_of_parts(self) -> list[tuple[int, IntArray]]:
        """Part, and (column, whether inverted, address) of its columns."""
        roles = self._source.roles
        wanted = [(at, 0, self.y[j]) for j, at in enumerate(roles.y)]
        wanted += [(at, 1, self.weights[j]) for j, at in enumerate(roles.sigma)]
        if not self._source.n_spins:
            wanted += [(at, 0, self.x[j]) for j, at in enumerate(roles.x)]
        tables = []
        for part in range(len(self._source.parts)):
            rows = [
                (at[1], w, out.ctypes.data) for at, w, out in wanted if at[0] == part
            ]
            if rows:
                tables.append((part, np.array(rows, dtype=np.int64)))
        return tables

    def gather(self, n: int, plan: Plan, numbers: IntArray, checks: Checks) -> int:
        """Columns of the first `n` rows of the stage as planned; how many are kept.

        `numbers` are the row numbers in the file: of every raw row, or pairs of start
        and stop of the ranges that were read.
        """
        stage = self.stage
        stage.arrange(n, plan)
        order = stage.order.ctypes.data
        call = jit.compiled(gather.gather_columns).call
        is_sound = True
        for part, table in self._tables:
            raw = stage.raw[part]
            kind, width = gather.DTYPES[raw.dtype], raw.shape[1]
            place, columns = raw.ctypes.data, table.ctypes.data
            is_sound &= bool(call(place, kind, width, columns, len(table), order, n))
        if self._source.n_spins:
            raw = stage.spins
            spins = jit.compiled(gather.gather_spins).call
            place = raw.ctypes.data
            if not spins(place, raw.shape[1], order, n, self.x.ctypes.data):
                stage.refuse_spins(n, numbers)
        stage.check_domain(n, numbers, checks.loss)
        if is_sound:
            return n
        return self._keep(stage.usable(n, numbers, checks)[stage.order[:n]])

    @property
    def tables(self) -> list[tuple[int, IntArray]]:
        """Part, and (column, whether inverted, address) of its columns."""
        return self._tables

    def drop_gaps(self, n: int) -> int:
        """Leave out rows of which something is not finite; how many are kept."""
        weights = self.weights[:, :n]
        sound = [np.isfinite(self.y[:, :n]), np.isfinite(weights), weights > 0.0]
        if not self.has_spins:
            sound.append(np.isfinite(self.x[:, :n]))
        return self._keep(np.all(np.concatenate(sound), axis=0))

    def _keep(self, keep: NDArray[np.bool_]) -> int:
        """Close up the rows that are kept; how many they are."""
        n, kept = keep.size, int(np.count_nonzero(keep))
        for columns in (self.y, self.weights):
            columns[:, :kept] = columns[:, :n][:, keep]
        if self._source.n_spins:
            self.x[:kept] = self.x[:n][keep]
        else:
            self.x[:, :kept] = self.x[:, :n][:, keep]
        return kept


class Deal(NamedTuple):
    """Where the rows of the blocks of a window go.

    Attributes
    ----------
    places : ndarray of int32
        Where each run of eight rows goes, block after block.
    first : ndarray of int64
        Number of the first run of each block.
    order : ndarray of int32
        A random order of the rows of a block, twice one after the other: from any
        place on it is a random order too.
    key : int
        Decides where each block begins in it.
    """

    places: NDArray[np.int32]
    first: IntArray
    order: NDArray[np.int32]
    key: int

    @property
    def block(self) -> int:
        """Rows of the blocks that share the order."""
        return self.order.size // 2


class Hand:
    """Deals blocks of rows from one stage into one slot; addresses are looked up once.

    Parameters
    ----------
    slot : Slot
    stage : Stage
    checks : Checks
    """

    def __init__(self, slot: Slot, stage: Stage, checks: Checks) -> None:
        self._slot, self._stage, self._checks = slot, stage, checks
        words = [
            word
            for part, table in slot.tables
            for word in (
                stage.raw[part].ctypes.data,
                gather.DTYPES[stage.raw[part].dtype],
                stage.raw[part].shape[1],
                table.ctypes.data,
                len(table),
            )
        ]
        self._words = np.array(words, dtype=np.int64)
        self._parts = self._words.ctypes.data, len(slot.tables)
        self._order, self._work = stage.order.ctypes.data, stage.work.ctypes.data
        self._call = jit.compiled(gather.deal_block).call

    def take(self, deal: Deal) -> None:
        """Deal the blocks of that window from now on."""
        self._deal = deal
        self._to, self._shared = deal.places.ctypes.data, deal.order.ctypes.data

    def give(self, number: int, start: int, stop: int) -> bool:
        """Read and deal block `number`, rows start to stop; whether all are sound."""
        stage, n = self._stage, stop - start
        stage.read(start, stop)
        order = self._order_of(number, n)
        to = self._to + 4 * int(self._deal.first[number])
        is_sound = bool(self._call(*self._parts, order, n, to, self._work))
        if self._slot.has_spins:
            self._give_spins(order, to, start, stop)
        stage.check_domain(n, np.array([[start, stop]]), self._checks.loss)
        if not is_sound:
            stage.usable(n, np.array([[start, stop]]), self._checks)
        return is_sound

    def _order_of(self, number: int, n: int) -> int:
        """Address of the order of a block's rows."""
        key = block_key(self._deal.key, number)
        if n == self._deal.block:
            return self._shared + 4 * (key % n)
        self._stage.shuffle(n, key)
        return self._order

    def _give_spins(self, order: int, to: int, start: int, stop: int) -> None:
        raw, n = self._stage.spins, stop - start
        call = jit.compiled(gather.deal_spins).call
        out = self._slot.x.ctypes.data
        if not call(raw.ctypes.data, raw.shape[1], order, n, to, out):
            self._stage.refuse_spins(n, np.array([[start, stop]]))


def deal_of(sizes: IntArray, key: int) -> Deal:
    """Where each run of eight rows of each block goes in a window.

    Whole runs stand in random order; what is left of the blocks comes behind them.

    Parameters
    ----------
    sizes : ndarray of int64
        Rows of the blocks.
    key : int
        Decides the order.
    """
    whole, rest = np.divmod(sizes, gather.RUN)
    n_runs = int(whole.sum())
    runs = _shuffled(n_runs, block_key(key, -1))
    behind = gather.RUN * n_runs + np.cumsum(rest) - rest
    first: IntArray = np.cumsum(whole + 1) - whole - 1
    places = np.empty(n_runs + len(sizes), dtype=np.int32)
    is_rest = np.zeros(places.size, dtype=np.bool_)
    is_rest[first + whole] = True
    places[~is_rest] = runs * gather.RUN
    places[is_rest] = behind
    order = _shuffled(int(sizes.max()), block_key(key, -2))
    return Deal(places, first, np.concatenate([order, order]), key)


def _shuffled(n: int, key: int) -> NDArray[np.int32]:
    order = np.empty(n, dtype=np.int32)
    jit.compiled(gather.shuffle_order).call(key, n, order.ctypes.data)
    return order
