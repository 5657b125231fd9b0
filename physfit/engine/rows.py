"""Data of one row among many: into the buffers of a problem, missing samples left out.

A `column` is six integers: address, whether its numbers are float32, and the strides
from row to row, from sample to sample, and from coordinate (or output) to the next,
then how many of those there are. So a scalar, a vector that all rows share and a matrix
are the same thing; an address of 0 says that there is none.

Samples that are masked or not finite are taken out, so that compiled loops run over
dense buffers. Up to a whole number of `LANES` the buffers are filled up with copies of
the last sample that weigh nothing: a loop that ends in the middle of a vector spends as
long on its last samples, one by one, as on several vectors.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import as_bytes, as_floats, as_integers, as_singles, offset
from physfit.engine.roles import routine, summation
from physfit.engine.slots import N_SAMPLES, W, X, Y

__all__ = ["COLUMN", "LANES", "load_row"]

#: Doubles of the widest vector there is.
LANES = 8
#: Integers of a column.
COLUMN = 6
ADDRESS = 0
IS_SINGLE = 1
BY_ROW = 2
BY_POINT = 3
BY_PART = 4
N_PARTS = 5

# Integers that describe the rows (the first ones of a job, see `many`).
Y_COLUMN = 0
X_COLUMN = 6
SIGMA_COLUMN = 12
MASK_COLUMN = 18
N_POINTS = 24
N_FREE = 25
SHARED_X = 26
SHARED_W = 27
IS_PADDED = 28
ROWS_SIZE = 29
# Integers of a worker's memory (the first ones, see `many`).
PROBLEM = 0
Y_BUFFER = 1
X_BUFFER = 2
W_BUFFER = 3
LENGTH = 4
OWN_ROWS_SIZE = 5

# Why a row cannot be fitted; the sentences stand in solve.base.Status.
TOO_FEW = 28
BAD_SIGMA = 29


@summation
def _doubles(source: Any, step: Any, n: Any, target: Any) -> Any:
    """Copy; 0, or NaN if a number is not finite."""
    check = 0.0
    if step == 1:
        for i in range(n):
            target[i] = source[i]
            check += source[i] * 0.0
        return check
    for i in range(n):
        target[i] = source[i * step]
        check += source[i * step] * 0.0
    return check


@summation
def _singles(source: Any, step: Any, n: Any, target: Any) -> Any:
    """Copy of float32 numbers; 0, or NaN if one is not finite."""
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
    for part in range(column[N_PARTS]):
        place = row * column[BY_ROW] + part * column[BY_PART]
        out = offset(target, part * length)
        if column[IS_SINGLE] != 0:
            source = offset(as_singles(column[ADDRESS]), place)
            check += _singles(source, column[BY_POINT], n, out)
        else:
            numbers = offset(as_floats(column[ADDRESS]), place)
            check += _doubles(numbers, column[BY_POINT], n, out)
    return check


@routine
def _n_masked(column: Any, row: Any, n: Any) -> Any:
    """How many samples of a row are masked."""
    if column[ADDRESS] == 0:
        return 0
    mask = offset(as_bytes(column[ADDRESS]), row * column[BY_ROW])
    count = 0
    for i in range(n):
        if mask[i * column[BY_POINT]] != 0:
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
    length = own[LENGTH]
    y = as_floats(own[Y_BUFFER])
    x = as_floats(own[X_BUFFER])
    w = as_floats(own[W_BUFFER])
    n_outputs = job[Y_COLUMN + N_PARTS]
    n_inputs = job[X_COLUMN + N_PARTS]
    x_from = as_floats(job[SHARED_X]) if job[SHARED_X] != 0 else x
    w_from = as_floats(job[SHARED_W]) if job[SHARED_W] != 0 else w
    mask = offset(job, MASK_COLUMN)
    kept = 0
    for i in range(n):
        usable = _is_finite(y, length, n_outputs, i)
        usable = usable and _is_finite(x_from, length, n_inputs, i)
        usable = usable and _is_finite(w_from, length, n_outputs, i)
        if mask[ADDRESS] != 0:
            place = row * mask[BY_ROW] + i * mask[BY_POINT]
            usable = usable and as_bytes(mask[ADDRESS])[place] == 0
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
    n = job[N_POINTS]
    length = own[LENGTH]
    n_outputs = job[Y_COLUMN + N_PARTS]
    y = as_floats(own[Y_BUFFER])
    w = as_floats(own[W_BUFFER])
    check = _read(offset(job, Y_COLUMN), row, n, y, length)
    if job[SHARED_X] == 0:
        x = as_floats(own[X_BUFFER])
        check += _read(offset(job, X_COLUMN), row, n, x, length)
    if job[SHARED_W] == 0:
        check += _read(offset(job, SIGMA_COLUMN), row, n, w, length)
    kept = n
    whole = check == 0.0 and _n_masked(offset(job, MASK_COLUMN), row, n) == 0
    if not whole:
        kept = _take_out(job, own, row, n)
    if kept * n_outputs < max(job[N_FREE], 1):
        return -TOO_FEW
    for part in range(n_outputs):
        if job[SHARED_W] == 0 and _invert(offset(w, part * length), kept) > 0.0:
            return -BAD_SIGMA
    _bind(job, own, kept, whole)
    return kept


@routine
def _bind(job: Any, own: Any, kept: Any, whole: Any) -> None:
    """Point the problem to the buffers, filled up to whole vectors."""
    problem = as_integers(own[PROBLEM])
    has_own_x = job[SHARED_X] == 0 or not whole
    has_own_w = job[SHARED_W] == 0 or not whole
    problem[Y] = own[Y_BUFFER]
    problem[X] = own[X_BUFFER] if has_own_x else job[SHARED_X]
    problem[W] = own[W_BUFFER] if has_own_w else job[SHARED_W]
    problem[N_SAMPLES] = kept
    if job[IS_PADDED] == 0:
        return
    stop = (kept + LANES - 1) // LANES * LANES
    length = own[LENGTH]
    y = as_floats(own[Y_BUFFER])
    x = as_floats(own[X_BUFFER])
    w = as_floats(own[W_BUFFER])
    for i in range(kept, stop):
        _carry(y, y, length, job[Y_COLUMN + N_PARTS], kept - 1, i)
        if has_own_x:
            _carry(x, x, length, job[X_COLUMN + N_PARTS], kept - 1, i)
        if has_own_w:
            for part in range(job[Y_COLUMN + N_PARTS]):
                w[part * length + i] = 0.0
    problem[N_SAMPLES] = stop
