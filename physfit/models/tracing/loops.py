"""Loops over samples: one sample stands for all of them.

`for t in x`, `for i in range(len(x))` and comprehensions run once, with one symbolic
sample; a list that such a loop fills is one of samples. Loops that carry something from
one sample to the next are found out by the comparison with the original.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value, by_sample
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["Count", "SampleIndex", "Vectorized", "loop_builtins"]


class Count:
    """The number of samples, which is asked for only where it matters."""

    def __init__(self, recorder: Recorder, frame: Frame) -> None:
        self.recorder = recorder
        self.frame = frame

    def __index__(self) -> int:
        self.recorder.needs_grid("the number of samples")
        return self.frame.size or 0

    def number(self) -> Value:
        """How many, as a number."""
        return as_value(self.recorder, int(self))

    def __int__(self) -> int:
        return self.__index__()

    def __float__(self) -> float:
        return float(self.__index__())

    def __hash__(self) -> int:
        return hash(self.frame)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Count) and other.frame == self.frame:
            return True
        return int(self) == other

    def __repr__(self) -> str:
        return "<number of samples>"


class SampleIndex:
    """The place of the sample that stands for all in a loop over places."""

    def __init__(self, recorder: Recorder, frame: Frame) -> None:
        self.recorder = recorder
        self.frame = frame

    def number(self) -> Value:
        """The place as a number."""
        self.recorder.needs_grid("the places of samples")
        places = np.arange(self.frame.size or 0, dtype=np.float64)
        item = self.recorder.sample(places)
        return Value(self.recorder, array_of([item], ()), None, self.frame)

    def __index__(self) -> int:
        raise self.recorder.refuse(
            TraceError(
                "takes the place of a sample as a number; use operations on whole "
                "arrays, or `zip`."
            )
        )

    def __hash__(self) -> int:
        return id(self)


def _delegated(make: Callable[[Any], Any], name: str) -> Callable[..., Any]:
    def operator(self: Any, *others: Any) -> Any:
        return getattr(make(self), name)(*others)

    return operator


_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
_OPERATORS = ("lt", "le", "gt", "ge", "neg", *_BINARY, *(f"r{one}" for one in _BINARY))
for _name in (f"__{one}__" for one in _OPERATORS):
    setattr(Count, _name, _delegated(int, _name))
    setattr(SampleIndex, _name, _delegated(SampleIndex.number, _name))
for _name in ("__eq__", "__ne__"):
    setattr(SampleIndex, _name, _delegated(SampleIndex.number, _name))


def loop_builtins(recorder: Recorder) -> dict[str, Any]:
    """Builtins that loops over samples go through."""
    return {
        "len": _length,
        "hasattr": _has_attribute,
        "range": partial(_numbers, recorder),
        "enumerate": partial(_numbered, recorder),
        "zip": partial(_together, recorder),
    }


def _length(items: Any) -> Any:
    if not isinstance(items, Value):
        return len(items)
    if not items.items.ndim:
        raise TypeError("object of type 'float' has no len()")
    return registry.METHODS["shape"](items)[0]


def _has_attribute(owner: Any, name: str) -> bool:
    is_scalar = isinstance(owner, Value) and not owner.items.ndim
    if is_scalar and name in ("__len__", "__iter__", "__getitem__"):
        return False
    return hasattr(owner, name)


def _numbers(recorder: Recorder, *bounds: Any) -> Any:
    counts = [one for one in bounds if isinstance(one, Count)]
    if not counts:
        return range(*bounds)
    if len(bounds) == 1 or (len(bounds) == 2 and bounds[0] == 0):
        recorder.loop = counts[0].frame
        return [SampleIndex(recorder, counts[0].frame)]
    return range(*map(int, bounds))


def _numbered(recorder: Recorder, items: Any, start: int = 0) -> Any:
    frame = _frame_of(items)
    if frame is None:
        return enumerate(items, start)
    index = SampleIndex(recorder, frame)
    place = registry.apply(recorder, "add", index, start) if start else index
    return [(place, next(iter(items)))]


def _together(recorder: Recorder, *columns: Any, strict: bool = False) -> Any:
    frames = [_frame_of(one) for one in columns]
    frame = next((one for one in frames if one is not None), None)
    if frame is None:
        return zip(*columns, strict=strict)
    return [tuple(_entry(recorder, one, frame) for one in columns)]


def _frame_of(items: Any) -> Frame | None:
    """Samples that a loop over something runs over."""
    if isinstance(items, Value) and items.axis == -items.items.ndim:
        return items.frame
    return None


def _entry(recorder: Recorder, column: Any, frame: Frame) -> Any:
    """What one of the columns of `zip` gives for the sample."""
    if isinstance(column, list) and len(column) == 1:
        only = column[0]
        if isinstance(only, SampleIndex) or (
            isinstance(only, Value) and only.frame == frame
        ):
            return only
    if _frame_of(column) is not None:
        return next(iter(column))
    if isinstance(column, Value):
        raise recorder.refuse(
            TraceError("steps through samples and values that depend on parameters.")
        )
    if not hasattr(column, "__len__"):
        recorder.needs_grid("the number of samples")
        column = list(islice(column, frame.size))
    array = np.asarray(column)
    value = by_sample(recorder, array, -array.ndim, frame)
    return next(iter(value))


def points_of(
    recorder: Recorder, arguments: tuple[Any, ...]
) -> tuple[list[Any], int | None, Frame | None]:
    """Arguments for one sample."""
    made: list[Any] = []
    axis, frame = None, None
    for argument in arguments:
        if isinstance(argument, (list, tuple, np.ndarray)):
            argument = as_value(recorder, argument)
        if isinstance(argument, Value) and argument.axis is not None:
            axis, frame = argument.axis, argument.frame
            if argument.items.size != 1:
                raise recorder.refuse(TraceError("calls scalar code with rows."))
            argument = Value(recorder, argument.items.reshape(()), None, frame)
        made.append(argument)
    return made, axis, frame


class Vectorized:
    """`np.vectorize` of a function, called once with one sample."""

    def __init__(self, recorder: Recorder, function: Callable[..., Any]) -> None:
        self.recorder = recorder
        self.function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Value over the samples of the arguments."""
        recorder = self.recorder
        names = list(keywords)
        given = (*arguments, *keywords.values())
        made, axis, frame = points_of(recorder, given)
        n = len(arguments)

        def run() -> Any:
            return self.function(*made[:n], **dict(zip(names, made[n:], strict=True)))

        recorder.pointwise += 1
        try:
            result = registry.apply(recorder, "explored", run)
        finally:
            recorder.pointwise -= 1
        if isinstance(result, tuple):
            return tuple(self._over(one, axis, frame) for one in result)
        return self._over(result, axis, frame)

    def _over(self, result: Any, axis: int | None, frame: Frame | None) -> Any:
        value = as_value(self.recorder, result)
        if axis is None or value.items.ndim:
            return value
        return Value(self.recorder, value.items.reshape((1,) * -axis), axis, frame)
