"""Which rows of a result a caller means: a mask, places in the map, or a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError, ShapeError
from physfit.result.row_condition import rows_that_meet
from physfit.typing import IntArray

if TYPE_CHECKING:
    from physfit.result.many_fitted import ManyFitted

__all__ = ["selected_rows"]


def selected_rows(many: ManyFitted, where: Any) -> IntArray:
    """Numbers of the rows that are meant, in order, each once.

    Parameters
    ----------
    many : ManyFitted
    where : str, array_like of bool or array_like of int
        A condition on the columns, such as "reduced_chi2 > 2"; a mask in the shape of
        the map; or places in the map, shape (n, n_axes), as `ManyResult.failed` gives
        them, or (n,) where the map has one axis.

    Raises
    ------
    InputError, ShapeError
        When the condition cannot be read, or there are no such rows.
    """
    if isinstance(where, str):
        return np.flatnonzero(rows_that_meet(many, where)).astype(np.int64)
    is_nonzero = isinstance(where, tuple) and all(np.ndim(own) == 1 for own in where)
    array = np.stack(where, axis=-1) if is_nonzero and where else np.asarray(where)
    if array.dtype == np.bool_:
        return _of_mask(many, array)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputError(
            "`where` must be a mask, whole numbers (places in the map) or a condition "
            f"such as 'reduced_chi2 > 2', but has the type {array.dtype}."
        )
    return _of_places(many, array)


def _of_mask(many: ManyFitted, mask: NDArray[np.bool_]) -> IntArray:
    if mask.shape != many.shape:
        raise ShapeError(
            f"`where` has shape {mask.shape}, but the map has shape {many.shape}; pass "
            "one truth value per row."
        )
    return np.flatnonzero(mask).astype(np.int64)


def _of_places(many: ManyFitted, places: NDArray[np.integer[Any]]) -> IntArray:
    shape = many.shape
    if places.ndim == 1 and len(shape) == 1:
        places = places[:, None]
    if places.ndim != 2 or places.shape[1] != len(shape):
        raise ShapeError(
            f"`where` has shape {places.shape}, but places in this map have "
            f"{len(shape)} numbers each; pass shape (n, {len(shape)}), or a mask of "
            f"shape {shape}."
        )
    sizes = np.array(shape)
    beyond = (places < -sizes) | (places >= sizes)
    if beyond.any():
        place = tuple(places[beyond.any(axis=1)][0].tolist())
        raise InputError(f"`where` has the place {place}, but the map has {shape}.")
    rows = np.ravel_multi_index(tuple((places % sizes).T), shape)
    return np.unique(rows).astype(np.int64)
