"""Rows whose minimum lies on the edge of the loss's domain, or whose start lay outside.

They follow the path of `domain`, all of them at a time from level to level.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.objective import Objective
from physfit.solve.base import Status, Stop
from physfit.solve.domain import BESIDE, LARGEST, LEVELS, NEWTON, STEPS, units_of
from physfit.solve.edges import EDGE, FREE, SOME, Edge, edges_of
from physfit.solve.primal_dual import newton_along_edge
from physfit.solve.stacked import Mask, Stacked
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
    own = _Rows(fits, data, rows, records)
    chosen = _near_edge(own)
    if not chosen.size:
        return
    y = np.where(data.used(rows[chosen]), data.y[rows[chosen]], np.inf)
    traits = fits.loss.traits
    refused = traits.refuses(y).any(axis=1)
    _refuse(records, chosen[refused])
    chosen, y = chosen[~refused], y[~refused]
    outside = table.status[chosen] == Status.NOT_FINITE_AT_START
    mean = np.nanmean(np.where(np.isfinite(y), y, np.nan), axis=1) - traits.lower
    units = units_of(mean)
    for unit in np.unique(units[outside]).tolist():
        _lead_inside(own, chosen[outside & (units == unit)], unit)
    if outside.any():
        still = np.isin(chosen, _near_edge(own))
        chosen, y, units = chosen[still], y[still], units[still]
        outside = table.status[chosen] == Status.NOT_FINITE_AT_START
    has_edge = (y <= traits.lower).any(axis=1) & (not traits.is_open)
    kept = outside | has_edge
    kept[kept] = ~_are_done(own, chosen[kept])
    chosen, units = chosen[kept], units[kept]
    for unit in np.unique(units).tolist():
        _bring_back(own, chosen[units == unit], unit)
        _along_path(own, chosen[units == unit], unit)


def _near_edge(own: _Rows) -> IntArray:
    """Rows that ended outside the domain or may have ended on its edge."""
    table, records = own.records.table, own.records
    undetermined = table.status == Status.UNDETERMINED
    lost = table.failed | (table.status == Status.XTOL)
    lost |= ~(records.moments[:, 0] < SOME)
    lost &= (table.status < Status.TOO_FEW) & ~undetermined
    # What the edge holds may look undetermined, and is no part of the matrix then.
    open_ones = np.flatnonzero(undetermined)
    points = own.points(open_ones, table.theta[open_ones])
    lost[open_ones] = [point.edge.held >= SOME for point in points]
    return np.flatnonzero(lost)


def _lead_inside(own: _Rows, chosen: IntArray, unit: float) -> None:
    """Fit rows whose start lies outside from where the levels of the path lead it."""
    fits, table = own.fits, own.records.table
    left, theta = np.arange(len(chosen)), table.theta[chosen]
    for level in LEVELS:
        softened = fits.variant(Stop(ftol=1e-6), softened=True)
        softened.soften(*level.of(fits.loss, unit))
        numbers = own.numbers[chosen[left]].astype(np.int64)
        theta[left] = softened.fit(own.data, theta[left], numbers=numbers).table.theta
        left = left[~np.isfinite(own.costs(chosen[left], theta[left]))]
        if not left.size:
            break
    numbers = own.numbers[chosen].astype(np.int64)
    again = fits.variant(fits.stop).fit(own.data, theta, numbers=numbers, settled=True)
    table.put(chosen, again.table)
    own.records.ranks[chosen] = again.ranks
    own.records.moments[chosen] = again.moments


def _bring_back(own: _Rows, chosen: IntArray, unit: float) -> None:
    """Let rows that a last step, not evaluated, led outside end inside, next to it."""
    fits, table = own.fits, own.records.table
    lost = ~np.isfinite(own.costs(chosen, table.theta[chosen]))
    left = chosen[lost & (table.status[chosen] != Status.NOT_FINITE_AT_START)]
    for level in (LEVELS[-1], BESIDE):
        if not left.size:
            return
        softened = fits.variant(Stop(ftol=level.ftol, max_steps=STEPS), softened=True)
        softened.soften(*level.of(fits.loss, unit))
        numbers = own.numbers[left].astype(np.int64)
        theta = softened.fit(own.data, table.theta[left], numbers=numbers).table.theta
        costs = own.costs(left, theta)
        inside = np.isfinite(costs)
        table.theta[left[inside]] = theta[inside]
        table.chi2[left[inside]] = 2.0 * costs[inside]
        left = left[~inside]


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
    is_empty: bool


class _Rows(NamedTuple):
    """Rows of a block, and the answers of their fits by number."""

    fits: ManyFits
    data: RowData
    numbers: IntArray
    records: Records

    def costs(self, numbers: IntArray, theta: FloatArray) -> FloatArray:
        """Costs of fits at parameters, shape (N, P); infinite outside the domain."""
        costs = np.empty(len(numbers))
        for some in self.slices(len(numbers)):
            with self.stacked(numbers[some]) as stack:
                costs[some] = stack.costs(theta[some])
        return costs

    def points(
        self, numbers: IntArray, theta: FloatArray, at_bound: IntArray | None = None
    ) -> list[_Point]:
        """Where fits are at parameters, shape (N, P), of which some are at a bound."""
        known = self.records.table.at_bound[numbers] if at_bound is None else at_bound
        sides = np.where(known == EDGE, 0, known).astype(np.int64)
        points: list[_Point] = []
        for some in self.slices(len(numbers)):
            with self.stacked(numbers[some]) as stack:
                edges = edges_of(stack, theta[some], sides[some])
                costs, empty = stack.costs(theta[some]).tolist(), stack.is_empty
                columns = theta[some].copy(), costs, edges, empty.tolist()
                points += map(_Point, *columns)
        return points

    def slices(self, count: int) -> Iterator[slice]:
        """Of so many fits, as many at a time as memory is taken for."""
        size = self.fits.n_free * self.data.n_points
        size = max(1, LARGEST // (10 * size))
        yield from (slice(first, first + size) for first in range(0, count, size))

    @contextmanager
    def stacked(self, numbers: IntArray) -> Iterator[Stacked]:
        """Some fits side by side; they share a model where they share x."""
        data, rows = self.data, self.numbers[numbers]
        used, y = data.used(rows), data.y[rows].astype(np.float64)
        is_whole = self.fits.layout.needs_whole_curve and not used.all()
        if data.has_own_x or is_whole:
            own_x = data.x[rows] if data.has_own_x else [data.x] * len(rows)
            places = used if is_whole else np.ones_like(used)
            models = [
                self._model(x[:, some]) for x, some in zip(own_x, places, strict=True)
            ]
        else:
            models = [self._model(data.x)]
        yield Stacked.of(models, y, used)
        for model in models:
            model.release()

    def _model(self, x: FloatArray) -> Objective:
        """The model and the loss at these x."""
        x = np.ascontiguousarray(x, dtype=np.float64)
        y = np.ones((1, x.shape[1]))
        return Objective(self.fits.layout, x, y, y, self.fits.loss)

    def put(self, number: int, point: _Point, status: int) -> None:
        """Write a point on the edge, with errors along it."""
        table, edge = self.records.table, point.edge
        table.theta[number], table.chi2[number] = point.theta, 2.0 * point.cost
        table.at_bound[number] = edge.at_bound
        table.covariance[number] = _packed(edge.covariance)
        table.condition[number] = edge.condition
        self.records.ranks[number] = edge.rank
        table.status[number] = edge.judged(Status(status), point.is_empty)


def _are_done(rows: _Rows, chosen: IntArray) -> Mask:
    """Whether rows lie on the edge at no cost, such as those without any counts."""
    table = rows.records.table
    done = np.asarray(table.chi2[chosen] < 2.0 * FREE)
    numbers = chosen[done]
    points = rows.points(numbers, table.theta[numbers])
    for number, point in zip(numbers.tolist(), points, strict=True):
        if point.edge.held >= SOME:
            rows.put(number, point, Status.EDGE)
    done[done] = [point.edge.held >= SOME for point in points]
    return done


class _Path(NamedTuple):
    """Where rows have come to along the path.

    Attributes
    ----------
    theta, before : ndarray, shape (N, P)
        At its end, and a level before.
    at_bound : ndarray of int, shape (N, P)
    status : ndarray of int, shape (N,)
    """

    theta: FloatArray
    before: FloatArray
    at_bound: IntArray
    status: IntArray


def _along_path(rows: _Rows, chosen: IntArray, unit: float) -> None:
    """Fits of chosen rows by the path inside, from where they have ended."""
    path, table, inner, beside = _path(rows, chosen, unit), rows.records.table, [], []
    points = rows.points(chosen, path.theta, path.at_bound)
    lost = np.flatnonzero([not np.isfinite(point.cost) for point in points])
    # A level as fine as the rounding of the model may end outside by as much.
    again = rows.points(chosen[lost], path.before[lost], path.at_bound[lost])
    for k, point in zip(lost.tolist(), again, strict=True):
        points[k] = point
    before = rows.costs(chosen, table.theta[chosen]).tolist()
    for k, (number, point) in enumerate(zip(chosen.tolist(), points, strict=True)):
        if not np.isfinite(point.cost):
            # A model that underflows where something was counted: no way to a minimum.
            continue
        if not point.edge.held >= SOME:
            path.theta[k] = point.theta
            inner.append(k)
        elif not before[k] < point.cost - FREE:
            status = Status(int(path.status[k]))
            if status is not Status.EDGE:
                status = point.edge.without_minimum(status)
            rows.put(number, point, status)
        else:
            beside.append(number)
    _finish_inside(rows, chosen[inner], path.theta[inner])
    _finish_on_edge(rows, np.array([*beside, *chosen[inner].tolist()], np.int64), unit)


def _path(rows: _Rows, chosen: IntArray, unit: float) -> _Path:
    """Path of chosen rows, by Newton steps to its end where they arrive there."""
    fits, data, table = rows.fits, rows.data, rows.records.table
    numbers = np.ascontiguousarray(rows.numbers[chosen], dtype=np.int64)
    before = theta = table.theta[chosen]
    ended = table
    for level in LEVELS[: LEVELS.index(NEWTON) + 1]:
        softened = fits.variant(Stop(ftol=level.ftol, max_steps=STEPS), softened=True)
        softened.soften(*level.of(fits.loss, unit))
        ended = softened.fit(data, theta, numbers=numbers).table
        before, theta = theta, ended.theta
        table.n_steps[chosen] += ended.n_steps
    at_bound, (least, _) = ended.at_bound.astype(np.int64), NEWTON.of(fits.loss, unit)
    found, theta = _by_newton(rows, chosen, theta, at_bound, least)
    status = np.where(found, Status.EDGE, ended.status.astype(np.int64))
    return _Path(theta, before, at_bound, status)


def _by_newton(
    rows: _Rows, numbers: IntArray, theta: FloatArray, at_bound: IntArray, least: float
) -> tuple[Mask, FloatArray]:
    """Which rows have a minimum along the edge nearby, and it or where they were."""
    found, ended = np.zeros(len(numbers), dtype=bool), theta.copy()
    fits, barrier = rows.fits, least - rows.fits.loss.traits.lower
    limits = fits.model.free_lower, fits.model.free_upper
    for some in rows.slices(len(numbers)):
        with rows.stacked(numbers[some]) as stack:
            begun = theta[some], at_bound[some]
            ends = newton_along_edge(stack, *begun, limits, barrier)
        found[some] = ends.found
        ended[some] = np.where(ends.found[:, None], ends.theta, theta[some])
    return found, ended


def _finish_on_edge(rows: _Rows, numbers: IntArray, unit: float) -> None:
    """Minima near rows that lie on the edge; what has none has not converged."""
    table = rows.records.table
    points = rows.points(numbers, table.theta[numbers])
    on_edge = np.array([point.edge.held >= SOME for point in points], dtype=bool)
    numbers = numbers[on_edge]
    points = [point for point in points if point.edge.held >= SOME]
    if not points:
        return
    begun = np.array([point.theta for point in points])
    sides = np.where(table.at_bound[numbers] == EDGE, 0, table.at_bound[numbers])
    least, _ = BESIDE.of(rows.fits.loss, unit)
    found, theta = _by_newton(rows, numbers, begun, sides.astype(np.int64), least)
    ends = rows.points(numbers, theta)
    for k, number in enumerate(numbers.tolist()):
        point, end = points[k], ends[k]
        is_end = found[k] and end.cost <= point.cost + FREE
        if is_end and end.edge.held >= SOME:
            rows.put(number, end, Status.EDGE)
        else:
            status = point.edge.without_minimum(Status(int(table.status[number])))
            rows.put(number, point, status)


def _finish_inside(rows: _Rows, chosen: IntArray, theta: FloatArray) -> None:
    """Fits of chosen rows from where the path has led them to, away from the edge."""
    if not len(chosen):
        return
    table, numbers = rows.records.table, rows.numbers[chosen].astype(np.int64)
    plain = rows.fits.variant(rows.fits.stop)
    last = plain.fit(rows.data, theta, numbers=numbers, settled=True)
    before = rows.costs(chosen, table.theta[chosen])
    n_steps = table.n_steps[chosen] + last.table.n_steps
    better = ~(last.table.chi2 > 2.0 * (before + FREE))
    table.put(chosen[better], last.table.chosen(better))
    rows.records.ranks[chosen[better]] = last.ranks[better]
    table.n_steps[chosen] = n_steps


def _packed(matrix: FloatArray) -> FloatArray:
    """Lower triangle, row by row."""
    triangle: FloatArray = matrix[np.tril_indices(len(matrix))]
    return triangle
