"""What a function reads beside its arguments, as a value that can be compared.

Two states are equal when the function and all that it reads are as they were: its code,
defaults, globals, closure cells, the attributes of objects it belongs to, and the same
of the functions that it calls. What cannot be looked into differs from everything.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from operator import is_
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.models.names_read import names_read

__all__ = ["Identity", "arrays_read", "code_of", "identity_of", "state_of"]

_MISSING = object()

#: Values that are what they say.
_PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))
#: Of classes that a statement made, even one without a module.
_HEAP_TYPE = 1 << 9
#: Where methods, partials, numpy's and numba's functions keep what they call.
_INNER = ("__func__", "func", "pyfunc", "py_func")
#: How deep attributes of objects are looked into, and how many entries a list may have.
_DEEPEST, _MOST = 6, 100_000
_LIBRARIES = tuple(map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))


def state_of(function: Callable[..., Any]) -> Any:
    """State of a function: equal to another where nothing has changed."""
    return _value(function, 0, {})


class Identity(NamedTuple):
    """What a function reads, where all of it is of kinds that never change."""

    names: tuple[str, ...]
    values: list[Any]
    cells: list[Any]
    defaults: Any

    def is_that_of(self, function: Any) -> bool:
        """Whether a function of the same code reads the very same objects.

        False says nothing: other objects may be equal.
        """
        if type(function) is not FunctionType:
            return False
        if function.__defaults__ is not self.defaults or function.__kwdefaults__:
            return False
        known = function.__globals__
        for name, value in zip(self.names, self.values, strict=True):
            if known.get(name, _MISSING) is not value:
                return False
        if function.__closure__ is None:
            return not self.cells
        found = [cell.cell_contents for cell in function.__closure__]
        return all(map(is_, found, self.cells))


def identity_of(function: Any) -> Identity | None:
    """Identity of a function; None where it may read what changes in place."""
    if type(function) is not FunctionType or function.__kwdefaults__:
        return None
    known, names = function.__globals__, [name for name, _ in _reads(function.__code__)]
    values = [known.get(name, _MISSING) for name in names]
    try:
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:  # empty
        return None
    if not all(map(_is_constant, [*values, *cells, *(function.__defaults__ or ())])):
        return None
    return Identity(tuple(names), values, cells, function.__defaults__)


def _is_constant(value: Any) -> bool:
    """Whether an object never changes: a number, or something of a library."""
    kind = type(value)
    if kind in _PLAIN or kind in (np.ufunc, BuiltinFunctionType) or value is _MISSING:
        return True
    if kind is ModuleType:
        return _is_of_library(value.__name__)
    is_code = kind is FunctionType or isinstance(value, type)
    home = sys.modules.get(getattr(value, "__module__", None) or "")
    if not is_code or home is None or not _is_of_library(home.__name__):
        return False
    return kind is not FunctionType or home.__dict__ is value.__globals__


def arrays_read(function: Any) -> list[NDArray[Any]]:
    """Arrays of numbers that a function reads as globals or from its closure."""
    if not isinstance(function, FunctionType):
        return []
    known, names = function.__globals__, names_read(function.__code__)
    values = [known[name] for name in names if name in known]
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # empty
            values.append(cell.cell_contents)
    return [
        one
        for one in values
        if isinstance(one, np.ndarray) and one.dtype.kind in "fiub"
    ]


def code_of(function: Any) -> CodeType | None:
    """The code that a function runs, by which it is found; None if there is none."""
    for _ in range(_DEEPEST):
        if isinstance(function, FunctionType):
            return function.__code__
        inner = (getattr(function, name, None) for name in _INNER)
        called = type(function).__dict__.get("__call__")
        function = next((one for one in inner if one is not None), called)
    return None


class _Unknown:
    """The state of what cannot be looked into: equal to nothing, not even itself."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False


