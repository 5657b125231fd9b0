"""Sources of rows for a fit, and a sample of their rows to start from and to draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.data.arrays import NanPolicy, checked_policy, samples
from physfit.data.base import Raw, Source, WindowRows
from physfit.data.memory import ArraySource
from physfit.data.raw_rows import Checks
from physfit.data.record import Observations
from physfit.data.windows import WindowBuffer
from physfit.kernels.registry import LossKernel
from physfit.typing import FloatArray, IntArray

__all__ = ["order_notes", "sample_of", "source_of"]


def source_of(data: Observations, *, spins: bool = False) -> ArraySource:
    """Checked samples as a source of rows; `spins` as int8."""
    x: Any = data.x if len(data.x) > 1 else data.x[0]
    return ArraySource(
        np.ascontiguousarray(data.x.T, dtype=np.int8) if spins else x,
        data.y,
        data.sigma,
        x_label=data.x_label,
        y_label=data.y_label,
        name=data.source or "arrays",
    )


def sample_of(
    source: Source,
    most: int,
    *,
    nan: NanPolicy = "raise",
    loss: LossKernel | None = None,
) -> Observations:
    """Rows of a source, at most about so many, spread evenly over its blocks.

    Whole rows are taken from up to `PLACES` places, so that a sorted file is seen from
    one end to the other. A row that the fit would refuse is refused here, by its number
    in the file.
    """
    checks = Checks(checked_policy(nan), loss)
    most = max(PLACES, min(most, MOST_NUMBERS // source.n_inputs))
    ranges = _places(source.n_rows, most)
    length = int(ranges[0, 1] - ranges[0, 0])
    together = max(1, MOST_BYTES // (length * source.row_bytes))
    window = WindowBuffer(source, together * length)
    parts = [
        _columns(source, _read(window, ranges[first : first + together], checks))
        for first in range(0, len(ranges), together)
    ]
    x = np.concatenate([part[0] for part in parts], axis=1)
    y = np.concatenate([part[1] for part in parts], axis=1)
    errors = [part[2] for part in parts if part[2] is not None]
    sigma = np.concatenate(errors, axis=1) if errors else None
    checked = samples(
        x if source.n_inputs > 1 else x[0],
        y[0] + 1j * y[1] if source.n_outputs == 2 else y[0],
        sigma if sigma is None or len(sigma) > 1 else sigma[0],
        nan=nan,
        n_inputs=source.n_inputs,
        n_outputs=source.n_outputs,
    )
    return checked._replace(
        x=np.ascontiguousarray(checked.x),
        y=np.ascontiguousarray(checked.y),
        x_label=source.x_label or "x",
        y_label=source.y_label or "y",
        x_unit=source.x_unit,
        y_unit=source.y_unit,
        source=source.name,
        n_left_out=0,
        n_total=source.n_rows,
    )


#: Places of a file that a sample is taken from.
PLACES = 64
#: Share of the variance between these places from which on rows count as sorted.
SORTED = 0.3
#: Bytes of raw rows that are read together.
MOST_BYTES = 16 << 20
#: Coordinates of a sample at most, in all.
MOST_NUMBERS = 4_000_000


def _places(n_rows: int, most: int) -> IntArray:
    """Stretches of equal length, shape (n, 2): start and stop."""
    if n_rows <= most:
        return np.array([[0, n_rows]])
    length = -(-most // PLACES)
    starts = np.linspace(0, n_rows - length, PLACES).astype(np.int64)
    return np.stack([starts, starts + length], axis=1)


def _read(window: WindowBuffer, ranges: IntArray, checks: Checks) -> Raw:
    """Raw rows of some stretches, one behind the other, none of them refused."""
    raw, n = window.raw, 0
    for start, stop in ranges.tolist():
        raw.read(start, stop, n)
        n += stop - start
    window.gather(WindowRows(ranges), checks)
    return [own[:n] for own in raw.arrays]


def _columns(
    source: Source, raw: Raw
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """x, y and sigma of raw rows, one row of the arrays for each column."""

    def columns(role: Any) -> FloatArray:
        return np.array([raw[part][:, at] for part, at in role], dtype=np.float64)

    roles = source.roles
    spins = raw[roles.x[0][0]].T.astype(np.float64) if source.n_spins else None
    x = columns(roles.x) if spins is None else spins
    return x, columns(roles.y), columns(roles.sigma) if source.has_sigma else None


def order_notes(source: Source, shown: Observations) -> tuple[str, ...]:
    """A sentence if a compressed file is sorted, so that few of its chunks say little.

    Means of the stretches that the sample came from vary as much as single rows do if
    the rows are sorted, and next to nothing if they are in random order.
    """
    length = shown.y.shape[1] // PLACES
    is_whole = shown.n_total is None or shown.y.shape[1] != length * PLACES
    if not source.chunk_bytes or is_whole or source.n_spins:
        return ()
    x = shown.x[0].reshape(PLACES, length)
    if not float(x.mean(axis=1).var()) > SORTED * float(x.var()):
        return ()
    return (
        f"The rows of `{source.name}` are sorted by {source.x_label or 'x'} and "
        "compressed, so that a minibatch sees a few stretches of them only; permute "
        "the file once with `physfit shuffle`.",
    )
