"""Spins of int8 as columns of numbers, for what reads columns only."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from physfit.data.base import Part, Raw, Roles, Source
from physfit.typing import IntArray

__all__ = ["SpinColumns"]


class SpinColumns:
    """A source of spin configurations in which every spin is a coordinate.

    A row takes eight times the memory then; the rows stay where they are.

    Parameters
    ----------
    source : Source
        With `n_spins` above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.data.memory import ArraySource
    >>> spins = ArraySource(np.ones((5, 3), dtype=np.int8), np.zeros(5))
    >>> columns = SpinColumns(spins)
    >>> columns.n_spins, columns.roles.x
    (0, ((0, 0), (0, 1), (0, 2)))
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.n_rows = source.n_rows
        self.n_inputs = source.n_spins
        self.n_outputs = source.n_outputs
        self.n_spins = 0
        self.has_sigma = source.has_sigma
        self.block_rows = source.block_rows
        self.chunk_rows, self.chunk_bytes = source.chunk_rows, source.chunk_bytes
        self.row_bytes = source.row_bytes
        self.name, self.note = source.name, source.note
        self.x_label, self.y_label = source.x_label, source.y_label
        self.x_unit, self.y_unit = source.x_unit, source.y_unit
        self.cautions = source.cautions
        self.parts: tuple[Part, ...] = source.parts
        part, first = source.roles.x[0]
        columns = tuple((part, first + k) for k in range(source.n_spins))
        self.roles: Roles = source.roles._replace(x=columns)

    def read(self, start: int, stop: int) -> tuple[NDArray[Any], ...]:
        """Raw rows `start` to `stop`, in new arrays."""
        return self._source.read(start, stop)

    def read_into(self, start: int, stop: int, out: Raw) -> None:
        """Write raw rows `start` to `stop` into the beginning of arrays."""
        self._source.read_into(start, stop, out)

    def take_into(self, rows: IntArray, out: Raw) -> None:
        """Write the raw rows of ascending numbers into the beginning of arrays."""
        self._source.take_into(rows, out)

    def fingerprint(self) -> dict[str, str | int | float]:
        """What tells these data from others."""
        return self._source.fingerprint()
