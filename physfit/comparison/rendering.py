"""The report and the record of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from physfit.comparison.judging import TOLERANCE, ComparisonRow
from physfit.data.files.writers import plain
from physfit.result.document import Document, Table, Text, columns

if TYPE_CHECKING:
    from physfit.comparison.table import Comparison

__all__ = ["as_record", "document"]

_HEADER = (
    *("method", "gradients", "batch", "cost", "distance (sigma)"),
    *("stderr differs", "evaluations", "time (ms)", "status"),
)


def document(table: Comparison) -> Document:
    """The reference, a line for each method, and the verdict."""
    reference = [
        (name, f"{value:.12g}", f"+- {table.stderr[name]:.4g}")
        for name, value in table.values.items()
    ]
    titles, *rows = _lines(table)
    return [
        Text([f"{table.expression}, {table.loss}, {table.n_samples} samples"]),
        Text([f"reference: {table.referee}, from the best point"]),
        Table(columns("", "", "", left=3), [("", reference)], joined=True),
        Table(columns(*titles, left=len(titles)), [("", rows)], indent=""),
        Text(_strayed(table)),
        Text([table.verdict]),
    ]


def as_record(table: Comparison) -> dict[str, Any]:
    """Plain record for JSON; of a history it holds the path only."""
    rows = [
        {key: value for key, value in row._asdict().items() if key != "history"}
        for row in table.rows
    ]
    found: dict[str, Any] = plain(
        {
            "model": table.expression,
            "loss": table.loss,
            "n_samples": table.n_samples,
            "agree": table.agree,
            "is_minimum": table.is_minimum,
            "verdict": table.verdict,
            "tolerance": TOLERANCE,
            "compile_seconds": table.compile_seconds,
            "reference": {
                "referee": table.referee,
                "values": table.values,
                "stderr": table.stderr,
                "cost": table.cost,
            },
            "rows": rows,
        }
    )
    return found


def _lines(table: Comparison) -> list[tuple[str, ...]]:
    """Header and rows; the column of batches only where there are some."""
    lines = [_HEADER, *map(_cells, table.rows)]
    if any(row.batch_size is not None for row in table.rows):
        return lines
    place = _HEADER.index("batch")
    return [line[:place] + line[place + 1 :] for line in lines]


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    status = "" if row.status is None else row.status.sentence
    verdict = "; disagrees" if row.agrees is False and row.claims else ""
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


def _strayed(table: Comparison) -> list[str]:
    """Values of the methods that disagree."""
    lines = []
    for row in table.rows:
        if row.agrees is False:
            listed = ", ".join(
                f"{name} {value:.6g}" for name, value in row.values.items()
            )
            lines.append(f"  {row.method} ({row.gradients}) ended at {listed}")
    return lines
