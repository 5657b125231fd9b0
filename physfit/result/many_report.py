"""The report of many fits, and its record for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.document.blocks import Document, Heading, Notes, Table, pairs
from physfit.result.caveats import UNLIKELY
from physfit.result.estimate import SIDES
from physfit.result.goodness import has_p_value, is_sound
from physfit.result.many_caveats import MANY_TIMES, caveats
from physfit.result.many_refits import HELD, is_of_result
from physfit.result.report import errors, in_unit, labelled, of_file, plotted
from physfit.result.rounding import duration, rounded, share, short
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["counts_of", "document", "record"]

TITLES = ("", "median", "16 %", "84 %", "median stderr", "unit", "note")


def document(many: ManyResult) -> Document:
    """Report of many fits."""
    parameters, derived = _estimates(many)
    n_good = int((~many.table.failed).sum())
    scale = None if many.scale is None else many.scale[many.converged]
    by_loss = is_of_result(many).reshape(many.shape)
    of_scale = "of each row's residuals, as no sigma was given"
    facts = {
        "rows": _rows(many),
        "data": _data(many),
        "errors": errors(many.loss, many.is_absolute, " of each row"),
        "derivatives": many.model.derivatives,
        "method": f"lm, loss {many.loss}",
        "scale": _middle(of_scale, scale, many.y_unit),
        "converged": f"{n_good} of {many.n_rows} rows, {share(n_good, many.n_rows)}",
        "refitted": _refits(many),
        many.loss.traits.statistic: _middle(
            "per degree of freedom", many.reduced_chi2[many.converged & by_loss]
        ),
        "p values": _p_values(many),
        "work": _work(many),
    }
    quantities = {
        "rows that converged": [*map(_cells, parameters)],
        "derived": [*map(_cells, derived)],
    }
    by_stage = "start values that led to the answer"
    return [
        Heading(many.model.expression),
        pairs(facts),
        counts_of(many.statuses, many.n_rows, is_detail=True),
        counts_of(many.retry_stages, n_good, by_stage, is_detail=True),
        Table("lrrrrll", quantities, TITLES),
        pairs(many.model.conventions, "conventions"),
        Notes(caveats(many, [*parameters, *derived])),
    ]


def record(many: ManyResult) -> dict[str, Any]:
    """Record for JSON: how the rows ended, and how the quantities are spread."""
    parameters, derived = _estimates(many)
    return {
        "model": many.model.expression,
        "loss": str(many.loss),
        "rows": many.n_rows,
        "shape": many.shape,
        "statuses": {own.name: n for own, n in many.statuses.items()},
        "refits": _refit_records(many),
        "errors_are_absolute": many.is_absolute,
        "parameters": {own.name: _numbers(own) for own in parameters},
        "derived": {own.name: _numbers(own) for own in derived},
        "conventions": many.model.conventions,
        "warnings": caveats(many, [*parameters, *derived]),
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


def _estimates(many: ManyResult) -> tuple[list[ManyEstimate], list[ManyEstimate]]:
    """Parameters, and derived quantities."""
    return [many[name] for name in many.names], [many[name] for name in many.derived]


def _numbers(own: ManyEstimate) -> dict[str, Any]:
    """Median and range of 68 % of the good rows, and the median of their errors."""
    texts = {"unit": own.unit, "note": own.note}
    return {**spread_of(own.good)._asdict(), "stderr": own.median_stderr, **texts}


def _rows(many: ManyResult) -> str:
    """Number of rows, and the axes of their map with their ranges."""
    shape = f" ({' x '.join(map(str, many.shape))})" if len(many.shape) > 1 else ""
    axes = [
        f"{labelled(axis.name, axis.unit)} {short(axis.values.min())} to "
        f"{short(axis.values.max())}"
        for axis in many.axes
    ]
    return f"{many.n_rows}{shape}: {', '.join(axes)}"


def _data(many: ManyResult) -> str:
    text = plotted(many) + of_file(many.source)
    fitted = many.table.n_samples[~many.table.unfitted]
    if fitted.size:
        number = " to ".join(dict.fromkeys((f"{fitted.min()}", f"{fitted.max()}")))
        text += f"; {number} samples a row"
    return text


def _middle(of: str, values: FloatArray | None, unit: str = "") -> str:
    """Median of numbers, and the range of most of them; nothing of none."""
    found = spread_of(np.empty(0) if values is None else values)
    if math.isnan(found.median):
        return ""
    low, high = short(found.low, 4), short(found.high, 4)
    median = in_unit(found.median, unit)
    return f"{of}: median {median}, 68 % of rows in {low} to {high}"


def _refits(many: ManyResult) -> str:
    """Of each refit, how many of the rows that were chosen have its answer."""
    if many.refits is None:
        return ""
    texts = []
    counts = np.bincount(many.refits.numbers, minlength=len(many.refits.entries) + 1)
    for own, n in zip(many.refits.entries, counts[1:].tolist(), strict=True):
        held = [name for name in many.free_names if name not in own.model.free_names]
        fixed = f", {', '.join(held)} fixed" if held else ""
        texts.append(f"{n} of {own.n_rows} rows ({own.where}), loss {own.loss}{fixed}")
    return "; ".join(texts)


def _p_values(many: ManyResult) -> str:
    known = many.some_p_values
    if known is not None and known.size:
        low, high = int((known < UNLIKELY).sum()), int((known > 1.0 - UNLIKELY).sum())
        text = f"below {UNLIKELY:g} in {share(low, known.size)} of the rows"
        if high > MANY_TIMES * UNLIKELY * known.size:
            text += f", above {1.0 - UNLIKELY:g} in {share(high, known.size)}"
        return f"{text}, where chance gives {100.0 * UNLIKELY:g} %"
    if not has_p_value(many) or not is_sound(many).any():
        return ""
    if many.data is None:
        return "not known: the data are not at hand"
    return f"not known: so few {many.loss.traits.data} follow no known law"


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
    n_held = own.n_at(HELD)
    n_bound = sum(own.n_at(side) for side in SIDES) - n_held
    counts = {"at a bound": n_bound, "held": n_held, "undetermined": own.n_undetermined}
    notes = [own.note, *(f"{what}: {n}" for what, n in counts.items() if n)]
    note = ", ".join(filter(None, notes))
    return own.name, median, low, high, error, own.unit, note


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
    return Spread(*np.percentile(finite, [50.0, 16.0, 84.0]).tolist())


def counts_of(
    endings: Mapping[Any, int],
    n_rows: int,
    heading: str = "how the fits ended",
    *,
    is_detail: bool = False,
) -> Table:
    """Count, share and sentence of each status or start values."""
    rows = [(str(n), share(n, n_rows), own.sentence) for own, n in endings.items()]
    return Table("rrp", {heading: rows}, is_detail=is_detail)
