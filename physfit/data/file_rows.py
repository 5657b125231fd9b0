"""Rows that stay in their file, read one by one when somebody looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from physfit.data.row_data import RowData
from physfit.data.row_source import RowSource, open_rows
from physfit.errors import DataError

__all__ = ["FileRows", "attached"]


class FileRows:
    """Rows of a file, opened for each look and closed again.

    Parameters
    ----------
    opening : mapping
        What `open_rows` is told, and `first`, the number of the first row.
    identity : mapping
        What the data were when they were fitted.
    """

    def __init__(self, opening: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
        self._opening = dict(opening)
        self._first = int(self._opening.pop("first", 0))
        self._path = self._opening.pop("path")
        self._identity = dict(identity)
        self._is_checked = False

    @property
    def sigma(self) -> Any:
        """Standard deviations of the first row; None without any."""
        return self.rows(0, 1).sigma

    def rows(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`.

        Raises
        ------
        DataError
            When the file is gone, or its data are others than those that were fitted.
        """
        source = open_rows(self._path, **self._opening)
        try:
            self._check(source)
            return source.read(self._first + start, self._first + stop)
        finally:
            source.close()

    def _check(self, source: RowSource) -> None:
        if self._is_checked:
            return
        found = source.identity()
        for key in ("dtype", "checksum"):
            if found[key] != self._identity[key]:
                raise DataError(
                    f"`{self._path}` does not hold the data that were fitted ({key} is "
                    f"{found[key]!r}, but was {self._identity[key]!r})."
                )
        self._is_checked = True


def attached(job: Mapping[str, Any], folder: Path) -> FileRows | None:
    """The data of a job, if their file is where it was or beside the result."""
    opening = job.get("about", {}).get("opening")
    if not opening:
        return None
    path = Path(opening["path"])
    for place in (path, folder / path.name):
        if place.exists():
            return FileRows({**opening, "path": str(place)}, job["data"])
    return None
