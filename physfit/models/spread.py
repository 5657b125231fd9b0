"""The plan by which start values of any model are searched among spread points.

For models that no search of `guesses` covers: products, sums of several kinds, a user's
own functions and formulas. `engine.guesses.spread` searches; the plan tells it which
parameters the model is linear in (found by their partials, which do not change when
they do) and what the others are spread over.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine import blocks, jit
from physfit.engine.guesses import spread
from physfit.engine.guesses.spread import (
    N_BEST,
    N_NEAR,
    N_ZOOMS,
    Range,
    Scales,
    Spread,
    parameter_at,
    search_spread,
    spread_size,
)
from physfit.engine.host import evaluation, time_limit
from physfit.engine.normal import normal_equations
from physfit.engine.problem import Bound, address_of, assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.engine.residuals import correlation_at
from physfit.engine.rows import LANES
from physfit.models.compiled_guess import Weighing
from physfit.models.graph.reaches import Reach, reaches
from physfit.models.loss import LEAST_SQUARES
from physfit.models.tree import leaves
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.models.model import Model
    from physfit.models.param import Param

__all__ = ["SpreadGuess"]

#: Samples that are used, where there are more: drawn at random, because every k-th
#: sample of an oscillation would show another frequency.
N_SAMPLES = 2000
#: Points at which it is seen what enters linearly.
N_LOOKS = 4
#: Rounding of partials, and that of differences, relative to the largest.
ROUNDING, DIFFERENCES = 1e-12, 1e-8
#: Points for one parameter that is spread, and the most of them.
PER_PARAMETER = 300
#: Rounds of a search, at most.
N_ROUNDS = 12
#: Standard deviations from which on residuals are no noise.
NOT_NOISE = 4.0
MOST_POINTS = 1500
_UNITS = {"x": spread.OF_X, "1/x": spread.PER_X, "y": spread.OF_Y}


class Interval(NamedTuple):
    """What a parameter is spread over: the fields of `engine.guesses.spread.Range`."""

    place: int
    kind: int
    unit: int
    low: float
    high: float
    edge: float


class Plan(NamedTuple):
    """A `Spread`, and the arrays that it refers to."""

    words: IntArray
    keep: tuple[FloatArray | IntArray, ...]


class SpreadGuess:
    """A guess for any model, of one curve or of many rows.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
        Coordinates of a curve, or of some rows, all finite.
    weighing : callable, optional
        What gives samples other weights (`weighing_for` a loss).
    """

    #: Whether the search evaluates the model itself.
    is_spread: ClassVar[bool] = True
    what: ClassVar[str] = "the best of points spread over bounds and scales of the data"

    def __init__(
        self, model: Model, x: FloatArray, weighing: Weighing | None = None
    ) -> None:
        self.model, self._x = model, x
        self._weighing = weighing if model.n_inputs == 1 else None
        self._params = [model.parameters[name] for name in model.free_names]
        self._limits = np.array([model.free_lower, model.free_upper])
        reached = _reaches(model, x)
        self._ranges = [
            _range_of(param, place, reached.get(param.name))
            for place, param in enumerate(self._params)
        ]

    @property
    def address(self) -> int:
        """Address of the compiled function, of the signature `abi.SUMS`."""
        return jit.compiled(search_spread).address

    @cached_property
    def _places(self) -> list[int]:
        """Parameters that are spread: those that the model is not linear in."""
        linear = set(self._linear().tolist())
        return [k for k in range(len(self._params)) if k not in linear]

    @cached_property
    def _kept(self) -> Plan:
        """The plan of points that are even over all ranges."""
        chosen = [self._ranges[k] for k in self._places]
        return self._planned(chosen, _points(len(chosen)))

    def _planned(self, chosen: list[Interval], cube: FloatArray) -> Plan:
        """Plan for points of a unit cube, spread over some ranges."""
        held = np.zeros(len(self._params))
        held[self._places] = 1.0
        filled = [Range.filled(**interval._asdict()) for interval in chosen]
        ranges = np.concatenate([*filled, np.zeros(0, dtype=np.int64)])
        moves = _moves(len(chosen))
        weighing = self._weighing
        plan = Spread.filled(
            n_spread=len(chosen),
            ranges=address_of(ranges),
            cube=address_of(cube),
            n_points=len(cube),
            moves=address_of(moves),
            near=1.5 * len(cube) ** (-1.0 / max(1, len(chosen))),
            held=address_of(held),
            lower=address_of(self._limits),
            upper=address_of(self._limits[1]),
            loss=blocks.loss(LEAST_SQUARES.kernel).address,
            sums=jit.compiled(normal_equations).address,
            weigh_samples=0 if weighing is None else jit.compiled(weighing).address,
        )
        return Plan(plan, (held, ranges, cube, moves))

    @property
    def plan(self) -> IntArray:
        """`engine.guesses.spread.Spread`; lives as long as this guess does."""
        return self._kept.words

    def work_size(self, n: int) -> int:
        """Doubles of scratch for a row of `n` samples."""
        n_values = 0 if self._weighing is None else self.model.n_outputs * (n + LANES)
        return spread_size(len(self._params), len(self._params), n_values)

    def fill(
        self, x: FloatArray, y: FloatArray, w: FloatArray, full: FloatArray
    ) -> None:
        """Fill the free parameters that are NaN in `full`, from C-contiguous data.

        Parameters
        ----------
        x : ndarray, shape (n_inputs, n)
        y, w : ndarray, shape (n_outputs, n)
            Data and weights, 1 / sigma.
        full : ndarray, shape (n_parameters,)
        """
        n, free = x.shape[1], list(self.model.layout.free)
        if n > N_SAMPLES:
            drawn = np.random.default_rng(0).choice(n, N_SAMPLES, replace=False)
            keep = np.sort(drawn)
            x, y, w = (np.ascontiguousarray(own[:, keep]) for own in (x, y, w))
        if self._weighing is not None:
            order = np.argsort(x[0], kind="stable")
            x, y, w = (np.ascontiguousarray(own[:, order]) for own in (x, y, w))
        problem = problem_of(assemble(self.model.layout), x, y, w, 0, np.empty(0))
        _ = self._kept
        with time_limit():
            full[free] = self._searched(problem, full[free], x)
        release(problem)

    def _searched(self, problem: Bound, given: FloatArray, x: FloatArray) -> FloatArray:
        """Best parameters of some rounds, the last of which leaves noise."""
        calls_python = problem.program.calls_python
        search = evaluation(search_spread, calls_python)
        correlation = evaluation(correlation_at, calls_python)
        work = np.zeros(self.work_size(x.shape[1]))
        best, theta = math.inf, given
        for number in range(N_ROUNDS):
            plan = self._kept if number == 0 else self._round(number, theta, x)
            trial = given.copy()
            cost = search(
                *(problem.address, address_of(trial)),
                *(address_of(plan.words), address_of(work)),
            )
            if number == 0 or cost < best:
                best, theta = cost, trial
            if not self._places or best == math.inf:
                break
            if correlation(problem.address, address_of(theta)) < NOT_NOISE:
                break
        return theta

    def _round(self, number: int, theta: FloatArray, x: FloatArray) -> Plan:
        """Plan of a further round.

        Some of the parameters are drawn anew, the others stay at the best point so far:
        a component that fits already is kept while another one is searched.
        """
        chosen = [_including(self._ranges[k], float(theta[k]), x) for k in self._places]
        scales = _scales_of(x)
        center = [_part_of(own, scales, float(theta[own.place])) for own in chosen]
        rng = np.random.default_rng(number)
        cube = rng.uniform(size=_points(len(chosen)).shape)
        share = rng.choice((0.2, 0.4, 0.7, 1.0), size=(len(cube), 1))
        cube = np.where(rng.uniform(size=cube.shape) < share, cube, center)
        return self._planned(chosen, np.ascontiguousarray(cube))

    # A point may overflow; partials that are not finite are none of a linear parameter.
    @np.errstate(all="ignore")
    def _linear(self) -> NDArray[np.intp]:
        """Parameters that the model is linear in, all of them together, at all."""
        x = self._x
        if x.shape[1] > N_SAMPLES:
            x = np.ascontiguousarray(x[:, :: x.shape[1] // N_SAMPLES])
        problem = problem_of(assemble(self.model.layout), x)
        rng, n = np.random.default_rng(0), len(self._params)
        scales = _scales_of(x)
        looks = [
            np.array(
                [
                    parameter_at(own, scales, part)
                    for own, part in zip(self._ranges, rng.uniform(size=n), strict=True)
                ]
            )
            for _ in range(N_LOOKS)
        ]
        places: list[int] = []
        with time_limit():
            for k in range(n):
                if all(self._is_linear(problem, look, [*places, k]) for look in looks):
                    places.append(k)
        release(problem)
        return np.array(places, dtype=np.intp)

    def _is_linear(self, problem: Bound, look: FloatArray, places: list[int]) -> bool:
        """Whether partials stay what they are when these parameters are doubled."""
        lower, upper = self._limits
        look = np.clip(look, lower, upper)
        doubled = look.copy()
        doubled[places] = np.clip(2.0 * look[places], lower[places], upper[places])
        before, after = (_partials(problem, own)[places] for own in (look, doubled))
        scale = np.abs(before).max(initial=0.0)
        rounding = DIFFERENCES if problem.program.calls_python else ROUNDING
        is_same = np.allclose(before, after, rtol=1e-9, atol=rounding * scale)
        return bool(scale > 0.0 and is_same and (doubled != look)[places].all())


def _partials(problem: Bound, theta: FloatArray) -> FloatArray:
    """Partials by the free parameters, shape (P, m)."""
    partials = tabulate(problem, theta, FREE)[1]
    assert partials is not None
    return partials.reshape(len(partials), -1)


def _scales_of(x: FloatArray) -> Scales:
    """Sizes of data of which only x is known."""
    if not x.size:
        return Scales(0.0, 1.0, 1.0, 1.0, 1.0)
    first, span = float(x[0].min()), float(np.ptp(x[0])) or 1.0
    spacing = span / max(len(np.unique(x[0])) - 1, 1)
    widest = max(float(np.abs(x[0]).max()), span)
    return Scales(first, span, spacing, widest, 1.0)


def _reaches(model: Model, x: FloatArray) -> dict[str, Reach]:
    """Reach of the parameters of formulas and traced functions, by name."""
    found = dict[str, Reach]()
    for leaf in leaves(model.tree):
        declaration = leaf.declaration
        if declaration.graph is not None:
            names = declaration.graph.parameters
            for k, reach in reaches(declaration.graph, x).items():
                found[leaf.prefix + names[k]] = reach
    return found


def _range_of(param: Param, place: int, reach: Reach | None) -> Interval:
    """What a parameter is spread over: its bounds, or what its place or unit says."""
    lower, upper, unit = param.lower, param.upper, param.unit
    edge, low, high = 0.0, lower, upper
    size = _UNITS.get(unit, spread.PLAIN)
    if math.isfinite(lower) and math.isfinite(upper):
        return Interval(place, spread.UNIFORM, size, low, high, edge)
    if reach is not None and not reach.is_size:
        low, high = max(lower, reach.low), min(upper, reach.high)
        if low < high:
            return Interval(place, spread.UNIFORM, size, low, high, edge)
    elif reach is not None:
        size, low, high = spread.GIVEN, reach.low, reach.high
    if unit == "'rad'":
        kind, low, high = spread.UNIFORM, 0.0, 2.0 * math.pi
    elif unit == "x" and math.isinf(lower) and math.isinf(upper):
        kind = spread.POSITION
    elif lower >= 0.0:
        kind, edge = spread.ABOVE, lower
    elif upper <= 0.0:
        kind, edge = spread.BELOW, upper
    else:
        kind = spread.EITHER
    return Interval(place, kind, size, low, high, edge)


def _including(own: Interval, value: float, x: FloatArray) -> Interval:
    """A range that includes a value."""
    if own.kind == spread.UNIFORM:
        return own._replace(low=min(own.low, value), high=max(own.high, value))
    if own.kind == spread.POSITION:
        scales = _scales_of(x)
        low, high = min(scales.first, value), max(scales.first + scales.span, value)
        return own._replace(kind=spread.UNIFORM, low=low, high=high)
    return own


def _part_of(own: Interval, scales: Scales, value: float) -> float:
    """Number between 0 and 1 for a parameter's value: `parameter_at` turned round."""
    if own.kind == spread.UNIFORM:
        return (value - own.low) / (own.high - own.low)
    low, high = (
        parameter_at(own._replace(kind=spread.ABOVE, edge=0.0), scales, end)
        for end in (0.0, 1.0)
    )
    size = abs(value - own.edge)
    part = math.log(size / low) / math.log(high / low) if size > 0.0 else 0.0
    part = min(max(part, 0.0), 1.0)
    if own.kind == spread.EITHER:
        part = 0.5 + math.copysign(0.5 * part, value)
    return part


@lru_cache(maxsize=16)
def _points(n_spread: int) -> FloatArray:
    """Points in a unit cube, even along each side."""
    rng = np.random.default_rng(0)
    n = min(MOST_POINTS, max(1, PER_PARAMETER * n_spread))
    cube = (np.argsort(rng.uniform(size=(n, n_spread)), axis=0) + 0.5) / n
    return np.ascontiguousarray(cube)


@lru_cache(maxsize=16)
def _moves(n_spread: int) -> FloatArray:
    """Moves to points that are closer."""
    rng = np.random.default_rng(1)
    return rng.uniform(-1.0, 1.0, (N_ZOOMS * N_BEST * N_NEAR, n_spread))
