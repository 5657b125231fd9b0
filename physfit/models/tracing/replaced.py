"""What copies of a function find in place of modules, types and functions.

Only what would ask a traced value for a number, or makes arrays without asking what
they will hold, is replaced; everything else dispatches on the value itself.
"""

from __future__ import annotations

import cmath
import math
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from physfit.models.graph.operation_names import MATH_NAMES
from physfit.models.tracing import registry
from physfit.models.tracing.arrays import array
from physfit.models.tracing.errors import NeedsSample, TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.loops import Count, Vectorized
from physfit.models.tracing.number_types import NumberType, holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["INSTANCES", "OTHERS", "OfArrays", "functions_by_identity"]
__all__ += ["instance_replacement"]

Function = Callable[..., Any]


#: Functions that make arrays, or look into them, and do not dispatch.
_MAKERS = ("array", "asarray", "asanyarray", "ascontiguousarray")


Factory = Callable[[Recorder, Any], Any]


class _Replaced(dict[int, tuple[Any, Any]]):
    """Pairs of an object and its replacement by identity, made when asked for."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.n_modules = 0
        self.factories: dict[int, tuple[Any, Factory]] = {}

    def get(self, key: int, default: Any = None) -> Any:
        """Pair of an object, None where it needs no replacement."""
        if len(sys.modules) != self.n_modules:  # the function may import some
            self.n_modules = len(sys.modules)
            n_loaded = sum(name in sys.modules for name, _ in OTHERS)
            self.factories = _factories(n_loaded)
        if key not in self and key in self.factories:
            original, make = self.factories[key]
            self[key] = (original, make(self.recorder, original))
        return super().get(key, default)


def functions_by_identity(recorder: Recorder) -> dict[int, tuple[Any, Any]]:
    """Replacements by the identity of what they replace, which is kept alive."""
    return _Replaced(recorder)


@lru_cache(maxsize=2)
def _factories(n_loaded: int) -> dict[int, tuple[Any, Factory]]:
    """What makes replacements, of the modules that are loaded."""
    table: list[tuple[Any, Factory]] = []
    for module in (math, cmath):
        for name, function in vars(module).items():
            called = MATH_NAMES.get(name, name)
            if callable(function) and called in registry.FUNCTIONS:
                table.append((function, partial(_of_numbers, called)))
    table += [(getattr(np, name), _maker) for name in _MAKERS]
    table += [
        (getattr(np, name), partial(_filled, number))
        for name, number in (("zeros", 0.0), ("ones", 1.0), ("empty", 0.0))
    ]
    table += [(np.arange, _arange), (np.r_, partial(_joiner, "hstack"))]
    table += [(np.c_, partial(_joiner, "column_stack"))]
    table += [(np.full, _full), (np.isscalar, _is_scalar), (np.vectorize, _vectorize)]
    for name in ("float64", "float32", "complex128", "int64", "int32", "bool_"):
        table.append((getattr(np, name), _number_type))
    for (module_name, name), make in OTHERS.items():
        loaded = sys.modules.get(module_name)
        if loaded is not None and hasattr(loaded, name):
            table.append((getattr(loaded, name), make))
    return {id(original): (original, make) for original, make in table}


def _number_type(recorder: Recorder, real: type) -> NumberType:
    kinds = {"f": "float", "c": "complex", "i": "int", "b": "bool"}
    return NumberType(recorder, real, kinds[np.dtype(real).kind])


#: `(recorder, original) -> replacement` by module and name.
OTHERS: dict[tuple[str, str], Callable[[Recorder, Any], Any]] = {}
#: Functions of numpy that take lists of arrays as such.
_OF_LISTS = {"concatenate", "concat", "hstack", "vstack", "stack", "column_stack"}
_OF_LISTS |= {"row_stack", "dstack", "block", "select", "piecewise", "choose"}


class OfArrays:
    """A function of numpy that also takes lists with traced values."""

    def __init__(self, recorder: Recorder, original: Function) -> None:
        self.recorder = recorder
        self.original = original

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The function of arrays in place of lists."""
        name = self.original.__name__
        if name in _OF_LISTS:
            if any(map(holds, arguments)):
                return registry.apply(self.recorder, name, *arguments, **keywords)
            return self.original(*arguments, **keywords)
        given = [self._array(one) for one in arguments]
        named = {key: self._array(one) for key, one in keywords.items()}
        if named.get("dtype") is not None:
            named["dtype"] = np.dtype(named["dtype"])
        return self.original(*given, **named)

    def _array(self, argument: Any) -> Any:
        if hasattr(argument, "number"):
            return argument.number()
        if isinstance(argument, (list, tuple)) and holds(argument):
            return array(self.recorder, argument)
        return argument

    def __getattr__(self, name: str) -> Any:
        part = getattr(self.original, name)
        return OfArrays(self.recorder, part) if callable(part) else part


