"""Rows of many: data, curve, residuals and result of one, and which are the worst."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.data.record import Observations, weights_of
from physfit.errors import InputError
from physfit.models.samples import joined
from physfit.objective import Objective
from physfit.plot.reasons import Reason
from physfit.result.fit_result import FitResult
from physfit.result.many_quality import cut_of
from physfit.result.many_refits import Refit, fits_of
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import solution_at
from physfit.typing import FloatArray, IntArray, Values
from physfit.uncertainty.rows import unpacked

if TYPE_CHECKING:
    from physfit.data.jobs.file_rows import FileRows
    from physfit.data.row_data import RowData
    from physfit.result.many_fitted import ManyFitted

__all__ = ["curve_of", "needed_data", "observed", "result_of", "row_number"]
__all__ += ["sample_residuals", "worst_places"]


def row_number(many: ManyFitted, place: tuple[int, ...]) -> int:
    """Number of the row at a place of the map.

    Raises
    ------
    InputError
        When the map has no such place.
    """
    shape = many.shape
    if len(place) != len(shape):
        names = ", ".join(axis.name for axis in many.axes)
        raise InputError(
            f"a row of this map has {len(shape)} numbers ({names}), but {place} was "
            "given."
        )
    for index, size, axis in zip(place, shape, many.axes, strict=True):
        if not -size <= index < size:
            raise InputError(
                f"the map has {size} rows along {axis.name}, but {index} was given."
            )
    wrapped = [index % size for index, size in zip(place, shape, strict=True)]
    return int(np.ravel_multi_index(wrapped, shape))


def needed_data(many: ManyFitted) -> RowData | FileRows:
    """The data of a result.

    Raises
    ------
    InputError
        When they are not at hand.
    """
    if many.data is None:
        raise InputError(
            "the data of these fits are not at hand, only parameters and what follows "
            "from them: arrays are not kept in a file of maps, and files are looked "
            "for where they were and beside the maps (an older physfit kept nothing to "
            "know them by); pass the rows to pf.fit."
        )
    return many.data


def observed(many: ManyFitted, row: int) -> tuple[Observations, NDArray[np.bool_]]:
    """Samples of a row that were fitted, and which of all they are, shape (n_points,).

    Raises
    ------
    InputError
        When the data are not at hand.
    """
    own = needed_data(many).rows(row, row + 1)
    x, (values,), sigma = _coordinates(own), own.y, None
    parts = (values.real, values.imag) if np.iscomplexobj(values) else (values,)
    y = np.array(parts, dtype=np.float64)
    used = np.isfinite(x).all(axis=0) & np.isfinite(y).all(axis=0)
    if own.mask is not None:
        used = used & ~own.mask[0]
    if own.sigma is not None:
        sigma = np.broadcast_to(own.sigma[0], y.shape).astype(np.float64)
        used = used & np.isfinite(sigma).all(axis=0)
        sigma = np.ascontiguousarray(sigma[:, used])
    data = Observations(
        np.ascontiguousarray(x[:, used]),
        np.ascontiguousarray(y[:, used]),
        sigma,
        x_label=many.x_label,
        y_label=many.y_label,
        x_unit=many.x_unit,
        y_unit=many.y_unit,
        source=many.source,
        n_left_out=int((~used).sum()),
    )
    return data, np.asarray(used)


def _coordinates(own: RowData) -> FloatArray:
    return np.asarray(own.x[0] if own.has_own_x else own.x, dtype=np.float64)


def curve_of(many: ManyFitted, row: int, x: ArrayLike | None) -> Values:
    """Fitted curve of a row at `x`, or at its data."""
    if x is None:
        if many.data is None:
            raise InputError("the data are not at hand; say where with `x=`.")
        own = _coordinates(many.data.rows(row, row + 1))
        x = own if many.model.n_inputs > 1 else own[0]
    theta = many.table.theta[row].tolist()
    return many.model(x, **dict(zip(many.model.free_names, theta, strict=True)))


def sample_residuals(many: ManyFitted, row: int) -> Values:
    """Data minus model of a row, NaN where a sample was left out."""
    data, used = observed(many, row)
    points = data.x if many.model.n_inputs > 1 else data.x[0]
    found = np.subtract(joined(data.y), curve_of(many, row, points))
    residuals = np.full(len(used), np.nan, dtype=found.dtype)
    residuals[used] = found
    return residuals


def result_of(many: ManyFitted, row: int) -> FitResult:
    """Result of the fit of one row, as `fit` would have made it.

    Raises
    ------
    InputError
        When the row was not fitted, or its data are not at hand.
    """
    status = Status(int(many.table.status[row]))
    if many.table.unfitted[row]:
        raise InputError(f"this row has no result: {status.sentence}.")
    data, _ = observed(many, row)
    fits = fits_of(many, int(many.refitted.reshape(-1)[row]))
    return FitResult(
        model=fits.model,
        data=data,
        loss=fits.loss,
        method="lm",
        solution=_solution(many, row, data, status, fits),
        start=np.full(len(fits.model.free_names), np.nan),
        created=many.created,
        scale=_scale(many, row),
    )


def _scale(many: ManyFitted, row: int) -> float | None:
    """By which the residuals of a row were measured; None with sigma."""
    scale = float(many.table.scale[row])
    return None if math.isnan(scale) else scale


def _solution(
    many: ManyFitted, row: int, data: Observations, status: Status, fits: Refit
) -> Solution:
    """Where the fit of a row ended; what the table does not keep is computed anew."""
    columns = (data.x, data.y, weights_of(data, _scale(many, row)))
    objective = Objective(fits.model.layout, *columns, fits.loss)
    free = [many.model.free_index[name] for name in fits.model.free_names]
    theta = np.ascontiguousarray(many.table.theta[row, free])
    at_bound = many.table.at_bound[row, free].astype(np.int64)
    _, gradient, matrix = objective.normal(theta)
    objective.release()
    cost, n_steps = 0.5 * float(many.table.chi2[row]), int(many.table.n_steps[row])
    packed = many.table.covariance[row]
    covariance = unpacked(packed, len(many.free_names))[np.ix_(free, free)]
    variances = covariance.diagonal()
    is_open = np.isposinf(variances) & (status is Status.UNDETERMINED)
    solution = solution_at(
        *(theta, cost, gradient, matrix, at_bound),
        status=status,
        n_steps=n_steps,
        n_evals=n_steps + 1,
    )
    if status is Status.EDGE:
        condition = float(many.table.condition[row])
        return solution._replace(covariance=covariance, condition=condition)
    solution.covariance[is_open] = solution.covariance[:, is_open] = np.nan
    solution.covariance[is_open, is_open] = np.inf
    return solution


def worst_places(many: ManyFitted, n: int, by: str, where: Any = None) -> IntArray:
    """Places of the `n` worst rows; see `ManyResult.worst`."""
    if by not in ("chi2", "p_value"):
        raise InputError(f"`by` must be 'chi2' or 'p_value', but is {by!r}.")
    if n < 0:
        raise InputError(f"`n` must be at least 0, but is {n}.")
    chi2 = many.reduced_chi2.ravel()
    badness = chi2
    if by == "p_value":
        p = many.p_value
        if p is None:
            raise InputError(
                "there are no p values without sigma, nor for robust losses or counts "
                "that are not at hand; use by='chi2'."
            )
        badness = -p.ravel()
    chosen = cut_of(many, where=where).marks.ravel() != Reason.LEFT_OUT
    table = many.table
    lost = np.flatnonzero(table.failed & ~table.unfitted & chosen)
    sound = np.flatnonzero(~table.failed & np.isfinite(badness) & chosen)
    n_lost = max((n + 1) // 2, n - len(sound))
    lost = _largest(lost, np.where(np.isfinite(chi2), chi2, -np.inf), n_lost)
    sound = _largest(sound, badness, n - len(lost))
    rows = np.concatenate([lost, sound])
    return np.stack(np.unravel_index(rows, many.shape), axis=-1).astype(np.int64)


def _largest(rows: IntArray, values: FloatArray, n: int) -> IntArray:
    """The `n` of some rows with the largest values, in order, without sorting all."""
    if n <= 0:
        return rows[:0]
    if n < len(rows):
        limit = np.partition(values[rows], len(rows) - n)[len(rows) - n]
        rows = rows[values[rows] >= limit]
    return rows[np.argsort(-values[rows], kind="stable")][:n]
