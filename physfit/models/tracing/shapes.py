"""Functions of numpy that reshape, reorder and repeat axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.joining import flattened
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value

__all__: list[str] = []


def _forwarded(name: str) -> Any:
    def method(value: Value, *arguments: Any, **keywords: Any) -> Any:
        return registry.apply(value.recorder, name, value, *arguments, **keywords)

    return method


@registry.function("ravel")
def ravel(recorder: Recorder, source: Any, order: Any = "C") -> Value:
    """All entries along one axis."""
    value = as_value(recorder, source)
    if value.axis is None:
        return Value(recorder, value.items.ravel(order), None, value.frame)
    if value.items.size == 1:
        return Value(recorder, value.items.reshape(1), -1, value.frame)
    return flattened(value, order)


@registry.function("squeeze")
def squeeze(recorder: Recorder, value: Value, axis: Any = None) -> Value:
    """Value without axes of length 1."""
    n = value.items.ndim
    place = None if value.axis is None else n + value.axis
    wanted = None if axis is None else {int(one) % n for one in np.atleast_1d(axis)}
    gone = tuple(
        k
        for k, length in enumerate(value.items.shape)
        if length == 1 and k != place and (wanted is None or k in wanted)
    )
    items = np.squeeze(value.items, gone)
    if place is None:
        return Value(recorder, items, None, value.frame)
    behind = sum(k > place and k not in gone for k in range(n))
    return Value(recorder, items, -1 - behind, value.frame)


@registry.function("expand_dims")
def expand_dims(recorder: Recorder, value: Value, axis: int) -> Value:
    """Value with an axis of length 1 more."""
    n = value.items.ndim + 1
    key = [slice(None)] * (n - 1)
    key.insert(axis % n, None)  # type: ignore[arg-type]
    result: Value = value[tuple(key)]
    return result


@registry.function("transpose")
def transpose(recorder: Recorder, source: Any, *axes: Any) -> Value:
    """Value with its axes in another order."""
    value = as_value(recorder, source)
    n = value.items.ndim
    if len(axes) == 1 and isinstance(axes[0], (tuple, list)):
        axes = tuple(axes[0])
    order = [int(one) % n for one in axes if one is not None] or list(range(n))[::-1]
    items = value.items.transpose(order)
    if value.axis is None:
        return Value(recorder, items, None, value.frame)
    return Value(recorder, items, order.index(n + value.axis) - n, value.frame)


@registry.method("T", is_property=True)
def transposed(value: Value) -> Value:
    """Value with its axes reversed."""
    return transpose(value.recorder, value)


@registry.function("moveaxis")
def moveaxis(recorder: Recorder, value: Value, source: int, destination: int) -> Value:
    """Value with one axis elsewhere."""
    n = value.items.ndim
    order = [k for k in range(n) if k != source % n]
    order.insert(destination % n, source % n)
    return transpose(recorder, value, order)


@registry.function("swapaxes")
def swapaxes(recorder: Recorder, value: Value, first: int, second: int) -> Value:
    """Value with two axes exchanged."""
    order = list(range(value.items.ndim))
    order[first], order[second] = order[second], order[first]
    return transpose(recorder, value, order)


@registry.function("reshape")
def reshape(recorder: Recorder, value: Value, *shape: Any, **_: Any) -> Value:
    """Value in another shape, which keeps the samples along one axis."""
    wanted = shape[0] if len(shape) == 1 else shape
    lengths = list(wanted) if isinstance(wanted, (tuple, list)) else [wanted]
    if value.axis is None:
        items = value.items.reshape([int(one) for one in lengths])
        return Value(recorder, items, None, value.frame)
    if value.items.size != 1:
        if _is_its_shape(value, lengths):
            return value
        if len(lengths) == 1:
            return ravel(recorder, value)
        raise recorder.refuse(TraceError("reshapes several rows of samples."))
    long = [k for k, one in enumerate(lengths) if not _is_one(one)]
    if len(long) > 1:
        raise recorder.refuse(
            TraceError("lays samples out in rows and columns; give them one by one.")
        )
    place = long[0] if long else len(lengths) - 1
    items = value.items.reshape([1] * len(lengths))
    return Value(recorder, items, place - len(lengths), value.frame)


def _is_its_shape(value: Value, lengths: list[Any]) -> bool:
    """Whether a value has the lengths already, of which one may be -1."""
    if len(lengths) != value.items.ndim or lengths.count(-1) > 1:
        return False
    own = registry.METHODS["shape"](value)
    return all(one in (-1, length) for one, length in zip(lengths, own, strict=True))


def _is_one(length: Any) -> bool:
    return isinstance(length, (int, np.integer)) and length == 1


@registry.function("broadcast_to")
def broadcast_to(recorder: Recorder, value: Value, shape: Any, **_: Any) -> Value:
    """Value repeated to a shape."""
    model = registry.apply(recorder, "zeros", shape)
    result: Value = registry.apply(recorder, "add", model, value)
    return result


@registry.function("broadcast_arrays")
def broadcast_arrays(recorder: Recorder, *values: Any) -> list[Value]:
    """Values repeated to a common shape."""
    total: Any = 0.0
    for value in values:
        total = registry.apply(recorder, "multiply", value, 0.0) + total
    return [registry.apply(recorder, "add", total, value) for value in values]


@registry.function("flip", "flipud")
def flip(recorder: Recorder, value: Value, axis: int = 0) -> Value:
    """Value in reverse order along an axis."""
    key = [slice(None)] * value.items.ndim
    key[axis] = slice(None, None, -1)
    result: Value = value[tuple(key)]
    return result


for _name in ("ravel", "squeeze", "transpose", "reshape", "swapaxes"):
    registry.METHODS[_name] = _forwarded(_name)
registry.METHODS["flatten"] = registry.METHODS["ravel"]
