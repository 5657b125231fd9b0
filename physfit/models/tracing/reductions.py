"""Sums and other reductions of traced values over axes that are not of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.elements import (
    Pair,
    assumed,
    is_logical,
    number_of,
    pair_of,
)
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.folding import FEWEST_TERMS, folded_sum
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.samples import depends_on_parameters, is_known, numbers_of
from physfit.models.tracing.value import Value, array_of

__all__: list[str] = []


def _reduced(recorder: Recorder, name: str, value: Value, axis: int) -> Value:
    """Reduction over one axis that is not of samples."""
    rows = np.moveaxis(value.items, axis, 0)
    own = None if value.axis is None else value.axis + (1 if axis > value.axis else 0)
    if name == "add" and len(rows) >= FEWEST_TERMS:
        return Value(recorder, _folded(rows), own, value.frame)
    result: Any = None
    for row in rows:
        items = row if isinstance(row, np.ndarray) else array_of([row], ())
        term = Value(recorder, items, own, value.frame)
        result = (
            term if result is None else registry.apply(recorder, name, result, term)
        )
    if result is None:
        raise recorder.refuse(TraceError("reduces an axis without entries."))
    return result  # type: ignore[no-any-return]


def _folded(rows: NDArray[Any]) -> NDArray[Any]:
    """Sums of entries along the first axis, each as loops where that is shorter."""
    columns = rows.reshape(len(rows), -1).T
    items = [_folded_column(list(column)) for column in columns]
    return array_of(items, rows.shape[1:])


def _folded_column(column: list[Any]) -> Any:
    builder = next((one.builder for one in column if isinstance(one, Term)), None)
    if builder is None:
        builder = next(one.re.builder for one in column if isinstance(one, Pair))
    numbers = [number_of(one, builder) for one in column]
    if not any(isinstance(one, Pair) for one in numbers):
        return folded_sum(numbers)  # type: ignore[arg-type]
    pairs = [pair_of(one, builder) for one in numbers]
    return Pair(folded_sum([z.re for z in pairs]), folded_sum([z.im for z in pairs]))


def _over(
    name: str, of_numbers: Callable[..., Any]
) -> Callable[[Recorder, Any, Any, bool], Any]:
    def reduction(
        recorder: Recorder, source: Any, axis: Any = None, keepdims: bool = False
    ) -> Any:
        value = as_value(recorder, source)
        n = value.items.ndim
        axes = range(n) if axis is None else np.atleast_1d(axis)
        places = sorted({int(one) % n - n for one in axes})
        if value.axis in places:
            return _of_samples(recorder, name, value, axis, of_numbers)
        for place in places:  # counted from the last, so that those behind stay
            value = _reduced(recorder, name, value, place)
            if keepdims:
                value = Value(
                    recorder,
                    np.expand_dims(value.items, place),
                    _behind(value.axis, place),
                    value.frame,
                )
            else:
                places = [one + 1 if one < place else one for one in places]
        return value

    return reduction


def _behind(axis: int | None, place: int) -> int | None:
    return axis if axis is None or axis > place else axis - 1


def _assumed(value: Value) -> bool | None:
    """Whether all values are finite, or one is not: they are taken to be."""
    item = value.items.flat[0] if value.items.size == 1 else None
    return assumed(item) if isinstance(item, Term) and is_logical(item) else None


def _of_samples(
    recorder: Recorder,
    name: str,
    value: Value,
    axis: Any,
    of_numbers: Callable[..., Any],
) -> Any:
    """A reduction over samples, of what does not depend on parameters: a number."""
    if name in ("logical_or", "logical_and"):
        answer = _assumed(value)
        if answer is not None:
            return answer
    if depends_on_parameters(value) or (value.frame and value.frame.mask is not None):
        raise recorder.refuse(
            TraceError(
                "joins the samples to one number that depends on parameters, which is "
                "not done sample by sample."
            )
        )
    recorder.needs_grid("a sum over samples")
    return as_value(recorder, of_numbers(numbers_of(value), axis=axis))


for _name, _function, _numpy in (
    ("sum", "add", np.sum),
    ("prod", "multiply", np.prod),
    ("max", "maximum", np.max),
    ("min", "minimum", np.min),
    ("amax", "maximum", np.max),
    ("amin", "minimum", np.min),
    ("nansum", "add", np.nansum),
    ("nanmax", "fmax", np.nanmax),
    ("nanmin", "fmin", np.nanmin),
    ("any", "logical_or", np.any),
    ("all", "logical_and", np.all),
):
    registry.FUNCTIONS[_name] = _over(_function, _numpy)


@registry.function("mean", "average")
def mean(
    recorder: Recorder, source: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    """Mean over axes."""
    value = as_value(recorder, source)
    if value.axis is not None and axis is None:
        total = registry.apply(recorder, "sum", value)
        return total / registry.METHODS["size"](value)
    axes = range(value.items.ndim) if axis is None else np.atleast_1d(axis)
    count = np.prod([value.items.shape[int(one)] for one in axes])
    total = registry.apply(recorder, "sum", value, axis=axis, keepdims=keepdims)
    return total / float(count)


@registry.function("var")
def var(recorder: Recorder, source: Any, axis: Any = None, ddof: int = 0) -> Any:
    """Variance over axes."""
    value = as_value(recorder, source)
    if value.axis is not None and axis is None and is_known(value):
        return as_value(recorder, np.var(numbers_of(value), ddof=ddof))
    if ddof:
        raise recorder.refuse(TraceError("takes degrees of freedom off a variance."))
    middle = mean(recorder, value, axis=axis, keepdims=True)
    size = registry.apply(recorder, "absolute", value - middle)
    return mean(recorder, size * size, axis=axis)


@registry.function("std")
def std(recorder: Recorder, source: Any, axis: Any = None, ddof: int = 0) -> Any:
    """Standard deviation over axes."""
    return registry.apply(recorder, "sqrt", var(recorder, source, axis, ddof))


def _forwarded(name: str) -> Callable[..., Any]:
    def method(value: Value, *arguments: Any, **keywords: Any) -> Any:
        called = getattr(np, name)
        given = (value, *arguments)
        return registry.call_function(value.recorder, called, given, keywords)

    return method


_METHODS = ["sum", "prod", "max", "min", "any", "all", "mean", "std", "var", "clip"]
_METHODS += ["round", "dot", "ptp", "cumsum", "cumprod", "trace", "argmax", "argmin"]
for _name in _METHODS:
    registry.METHODS[_name] = _forwarded(_name)
