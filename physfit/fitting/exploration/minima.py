"""Which of many fits ended in the same minimum.

Two fits are in the same minimum when they give the same curve: with the weights t_i of
the data at the deeper one, and the noise s of a weighted sample,

    d^2 = sum_i t_i (f_i - f'_i)^2 / s^2  <=  `CLOSE`^2 .

A parameter moved by a fraction of its standard error, all others following, gives d of
that fraction. So d is a distance in standard errors that needs no covariance, and it is
zero where parameters differ without a difference to the data: components that changed
places, an angle turned by 2 pi, a sign taken by two factors, the position of a peak of
no height. Such sets of values are counted as the forms of the minimum.

A fit that ran out of steps has arrived all the same when hardly anything is left to
go: with gradient g and covariance C that is sqrt(g^T C g) / s standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from physfit.fitting.distances import stderr_of
from physfit.fitting.prepared import Prepared
from physfit.objective import Objective
from physfit.solve.base import Solution, Status
from physfit.typing import FloatArray, IntArray

__all__ = ["CLOSE", "Minimum", "clustered"]

#: Largest distance within a minimum, in standard errors.
CLOSE = 0.1
#: A fit with so many standard errors left to go has arrived.
LEFT = 0.01
#: Twice the cost, in units of the noise, may differ by this within a minimum.
SAME_CHI2 = 0.1
#: Another form of a minimum has a parameter this many standard errors away.
OTHER_FORM = 1.0


class Minimum(NamedTuple):
    """A minimum that one or more starts led to.

    Attributes
    ----------
    cost : float
        Half of chi2, or the loss summed.
    delta_chi2 : float
        Twice the cost above the deepest minimum, in units of the noise: by that much
        chi2 is larger.
    count : int
        Starts that ended here.
    share : float
        The same as a fraction of all starts: the share of its basin.
    values, stderr : dict of str to float
        Free parameters of the best of these fits; an error is NaN where the data do
        not determine the parameter.
    forms : int
        Sets of values with this curve, such as components that changed places.
    """

    cost: float
    delta_chi2: float
    count: int  # type: ignore[assignment]
    share: float
    values: dict[str, float]
    stderr: dict[str, float]
    forms: int


def clustered(
    prepared: Prepared, solutions: Sequence[Solution]
) -> tuple[tuple[Minimum, ...], IntArray, float]:
    """Minima from the deepest up, the minimum of each solution, and the noise.

    The number is -1 for a solution that did not converge.
    """
    member = np.full(len(solutions), -1, dtype=np.int64)
    ended = [k for k, own in enumerate(solutions) if math.isfinite(own.cost)]
    deepest = min((solutions[k].cost for k in ended), default=0.0)
    unit = prepared.noise(deepest)
    ended = [k for k in ended if _has_arrived(solutions[k], unit)]
    ended.sort(key=lambda k: (solutions[k].cost, k))
    if not ended:
        return (), member, math.nan
    noise = prepared.noise(solutions[ended[0]].cost)
    found: list[_Cluster] = []
    for k in ended:
        member[k] = _place(prepared.objective, found, solutions[k], noise)
    lowest = found[0].best.cost
    n = len(solutions)
    names = prepared.model.free_names
    minima = tuple(own.minimum(lowest, n, names, noise) for own in found)
    return minima, member, noise


def _has_arrived(solution: Solution, noise: float) -> bool:
    """Whether a fit ended in a minimum, or as good as."""
    if solution.status.converged:
        return True
    if solution.status not in (Status.MAX_STEPS, Status.STALLED):
        return False
    free = solution.at_bound == 0
    gradient = solution.gradient[free]
    square = gradient @ solution.covariance[np.ix_(free, free)] @ gradient
    return bool(0.0 <= square <= (LEFT * noise) ** 2)


def _place(
    objective: Objective, found: list[_Cluster], solution: Solution, noise: float
) -> int:
    """Number of the cluster that takes the solution; a new one if none does."""
    values = objective.values(solution.theta)
    for number in reversed(range(len(found))):
        own = found[number]
        if 2.0 * (solution.cost - own.best.cost) > SAME_CHI2 * noise**2:
            break
        if own.distance(values, noise) <= CLOSE:
            own.take(solution, noise)
            return number
    found.append(_Cluster(objective, solution, values, noise))
    return len(found) - 1


class _Cluster:
    """Solutions with the same curve; the first one is the best."""

    def __init__(
        self, objective: Objective, best: Solution, values: FloatArray, noise: float
    ) -> None:
        self.best = best
        self._values = values
        self._weights = objective.loss_terms(values)[2]
        self._stderr = stderr_of(best, noise)
        self._forms = [best.theta]
        self._count = 1

    def distance(self, values: FloatArray, noise: float) -> float:
        """Distance of a curve, in standard errors."""
        square = np.sum(self._weights * (values - self._values) ** 2)
        return math.sqrt(float(square)) / noise

    def take(self, solution: Solution, noise: float) -> None:
        """Count one more, and its form if it is new."""
        self._count += 1
        unit = np.where(np.isfinite(self._stderr), self._stderr, np.inf)
        own = stderr_of(solution, noise)
        unit = np.where(unit < own, unit, own)
        apart = [
            float(np.max(np.abs(solution.theta - form) / unit, initial=0.0))
            for form in self._forms
        ]
        if min(apart) > OTHER_FORM:
            self._forms.append(solution.theta)

    def minimum(
        self, lowest: float, n: int, names: Sequence[str], noise: float
    ) -> Minimum:
        """The record of it."""
        return Minimum(
            cost=self.best.cost,
            delta_chi2=2.0 * (self.best.cost - lowest) / noise**2,
            count=self._count,
            share=self._count / n,
            values=dict(zip(names, self.best.theta.tolist(), strict=True)),
            stderr=dict(zip(names, self._stderr.tolist(), strict=True)),
            forms=len(self._forms),
        )
