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

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.edge import NOTHING
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.derivatives import solution_at
from physfit.typing import FloatArray, IntArray

__all__ = [
    "EDGE",
    "FREE",
    "LEVELS",
    "PATH",
    "SOME",
    "Edge",
    "Level",
    "edge_of",
    "has_edge",
    "led_inside",
]
__all__ += ["settled"]

#: Of `at_bound`: held by the edge of the loss's domain.
EDGE = 2


#: Eigenvalues of a matrix of unit diagonal below this are rounding.
ROUNDED = 1e-12
#: Steps that a fit whose minimum may lie on an edge takes before it follows the path.
FIRST = 25
#: Of the mean datum: a model that lies above has nothing to do with the edge.
NEAR = 1e-2
#: Cost that is nothing: a hundred thousandth of a standard error.
FREE = 1e-10
#: Cost by which the end of the path may lie above a minimum that it confirms.
CLOSE = 1e-5
#: Share of the cost that may be left to gain at each level of the path.
PATH = 1e-13
#: Combinations of parameters held from which on a point is on an edge.
SOME = 0.5


#: Where a run of steps from a start ends.
Run = Callable[[FloatArray, Stop], Solution]


class Level(NamedTuple):
    """Least datum of a level of the path, and margin, in units of the mean datum."""

    least: float
    margin: float

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
    Level(1e-9, 1e-12),
)


