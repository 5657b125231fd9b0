"""Fits of losses that a model can leave the domain of, such as counts below zero.

Where samples without counts pull the model down to zero, the minimum lies on the edge
of the domain: steps lead outside, and near the edge the weights 1 / f leave them no
room. Such fits follow a path inside (a barrier method: Nocedal & Wright, Numerical
Optimization, 2nd ed., chapter 19). Each sample counts at least `least`: its term least
log(1 / f) keeps the model away from zero, by least / lambda where the multiplier of the
edge is lambda. From one level to the next `least` shrinks, until what it costs is
nothing. Below a margin, a small part of `least`, the term goes on as a parabola, so
that every finite model has a cost: a start outside is led inside by the same path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

import numpy as np

from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve import edges
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.derivatives import solution_at
from physfit.solve.edges import CLOSE, FREE, SOME, Bound, Edge, edge_of
from physfit.solve.primal_dual import newton_along_edge
from physfit.solve.stacked import Stacked
from physfit.typing import FloatArray

__all__ = ["BESIDE", "LEVELS", "NEWTON", "STEPS", "Level", "Limits", "Run", "defined"]
__all__ += ["led_inside", "settled", "units_of"]

#: Steps that a fit whose minimum may lie on an edge takes before it follows the path,
#: where there are more samples than `FEW`: fits of fewer go to their end, as rows do.
FIRST, FEW = 50, 10_000
#: Of the mean datum: a model that lies above has nothing to do with the edge.
NEAR = 1e-2
#: Steps at each level of the path, at most.
STEPS = 150

#: Where a run of steps from a start ends.
Run = Callable[[FloatArray, Stop], Solution]
#: Lower and upper bounds of the parameters.
Limits: TypeAlias = tuple[FloatArray, FloatArray]


class Level(NamedTuple):
    """A level of the path.

    Attributes
    ----------
    least, margin : float
        Least datum, and margin, in units of about the mean datum.
    ftol : float
        Share of the cost that may be left to gain.
    """

    least: float
    margin: float
    ftol: float = 1e-6

    def of(self, loss: Loss, unit: float) -> tuple[float, float]:
        """Both in units of the data."""
        lower = loss.traits.lower
        return lower + self.least * unit, lower + self.margin * unit


#: From a gentle push inside to an edge that is sharp within 1e-9 of the mean.
LEVELS = (
    Level(1e-1, 1e-1),
    Level(1e-3, 1e-4),
    Level(1e-5, 1e-7),
    Level(1e-7, 1e-10),
    Level(1e-9, 1e-12, 1e-13),
)
#: The level from whose end on Newton steps lead to a minimum, if there is one. The path
#: goes on only where partials of all samples are too many for them.
NEWTON = LEVELS[2]
#: The same for them from a point beside the path, which may lie on the very edge.
BESIDE = LEVELS[1]
#: Numbers in the partials of all samples up to which they are taken.
LARGEST = 10_000_000


def units_of(means: FloatArray) -> FloatArray:
    """Powers of ten near means above the edge; fits near them share their levels."""
    above = np.where(means > 0.0, means, 1.0)
    units: FloatArray = np.power(10.0, np.round(np.log10(above)))
    return units


def _unit(objective: Bound) -> float:
    return float(units_of(np.array(edges.mean_of(objective))))


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
    if np.isfinite(objective.cost(theta)):
        return theta
    unit = _unit(objective)
    for level in LEVELS:
        with objective.softened(*level.of(objective.loss, unit)):
            theta = run(theta, stop).theta
        if np.isfinite(objective.cost(theta)):
            break
    return theta


def settled(
    objective: Bound, theta: FloatArray, stop: Stop, run: Run, limits: Limits
) -> tuple[Solution, bool]:
    """Minimum of a loss with a domain, inside or on its edge.

    Parameters
    ----------
    objective : Objective or StreamedObjective
    theta : ndarray, shape (P,)
        Start values, inside the domain or not.
    stop : Stop
    run : callable
        `(theta, stop)`: where a run of steps from there ends.
    limits : tuple of ndarray, shape (P,)
        Lower and upper bounds.

    Returns
    -------
    tuple
        The solution, and whether the edge holds something there: covariance and status
        are those along the edge then.
    """
    traits = objective.loss.traits
    has_edge = not traits.is_open
    if isinstance(objective, Objective):
        has_edge = has_edge and bool((objective.y <= traits.lower).any())
    most = FIRST if has_edge and objective.n_samples > FEW else stop.max_steps
    plain = run(theta, stop._replace(max_steps=min(stop.max_steps, most)))
    is_cut = most <= plain.n_steps < stop.max_steps
    is_cut &= plain.status in (Status.MAX_STEPS, Status.UNDETERMINED)
    if is_cut and not _is_near(objective, plain.theta):
        plain = run(plain.theta, stop.after(plain.n_steps)).after(plain)
    if not has_edge and plain.status is not Status.NOT_FINITE_AT_START:
        return plain, False
    edge = edge_of(objective, plain.theta, plain.at_bound)
    has_ended = plain.status.converged or plain.status is Status.UNDETERMINED
    if has_ended and edge.held < SOME:
        return plain, False
    if edge.held >= SOME and plain.cost < FREE:
        return _on(objective, edge, plain._replace(status=Status.EDGE))
    return _along_path(objective, plain, stop, run, limits)


def _on(objective: Bound, edge: Edge, solution: Solution) -> tuple[Solution, bool]:
    """A solution with errors along the edge, if it holds something; whether it does."""
    if not edge.held >= SOME:
        return solution, False
    return solution._replace(
        status=edge.judged(solution.status, edges.is_empty(objective)),
        at_bound=edge.at_bound,
        covariance=edge.covariance,
        condition=edge.condition,
    ), True


def _is_near(objective: Bound, theta: FloatArray) -> bool:
    """Whether the model comes close to the edge, measured by the mean datum."""
    least = objective.loss.traits.lower + NEAR * edges.mean_of(objective)

    def look(own: Objective) -> FloatArray:
        return np.array([np.sum(~(own.values(theta) > least))], dtype=np.float64)

    return bool(objective.summed(look, 1)[0])


class _Path(NamedTuple):
    """Where the path has ended, and the last point of it inside the domain."""

    ended: Solution
    inside: Solution
    is_minimum: bool


def _path(
    objective: Bound, plain: Solution, stop: Stop, run: Run, limits: Limits
) -> _Path:
    """The path inside, by Newton steps to its end where they arrive there."""
    ended, unit = plain, _unit(objective)
    path = _Path(ended, ended, False)
    for level in LEVELS:
        least, margin = level.of(objective.loss, unit)
        with objective.softened(least, margin):
            left = stop.after(ended.n_steps)
            ftol, most = max(stop.ftol, level.ftol), min(left.max_steps, STEPS)
            left = left._replace(ftol=ftol, max_steps=most)
            ended = run(ended.theta, left).after(ended)
        is_inside = np.isfinite(objective.cost(ended.theta))
        path = _Path(ended, ended if is_inside else path.inside, False)
        if level is NEWTON and _takes_newton(objective):
            is_cut = ended.n_steps >= stop.max_steps
            minimum = _by_newton(objective, path.inside, limits, least)
            if minimum is not None and not is_cut:
                path = _Path(minimum, minimum, True)
            break
    return path


def _along_path(
    objective: Bound, plain: Solution, stop: Stop, run: Run, limits: Limits
) -> tuple[Solution, bool]:
    """Minimum by the path inside, from where a plain run ended."""
    work, ended, is_minimum = _path(objective, plain, stop, run, limits)
    # A level as fine as the rounding of the model may end outside by as much; what the
    # edge holds may look undetermined on the path.
    is_found = ended.status.converged or ended.status is Status.UNDETERMINED
    if edge_of(objective, ended.theta, ended.at_bound).held >= SOME:
        ended = _evaluated(objective, ended)
    else:
        work = ended = run(ended.theta, stop.after(work.n_steps)).after(work)
    outside = not edge_of(objective, plain.theta, plain.at_bound).held >= 0.0
    best = ended if outside or ended.cost <= plain.cost + FREE else plain
    edge = edge_of(objective, best.theta, best.at_bound)
    is_cut, on_edge = work.n_steps >= stop.max_steps, edge.held >= SOME
    is_found = edge.is_found or (is_found and on_edge)
    if on_edge and _takes_newton(objective) and not is_cut:
        if best is plain:
            best, edge = _finished(objective, best, edge, limits)
        elif not is_minimum:
            best = best._replace(status=edge.without_minimum(best.status))
    elif is_found and ended.cost <= best.cost + CLOSE:
        best = best._replace(status=Status.EDGE)
    elif best.status is Status.UNDETERMINED and is_cut:
        # Nor is it known, before the path has ended, what the edge will hold.
        best = best._replace(status=Status.MAX_STEPS)
    best = best._replace(n_steps=work.n_steps, n_evals=work.n_evals)
    return _on(objective, edge, best)


def _takes_newton(objective: Bound) -> bool:
    """Whether all partials are held in memory."""
    is_here = isinstance(objective, Objective)
    return is_here and objective.n_samples * objective.n_free <= LARGEST


def _finished(
    objective: Bound, best: Solution, edge: Edge, limits: Limits
) -> tuple[Solution, Edge]:
    """Minimum on the edge near a point, or the point, where nothing has converged."""
    least, _ = BESIDE.of(objective.loss, _unit(objective))
    ended = _by_newton(objective, best, limits, least)
    if ended is not None:
        ended = _evaluated(objective, ended)
        along = edge_of(objective, ended.theta, ended.at_bound)
        if ended.cost <= best.cost + FREE and along.held >= SOME:
            return ended, along
    return best._replace(status=edge.without_minimum(best.status)), edge


def _by_newton(
    objective: Bound, ended: Solution, limits: Limits, least: float
) -> Solution | None:
    """Minimum along the edge near a point of the path; None if there is none."""
    if not isinstance(objective, Objective) or not _takes_newton(objective):
        return None
    before, lower = objective.n_evals, objective.loss.traits.lower
    stack, at_bound = Stacked.of_one(objective), ended.at_bound[None]
    ends = newton_along_edge(stack, ended.theta[None], at_bound, limits, least - lower)
    if not ends.found[0]:
        return None
    n_evals = ended.n_evals + objective.n_evals - before
    return ended._replace(theta=ends.theta[0], status=Status.EDGE, n_evals=n_evals)


def _evaluated(objective: Bound, ended: Solution) -> Solution:
    """The same point as a solution of the loss itself."""
    cost, gradient, matrix = objective.normal(ended.theta)
    return solution_at(
        *(ended.theta, cost, gradient, matrix, ended.at_bound),
        status=ended.status,
        n_steps=ended.n_steps,
        n_evals=ended.n_evals,
    )
