"""Maps of fitted parameters in one HDF5 file after NeXus, written piece by piece.

    / (NXroot, @default)
        /entry (NXentry, @default: the first parameter)
            /job: what was fitted, as JSON
            /axes: one dataset for each axis of the map
            /NAME (NXdata), one for each free parameter: NAME and NAME_errors as maps,
                with links to the axes
            /quality (NXdata): status and, as auxiliary signals, retry_stage, n_steps,
                n_samples, chi2, condition, dof and reduced_chi2
            /at_bound (map, P), /covariance (map, P (P + 1) / 2)
            /digests (blocks of rows, 16): of the data that they were computed from

Maps have the shape of the data's map, so that any viewer shows them as images.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.hdf5.output import hdf5_output
from physfit.data.jobs.map_places import axis_places
from physfit.data.jobs.map_reader import SCHEMA, VERSION
from physfit.data.jobs.map_rows import DERIVED, QUALITY, MapPlace, MapRows, map_of
from physfit.data.row_data import Axis, shape_of

__all__ = ["MapFrame", "MapWriter"]

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
    """

    job: Mapping[str, Any]
    axes: tuple[Axis, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    n_blocks: int = 0

    @property
    def labels(self) -> list[str]:
        """Names of the datasets of the axes."""
        return axis_places([axis.name for axis in self.axes], self.names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return shape_of(self.axes)


class MapWriter:
    """A new file of maps, filled by ranges of rows.

    The library makes the file; the rows are put at their bytes without it.

    Attributes
    ----------
    handle : int
        Of the open file.

    Parameters
    ----------
    path : Path
        A temporary one (see `atomic_file`).
    frame : MapFrame
    """

    def __init__(self, path: Path, frame: MapFrame) -> None:
        self._frame = frame
        self._places: dict[str, MapPlace] = {}
        with hdf5_output(path, "w", track_order=True, **_ALIGNED) as file:
            self._build(file)
            for name in self._places:
                offset = file[name].id.get_offset()
                self._places[name] = self._places[name]._replace(offset=offset)
        self.handle = os.open(path, os.O_WRONLY)
        self._rows = MapRows(self.handle, frame.names, self._places)

    def close(self) -> None:
        """Close the file."""
        os.close(self.handle)

    def _build(self, root: Any) -> None:
        frame = self._frame
        root.attrs.update({"NX_class": "NXroot", "default": "entry"})
        root.attrs.update({"physfit_schema": SCHEMA, "physfit_version": VERSION})
        entry = root.create_group("entry", track_order=True)
        places = [map_of(name).split("/")[2] for name in frame.names]
        entry.attrs.update({"NX_class": "NXentry", "default": places[0]})
        entry["job"] = json.dumps(frame.job, allow_nan=False)
        axes = entry.create_group("axes", track_order=True)
        axes.attrs["NX_class"] = "NXcollection"
        for label, axis in zip(frame.labels, frame.axes, strict=True):
            axes[label] = axis.values
            axes[label].attrs.update({"units": axis.unit, "long_name": axis.name})
        for place, name, unit in zip(places, frame.names, frame.units, strict=True):
            group = self._data(entry, place, name)
            for own in (name, f"{name}_errors"):
                self._map(group, own, "f8").attrs["units"] = unit
        quality = self._data(entry, "quality", "status")
        quality.attrs["auxiliary_signals"] = [*QUALITY, *DERIVED][1:]
        for name, kind in {**QUALITY, **DERIVED}.items():
            self._map(quality, name, kind)
        n = len(frame.names)
        self._map(entry, "at_bound", "i1", n)
        self._map(entry, "covariance", "f8", n * (n + 1) // 2)
        if frame.n_blocks:
            self._room(entry, "digests", ((frame.n_blocks,), 16), "u1")

    def _data(self, entry: Any, name: str, signal: str) -> Any:
        """NXdata group with links to the axes of the map."""
        group = entry.create_group(name, track_order=True)
        labels = self._frame.labels
        group.attrs.update({"NX_class": "NXdata", "signal": signal, "axes": labels})
        for label in labels:
            group[label] = h5py.SoftLink(f"/entry/axes/{label}")
        return group

    def _map(self, group: Any, name: str, kind: str, width: int = 0) -> Any:
        """A data set whose bytes have their place, but are not written."""
        return self._room(group, name, (self._frame.shape, width), kind)

    def _room(
        self, group: Any, name: str, size: tuple[tuple[int, ...], int], kind: str
    ) -> Any:
        """The same, of another shape and with so many numbers at each place of it."""
        shape = (*size[0], *((size[1],) if size[1] else ()))
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.CONTIGUOUS)
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        dtype = np.dtype(kind)
        h5py.h5d.create(
            group.id,
            name.encode(),
            h5py.h5t.py_create(dtype, logical=True),
            h5py.h5s.create_simple(shape),
            properties,
        )
        made = group[name]
        self._places[made.name] = MapPlace(0, dtype, max(1, size[1]))
        return made

    def write(self, start: int, columns: Mapping[str, NDArray[Any]]) -> None:
        """Rows from `start` on: the columns of a table, and what follows from them."""
        self._rows.write(start, columns)

    def write_digest(self, number: int, digest: str) -> None:
        """The digest of the data of a block."""
        self._rows.write_digest(number, digest)

    def flush(self) -> None:
        """Wait until all that was written is on disk, so that the end need not."""
        os.fsync(self.handle)
