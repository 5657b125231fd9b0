"""Functions of numpy that make, join and reshape arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import aligned, as_value
from physfit.models.tracing.elements import Pair, is_logical
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.loops import Count
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.samples import chosen
from physfit.models.tracing.value import Value, array_of, is_complex

__all__: list[str] = []


@registry.function("array", "asarray", "asanyarray", "ascontiguousarray", "asfarray")
def array(
    recorder: Recorder, source: Any, dtype: Any = None, ndmin: int = 0, **_: Any
) -> Any:
    """Array of a traced value, or of a nested list with some."""
    if isinstance(source, Value):
        result = Value(recorder, source.items.copy(), source.axis, source.frame)
    elif not _holds_values(source):
        return np.array(source, dtype=dtype, ndmin=ndmin)
    else:
        result = _stacked(recorder, list(source))
    return _with_axes(_cast(result, dtype), ndmin)


def _cast(value: Value, dtype: Any) -> Value:
    """Value as numbers of another kind."""
    if dtype is None:
        return value
    recorder, kind = value.recorder, np.dtype(dtype).kind
    if kind in "iu":
        value = registry.apply(recorder, "trunc", value)
    name = {"c": "to_complex", "b": "to_condition"}.get(kind, "to_number")
    result: Value = registry.apply(recorder, name, value)
    return result


def _with_axes(value: Value, ndmin: int) -> Value:
    extra = max(ndmin - value.items.ndim, 0)
    items = value.items.reshape((1,) * extra + value.items.shape)
    return Value(value.recorder, items, value.axis, value.frame)


def _holds_values(source: Any) -> bool:
    if isinstance(source, Value):
        return True
    if isinstance(source, np.ndarray):
        return False
    return isinstance(source, (list, tuple)) and any(map(_holds_values, source))


def _stacked(recorder: Recorder, parts: list[Any]) -> Value:
    """Values along a new first axis."""
    values = [
        _stacked(recorder, list(part))
        if isinstance(part, (list, tuple)) and _holds_values(part)
        else as_value(recorder, part)
        for part in parts
    ]
    values, axis, frame = aligned(recorder, values)
    shape = np.broadcast_shapes(*(value.items.shape for value in values))
    rows = [np.broadcast_to(value.items, shape) for value in values]
    items = array_of((item for row in rows for item in row.flat), (len(rows), *shape))
    if axis is None and not recorder.pointwise and len(rows) == 1:
        frame = recorder.loop if frame is None else frame
        axis = None if frame is None else -items.ndim  # one sample stands for all
    return Value(recorder, items, axis, frame)


def _like(recorder: Recorder, model: Any, number: Any, dtype: Any = None) -> Value:
    value = as_value(recorder, model)
    fill = as_value(recorder, number)
    (_, source), _, _ = aligned(recorder, (value, fill))
    items = np.broadcast_to(source.items, value.items.shape)
    made = Value(
        recorder, array_of(items.flat, value.items.shape), value.axis, value.frame
    )
    if dtype is None:
        dtype = np.complex128 if is_complex(value.items) else np.float64
    return made if np.dtype(dtype).kind != "c" else _cast(made, dtype)


@registry.function("zeros_like", "empty_like")
def zeros_like(
    recorder: Recorder, model: Any, dtype: Any = None, *_: Any, **__: Any
) -> Value:
    """Zeros in the shape of a value."""
    return _like(recorder, model, 0.0, dtype)


@registry.function("ones_like")
def ones_like(
    recorder: Recorder, model: Any, dtype: Any = None, *_: Any, **__: Any
) -> Value:
    """Ones in the shape of a value."""
    return _like(recorder, model, 1.0, dtype)


@registry.function("full_like")
def full_like(
    recorder: Recorder,
    model: Any,
    fill_value: Any,
    dtype: Any = None,
    *_: Any,
    **__: Any,
) -> Value:
    """A number in the shape of a value."""
    return _like(recorder, model, fill_value, dtype)


@registry.function("copy")
@registry.method("copy", "__copy__", "view", "__deepcopy__")
def copy(value: Any, *arguments: Any, **_: Any) -> Value:
    """A value of its own."""
    own = value if isinstance(value, Value) else arguments[0]
    return Value(own.recorder, own.items.copy(), own.axis, own.frame)


@registry.method("astype")
def astype(value: Value, dtype: Any, **_: Any) -> Value:
    """Value as numbers of another kind."""
    return _cast(value, dtype)


@registry.method("shape", is_property=True)
def shape(value: Value) -> tuple[Any, ...]:
    """Lengths of the axes."""
    value = chosen(value)
    lengths: list[Any] = list(value.items.shape)
    if value.axis is not None and value.frame is not None:
        if value.frame.mask is not None:
            raise value.recorder.refuse(
                TraceError("asks how many samples a condition chooses.")
            )
        lengths[value.axis] = Count(value.recorder, value.frame)
    return tuple(lengths)


@registry.function("shape")
def shape_of(recorder: Recorder, value: Value) -> tuple[Any, ...]:
    """Lengths of the axes."""
    return shape(value)


@registry.method("size", is_property=True)
def size(value: Value) -> Any:
    """Number of entries."""
    if value.axis is not None and value.items.size == 1:
        return shape(value)[value.axis]
    return math.prod(map(int, shape(value)))


@registry.function("size")
def size_of(recorder: Recorder, value: Value, axis: int | None = None) -> Any:
    """Number of entries, in all or along an axis."""
    return size(value) if axis is None else shape(value)[axis]


@registry.method("ndim", is_property=True)
def ndim(value: Value) -> int:
    """Number of axes."""
    return value.items.ndim


@registry.function("ndim")
def ndim_of(recorder: Recorder, value: Value) -> int:
    """Number of axes."""
    return value.items.ndim


@registry.method("dtype", is_property=True)
def dtype(value: Value) -> np.dtype[Any]:
    """Kind of the entries."""
    if any(isinstance(item, Pair) for item in value.items.flat):
        return np.dtype(np.complex128)
    is_bool = all(is_logical(item) for item in value.items.flat)
    return np.dtype(np.bool_ if is_bool else np.float64)


@registry.method("value", is_property=True)
def value_of(value: Value) -> Value:
    """The value itself, as of a parameter of lmfit."""
    return value


@registry.method("real", is_property=True)
def real(value: Value) -> Any:
    """Real part."""
    return registry.apply(value.recorder, "real", value)


@registry.method("imag", is_property=True)
def imag(value: Value) -> Any:
    """Imaginary part."""
    return registry.apply(value.recorder, "imag", value)


@registry.method("conj", "conjugate")
def conjugate(value: Value) -> Any:
    """Complex conjugate."""
    return registry.apply(value.recorder, "conjugate", value)


@registry.method("fill")
def fill(value: Value, number: Any) -> None:
    """Set all entries."""
    registry.METHODS["put"](value, Ellipsis, number)


@registry.method("tolist")
def tolist(value: Value) -> Any:
    """Entries along the first axis; one sample stands for all."""
    return list(value) if value.items.ndim else value


@registry.method("item")
def item(value: Value, *place: int) -> Value:
    """One entry."""
    entry = registry.apply(value.recorder, "ravel", value)[place[0] if place else 0]
    return Value(value.recorder, entry.items.reshape(()), None, value.frame)


@registry.function("take")
def take(recorder: Recorder, source: Any, indices: Any, axis: int | None = None) -> Any:
    """Entries by their places."""
    value = as_value(recorder, source)
    if axis is None:
        return registry.apply(recorder, "ravel", value)[np.asarray(indices)]
    key = [slice(None)] * value.items.ndim
    key[axis] = np.asarray(indices)  # type: ignore[call-overload]
    return value[tuple(key)]


@registry.function("atleast_1d")
def atleast_1d(recorder: Recorder, *values: Any) -> Any:
    """Values with an axis at least."""
    made = [_with_axes(as_value(recorder, value), 1) for value in values]
    return made[0] if len(made) == 1 else made
