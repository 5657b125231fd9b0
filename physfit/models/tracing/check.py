"""A graph compared with the function that it was traced from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.graph import Graph
from physfit.models.tracing.errors import TraceError

__all__ = ["check"]

#: Agreement of values, relative to the largest.
VALUE_TOLERANCE = 1e-11
#: Agreement of derivatives beyond the errors of the differences.
SLOPE_TOLERANCE = 1e-6

#: What a value of the function may be off by rounding, relative to the largest.
ROUNDING = 1e-14

Call = Callable[[Any, Any], object]


def check(
    call: Call,
    graph: Graph,
    grid: Sequence[NDArray[Any]] | None,
    points: Sequence[Sequence[float]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes on a graph, and parameters that it has no slope in.

    Raises
    ------
    TraceError
        When values or derivatives are not those of the function.
    """
    columns = _columns(len(graph.inputs), grid)
    builder, outputs, rows = graph.with_derivatives()
    steps = [*outputs, *(step for row in rows for step in row)]
    n_compared = 0
    for point in _points(len(graph.parameters), points):
        values = evaluated(builder, steps, columns, list(point), graph.samples.arrays)
        value, slopes = np.asarray(values[0]), values[1:]
        original = _original(call, columns, point)
        if original is None:
            continue
        n_compared += _compare_values(graph, original, value, point)
        _compare_slopes(call, graph, columns, point, slopes)
    notes = []
    if not n_compared:
        notes.append("the traced function gave no finite value where it was compared")
    flat = tuple(
        name
        for name, row in zip(graph.parameters, rows, strict=True)
        if all(builder.value_of(step) == 0.0 for step in row)
    )
    return tuple(notes), flat


def _columns(n: int, grid: Sequence[NDArray[Any]] | None) -> list[NDArray[np.float64]]:
    if grid is not None:
        return [np.array(one, dtype=np.float64) for one in grid]
    return [np.linspace(0.31 + 0.1 * k, 2.9 - 0.2 * k, 23) for k in range(n)]


def _points(n: int, given: Sequence[Sequence[float]]) -> list[NDArray[np.float64]]:
    """Parameters to compare at: those that are given, and others."""
    rng = np.random.default_rng(20)
    near = [np.array(one, dtype=np.float64) for one in given]
    near += [one * rng.uniform(0.9, 1.1, n) for one in near]
    return near or [rng.uniform(0.4, 1.6, n) for _ in range(3)]


def _original(
    call: Call, columns: Sequence[NDArray[Any]], point: NDArray[Any]
) -> NDArray[Any] | None:
    """Values of the function; None where it raises an error."""
    x = [column.copy() for column in columns]
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(call(x, [np.float64(one) for one in point]))
    except Exception:
        return None
    if values.dtype.kind not in "biuf":
        return None
    return np.ravel(values).astype(np.float64)


def _compare_values(
    graph: Graph, original: NDArray[Any], value: NDArray[Any], point: NDArray[Any]
) -> int:
    size = max(original.size, value.size)
    if original.size not in (1, size) or value.size not in (1, size):
        raise TraceError(
            f"the function gives {original.size} values, but {value.size} when traced."
        )
    original, value = np.broadcast_arrays(original, value)
    finite = np.isfinite(original)
    if not finite.any():
        return 0
    scale = np.abs(original[finite]).max()
    error = np.abs(value - original)[finite]
    if not np.all(error <= VALUE_TOLERANCE * scale):
        worst = np.flatnonzero(finite)[int(np.argmax(np.nan_to_num(error, nan=np.inf)))]
        raise TraceError(
            f"sample {worst}: the function gives {original[worst]:.6g}, but "
            f"{value[worst]:.6g} when traced, at {_named(graph, point)}; it may keep a "
            "state, or be random."
        )
    return int(finite.sum())


def _compare_slopes(
    call: Call,
    graph: Graph,
    columns: Sequence[NDArray[Any]],
    point: NDArray[Any],
    slopes: Sequence[Any],
) -> None:
    """Compare derivatives with differences, whose own error two widths give."""
    for k, name in enumerate(graph.parameters):
        first = _difference(call, columns, point, k, 4e-4)
        second = _difference(call, columns, point, k, 1e-4)
        if first is None or second is None:
            continue
        (wide, _), (narrow, rounding) = first, second
        better = (16.0 * narrow - wide) / 15.0
        slope = np.broadcast_to(slopes[k], better.shape)
        error = np.abs(narrow - wide) + rounding
        good = np.isfinite(better) & np.isfinite(error)
        if not good.any():
            continue
        scale = np.abs(better[good]).max()
        apart = np.abs(slope - better)[good] - error[good]
        if not np.all(apart <= SLOPE_TOLERANCE * scale):
            raise TraceError(
                f"the derivative by {name} is not that of the function at "
                f"{_named(graph, point)}."
            )


def _difference(
    call: Call,
    columns: Sequence[NDArray[Any]],
    point: NDArray[Any],
    k: int,
    relative: float,
) -> tuple[NDArray[Any], float] | None:
    """Central difference by a parameter, and what rounding makes of it."""
    step = np.zeros(point.size)
    step[k] = relative * max(abs(point[k]), 1e-3)
    ahead, behind = (
        _original(call, columns, point + sign * step) for sign in (1.0, -1.0)
    )
    if ahead is None or behind is None or ahead.shape != behind.shape:
        return None
    finite = np.abs(ahead[np.isfinite(ahead)])
    rounding = ROUNDING * (finite.max() if finite.size else 0.0) / step[k]
    return (ahead - behind) / (2.0 * step[k]), float(rounding)


def _named(graph: Graph, point: NDArray[Any]) -> str:
    pairs = zip(graph.parameters, point, strict=True)
    return ", ".join(f"{name} = {value:.4g}" for name, value in pairs)
