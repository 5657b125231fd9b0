"""Functions and methods of traced values, by name.

The modules that define them enter them here; values look them up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from physfit.models.tracing.errors import TraceError

if TYPE_CHECKING:
    from physfit.models.tracing.recorder import Recorder

__all__ = ["FUNCTIONS", "METHODS", "PROPERTIES", "apply", "call_function", "call_ufunc"]
__all__ += ["function", "method"]

F = TypeVar("F", bound=Callable[..., Any])

#: `(recorder, *arguments, **keywords)` by numpy's or scipy's name.
FUNCTIONS: dict[str, Callable[..., Any]] = {}
#: `(value, *arguments, **keywords)` by name.
METHODS: dict[str, Callable[..., Any]] = {}
#: Methods that are read without a call.
PROPERTIES: set[str] = set()


def function(*names: str) -> Callable[[F], F]:
    """Enter a function under names."""

    def enter(one: F) -> F:
        FUNCTIONS.update(dict.fromkeys(names, one))
        return one

    return enter


def method(*names: str, is_property: bool = False) -> Callable[[F], F]:
    """Enter a method of values under names."""

    def enter(one: F) -> F:
        METHODS.update(dict.fromkeys(names, one))
        if is_property:
            PROPERTIES.update(names)
        return one

    return enter


def apply(recorder: Recorder, name: str, *arguments: Any, **keywords: Any) -> Any:
    """Result of a function by name.

    Raises
    ------
    TraceError
        When there is none.
    """
    if name not in FUNCTIONS:
        raise recorder.refuse(TraceError(f"calls `{name}`, which graphs do not have."))
    return FUNCTIONS[name](recorder, *arguments, **keywords)


def call_function(
    recorder: Recorder,
    called: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: Mapping[str, Any],
) -> Any:
    """Result of a function of numpy that was given a traced value."""
    if "emath" in called.__module__ or "scimath" in called.__module__:
        arguments = tuple(apply(recorder, "to_complex", one) for one in arguments)
    name = called.__name__
    if name in FUNCTIONS or not _are_known([*arguments, *keywords.values()]):
        return apply(recorder, name, *arguments, **keywords)
    named = {key: _numbers(one) for key, one in keywords.items()}
    return called(*map(_numbers, arguments), **named)


def _are_known(arguments: Sequence[Any]) -> bool:
    """Whether traced arguments follow from the coordinates alone."""
    traced = [one for one in arguments if hasattr(one, "frame")]
    return bool(traced) and all(METHODS["is_known"](one) for one in traced)


def _numbers(argument: Any) -> Any:
    return METHODS["numbers"](argument) if hasattr(argument, "frame") else argument


def call_ufunc(
    recorder: Recorder,
    ufunc: np.ufunc,
    how: str,
    inputs: tuple[Any, ...],
    keywords: Mapping[str, Any],
) -> Any:
    """Result of a ufunc that was given a traced value, or one to write to."""
    name, options = ufunc.__name__, dict(keywords)
    out, where = options.pop("out", None), options.pop("where", True)
    dtype = options.pop("dtype", None)
    for ignored in ("casting", "subok", "order"):
        options.pop(ignored, None)
    if dtype is not None and np.dtype(dtype).kind == "c":
        inputs = tuple(apply(recorder, "to_complex", one) for one in inputs)
    if how == "__call__":
        result = apply(recorder, name, *inputs, **options)
    else:
        result = apply(recorder, how, name, *inputs, **options)
    if out is None:
        return result if where is True else _chosen(recorder, where, result)
    target = out[0] if isinstance(out, tuple) else out
    if where is not True:
        result = apply(recorder, "where", where, result, target)
    target[...] = result
    return target


def _chosen(recorder: Recorder, where: Any, result: Any) -> Any:
    raise recorder.refuse(
        TraceError("leaves entries unset (`where=` without `out=`); use `np.where`.")
    )
