"""Rows whose minimum lies on the edge of the loss's domain, or whose start lay outside.

They follow the path of `domain`, all of them at a time from level to level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.objective import Objective
from physfit.solve.base import Status, Stop
from physfit.solve.domain import (
    CLOSE,
    EDGE,
    FREE,
    LEVELS,
    SOME,
    STEPS,
    Edge,
    edge_of,
)
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.solve.many import ManyFits
    from physfit.solve.row_table import Records

__all__ = ["settle_rows"]


def settle_rows(
    fits: ManyFits, data: RowData, numbers: IntArray | None, records: Records
) -> None:
    """Fit rows again that ended outside the domain or near its edge, in place.

    Parameters
    ----------
    fits : ManyFits
        What the rows were fitted with.
    data : RowData
    numbers : ndarray of int or None
        Rows of the fits; None for all, in their order.
    records : Records
        Their answers; the first moment is what `engine.edge` counts.
    """
    table = records.table
    rows = np.arange(table.n_rows) if numbers is None else numbers
    undetermined = table.status == Status.UNDETERMINED
    lost = table.failed | (table.status == Status.XTOL)
    lost |= ~(records.moments[:, 0] < SOME)
    lost &= (table.status < Status.TOO_FEW) & ~undetermined
    own = _Rows(fits, data, rows, records)
    # What the edge holds may look undetermined, and is no part of the matrix then.
    for number in np.flatnonzero(undetermined).tolist():
        lost[number] = own.point(number, table.theta[number]).edge.held >= SOME
    chosen = np.flatnonzero(lost)
    if not chosen.size:
        return
    y = np.where(data.used(rows[chosen]), data.y[rows[chosen]], np.inf)
    traits = fits.loss.traits
    refused = traits.refuses(y).any(axis=1)
    _refuse(records, chosen[refused])
    outside = table.status[chosen] == Status.NOT_FINITE_AT_START
    has_edge = (y <= traits.lower).any(axis=1) & (not traits.is_open)
    kept = (outside | has_edge) & ~refused
    chosen, y = chosen[kept], y[kept]
    left = np.array([not _is_done(own, number) for number in chosen.tolist()], bool)
    chosen, y = chosen[left], y[left]
    if not chosen.size:
        return
    mean = np.nanmean(np.where(np.isfinite(y), y, np.nan), axis=1) - traits.lower
    # Rows of about as many counts share the units of their levels.
    size = np.where(mean > 0.0, np.round(np.log10(np.where(mean > 0.0, mean, 1.0))), 0)
    for power in np.unique(size):
        _along_path(own, chosen[size == power], 10.0**power)


def _refuse(records: Records, chosen: IntArray) -> None:
    """No answer for rows with a datum that the loss cannot take."""
    table = records.table
    table.status[chosen] = Status.OUTSIDE_DOMAIN
    table.n_steps[chosen] = table.n_samples[chosen] = 0
    table.at_bound[chosen] = 0
    for array in (table.chi2, table.condition, table.theta, table.covariance):
        array[chosen] = np.nan


class _Point(NamedTuple):
    """A point of a row: cost, infinite outside the domain, and what the edge holds."""

    theta: FloatArray
    cost: float
    edge: Edge


class _Rows(NamedTuple):
    """Rows of a block, and the answers of their fits by number."""

    fits: ManyFits
    data: RowData
    numbers: IntArray
    records: Records

    def point(self, number: int, theta: FloatArray) -> _Point:
        """Where a fit is at parameters, shape (P,)."""
        fits, data, row = self.fits, self.data, int(self.numbers[number])
        used = data.used(np.array([row]))[0]
        x = data.x[row] if data.has_own_x else data.x
        y = np.ascontiguousarray(data.y[row, used], dtype=np.float64)[None]
        x = np.ascontiguousarray(x[:, used], dtype=np.float64)
        objective = Objective(fits.layout, x, y, np.ones_like(y), fits.loss)
        theta, at_bound = theta.copy(), self.records.table.at_bound[number]
        edge = edge_of(objective, theta, np.where(at_bound == EDGE, 0, at_bound))
        cost = objective.cost(theta) if edge.held >= 0.0 else np.inf
        objective.release()
        return _Point(theta, cost if np.isfinite(cost) else np.inf, edge)

    def put(self, number: int, point: _Point, status: int) -> None:
        """Write a point on the edge, with errors along it."""
        table, edge = self.records.table, point.edge
        table.theta[number], table.chi2[number] = point.theta, 2.0 * point.cost
        table.at_bound[number] = edge.at_bound
        table.covariance[number] = _packed(edge.covariance)
        table.condition[number] = edge.condition
        self.records.ranks[number] = edge.rank
        table.status[number] = status


def _is_done(rows: _Rows, number: int) -> bool:
    """Whether a row lies on the edge at no cost, such as one without any counts."""
    table = rows.records.table
    if not table.chi2[number] < 2.0 * FREE:
        return False
    point = rows.point(number, table.theta[number])
    if point.edge.held >= SOME:
        rows.put(number, point, Status.EDGE)
    return point.edge.held >= SOME


def _along_path(rows: _Rows, chosen: IntArray, unit: float) -> None:
    """Fits of chosen rows by the path inside, from where they have ended."""
    fits, data, table = rows.fits, rows.data, rows.records.table
    numbers = np.ascontiguousarray(rows.numbers[chosen], dtype=np.int64)
    ended, theta = table.chosen(chosen), table.theta[chosen]
    before = theta
    for level in LEVELS:
        stop = Stop(ftol=level.ftol, max_steps=STEPS)
        path = fits.variant(stop, softened=True)
        path.soften(*level.of(fits.loss, unit))
        ended = path.fit(data, theta, numbers=numbers).table
        before, theta = theta, ended.theta
        table.n_steps[chosen] += ended.n_steps
    inner = []
    for k, number in enumerate(chosen.tolist()):
        point = rows.point(number, theta[k])
        if not np.isfinite(point.cost):
            # A level as fine as the rounding of the model may end outside by as much.
            point = rows.point(number, before[k])
        if not np.isfinite(point.cost):
            # A model that underflows where something was counted: no way to a minimum.
            continue
        if point.edge.held >= SOME:
            status = int(ended.status[k])
            _keep_better(rows, number, point, status)
        else:
            theta[k] = point.theta
            inner.append(k)
    _finish_inside(rows, chosen[inner], theta[inner])


def _keep_better(rows: _Rows, number: int, point: _Point, status: int) -> None:
    """Put the end of the path, or what the row had where that is better."""
    table = rows.records.table
    mine = rows.point(number, table.theta[number])
    # What the edge holds may look undetermined on the path.
    is_found = Status(status).converged or status == Status.UNDETERMINED
    is_found |= point.edge.is_found
    found = Status.EDGE if is_found else status
    if point.cost <= mine.cost + FREE:
        rows.put(number, point, found)
    elif mine.edge.held >= SOME:
        is_confirmed = is_found and point.cost <= mine.cost + CLOSE
        rows.put(number, mine, found if is_confirmed else int(table.status[number]))


def _finish_inside(rows: _Rows, chosen: IntArray, theta: FloatArray) -> None:
    """Fits of chosen rows from where the path has led them to, away from the edge."""
    if not len(chosen):
        return
    table, numbers = rows.records.table, rows.numbers[chosen].astype(np.int64)
    plain = rows.fits.variant(rows.fits.stop)
    last = plain.fit(rows.data, theta, numbers=numbers, settled=True)
    for k, number in enumerate(chosen.tolist()):
        mine = rows.point(number, table.theta[number])
        n_steps = table.n_steps[number] + last.table.n_steps[k]
        if last.table.chi2[k] <= 2.0 * (mine.cost + FREE):
            table.put(np.array([number]), last.table.rows(k, k + 1))
            rows.records.ranks[number] = last.ranks[k]
            mine = rows.point(number, table.theta[number])
        table.n_steps[number] = n_steps
        if mine.edge.held >= SOME:
            rows.put(number, mine, int(table.status[number]))


def _packed(matrix: FloatArray) -> FloatArray:
    """Lower triangle, row by row."""
    triangle: FloatArray = matrix[np.tril_indices(len(matrix))]
    return triangle
