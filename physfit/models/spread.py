"""The plan by which start values of any model are searched among spread points.

For models that no search of `guesses` covers: products, sums of several kinds, a user's
own functions and formulas (those that are called as Python have `called_guess`).
`engine.guesses.spread` searches; the plan tells it which parameters the model is linear
in and which are angles of such waves (`spread_looks`), what the others are spread over
(`spread_ranges`), and how much work a search may be.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from physfit.engine import blocks, jit
from physfit.engine.addresses import address_of
from physfit.engine.guesses import spread_ranges as kinds
from physfit.engine.guesses.spread import (
    N_NEAR,
    N_STEPS,
    N_ZOOMS,
    Spread,
    search_spread,
    spread_size,
)
from physfit.engine.guesses.spread_data import turn
from physfit.engine.guesses.spread_points import N_BEST
from physfit.engine.guesses.spread_ranges import Range
from physfit.engine.normal import normal_equations
from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.rows import LANES
from physfit.models.compiled_guess import Weighing
from physfit.models.loss import LEAST_SQUARES
from physfit.models.spread_looks import Looks, looks_at
from physfit.models.spread_ranges import Interval, intervals_of
from physfit.models.tree import Leaf, leaves
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["SpreadGuess"]

#: Samples that are used, where there are more: drawn at random, because every k-th
#: sample of an oscillation would show another frequency.
N_SAMPLES = 2000
#: Points for one parameter that is spread, the most of them, and the fewest.
PER_PARAMETER, MOST_POINTS, FEWEST_POINTS = 300, 1500, 100
#: Rounds of a search at most, those without a lower cost after which it ends; of rows.
N_ROUNDS, N_VAIN = 40, 16
ROUNDS_OF_ROWS, VAIN_OF_ROWS = 6, 2
#: Nanoseconds that a search may take, and that an operation takes for a sample with its
#: derivatives.
WORK, OPERATION = 4e8, 0.6
#: Operations of a component that says nothing of its own, and those for each sample of
#: one that has to follow a whole curve first.
OPERATIONS, OF_CURVES = 30, 3000


class SpreadPlan(NamedTuple):
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
    what: ClassVar[str] = (
        "the best of many tried over bounds and scales of the data; "
        "linear ones solved for"
    )

    def __init__(
        self, model: Model, x: FloatArray, weighing: Weighing | None = None
    ) -> None:
        self.model, self._x = model, x
        self._weighing = weighing if model.n_inputs == 1 else None
        self._limits = np.array([model.free_lower, model.free_upper])
        self._ranges = intervals_of(model, x)

    @property
    def address(self) -> int:
        """Address of the compiled function, of the signature `abi.SUMS`."""
        return jit.compiled(search_spread).address

    @cached_property
    def _looks(self) -> Looks:
        return looks_at(self.model, self._ranges, self._x)

    @cached_property
    def _chosen(self) -> list[Interval]:
        """What is spread: what the model is not linear in, without unseen signs."""
        looks = self._looks
        return [
            own._replace(kind=kinds.ABOVE) if own.place in looks.even else own
            for own in self._ranges
            if own.place not in looks.linear
        ]

    def _effort(self) -> tuple[int, int]:
        """Points of a round and rounds, so that the work has its limit."""
        size = sum(map(_operations, leaves(self.model.tree)))
        n = min(self._x.shape[1], N_SAMPLES) * self.model.n_outputs
        n_all = int(WORK / (OPERATION * n * (size + len(self._ranges))))
        n_open = len(self._chosen) - len(self._looks.amplitudes)
        n_points = min(MOST_POINTS, PER_PARAMETER * max(n_open, 1), n_all // 3)
        n_points = max(n_points, FEWEST_POINTS) if self._chosen else 1
        n_round = n_points + N_BEST * (N_NEAR * N_ZOOMS + N_STEPS // 2)
        return n_points, min(max(n_all // n_round, 1), N_ROUNDS)

    @cached_property
    def _kept(self) -> SpreadPlan:
        return self._planned(N_ROUNDS, N_VAIN)

    @cached_property
    def _of_rows(self) -> SpreadPlan:
        return self._planned(ROUNDS_OF_ROWS, VAIN_OF_ROWS)

    def _planned(self, most: int, n_vain: int) -> SpreadPlan:
        """Plan of so many rounds at most."""
        chosen, n_free = self._chosen, len(self._ranges)
        n_points, n_rounds = self._effort()
        cube, anew = _points(len(chosen), n_points)
        held, amplitudes = np.ones(n_free), np.full(n_free, -1)
        held[list(self._looks.linear)] = 0.0
        for angle, amplitude in self._looks.amplitudes.items():
            amplitudes[angle] = amplitude
        units = np.zeros(n_free)
        units[[*self._looks.kinked, *self._looks.amplitudes.values()]] = 1.0
        filled = [Range.filled(**interval._asdict()) for interval in chosen]
        ranges = np.concatenate([*filled, np.zeros(0, dtype=np.int64)])
        moves, weighing = _moves(len(chosen)), self._weighing
        tables = [own.table for own in chosen]
        has_waves = any(own > kinds.AT_SAMPLES for own in tables)
        plan = Spread.filled(
            n_spread=len(chosen),
            ranges=address_of(ranges),
            cube=address_of(cube),
            anew=address_of(anew),
            n_points=n_points,
            n_rounds=min(n_rounds, most),
            n_sure=min(n_rounds, most, 1 + len(chosen) // 3),
            n_vain=n_vain,
            n_zooms=N_ZOOMS,
            n_improved=N_BEST,
            moves=address_of(moves),
            near=1.5 * n_points ** (-1.0 / max(1, len(chosen))),
            has_places=kinds.AT_SAMPLES in tables,
            turn=jit.compiled(turn).address if has_waves else 0,
            held=address_of(held),
            amplitudes=address_of(amplitudes),
            units=address_of(units),
            lower=address_of(self._limits),
            upper=address_of(self._limits[1]),
            loss=blocks.loss(LEAST_SQUARES.kernel).address,
            sums=jit.compiled(normal_equations).address,
            weigh_samples=0 if weighing is None else jit.compiled(weighing).address,
        )
        return SpreadPlan(plan, (held, amplitudes, units, ranges, cube, anew, moves))

    @property
    def plan(self) -> IntArray:
        """`engine.guesses.spread.Spread` for rows; lives as long as this guess does."""
        return self._of_rows.words

    def work_size(self, n: int) -> int:
        """Doubles of scratch for a row of `n` samples."""
        n_values = 0 if self._weighing is None else self.model.n_outputs * (n + LANES)
        n_free = len(self._ranges)
        return spread_size(n_free, n_free, n + LANES, n_values)

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
        plan, theta = self._kept, full[free]
        work = np.zeros(self.work_size(x.shape[1]))
        jit.compiled(search_spread).call(
            *(problem.address, address_of(theta)),
            *(address_of(plan.words), address_of(work)),
        )
        full[free] = theta
        release(problem)


def _operations(leaf: Leaf) -> int:
    """Operations of a component for a sample."""
    graph, kernel = leaf.declaration.graph, leaf.declaration.kernel
    if graph is not None:
        return len(graph.nodes)
    return OF_CURVES if kernel.needs_whole_curve else OPERATIONS


@lru_cache(maxsize=16)
def _points(n_spread: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Points in a unit cube, even along each side, and other numbers for each."""
    rng = np.random.default_rng(0)
    cube = (np.argsort(rng.uniform(size=(n, n_spread)), axis=0) + 0.5) / n
    return np.ascontiguousarray(cube), rng.uniform(size=(n, n_spread))


@lru_cache(maxsize=16)
def _moves(n_spread: int) -> FloatArray:
    """Moves to points that are closer."""
    rng = np.random.default_rng(1)
    return rng.uniform(-1.0, 1.0, (N_ZOOMS * N_BEST * N_NEAR, n_spread))