#: The same for the instances of classes, by module and name of the class.
INSTANCES: dict[tuple[str, str], Callable[[Recorder, Any], Any]] = {}


def instance_replacement(recorder: Recorder, original: Any) -> Any:
    """Replacement of an object of a library; None where it needs none."""
    for (module_name, name), make in INSTANCES.items():
        loaded = sys.modules.get(module_name)
        if loaded is not None and isinstance(original, getattr(loaded, name)):
            return make(recorder, original)
    return None


def _of_numbers(name: str, recorder: Recorder, original: Function) -> Function:
    """A function of `math` or `cmath` that takes traced scalars."""

    def function(*arguments: Any) -> Any:
        if not any(map(holds, arguments)):
            return original(*arguments)
        if any(isinstance(one, Value) and one.axis is not None for one in arguments):
            raise recorder.refuse(
                NeedsSample(
                    f"needs a single number (`math.{original.__name__}`), but gets one "
                    f"for each sample; use `np.{name}`."
                )
            )
        if getattr(cmath, original.__name__, None) is original:  # complex for any
            arguments = tuple(
                registry.apply(recorder, "to_complex", one) for one in arguments
            )
        return registry.apply(recorder, name, *arguments)

    return function


def _maker(recorder: Recorder, original: Function) -> Function:
    def make(source: Any, *arguments: Any, **keywords: Any) -> Any:
        if holds(source):
            return array(recorder, source, *arguments, **keywords)
        return original(source, *arguments, **keywords)

    return make


def _constants(recorder: Recorder, shape: Any, number: Any, dtype: Any) -> Value:
    """Array of a number that traced values may be put into."""
    entry = registry.apply(recorder, "asarray", number)
    item = (
        entry.items.flat[0]
        if isinstance(entry, Value)
        else recorder.constant(float(number))
    )
    lengths = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    axis, frame = _sample_axis(recorder, lengths)
    if axis is not None:
        lengths[axis] = 1
    lengths = [int(one) for one in lengths]
    items = array_of([item] * math.prod(lengths), tuple(lengths))
    made = Value(recorder, items, axis, frame)
    if dtype is not None and np.dtype(dtype).kind == "c":
        return registry.apply(recorder, "to_complex", made)  # type: ignore[no-any-return]
    return made


def _sample_axis(
    recorder: Recorder, lengths: list[Any]
) -> tuple[int | None, Frame | None]:
    """Which of the lengths is the number of samples."""
    for place, one in enumerate(lengths):
        if isinstance(one, Count):
            return place - len(lengths), one.frame
    if recorder.is_bound:  # somebody asked for it, and may have computed with it
        for place, one in enumerate(lengths):
            if one == recorder.frame.size:
                return place - len(lengths), recorder.frame
    return None, None


def _filled(number: float, recorder: Recorder, original: Function) -> Function:
    def make(shape: Any, dtype: Any = float, *_: Any, **__: Any) -> Any:
        if np.dtype(dtype).kind not in "fc":
            return original(shape, dtype)
        return _constants(recorder, shape, number, dtype)

    return make


def _arange(recorder: Recorder, original: Function) -> Function:
    def arange(*bounds: Any, **options: Any) -> Any:
        return original(
            *(int(b) if isinstance(b, Count) else b for b in bounds), **options
        )

    return arange


class _Joiner:
    """`np.r_` or `np.c_` of traced values."""

    def __init__(self, recorder: Recorder, name: str, original: Any) -> None:
        self.recorder = recorder
        self.name = name
        self.original = original

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(map(holds, parts)):
            return self.original[key]
        if any(isinstance(part, (slice, str)) for part in parts):
            raise self.recorder.refuse(TraceError("joins values and ranges."))
        return registry.apply(self.recorder, self.name, list(parts))


def _joiner(name: str, recorder: Recorder, original: Any) -> _Joiner:
    return _Joiner(recorder, name, original)


def _full(recorder: Recorder, original: Function) -> Function:
    def full(
        shape: Any, fill_value: Any, dtype: Any = float, *_: Any, **__: Any
    ) -> Any:
        return _constants(recorder, shape, fill_value, dtype)

    return full


def _vectorize(recorder: Recorder, original: Any) -> Function:
    def vectorize(function: Function | None = None, **options: Any) -> Any:
        if options.get("signature") is not None:
            raise recorder.refuse(TraceError("has a signature, which is not traced."))
        if function is None:
            return lambda one: Vectorized(recorder, one)
        return Vectorized(recorder, function)

    return vectorize


def _is_scalar(recorder: Recorder, original: Function) -> Function:
    def is_scalar(value: Any) -> bool:
        if isinstance(value, Value):
            return not value.items.ndim and value.axis is None
        return bool(original(value))

    return is_scalar
