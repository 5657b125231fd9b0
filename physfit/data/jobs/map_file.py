"""The file of maps of fitted parameters, in HDF5 after NeXus: made, filled and edited.

    / (NXroot, @default)
        /entry (NXentry, @default: the first parameter)
            /job: what was fitted, as JSON
            /axes: one dataset for each axis of the map
            /NAME (NXdata), one for each free parameter: NAME and NAME_errors as maps,
                with links to the axes
            /quality (NXdata): status and, as auxiliary signals, retry_stage, n_steps,
                n_samples, chi2, condition, scale, dof, reduced_chi2 and refitted;
                of results with refits also /refits: what these were, as JSON
            /at_bound (map, P), /covariance (map, P (P + 1) / 2)
            /digests (blocks of rows, 16): of the data that they were computed from

Maps have the shape of the data's map, so that any viewer shows them as images. The
library makes the file; rows are put at their bytes without it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.hdf5.guard import check_hdf5
from physfit.data.hdf5.output import hdf5_output
from physfit.data.jobs.map_reader import SCHEMA, stored_place
from physfit.data.jobs.map_rows import (
    ADDED,
    DERIVED,
    DIGEST,
    DIGESTS,
    QUALITY,
    REFITS,
    MapPlace,
    MapRows,
    axis_places,
    map_of,
    map_types,
)
from physfit.data.row_data import Axis, shape_of
from physfit.errors import DataError

__all__ = ["MapFrame", "edited_maps", "new_maps"]

#: Maps begin at multiples of a cache line.
_ALIGNED = {"alignment_threshold": 1024, "alignment_interval": 64}


class MapFrame(NamedTuple):
    """What a file of maps is made for.

    Attributes
    ----------
    job : mapping
        What was fitted; kept as JSON.
    axes : tuple of Axis
    names, units : tuple of str
        Of the free parameters.
    n_blocks : int
        Blocks of rows of the job, whose digests of data are kept.
    refits : sequence of mapping
        Refits of rows, in the order of their numbers; kept as JSON.
    """

    job: Mapping[str, Any]
    axes: tuple[Axis, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    n_blocks: int = 0
    refits: Sequence[Mapping[str, Any]] = ()

    @property
    def labels(self) -> list[str]:
        """Names of the datasets of the axes."""
        return axis_places([axis.name for axis in self.axes], self.names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return shape_of(self.axes)


@contextmanager
def new_maps(path: Path, frame: MapFrame) -> Iterator[MapRows]:
    """Rows of a new file of maps, none of them written yet.

    Parameters
    ----------
    path : Path
        A temporary one (see `atomic_file`).
    frame : MapFrame
    """
    with hdf5_output(path, "w", track_order=True, **_ALIGNED) as file:
        _build(file, frame)
        places = _places(path, file, frame.names)
    with closing(MapRows(path, frame.names, places)) as rows:
        yield rows


@contextmanager
def edited_maps(
    path: Path, names: tuple[str, ...], note: str, lock: OutputLock
) -> Iterator[MapRows]:
    """Rows of a copy of a file, which takes its place when the block ends well.

    Parameters
    ----------
    path : Path
    names : tuple of str
        Of the free parameters.
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
            places = _places(path, file, names)
            notes = list(file["entry"].attrs.get("edited", []))
            file["entry"].attrs["edited"] = [*notes, note]
        with closing(MapRows(temporary, names, places)) as rows:
            yield rows


def _places(path: Path, file: Any, names: tuple[str, ...]) -> dict[str, MapPlace]:
    """Where the bytes of each map begin."""
    types, places = map_types(names), {}
    if DIGESTS in file:
        types[DIGESTS] = DIGEST
    for place, (kind, width) in types.items():
        if place in ADDED and place not in file:
            continue
        node = file[stored_place(file, place)]
        offset = node.id.get_offset()
        if offset is None:
            raise DataError(
                f"`{path}` was rewritten by another program: {node.name!r} does not "
                "lie in one piece; load the result and save it anew."
            )
        places[place] = MapPlace(int(offset), np.dtype(kind), max(1, width))
    return places


def _build(root: Any, frame: MapFrame) -> None:
    """Groups, axes and maps; these have their bytes, which are not written."""
    root.attrs.update({"NX_class": "NXroot", "default": "entry"})
    root.attrs["physfit_schema"], root.attrs["physfit_version"] = SCHEMA
    entry = root.create_group("entry", track_order=True)
    first = map_of(frame.names[0]).split("/")[2]
    entry.attrs.update({"NX_class": "NXentry", "default": first})
    entry["job"] = json.dumps(frame.job, allow_nan=False)
    axes = entry.create_group("axes", track_order=True)
    axes.attrs["NX_class"] = "NXcollection"
    for label, axis in zip(frame.labels, frame.axes, strict=True):
        axes[label] = axis.values
        axes[label].attrs.update({"units": axis.unit, "long_name": axis.name})
    for place, (kind, width) in map_types(frame.names).items():
        group, name = place.rsplit("/", 1)
        if group not in root:
            _add_data(root, group, name, frame.labels)
        _add_map(root[group], name, (*frame.shape, *((width,) if width else ())), kind)
    for name, unit in zip(frame.names, frame.units, strict=True):
        for end in ("", "_errors"):
            root[f"{map_of(name)}{end}"].attrs["units"] = unit
    root["entry/quality"].attrs["auxiliary_signals"] = [*QUALITY, *DERIVED][1:]
    if frame.refits:
        root[REFITS] = json.dumps(list(frame.refits), allow_nan=False)
    if frame.n_blocks:
        kind, width = DIGEST
        _add_map(entry, DIGESTS.rsplit("/", 1)[-1], (frame.n_blocks, width), kind)


def _add_data(root: Any, place: str, signal: str, labels: list[str]) -> None:
    """NXdata group with links to the axes of the map."""
    group = root.create_group(place, track_order=True)
    group.attrs.update({"NX_class": "NXdata", "signal": signal, "axes": labels})
    for label in labels:
        group[label] = h5py.SoftLink(f"/entry/axes/{label}")


def _add_map(group: Any, name: str, shape: tuple[int, ...], kind: str) -> None:
    """A data set whose bytes have their place, but are not written."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.CONTIGUOUS)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    h5py.h5d.create(
        group.id,
        name.encode(),
        h5py.h5t.py_create(np.dtype(kind), logical=True),
        h5py.h5s.create_simple(shape),
        properties,
    )
