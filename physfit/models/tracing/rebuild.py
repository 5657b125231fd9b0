"""Copies of functions, whose globals and closure cells hold replacements.

Helpers, methods, partial functions and what decorators wrap are copied with them.
Modules of the caller are left as they are: copies read, and write, dictionaries of
their own.
"""

from __future__ import annotations

import functools
import sys
from abc import ABC, ABCMeta
from collections.abc import Callable
from enum import Enum
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

import numpy as np

from physfit.models.names_read import names_read

__all__ = ["Rebuilder", "Replacements", "is_library"]

_WRAPPERS = (staticmethod, classmethod)
#: Containers up to this length are searched for functions.
MOST_ENTRIES = 64


def is_library(module: str | None) -> bool:
    """Whether a module is numpy, scipy or of the standard library: never copied."""
    root = (module or "").partition(".")[0]
    if root in ("__main__", "__mp_main__"):
        return False
    return root in _LIBRARIES or root in sys.stdlib_module_names


_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "matplotlib", "pandas", "h5py")


class ModuleCopy:
    """A module, its attributes replaced as they are read."""

    def __init__(self, rebuilder: Rebuilder, module: ModuleType) -> None:
        self.__dict__["_rebuilder"] = rebuilder
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        return self._rebuilder.replaced(getattr(self._module, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value


class Replacements(NamedTuple):
    """What copies find in place of what the originals use.

    Attributes
    ----------
    functions : dict
        Pairs of an object and its replacement, by the identity of the first.
    builtins : dict
        By name.
    vectorized : callable
        What stands for `np.vectorize` of a function.
    instance : callable
        What stands for an object of a library; None where it stays.
    of_arrays : callable or None
        What stands for a function of numpy, where it is to take lists of values.
    """

    functions: dict[int, tuple[Any, Any]]
    builtins: dict[str, Any]
    vectorized: Callable[[Any], Any]
    instance: Callable[[Any], Any]
    of_arrays: Callable[[Any], Any] | None = None


class Rebuilder:
    """Makes copies of functions; equal originals have the same copy."""

    def __init__(self, replacements: Replacements) -> None:
        self.replacements = replacements
        self._done = replacements.functions
        self._globals: dict[int, dict[str, Any]] = {}
        self._builtins = replacements.builtins
        self._builtins["__import__"] = self._import
        for name, function in self._builtins.items():
            original = getattr(__import__("builtins"), name, None)
            if original is not None and original is not function:
                self._done[id(original)] = (original, function)

    def replaced(self, original: Any) -> Any:
        """Replacement of an object, itself where nothing in it needs one."""
        done = self._done.get(id(original))
        if done is not None:
            return done[1]
        make = self._maker(original)
        if make is None:
            return original
        self._done[id(original)] = (original, original)  # while under way
        self._done[id(original)] = (original, make(original))
        return self._done[id(original)][1]

    def _maker(self, original: Any) -> Callable[[Any], Any] | None:
        if isinstance(original, np.vectorize):
            return self._vectorized
        if isinstance(original, (np.ufunc, type(np.sum))):
            return self.replacements.of_arrays
        if isinstance(original, (int, float, str, bytes, np.ndarray)):
            return None
        if isinstance(original, FunctionType):
            return None if is_library(original.__module__) else self.copy_of
        for kind, make in (
            (MethodType, self._method),
            (ModuleType, self._module),
            (functools.partial, self._partial),
            (list, self._sequence),
            (tuple, self._sequence),
            (dict, self._mapping),
        ):
            if type(original) is kind or (
                kind is ModuleType and isinstance(original, kind)
            ):
                return make
        if isinstance(original, type):
            return self._class if _is_plain_class(original) else None
        if isinstance(original, BuiltinFunctionType):
            return None
        inner = _inner_function(original)
        if inner is not None:
            return lambda _: self.replaced(inner)
        if is_library(type(original).__module__):
            made = self.replacements.instance(original)
            return None if made is None else lambda _: made
        if is_library(getattr(original, "__module__", None)):
            return None
        return self._instance if _is_plain_instance(original) else None

    def copy_of(self, original: FunctionType) -> FunctionType:
        """Copy of a function, of a library too."""
        copy = FunctionType(
            original.__code__,
            self._globals_of(original),
            original.__name__,
            None,
            tuple(CellType() for _ in original.__closure__ or ()),
        )
        copy.__dict__.update(original.__dict__)
        copy.__qualname__ = original.__qualname__
        self._done[id(original)] = (original, copy)
        if original.__defaults__:
            copy.__defaults__ = tuple(map(self.replaced, original.__defaults__))
        if original.__kwdefaults__:
            copy.__kwdefaults__ = {
                name: self.replaced(one)
                for name, one in original.__kwdefaults__.items()
            }
        names, cells = original.__code__.co_freevars, original.__closure__ or ()
        for name, own, cell in zip(names, copy.__closure__ or (), cells, strict=True):
            try:
                held = cell.cell_contents
            except ValueError:  # empty: the function refers to itself before it is made
                continue
            # `super()` looks from the class of the original on
            own.cell_contents = held if name == "__class__" else self.replaced(held)
        return copy

    def _globals_of(self, original: FunctionType) -> dict[str, Any]:
        shared = original.__globals__
        if id(shared) not in self._globals:
            self._globals[id(shared)] = {**shared, "__builtins__": self._builtins}
        copy = self._globals[id(shared)]
        for name in names_read(original.__code__):
            if name in shared and copy.get(name) is shared[name]:
                copy[name] = self.replaced(shared[name])
        return copy

    def _vectorized(self, original: np.vectorize) -> Any:
        return self.replacements.vectorized(self.replaced(original.pyfunc))

    def _method(self, original: MethodType) -> Any:
        owner = self.replaced(original.__self__)
        if isinstance(owner, type):
            return MethodType(self.replaced(original.__func__), owner)
        function = self.replaced(original.__func__)
        return MethodType(function, owner)

    def _module(self, original: ModuleType) -> ModuleCopy:
        return ModuleCopy(self, original)

    def _partial(self, original: functools.partial[Any]) -> functools.partial[Any]:
        return functools.partial(
            self.replaced(original.func),
            *map(self.replaced, original.args),
            **{name: self.replaced(one) for name, one in original.keywords.items()},
        )

    def _sequence(self, original: Any) -> Any:
        if len(original) > MOST_ENTRIES:
            return original
        return type(original)([self.replaced(one) for one in original])

    def _mapping(self, original: dict[Any, Any]) -> dict[Any, Any]:
        if len(original) > MOST_ENTRIES:
            return original
        return {key: self.replaced(one) for key, one in original.items()}

    def _class(self, original: Any) -> Any:
        """Class of the caller below the original, with copies of all its methods."""
        try:
            made = type(original)(original.__name__, (original,), {"__slots__": ()})
        except TypeError:
            return original
        self._done[id(original)] = (original, made)
        for base in reversed(original.__mro__):
            if is_library(base.__module__):
                continue
            for name, entry in vars(base).items():
                if isinstance(entry, (FunctionType, property, *_WRAPPERS)):
                    setattr(made, name, self._class_entry(entry))
        return made

    def _instance(self, original: Any) -> Any:
        """Shallow copy of an object of the caller, with copies of its methods."""
        try:
            copy = object.__new__(self._class_of(type(original)))
        except TypeError:
            return original
        self._done[id(original)] = (original, copy)
        copy.__dict__.update(
            {name: self.replaced(one) for name, one in vars(original).items()}
        )
        return copy

    def _class_of(self, kind: type) -> Any:
        if _is_plain_class(kind):
            return self.replaced(kind)
        return self._class(kind)

    def _class_entry(self, entry: Any) -> Any:
        if isinstance(entry, property):
            parts = (entry.fget, entry.fset, entry.fdel)
            return property(*map(self.replaced, parts))
        if isinstance(entry, _WRAPPERS):
            return type(entry)(self.replaced(entry.__func__))
        return self.replaced(entry)

    def _import(self, name: str, *arguments: Any) -> Any:
        return self.replaced(__import__(name, *arguments))


def _inner_function(original: Any) -> FunctionType | None:
    """Python function of a compiled or cached one (numba, `lru_cache`)."""
    for name in ("py_func", "__wrapped__"):
        inner = getattr(original, name, None)
        if isinstance(inner, FunctionType) and not is_library(inner.__module__):
            return inner
    return None


def _is_plain_class(kind: type) -> bool:
    """Whether a class is the caller's own, down to `object`."""
    bases = [base for base in kind.__mro__ if is_library(base.__module__)]
    is_own = all(base in (object, ABC) for base in bases)
    return is_own and type(kind) in (type, ABCMeta) and not is_library(kind.__module__)


def _is_plain_instance(original: Any) -> bool:
    kind = type(original)
    if is_library(kind.__module__) or isinstance(original, Enum):
        return False
    return hasattr(original, "__dict__")
