"""Interpolation in tables of constants, and between a few traced points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.elements import Element, number_of
from physfit.models.tracing.elementwise import elementwise
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import INSTANCES, OTHERS
from physfit.models.tracing.samples import is_known, numbers_of
from physfit.models.tracing.value import Value, constants_of

__all__: list[str] = []

Array = NDArray[Any]

#: Traced points that lines may join.
MOST_POINTS = 64


def _looked_up(
    recorder: Recorder, name: str, x: Any, table: Array, *numbers: int
) -> Value:
    """Operation that looks up a table of constants, entry by entry."""
    place = recorder.builder.table(table)

    def function(builder: Builder, element: Element) -> Element:
        number = number_of(element, builder)
        if not isinstance(number, Term):
            raise TraceError("looks up a complex value.")
        return number.apply(name, numbers=(place, *numbers))

    return elementwise(recorder, function, x)


@registry.function("interp")
def interp(
    recorder: Recorder,
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: Any = None,
) -> Any:
    """`np.interp` in constants, or between a few traced points."""
    if period is not None:
        raise recorder.refuse(TraceError("has a period; take `x % period` before."))
    places, heights = _constants(xp), _constants(fp)
    if places is None or heights is None:
        result, places_first, places_last = _between(recorder, x, xp, fp)
    else:
        if places.ndim != 1 or places.shape != heights.shape or not places.size:
            raise ValueError("fp and xp are not of the same length.")
        if np.any(np.diff(places) <= 0.0):
            raise recorder.refuse(TraceError("needs places in growing order."))
        result = _looked_up(recorder, "line", x, np.concatenate([places, heights]))
        places_first, places_last = places[0], places[-1]
    for side, edge, name in (
        (left, places_first, "less"),
        (right, places_last, "greater"),
    ):
        if side is not None:
            outside = registry.apply(recorder, name, x, edge)
            result = registry.apply(recorder, "where", outside, side, result)
    return result


def _constants(numbers: Any) -> Array | None:
    if isinstance(numbers, Value):
        known = constants_of(numbers)
        return numbers_of(numbers) if known is None and is_known(numbers) else known
    if holds(numbers):
        return None
    return np.asarray(numbers, dtype=np.float64)


def _between(recorder: Recorder, x: Any, xp: Any, fp: Any) -> tuple[Any, Any, Any]:
    """Lines between points of which some depend on parameters."""
    places, heights = as_value(recorder, xp), as_value(recorder, fp)
    if places.axis is not None or heights.axis is not None:
        raise recorder.refuse(
            TraceError("interpolates between samples, which is not done one by one.")
        )
    n = places.items.size
    if n > MOST_POINTS:
        raise recorder.refuse(
            TraceError(f"joins more than {MOST_POINTS} traced points.")
        )
    at = list(places)
    height = list(heights)
    result: Any = height[-1]
    for k in reversed(range(n - 1)):
        slope = (height[k + 1] - height[k]) / (at[k + 1] - at[k])
        line = slope * (x - at[k]) + height[k]
        below = registry.apply(recorder, "less", x, at[k + 1])
        result = registry.apply(recorder, "where", below, line, result)
    below = registry.apply(recorder, "less", x, at[0])
    return registry.apply(recorder, "where", below, height[0], result), at[0], at[-1]


def _piecewise(recorder: Recorder, original: Any) -> Callable[..., Any]:
    """A spline of scipy as a polynomial by piece."""

    def call(x: Any, *arguments: Any, **options: Any) -> Any:
        if not holds(x):
            return original(x, *arguments, **options)
        order = arguments[0] if arguments else options.pop("nu", 0)
        return _spline_at(recorder, original, x, int(order))

    return call


def _spline_at(recorder: Recorder, spline: Any, x: Any, order: int) -> Any:
    from scipy.interpolate import PPoly

    pieces = spline if isinstance(spline, PPoly) else PPoly.from_spline(_knots(spline))
    if order:
        pieces = pieces.derivative(order)
    if pieces.c.ndim != 2:
        raise recorder.refuse(TraceError("has several values at each place."))
    ends = np.flatnonzero(np.diff(pieces.x) > 0.0)  # without pieces of length 0
    places = np.append(pieces.x[ends], pieces.x[-1])
    table = np.concatenate([places, pieces.c[:, ends].T.ravel()])
    result = _looked_up(recorder, "spline", x, table, pieces.c.shape[0])
    if getattr(spline, "extrapolate", True) is False:
        outside = (x < places[0]) | (x > places[-1])
        result = registry.apply(recorder, "where", outside, np.nan, result)
    return result


def _knots(spline: Any) -> Any:
    return spline._eval_args if hasattr(spline, "_eval_args") else spline


def _interp1d(recorder: Recorder, original: Any) -> Callable[..., Any]:
    """`interp1d` of lines or splines of constants."""

    def call(x: Any) -> Any:
        if not holds(x):
            return original(x)
        places, heights = np.asarray(original.x), np.asarray(original.y)
        if original._kind == "linear":
            result = _looked_up(recorder, "line", x, np.concatenate([places, heights]))
        elif hasattr(original, "_spline"):
            own = original._spline
            flat = type(own)(own.t, np.ravel(own.c), own.k)
            result = _spline_at(recorder, flat, x, 0)
        else:
            raise recorder.refuse(TraceError(f"interpolates by {original._kind!r}."))
        return _outside(recorder, original, x, result, (places, heights))

    return call


def _outside(
    recorder: Recorder, original: Any, x: Any, result: Any, points: tuple[Array, Array]
) -> Any:
    """What `interp1d` gives beyond its points."""
    places, heights = points
    fill = original.fill_value
    is_line = original._kind == "linear"
    if isinstance(fill, str):  # extrapolated
        ends = ((0, 1, "less"), (-1, -2, "greater")) if is_line else ()
        for own, other, name in ends:
            slope = (heights[other] - heights[own]) / (places[other] - places[own])
            line = (x - places[own]) * slope + heights[own]
            outside = registry.apply(recorder, name, x, places[own])
            result = registry.apply(recorder, "where", outside, line, result)
        return result
    low, high = fill if isinstance(fill, tuple) else (fill, fill)
    for own, name, number in ((0, "less", low), (-1, "greater", high)):
        outside = registry.apply(recorder, name, x, places[own])
        result = registry.apply(recorder, "where", outside, float(number), result)
    return result


def _splev(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
        if not holds(x):
            return original(x, tck, der, ext)
        from scipy.interpolate import BSpline

        if ext not in (0, 3):
            raise recorder.refuse(TraceError(f"has `ext={ext}`."))
        spline = tck if isinstance(tck, BSpline) else BSpline(*tck)
        if ext == 3:
            edges = spline.t[[spline.k, -spline.k - 1]]
            x = registry.apply(recorder, "clip", x, *map(float, edges))
        return _spline_at(recorder, spline, x, der)

    return splev


OTHERS["scipy.interpolate", "splev"] = _splev
for _name in ("PPoly", "BSpline", "UnivariateSpline"):
    INSTANCES["scipy.interpolate", _name] = _piecewise
INSTANCES["scipy.interpolate", "interp1d"] = _interp1d
