"""The report of many fits as HTML: small tables, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.many_report import COLUMNS, Line, head, lines
from physfit.result.many_summary import caveats, rung_lines, status_lines, summaries

if TYPE_CHECKING:
    from physfit.result.many_result import ManyResult

__all__ = ["counted", "html", "pairs", "quantities", "sentences"]

_LEFT = ' style="text-align:left"'
_RIGHT = ' style="text-align:right"'
_SIDES = tuple(_LEFT if name in ("", "unit", "note") else _RIGHT for name in COLUMNS)


@np.errstate(all="ignore")
def html(many: ManyResult) -> str:
    """Report of many fits as an HTML fragment."""
    found = summaries(many)
    own, derived = lines(found)
    parts = [
        f"<h4>{escape(many.model.expression)}</h4>",
        pairs(head(many)),
        quantities(own, derived),
        "<details><summary>how the fits ended</summary>",
        counted("how it ended", status_lines(many)),
        counted("start values", rung_lines(many)),
        "</details>",
        sentences(caveats(many, found)),
    ]
    return "<div>" + "\n".join(parts) + "</div>"


def pairs(found: Iterable[tuple[str, str]]) -> str:
    """Table of words and what they say."""
    rows = (
        f"<tr><th{_LEFT}>{escape(word)}</th><td{_LEFT}>{escape(text)}</td></tr>"
        for word, text in found
    )
    return f"<table>{''.join(rows)}</table>"


def quantities(own: Sequence[Line], derived: Sequence[Line]) -> str:
    """Table of parameters and derived quantities."""
    names = "".join(
        f"<th{side}>{escape(name)}</th>"
        for side, name in zip(_SIDES, COLUMNS, strict=True)
    )
    body = "".join(map(_row, own))
    if derived:
        body += f'<tr><th colspan="{len(COLUMNS)}"{_LEFT}>derived</th></tr>'
        body += "".join(map(_row, derived))
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def counted(title: str, found: Sequence[tuple[int, str, str]]) -> str:
    """Table of counts, shares and sentences."""
    rows = "".join(
        f"<tr><td{_RIGHT}>{count}</td><td{_RIGHT}>{escape(part)}</td>"
        f"<td{_LEFT}>{escape(sentence)}</td></tr>"
        for count, part, sentence in found
    )
    top = (
        f"<tr><th{_RIGHT}>rows</th><th{_RIGHT}>share</th>"
        f"<th{_LEFT}>{escape(title)}</th></tr>"
    )
    return f"<table><thead>{top}</thead><tbody>{rows}</tbody></table>"


def sentences(texts: Sequence[str]) -> str:
    """List of sentences; nothing when there are none."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _row(line: Line) -> str:
    cells = "".join(
        f"<td{side}>{escape(text)}</td>"
        for side, text in zip(_SIDES[1:], line[1:], strict=True)
    )
    return f"<tr><th{_LEFT}>{escape(line.name)}</th>{cells}</tr>"
