"""The report and the record of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from physfit.comparison.judging import TOLERANCE, ComparisonRow
from physfit.document.blocks import Document, Text, table, without_empty

if TYPE_CHECKING:
    from physfit.comparison.table import Comparison

__all__ = ["as_record", "document"]

_TITLES = (
    *("method", "gradients", "batch", "cost", "distance (sigma)"),
    *("stderr differs", "evaluations", "time (ms)", "status"),
)


def document(found: Comparison) -> Document:
    """The reference, a line for each method, and the verdict."""
    reference = [
        (name, f"{value:.12g}", f"+- {found.stderr[name]:.4g}")
        for name, value in found.values.items()
    ]
    rows = table(_TITLES, list(map(_cells, found.rows)), left=len(_TITLES))
    return [
        Text([f"{found.expression}, {found.loss}, {found.n_samples} samples"]),
        Text([f"reference: {found.referee}, from the best point"]),
        table(("", "", ""), reference, left=3, indent="  ", joined=True),
        without_empty(rows),
        Text(_strayed(found)),
        Text([found.verdict]),
    ]


def as_record(found: Comparison) -> dict[str, Any]:
    """Record for JSON; of a history it holds the path only."""
    return {
        "model": found.expression,
        "loss": found.loss,
        "n_samples": found.n_samples,
        "agree": found.agree,
        "is_minimum": found.is_minimum,
        "verdict": found.verdict,
        "tolerance": TOLERANCE,
        "compile_seconds": found.compile_seconds,
        "reference": {
            "referee": found.referee,
            "values": found.values,
            "stderr": found.stderr,
            "cost": found.cost,
        },
        "rows": [
            {key: value for key, value in row._asdict().items() if key != "history"}
            for row in found.rows
        ],
    }


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


def _strayed(found: Comparison) -> list[str]:
    """Values of the methods that disagree."""
    return [
        f"  {row.method} ({row.gradients}) ended at "
        + ", ".join(f"{name} {value:.6g}" for name, value in row.values.items())
        for row in found.rows
        if row.agrees is False
    ]
