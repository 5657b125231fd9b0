"""Types of numbers and builtins that copies of a function find."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.elements import is_logical
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.loops import loop_builtins
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value

__all__ = ["NumberType", "builtins_of", "holds"]

Function = Callable[..., Any]


def holds(argument: Any) -> bool:
    """Whether an argument is a traced value, or a list with one."""
    if isinstance(argument, (list, tuple)):
        return any(map(holds, argument))
    return isinstance(argument, Value)


class NumberType:
    """A type of numbers that traced scalars pass through, such as `float`."""

    def __init__(self, recorder: Recorder, real: type, kind: str) -> None:
        self.recorder = recorder
        self.real = real
        self.kind = kind
        self.dtype = np.dtype(real)
        self.__name__ = real.__name__

    def __call__(self, *arguments: Any) -> Any:
        """A number of this type, or a traced scalar."""
        if not any(map(holds, arguments)):
            return self.real(*arguments)
        if len(arguments) == 2 and self.kind == "complex":
            return arguments[0] + 1j * arguments[1]
        value = as_value(self.recorder, arguments[0])
        if self.kind == "int":
            return int(value)
        if value.items.size != 1:
            raise self.recorder.refuse(
                TraceError(f"makes a number ({self.__name__}) of an array.")
            )
        if self.kind == "bool":
            return bool(value)
        value = Value(self.recorder, value.items.reshape(()), None, value.frame)
        return value.astype(self.dtype)

    def __instancecheck__(self, instance: Any) -> bool:
        if not isinstance(instance, Value):
            return isinstance(instance, self.real)
        is_scalar = instance.items.ndim == 0 and instance.axis is None
        is_bool = is_scalar and is_logical(instance.items.flat[0])
        return is_scalar and self.kind == ("bool" if is_bool else "float")

    def __eq__(self, other: object) -> bool:
        return other is self.real or (
            isinstance(other, NumberType) and other.real is self.real
        )

    def __hash__(self) -> int:
        return hash(self.real)

    def __or__(self, other: Any) -> Any:
        return self.real | (other.real if isinstance(other, NumberType) else other)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def builtins_of(recorder: Recorder) -> dict[str, Any]:
    """Builtins by name, some replaced."""
    numbers = {one: NumberType(recorder, one, one.__name__) for one in _NUMBERS}

    def is_instance(instance: Any, kinds: Any) -> bool:
        if not isinstance(instance, Value):
            return isinstance(instance, _real_types(kinds))
        each = kinds if isinstance(kinds, tuple) else (kinds,)
        return any(_is_of_kind(instance, kind) for kind in each)

    def type_of(*arguments: Any) -> Any:
        if len(arguments) != 1:
            return type(*arguments)
        if isinstance(arguments[0], Value):
            is_array = arguments[0].items.ndim or arguments[0].axis is not None
            return np.ndarray if is_array else numbers[float]
        return numbers.get(type(arguments[0]), type(arguments[0]))

    own: dict[str, Any] = {
        **{one.__name__: replaced for one, replaced in numbers.items()},
        "isinstance": is_instance,
        "type": type_of,
        "divmod": lambda a, b: (
            registry.apply(recorder, "divmod", a, b) if holds([a, b]) else divmod(a, b)
        ),
        "min": _extreme(recorder, "less", min),
        "max": _extreme(recorder, "greater", max),
        "sum": _sum(recorder),
        "pow": lambda *operands: (
            operands[0] ** operands[1] if len(operands) == 2 else pow(*operands)
        ),
        "round": lambda number, *digits: (
            registry.apply(recorder, "round", number, *digits)
            if isinstance(number, Value)
            else round(number, *digits)
        ),
    }
    return {**vars(builtins), **own, **loop_builtins(recorder)}


_NUMBERS: tuple[type, ...] = (float, int, complex, bool)


def _real_types(kinds: Any) -> Any:
    if isinstance(kinds, tuple):
        return tuple(map(_real_types, kinds))
    return kinds.real if isinstance(kinds, NumberType) else kinds


def _is_of_kind(value: Value, kind: Any) -> bool:
    if isinstance(kind, tuple):
        return any(_is_of_kind(value, one) for one in kind)
    if isinstance(kind, NumberType):
        return kind.__instancecheck__(value)
    if value.items.ndim or value.axis is not None:
        return kind in (np.ndarray, object)
    return isinstance(kind, type) and isinstance(np.float64(1.0), kind)


def _extreme(recorder: Recorder, name: str, real: Function) -> Function:
    def extreme(*arguments: Any, **keywords: Any) -> Any:
        each = list(arguments[0]) if len(arguments) == 1 else list(arguments)
        if not holds(each):
            return real(each, **keywords) if each or keywords else real(*arguments)
        if keywords:
            raise recorder.refuse(TraceError(f"gives a key to `{real.__name__}`."))
        result = each[0]
        for one in each[1:]:  # not of NaN, which is neither less nor greater
            is_further = registry.apply(recorder, name, one, result)
            result = registry.apply(recorder, "where", is_further, one, result)
        return result

    return extreme


def _sum(recorder: Recorder) -> Function:
    def total(items: Any, start: Any = 0) -> Any:
        if isinstance(items, Value):
            return registry.apply(recorder, "sum", items, axis=0) + start
        for item in items:
            start = start + item
        return start

    return total
