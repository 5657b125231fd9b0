"""Samples of many rows that figures show: distributions, residuals, single fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from physfit.errors import InputError
from physfit.plot.many_pages import Cell
from physfit.plot.many_statistics import Distribution, Residuals
from physfit.result.many_rows import result_of, row_number, row_pulls
from physfit.result.report import labelled
from physfit.result.rounding import probability, short
from physfit.solve.base import Status
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.rows import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from physfit.result.many_result import ManyResult

__all__ = ["cells", "distributions", "pulls_of", "within_rows"]

#: Rows that a distribution takes at most, evenly over the map.
SHOWN = 1_000_000
#: Rows whose correlations are looked at.
LOOKED = 20_000


def even_sample(n: int, most: int) -> IntArray:
    """At most so many numbers below `n`, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def distributions(many: ManyResult, names: Iterable[str]) -> list[Distribution]:
    """Good values of quantities, of all rows or an even sample of them."""
    rows = even_sample(many.n_rows, SHOWN)
    found = []
    for name in names:
        own = many[name]
        errors = own.stderr[own.converged]
        errors = errors[np.isfinite(errors)]
        error = float(np.median(errors)) if errors.size else math.nan
        label = labelled(own.name, own.unit)
        found.append(Distribution(label, own.good.ravel()[rows], error))
    return found


def within_rows(many: ManyResult) -> FloatArray:
    """Median over rows of the correlations of the free parameters of a fit."""
    good = np.flatnonzero(~many.table.failed)
    n = len(many.free_names)
    if not good.size:
        return np.full((n, n), np.nan)
    rows = good[even_sample(len(good), LOOKED)]
    scaled = correlation_of(unpacked(many.table.covariance[rows], n))
    result = np.full((n, n), np.nan)
    for i, j in np.ndindex(n, n):
        known = scaled[:, i, j][np.isfinite(scaled[:, i, j])]
        if known.size:
            result[i, j] = np.median(known)
    return result


def pulls_of(many: ManyResult, n_rows: int) -> Residuals:
    """Residuals in sigma of an even sample of the rows that converged.

    Raises
    ------
    InputError
        When no row converged, or the data are not at hand.
    """
    good = np.flatnonzero(~many.table.failed)
    if not good.size:
        raise InputError("no row has converged, so there are no residuals to look at.")
    rows = good[even_sample(len(good), n_rows)]
    values = np.concatenate([row_pulls(many, row) for row in rows.tolist()])
    has_sigma = many.data is not None and many.data.sigma is not None
    is_estimated = not many.loss.knows_noise(has_sigma)
    width = 1.0
    if not is_estimated:
        dof = many.dof.ravel()[rows].clip(0).sum()
        width = math.sqrt(float(dof) / max(values.size, 1))
    return Residuals(values, len(rows), width, is_estimated)


def cells(many: ManyResult, places: Sequence[Sequence[int]]) -> list[Cell]:
    """Fits of some rows for a page, each with its place and how good it is."""
    found = []
    for place in places:
        row = row_number(many, tuple(int(own) for own in place))
        title = f"{_where(many, row)}\n{_how_good(many, row)}"
        is_bad = bool(many.table.failed[row])
        found.append(Cell(result_of(many, row), title, is_bad))
    return found


def _where(many: ManyResult, row: int) -> str:
    """Index of a row and its position."""
    place = np.unravel_index(row, many.shape)
    index = ", ".join(str(int(own)) for own in place)
    texts = [
        f"{axis.name} = {axis.values[own]:.6g}{f' {axis.unit}' if axis.unit else ''}"
        for own, axis in zip(place, many.axes, strict=True)
    ]
    return f"({index}): {', '.join(texts)}"


def _how_good(many: ManyResult, row: int) -> str:
    status = Status(int(many.table.status[row]))
    if not status.converged:
        return status.sentence.split(";")[0]
    reduced = float(many.reduced_chi2.ravel()[row])
    text = f"{many.loss.traits.symbol}/dof {short(reduced, 3)}"
    p = many.p_value
    if p is not None and np.isfinite(p.ravel()[row]):
        text += f", p {probability(float(p.ravel()[row]))}"
    return text
