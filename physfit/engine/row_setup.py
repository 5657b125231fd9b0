"""What compiled fits of many rows are given: where the rows are, and memory to work in.

Rows are arrays as `data.row_data.RowData` has them, which is checked; here they become
the words of a job. Memory serves one thread for all calls of a job.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.addresses import address_of, addresses_of, side_by_side
from physfit.engine.layout import Layout
from physfit.engine.linear_solver import DENSE
from physfit.engine.many import Job, Worker
from physfit.engine.orthogonal import factors_size
from physfit.engine.problem import Bound, assemble, problem_of
from physfit.engine.residual_scale import ScaleState
from physfit.engine.rows import LANES, Column
from physfit.engine.state import state_size
from physfit.engine.structs import Problem
from physfit.typing import FloatArray, IntArray

__all__ = ["RowWorker", "described", "row_worker"]


class RowWorker(NamedTuple):
    """Memory of a worker: the words of a `Worker`, and what they point to."""

    words: IntArray
    buffers: list[FloatArray]
    problem: Bound


def row_worker(
    layout: Layout, n_points: int, loss: int, hyper: FloatArray, n_guess: int
) -> RowWorker:
    """Memory of one worker.

    Parameters
    ----------
    layout : Layout
    n_points : int
        Samples of a row.
    loss : int
        Address of the loss.
    hyper : ndarray
        Its hyper-parameters.
    n_guess : int
        Doubles that a guess works in.
    """
    length, n_free = _length(n_points), len(layout.free)
    none = np.empty((layout.n_outputs, 0))
    columns = np.empty((layout.n_inputs, 0)), none, none
    problem = problem_of(assemble(layout), *columns, loss, hyper, capacity=length)
    bound = problem.memory.words
    bound[Problem.ldx] = bound[Problem.ldy] = length
    n_work = layout.n_outputs * length + n_free
    sizes = {
        Worker.y: layout.n_outputs * length,
        Worker.x: layout.n_inputs * length,
        Worker.weights: layout.n_outputs * length,
        Worker.work: max(n_guess, n_work, factors_size(n_free)),
        Worker.scale: ScaleState.SIZE,
        Worker.state: state_size(n_free, DENSE.size(n_free)),
    }
    buffers = side_by_side([((size,), "f8") for size in sizes.values()])
    words = np.zeros(Worker.SIZE, dtype=np.int64)
    words[Worker.problem], words[Worker.length] = problem.address, length
    for buffer in buffers:
        buffer.fill(0.0)
    words[[*sizes]] = addresses_of(buffers)
    return RowWorker(words, buffers, problem)


def described(
    job: IntArray,
    layout: Layout,
    y: NDArray[Any],
    x: FloatArray,
    sigma: NDArray[Any] | None,
    mask: NDArray[np.bool_] | None,
) -> list[Any]:
    """Write the rows' part of a job; returns the arrays that it points to."""
    n_outputs, n_inputs, n_points = layout.n_outputs, layout.n_inputs, y.shape[1]
    own_x = x if x.ndim == 3 else None
    own_sigma = sigma if sigma is not None and len(sigma) == len(y) else None
    shared_sigma = None if own_sigma is not None else sigma
    mask = _mask(n_points, x if own_x is None else None, shared_sigma, mask)
    arrays = (y, own_x, own_sigma, mask)
    n_parts = (n_outputs, n_inputs, n_outputs, 1)
    columns = list(map(_column, arrays, n_parts))
    job[[Job.y, Job.x, Job.sigma, Job.mask]] = addresses_of(columns)
    kept: list[Any] = [*arrays, *columns]
    job[Job.n_points], job[Job.n_free] = n_points, len(layout.free)
    if own_x is None:
        kept.append(_shared_x(x))
        job[Job.shared_x] = address_of(kept[-1])
    if own_sigma is None:
        kept.append(_shared_weights(shared_sigma, n_points, n_outputs))
        job[Job.shared_weights] = address_of(kept[-1])
    return kept


def _length(n_points: int) -> int:
    """Samples of a row, up to a whole number of vectors."""
    return -(-n_points // LANES) * LANES


def _mask(
    n_points: int,
    x: FloatArray | None,
    sigma: NDArray[Any] | None,
    mask: NDArray[np.bool_] | None,
) -> NDArray[np.bool_] | None:
    """The mask, with samples whose shared x or sigma is not finite."""
    bad = np.zeros((1, n_points), dtype=np.bool_)
    if x is not None:
        bad |= ~np.isfinite(x).all(axis=0)
    if sigma is not None:
        bad |= ~np.isfinite(sigma).reshape(-1, sigma.shape[-1]).all(axis=0)
    if not bad.any():
        return mask
    return bad if mask is None else mask | bad


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


def _shared_x(x: FloatArray) -> FloatArray:
    """Shared x with its last sample repeated up to whole vectors."""
    more = _length(x.shape[1]) - x.shape[1]
    return np.ascontiguousarray(np.pad(x, ((0, 0), (0, more)), mode="edge"))


def _shared_weights(
    sigma: NDArray[Any] | None, n_points: int, n_outputs: int
) -> FloatArray:
    """1 / sigma of every row alike, or ones, then zeros up to whole vectors."""
    weights = np.zeros((n_outputs, _length(n_points)))
    of_all = 1.0 if sigma is None else sigma.astype(np.float64)
    with np.errstate(all="ignore"):
        weights[:, :n_points] = 1.0 / of_all
    return weights
