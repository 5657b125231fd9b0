"""The report of many fits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.document import (
    Column,
    Counts,
    Document,
    Heading,
    Notes,
    Pairs,
    Table,
    columns,
)
from physfit.result.many_summary import (
    UNLIKELY,
    caveats,
    counted,
    spread_of,
)
from physfit.result.report import errors, file_name, labelled
from physfit.result.rounding import duration, rounded, share, short

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["document"]

COLUMNS = (
    Column("", is_left=True),
    *columns("median", "16 %", "84 %", "median error", left=0),
    *columns("unit", "note", left=2),
)


def document(many: ManyResult) -> Document:
    """Report of many fits."""
    estimates = [many[name] for name in (*many.names, *many.derived)]
    n_good = int((~many.table.failed).sum())
    rows = [_cells(own) for own in estimates if not own.is_derived]
    derived = [_cells(own) for own in estimates if own.is_derived]
    return [
        Heading(many.model.expression),
        Pairs(head(many), joined=True),
        Counts(
            "how the fits ended", counted(many.statuses, many.n_rows), is_detail=True
        ),
        Counts(
            "start values that led to the answer",
            counted(many.retry_stages, n_good),
            is_detail=True,
        ),
        Table(COLUMNS, [("rows that converged", rows), ("derived", derived)]),
        Notes(caveats(many, estimates)),
    ]


def head(many: ManyResult) -> list[tuple[str, str]]:
    """Pairs of a word and what it says: rows, errors, method, quality, work."""
    n_good = int((~many.table.failed).sum())
    good = f"{n_good} of {many.n_rows} rows, {share(n_good, many.n_rows)}"
    pairs = [
        ("rows", _rows(many)),
        ("data", _data(many)),
        ("errors", errors(many.loss, many.is_absolute, " of each row")),
        ("method", f"lm, loss {many.loss}"),
        ("converged", good),
        *_quality(many),
        ("work", _work(many)),
    ]
    return pairs


def _rows(many: ManyResult) -> str:
    """Number of rows, and the axes of their map with their ranges."""
    shape = " x ".join(map(str, many.shape))
    text = str(many.n_rows) if len(many.shape) == 1 else f"{many.n_rows} ({shape})"
    axes = [
        f"{labelled(axis.name, axis.unit)} {short(axis.values.min())} to "
        f"{short(axis.values.max())}"
        for axis in many.axes
    ]
    return f"{text}: {', '.join(axes)}"


def _data(many: ManyResult) -> str:
    text = f"{labelled(many.y_label, many.y_unit)}"
    text += f" against {labelled(many.x_label, many.x_unit)}"
    if many.source:
        text += f" of {file_name(many.source)}"
    fitted = many.table.n_samples[~many.table.unfitted]
    if fitted.size:
        least, most = int(fitted.min()), int(fitted.max())
        number = str(most) if least == most else f"{least} to {most}"
        text += f"; {number} samples a row"
    return text


def _quality(many: ManyResult) -> Iterator[tuple[str, str]]:
    found = spread_of(many.reduced_chi2[many.converged])
    if math.isfinite(found.median):
        yield (
            many.loss.traits.statistic,
            f"per degree of freedom: median {short(found.median, 4)}, 68 % of rows in "
            f"{short(found.low, 4)} to {short(found.high, 4)}",
        )
    p = many.p_value
    if p is not None and np.isfinite(p).any():
        known = p[np.isfinite(p)]
        low = int((known < UNLIKELY).sum())
        yield (
            "p values",
            f"below {UNLIKELY:g} in {share(low, known.size)} of the rows, where chance "
            f"gives {100.0 * UNLIKELY:g} %",
        )


def _work(many: ManyResult) -> str:
    tried = many.table.n_steps[~many.table.unfitted]
    text = f"median {np.median(tried):g} steps a row" if tried.size else "no row fitted"
    if math.isfinite(many.seconds) and many.seconds > 0.0:
        rate = many.n_rows / many.seconds
        text += f"; {duration(many.seconds)}, {short(rate, 3)} fits/s"
        if rate >= 1e4:
            text = text.replace(short(rate, 3), f"{rate / 1e3:,.0f} k")
    return text


def _cells(own: ManyEstimate) -> tuple[str, ...]:
    """Texts of a quantity; values to the digits of what they spread or err by."""
    value, typical = spread_of(own.good), own.median_error
    width = 0.5 * (value.high - value.low)
    if math.isfinite(typical) and typical > 0.0:
        width = min(width, typical) if width > 0.0 else typical
    median, error = rounded(value.median, typical)
    low = high = ""
    if math.isnan(value.median):
        median = "-"
    elif width > 0.0:
        median, low, high = (rounded(number, width)[0] for number in value)
    notes = [own.note] if own.note else []
    n_bound = own.n_at(-1) + own.n_at(1)
    if n_bound:
        notes.append(f"at a bound: {n_bound}")
    if own.n_undetermined:
        notes.append(f"undetermined: {own.n_undetermined}")
    return own.name, median, low, high, error, own.unit, ", ".join(notes)
