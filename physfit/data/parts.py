"""Finished blocks of a long job: one file for each, in a folder beside the output.

`OUT.parts/` holds `job.json` and `axes.h5`, which say what the job is, and a file for
every block of rows that is done, named by its range. Every file is written whole or not
at all, so what is there can be trusted whenever a process was killed, and read while
others write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from physfit.data.row_data import Axis
from physfit.data.writers import read_hdf5, read_json, write_hdf5, write_json
from physfit.errors import DataError

__all__ = ["Parts", "parts_folder"]

_JOB, _JOB_VERSION = "physfit.many_job", 1
_AXES, _AXES_VERSION = "physfit.many_axes", 1
_PART, _PART_VERSION = "physfit.many_part", 1
_NAME = re.compile(r"rows-(\d{12})-(\d{12})\.h5")


def parts_folder(out: str | os.PathLike[str]) -> Path:
    """Folder of the parts of an output file."""
    path = Path(out)
    return path.with_name(path.name + ".parts")


class Parts:
    """The folder of a job's parts.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether the job has been begun."""
        return (self.folder / "job.json").exists()

    def begin(self, job: Mapping[str, Any], axes: Sequence[Axis]) -> None:
        """Make the folder and write what the job is; `job.json` comes last.

        Raises
        ------
        DataError
            When it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"`{self.folder}` cannot be made: {error.strerror}."
            ) from error
        record: dict[str, Any] = {}
        for k, own in enumerate(axes):
            record[f"axis{k}"] = own.values
            record[f"axis{k}@name"], record[f"axis{k}@units"] = own.name, own.unit
        where = self.folder / "axes.h5"
        write_hdf5(where, record, schema=_AXES, version=_AXES_VERSION, overwrite=True)
        path = self.folder / "job.json"
        write_json(path, job, schema=_JOB, version=_JOB_VERSION, overwrite=True)

    def axes(self) -> tuple[Axis, ...]:
        """Axes of the map."""
        where = self.folder / "axes.h5"
        record = read_hdf5(where, schema=_AXES, version=_AXES_VERSION)
        names = sorted(
            (own for own in record if "@" not in own), key=lambda own: own[4:]
        )
        return tuple(
            Axis(record[f"{own}@name"], record[own], record[f"{own}@units"])
            for own in names
        )

    def job(self) -> dict[str, Any]:
        """What the job is, as `begin` was told."""
        path = self.folder / "job.json"
        record = read_json(path, schema=_JOB, version=_JOB_VERSION)
        return {
            key: value
            for key, value in record.items()
            if key not in ("schema", "version")
        }

    def done(self) -> list[tuple[int, int]]:
        """Ranges of rows that are finished, in order."""
        if not self.folder.is_dir():
            return []
        found = [_NAME.fullmatch(own.name) for own in self.folder.iterdir()]
        return sorted((int(own[1]), int(own[2])) for own in found if own is not None)

    def path(self, start: int, stop: int) -> Path:
        """File of a range of rows."""
        return self.folder / f"rows-{start:012d}-{stop:012d}.h5"

    def write(self, start: int, stop: int, record: Mapping[str, Any]) -> None:
        """Keep the answers of a range of rows.

        Raises
        ------
        DataError
            When they cannot be written; other parts are not touched.
        """
        path = self.path(start, stop)
        write_hdf5(path, record, schema=_PART, version=_PART_VERSION, overwrite=True)

    def read(self, start: int, stop: int) -> dict[str, Any]:
        """Answers of a range of rows."""
        path = self.path(start, stop)
        record = read_hdf5(path, schema=_PART, version=_PART_VERSION)
        return {key: value for key, value in record.items() if not key.startswith("@")}

    def remove(self) -> None:
        """Delete the folder with all it holds, and nothing that is not its own."""
        for start, stop in self.done():
            self.path(start, stop).unlink(missing_ok=True)
        for leftover in self.folder.glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        for name in ("job.json", "axes.h5"):
            (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else is in it, or another process was here
            self.folder.rmdir()
