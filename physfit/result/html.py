"""The report of a fit as HTML for notebooks: small tables, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.report import COLUMNS, Row, correlations, derived_rows, head, rows

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["html"]

_LEFT = ' style="text-align:left"'
_RIGHT = ' style="text-align:right"'
#: How the columns of parameters are set: numbers end below each other.
_SIDES = tuple(
    _RIGHT if name in ("value", "relative", "start") else _LEFT for name in COLUMNS
)


@np.errstate(all="ignore")
def html(result: FitResult) -> str:
    """Report of a fit as an HTML fragment."""
    parts = [
        f"<h4>{escape(result.model.expression)}</h4>",
        _pairs(head(result)),
        _parameters(rows(result), derived_rows(result)),
    ]
    found = [(pair, f"{value:+.4f}") for pair, value in correlations(result)]
    if found:
        parts.append("<details><summary>correlations</summary>")
        parts += [_pairs(found), "</details>"]
    if result.warnings:
        items = "".join(f"<li>{escape(text)}</li>" for text in result.warnings)
        parts.append(f"<ul>{items}</ul>")
    return "<div>" + "\n".join(parts) + "</div>"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    lines = (
        f"<tr><th{_LEFT}>{escape(word)}</th><td{_LEFT}>{escape(text)}</td></tr>"
        for word, text in pairs
    )
    return f"<table>{''.join(lines)}</table>"


def _parameters(own: list[Row], derived: list[Row]) -> str:
    names = "".join(
        f"<th{side}>{escape(name)}</th>"
        for side, name in zip(_SIDES, COLUMNS, strict=True)
    )
    body = "".join(_line(row) for row in own)
    if derived:
        body += f'<tr><th colspan="{len(COLUMNS)}"{_LEFT}>derived</th></tr>'
        body += "".join(_line(row) for row in derived)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _line(row: Row) -> str:
    stderr = f"± {row.stderr}" if row.stderr else ""
    cells = row._replace(stderr=stderr)
    texts = "".join(
        f"<td{side}>{escape(text)}</td>"
        for side, text in zip(_SIDES[1:], cells[1:], strict=True)
    )
    return f"<tr><th{_LEFT}>{escape(row.name)}</th>{texts}</tr>"
