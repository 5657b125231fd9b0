"""A comparison as text, as HTML and as a plain record."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.comparison.table import Comparison, Row

__all__ = ["as_html", "as_text", "plain"]

_HEADER = (
    "method",
    "gradients",
    "cost",
    "distance (sigma)",
    "stderr differs",
    "evaluations",
    "time (ms)",
    "status",
)


def as_text(table: Comparison) -> str:
    """Text with the reference, a line for each method, and the verdict."""
    lines = [
        f"{table.expression}, {table.loss}, {table.n_samples} samples",
        "",
        "reference: scipy least_squares, tolerances 1e-15, from the best point",
        *_aligned(_reference_cells(table)),
        "",
        *_aligned([_HEADER, *map(_cells, table.rows)]),
        *_strayed(table),
        "",
        table.verdict,
    ]
    return "\n".join(lines)


def as_html(table: Comparison) -> str:
    """HTML of the lines and the verdict, for notebooks."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in _HEADER)
    body = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(row))
        + "</tr>"
        for row in table.rows
    )
    title = f"{table.expression}, {table.loss}, {table.n_samples} samples"
    return (
        f"<p>{html.escape(title)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p>{html.escape(table.verdict)}</p>"
    )


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Record for JSON: statuses in words, None for numbers that are not finite."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Status):
            found[name] = {"number": int(value), "sentence": value.sentence}
        elif isinstance(value, Mapping):
            found[name] = plain(value)
        elif isinstance(value, float) and not math.isfinite(value):
            found[name] = None
        else:
            found[name] = value
    return found


def _cells(row: Row) -> tuple[str, ...]:
    status = "" if row.status is None else row.status.sentence
    verdict = "; disagrees" if row.agrees is False else ""
    note = f"; {row.note}" if row.note and status else row.note
    return (
        row.method,
        row.gradients,
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
