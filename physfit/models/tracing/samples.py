"""Values at other samples: one sample, a slice, a choice of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.elements import Element, Pair
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["at_sample", "chosen", "depends_on_parameters", "numbers_of", "resampled"]


def depends_on_parameters(value: Value) -> bool:
    """Whether any entry depends on a parameter."""
    builder = value.recorder.builder
    return any(
        builder.nodes[step][0] == "parameter"
        for step in live_steps(builder, _steps(value))
    )


@registry.method("is_known")
def is_known(value: Value) -> bool:
    """Whether the value follows from the coordinates alone."""
    is_masked = value.frame is not None and value.frame.mask is not None
    is_one = value.axis is None and value.frame is not None
    return not is_masked and not is_one and not depends_on_parameters(value)


@registry.method("numbers")
def numbers_of(value: Value) -> NDArray[Any]:
    """Numbers of a value that depends on coordinates alone, over its samples."""
    recorder = value.recorder
    _refuse_decided(recorder)
    recorder.needs_grid("the samples themselves")
    size = value.frame.size if value.frame is not None else None
    numbers = [_evaluated(recorder, item, size) for item in value.items.flat]
    if value.axis is None:
        return np.array(numbers).reshape(value.items.shape)
    rows = np.array([np.broadcast_to(one, (size or 0,)) for one in numbers])
    others = np.squeeze(value.items, axis=value.axis).shape
    return np.moveaxis(rows.reshape(*others, -1), -1, value.axis)


def _evaluated(recorder: Recorder, item: Element, size: int | None) -> Any:
    if isinstance(item, bool):
        return item
    if isinstance(item, Pair):
        re, im = (_evaluated(recorder, one, size) for one in (item.re, item.im))
        return re + 1j * im
    grid = recorder.grid or ()
    return evaluated(recorder.builder, [item.step], grid, (), recorder.arrays)[0]


def _steps(value: Value) -> list[int]:
    steps = []
    for item in value.items.flat:
        if isinstance(item, Pair):
            steps += [item.re.step, item.im.step]
        elif isinstance(item, Term):
            steps.append(item.step)
    return steps


def _refuse_decided(recorder: Recorder) -> None:
    """Refuse to look at other samples after a decision that this sample took.

    What is under way holds for the samples that decide alike.
    """
    if any(recorder.builder.varies(step) for step, _ in recorder.paths.decisions):
        raise recorder.refuse(
            TraceError(
                "looks at other samples after an `if` on single samples; use "
                "`np.where` in place of the `if`."
            )
        )


def resampled(
    value: Value, change: Callable[[NDArray[Any]], NDArray[Any] | float]
) -> NDArray[Any]:
    """Items of a value over other samples.

    Parameters
    ----------
    value : Value
    change : callable
        Numbers at the samples of the value -> numbers at the other ones, or a number.
    """
    recorder = value.recorder
    _refuse_decided(recorder)
    done: dict[int, int] = {}

    def moved(term: Term) -> Term:
        for step in live_steps(recorder.builder, [term.step]):
            if step not in done:
                done[step] = _moved(recorder, step, done, change)
        return Term(recorder.builder, done[term.step])

    def moved_element(element: Element) -> Element:
        if isinstance(element, Pair):
            return Pair(moved(element.re), moved(element.im))
        return element if isinstance(element, bool) else moved(element)

    return array_of(map(moved_element, value.items.flat), value.items.shape)


def _moved(
    recorder: Recorder,
    step: int,
    done: dict[int, int],
    change: Callable[[NDArray[Any]], NDArray[Any] | float],
) -> int:
    name, *operands = recorder.builder.nodes[step]
    if name in ("constant", "parameter"):
        return step
    if name in ("input", "sample"):
        recorder.needs_grid("single samples")
        source = recorder.grid if name == "input" else recorder.arrays
        assert source is not None
        numbers = change(source[operands[0]])
        if isinstance(numbers, float):
            return recorder.builder.constant(numbers)
        return recorder.sample(numbers).step
    n_steps = OPERATIONS[name].n_steps
    steps = [done[one] for one in operands[:n_steps]]
    return recorder.builder.apply(name, *steps, *operands[n_steps:])


def chosen(value: Value) -> Value:
    """A value over the samples that a condition chose, which coordinates alone tell.

    The same value where no condition did, or where it depends on parameters.
    """
    frame, recorder = value.frame, value.recorder
    if frame is None or frame.mask is None or value.axis is None:
        return value
    condition = Value(
        recorder,
        array_of([Term(recorder.builder, frame.mask)], (1,)),
        -1,
        recorder.frame,
    )
    if depends_on_parameters(condition):
        return value
    places = np.flatnonzero(numbers_of(condition))
    items = resampled(value, lambda numbers: numbers[places])
    return Value(recorder, items, value.axis, Frame(places.size))


def at_sample(value: Value, place: int) -> NDArray[Any]:
    """Items of a value at one sample."""
    value.recorder.needs_grid("single samples")
    return resampled(value, lambda numbers: float(numbers[place]))
