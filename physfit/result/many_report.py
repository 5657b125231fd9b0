"""The report of many fits, and what a reader must know of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.document.blocks import (
    Column,
    Document,
    Heading,
    Notes,
    Table,
    columns,
    counts,
    pairs,
)
from physfit.result.caveats import GAPS, UNLIKELY, UNRESOLVED, is_unresolved, suspects
from physfit.result.estimate import SIDES
from physfit.result.goodness import has_p_value
from physfit.result.many_rows import result_of
from physfit.result.report import derivatives, errors, file_name, in_unit, labelled
from physfit.result.rounding import duration, rounded, share, short
from physfit.solve.base import Status
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["caveats", "counted", "document", "record"]

#: Shares of rows, of those expected, from which on a sentence is said about them.
MANY_TIMES = 10.0
#: Rows whose scale is compared with their residuals.
LOOKED_AT = 64
COLUMNS = (
    Column("", is_left=True),
    *columns("median", "16 %", "84 %", "median stderr", left=0),
    *columns("unit", "note", left=2),
)


def document(many: ManyResult) -> Document:
    """Report of many fits."""
    estimates = [many[name] for name in (*many.names, *many.derived)]
    n_good = int((~many.table.failed).sum())
    rows = [_cells(own) for own in estimates if not own.is_derived]
    derived = [_cells(own) for own in estimates if own.is_derived]
    head = [
        ("rows", _rows(many)),
        ("data", _data(many)),
        ("errors", errors(many.loss, many.is_absolute, " of each row")),
        *derivatives(many.model),
        ("method", f"lm, loss {many.loss}"),
        *_scale(many),
        ("converged", f"{n_good} of {many.n_rows} rows, {share(n_good, many.n_rows)}"),
        *_quality(many),
        ("work", _work(many)),
    ]
    return [
        Heading(many.model.expression),
        pairs(head, joined=True),
        counts(
            "how the fits ended", counted(many.statuses, many.n_rows), is_detail=True
        ),
        counts(
            "start values that led to the answer",
            counted(many.retry_stages, n_good),
            is_detail=True,
        ),
        Table(COLUMNS, [("rows that converged", rows), ("derived", derived)]),
        Notes(caveats(many, estimates)),
    ]


def record(many: ManyResult) -> dict[str, Any]:
    """Record for JSON: how the rows ended, and how the quantities are spread."""
    estimates = [many[name] for name in (*many.names, *many.derived)]
    parameters, derived = (
        {own.name: _numbers(own) for own in estimates if own.is_derived is is_derived}
        for is_derived in (False, True)
    )
    return {
        "model": many.model.expression,
        "loss": str(many.loss),
        "rows": many.n_rows,
        "shape": many.shape,
        "statuses": {own.name: n for own, n in many.statuses.items()},
        "errors_are_absolute": many.is_absolute,
        "parameters": parameters,
        "derived": derived,
        "warnings": caveats(many, estimates),
        "seconds": many.seconds,
    }


def _numbers(own: ManyEstimate) -> dict[str, Any]:
    """Median and range of 68 % of the good rows, and the median of their errors."""
    texts = {"unit": own.unit, "note": own.note}
    return {**spread_of(own.good)._asdict(), "stderr": own.median_stderr, **texts}


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


def _scale(many: ManyResult) -> Iterator[tuple[str, str]]:
    """By what a robust loss measured residuals."""
    if many.scale is not None and np.isfinite(many.scale).any():
        found = spread_of(many.scale[many.converged])
        median = in_unit(found.median, many.y_unit)
        text = f"of each row's residuals, as no sigma was given: median {median}"
        low, high = short(found.low, 4), short(found.high, 4)
        yield "scale", f"{text}, 68 % of rows in {low} to {high}"


def _quality(many: ManyResult) -> Iterator[tuple[str, str]]:
    found = spread_of(many.reduced_chi2[many.converged])
    if math.isfinite(found.median):
        yield (
            many.loss.traits.statistic,
            f"per degree of freedom: median {short(found.median, 4)}, 68 % of rows in "
            f"{short(found.low, 4)} to {short(found.high, 4)}",
        )
    known = many.some_p_values
    if known is not None and known.size:
        low, high = int((known < UNLIKELY).sum()), int((known > 1.0 - UNLIKELY).sum())
        text = f"below {UNLIKELY:g} in {share(low, known.size)} of the rows"
        if high > MANY_TIMES * UNLIKELY * known.size:
            text += f", above {1.0 - UNLIKELY:g} in {share(high, known.size)}"
        yield "p values", f"{text}, where chance gives {100.0 * UNLIKELY:g} %"
    elif has_p_value(many):
        reason = "the data are not at hand"
        if many.data is not None:
            reason = f"so few {many.loss.traits.data} follow no known law"
        yield "p values", f"not known: {reason}"


def _work(many: ManyResult) -> str:
    tried = many.table.n_steps[~many.table.unfitted]
    text = f"median {np.median(tried):g} steps a row" if tried.size else "no row fitted"
    if math.isfinite(many.seconds) and many.seconds > 0.0:
        rate = many.n_rows / many.seconds
        shown = short(rate, 3) if rate < 100.0 else f"{rate:,.0f}"
        shown = shown if rate < 1e4 else f"{rate / 1e3:,.0f} k"
        text += f"; {duration(many.seconds)}, {shown} fits/s"
    return text


def _cells(own: ManyEstimate) -> tuple[str, ...]:
    """Texts of a quantity; values to the digits of what they spread or err by."""
    value, typical = spread_of(own.good), own.median_stderr
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
    n_bound = sum(own.n_at(side) for side in SIDES)
    if n_bound:
        notes.append(f"at a bound: {n_bound}")
    if own.n_undetermined:
        notes.append(f"undetermined: {own.n_undetermined}")
    return own.name, median, low, high, error, own.unit, ", ".join(notes)


class Spread(NamedTuple):
    """Median of numbers, and the range that holds 68 % of them; NaN of none."""

    median: float
    low: float
    high: float


@np.errstate(all="ignore")
def spread_of(values: FloatArray) -> Spread:
    """Median and 16 and 84 % points of the finite numbers."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Spread(math.nan, math.nan, math.nan)
    low, median, high = np.percentile(finite, [16.0, 50.0, 84.0]).tolist()
    return Spread(median, low, high)


