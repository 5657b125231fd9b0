"""Results of many rows in files of other programs, a piece at a time.

CSV and Parquet have a line for each row, written so many rows at a time. Archives of
numpy and netCDF have maps, an array for each column.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.data.files.atomic import atomic_file
from physfit.data.files.outputs import refuse_inputs
from physfit.data.hdf5.output import raw_output
from physfit.data.headings import as_cell
from physfit.data.jobs.map_rows import unique_names
from physfit.errors import InputError
from physfit.result.many_columns import (
    axis_labels,
    blocks,
    columns,
    provenance,
    units,
    words_of,
)
from physfit.result.many_file import data_files
from physfit.result.many_table import dataset
from physfit.result.packages import needed
from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.result.many_columns import Array
    from physfit.result.many_fitted import ManyFitted

__all__ = ["WRITERS", "export_many"]

#: Rows that are written at a time.
BLOCK = 1 << 16


def export_many(
    many: ManyFitted, path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write a result of many rows as its suffix says.

    Nothing is read from its data: p values of counts, which need them, are left out.

    Raises
    ------
    InputError
        When the suffix is none of WRITERS, rows have not been run yet, or a package is
        missing.
    DataError
        When the file exists and may not be replaced, or cannot be written.
    """
    write = WRITERS.get(Path(path).suffix.lower())
    if write is None:
        *first, last = WRITERS
        raise InputError(
            f"`{os.fspath(path)}` must end in {', '.join(first)} or {last}, which says "
            "what is written."
        )
    n_left = int((many.table.status == Status.RUNNING).sum())
    if n_left:
        raise InputError(
            f"the job is not finished: {n_left} of {many.n_rows} rows are not there "
            "yet; go on with it, and export what it gives."
        )
    refuse_inputs({"the export": path}, data_files(many))
    with atomic_file(path, overwrite) as temporary:
        write(replace(many, data=None), temporary)


def _write_csv(many: ManyFitted, temporary: Path) -> None:
    """Numbers with all digits, statuses in words."""
    with temporary.open("w", encoding="utf-8") as stream:
        for number, block in enumerate(blocks(many, BLOCK)):
            if not number:
                stream.write(",".join(map(as_cell, block)) + "\n")
            cells = [map(str, _in_words(*own)) for own in block.items()]
            stream.writelines(
                ",".join(line) + "\n" for line in zip(*cells, strict=True)
            )


def _in_words(name: str, values: Array) -> list[Any]:
    words = words_of(name, values)
    return (
        [words.get(own, own) for own in values.tolist()] if words else values.tolist()
    )


def _write_parquet(many: ManyFitted, temporary: Path) -> None:
    """A group of rows for each block; units and what was fitted are metadata."""
    arrow = needed("Parquet", "pyarrow", "pyarrow.parquet")
    known = units(many)
    metadata = {"physfit": json.dumps(provenance(many))}
    writer = None
    try:
        for block in blocks(many, BLOCK):
            arrays = {name: _arrow(name, values) for name, values in block.items()}
            if writer is None:
                fields = [
                    arrow.field(
                        name,
                        own.type,
                        metadata={"units": known[name]} if name in known else None,
                    )
                    for name, own in arrays.items()
                ]
                schema = arrow.schema(fields, metadata=metadata)
                writer = arrow.parquet.ParquetWriter(temporary, schema)
            writer.write_table(
                arrow.Table.from_arrays([*arrays.values()], schema=schema)
            )
    finally:
        if writer is not None:
            writer.close()


def _arrow(name: str, values: Array) -> Any:
    """A column of Parquet: numbers, or words by their numbers."""
    import pyarrow

    words = words_of(name, values)
    if not words:
        return pyarrow.array(np.ascontiguousarray(values))
    places = np.zeros(256, dtype=np.int8)
    places[list(words)] = np.arange(len(words))
    return pyarrow.DictionaryArray.from_arrays(places[values], list(words.values()))


def _write_npz(many: ManyFitted, temporary: Path) -> None:
    """A map of each column, the axes, and `metadata` as JSON."""
    words: dict[str, Any] = {}
    labels = axis_labels(many)
    with zipfile.ZipFile(
        temporary, "w", zipfile.ZIP_STORED, allowZip64=True
    ) as archive:
        for label, axis in zip(labels, many.axes, strict=True):
            _put(archive, label, np.asarray(axis.values))
        names = list(labels)
        for name, values in columns(many):
            _put(archive, name, values.reshape(many.shape))
            words |= {name: own} if (own := words_of(name, values)) else {}
            names.append(name)
        about = {**provenance(many), "axes": labels, "units": units(many), **words}
        (name,) = unique_names(["metadata"], names)
        _put(archive, name, np.array(json.dumps(about)))


def _put(archive: zipfile.ZipFile, name: str, values: Array) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, values, allow_pickle=False)


def _write_netcdf(many: ManyFitted, temporary: Path) -> None:
    """Maps over their axes with units, and what was fitted as attributes."""
    needed("netCDF", "xarray", "h5netcdf", extra="netcdf")
    with raw_output(temporary) as raw:
        dataset(many).to_netcdf(raw, engine="h5netcdf")


#: What is written, by the suffix of the file.
WRITERS: dict[str, Callable[[ManyFitted, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".npz": _write_npz,
    ".nc": _write_netcdf,
}
