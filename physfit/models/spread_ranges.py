"""What the parameters of a model are spread over in a search for start values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.engine.guesses import spread_ranges as kinds
from physfit.engine.guesses.spread_ranges import Scales
from physfit.models.graph.reaches import Reach, reaches
from physfit.models.tree import leaves
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model
    from physfit.models.param import Param

__all__ = ["Interval", "intervals_of", "scales_of"]

_UNITS = {"x": kinds.OF_X, "1/x": kinds.PER_X, "y": kinds.OF_Y}
#: Units that have no y in them.
_OF_X = ("x", "1/x")
_TURN = 2.0 * math.pi


class Interval(NamedTuple):
    """What a parameter is spread over: the fields of `guesses.spread_ranges.Range`."""

    place: int
    kind: int
    unit: int
    low: float
    high: float
    edge: float = 0.0
    power: float = 0.0
    table: int = kinds.NOWHERE
    first: float = 0.0
    last: float = 0.0
    has_signs: bool = False


def intervals_of(model: Model, x: FloatArray) -> list[Interval]:
    """What each free parameter is spread over.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
        Coordinates of a curve, or of some rows, all finite.
    """
    reached = dict[str, Reach]()
    for leaf in leaves(model.tree):
        graph = leaf.declaration.graph
        if graph is not None:
            for k, reach in reaches(graph, x).items():
                reached[leaf.prefix + graph.parameters[k]] = reach
    is_real = model.n_outputs == 1
    params = [model.parameters[name] for name in model.free_names]
    return [
        _limited(_interval(own, place, reached.get(own.name), is_real), own, x)
        for place, own in enumerate(params)
    ]


def _interval(param: Param, place: int, reach: Reach | None, is_real: bool) -> Interval:
    """What a place in a formula or a unit says, bounds left aside."""
    if reach is None or (reach.is_size and reach.power and param.unit in _OF_X):
        return _by_unit(param, place)  # which knows that it does not grow with y
    if not reach.is_size:
        own = Interval(place, kinds.UNIFORM, kinds.PLAIN, reach.low, reach.high)
        if reach.ends is None:
            return own
        first, last = reach.ends
        return own._replace(table=kinds.AT_SAMPLES, first=first, last=last)
    kind = {1: kinds.ABOVE, -1: kinds.BELOW, 0: kinds.EITHER}[reach.side]
    own = Interval(place, kind, kinds.GIVEN, reach.low, reach.high)
    own = own._replace(edge=reach.edge, power=reach.power, has_signs=reach.side == 0)
    if reach.frequency or reach.period:
        by = reach.frequency or reach.period
        table = kinds.AT_FREQUENCIES if reach.frequency else kinds.AT_PERIODS
        kind = kinds.ABOVE if is_real else kinds.EITHER
        own = own._replace(kind=kind, table=table, first=by)
    return own


def _by_unit(param: Param, place: int) -> Interval:
    """What a unit says."""
    size = _UNITS.get(param.unit, kinds.PLAIN if param.unit else kinds.ANY)
    is_free = math.isinf(param.lower) and math.isinf(param.upper)
    if param.unit == "'rad'":
        return Interval(place, kinds.UNIFORM, size, 0.0, _TURN)
    if param.unit == "x" and is_free:
        return Interval(place, kinds.POSITION, size, 0.0, 0.0)
    return Interval(place, kinds.EITHER, size, 0.0, 0.0, has_signs=True)


def _limited(own: Interval, param: Param, x: FloatArray) -> Interval:
    """The same within bounds."""
    lower, upper = param.lower, param.upper
    if math.isfinite(lower) and math.isfinite(upper):
        return own._replace(kind=kinds.UNIFORM, low=lower, high=upper)
    if own.kind == kinds.UNIFORM:
        low, high = max(lower, own.low), min(upper, own.high)
        if low < high:
            return own._replace(low=low, high=high)
        size = float(np.ptp(x[0])) or 1.0
        own = own._replace(unit=kinds.GIVEN, low=1e-3 * size, high=10.0 * size)
    has_signs = own.has_signs and lower < 0.0 < upper
    is_below = own.kind == kinds.BELOW and -math.inf < lower < own.edge
    if is_below or (own.kind == kinds.ABOVE and own.edge < upper < math.inf):
        low, high = (lower, own.edge) if is_below else (own.edge, upper)
        return own._replace(kind=kinds.UNIFORM, low=low, high=high)
    if math.isfinite(lower) and (own.kind != kinds.ABOVE or lower > own.edge):
        return own._replace(kind=kinds.ABOVE, edge=lower, has_signs=has_signs)
    if math.isfinite(upper) and (own.kind != kinds.BELOW or upper < own.edge):
        return own._replace(kind=kinds.BELOW, edge=upper, has_signs=has_signs)
    return own


def scales_of(x: FloatArray) -> Scales:
    """Sizes of data of which only x is known."""
    if not x.size:
        return Scales(0.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    first, span = float(x[0].min()), float(np.ptp(x[0])) or 1.0
    spacing = span / max(len(np.unique(x[0])) - 1, 1)
    widest = max(float(np.abs(x[0]).max()), span)
    return Scales(first, span, spacing, widest, 1.0, 1.0)
