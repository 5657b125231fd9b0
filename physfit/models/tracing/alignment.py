"""Operands as traced values over the same samples, along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.elements import (
    Element,
    Pair,
    condition_of,
    number_of,
    pair_of,
    select,
)
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.folding import gathered
from physfit.models.tracing.frame import Frame, common_frame
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["aligned", "as_value", "by_sample", "entry_of", "over_samples"]

#: Length from which on an array as long as the grid is one of samples at once.
LONG = 256
#: Forms that entries along the samples may have.
MOST_FORMS = 16


def as_value(recorder: Recorder, operand: Any) -> Value:
    """An operand of any kind as a traced value.

    Raises
    ------
    TraceError
        When it holds anything but numbers.
    """
    if isinstance(operand, Value):
        return operand
    if hasattr(operand, "number"):  # the place of a sample, or how many
        return operand.number()  # type: ignore[no-any-return]
    if isinstance(operand, (list, tuple)):
        made = registry.apply(recorder, "array", operand)
        if isinstance(made, Value):
            return made
        operand = made
    array = np.asarray(operand)
    if array.ndim == 1 and array.size >= LONG:
        if recorder.grid is None:
            recorder.needs_grid("whether a long array is one of samples")
        if array.size == recorder.frame.size:
            return by_sample(recorder, array, -1, recorder.frame)
    if array.dtype.kind not in "biufc":
        raise recorder.refuse(
            TraceError(f"computes with {type(operand).__name__}, which is no number.")
        )
    items = array_of((entry_of(recorder, one) for one in array.flat), array.shape)
    return Value(recorder, items)


def entry_of(recorder: Recorder, number: Any) -> Element:
    """A plain number as an element."""
    if isinstance(number, (bool, np.bool_)):
        return bool(number)
    if isinstance(number, (complex, np.complexfloating)):
        value = complex(number)
        return Pair(recorder.constant(value.real), recorder.constant(value.imag))
    return recorder.constant(float(number))


def aligned(
    recorder: Recorder, operands: Sequence[Any]
) -> tuple[list[Value], int | None, Frame | None]:
    """Operands as values over the same samples, along one axis."""
    axis, frame = None, None
    for operand in operands:
        if isinstance(operand, Value):
            frame = common_frame(frame, operand.frame)
            if operand.axis is None:
                continue
            if axis is not None and operand.axis != axis:
                raise recorder.refuse(
                    TraceError(
                        "joins every sample with every other; only values of the same "
                        "sample can be traced."
                    )
                )
            axis = operand.axis
    return [_along(recorder, one, axis, frame) for one in operands], axis, frame


def _along(
    recorder: Recorder, operand: Any, axis: int | None, frame: Frame | None
) -> Value:
    """An operand as a value, its entries along the sample axis taken as samples."""
    if axis is None or frame is None:
        return as_value(recorder, operand)
    if isinstance(operand, (list, tuple)):
        operand = registry.apply(recorder, "array", operand)
    if isinstance(operand, Value):
        is_long = -axis <= operand.items.ndim and operand.items.shape[axis] > 1
        if operand.axis is None and is_long:
            return over_samples(recorder, operand, axis, frame)
        return operand
    array = np.asarray(operand)
    if array.ndim < -axis or array.shape[axis] == 1:
        return as_value(recorder, array)
    return by_sample(recorder, array, axis, frame)


def over_samples(recorder: Recorder, value: Value, axis: int, frame: Frame) -> Value:
    """A value that has an entry for each sample along an axis, as one of samples."""
    recorder.needs_grid("arrays along the samples")
    length = value.items.shape[axis]
    if length != frame.size or frame.mask is not None:
        raise recorder.refuse(
            TraceError(
                f"joins {length} values with {frame.size} samples along one axis; add "
                "an axis, as in `x[:, None]`."
            )
        )
    rows = np.moveaxis(value.items, axis, -1)
    items = array_of(
        (_gathered(recorder, list(row)) for row in rows.reshape(-1, length)),
        rows.shape[:-1],
    )
    items = np.expand_dims(items, value.items.ndim + axis)
    return Value(recorder, items, axis, frame)


def _gathered(recorder: Recorder, row: list[Element]) -> Element:
    """Entries for each sample as one entry over the samples."""
    numbers = [number_of(one, recorder.builder) for one in row]
    if any(isinstance(one, Pair) for one in numbers):
        pairs = [pair_of(one, recorder.builder) for one in numbers]
        return Pair(
            _gathered_terms(recorder, [z.re for z in pairs]),
            _gathered_terms(recorder, [z.im for z in pairs]),
        )
    return _gathered_terms(recorder, numbers)  # type: ignore[arg-type]


def _gathered_terms(recorder: Recorder, terms: list[Term]) -> Term:
    groups = gathered(terms, recorder.sample)
    if len(groups) > MOST_FORMS:
        raise recorder.refuse(
            TraceError(
                f"has entries of {len(groups)} different forms; write them as an "
                "operation on whole arrays."
            )
        )
    result = groups[0][1]
    for places, term in groups[1:]:
        inside = np.zeros(len(terms))
        inside[places] = 1.0
        chosen = select(condition_of(recorder.sample(inside)), term, result)
        result = chosen  # type: ignore[assignment]
    return result


def by_sample(
    recorder: Recorder, array: NDArray[Any], axis: int, frame: Frame
) -> Value:
    """An array of plain numbers as a value, with the samples along an axis."""
    recorder.needs_grid("arrays along the samples")
    if array.shape[axis] != frame.size or frame.mask is not None:
        raise recorder.refuse(
            TraceError(
                f"joins an array of {array.shape[axis]} entries with {frame.size} "
                "samples."
            )
        )
    columns = np.moveaxis(array, axis, -1)
    shape = columns.shape[:-1]
    rows = columns.reshape(-1, array.shape[axis])
    items = array_of((_column(recorder, row) for row in rows), shape)
    items = np.expand_dims(items, array.ndim + axis)
    return Value(recorder, items, axis, frame)


def _column(recorder: Recorder, row: NDArray[Any]) -> Element:
    if row.dtype.kind == "c":
        return Pair(recorder.sample(row.real), recorder.sample(row.imag))
    if row.dtype.kind == "b":
        return condition_of(recorder.sample(row))
    return recorder.sample(row)
