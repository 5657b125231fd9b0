"""Values joined along the samples, or of several rows, as values of more samples.

A joined value has a piece for each part: an expression, the places in the result where
it counts, and the samples that it takes there. Every sample of the result chooses its
piece; numbers by sample are laid out so that pieces over the same samples share what
they have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value, over_samples
from physfit.models.tracing.elements import Element, Pair, compare, constant_of, select
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame, common_frame
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.samples import chosen, resampled
from physfit.models.tracing.value import Value, array_of

__all__ = ["flattened"]

#: Entries that are joined one by one; more are gathered by their form.
MOST_PIECES = 8


@dataclass(frozen=True)
class _Piece:
    """One expression of a joined value, at some places of it."""

    element: Element
    frame: Frame | None
    places: NDArray[np.int64]


def _joined(recorder: Recorder, pieces: Sequence[_Piece]) -> Value:
    """Value over as many samples as all pieces have places."""
    if any(piece.frame is None and _varies(recorder, piece) for piece in pieces):
        raise recorder.refuse(
            TraceError(
                "joins the sample that a loop stands for with others; join whole "
                "arrays."
            )
        )
    size = sum(piece.places.size for piece in pieces)
    which = np.zeros(size)
    for number, piece in enumerate(pieces):
        which[piece.places] = number
    elements = [_laid_out(recorder, piece, pieces, size) for piece in pieces]
    numbers = [constant_of(element) for element in elements]
    if all(isinstance(number, float) for number in numbers):
        column = np.array(numbers)[which.astype(np.int64)]
        item: Element = recorder.sample(column)
    else:
        item, place = elements[-1], recorder.sample(which)
        for number in reversed(range(len(pieces) - 1)):
            if elements[number] is not item:
                condition = compare("less", place, recorder.constant(number + 0.5))
                item = select(condition, elements[number], item)
    return Value(recorder, array_of([item], (1,)), -1, Frame(size))


def _varies(recorder: Recorder, piece: _Piece) -> bool:
    """Whether an expression depends on the sample."""
    element = piece.element
    terms = (element.re, element.im) if isinstance(element, Pair) else (element,)
    builder = recorder.builder
    return any(isinstance(one, Term) and builder.varies(one.step) for one in terms)


def _laid_out(
    recorder: Recorder, piece: _Piece, pieces: Sequence[_Piece], size: int
) -> Element:
    """The expression of a piece with its numbers by sample at all places."""
    if piece.frame is None:
        return piece.element

    def change(numbers: NDArray[Any]) -> NDArray[Any]:
        full = np.empty(size)
        for other in pieces:
            full[other.places] = np.resize(numbers, other.places.size)
        return full

    own = Value(recorder, array_of([piece.element], (1,)), -1, piece.frame)
    item: Element = resampled(own, change).flat[0]
    return item


def _size_of(recorder: Recorder, frame: Frame | None) -> int:
    recorder.needs_grid("the number of samples")
    if frame is None or frame.size is None or frame.mask is not None:
        raise recorder.refuse(
            TraceError("joins samples that a condition chooses; use `np.where`.")
        )
    return frame.size


def flattened(value: Value, order: str = "C") -> Value:
    """All entries along one axis of samples, as `ravel` has them."""
    recorder = value.recorder
    if value.axis is None:
        places = np.arange(value.items.size)
        entries = value.items.ravel()
        frame = None
        if entries.size > MOST_PIECES:
            whole = Frame(entries.size)
            row = Value(recorder, entries)
            return over_samples(recorder, row, -1, whole)
        pieces = [
            _Piece(entry, frame, places[k : k + 1]) for k, entry in enumerate(entries)
        ]
        recorder.needs_grid("the number of samples")
        return _joined(recorder, pieces)
    size = _size_of(recorder, value.frame)
    shape = list(value.items.shape)
    shape[value.axis] = size
    numbers = np.empty(int(np.prod(shape)), dtype=np.int64)
    target = np.arange(numbers.size).reshape(shape, order="F" if order == "F" else "C")
    rows = np.moveaxis(target, value.axis, -1).reshape(-1, size)
    pieces = [
        _Piece(entry, value.frame, row)
        for entry, row in zip(value.items.ravel(), rows, strict=True)
    ]
    return _joined(recorder, pieces)


@registry.function("concatenate", "concat")
def concatenate(
    recorder: Recorder, parts: Sequence[Any], axis: int | None = 0, **_: Any
) -> Any:
    """`np.concatenate` of traced values."""
    values = [_part(recorder, part) for part in parts]
    if axis is None:
        values, axis = [registry.METHODS["ravel"](value) for value in values], 0
    place = axis if axis < 0 else axis - values[0].items.ndim
    if all(value.axis != place for value in values):
        return _beside(recorder, values, place)
    if any(value.items.ndim != 1 for value in values):
        raise recorder.refuse(TraceError("joins rows of samples along the samples."))
    pieces, start = [], 0
    for value in values:
        if value.axis is None:
            sizes, frame = [1] * value.items.size, None
        else:
            sizes, frame = [_size_of(recorder, value.frame)], value.frame
        for entry, size in zip(value.items, sizes, strict=True):
            pieces.append(_Piece(entry, frame, np.arange(start, start + size)))
            start += size
    return _joined(recorder, pieces)


def _part(recorder: Recorder, part: Any) -> Value:
    if isinstance(part, np.ndarray) and part.ndim == 1 and part.size > 16:
        frame = Frame(part.size)
        recorder.needs_grid("the number of samples")
        item = recorder.sample(part)
        return Value(recorder, array_of([item], (1,)), -1, frame)
    return chosen(as_value(recorder, part))


def _beside(recorder: Recorder, values: Sequence[Value], place: int) -> Value:
    """Values joined along an axis that is not of samples."""
    axes = {value.axis for value in values if value.axis is not None}
    if len(axes) > 1:
        raise recorder.refuse(TraceError("joins samples with what is none."))
    frame = None
    for value in values:
        frame = common_frame(frame, value.frame)
    items = np.concatenate([value.items for value in values], axis=place)
    return Value(recorder, items, next(iter(axes), None), frame)


@registry.function("hstack")
def hstack(recorder: Recorder, parts: Sequence[Any], **_: Any) -> Any:
    """`np.hstack` of traced values."""
    made = [registry.apply(recorder, "atleast_1d", part) for part in parts]
    return concatenate(recorder, made, axis=0 if made[0].items.ndim == 1 else 1)


@registry.function("append")
def append(recorder: Recorder, first: Any, second: Any, axis: Any = None) -> Any:
    """`np.append` of traced values."""
    parts = [registry.apply(recorder, "atleast_1d", part) for part in (first, second)]
    return concatenate(recorder, parts, axis=axis)


@registry.function("stack")
def stack(recorder: Recorder, parts: Sequence[Any], axis: int = 0, **_: Any) -> Any:
    """`np.stack` of traced values."""
    made = registry.apply(recorder, "array", list(parts))
    return registry.apply(recorder, "moveaxis", made, 0, axis)


@registry.function("vstack", "row_stack")
def vstack(recorder: Recorder, parts: Sequence[Any], **_: Any) -> Any:
    """`np.vstack` of traced values."""
    made = [as_value(recorder, part) for part in parts]
    if all(value.items.ndim <= 1 for value in made):
        return registry.apply(recorder, "array", made)
    return concatenate(recorder, made, axis=0)


@registry.function("column_stack")
def column_stack(recorder: Recorder, parts: Sequence[Any]) -> Any:
    """`np.column_stack` of traced values, each a column."""
    return stack(recorder, parts, axis=-1)


@registry.function("tile")
def tile(recorder: Recorder, value: Any, reps: Any) -> Any:
    """`np.tile` along one axis."""
    if not isinstance(reps, (int, np.integer)):
        raise recorder.refuse(TraceError("repeats along several axes."))
    return concatenate(recorder, [value] * int(reps))
