"""Windows of columns, filled from raw rows.

A buffer holds the columns of one window. They are gathered from all raw rows of the
window, or scattered from the raw rows of one block after the other. All
columns begin at a multiple of 64 bytes, as the capacity is a multiple of 8 rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.arenas import Arena
from physfit.data.base import Source, Window, WindowRows, block_key, shuffled
from physfit.data.raw_rows import Checks, RawRows
from physfit.engine import gather, jit
from physfit.typing import IntArray

__all__ = ["BlockScatter", "ShufflePlan", "WindowBuffer", "shuffle_plan"]


class WindowBuffer:
    """Columns of one window, used again for the next one.

    Parameters
    ----------
    source : Source
    capacity : int
        Rows at most, rounded up to a multiple of 8.
    has_raw : bool
        Whether the window holds its raw rows, all of them.

    Attributes
    ----------
    x, y, weights : ndarray
        The columns, see `Window`.
    tables : list of (int, ndarray)
        Part, and a `RawColumn` for each of its columns.
    """

    def __init__(self, source: Source, capacity: int, *, has_raw: bool = True) -> None:
        self._source = source
        capacity = -(-capacity // 8) * 8
        self._raw = RawRows(source, capacity) if has_raw else None
        x: tuple[tuple[int, int], Any] = (source.n_inputs, capacity), np.float64
        if source.n_spins:
            x = (capacity, source.n_spins), np.int8
        y = (source.n_outputs, capacity), np.float64
        self._arena = Arena(y, y, x)
        self.y, self.weights, self.x = self._arena.arrays
        self.weights.fill(1.0)
        self.tables = self._columns_of_parts()

    @property
    def has_spins(self) -> bool:
        """Whether x is a configuration of spins."""
        return bool(self._source.n_spins)

    @property
    def raw(self) -> RawRows:
        """Where the rows of the window are put."""
        assert self._raw is not None
        return self._raw

    def release(self) -> None:
        """Give the memory back; the buffers must not be used again."""
        self._arena.release()
        if self._raw is not None:
            self._raw.release()

    def _columns_of_parts(self) -> list[tuple[int, IntArray]]:
        """Part, and a `RawColumn` for each of its columns."""
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

    def gather(self, plan: WindowRows, checks: Checks) -> int:
        """Columns of the raw rows as planned; how many are kept."""
        raw, n = self.raw, plan.n_rows
        raw.arrange(n, plan)
        order = raw.order.ctypes.data
        parts = self.parts_of(raw)
        call = jit.compiled(gather.gather_columns).call
        is_sound = bool(call(parts.ctypes.data, len(parts), order, n, None, None))
        if self.has_spins:
            self.gather_spins(raw, order, plan)
        raw.check_domain(n, plan, checks.loss)
        if is_sound:
            return n
        raw.check_numbers(n, plan, checks.nan)
        return self.drop_gaps(n)

    def parts_of(self, raw: RawRows) -> IntArray:
        """A `RawPart` for each array of raw rows that has columns."""
        parts = [
            (array.ctypes.data, gather.DTYPES[array.dtype], array.shape[1], at, n)
            for array, at, n in (
                (raw.arrays[part], table.ctypes.data, len(table))
                for part, table in self.tables
            )
        ]
        return np.array(parts, dtype=np.int64).reshape(-1, gather.RawPart.SIZE)

    def gather_spins(
        self, raw: RawRows, order: int, plan: WindowRows, places: int | None = None
    ) -> None:
        """Spins of raw rows in an order, to places if there are any."""
        spins, n = raw.spins, plan.n_rows
        call, out = jit.compiled(gather.gather_spins).call, self.x.ctypes.data
        if not call(spins.ctypes.data, spins.shape[1], order, n, places, out):
            raw.refuse_spins(n, plan)

    def filled(self, n: int, epoch: int, index: int, n_windows: int) -> Window:
        """The window with its number of rows and its place among all of an epoch."""
        is_last = index == n_windows - 1
        return Window(self.x, self.y, self.weights, n, epoch, index, is_last)

    def drop_gaps(self, n: int) -> int:
        """Leave out rows of which something is not finite; how many are kept."""
        weights = self.weights[:, :n]
        sound = [np.isfinite(self.y[:, :n]), np.isfinite(weights), weights > 0.0]
        if not self.has_spins:
            sound.append(np.isfinite(self.x[:, :n]))
        keep = np.all(np.concatenate(sound), axis=0)
        kept = int(np.count_nonzero(keep))
        for columns in (self.y, self.weights):
            columns[:, :kept] = columns[:, :n][:, keep]
        if self._source.n_spins:
            self.x[:kept] = self.x[:n][keep]
        else:
            self.x[:, :kept] = self.x[:, :n][:, keep]
        return kept


class ShufflePlan(NamedTuple):
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


class BlockScatter:
    """Scatters blocks of raw rows into one window; addresses are looked up once.

    Parameters
    ----------
    window : WindowBuffer
    raw : RawRows
    checks : Checks
    """

    def __init__(self, window: WindowBuffer, raw: RawRows, checks: Checks) -> None:
        self._window, self._raw, self._checks = window, raw, checks
        self._words = window.parts_of(raw)
        self._parts = self._words.ctypes.data, len(self._words)
        self._order, self._work = raw.order.ctypes.data, raw.work.ctypes.data
        self._call = jit.compiled(gather.gather_columns).call

    def begin(self, plan: ShufflePlan) -> None:
        """Scatter the blocks of that window from now on."""
        self._plan = plan
        self._to, self._shared = plan.places.ctypes.data, plan.order.ctypes.data

    def add(self, number: int, start: int, stop: int) -> bool:
        """Read and scatter block `number`, rows start to stop; whether it is sound."""
        raw, n = self._raw, stop - start
        raw.read(start, stop)
        order = self._order_of(number, n)
        to = self._to + 4 * int(self._plan.first[number])
        is_sound = bool(self._call(*self._parts, order, n, to, self._work))
        rows = WindowRows(np.array([[start, stop]]))
        if self._window.has_spins:
            self._window.gather_spins(raw, order, rows, to)
        raw.check_domain(n, rows, self._checks.loss)
        if not is_sound:
            raw.check_numbers(n, rows, self._checks.nan)
        return is_sound

    def _order_of(self, number: int, n: int) -> int:
        """Address of the order of a block's rows."""
        key = block_key(self._plan.key, number)
        if n == self._plan.block:
            return self._shared + 4 * (key % n)
        self._raw.shuffle(n, key)
        return self._order


def shuffle_plan(sizes: IntArray, key: int) -> ShufflePlan:
    """Where each run of eight rows of each block goes in a window.

    Whole runs stand in random order; what is left of the blocks comes behind them.

    Parameters
    ----------
    sizes : ndarray of int64
        Rows of the blocks.
    key : int
        Decides the order.
    """
    whole, remainder = np.divmod(sizes, gather.RUN)
    n_runs = int(whole.sum())
    runs = shuffled(n_runs, block_key(key, -1))
    behind = gather.RUN * n_runs + np.cumsum(remainder) - remainder
    first: IntArray = np.cumsum(whole + 1) - whole - 1
    places = np.empty(n_runs + len(sizes), dtype=np.int32)
    is_remainder = np.zeros(places.size, dtype=np.bool_)
    is_remainder[first + whole] = True
    places[~is_remainder] = runs * gather.RUN
    places[is_remainder] = behind
    order = shuffled(int(sizes.max()), block_key(key, -2))
    return ShufflePlan(places, first, np.concatenate([order, order]), key)
