"""Some rows of a source, as a source of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.data.row_data import Axis, RowData
from physfit.data.row_digests import probes_digest
from physfit.data.row_source import RowSource
from physfit.errors import InputError

__all__ = ["RowRange"]


class RowRange:
    """The rows `start` to `stop` of a source; see `row_source.RowSource`.

    Parameters
    ----------
    source : RowSource
    start, stop : int
        Counted along the map.

    Raises
    ------
    InputError
        When the source has no such rows.
    """

    def __init__(self, source: RowSource, start: int, stop: int) -> None:
        n_rows = int(np.prod([len(own.values) for own in source.axes], dtype=np.int64))
        if not 0 <= start < stop <= n_rows:
            raise InputError(
                f"rows {start}:{stop} are not among those of `{source.name}`, which "
                f"has 0:{n_rows}."
            )
        self._source, self._start = source, start
        self.name, self.n_points = source.name, source.n_points
        self.row_bytes, self.multiple, self.grain = source.row_bytes, 1, 1
        self.has_sigma = source.has_sigma
        self.has_equal_weights = source.has_equal_weights
        self.x_label, self.x_unit = source.x_label, source.x_unit
        self.y_label, self.y_unit = source.y_label, source.y_unit
        row = Axis("row", np.arange(start, stop, dtype=np.float64))
        self.axes: tuple[Axis, ...] = (row,)
        self.opening: dict[str, Any] | None = None
        if source.opening is not None:
            self.opening = {**source.opening, "first": start}
        self.files = source.files
        self._n = stop - start

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`."""
        return self._source.read(self._start + start, self._start + stop)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        return self._source.missing(n)

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        whole = self._source.identity()
        rows = probes_digest(self.read, self._n)
        shape = [self._n, self.n_points]
        return {**whole, "shape": shape, "rows": rows, "first_row": self._start}

    def close(self) -> None:
        """Close the file."""
        self._source.close()