def has_edge(loss: Loss, y: FloatArray) -> bool:
    """Whether a model of these data can end at the edge of the loss's domain."""
    traits = loss.traits
    return traits.has_domain and not traits.is_open and bool((y <= traits.lower).any())


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
    """

    held: float
    at_bound: IntArray
    rank: int
    covariance: FloatArray
    condition: float


@np.errstate(all="ignore")
def edge_of(objective: Objective, theta: FloatArray, at_bound: IntArray) -> Edge:
    """What the edge of the domain holds at a point, by numpy."""
    mean, partials = objective.values_and_partials(theta)
    n, lower = len(theta), objective.loss.traits.lower
    blank = Edge(0.0, at_bound, 0, np.full((n, n), np.nan), np.inf)
    if not mean.min() >= lower:
        return blank._replace(held=np.nan)
    near = lower + NOTHING / mean.size
    at_edge = ((objective.y <= lower) & (mean < near)).ravel()
    if not at_edge.any():
        return blank
    # What is held is so to this share of what is near, and the sums keep their digits.
    least = lower + 1e-5 * (near - lower)
    weight = objective.loss_terms(np.maximum(mean, least))[2]
    rows = (partials * np.sqrt(weight)).reshape(n, -1)
    inside = np.flatnonzero(at_bound == 0)
    inverse, _, _, _ = _inverted(rows[inside])
    held = inverse @ (rows[inside][:, at_edge] @ rows[inside][:, at_edge].T)
    share = np.diagonal(held @ inverse) / np.diagonal(inverse)
    sides, covariance = at_bound.copy(), blank.covariance
    sides[inside[share > SOME]] = EDGE
    moving = np.flatnonzero(sides == 0)
    inverse, loose, rank, condition = _inverted(rows[moving])
    inverse[loose] = inverse[:, loose] = np.nan
    inverse[loose, loose] = np.inf
    covariance[np.ix_(moving, moving)] = inverse
    return Edge(float(np.trace(held)), sides, rank, covariance, condition)


def _inverted(
    rows: FloatArray,
) -> tuple[FloatArray, NDArray[np.bool_], int, float]:
    """Pseudo-inverse of `rows @ rows.T`; what its null space moves; rank; condition."""
    unit = np.linalg.norm(rows, axis=1)
    unit = 1.0 / np.where(unit > 0.0, unit, 1.0)
    values, vectors = np.linalg.eigh((rows @ rows.T) * unit[:, None] * unit)
    known = values > ROUNDED * max(values.max(initial=0.0), 1e-300)
    root = vectors * np.where(known, values, np.inf) ** -0.5 * unit[:, None]
    loose = (np.abs(vectors) * ~known > 1e-6).any(axis=1)
    condition = (
        np.inf if loose.any() else values.max(initial=1.0) / values.min(initial=1.0)
    )
    return root @ root.T, loose, int(known.sum()), float(condition)


def led_inside(
    objective: Objective, theta: FloatArray, stop: Stop, run: Run
) -> FloatArray:
    """Start at which the cost is finite, by as many levels of the path as it takes."""
    mean = float(objective.y.mean()) - objective.loss.traits.lower
    for level in LEVELS:
        if np.isfinite(objective.cost(theta)):
            break
        with objective.softened(*level.of(objective.loss, mean)):
            theta = run(theta, stop).theta
    return theta


def settled(objective: Objective, theta: FloatArray, stop: Stop, run: Run) -> Solution:
    """Minimum of a loss with a domain, inside or on its edge.

    Parameters
    ----------
    objective : Objective
    theta : ndarray, shape (P,)
        Start values, inside the domain or not.
    stop : Stop
    run : callable
        `(theta, stop)`: where a run of steps from there ends.
    """
    has_edges = has_edge(objective.loss, objective.y)
    first = stop._replace(max_steps=min(stop.max_steps, FIRST)) if has_edges else stop
    plain = run(theta, first)
    if plain.status is Status.MAX_STEPS and not _is_near(objective, plain.theta):
        plain = _after(plain, run(plain.theta, _left(stop, plain)))
    if not has_edges and plain.status is not Status.NOT_FINITE_AT_START:
        return plain
    edge = edge_of(objective, plain.theta, plain.at_bound)
    is_open = plain.status is Status.UNDETERMINED
    if (plain.status.converged or is_open) and edge.held < SOME:
        return plain
    if edge.held >= SOME and plain.cost < FREE:
        return plain._replace(status=Status.EDGE, at_bound=edge.at_bound)
    return _along_path(objective, plain, stop, run)


def _is_near(objective: Objective, theta: FloatArray) -> bool:
    """Whether the model comes close to the edge, measured by the mean datum."""
    lower = objective.loss.traits.lower
    lowest = float(objective.values(theta).min()) - lower
    return not lowest > NEAR * (float(objective.y.mean()) - lower)


def _left(stop: Stop, ended: Solution) -> Stop:
    """The same with the steps that are left, one at least."""
    return stop._replace(max_steps=max(1, stop.max_steps - ended.n_steps))


def _after(before: Solution, ended: Solution) -> Solution:
    """A solution with the work done before it."""
    return ended._replace(
        n_steps=before.n_steps + ended.n_steps, n_evals=before.n_evals + ended.n_evals
    )


def _along_path(
    objective: Objective, plain: Solution, stop: Stop, run: Run
) -> Solution:
    """Minimum by the path inside, from where a plain run ended."""
    mean = float(objective.y.mean()) - objective.loss.traits.lower
    ended = inside = plain
    for level in LEVELS:
        ftol = max(stop.ftol, PATH if level is LEVELS[-1] else 1e-6)
        with objective.softened(*level.of(objective.loss, mean)):
            left = _left(stop, ended)._replace(ftol=ftol)
            ended = _after(ended, run(ended.theta, left))
        if np.isfinite(objective.cost(ended.theta)):
            inside = ended
    # A level as fine as the rounding of the model may end outside by as much; what the
    # edge holds may look undetermined on the path.
    is_found = inside.status.converged or inside.status is Status.UNDETERMINED
    work, ended = ended, inside
    if edge_of(objective, ended.theta, ended.at_bound).held >= SOME:
        ended = _evaluated(objective, ended)
    else:
        work = ended = _after(work, run(ended.theta, _left(stop, work)))
    outside = not edge_of(objective, plain.theta, plain.at_bound).held >= 0.0
    best = ended if outside or ended.cost <= plain.cost + FREE else plain
    edge = edge_of(objective, best.theta, best.at_bound)
    if edge.held >= SOME and is_found and ended.cost <= best.cost + CLOSE:
        best = best._replace(status=Status.EDGE)
    best = best._replace(n_steps=work.n_steps, n_evals=work.n_evals)
    return best._replace(at_bound=edge.at_bound)


def _evaluated(objective: Objective, ended: Solution) -> Solution:
    """The same point as a solution of the loss itself."""
    cost, gradient, matrix = objective.normal(ended.theta)
    return solution_at(
        *(ended.theta, cost, gradient, matrix, ended.at_bound),
        status=ended.status,
        n_steps=ended.n_steps,
        n_evals=ended.n_evals,
    )
