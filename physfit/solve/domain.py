"""Fits of losses that a model can leave the domain of, such as counts below zero.

Where samples without counts pull the model down to zero, the minimum lies on the edge
of the domain: steps lead outside, and near the edge the weights 1 / f leave them no
room. Such fits follow a path inside (a barrier method: Nocedal & Wright, Numerical
Optimization, 2nd ed., chapter 19). Each sample counts at least `least`: its term least
log(1 / f) keeps the model away from zero, by least / lambda where the multiplier of the
edge is lambda. From one level to the next `least` shrinks, until what it costs is
nothing. Below a margin, a small part of `least`, the term goes on as a parabola, so
that every finite model has a cost: a start outside is led inside by the same path.

At the edge some combinations of parameters are held there, as a parameter is at a
bound. With the Fisher information G and the part E of it that samples at the edge make
up, trace(inv(G) E) counts them, and the share (inv(G) E inv(G))_kk / inv(G)_kk says
whether parameter k is one of them: it has no error then. Wings of peaks that underflow
hold nothing: their part of the information is what they are expected to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from physfit.engine.edge import NOTHING
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.derivatives import pseudo_inverse, solution_at
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.solve.sums import StreamedObjective

__all__ = ["CLOSE", "EDGE", "FREE", "LEVELS", "SOME", "STEPS", "Bound", "Edge", "Level"]
__all__ += ["Run", "defined", "edge_of", "led_inside", "settled"]

#: Of `at_bound`: held by the edge of the loss's domain.
EDGE = 2
#: Steps that a fit whose minimum may lie on an edge takes before it follows the path.
FIRST = 25
#: Of the mean datum: a model that lies above has nothing to do with the edge.
NEAR = 1e-2
#: Cost that is nothing: a hundred thousandth of a standard error.
FREE = 1e-10
#: Cost by which the end of the path may lie above a minimum that it confirms.
CLOSE = 1e-5
#: Steps at each level of the path, at most.
STEPS = 150
#: Combinations of parameters held from which on a point is on an edge.
SOME = 0.5

#: An objective with a loss, in memory or over the rows of a file.
Bound: TypeAlias = "Objective | StreamedObjective"
#: Where a run of steps from a start ends.
Run = Callable[[FloatArray, Stop], Solution]


class Level(NamedTuple):
    """A level of the path.

    Attributes
    ----------
    least, margin : float
        Least datum, and margin, in units of the mean datum.
    ftol : float
        Share of the cost that may be left to gain.
    """

    least: float
    margin: float
    ftol: float = 1e-6

    def of(self, loss: Loss, mean: float) -> tuple[float, float]:
        """Both in units of the data, whose mean lies so far above the edge."""
        unit, lower = mean if mean > 0.0 else 1.0, loss.traits.lower
        return lower + self.least * unit, lower + self.margin * unit


#: From a gentle push inside to an edge that is sharp within 1e-9 of the mean.
LEVELS = (
    Level(1e-1, 1e-1),
    Level(1e-3, 1e-4),
    Level(1e-5, 1e-7),
    Level(1e-7, 1e-10),
    Level(1e-9, 1e-12, 1e-13),
)


class Edge(NamedTuple):
    """What the edge of the domain holds at a point.

    Attributes
    ----------
    held : float
        Combinations of parameters that it holds, near a whole number; NaN where the
        model is outside.
    at_bound : ndarray of int, shape (P,)
        With `EDGE` for the parameters that are held there.
    rank : int
        Directions that the others move in, as far as the data determine them.
    covariance : ndarray, shape (P, P)
        Of the others, with these held; NaN in rows and columns of what is held, and of
        what the data do not determine, whose variance is infinite.
    condition : float
        Of the matrix it is the inverse of, scaled to a unit diagonal.
    left : float
        What the cost may still gain on the way to the edge, to first order, and by a
        Gauss-Newton step; infinite where the minimum is not on this edge.
    """

    held: float
    at_bound: IntArray
    rank: int
    covariance: FloatArray
    condition: float
    left: float = np.inf

    @property
    def is_found(self) -> bool:
        """Whether a minimum on the edge, if it is there, is as good as reached."""
        return self.held >= SOME and self.left <= CLOSE


@np.errstate(all="ignore")
def edge_of(objective: Bound, theta: FloatArray, at_bound: IntArray) -> Edge:
    """What the edge of the domain holds at a point."""
    n, lower = len(theta), objective.loss.traits.lower
    near = lower + NOTHING / objective.n_samples
    # What is held is so to this share of what is near, and the sums keep their digits.
    least = lower + 1e-5 * (near - lower)
    blank = Edge(0.0, at_bound, 0, np.full((n, n), np.nan), np.inf)

    def look(own: Objective) -> FloatArray:
        mean = own.values(theta)
        at_edge = (own.y <= lower) & (mean < near)
        return np.array([np.sum(~(mean >= lower)), at_edge.sum()], dtype=np.float64)

    n_outside, n_at_edge = objective.summed(look, 2).tolist()
    if n_outside or not n_at_edge:
        return blank._replace(held=np.nan if n_outside else 0.0)
    add = partial(_normal, theta, near, least)
    sums = objective.summed(add, 2 * n * (n + 1)).reshape(2, n, n + 1)
    inside = np.flatnonzero(at_bound == 0)
    whole, edge = sums[:, :, :n]
    gradient, to_edge = sums[:, inside, n]
    inverse, loose, rank = pseudo_inverse(whole[np.ix_(inside, inside)])
    held = inverse @ edge[np.ix_(inside, inside)]
    by_edge, by_step = to_edge @ inverse @ gradient, gradient @ inverse @ gradient
    left = float(by_edge + 0.5 * by_step) if by_edge > -FREE else np.inf
    # What the data leave open is not held, whatever rounding makes of it.
    is_held = np.diagonal(held @ inverse) > SOME * np.diagonal(inverse)
    is_held &= ~loose
    sides, covariance = at_bound.copy(), blank.covariance
    sides[inside[is_held]] = EDGE
    inverse[loose] = inverse[:, loose] = np.nan
    inverse[loose, loose] = np.inf
    # What is held moves along the edge with the others, by as little as that is.
    inverse[is_held] = inverse[:, is_held] = np.nan
    covariance[np.ix_(inside, inside)] = inverse
    moving = inverse[np.ix_(~is_held, ~is_held)]
    n_moving, condition = int(rank) - int(is_held.sum()), _condition(moving)
    return Edge(float(np.trace(held)), sides, n_moving, covariance, condition, left)


def _normal(theta: FloatArray, near: float, least: float, own: Objective) -> FloatArray:
    """Gauss-Newton matrix and gradient of all samples, and of those at the edge."""
    mean, partials = own.values_and_partials(theta)
    _, slope, weight, _ = own.loss_terms(np.maximum(mean, least))
    at_edge = (own.y <= own.loss.traits.lower) & (mean < near)
    rows = (partials * np.sqrt(weight)).reshape(len(theta), -1)
    slopes = (partials * slope).reshape(len(theta), -1)
    return np.concatenate(
        [
            np.column_stack([rows[:, some] @ rows[:, some].T, slopes[:, some].sum(1)])
            for some in (slice(None), at_edge.ravel())
        ]
    ).ravel()


def _condition(matrix: FloatArray) -> float:
    """Condition of a covariance scaled to a unit diagonal; infinite if it has none."""
    unit = np.diagonal(matrix) ** -0.5
    scaled = matrix * unit[:, None] * unit
    if not np.isfinite(scaled).all():
        return np.inf
    values = np.linalg.eigvalsh(scaled)
    return float(values.max(initial=1.0) / values.min(initial=1.0))


def _mean(objective: Bound) -> float:
    """Mean datum, from the edge on."""

    def add(own: Objective) -> FloatArray:
        return np.array([own.y.sum()])

    total = float(objective.summed(add, 1)[0])
    return total / objective.n_samples - objective.loss.traits.lower


@contextmanager
def defined(objective: Objective, mean: float) -> Iterator[None]:
    """Within it every step has a gradient, also one that leaves the loss's domain.

    Steps on a few rows do so now and then where a model comes close to its edge; the
    parabola below a small share of the mean datum leads back.
    """
    traits = objective.loss.traits
    if not traits.has_domain:
        yield
        return
    unit = mean - traits.lower if mean > traits.lower else 1.0
    with objective.softened(traits.lower, traits.lower + NEAR * unit):
        yield


def led_inside(
    objective: Objective, theta: FloatArray, stop: Stop, run: Run
) -> FloatArray:
    """Start at which the cost is finite, by as many levels of the path as it takes."""
    mean = _mean(objective)
    for level in LEVELS:
        if np.isfinite(objective.cost(theta)):
            break
        with objective.softened(*level.of(objective.loss, mean)):
            theta = run(theta, stop).theta
    return theta


def settled(objective: Bound, theta: FloatArray, stop: Stop, run: Run) -> Solution:
    """Minimum of a loss with a domain, inside or on its edge.

    Parameters
    ----------
    objective : Objective or StreamedObjective
    theta : ndarray, shape (P,)
        Start values, inside the domain or not.
    stop : Stop
    run : callable
        `(theta, stop)`: where a run of steps from there ends.
    """
    traits = objective.loss.traits
    has_edge = not traits.is_open
    if isinstance(objective, Objective):
        has_edge = has_edge and bool((objective.y <= traits.lower).any())
    first = stop._replace(max_steps=min(stop.max_steps, FIRST)) if has_edge else stop
    plain = run(theta, first)
    if plain.status is Status.MAX_STEPS and not _is_near(objective, plain.theta):
        plain = run(plain.theta, stop.after(plain.n_steps)).after(plain)
    if not has_edge and plain.status is not Status.NOT_FINITE_AT_START:
        return plain
    edge = edge_of(objective, plain.theta, plain.at_bound)
    has_ended = plain.status.converged or plain.status is Status.UNDETERMINED
    if has_ended and edge.held < SOME:
        return plain
    if edge.held >= SOME and plain.cost < FREE:
        return _on(edge, plain)._replace(status=Status.EDGE)
    return _along_path(objective, plain, stop, run)


def _on(edge: Edge, solution: Solution) -> Solution:
    """A solution with errors along the edge, if it holds something."""
    if not edge.held >= SOME:
        return solution
    return solution._replace(
        at_bound=edge.at_bound, covariance=edge.covariance, condition=edge.condition
    )


def _is_near(objective: Bound, theta: FloatArray) -> bool:
    """Whether the model comes close to the edge, measured by the mean datum."""
    least = objective.loss.traits.lower + NEAR * _mean(objective)

    def look(own: Objective) -> FloatArray:
        return np.array([np.sum(~(own.values(theta) > least))], dtype=np.float64)

    return bool(objective.summed(look, 1)[0])


def _along_path(objective: Bound, plain: Solution, stop: Stop, run: Run) -> Solution:
    """Minimum by the path inside, from where a plain run ended."""
    mean = _mean(objective)
    ended = inside = plain
    for level in LEVELS:
        with objective.softened(*level.of(objective.loss, mean)):
            left = stop.after(ended.n_steps)
            ftol, most = max(stop.ftol, level.ftol), min(left.max_steps, STEPS)
            left = left._replace(ftol=ftol, max_steps=most)
            ended = run(ended.theta, left).after(ended)
        if np.isfinite(objective.cost(ended.theta)):
            inside = ended
    # A level as fine as the rounding of the model may end outside by as much; what the
    # edge holds may look undetermined on the path.
    is_ended = inside.status.converged or inside.status is Status.UNDETERMINED
    work, ended = ended, inside
    if edge_of(objective, ended.theta, ended.at_bound).held >= SOME:
        ended = _evaluated(objective, ended)
    else:
        work = ended = run(ended.theta, stop.after(work.n_steps)).after(work)
    outside = not edge_of(objective, plain.theta, plain.at_bound).held >= 0.0
    best = ended if outside or ended.cost <= plain.cost + FREE else plain
    edge = edge_of(objective, best.theta, best.at_bound)
    is_found = edge.is_found or (is_ended and edge.held >= SOME)
    if is_found and ended.cost <= best.cost + CLOSE:
        best = best._replace(status=Status.EDGE)
    elif best.status is Status.UNDETERMINED and work.n_steps >= stop.max_steps:
        # Nor is it known, before the path has ended, what the edge will hold.
        best = best._replace(status=Status.MAX_STEPS)
    return _on(edge, best._replace(n_steps=work.n_steps, n_evals=work.n_evals))


def _evaluated(objective: Bound, ended: Solution) -> Solution:
    """The same point as a solution of the loss itself."""
    cost, gradient, matrix = objective.normal(ended.theta)
    return solution_at(
        *(ended.theta, cost, gradient, matrix, ended.at_bound),
        status=ended.status,
        n_steps=ended.n_steps,
        n_evals=ended.n_evals,
    )
