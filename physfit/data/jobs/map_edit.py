"""Rows of a file of maps replaced, in a copy that takes its place at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.hdf5.guard import check_hdf5
from physfit.data.hdf5.output import hdf5_output
from physfit.data.jobs.map_reader import stored_place
from physfit.data.jobs.map_rows import DERIVED, QUALITY, MapPlace, MapRows, map_of
from physfit.errors import DataError

__all__ = ["edited_maps"]


@contextmanager
def edited_maps(
    path: Path, names: tuple[str, ...], n_axes: int, note: str, lock: OutputLock
) -> Iterator[MapRows]:
    """Rows of a copy of a file, which takes its place when the block ends well.

    Parameters
    ----------
    path : Path
    names : tuple of str
        Of the free parameters.
    n_axes : int
        Of the map.
    note : str
        What is done to it; the file keeps all such notes.
    lock : OutputLock
        Of the file.

    Raises
    ------
    DataError
        When its maps do not lie in one piece each, or the copy cannot be written.
    """
    check_hdf5(path)
    with atomic_file(path, overwrite=True, lock=lock) as temporary:
        shutil.copyfile(path, temporary)
        with hdf5_output(temporary, "r+") as file:
            places = {
                own: _place(path, file[stored_place(file, own)], n_axes)
                for own in _paths(names)
            }
            notes = list(file["entry"].attrs.get("edited", []))
            file["entry"].attrs["edited"] = [*notes, note]
        handle = os.open(temporary, os.O_RDWR)
        try:
            yield MapRows(handle, names, places)
        finally:
            os.close(handle)


def _paths(names: tuple[str, ...]) -> list[str]:
    found = [f"/entry/quality/{own}" for own in (*QUALITY, *DERIVED)]
    for own in names:
        found += [map_of(own), f"{map_of(own)}_errors"]
    return [*found, "/entry/at_bound", "/entry/covariance"]


def _place(path: Path, node: Any, n_axes: int) -> MapPlace:
    offset = node.id.get_offset()
    if offset is None:
        raise DataError(
            f"`{path}` was rewritten by another program: {node.name!r} does not lie in "
            "one piece; load the result and save it anew."
        )
    width = int(node.shape[-1]) if node.ndim > n_axes else 1
    return MapPlace(int(offset), node.dtype, width)
