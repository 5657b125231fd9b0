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

from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution, Status, Stop
from physfit.typing import FloatArray, IntArray

__all__ = ["EDGE", "LEVELS", "Level", "edge_of", "has_edge", "led_inside"]
__all__ += ["settled"]

#: Of `at_bound`: held by the edge of the loss's domain.
EDGE = 2
#: Expected counts of all samples together that are nothing.
NOTHING = 1e-4


#: Steps that a fit whose minimum may lie on an edge takes before it follows the path.
FIRST = 25
#: Cost that is nothing: a hundred thousandth of a standard error.
FREE = 1e-10
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


#: From a gentle push inside to an edge that is sharp within 1e-10 of the mean.
LEVELS = (
    Level(1e-1, 1e-1),
    Level(1e-3, 1e-4),
    Level(1e-5, 1e-7),
    Level(1e-7, 1e-10),
    Level(1e-10, 1e-13),
)


def has_edge(loss: Loss, y: FloatArray) -> bool:
    """Whether a model of these data can end at the edge of the loss's domain."""
    traits = loss.traits
    return traits.has_domain and not traits.is_open and bool((y <= traits.lower).any())


@np.errstate(all="ignore")
def edge_of(
    objective: Objective, theta: FloatArray, at_bound: IntArray
) -> tuple[float, IntArray]:
    """How many combinations of parameters the edge of the domain holds at a point.

    Returns
    -------
    count : float
        Near a whole number; NaN where the model is outside.
    at_bound : ndarray of int, shape (P,)
        With `EDGE` for the parameters that are held there.
    """
    mean, partials = objective.values_and_partials(theta)
    above = (mean - objective.loss.traits.lower).ravel()
    rows = partials.reshape(len(partials), -1)
    least = NOTHING / above.size
    at_edge = (objective.y.ravel() <= objective.loss.traits.lower) & (above < least)
    if not above.min() >= 0.0:
        return np.nan, at_bound
    if not at_edge.any():
        return 0.0, at_bound
    inside = np.flatnonzero(at_bound == 0)
    weighted = rows[inside] * np.maximum(above, least) ** -0.5
    edge = weighted[:, at_edge] @ weighted[:, at_edge].T
    unit = np.linalg.norm(weighted, axis=1)
    unit = 1.0 / np.where(unit > 0.0, unit, 1.0)
    units = unit[:, None] * unit
    inverse = np.linalg.pinv(weighted @ weighted.T * units, 1e-13, hermitian=True)
    held = inverse @ (edge * units)
    share = np.diagonal(held @ inverse) / np.diagonal(inverse)
    sides = at_bound.copy()
    sides[inside[share > 0.5]] = EDGE
    return float(np.trace(held)), sides


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
    if not has_edges and plain.status is not Status.NOT_FINITE_AT_START:
        return plain
    count, at_bound = edge_of(objective, plain.theta, plain.at_bound)
    if plain.status.converged and count < SOME:
        return plain
    if count >= SOME and plain.cost < FREE:
        return plain._replace(status=Status.EDGE, at_bound=at_bound)
    return _along_path(objective, plain, stop, run)


def _along_path(
    objective: Objective, plain: Solution, stop: Stop, run: Run
) -> Solution:
    """Minimum by the path inside, from where a plain run ended."""
    mean = float(objective.y.mean()) - objective.loss.traits.lower
    ended, steps, evals = plain, plain.n_steps, plain.n_evals
    for level in LEVELS:
        left = max(1, stop.max_steps - steps)
        ftol = PATH if level is LEVELS[-1] else 1e-6
        rough = stop._replace(max_steps=left, ftol=max(stop.ftol, ftol))
        with objective.softened(*level.of(objective.loss, mean)):
            ended = run(ended.theta, rough)
        steps, evals = steps + ended.n_steps, evals + ended.n_evals
    # What the edge holds may look undetermined on the path.
    is_found = ended.status.converged or ended.status is Status.UNDETERMINED
    count, _ = edge_of(objective, ended.theta, ended.at_bound)
    left = 1 if count >= SOME else max(1, stop.max_steps - steps)
    ended = run(ended.theta, stop._replace(max_steps=left))
    steps, evals = steps + ended.n_steps, evals + ended.n_evals
    best = ended if ended.cost <= plain.cost + FREE else plain
    count, at_bound = edge_of(objective, best.theta, best.at_bound)
    if count >= SOME and is_found and best is ended:
        best = best._replace(status=Status.EDGE)
    return best._replace(at_bound=at_bound, n_steps=steps, n_evals=evals)
