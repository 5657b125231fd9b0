"""A comparison as text, as HTML and as a plain record."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.comparison.table import Comparison, Row

__all__ = ["as_html", "as_record", "as_text", "plain"]

_HEADER = (
    "method",
    "gradients",
    "batch",
    "cost",
    "distance (sigma)",
    "stderr differs",
    "evaluations",
    "time (ms)",
    "status",
)


@np.errstate(all="ignore")
def as_text(table: Comparison) -> str:
    """Text with the reference, a line for each method, and the verdict."""
    lines = [
        f"{table.expression}, {table.loss}, {table.n_samples} samples",
        "",
        f"reference: {table.referee}, from the best point",
        *_aligned(_reference_cells(table)),
        "",
        *_aligned(_lines(table)),
        *_strayed(table),
        "",
        table.verdict,
    ]
    return "\n".join(lines)


@np.errstate(all="ignore")
def as_html(table: Comparison) -> str:
    """HTML of the lines and the verdict, for notebooks."""
    header, *lines = _lines(table)
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>"
        for line in lines
    )
    title = f"{table.expression}, {table.loss}, {table.n_samples} samples"
    return (
        f"<p>{html.escape(title)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p>{html.escape(table.verdict)}</p>"
    )


def as_record(table: Comparison, tolerance: float) -> dict[str, Any]:
    """Plain record for JSON; of a history it holds the path only."""
    rows = []
    for row in table.rows:
        record = row._asdict()
        del record["history"]
        path = row.path
        record["path"] = None if path is None else path._asdict()
        rows.append(plain(record))
    return {
        "model": table.expression,
        "loss": table.loss,
        "n_samples": table.n_samples,
        "agree": table.agree,
        "verdict": table.verdict,
        "tolerance": tolerance,
        "compile_seconds": table.compile_seconds,
        "reference": {
            "referee": table.referee,
            "values": plain(table.values),
            "stderr": plain(table.stderr),
            "cost": table.cost,
        },
        "rows": rows,
    }


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Record for JSON: statuses in words, None for numbers that are not finite."""
    return {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Status):
        return {"number": int(value), "sentence": value.sentence}
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, np.ndarray):
        return [_plain(own) for own in value.tolist()]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _lines(table: Comparison) -> list[tuple[str, ...]]:
    """Header and rows; the column of batches only where there are some."""
    lines = [_HEADER, *map(_cells, table.rows)]
    if any(row.batch_size is not None for row in table.rows):
        return lines
    place = _HEADER.index("batch")
    return [line[:place] + line[place + 1 :] for line in lines]


def _cells(row: Row) -> tuple[str, ...]:
    status = "" if row.status is None else row.status.sentence
    verdict = "; disagrees" if row.agrees is False else ""
    note = f"; {row.note}" if row.note and status else row.note
    return (
        row.method,
        row.gradients,
        "" if row.batch_size is None else str(row.batch_size),
        f"{row.cost:.8g}",
        f"{row.distance:.1e}",
        f"{row.stderr_difference:.1e}",
        str(row.n_evals),
        f"{1e3 * row.seconds:.3g}",
        status + verdict + note,
    )


def _reference_cells(table: Comparison) -> list[tuple[str, ...]]:
    return [
        ("  " + name, f"{value:.12g}", f"+- {table.stderr[name]:.4g}")
        for name, value in table.values.items()
    ]


def _strayed(table: Comparison) -> list[str]:
    """Values of the methods that disagree."""
    lines = []
    for row in table.rows:
        if row.agrees is False:
            listed = ", ".join(
                f"{name} {value:.6g}" for name, value in row.values.items()
            )
            lines.append(f"  {row.method} ({row.gradients}) ended at {listed}")
    return ["", *lines] if lines else []


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
