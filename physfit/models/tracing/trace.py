"""A graph of a Python function, checked against it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.kernels.kernel import Context
from physfit.models.graph.builder import MOST_NODES
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.tracing import (
    arrays,
    choices,
    distributions,
    indexing,
    matrices,
    neighbours,
    orders,
    polynomials,
    quadrature,
    reductions,
    sequences,
    shapes,
    tables,
)
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.blame import place_of
from physfit.models.tracing.check import check
from physfit.models.tracing.elements import number_of
from physfit.models.tracing.errors import CoarseRule, NeedsSample, TraceError
from physfit.models.tracing.exploring import explored
from physfit.models.tracing.joining import flattened
from physfit.models.tracing.loops import Vectorized
from physfit.models.tracing.number_types import builtins_of
from physfit.models.tracing.rebuild import Rebuilder, Replacements
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import (
    OfArrays,
    functions_by_identity,
    instance_replacement,
)
from physfit.models.tracing.samples import chosen
from physfit.models.tracing.value import Value, array_of

__all__ = ["Traced", "trace"]

# their functions stand in the registry
_ENTERED = [arrays, choices, distributions, indexing, polynomials, quadrature]
_ENTERED += [neighbours, matrices, orders, reductions, sequences, shapes, tables]

Call = Callable[[Any, Any], object]


@dataclass(frozen=True)
class Traced:
    """What tracing a function gave.

    Attributes
    ----------
    graph : Graph
    is_bound : bool
        Whether it is valid for the grid of the trace alone.
    n_samples : int or None
        How many values a bound function gives: not always one for each entry of x.
    is_scalar : bool
        Whether the function takes one sample at a time, as numbers.
    notes : tuple of str
        What a reader of a report should know of its value.
    flat : tuple of str
        Parameters whose derivative is zero wherever it exists.
    """

    graph: Graph
    is_bound: bool
    n_samples: int | None
    is_scalar: bool
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
    level, pointwise = 0, 0
    while True:
        recorder = Recorder(columns, len(names), grid)
        recorder.level, recorder.pointwise = level, pointwise
        try:
            return _traced(recorder, call, names, points)
        except NeedsSample:
            if pointwise:
                raise
            pointwise = 1
        except CoarseRule:
            if level:
                raise
            level = 1


def _traced(
    recorder: Recorder,
    call: Call,
    names: Sequence[str],
    points: Sequence[Sequence[float]],
) -> Traced:
    is_scalar = recorder.pointwise > 0
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = _run(recorder, call)
    if recorder.integrals:
        recorder.needs_grid("the ranges of its integrals")
    graph, n_samples = _graph_of(recorder, result, names)
    compared = _by_sample(call) if is_scalar else call
    notes, flat = check(compared, graph, recorder, points)
    return Traced(
        graph,
        recorder.is_bound,
        n_samples if recorder.is_bound else None,
        is_scalar,
        notes,
        flat,
    )


def _by_sample(call: Call) -> Call:
    """A function of numbers as one of columns."""
    return lambda x, p: [call(list(row), p) for row in zip(*x, strict=True)]


def _run(recorder: Recorder, call: Call) -> Value:
    """Result of the function over all its paths."""

    def run() -> Any:  # each path with copies of its own, which may keep a state
        copy = _copy_of(recorder, call)
        return copy(_coordinates(recorder), _parameters(recorder))

    try:
        result = explored(recorder, run)
        if recorder.refusals:  # the function caught it
            raise recorder.refusals[0]
        return as_value(recorder, result)
    except Exception as error:  # told with the line of the function
        first = recorder.refusals[0] if recorder.refusals else error
        raise _told(error, first) from None


def _copy_of(recorder: Recorder, call: Call) -> Callable[..., Any]:
    """Copy of the function that runs on traced values."""
    rebuilder = Rebuilder(
        Replacements(
            functions_by_identity(recorder),
            builtins_of(recorder),
            partial(Vectorized, recorder),
            partial(instance_replacement, recorder),
            partial(OfArrays, recorder),
        )
    )
    recorder.rebuilt = rebuilder.copy_of
    copy: Callable[..., Any] = rebuilder.replaced(call)
    return copy


def _coordinates(recorder: Recorder) -> list[Value]:
    terms = [
        Term(recorder.builder, recorder.builder.input(k))
        for k in range(recorder.columns)
    ]
    if recorder.pointwise:
        return [Value(recorder, array_of([t], ()), None, recorder.frame) for t in terms]
    return [Value(recorder, array_of([t], (1,)), -1, recorder.frame) for t in terms]


def _parameters(recorder: Recorder) -> list[Value]:
    return [
        Value(
            recorder,
            array_of([Term(recorder.builder, recorder.builder.parameter(k))], ()),
        )
        for k in range(recorder.n_parameters)
    ]


def _told(error: Exception, first: Exception) -> TraceError:
    """The first refusal, behind line and expression."""
    place = place_of(first.__traceback__) or place_of(error.__traceback__)
    if not isinstance(first, TraceError):
        first_text = f"raises {type(first).__name__} ({first}) on traced values."
        return TraceError(
            f"{place} {first_text}" if place else f"the function {first_text}"
        )
    return type(first)(f"{place} {first}" if place else f"the function {first}")


def _graph_of(
    recorder: Recorder, result: Value, names: Sequence[str]
) -> tuple[Graph, int | None]:
    """Finished graph of a result, and how many samples it has."""
    result = chosen(result)
    if result.frame is not None and result.frame.mask is not None:
        raise TraceError(
            "the function gives only the samples that a condition chooses."
        )
    if result.items.size != 1:
        result = flattened(result)
    number = number_of(result.items.flat[0], recorder.builder)
    parts = [number] if isinstance(number, Term) else [number.re, number.im]
    n = recorder.columns
    inputs = ["x"] if n == 1 else [f"x{k}" for k in range(n)]
    graph = Graph.finished(
        recorder.builder,
        [part.step for part in parts],
        inputs,
        names,
        Context(*recorder.arrays),
    )
    if len(graph.nodes) > MOST_NODES:
        raise TraceError(f"the function has more than {MOST_NODES} operations.")
    frame = result.frame or recorder.frame
    return graph, frame.size
