"""Documents as Markdown, with tables as GitHub, GitLab and pandoc read them.

What would be markup stands behind a backslash, which CommonMark allows before every
ASCII punctuation mark (CommonMark 0.31, section 2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from physfit.document import blocks
from physfit.document.blocks import Document, spans, without_empty
from physfit.errors import printable

__all__ = ["as_markdown"]

#: What is markup anywhere in a line, also of GitHub's formulas between dollars.
_MARKUP = re.compile(r"[\\`*_\[\]<>#|$~&]")
#: What makes a list, a rule or a heading of the line that it begins.
_AT_START = re.compile(r"^(\d*)([-+=.):])")


def as_markdown(document: Document) -> str:
    """Document as Markdown."""
    return "\n\n".join(text for block in document if (text := _block(block)))


def _block(block: blocks.Block) -> str:
    match block:
        case blocks.Heading(text, level):
            return f"{'#' * level} {_prose(text)}"
        case blocks.Text(lines, True):
            return "\n".join(f"    {printable(line)}" for line in lines)
        case blocks.Text(lines):
            return "\\\n".join(map(_line, lines))
        case blocks.Notes(sentences):
            return "\n".join(f"- {_line(text)}" for text in sentences)
        case blocks.Picture(path, caption, missing):
            image = f"![{_prose(caption)}]({quote(path)})"
            return _line(f"{missing} {caption}") if missing else image
        case blocks.Table():
            return "\n".join(_table(without_empty(block))) if block.filled else ""


def _table(table: blocks.Table) -> Iterator[str]:
    """Titles, their rule, and the rows; a heading is a row, the first one a line."""
    filled, n = table.filled, len(table.sides)
    if filled[0][0]:
        yield f"**{_prose(filled[0][0])}**\n"
    yield _row(map(_cell, table.titles or ("",) * n))
    yield _row("--:" if side == "r" else ":--" for side in table.sides)
    for number, (heading, rows) in enumerate(filled):
        if number and heading:
            yield _row((f"**{_prose(heading)}**", *("",) * (n - 1)))
        for row in rows:
            yield _row(map(_cell, row))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return _prose(text, bar=r"\|")


def _line(text: str) -> str:
    return _AT_START.sub(r"\1\\\2", _prose(text).strip())


def _prose(text: str, bar: str = "|") -> str:
    return "".join(
        f"`{part.replace('|', bar)}`" if is_code else _escaped(part)
        for part, is_code in spans(printable(text))
    )


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text).replace("+-", "±")