class _Same:
    """The state of what counts by its identity, kept alive."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    __hash__ = None  # type: ignore[assignment]


def _value(value: Any, depth: int, seen: dict[int, int]) -> Any:
    """State of a value that is read."""
    kind = type(value)
    if kind in _PLAIN:
        return (kind, value) if value == value else (kind, "nan")
    if id(value) in seen:
        return ("seen", seen[id(value)])
    if kind in (ModuleType, BuiltinFunctionType, np.ufunc):
        return _Same(value)
    if depth > _DEEPEST:
        return _Unknown()
    seen[id(value)] = len(seen)
    if kind is FunctionType:
        return _of_function(value, depth, seen)
    if isinstance(value, np.ndarray | np.generic):
        return _of_array(value)
    if isinstance(value, Mapping):
        return (kind, _values([*value.keys(), *value.values()], depth, seen))
    if isinstance(value, list | tuple | set | frozenset):
        return (kind, _values(list(value), depth, seen))
    if isinstance(value, type):
        return _of_class(value, depth, seen)
    if kind is MethodType:
        return (
            _value(value.__func__, depth, seen),
            _value(value.__self__, depth + 1, seen),
        )
    if isinstance(value, partial):
        parts = [value.func, value.args, value.keywords]
        return (kind, _values(parts, depth, seen))
    return _of_object(value, depth, seen)


def _values(values: list[Any], depth: int, seen: dict[int, int]) -> Any:
    if len(values) > _MOST:
        return _Unknown()
    return [_value(one, depth + 1, seen) for one in values]


def _of_array(value: Any) -> Any:
    if value.dtype.hasobject:
        return _Unknown()
    return (value.dtype.str, value.shape, value.tobytes())


def _of_object(value: Any, depth: int, seen: dict[int, int]) -> Any:
    """State of an object by its attributes."""
    kind = type(value)
    inner = getattr(value, "py_func", None)  # of numba
    if isinstance(inner, FunctionType):
        return (kind, _value(inner, depth, seen))
    attributes = getattr(value, "__dict__", None)
    if not isinstance(attributes, dict):
        return _Same(value) if _is_of_library(kind.__module__) else _Unknown()
    states = _values([*attributes.values()], depth, seen)
    return ([*attributes], states, _value(kind, depth, seen))


def _of_class(kind: type, depth: int, seen: dict[int, int]) -> Any:
    """State of a class by its methods and the values that stand in it."""
    states: list[Any] = [_Same(kind)]
    for base in kind.__mro__:
        is_made = bool(base.__flags__ & _HEAP_TYPE) and base.__module__ == "builtins"
        if _is_of_library(base.__module__) and not is_made:
            continue
        for name, value in base.__dict__.items():
            if isinstance(value, staticmethod | classmethod):
                value = value.__func__
            elif isinstance(value, property):
                value = value.fget
            if isinstance(value, FunctionType) or not name.startswith("__"):
                states.append(_value(value, depth + 1, seen))
    return states


def _of_function(function: FunctionType, depth: int, seen: dict[int, int]) -> Any:
    home = sys.modules.get(function.__module__ or "")
    is_there = home is not None and home.__dict__ is function.__globals__
    if is_there and _is_of_library(function.__module__):
        return _Same(function)
    code, names = function.__code__, function.__globals__
    states: list[Any] = [_Same(code)]
    for name, attributes in _reads(code):
        if name in names:
            value = names[name]
            states.append(_value(value, depth, seen))
            if type(value) is ModuleType and not _is_of_library(value.__name__):
                states += [
                    _value(value.__dict__[own], depth + 1, seen)
                    for own in attributes
                    if own in value.__dict__
                ]
    for cell in function.__closure__ or ():
        try:
            states.append(_value(cell.cell_contents, depth, seen))
        except ValueError:  # empty
            states.append(None)
    for defaults in (function.__defaults__, function.__kwdefaults__):
        if defaults:
            states.append(_value(defaults, depth, seen))
    return states


@lru_cache(maxsize=4096)
def _reads(code: CodeType) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names that may be globals, each with those that may be attributes of it."""
    names = names_read(code)
    return tuple((name, names) for name in names)


@lru_cache(maxsize=4096)
def _is_of_library(name: str | None) -> bool:
    """Whether a module is one that scripts do not change."""
    if name is None:
        return False
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names and top != "__main__":
        return True
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and file.startswith(_LIBRARIES)
