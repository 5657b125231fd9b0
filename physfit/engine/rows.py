"""Data of one row among many: into the buffers of a problem, missing samples left out.

A scalar, a vector that all rows share and a matrix are the same thing, a `Column` with
other strides; an address of 0 says that there is none.

Samples that are masked or not finite are taken out, so that compiled loops run over
dense buffers. Up to a whole number of `LANES` the buffers are filled up with copies of
the last sample that weigh nothing: a loop that ends in the middle of a vector spends as
long on its last samples, one by one, as on several vectors.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import as_bytes, as_floats, as_singles, at, offset
from physfit.engine.roles import routine, summation
from physfit.engine.struct import Struct
from physfit.engine.structs import Problem

__all__ = ["LANES", "NOT_TRIED", "Column", "RowMemory", "RowsOfJob", "load_row"]

#: Doubles of the widest vector there is.
LANES = 8


class Column(Struct):
    """Numbers of all rows, as an array with strides.

    They lead from row to row, from sample to sample, and from coordinate (or output)
    to the next, of which there are `n_parts`.
    """

    address: int
    is_single: int
    by_row: int
    by_point: int
    by_part: int
    n_parts: int


class RowsOfJob(Struct):
    """What describes the rows of a job (see `many`); columns by address."""

    y: int
    x: int
    sigma: int
    mask: int
    n_points: int
    n_free: int
    shared_x: int
    shared_weights: int
    is_padded: int


class RowMemory(Struct):
    """Memory of a worker: its problem, and buffers of `length` samples."""

    problem: int
    y: int
    x: int
    weights: int
    length: int
    #: Samples of the row in use; the problem may be filled up with more.
    kept: int


# Why a row cannot be fitted; the sentences stand in solve.base.Status.
TOO_FEW = 28
BAD_SIGMA = 29
#: These and all numbers above, but `UNDETERMINED`, say that no fit was tried.
NOT_TRIED = TOO_FEW


@summation
def _copied(source: Any, step: Any, n: Any, target: Any) -> Any:
    """Copy numbers of either type; 0, or NaN if one is not finite."""
    check = 0.0
    if step == 1:
        for i in range(n):
            value = float(source[i])
            target[i] = value
            check += value * 0.0
        return check
    for i in range(n):
        value = float(source[i * step])
        target[i] = value
        check += value * 0.0
    return check


@routine
def _read(column: Any, row: Any, n: Any, target: Any, length: Any) -> Any:
    """Row of a column to the buffer; 0, or NaN if a number is not finite."""
    check = 0.0
    for part in range(column.n_parts):
        place = row * column.by_row + part * column.by_part
        out = offset(target, part * length)
        if column.is_single != 0:
            source = offset(as_singles(column.address), place)
            check += _copied(source, column.by_point, n, out)
        else:
            numbers = offset(as_floats(column.address), place)
            check += _copied(numbers, column.by_point, n, out)
    return check


@routine
def _n_masked(column: Any, row: Any, n: Any) -> Any:
    """How many samples of a row are masked."""
    if column.address == 0:
        return 0
    mask = offset(as_bytes(column.address), row * column.by_row)
    count = 0
    for i in range(n):
        if mask[i * column.by_point] != 0:
            count += 1
    return count


@routine
def _is_finite(values: Any, length: Any, n_parts: Any, i: Any) -> Any:
    check = 0.0
    for part in range(n_parts):
        check += values[part * length + i] * 0.0
    return check == 0.0


@routine
def _carry(
    source: Any, target: Any, length: Any, n_parts: Any, i: Any, place: Any
) -> None:
    """Sample i of the source becomes sample `place` of the target."""
    for part in range(n_parts):
        target[part * length + place] = source[part * length + i]


@routine
def _take_out(job: Any, own: Any, row: Any, n: Any) -> Any:
    """Move usable samples to the front of the buffers; how many there are."""
    length = own.length
    y = as_floats(own.y)
    x = as_floats(own.x)
    w = as_floats(own.weights)
    n_outputs = at(job.y, Column).n_parts
    n_inputs = at(job.x, Column).n_parts
    x_from = as_floats(job.shared_x) if job.shared_x != 0 else x
    w_from = as_floats(job.shared_weights) if job.shared_weights != 0 else w
    mask = at(job.mask, Column)
    kept = 0
    for i in range(n):
        usable = _is_finite(y, length, n_outputs, i)
        usable = usable and _is_finite(x_from, length, n_inputs, i)
        usable = usable and _is_finite(w_from, length, n_outputs, i)
        if mask.address != 0:
            place = row * mask.by_row + i * mask.by_point
            usable = usable and as_bytes(mask.address)[place] == 0
        if usable:
            _carry(y, y, length, n_outputs, i, kept)
            _carry(x_from, x, length, n_inputs, i, kept)
            _carry(w_from, w, length, n_outputs, i, kept)
            kept += 1
    return kept


@summation
def _invert(w: Any, n: Any) -> Any:
    """w <- 1 / w; how many were not above 0."""
    bad = 0.0
    for i in range(n):
        bad += 0.0 if w[i] > 0.0 else 1.0
        w[i] = 1.0 / w[i]
    return bad


@routine
def load_row(job: Any, own: Any, row: Any) -> Any:
    """Bind a worker's problem to a row; samples in use, or minus a status."""
    n = job.n_points
    length = own.length
    n_outputs = at(job.y, Column).n_parts
    y = as_floats(own.y)
    w = as_floats(own.weights)
    check = _read(at(job.y, Column), row, n, y, length)
    if job.shared_x == 0:
        x = as_floats(own.x)
        check += _read(at(job.x, Column), row, n, x, length)
    if job.shared_weights == 0:
        check += _read(at(job.sigma, Column), row, n, w, length)
    kept = n
    whole = check == 0.0 and _n_masked(at(job.mask, Column), row, n) == 0
    if not whole:
        kept = _take_out(job, own, row, n)
    if kept * n_outputs < max(job.n_free, 1):
        return -TOO_FEW
    for part in range(n_outputs):
        if job.shared_weights == 0 and _invert(offset(w, part * length), kept) > 0.0:
            return -BAD_SIGMA
    _bind(job, own, kept, whole)
    return kept


@routine
def _bind(job: Any, own: Any, kept: Any, whole: Any) -> None:
    """Point the problem to the buffers, filled up to whole vectors."""
    problem = at(own.problem, Problem)
    has_own_x = job.shared_x == 0 or not whole
    has_own_w = job.shared_weights == 0 or not whole
    problem.y = own.y
    problem.x = own.x if has_own_x else job.shared_x
    problem.weights = own.weights if has_own_w else job.shared_weights
    problem.n_samples = kept
    own.kept = kept
    if job.is_padded == 0:
        return
    stop = (kept + LANES - 1) // LANES * LANES
    length = own.length
    y = as_floats(own.y)
    x = as_floats(own.x)
    w = as_floats(own.weights)
    for i in range(kept, stop):
        _carry(y, y, length, at(job.y, Column).n_parts, kept - 1, i)
        if has_own_x:
            _carry(x, x, length, at(job.x, Column).n_parts, kept - 1, i)
        if has_own_w:
            for part in range(at(job.y, Column).n_parts):
                w[part * length + i] = 0.0
    problem.n_samples = stop
