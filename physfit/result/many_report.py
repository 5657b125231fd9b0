"""The report of fits of many rows, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physfit.result.row_table import Rung

if TYPE_CHECKING:
    from physfit.result.many_result import ManyResult

__all__ = ["report"]

BAR = 24
#: Percentiles of a normal distribution one standard deviation from its middle.
SPREAD = (15.865, 50.0, 84.135)


def report(result: ManyResult) -> str:
    """How the rows ended, and how the parameters are spread over the good ones."""
    lines = [f"{result.model.expression}, {result.loss}: {_rows(result)}", ""]
    lines += _statuses(result)
    lines += ["", *_parameters(result)]
    lines += _quality(result)
    lines += [f"note: {text}" for text in result.notes]
    return "\n".join(lines)


def _rows(result: ManyResult) -> str:
    shape = " x ".join(map(str, result.shape))
    size = f"{shape} = {result.n_rows}" if len(result.shape) > 1 else shape
    text = f"{size} rows"
    if np.isfinite(result.seconds) and result.seconds > 0.0:
        text += f" in {result.seconds:.3g} s ({result.n_rows / result.seconds:,.0f}/s)"
    return text


def _statuses(result: ManyResult) -> list[str]:
    """Histogram of statuses, and where starts came from."""
    lines = []
    for status, count in result.statuses.items():
        bar = "#" * max(1, round(BAR * count / result.n_rows))
        lines.append(f"{count:>10}  {bar:<{BAR}}  {status.sentence}")
    rungs, counts = np.unique(
        result.table.rung[~result.table.failed], return_counts=True
    )
    if len(rungs) > 1:
        lines.append("")
        lines += [
            f"{count:>10}  from {Rung(int(rung)).sentence}"
            for rung, count in zip(rungs, counts, strict=True)
        ]
    return lines


def _parameters(result: ManyResult) -> list[str]:
    """Median, spread and median error of each parameter over the converged rows."""
    good = ~result.table.failed
    if not good.any():
        return ["no row has converged; give other start values, or look at the data."]
    head = ("parameter", "16 %", "median", "84 %", "median error", "unit")
    rows = [head]
    for k, name in enumerate(result.model.free_names):
        low, middle, high = np.percentile(result.table.theta[good, k], SPREAD)
        errors = result.stderr[good, k]
        known = errors[np.isfinite(errors)]
        error = f"{np.median(known):.3g}" if known.size else "none"
        unit = result[name].unit
        numbers = (f"{low:.6g}", f"{middle:.6g}", f"{high:.6g}")
        rows.append((name, *numbers, error, unit))
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if k in (0, 5) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _quality(result: ManyResult) -> list[str]:
    good = ~result.table.failed
    if not good.any():
        return []
    lines = []
    reduced = result.reduced_chi2.reshape(-1)[good]
    if np.isfinite(reduced).any():
        word = "reduced deviance" if result.loss.name == "poisson" else "reduced chi2"
        note = "" if result.is_absolute else " (in units of y squared: no sigma given)"
        lines.append(f"{word}: median {np.nanmedian(reduced):.4g}{note}")
    at_bound = int((result.table.at_bound[good] != 0).any(axis=1).sum())
    if at_bound:
        lines.append(f"{at_bound} converged rows have a parameter at a bound")
    open_rows = int(np.isinf(result.stderr[good]).any(axis=1).sum())
    if open_rows:
        lines.append(f"{open_rows} converged rows leave a parameter undetermined")
    return ["", *lines] if lines else []
