"""The report of many fits, and its record for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

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
from physfit.result.caveats import UNLIKELY
from physfit.result.estimate import SIDES
from physfit.result.goodness import has_p_value
from physfit.result.many_caveats import MANY_TIMES, caveats
from physfit.result.many_refits import is_of_result
from physfit.result.report import derivatives, errors, file_name, in_unit, labelled
from physfit.result.rounding import duration, rounded, share, short
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["counts_of", "document", "record"]

#: What is said above the stages of retries.
BY_STAGE = "start values that led to the answer"

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
        *_refits(many),
        *_quality(many),
        ("work", _work(many)),
    ]
    return [
        Heading(many.model.expression),
        pairs(head, joined=True),
        counts_of(many.statuses, many.n_rows, is_detail=True),
        counts_of(many.retry_stages, n_good, BY_STAGE, is_detail=True),
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
        "refits": _refit_records(many),
        "errors_are_absolute": many.is_absolute,
        "parameters": parameters,
        "derived": derived,
        "warnings": caveats(many, estimates),
        "seconds": many.seconds,
    }


def _refit_records(many: ManyResult) -> list[dict[str, Any]]:
    entries = () if many.refits is None else many.refits.entries
    return [
        {
            "where": own.where,
            "loss": str(own.loss),
            "chosen": own.n_rows,
            "rows": int((many.refitted == number).sum()),
            "free": list(own.model.free_names),
        }
        for number, own in enumerate(entries, 1)
    ]


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


def _refits(many: ManyResult) -> Iterator[tuple[str, str]]:
    """Of each refit, how many of the rows that were chosen have its answer."""
    if many.refits is None:
        return
    counts = np.bincount(many.refits.numbers, minlength=len(many.refits.entries) + 1)
    for own, n in zip(many.refits.entries, counts[1:].tolist(), strict=True):
        held = [name for name in many.free_names if name not in own.model.free_names]
        fixed = f", {', '.join(held)} fixed" if held else ""
        text = f"{n} of {own.n_rows} rows ({own.where}), loss {own.loss}{fixed}"
        yield "refitted", text


def _quality(many: ManyResult) -> Iterator[tuple[str, str]]:
    by_loss = is_of_result(many).reshape(many.shape)
    found = spread_of(many.reduced_chi2[many.converged & by_loss])
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


def counts_of(
    endings: Mapping[Any, int],
    n_rows: int,
    heading: str = "how the fits ended",
    *,
    is_detail: bool = False,
) -> Table:
    """Count, share and sentence of each status or start values."""
    rows = [(n, share(n, n_rows), own.sentence) for own, n in endings.items()]
    return counts(heading, rows, is_detail=is_detail)
