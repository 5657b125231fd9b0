"""`fit_many`: one model, many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Unpack

import numpy as np

from physfit.data.map_axes import axes_given, axes_of, is_names
from physfit.data.pairing import paired
from physfit.data.quantities import in_unit
from physfit.data.row_data import RowData, numbered_axes
from physfit.data.row_source import RowSource, open_rows
from physfit.engine.jit import compile_seconds
from physfit.errors import InputError
from physfit.fitting.columns import check_frame
from physfit.fitting.fit_settings import FitSettings, StartArgument
from physfit.many_fits.arguments import (
    checked_rows,
    even_rows,
    names_of,
    placed,
    shaped_sigma,
    within,
)
from physfit.many_fits.from_file import JobOutput, run_file
from physfit.many_fits.progress import ManyProgress, ProgressMeter
from physfit.many_fits.row_job import (
    SAMPLE_ROWS,
    RowJob,
    RowPlan,
    rows_at_once,
    rows_of_block,
)
from physfit.many_fits.starts import checked_start, far_rows
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.binding import bound_to_rows
from physfit.progress import draws_bar, pace_of_rows
from physfit.result.many_file import load_many
from physfit.result.many_result import ManyResult
from physfit.settings.doors import OfFitMany
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.solve.base import Stop, check_run
from physfit.solve.row_table import RowTable

__all__ = ["fit_many"]

#: Output of a result that no file is to keep.
NOWHERE = Path()


@takes(OfFitMany)
@draws_bar("fitting", pace_of_rows)
@np.errstate(all="ignore")
def fit_many(
    model: Model | str | Callable[..., Any],
    *data: Any,
    x: Any = None,
    y: Any = None,
    sigma: Any = None,
    sigma_per: str | None = None,
    mask: Any = None,
    map_axes: Any = None,
    start: StartArgument = None,
    loss: str | Loss = "chi2",
    stop: Stop | None = None,
    progress: Callable[[ManyProgress], None] | bool | None = None,
    units: tuple[str, str] = ("", ""),
    labels: tuple[str, str] = ("x", "y"),
    source: str = "",
    dataset: str | None = None,
    output: str | PathLike[str] | None = None,
    resume: bool = False,
    **settings: Unpack[OfFitMany],
) -> ManyResult:
    """Fit a model to each of many rows, on its own.

    Samples that are NaN or masked are left out, and the row's degrees of freedom say
    so. A row that fails gets a status and never stops the others.

    Parameters
    ----------
    model : Model, str or callable
        As for `physfit.fit`.
    *data
        x and y without their names; or a path of an HDF5, NPY or text file (a place
        inside may follow after "::"), which stands for x, y and sigma and with `output`
        may be larger than memory; or y alone, where `x` is named or y is of xarray.
    x : array_like or str
        Shape (n_points,), shared by all rows, or the shape of `y`. For models of
        several coordinates (n_inputs, n_points). Of a file the dataset of x, or "none"
        to count samples. Left out, it is the coordinate of the samples of xarray.
    y : array_like, shape (..., n_points), or path
        The data: one axis or several of the map, then the samples. float32 data are
        read as they are; all arithmetic is in float64. Coordinates of an array of
        xarray are the axes of the map, with names and units.
    sigma : float or array_like, optional
        Standard deviations: one number, one per sample, one per row (shape (..., 1)),
        or in the shape of `y`. Left out, the errors of each row are scaled by
        sqrt(chi2 / dof).
    sigma_per : {"row", "sample"}, optional
        What as many standard deviations as there are rows, and samples in a row, are
        meant for: a dataset of a file must be told; an array is one per sample.
    mask : array_like of bool, optional
        True where a sample is left out; one per sample, or in the shape of `y`.
    map_axes : sequence or mapping, optional
        Axes of the map, slowest first: positions along each (in a dict by name, a unit
        may follow in brackets), or the datasets of a file that hold them. Left out, as
        the file or xarray says, else rows are counted.
    start : mapping of str to float or array, or "previous", optional
        Start values, one for all rows or one per row (in the map's shape). What is
        missing is guessed from each row's own data. "previous" starts each row from the
        solution of the row before, and begins anew every 256 rows.
    loss : str or Loss
        As for `physfit.fit`.
    stop : Stop, optional
        When to stop; `Stop(ftol=1e-11)` if left out.
    progress : callable or bool, optional
        Called with a `ManyProgress` now and then; raise to stop. True draws a bar in a
        terminal or notebook.
    units, labels : pair of str
        Units and names of x and y, as for `physfit.fit`.
    source : str, optional
        Where the data come from, for reports.
    dataset : str, optional
        Place of the data inside an HDF5 file.
    output : path, optional
        HDF5 file for the maps. Finished blocks of rows are kept in a folder beside it,
        so that a run that was killed can go on.
    resume : bool
        Whether to go on with what is there of this job.
    **settings
        Of all fits.

    Returns
    -------
    ManyResult
        Without the data, if these are in a file.

    Raises
    ------
    InputError, ModelError, DataError
        Arguments or files are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Gaussian
    >>> x = np.linspace(-3.0, 3.0, 31)
    >>> centers = np.array([[0.5, -0.25], [0.75, 1.0]])
    >>> y = np.exp(-0.5 * (x - centers[..., None]) ** 2)
    >>> many = fit_many(Gaussian(), x, y, sigma=0.01)
    >>> many["center"].value.round(6)
    array([[ 0.5 , -0.25],
           [ 0.75,  1.  ]])
    """
    given = checked("fit_many", OfFitMany, settings)
    model = as_model(model, start=start)
    check_frame(units, labels, source)
    progress = check_run(stop, progress, "pf.ManyProgress")
    x, y = placed(data, x, y)
    how = FitSettings.of(given, loss=loss, start=start, stop=stop)
    if isinstance(x, str | PathLike) or isinstance(y, str | PathLike):
        asked = {"sigma": sigma, "sigma_per": sigma_per, "dataset": dataset}
        asked |= {"x_range": given["x_range"]}
        rows_of_file = _opened(x, y, mask, map_axes, asked)
        path = NOWHERE if output is None else Path(output)
        kept = JobOutput(path, resume, given.get("overwrite", False))
        kept = kept._replace(block_rows=given.get("block_rows"))
        return _of_file(model, rows_of_file, how, kept, progress)
    if (output, dataset, given.get("block_rows")) != (None, None, None):
        raise InputError(
            "`output`, `dataset` and `block_rows` are for data in a file; save the "
            "result of arrays with result.save(path)."
        )
    whole, named = y, names_of(x, y, labels)
    x, y, sigma, (x_unit, y_unit) = paired(named.x, y, sigma, units)
    x, x_unit = in_unit("x", x, named.x_unit, x_unit)
    x, y = even_rows("x", x), even_rows("y", y)
    sigma, mask = even_rows("sigma", sigma), even_rows("mask", mask)
    sigma = shaped_sigma(sigma, sigma_per, y)
    x, y, sigma, mask = within(x, y, sigma, mask, given["x_range"])
    model, x = bound_to_rows(model, x, np.shape(y))
    rows, shape = checked_rows(model, how.loss, x, y, sigma, mask)
    is_said = map_axes is not None
    return replace(
        _of_arrays(model, how, rows, shape, progress),
        axes=axes_given(map_axes, shape) if is_said else axes_of(whole, shape),
        x_label=named.labels[0],
        y_label=named.labels[1],
        x_unit=x_unit,
        y_unit=y_unit,
        source=source,
        notes=named.notes,
    )


def _of_arrays(
    model: Model,
    settings: FitSettings,
    data: RowData,
    shape: tuple[int, ...],
    progress: Callable[[ManyProgress], None] | None,
) -> ManyResult:
    """Fits of rows in memory; where they lie far from x = 0 those there come first."""
    compiled_before, began = compile_seconds(), perf_counter()
    loss, shown = settings.loss, data.rows(0, SAMPLE_ROWS)
    plan = RowPlan.of(model, shown, shape, settings)
    far = far_rows(model, shown, settings.start, loss) if model.at_origin else None
    if far is not None:
        near = _of_arrays(far.model, settings, data, shape, progress)
        start = far.start(np.array([near[name].value for name in model.names]))
        if start is None:
            return near
        plan = plan._replace(start=checked_start(model, start, shape))
    n_bytes = data.n_points * data.y.itemsize
    size = rows_of_block(data.n_rows, n_bytes, is_chained=plan.start.is_chained)
    job = RowJob(plan, size)
    table = _all_blocks(job, data, progress)
    return ManyResult(
        model=model,
        loss=loss,
        table=table,
        axes=numbered_axes(shape),
        is_absolute=job.frame.is_absolute,
        data=data,
        seconds=perf_counter() - began - (compile_seconds() - compiled_before),
    )


def _opened(
    x: Any, y: Any, mask: Any, map_axes: Any, asked: dict[str, Any]
) -> RowSource:
    """Rows of the file that x is, or that y is, of which x names a dataset."""
    is_named = isinstance(y, str | PathLike)
    if mask is not None or (not is_named and y is not None):
        raise InputError(
            "`x` is a path, so `y` and `mask` must be left out; a dataset called "
            "`mask` in the file is taken."
        )
    if is_named and not isinstance(x, str | None):
        raise InputError(
            f"`y` is a path, so `x` must be the name of a dataset in it, not "
            f"{type(x).__name__}; give the path alone, as `x`, if the file says it."
        )
    place, name = (y, x) if is_named else (x, None)
    if map_axes is None or is_names(map_axes):
        return open_rows(place, x=name, map_axes=map_axes, **asked)
    source = open_rows(place, x=name, **asked)
    try:
        return replace(source, axes=axes_given(map_axes, source.shape))
    except BaseException:
        source.close()
        raise


def _of_file(
    model: Model,
    source: RowSource,
    settings: FitSettings,
    output: JobOutput,
    progress: Callable[[ManyProgress], None] | None,
) -> ManyResult:
    """Result of the rows of a file, by parts, which without output are temporary."""
    began = perf_counter()
    with TemporaryDirectory(prefix="physfit-") as folder:
        if output.path == NOWHERE:
            output = output._replace(path=Path(folder) / "maps.h5")
        try:
            run_file(model, source, settings, output, progress=progress)
        finally:
            source.close()
        return replace(load_many(output.path), seconds=perf_counter() - began)


def _all_blocks(
    job: RowJob, data: RowData, progress: Callable[[ManyProgress], None] | None
) -> RowTable:
    """Table of all rows, some blocks at once."""
    meter = ProgressMeter(progress, data.n_rows)
    whole, size = job.fits.records(data.n_rows), job.block_rows or data.n_rows
    step = size * max(1, rows_at_once(data.n_points * data.y.itemsize) // size)
    for first in range(0, data.n_rows, step):
        stop = min(first + step, data.n_rows)
        blocks, out = data.rows(first, stop), whole.rows(first, stop)
        table = job.fit_blocks(blocks, first, meter.update, out)
        meter.add(stop - first, int(table.failed.sum()))
    return whole.table
