"""Rows of data as the words of a job, from which compiled code reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import RowData
from physfit.engine.layout import Layout
from physfit.engine.many import Job
from physfit.engine.problem import address_of, addresses_of
from physfit.engine.rows import Column
from physfit.errors import InputError
from physfit.models.loss import Loss
from physfit.typing import FloatArray, IntArray

__all__ = ["check_kind", "described"]


def check_kind(layout: Layout, loss: Loss, data: RowData) -> None:
    """Refuse rows that compiled code would misread: other numbers or coordinates."""
    is_complex = data.y.dtype.kind == "c"
    if is_complex != (layout.n_outputs == 2):
        raise InputError(
            f"`y` is {'complex' if is_complex else 'real'}, but the model is "
            f"{'real' if is_complex else 'complex'}; fit "
            f"{'np.abs(y), y.real or y.imag' if is_complex else 'complex data'}."
        )
    loss.check_kind(data.sigma is not None, layout.n_outputs)
    n_inputs = data.x.shape[-2]
    if n_inputs != layout.n_inputs or data.x.shape[-1] != data.n_points:
        raise InputError(
            f"the rows have {n_inputs} coordinates of {data.x.shape[-1]} samples, but "
            f"the model needs {layout.n_inputs} of {data.n_points}; pass x of shape "
            f"({layout.n_inputs}, {data.n_points})."
        )


def described(job: IntArray, data: RowData, layout: Layout) -> list[Any]:
    """Write the rows' part of a job; returns the arrays that it points to."""
    n_outputs, n_inputs = layout.n_outputs, layout.n_inputs
    mask, kept = _mask(data), list[Any]()
    own_x = data.x if data.has_own_x else None
    own_sigma = data.sigma if data.has_own_sigma else None
    arrays = (data.y, own_x, own_sigma, mask)
    n_parts = (n_outputs, n_inputs, n_outputs, 1)
    columns = list(map(_column, arrays, n_parts))
    job[[Job.y, Job.x, Job.sigma, Job.mask]] = addresses_of(columns)
    kept += [*arrays, *columns]
    job[Job.n_points], job[Job.n_free] = data.n_points, len(layout.free)
    if own_x is None:
        kept.append(_shared_x(data))
        job[Job.shared_x] = address_of(kept[-1])
    if own_sigma is None:
        kept.append(_shared_weights(data, n_outputs))
        job[Job.shared_weights] = address_of(kept[-1])
    return kept


def _mask(data: RowData) -> NDArray[np.bool_] | None:
    """The mask, with samples whose shared x or sigma is not finite."""
    bad = np.zeros((1, data.n_points), dtype=np.bool_)
    if not data.has_own_x:
        bad |= ~np.isfinite(data.x).all(axis=0)
    if data.sigma is not None and not data.has_own_sigma:
        finite = np.isfinite(data.sigma).reshape(-1, data.sigma.shape[-1])
        bad |= ~finite.all(axis=0)
    if not bad.any():
        return data.mask
    return bad if data.mask is None else data.mask | bad


def _column(array: NDArray[Any] | None, n_parts: int = 1) -> IntArray:
    """A `Column` of `engine.rows`.

    Parameters
    ----------
    array : ndarray or None
        Shape (n_rows, n_points), or (n_rows, n_parts, n_points); an axis of length 1
        is shared. Complex numbers are two parts.
    n_parts : int
        Coordinates or outputs.
    """
    if array is None:
        return Column.filled(n_parts=n_parts)
    is_complex = array.dtype.kind == "c"
    item = array.itemsize // (2 if is_complex else 1)
    by_part = array.strides[1] // item if array.ndim == 3 else int(is_complex)
    return Column.filled(
        address=address_of(array),
        is_single=item == 4,
        by_row=array.strides[0] // item if array.shape[0] > 1 else 0,
        by_point=array.strides[-1] // item if array.shape[-1] > 1 else 0,
        by_part=by_part,
        n_parts=n_parts,
    )


def _shared_x(data: RowData) -> FloatArray:
    """Shared x with its last sample repeated up to `length`."""
    more = data.length - data.n_points
    return np.ascontiguousarray(np.pad(data.x, ((0, 0), (0, more)), mode="edge"))


def _shared_weights(data: RowData, n_outputs: int) -> FloatArray:
    """1 / sigma of every row alike, or ones, then zeros up to `length`."""
    weights = np.zeros((n_outputs, data.length))
    sigma = 1.0 if data.sigma is None else data.sigma.astype(np.float64)
    with np.errstate(all="ignore"):
        weights[:, : data.n_points] = 1.0 / sigma
    return weights
