"""A graph compared with the function that it was traced from."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.graph import Graph
from physfit.models.tracing.coverage import points_of_other_branches
from physfit.models.tracing.errors import CoarseRule, TraceError
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.slopes import Place, compare_slopes

__all__ = ["check"]

#: Agreement of values, relative to the largest.
VALUE_TOLERANCE = 1e-11
#: The same where the function integrates, which it does to that many digits alone.
INTEGRAL_TOLERANCE = 1e-7
#: The same far from the points that were given, where other branches are taken.
BRANCH_TOLERANCE = 1e-6
#: Agreement of a rule for integrals with a finer one.
RULE_TOLERANCE = 1e-11
#: Samples at which a function is compared that is the same on any grid.
MOST_SAMPLES = 512

Call = Callable[[Any, Any], object]


@np.errstate(all="ignore")  # where the function has no finite values
def check(
    call: Call,
    graph: Graph,
    recorder: Recorder,
    points: Sequence[Sequence[float]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes on a graph, and parameters that it has no slope in.

    Derivatives are compared parameter by parameter at the first point that has values,
    along one direction at the others. How often the function is called depends on the
    graph and the points alone, so that a graph is accepted everywhere or nowhere.

    Raises
    ------
    TraceError
        When values or derivatives are not those of the function.
    """
    columns = _columns(len(graph.inputs), recorder.grid, recorder.is_bound)
    builder, outputs, rows = graph.with_derivatives()
    steps = [*outputs, *(step for row in rows for step in row)]
    function = partial(_original, call, columns)
    n_compared, is_first = 0, True
    own_points = _points(len(graph.parameters), points)
    for point in own_points:
        numbers = evaluated(builder, steps, columns, list(point), graph.samples.arrays)
        values = _numbers(numbers, len(outputs))
        original = function(point)
        if original is None:
            continue
        tolerance = INTEGRAL_TOLERANCE if recorder.integrals else VALUE_TOLERANCE
        n_compared += _compare_values(graph, original, values[0], point, tolerance)
        _compare_integrals(recorder, columns, point)
        _compare_slopes(graph, Place(function, point, original), values[1:], is_first)
        is_first = False
    for point in points_of_other_branches(graph, columns, own_points):
        original = function(point)
        if original is not None:
            arrays = graph.samples.arrays
            numbers = evaluated(builder, outputs, columns, list(point), arrays)
            value = _numbers(numbers, len(outputs))[0]
            known = np.where(np.isfinite(value), original, np.nan)  # NaN tells itself
            _compare_values(graph, known, value, point, BRANCH_TOLERANCE)
    note = "was not finite where its trace was compared with it"
    return () if n_compared else (note,), _without_slope(graph, builder, rows)


def _numbers(parts: Sequence[Any], n_outputs: int) -> list[Any]:
    """Real numbers, or complex ones of real and imaginary parts."""
    if n_outputs == 1:
        return list(parts)
    return [
        re + 1j * np.asarray(im) for re, im in zip(parts[::2], parts[1::2], strict=True)
    ]


def _without_slope(
    graph: Graph, builder: Builder, rows: Sequence[Sequence[int]]
) -> tuple[str, ...]:
    """Parameters by which every derivative is zero."""
    return tuple(
        name
        for name, row in zip(graph.parameters, rows, strict=True)
        if all(builder.value_of(step) == 0.0 for step in row)
    )


def _compare_slopes(
    graph: Graph, place: Place, slopes: Sequence[Any], one_by_one: bool
) -> None:
    wrong = compare_slopes(place, slopes, one_by_one=one_by_one)
    if wrong is not None:
        name = f"by {graph.parameters[wrong]} " if wrong >= 0 else ""
        raise TraceError(
            f"the derivative {name}is not that of the function at "
            f"{_named(graph, place.point)}."
        )


def _columns(
    n: int, grid: Sequence[NDArray[Any]] | None, is_bound: bool
) -> list[NDArray[np.float64]]:
    """Samples to compare at: those of the grid, some of many, or any."""
    if grid is not None:
        n = grid[0].size
        places = np.arange(n)
        if not is_bound and n > MOST_SAMPLES:
            places = np.unique(np.linspace(0, n - 1, MOST_SAMPLES).astype(np.int64))
        return [np.array(one[places], dtype=np.float64) for one in grid]
    order = np.random.default_rng(21).permutation(23)  # a loop may end at a sample
    return [np.linspace(0.31 + 0.1 * k, 2.9 - 0.2 * k, 23)[order] for k in range(n)]


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
    p = [np.float64(one) for one in point]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = np.asarray(call([column.copy() for column in columns], p))
    except Exception:  # whatever a function does with such values
        return None
    if values.dtype.kind not in "biufc":
        return None
    kind = np.complex128 if values.dtype.kind == "c" else np.float64
    return np.ravel(values).astype(kind)


def _compare_values(
    graph: Graph,
    original: NDArray[Any],
    value: Any,
    point: NDArray[Any],
    tolerance: float,
) -> int:
    """How many finite values agree."""
    value = np.asarray(value)
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
    if not np.all(error <= tolerance * scale):
        worst = np.flatnonzero(finite)[int(np.argmax(np.nan_to_num(error, nan=np.inf)))]
        raise TraceError(
            f"sample {worst}: the function gives {original[worst]:.6g}, but "
            f"{value[worst]:.6g} when traced, at {_named(graph, point)}; it may keep a "
            "state, or be random."
        )
    return int(finite.sum())


def _compare_integrals(
    recorder: Recorder, columns: Sequence[NDArray[Any]], point: NDArray[Any]
) -> None:
    """Compare integrals by the rule of the graph with those by a finer one."""
    steps = [term.step for pair in recorder.integrals for term in pair]
    if not steps:
        return
    values = evaluated(recorder.builder, steps, columns, list(point), recorder.arrays)
    for value, finer in zip(values[::2], values[1::2], strict=True):
        finer = np.asarray(finer)
        scale = np.abs(finer[np.isfinite(finer)]).max(initial=0.0)
        if np.any(np.abs(value - finer) > RULE_TOLERANCE * scale):
            raise CoarseRule(
                "an integral is not found to 11 digits by a fixed rule; its integrand "
                "is not smooth."
            )


def _named(graph: Graph, point: NDArray[Any]) -> str:
    pairs = zip(graph.parameters, point, strict=True)
    return ", ".join(f"{name} = {value:.4g}" for name, value in pairs)
