"""The report of many fits as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.result.many_summary import (
    UNLIKELY,
    Summary,
    caveats,
    rung_lines,
    spread_of,
    status_lines,
    summaries,
)
from physfit.result.report import WIDTH, file_name, folded, labelled
from physfit.result.rounding import duration, rounded, share, short
from physfit.uncertainty.covariance import ROBUST

if TYPE_CHECKING:
    from physfit.result.many_result import ManyResult

__all__ = ["COLUMNS", "Line", "head", "lines", "report"]

COLUMNS = ("", "median", "16 %", "84 %", "median error", "unit", "note")


class Line(NamedTuple):
    """One line of the table of quantities, as texts."""

    name: str
    median: str
    low: str
    high: str
    error: str
    unit: str
    note: str


@np.errstate(all="ignore")
def report(many: ManyResult) -> str:
    """Report of many fits, a text of several lines."""
    found = summaries(many)
    text = wrap(many.model.expression, WIDTH, subsequent_indent="  ")
    text += folded(head(many))
    text += ["", *_counted("how the fits ended", status_lines(many))]
    text += ["", *_counted("start values that led to the answer", rung_lines(many))]
    own, derived = lines(found)
    text += ["", "rows that converged", *_table([Line(*COLUMNS), *own], derived)]
    if derived:
        text += ["", "derived", *_table(derived, own)]
    for number, sentence in enumerate(caveats(many, found)):
        text += [] if number else [""]
        text += wrap(sentence, WIDTH, initial_indent="! ", subsequent_indent="  ")
    return "\n".join(text)


def head(many: ManyResult) -> list[tuple[str, str]]:
    """Pairs of a word and what it says: rows, errors, method, quality, work."""
    n_good = int((~many.table.failed).sum())
    good = f"{n_good} of {many.n_rows} rows, {share(n_good, many.n_rows)}"
    pairs = [
        ("rows", _rows(many)),
        ("data", _data(many)),
        ("errors", _errors(many)),
        ("method", f"lm, loss {many.loss}"),
        ("converged", good),
        *_quality(many),
        ("work", _work(many)),
    ]
    return pairs


def lines(found: Sequence[Summary]) -> tuple[list[Line], list[Line]]:
    """Lines of parameters, and of derived quantities."""
    every = [(own.is_derived, _line(own)) for own in found]
    return (
        [line for is_derived, line in every if not is_derived],
        [line for is_derived, line in every if is_derived],
    )


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


def _errors(many: ManyResult) -> str:
    if many.loss.name in ROBUST:
        return "from the spread of each row's residuals (Huber's formula)"
    if many.loss.name == "poisson":
        return "absolute, from the Fisher information of the counts"
    if many.is_absolute:
        return "absolute, from the sigma given with the data"
    return "scaled by sqrt(chi2 / dof) of each row, because no sigma was given"


def _quality(many: ManyResult) -> Iterator[tuple[str, str]]:
    word = "2 x cost" if many.loss.name in ROBUST else "chi2"
    word = "deviance" if many.loss.name == "poisson" else word
    found = spread_of(many.reduced_chi2[many.converged])
    if math.isfinite(found.median):
        yield (
            word,
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


def _line(own: Summary) -> Line:
    """Texts of a quantity; values to the digits of what they spread or err by."""
    value = own.value
    width = 0.5 * (value.high - value.low)
    if math.isfinite(own.error) and own.error > 0.0:
        width = min(width, own.error) if width > 0.0 else own.error
    median, error = rounded(value.median, own.error)
    low = high = ""
    if math.isnan(value.median):
        median = "-"
    elif width > 0.0:
        median, low, high = (rounded(number, width)[0] for number in value)
    notes = [own.note] if own.note else []
    n_bound = own.at_lower + own.at_upper
    if n_bound:
        notes.append(f"at a bound: {n_bound}")
    if own.undetermined:
        notes.append(f"undetermined: {own.undetermined}")
    return Line(own.name, median, low, high, error, own.unit, ", ".join(notes))


def _table(shown: list[Line], like: list[Line]) -> list[str]:
    """Aligned lines; `like` holds others that share the widths of the columns."""
    every = [Line(*COLUMNS), *shown, *like]
    widths = [max(len(line[k]) for line in every) for k in range(len(COLUMNS))]
    return ["  " + _aligned(line, widths) for line in shown]


def _aligned(line: Line, widths: list[int]) -> str:
    cells = [
        text.ljust(width) if k in (0, 5, 6) else text.rjust(width)
        for k, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _counted(title: str, found: Sequence[tuple[int, str, str]]) -> list[str]:
    width = max((len(str(count)) for count, _, _ in found), default=0)
    text = [title]
    for count, part, sentence in found:
        start = f"  {count:>{width}}  {part:>9}  "
        text += wrap(
            sentence, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
        )
    return text
