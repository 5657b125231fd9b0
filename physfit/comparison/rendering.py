"""The report and the record of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from physfit.comparison.judging import TOLERANCE, ComparisonRow
from physfit.document import blocks
from physfit.document.blocks import Document, Table, Text

if TYPE_CHECKING:
    from physfit.comparison.table import Comparison

__all__ = ["as_record", "document"]


def document(found: Comparison) -> Document:
    """The reference, a line for each method, and the verdict."""
    reference = [
        (name, f"{value:.12g}", f"+- {found.stderr[name]:.4g}")
        for name, value in found.values.items()
    ]
    strayed = [
        f"{row.method} ({row.gradients}) ended at "
        + ", ".join(f"{name} {value:.6g}" for name, value in row.values.items())
        for row in found.rows
        if row.agrees is False
    ]
    methods = blocks.table("l", tuple(COLUMNS), blocks.rows_of(COLUMNS, found.rows))
    return [
        Text([f"{found.expression}, {found.loss}, {found.n_samples} samples"]),
        Table("lll", {f"reference: {found.referee}, from the best point": reference}),
        blocks.without_empty(methods),
        Text(strayed, indent="  "),
        Text([found.verdict]),
    ]


def _ending(row: ComparisonRow) -> str:
    status = "" if row.status is None else row.status.sentence
    verdict = "; disagrees" if row.agrees is False and row.claims else ""
    return status + verdict + (f"; {row.note}" if row.note and status else row.note)


COLUMNS: blocks.Columns = {
    "method": "{0.method}",
    "gradients": "{0.gradients}",
    "batch": lambda row: "" if row.batch_size is None else str(row.batch_size),
    "cost": "{0.cost:.8g}",
    "distance (sigma)": "{0.distance:.1e}",
    "stderr differs": "{0.stderr_difference:.1e}",
    "evaluations": "{0.n_evals}",
    "time (ms)": lambda row: f"{1e3 * row.seconds:.3g}",
    "status": _ending,
}


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
