"""All paths through a function, joined by selections between their results."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.blame import was_raised_by_caller
from physfit.models.tracing.elements import Element, constant_of, select
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame, common_frame
from physfit.models.tracing.paths import Paths
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["explored"]


@dataclass(frozen=True)
class _Run:
    """One path through a function."""

    decisions: list[tuple[int, bool]]
    result: Any


@registry.function("explored")
def explored(recorder: Recorder, run: Callable[[], Any]) -> Any:
    """Result of a function over all its decisions.

    A path that ends in a `raise` or an `assert` of the caller's is outside of the
    domain: NaN.
    """
    outer, recorder.paths = recorder.paths, Paths()
    runs: list[_Run] = []
    try:
        is_left = True
        while is_left:
            result = _result_of(recorder, run)
            runs.append(_Run(recorder.paths.decisions, result))
            is_left = recorder.paths.next_run()
    finally:
        recorder.paths = outer
    if len(runs) == 1:
        return runs[0].result
    width = {len(one.result) for one in runs if isinstance(one.result, tuple)}
    if not width:
        return _joined(recorder, runs)
    return tuple(
        _joined(recorder, [_Run(one.decisions, _part(one.result, k)) for one in runs])
        for k in range(max(width))
    )


def _part(result: Any, k: int) -> Any:
    return result[k] if isinstance(result, tuple) else result


def _result_of(recorder: Recorder, run: Callable[[], Any]) -> Any:
    try:
        return run()
    except TraceError:
        raise
    except Exception as error:  # of the function, on values that it refuses
        is_outside = was_raised_by_caller(error.__traceback__)
        if recorder.refusals or not recorder.paths.decisions or not is_outside:
            raise
        return as_value(recorder, math.nan)


def _joined(recorder: Recorder, runs: list[_Run]) -> Value:
    """Selection between paths by their decisions."""
    runs = [_Run(run.decisions, as_value(recorder, run.result)) for run in runs]
    if all(_is_outside(run.result) for run in runs):
        raise TraceError("raises an error on every path.")
    shape = max((run.result.items.shape for run in runs), key=math.prod)
    frame: Frame | None = None
    axis: int | None = None
    for run in runs:
        frame = common_frame(frame, run.result.frame)
        axis = run.result.axis if axis is None else axis
        if run.result.items.size not in (1, math.prod(shape)):
            raise TraceError("gives results of different shapes on different paths.")
    if axis is not None and len(shape) < -axis:
        shape = (1,) * -axis
    places = range(math.prod(shape))
    items = array_of((_item(recorder, runs, place) for place in places), shape)
    return Value(recorder, items, axis, frame)


def _is_outside(value: Value) -> bool:
    numbers = [constant_of(item) for item in value.items.flat]
    return all(isinstance(one, float) and np.isnan(one) for one in numbers)


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
