"""Functions of numpy that run along an axis of constants: sums so far, integrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import OTHERS
from physfit.models.tracing.value import Value, constants_of

__all__: list[str] = []


def _first(recorder: Recorder, source: Any, axis: int | None) -> tuple[Value, int]:
    """A value with the axis that is run along in front, and its place."""
    value = as_value(recorder, source)
    if axis is None:
        value, axis = registry.apply(recorder, "ravel", value), 0
    place = axis % value.items.ndim
    if value.axis == place - value.items.ndim:
        raise recorder.refuse(
            TraceError("runs from sample to sample, which is not done one by one.")
        )
    return registry.apply(recorder, "moveaxis", value, place, 0), place


def _running(name: str) -> Callable[..., Any]:
    def function(
        recorder: Recorder, source: Any, axis: int | None = None, *_: Any, **__: Any
    ) -> Any:
        rows, place = _first(recorder, source, axis)
        made: list[Any] = []
        for row in rows:
            made.append(registry.apply(recorder, name, made[-1], row) if made else row)
        stacked = registry.apply(recorder, "array", made)
        return registry.apply(recorder, "moveaxis", stacked, 0, place)

    return function


registry.FUNCTIONS["cumsum"] = _running("add")
registry.FUNCTIONS["cumprod"] = _running("multiply")


@registry.function("accumulate")
def accumulate(recorder: Recorder, name: str, source: Any, axis: int = 0) -> Any:
    """`ufunc.accumulate`."""
    return _running(name)(recorder, source, axis)


@registry.function("reduce")
def reduce(recorder: Recorder, name: str, source: Any, axis: Any = 0, **_: Any) -> Any:
    """`ufunc.reduce` of those that have a name of their own."""
    names = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
    names |= {"logical_or": "any", "logical_and": "all"}
    if name not in names:
        raise recorder.refuse(TraceError(f"reduces by `{name}`."))
    return registry.apply(recorder, names[name], source, axis=axis)


@registry.function("diff")
def diff(recorder: Recorder, source: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours; of samples too."""
    value = as_value(recorder, source)
    for _round in range(n):
        key = [slice(None)] * value.items.ndim
        ahead, behind = list(key), list(key)
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        value = value[tuple(ahead)] - value[tuple(behind)]
    return value


def _integral(original: Callable[..., Any]) -> Callable[..., Any]:
    """An integral of tabulated values as a sum with weights."""

    def function(
        recorder: Recorder, y: Any, x: Any = None, dx: float = 1.0, axis: int = -1
    ) -> Any:
        rows, _ = _first(recorder, y, axis)
        n = rows.items.shape[0]
        at = constants_of(x) if isinstance(x, Value) else x
        if holds(x) and at is None:
            return _by_trapezoids(recorder, rows, x)
        places = dx * np.arange(n) if at is None else np.ravel(at)
        weights = original(np.eye(n), x=places, axis=-1)
        shape = (n,) + (1,) * (rows.items.ndim - 1)
        weighted = registry.apply(recorder, "multiply", rows, weights.reshape(shape))
        return registry.apply(recorder, "sum", weighted, axis=0)

    return function


def _by_trapezoids(recorder: Recorder, rows: Value, x: Any) -> Any:
    places = list(as_value(recorder, x))
    values = list(rows)
    terms = [
        (values[k] + values[k + 1]) * (places[k + 1] - places[k]) * 0.5
        for k in range(len(values) - 1)
    ]
    return registry.apply(recorder, "sum", terms, axis=0)


def _replacement(
    recorder: Recorder, original: Callable[..., Any]
) -> Callable[..., Any]:
    def function(y: Any, *arguments: Any, **keywords: Any) -> Any:
        if not holds([y, *arguments, *keywords.values()]):
            return original(y, *arguments, **keywords)
        return _integral(original)(recorder, y, *arguments, **keywords)

    return function


for _module, _name in (
    ("numpy", "trapezoid"),
    ("numpy", "trapz"),
    ("scipy.integrate", "trapezoid"),
    ("scipy.integrate", "simpson"),
):
    OTHERS[_module, _name] = _replacement


def _logsumexp(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    def logsumexp(a: Any, axis: Any = None, **options: Any) -> Any:
        if not holds(a):
            return original(a, axis=axis, **options)
        if options:
            raise recorder.refuse(TraceError("has options that are not traced."))
        value = as_value(recorder, a)
        largest = registry.apply(recorder, "max", value, axis=axis, keepdims=True)
        exponentials = registry.apply(recorder, "exp", value - largest)
        total = registry.apply(recorder, "sum", exponentials, axis=axis)
        top = registry.apply(recorder, "max", value, axis=axis)
        return registry.apply(recorder, "log", total) + top

    return logsumexp


OTHERS["scipy.special", "logsumexp"] = _logsumexp


@registry.function("linspace")
def linspace(
    recorder: Recorder,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    **_: Any,
) -> Any:
    """`np.linspace` between traced ends."""
    n = int(num)
    parts = np.arange(n) / max(n - 1 if endpoint else n, 1)
    made = registry.apply(recorder, "multiply", stop - start, parts) + start
    return made if dtype is None else made.astype(dtype)


@registry.function("meshgrid")
def meshgrid(
    recorder: Recorder, *axes: Any, indexing: str = "xy", **_: Any
) -> list[Any]:
    """`np.meshgrid` of two axes, of which one may be of samples."""
    if len(axes) != 2:
        raise recorder.refuse(TraceError("makes a grid of other than two axes."))
    first, second = (as_value(recorder, one) for one in axes)
    if indexing == "xy":
        first, second = first[None, :], second[:, None]
    else:
        first, second = first[:, None], second[None, :]
    return [first + second * 0.0, second + first * 0.0]
