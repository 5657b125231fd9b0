"""A graph of a Python function, checked against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.kernels.kernel import Context
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.tracing import arrays, indexing, reductions
from physfit.models.tracing.blame import place_of, was_raised_by_caller
from physfit.models.tracing.check import check
from physfit.models.tracing.elements import Element, number_of, select
from physfit.models.tracing.elementwise import as_value
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame, common_frame
from physfit.models.tracing.rebuild import Rebuilder
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["Traced", "trace"]

_ENTERED = (arrays, indexing, reductions)  # their functions stand in the registry

Call = Callable[[Any, Any], object]


@dataclass(frozen=True)
class Traced:
    """What tracing a function gave.

    Attributes
    ----------
    graph : Graph
    is_bound : bool
        Whether it is valid for the grid of the trace alone.
    notes : tuple of str
        What a reader of a report should know.
    flat : tuple of str
        Parameters whose derivative is zero wherever it exists.
    """

    graph: Graph
    is_bound: bool
    notes: tuple[str, ...]
    flat: tuple[str, ...]


def trace(
    call: Call,
    columns: int,
    names: Sequence[str],
    grid: Sequence[NDArray[Any]] | None = None,
    points: Sequence[Sequence[float]] = (),
) -> Traced:
    """Graph of a function of coordinates and parameters.

    Parameters
    ----------
    call : callable
        `(x, p) -> values`, with a list of columns and a list of parameters.
    columns : int
        How many coordinates a sample has.
    names : sequence of str
        Of the parameters.
    grid : sequence of ndarray, optional
        The columns of the data. Without it whatever needs it raises `NeedsGrid`.
    points : sequence of sequence of float
        Parameters where the graph is compared with the function, start values for
        example; some near them are compared as well.

    Raises
    ------
    TraceError
        With line, expression and cure, when the function cannot be traced or the graph
        is not the function.
    """
    recorder = Recorder(columns, len(names), grid)
    with np.errstate(all="ignore"):
        result = _joined(recorder, _runs(recorder, call))
    graph = _graph_of(recorder, result, names)
    notes, flat = check(call, graph, recorder.grid, points)
    return Traced(graph, recorder.is_bound, (*recorder.notes, *notes), flat)


@dataclass(frozen=True)
class _Run:
    """One path through the function."""

    decisions: list[tuple[int, bool]]
    result: Value


def _runs(recorder: Recorder, call: Call) -> list[_Run]:
    runs = [_Run(recorder.paths.decisions, _run(recorder, call))]
    runs[0] = _Run(recorder.paths.decisions, runs[0].result)
    while recorder.paths.next_run():
        result = _run(recorder, call)
        runs.append(_Run(recorder.paths.decisions, result))
    if all(_is_outside(run.result) for run in runs):
        raise TraceError("the function raises an error on every path.")
    return runs


def _run(recorder: Recorder, call: Call) -> Value:
    """Result of the function on the path that its decisions choose."""
    builder = recorder.builder
    x = [
        Value(
            recorder,
            array_of([Term(builder, builder.input(k))], (1,)),
            -1,
            recorder.frame,
        )
        for k in range(recorder.columns)
    ]
    p = [
        Value(recorder, array_of([Term(builder, builder.parameter(k))], ()))
        for k in range(recorder.n_parameters)
    ]
    recorder.refusals.clear()
    try:
        result = Rebuilder(recorder).replaced(call)(x, p)
        if recorder.refusals:  # the function caught it
            raise recorder.refusals[0]
        return as_value(recorder, result)
    except TraceError as error:
        raise _told(
            error, recorder.refusals[0] if recorder.refusals else error
        ) from None
    except Exception as error:
        if recorder.refusals:
            raise _told(recorder.refusals[0], recorder.refusals[0]) from None
        if recorder.paths.decisions and was_raised_by_caller(error.__traceback__):
            return as_value(recorder, np.nan)
        raise _told(error, error) from error


def _told(error: Exception, first: Exception) -> TraceError:
    """The first refusal, behind line and expression."""
    place = place_of(first.__traceback__) or place_of(error.__traceback__)
    kind = type(first) if isinstance(first, TraceError) else TraceError
    text = (
        str(first) if isinstance(first, TraceError) else f"raises {first!r} in a trace."
    )
    return kind(f"{place} {text}" if place else f"the function {text}")


def _is_outside(value: Value) -> bool:
    from physfit.models.tracing.elements import constant_of

    numbers = [constant_of(item) for item in value.items.flat]
    return all(isinstance(one, float) and np.isnan(one) for one in numbers)


def _joined(recorder: Recorder, runs: list[_Run]) -> Value:
    """Selection between paths by their decisions."""
    shape = max((run.result.items.shape for run in runs), key=len)
    size = max(run.result.items.size for run in runs)
    frame: Frame | None = None
    axis: int | None = None
    for run in runs:
        frame = common_frame(frame, run.result.frame)
        axis = run.result.axis if axis is None else axis
        if run.result.items.size not in (1, size):
            raise TraceError("the function gives results of different shapes.")
    items = array_of(
        (_item(recorder, runs, place) for place in range(size)),
        shape if np.prod(shape) == size else (size,),
    )
    return Value(recorder, items, axis, frame)


def _item(recorder: Recorder, runs: list[_Run], place: int) -> Element:
    def entry(run: _Run) -> Element:
        flat = run.result.items.ravel()
        item: Element = flat[place if flat.size > 1 else 0]
        return item

    def tree(some: list[_Run], depth: int) -> Element:
        if len(some) == 1:
            return entry(some[0])
        step = some[0].decisions[depth][0]
        sides = [
            tree([run for run in some if run.decisions[depth][1] is answer], depth + 1)
            for answer in (True, False)
        ]
        return select(Term(recorder.builder, step), *sides)

    return tree(runs, 0)


def _graph_of(recorder: Recorder, result: Value, names: Sequence[str]) -> Graph:
    """Finished graph of a result: real, one number for each sample."""
    if result.frame is not None and result.frame.mask is not None:
        raise TraceError(
            "the function gives the samples that a condition chooses alone."
        )
    if result.items.size != 1:
        raise TraceError(
            f"the function gives {result.items.size} values for each sample, not one."
        )
    number = number_of(result.items.flat[0], recorder.builder)
    if not isinstance(number, Term):
        raise TraceError(
            "the function gives complex values; join real and imaginary part, as in "
            "`np.hstack((z.real, z.imag))`."
        )
    inputs = (
        ["x"] if recorder.columns == 1 else [f"x{k}" for k in range(recorder.columns)]
    )
    return Graph.finished(
        recorder.builder,
        [number.step],
        inputs,
        names,
        samples=_used(recorder),
    )


def _used(recorder: Recorder) -> Context:
    return Context(*recorder.arrays) if recorder.arrays else Context()
