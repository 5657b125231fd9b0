"""Results of many rows in files: maps after NeXus, and back."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.files.paths import existing_file
from physfit.data.files.schema import convert
from physfit.data.jobs.file_rows import FileRows, attached
from physfit.data.jobs.job_record import ResultRecord
from physfit.data.jobs.map_file import MapFrame, new_maps
from physfit.data.jobs.map_reader import Maps, is_map_file, opened_maps
from physfit.data.jobs.parts import Parts, parts_folder
from physfit.data.row_data import Axis
from physfit.document.blocks import Document, Heading, Text, pairs
from physfit.document.documented import Documented
from physfit.document.records import plain
from physfit.engine.workers import undisturbed
from physfit.errors import DataError, InputError, PhysfitError
from physfit.models.loss import as_loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.result.many_fitted import ManyFitted, endings
from physfit.result.many_refits import Refit, Refits
from physfit.result.many_report import counts_of
from physfit.result.many_result import ManyResult
from physfit.result.record import ModelRecord, model_of, model_record
from physfit.solve.base import Status
from physfit.solve.row_table import RowTable, unfitted_table
from physfit.uncertainty.rows import degrees_of_freedom, standard_errors

__all__ = ["ManyBrief", "brief_of", "columns_of", "data_files", "frame_of"]
__all__ += ["is_many_file", "load_many", "save_many"]

SUFFIXES = (".h5", ".hdf5", ".nxs")
#: What a file says of a result besides, under the names of its attributes.
ABOUT = ("x_label", "y_label", "x_unit", "y_unit", "source", "created")
#: Rows above which a report of all of them takes more memory than the fits did.
LARGE = 1_000_000
#: Rows that are written at a time.
BLOCK = 1 << 18


def is_many_file(path: str | os.PathLike[str]) -> bool:
    """Whether a file holds the fits of many rows."""
    return Path(path).suffix.lower() in SUFFIXES and is_map_file(Path(path))


def load_many(path: str | os.PathLike[str]) -> ManyResult:
    """Result of many rows from the file that `fit_many` or `ManyResult.save` wrote.

    Parameters
    ----------
    path : path
        Ends in .h5, .hdf5 or .nxs. While the job runs, or before its shards are merged,
        what its parts hold is read: other rows have the status `RUNNING`.

    Returns
    -------
    ManyResult
        The data are read where they are when a row is looked at, if their file is still
        there.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind, or of a newer physfit.

    Examples
    --------
    >>> import tempfile
    >>> import physfit as pf
    >>> line = pf.models.Linear()
    >>> many = pf.fit_many(line, [0.0, 1.0, 2.0], [[1.0, 3.1, 4.9], [0.0, 0.9, 2.1]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     many.save(f"{folder}/lines.h5")
    ...     loaded = load_many(f"{folder}/lines.h5")
    >>> (loaded["slope"].value == many["slope"].value).all()
    np.True_
    """
    parts = Parts(parts_folder(path))
    folder = Path(path).resolve().parent
    if os.path.exists(path) or not parts.exists:
        with opened_maps(existing_file(path)) as maps:
            result = _result(maps.job, maps.axes, maps.columns())
            data = attached(maps.job, folder, maps.digests())
            return replace(result, data=data, refits=_refits(maps))
    try:
        return replace(_of_parts(parts), data=attached(parts.job(), folder))
    except PhysfitError as error:
        raise DataError(f"`{parts.folder}` cannot be read: {error}") from error


def _result(
    job: ResultRecord, axes: tuple[Axis, ...], columns: dict[str, NDArray[Any]]
) -> ManyResult:
    about, model = job.about, model_of(job.model)
    if list(model.free_names) != job.free_names:
        raise DataError("its free parameters are not those of its model.")
    for number in np.flatnonzero(np.bincount(columns["status"])).tolist():
        Status(number)
    return ManyResult(
        model=model,
        loss=as_loss(job.loss),
        table=RowTable(**{name: columns[name] for name in RowTable._fields}),
        axes=axes,
        is_absolute=job.is_absolute,
        seconds=float("nan") if about.seconds is None else about.seconds,
        notes=tuple(about.notes),
        **{name: getattr(about, name) for name in ABOUT},
    )


def _refits(maps: Maps) -> Refits | None:
    """Refits of rows of a file; None without any."""
    numbers = maps.refitted()
    entries = tuple(
        Refit(
            model_of(own.model), as_loss(own.loss), own.is_absolute, own.where
        )._replace(n_rows=own.n_rows)
        for own in maps.refits()
    )
    if numbers is None or not numbers.any():
        return None
    if numbers.max() > len(entries):
        raise DataError("it has answers of a refit that it says nothing about.")
    return Refits(numbers, entries)


@undisturbed
def save_many(
    result: ManyFitted,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    lock: OutputLock | None = None,
) -> None:
    """Write a result of many rows, without its data.

    One of a finished job stays that of its job: its rows can be looked at and refitted.

    Parameters
    ----------
    result : ManyFitted
    path : path
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of `path`, by whoever holds it.

    Raises
    ------
    InputError
        When the suffix is none of .h5, .hdf5 and .nxs.
    DataError
        When the file exists and may not be replaced, or cannot be written.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise InputError(
            f"`{os.fspath(path)}` must end in {', '.join(SUFFIXES)}; maps are written "
            "as HDF5 only."
        )
    refuse_inputs({"the result": path}, data_files(result))
    job, digests = _job_of(result)
    refits = () if result.refits is None else result.refits.entries
    frame = frame_of(job, result.model, result.axes)._replace(
        n_blocks=len(digests), refits=[_refit_record(own) for own in refits]
    )
    numbers = result.refitted.reshape(-1)
    with (
        atomic_file(path, overwrite, lock=lock) as temporary,
        new_maps(temporary, frame) as maps,
    ):
        for start in range(0, result.n_rows, BLOCK):
            part = result.table.rows(start, start + BLOCK)
            columns = columns_of(part, result.model.n_outputs)
            maps.write(start, columns | {"refitted": numbers[start : start + BLOCK]})
        for number, digest in enumerate(digests):
            maps.write_digest(number, digest)


def _job_of(result: ManyFitted) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What was fitted, as a file keeps it, and digests of the blocks of data."""
    about = {name: getattr(result, name) for name in (*ABOUT, "seconds", "notes")}
    data = result.data
    if isinstance(data, FileRows) and data.digests:
        record = msgspec.to_builtins(data.job)
        opening = {**record["about"]["opening"], "path": str(data.path)}
        record["about"] |= {**about, "opening": opening}
        return plain(record), data.digests
    job = {
        "model": model_record(result.model),
        "free_names": result.model.free_names,
        "loss": str(result.loss),
        "is_absolute": result.is_absolute,
        "about": about,
    }
    return plain(job), ()


def _refit_record(own: Refit) -> dict[str, Any]:
    texts = {"model": model_record(own.model), "loss": str(own.loss)}
    record: dict[str, Any] = plain(own._asdict() | texts)
    return record


def data_files(many: ManyFitted) -> list[str]:
    """Files that hold the data of a result, as far as it says."""
    named = [many.source] if many.source else []
    return [*named, str(many.data.path)] if isinstance(many.data, FileRows) else named


def frame_of(job: Mapping[str, Any], model: Model, axes: tuple[Axis, ...]) -> MapFrame:
    """Frame of a file of maps."""
    about = job["about"]
    units = [
        resolve_unit(model.parameters[name].unit, about["x_unit"], about["y_unit"])
        for name in model.free_names
    ]
    return MapFrame(job, axes, model.free_names, tuple(units))


@np.errstate(all="ignore")
def columns_of(table: RowTable, n_outputs: int) -> dict[str, NDArray[Any]]:
    """Columns of a table, and what follows from them: `stderr`, dof, reduced chi2.

    Parameters
    ----------
    table : RowTable
    n_outputs : int
        Real numbers in a sample.
    """
    errors = standard_errors(table.covariance, table.theta.shape[1])
    dof = degrees_of_freedom(table, errors, n_outputs)
    reduced = np.where(dof > 0, table.chi2 / dof, np.nan)
    refitted = np.zeros(len(dof), dtype=np.uint8)
    more = {"dof": dof, "reduced_chi2": reduced, "refitted": refitted}
    return {**table._asdict(), "stderr": errors, **more}


def _of_parts(parts: Parts) -> ManyResult:
    """What is there of a job that has not been joined; other rows have not been run."""
    job, axes = parts.job(), parts.axes()
    table = unfitted_table(job.n_rows, len(job.free_names))
    n_done, notes = 0, []
    for start, stop in parts.done():
        try:
            part = parts.read(start, stop)
            table.put(np.arange(start, stop), RowTable(**part.columns))
        except (DataError, IndexError, ValueError) as error:
            notes.append(str(error))
            continue
        n_done += stop - start
    result = _result(job, axes, table._asdict())
    notes.append(f"{job.n_rows - n_done} of {job.n_rows} rows are not there yet")
    return replace(result, notes=(*result.notes, *notes))


@dataclass(frozen=True)
class ManyBrief(Documented):
    """Rows of a file of maps by status.

    Attributes
    ----------
    output : str
        The file.
    expression : str
        Of the model.
    shape : tuple of int
        Of the map.
    statuses : dict of Status to int
        Most frequent first.
    """

    output: str
    expression: str
    shape: tuple[int, ...]
    statuses: dict[Status, int]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return math.prod(self.shape)

    @property
    def n_failed(self) -> int:
        """Rows without a converged fit."""
        return sum(n for own, n in self.statuses.items() if not own.converged)

    @property
    def is_large(self) -> bool:
        """Whether this has to do in place of a report."""
        return self.n_rows > LARGE

    def _record(self) -> dict[str, Any]:
        statuses = {own.name: n for own, n in self.statuses.items()}
        return {"output": self.output, "rows": self.n_rows, "statuses": statuses}

    def _document(self) -> Document:
        shape = " x ".join(map(str, self.shape))
        show = shlex.join(["physfit", "show", self.output])
        more = [f"the whole report reads all rows: {show}"] if self.is_large else []
        return [
            Heading(self.expression),
            pairs({"rows": f"{self.n_rows} ({shape})"}),
            counts_of(self.statuses, self.n_rows),
            Text(more),
        ]


def brief_of(path: Path) -> ManyBrief:
    """How the rows of a file of maps ended.

    Raises
    ------
    DataError
        When the file is damaged, of another kind or of a newer physfit.
    """
    with opened_maps(path) as maps:
        statuses = maps.statuses()
        expression = convert(maps.job.model, ModelRecord).expression
        return ManyBrief(
            str(path), expression, statuses.shape, endings(statuses, Status)
        )
