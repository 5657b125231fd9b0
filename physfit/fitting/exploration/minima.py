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
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from physfit.document.blocks import Columns, Document, Table, Text, rows_of, table
from physfit.document.fields import fields_html
from physfit.errors import ConvergenceError
from physfit.fitting.distances import stderr_of
from physfit.fitting.exploration.base import Exploration, with_error
from physfit.fitting.fit_plan import FitPlan
from physfit.objective import Objective
from physfit.result.column_table import TableColumns, columns_of
from physfit.solve.base import Solution, Status
from physfit.typing import FloatArray, IntArray

__all__ = ["CLOSE", "Minimum", "MultiStart", "clustered"]

#: Largest distance within a minimum, in standard errors.
CLOSE = 0.1
#: A fit with so many standard errors left to go has arrived.
LEFT = 0.01
#: Twice the cost, in units of the noise, may differ by this within a minimum.
SAME_CHI2 = 0.1
#: Minima that a report lists, and those whose parameters it shows.
LISTED = 12
SHOWN = 4
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

    def _repr_html_(self) -> str:
        return fields_html(self)


@dataclass(frozen=True, repr=False)
class MultiStart(Exploration):
    """Where many starts ended; drawn as their costs in order and the basins' shares.

    Attributes
    ----------
    expression, loss : str
        Of the model, as `parse_model` reads it, and of the loss.
    method : str
        "lm", or the descent that went first.
    names : tuple of str
        Free parameters.
    n_samples : int
        Real numbers in the data.
    seed : int
    minima : tuple of Minimum
        Distinct ones, from the deepest up.
    starts, ends : ndarray, shape (n_starts, P)
        Free parameters in the beginning and at the end.
    costs : ndarray, shape (n_starts,)
        At the ends; NaN where the model is not finite.
    member : ndarray of int, shape (n_starts,)
        Number of the minimum that each start led to; -1 for those that led to none.
    noise : float
        Standard deviation of a weighted sample; 1 where sigma was given.
    seconds : float
    """

    expression: str
    loss: str
    method: str
    names: tuple[str, ...]
    n_samples: int
    seed: int
    minima: tuple[Minimum, ...]
    starts: FloatArray
    ends: FloatArray
    costs: FloatArray
    member: IntArray
    noise: float
    seconds: float

    FIGURE = "explorations:minima_figure"
    RECORDED = ("n_starts", "n_failed")

    def _table(self) -> TableColumns:
        return columns_of(self.minima)

    @property
    def n_starts(self) -> int:
        """Number of starts."""
        return len(self.starts)

    @property
    def n_failed(self) -> int:
        """Starts that led to no minimum."""
        return int(np.sum(self.member < 0))

    @property
    def best(self) -> Minimum:
        """The deepest minimum.

        Raises
        ------
        ConvergenceError
            When no start led to a minimum.
        """
        if not self.minima:
            raise ConvergenceError(
                f"none of {self.n_starts} starts led to a minimum; bound the "
                "parameters or give `within`."
            )
        return self.minima[0]

    def share_of(self, minimum: Minimum) -> float:
        """Share of the starts that led to a minimum as deep as that of another run.

        Parameters
        ----------
        minimum : Minimum
            For example `.best` of a run with another method, on the same data.

        Returns
        -------
        float

        Examples
        --------
        >>> import physfit as pf
        >>> line, x, y = pf.models.Linear(), [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> first = pf.multistart(line, x, y, n_starts=8)
        >>> other = pf.multistart(line, x, y, n_starts=8, method="gd")
        >>> other.share_of(first.best)
        1.0
        """
        limit = minimum.cost + 0.5 * SAME_CHI2 * self.noise**2
        return float(sum(own.share for own in self.minima if own.cost <= limit))

    def _document(self) -> Document:
        """A line for each minimum, and the parameters of the deepest ones."""
        title = (
            f"{self.expression}, {self.loss}, {self.n_samples} samples, "
            f"{self.n_starts} starts by {self.method}, seed {self.seed}"
        )
        numbered = enumerate(self.minima[:LISTED], 1)
        more = []
        if len(self.minima) > LISTED:
            n_starts = sum(minimum.count for minimum in self.minima[LISTED:])
            n_minima = len(self.minima) - LISTED
            more = [f"and {n_minima} shallower minima of {n_starts} starts together"]
        return [
            Text([title]),
            table("lr", tuple(COLUMNS), rows_of(COLUMNS, numbered)),
            Text(more),
            *self._parameters(),
            Text([self._verdict()]),
        ]

    def _parameters(self) -> list[Table]:
        """Values with errors, a column for each of the deepest minima."""
        shown = self.minima[:SHOWN]
        if not shown or not self.names:
            return []
        titles = ("parameter", *(f"minimum {k + 1}" for k in range(len(shown))))
        rows = [
            (name, *(with_error(own.values[name], own.stderr[name]) for own in shown))
            for name in self.names
        ]
        return [table("lr", titles, rows)]

    def _verdict(self) -> str:
        """What the shares mean for somebody who starts at random."""
        n, failed = self.n_starts, self.n_failed
        lost = f"; {failed} of {n} led to no minimum" if failed else ""
        if not self.minima:
            return f"none of {n} starts led to a minimum"
        share = self.minima[0].share
        if share == 1.0:
            return "every start leads to the same minimum"
        needed = math.ceil(math.log(0.01) / math.log1p(-share))
        starts = f"{needed} starts are" if needed > 1 else "one start is"
        return (
            f"the deepest minimum is found from {100.0 * share:.1f} % of the "
            f"starts{lost}; {starts} enough to find it with 99 % probability"
        )


#: Of a minimum behind its number.
COLUMNS: Columns = {
    "minimum": "{0[0]}",
    "delta chi2": "{0[1].delta_chi2:.5g}",
    "cost": "{0[1].cost:.8g}",
    "starts": "{0[1].count}",
    "share": lambda numbered: f"{100.0 * numbered[1].share:.1f} %",
    "forms": "{0[1].forms}",
}


def clustered(
    plan: FitPlan, solutions: Sequence[Solution]
) -> tuple[tuple[Minimum, ...], IntArray, float]:
    """Minima from the deepest up, the minimum of each solution, and the noise.

    The number is -1 for a solution that did not converge.
    """
    member = np.full(len(solutions), -1, dtype=np.int64)
    ended = [k for k, own in enumerate(solutions) if math.isfinite(own.cost)]
    deepest = min((solutions[k].cost for k in ended), default=0.0)
    unit = plan.noise(deepest)
    ended = [k for k in ended if _has_arrived(solutions[k], unit)]
    ended.sort(key=lambda k: (solutions[k].cost, k))
    if not ended:
        return (), member, math.nan
    noise = plan.noise(solutions[ended[0]].cost)
    found: list[_Cluster] = []
    for k in ended:
        member[k] = _place(plan.objective, found, solutions[k], noise)
    lowest = found[0].best.cost
    n = len(solutions)
    names = plan.model.free_names
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
