"""Rows that come from a file larger than memory: windows, positions, sources.

A source reads half-open ranges of rows as they are stored, one raw array per data set
(a `RawArray` each). `Roles` says which column of which is which coordinate, value or
standard deviation. A sampler says which rows make up a window and in which order; the
stream reads ahead and hands out each window as columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.engine import gather, jit
from physfit.typing import FloatArray, IntArray

__all__ = ["Position", "Raw", "RawArray", "Roles", "Source", "Strata", "Window"]
__all__ += ["WindowRows", "row_cost", "shuffled"]

#: Raw arrays of the parts of a source, (rows, width) and C-contiguous each.
Raw = Sequence[NDArray[Any]]
#: Number of a part, and number of a column in it.
At: TypeAlias = tuple[int, int]


class Window(NamedTuple):
    """Rows of a source gathered into columns, in the order of a sampler.

    Attributes
    ----------
    x : ndarray
        Shape (n_inputs, capacity), float64; or int8 (capacity, n_spins) for spins.
    y, weights : ndarray, shape (n_outputs, capacity)
        Values, and 1 / sigma or ones.
    n : int
        Rows in use, at most the capacity; 0 when all of them were left out.
    epoch, index : int
        Which pass over the data, and which window of it, both from 0.
    is_last : bool
        Whether it is the last window of its epoch.
    """

    x: NDArray[Any]
    y: FloatArray
    weights: FloatArray
    n: int
    epoch: int
    index: int  # type: ignore[assignment]
    is_last: bool


class Position(NamedTuple):
    """Where a stream stands: the window of an epoch that comes next."""

    epoch: int = 0
    window: int = 0


class RawArray(NamedTuple):
    """One raw array of a source: the type of its numbers, and how many a row has."""

    dtype: np.dtype[Any]
    width: int

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self.dtype.itemsize * self.width


class Roles(NamedTuple):
    """What the columns mean, by their places.

    `sigma` is empty when there is none. For spins `x` names the first column of a
    part that is all spins.
    """

    x: tuple[At, ...]
    y: tuple[At, ...]
    sigma: tuple[At, ...] = ()

    @classmethod
    def of(cls, x: list[At], y: list[At], sigma: list[At]) -> Roles:
        """Roles of these columns; a single sigma holds for all of y."""
        return cls(tuple(x), tuple(y), tuple(sigma * len(y))[: len(y)])


class Strata(NamedTuple):
    """Bins of a column, given by the edges between them."""

    part: int
    column: int
    edges: FloatArray


class WindowRows(NamedTuple):
    """Rows of one window: ranges of the file, or `n_draws` rows drawn by `key`.

    `ranges` has shape (n, 2), start and stop; of rows that were drawn it has their
    numbers. The rows are shuffled by `key` unless it is None, and interleaved by
    `strata` if there are any.
    """

    ranges: IntArray
    key: int | None = None
    n_draws: int = 0
    strata: Strata | None = None

    @property
    def n_rows(self) -> int:
        """Rows of the window."""
        return self.n_draws or int((self.ranges[:, 1] - self.ranges[:, 0]).sum())

    def drawn(self, n_rows: int) -> WindowRows:
        """The same with the numbers of rows drawn with replacement, ascending."""
        generator = np.random.Generator(np.random.Philox(key=self.key))
        numbers = generator.integers(0, n_rows, self.n_draws)
        return self._replace(ranges=np.sort(numbers))

    def number(self, at: int) -> int:
        """Number in the file of the row that was read as the one `at` a place."""
        if self.n_draws:
            return int(self.ranges[at])
        ends = np.cumsum(self.ranges[:, 1] - self.ranges[:, 0])
        k = int(np.searchsorted(ends, at, side="right"))
        return int(self.ranges[k, 1] - (ends[k] - at))


class Source(ABC):
    """Rows on disk or in memory, read by half-open ranges from any thread.

    Attributes
    ----------
    n_rows : int
    n_spins : int
        Spins of a row if x is a configuration of int8 spins, else 0.
    block_rows : int
        Rows that are fast to read at once: whole chunks of about 1 MiB.
    chunk_rows : int
        Rows that are stored together, 1 where any range is read as fast.
    chunk_bytes : int
        Bytes of a chunk that must be decompressed as a whole, 0 if none must.
    name, note : str
        The file with the path inside of it; which columns were taken.
    x_label, y_label, x_unit, y_unit : str
        For reports; empty when unknown.
    cautions : tuple of str
        What about the layout cannot be fast, in sentences.
    parts, roles : tuple of RawArray, Roles
        The raw arrays, and what their columns mean.
    """

    n_rows: int
    n_spins: int
    block_rows: int
    chunk_rows: int = 1
    chunk_bytes: int = 0
    name: str
    note: str = ""
    x_label: str
    y_label: str
    x_unit: str = ""
    y_unit: str = ""
    cautions: tuple[str, ...] = ()
    parts: tuple[RawArray, ...]
    roles: Roles

    @property
    def n_inputs(self) -> int:
        """Coordinates of a row."""
        return self.n_spins or len(self.roles.x)

    @property
    def n_outputs(self) -> int:
        """Real values of a row."""
        return len(self.roles.y)

    @property
    def has_sigma(self) -> bool:
        """Whether there are standard deviations."""
        return bool(self.roles.sigma)

    @property
    def row_bytes(self) -> int:
        """Raw bytes of a row, all parts together."""
        return sum(part.row_bytes for part in self.parts)

    def read(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Raw rows `start` to `stop`, in new arrays."""
        out = tuple(
            np.empty((stop - start, part.width), part.dtype) for part in self.parts
        )
        self.read_into(start, stop, out)
        return out

    @abstractmethod
    def read_into(self, start: int, stop: int, out: Raw) -> None:
        """Write raw rows `start` to `stop` into the beginning of arrays."""

    @abstractmethod
    def take_into(self, rows: IntArray, out: Raw) -> None:
        """Write the raw rows of ascending numbers into the beginning of arrays."""

    @abstractmethod
    def fingerprint(self) -> dict[str, str | int | float]:
        """What tells these data from others, for a resumed run."""


def row_cost(source: Source) -> int:
    """Bytes that one row takes in buffers: raw, its place in the order, its columns."""
    x_bytes = source.n_spins or 8 * source.n_inputs
    return source.row_bytes + 4 + x_bytes + 16 * source.n_outputs


#: All bits of a word.
_WORD = (1 << 64) - 1


def block_key(key: int, number: int) -> int:
    """Word of 63 bits for a block of a window: a bijection of both, well mixed."""
    word = (key ^ (number + 1) * 0xD1342543DE82EF95) & _WORD
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        word = (word ^ word >> 30) * factor & _WORD
    return (word ^ word >> 31) >> 1


def shuffled(n: int, key: int) -> NDArray[np.int32]:
    """Numbers below n in a random order."""
    order = np.empty(n, dtype=np.int32)
    jit.compiled(gather.shuffle_order).call(key, n, order.ctypes.data)
    return order