def caveats(many: ManyResult, estimates: Sequence[ManyEstimate]) -> tuple[str, ...]:
    """Sentences that a reader must know before using the numbers."""
    texts = [*_failures(many), *_open(many, estimates), *_improbable(many)]
    texts += [*_unresolved(many), *_gaps(many)]
    return (*texts, *many.notes, *many.model.notes)


def _gaps(many: ManyResult) -> Iterator[str]:
    """Rows of unequal numbers of samples, of curves that need all of them."""
    fitted = many.table.n_samples[~many.table.unfitted]
    if many.model.depends_on_grid and fitted.size and fitted.min() < fitted.max():
        yield GAPS


def _unresolved(many: ManyResult) -> Iterator[str]:
    """Rows whose scale is not that of the median of their residuals, of some rows."""
    if many.scale is None or not isinstance(many.data, RowData):
        return
    good = np.flatnonzero(~many.table.failed & np.isfinite(many.table.scale))
    rows = good[:: max(1, -(-len(good) // LOOKED_AT))]
    n = sum(is_unresolved(result_of(many, int(row))) for row in rows)
    if n:
        yield f"In {n} of {len(rows)} rows looked at a {UNRESOLVED}"


def _failures(many: ManyResult) -> Iterator[str]:
    table = many.table
    unfitted = int(table.unfitted.sum())
    is_open = int((table.status == Status.UNDETERMINED).sum())
    lost = int(table.failed.sum()) - unfitted - is_open
    if lost:
        yield (
            f"{_part(lost, many.n_rows)} did not converge: their values are where the "
            "fit ended, no results. `many.failed` lists them, `many.plot_worst()` "
            "shows them; better start values, bounds or `physfit fit-many "
            "--retry-failed` may help."
        )
    if is_open:
        yield (
            f"{_part(is_open, many.n_rows)} did not converge, as the data do not "
            "determine a parameter: errors of those left open are infinite. Fix them, "
            "or give bounds."
        )
    if unfitted:
        yield (
            f"{_part(unfitted, many.n_rows)} could not be fitted and "
            f"{'has' if unfitted == 1 else 'have'} no values; "
            "no start value helps there, look at their data."
        )


def _open(many: ManyResult, estimates: Sequence[ManyEstimate]) -> Iterator[str]:
    for own in estimates:
        if own.is_derived:
            continue
        for side, words in SIDES.items():
            count = own.n_at(side)
            if count:
                yield (
                    f"`{own.name}` is {words} in {_part(count, many.n_rows)}; it has "
                    "no error there."
                )
        n = own.n_undetermined
        if n:
            verb = "does" if n == 1 else "do"
            yield (
                f"{_part(n, many.n_rows)} {verb} not determine `{own.name}`: "
                "its error is infinite there."
            )


def _improbable(many: ManyResult) -> Iterator[str]:
    known = many.some_p_values
    if known is not None:
        spread, wrong, overstated = suspects(many.loss)
        cases = (
            (
                known < UNLIKELY,
                "larger",
                f"p < {UNLIKELY:g}",
                f"the {wrong} is not right",
            ),
            (known > 1.0 - UNLIKELY, "smaller", f"p > {1.0 - UNLIKELY:g}", overstated),
        )
        for which, size, said, cause in cases:
            n = int(which.sum())
            if n > MANY_TIMES * UNLIKELY * max(known.size, 1) and n > 1:
                of = "" if known.size == many.n_rows else f" of {known.size}"
                yield (
                    f"In {_part(n, known.size)}{of} the residuals are {size} than "
                    f"{spread} ({said}, where chance gives {100.0 * UNLIKELY:g} %): "
                    f"there {cause}."
                )
    elif many.loss.traits.is_likelihood and not many.is_absolute:
        yield (
            "No sigma was given: errors are scaled by sqrt(chi2 / dof) of each row, "
            "and nothing says whether the model is right."
        )


def counted(endings: Mapping[Any, int], n_rows: int) -> list[tuple[int, str, str]]:
    """Count, share and sentence of each status or start values."""
    return [
        (count, share(count, n_rows), own.sentence) for own, count in endings.items()
    ]


def _part(n: int, whole: int) -> str:
    """Number of rows, and which share of all they are."""
    return f"{n} row{'s' * (n != 1)} ({share(n, whole)})"
