"""A single fit that failed, tried again from other starts as a row of many is.

It is fitted once more as a row, from the same start, and that row is tried again by the
rule of `retries`: `fit` and `fit_many` have one answer. Where that has converged, the
single fit goes on from it to its own last digits; a cost without a minimum ends where
the row does, as how far one comes along it depends on every step.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.engine.host_calls import call_limit
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.retries import EQUAL, Retries, own_stages
from physfit.models.guess import guess_for
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import solution_at
from physfit.solve.many import ManyFits
from physfit.solve.row_table import Records, RetryStage, RowTable
from physfit.uncertainty.rows import unpacked

__all__ = ["Again", "tried_again"]

#: Calls of functions in Python that all further starts may take.
MOST_CALLS = 1500
#: Numbers beyond which a fit is not tried again: a signal is seen between two fits.
MOST_SAMPLES = 100_000
#: Variances by which costs without a minimum may differ that are those of one place:
#: what ends such fits is that many steps gain no more (`engine.determined`).
SLOW = 1e-3
#: What a row is said to come from that has the start of the single fit.
FIRST = RetryStage.PREVIOUS


class Again(NamedTuple):
    """The answer of a fit that was tried again.

    Attributes
    ----------
    solution : Solution
    scale : float or None
        Of the residuals, where the loss measures by it.
    stage : RetryStage or None
        Which other start values led to it; None for the same ones.
    """

    solution: Solution
    scale: float | None
    stage: RetryStage | None


def tried_again(plan: FitPlan, solution: Solution, scale: float | None) -> Again | None:
    """The answer of other starts than that of a fit which failed, if it is no worse.

    Parameters
    ----------
    plan : FitPlan
        Its objective measures by that scale of residuals. Who limits the steps is not
        given more of them.
    solution : Solution
    scale : float or None
    """
    status, objective = solution.status, plan.objective
    is_cut = plan.settings.stop is not None and status is Status.MAX_STEPS
    if status.converged or not status.fitted or is_cut or bool(plan.model.spins):
        return None
    if objective.y.size > MOST_SAMPLES:
        return None
    with call_limit(MOST_CALLS) as calls:
        retries = _as_row(plan)
    if retries is None or calls.is_over:  # which would have ended otherwise
        return None
    table = retries.table
    if not _is_taken(plan, table, solution, scale):
        return None
    won = RetryStage(int(table.retry_stage[0]))
    stage = None if won in (FIRST, RetryStage.GIVEN) else won
    if not table.failed[0]:
        last = plan.begun_at(table.theta[0].copy())
        polished, its_scale = last.minimised(plan.settings.stop)
        if _confirms(polished, its_scale, table):
            return Again(polished.after(solution), its_scale, stage)
    ended, its_scale = _of_row(plan, retries)
    return Again(ended.after(solution), its_scale, stage)


def _is_taken(
    plan: FitPlan, table: RowTable, solution: Solution, scale: float | None
) -> bool:
    """Whether the answer of the row is no worse than that of the single fit."""
    before = 2.0 * solution.cost if scale is None else scale
    if not math.isfinite(before):
        return True
    slack = EQUAL * before
    if table.failed[0] and scale is None:
        slack = max(slack, 2.0 * SLOW * plan.noise(solution.cost) ** 2)
    return bool(table.rating[0] <= before + slack)


def _confirms(solution: Solution, scale: float | None, table: RowTable) -> bool:
    """Whether a fit from where the row has converged has ended there as well."""
    is_edge = table.status[0] == Status.EDGE
    if not solution.status.converged or (solution.status is Status.EDGE) != is_edge:
        return False
    after = 2.0 * solution.cost if scale is None else scale
    return after <= float(table.rating[0]) * (1.0 + EQUAL)


def _of_row(plan: FitPlan, retries: Retries) -> tuple[Solution, float | None]:
    """The answer of a row as a solution, and the scale of its residuals."""
    objective, table = plan.objective, retries.table
    scale = float(table.scale[0]) if plan.needs_scale else None
    if scale is not None:
        objective.measure_by(scale)
    theta, at_bound = table.theta[0].copy(), table.at_bound[0].astype(np.int64)
    _, gradient, matrix = objective.normal(theta)
    n_steps, cost = int(table.n_steps[0]), 0.5 * float(table.chi2[0])
    solution = solution_at(
        *(theta, cost, gradient, matrix, at_bound),
        status=Status(int(table.status[0])),
        n_steps=n_steps,
        n_evals=n_steps + 1,
    )
    covariance = unpacked(table.covariance[0], len(theta))
    condition = float(table.condition[0])
    return solution._replace(covariance=covariance, condition=condition), scale


def _as_row(plan: FitPlan) -> Retries | None:
    """The same fit as a row, tried again; None where it could not be fitted."""
    model, data, loss = plan.model, plan.data, plan.loss
    guess = guess_for(model, data.x, loss.traits)
    fits = ManyFits(model, loss, stop=plan.settings.stop, guess=guess)
    names = np.array(model.free_names)
    is_guessed = np.isin(names, plan.start.guessed)
    y = data.y[0] if model.n_outputs == 1 else data.y[0] + 1j * data.y[1]
    rows = RowData(y[None], data.x, None if data.sigma is None else data.sigma[None])
    start = np.where(is_guessed, np.nan, plan.theta)
    table = _table_of(fits.fit(rows, start), FIRST)
    retries = Retries(model, fits, _table_of, rows, table, start)
    retries.run(own_stages(bool(is_guessed.all())))
    return None if table.unfitted.any() else retries


def _table_of(records: Records, stage: RetryStage) -> RowTable:
    """The answers, whose covariances are inverses of their matrices."""
    records.table.retry_stage.fill(stage)
    return records.table
