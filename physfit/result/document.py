"""A report as a document: blocks that are rendered as text, or as HTML for notebooks.

In text the blocks stand a blank line apart, unless one is joined to the block before.
In HTML every text is escaped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from html import escape
from textwrap import wrap
from typing import NamedTuple, TypeAlias

import numpy as np

__all__ = ["WIDTH", "Block", "Column", "Counts", "Document", "Documented", "Heading"]
__all__ += ["Notes", "Pairs", "Table", "Text", "as_html", "as_text", "block_html"]
__all__ += ["columns"]

#: Columns of a terminal that texts are wrapped to.
WIDTH = 88
_LEFT, _RIGHT = ' style="text-align:left"', ' style="text-align:right"'


class Heading(NamedTuple):
    """First line of a report, wrapped."""

    text: str
    joined: bool = False


class Text(NamedTuple):
    """Lines as they are."""

    lines: Sequence[str]
    joined: bool = False


class Notes(NamedTuple):
    """Sentences that a reader must not overlook."""

    sentences: Sequence[str]
    joined: bool = False


class Pairs(NamedTuple):
    """Words and what they say, wrapped; in HTML a detail is folded away."""

    rows: Sequence[tuple[str, str]]
    heading: str = ""
    joined: bool = False
    is_detail: bool = False


class Counts(NamedTuple):
    """How many rows, which share of all, and a sentence; a detail as in `Pairs`."""

    heading: str
    rows: Sequence[tuple[int, str, str]]
    joined: bool = False
    is_detail: bool = False


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    title : str
    is_left : bool
        Whether its cells begin below each other; else they end so.
    is_error : bool
        Whether a sign of plus and minus stands before a cell.
    """

    title: str
    is_left: bool = False
    is_error: bool = False


class Table(NamedTuple):
    """Rows of cells in columns, perhaps in several sections of the same widths.

    Attributes
    ----------
    columns : sequence of Column
        Without any title there is no line of titles.
    sections : sequence of (heading, rows)
        An empty heading is left out.
    indent : str
    joined : bool
    """

    columns: Sequence[Column]
    sections: Sequence[tuple[str, Sequence[tuple[str, ...]]]]
    indent: str = "  "
    joined: bool = False


Block: TypeAlias = Heading | Text | Notes | Pairs | Counts | Table
Document: TypeAlias = Sequence[Block]


class Documented(ABC):
    """What has a report, as text and as HTML in notebooks."""

    @abstractmethod
    def _document(self) -> Document:
        """The report in blocks."""

    @np.errstate(all="ignore")
    def report(self) -> str:
        """Text of several lines.

        Returns
        -------
        str
            The guide explains that of a fit line by line.

        Examples
        --------
        >>> import physfit as pf
        >>> print(pf.fit(pf.models.Constant(), [0, 1], [4, 6], sigma=1.0).report())
        constant
        ...
                  value    stderr  relative  unit  start  note
          c        5.00 +- 0.71        14 %            5  start guessed
        """
        return as_text(self._document())

    def __str__(self) -> str:
        return self.report()

    @np.errstate(all="ignore")
    def _repr_html_(self) -> str:
        return as_html(self._document())


def columns(*titles: str, left: int = 1) -> tuple[Column, ...]:
    """Columns, the first ones of them set left."""
    return tuple(Column(title, k < left) for k, title in enumerate(titles))


def as_text(document: Document) -> str:
    """Document as lines of text."""
    lines: list[str] = []
    for block in document:
        found = list(_lines(block))
        if lines and found and not block.joined:
            lines.append("")
        lines += found
    return "\n".join(lines)


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield from wrap(block.text, WIDTH, subsequent_indent="  ")
    elif isinstance(block, Text):
        yield from block.lines
    elif isinstance(block, Notes):
        for sentence in block.sentences:
            yield from _hung(sentence, "! ")
    elif isinstance(block, Table):
        yield from _table_lines(block)
    elif block.rows:
        yield from [block.heading] if block.heading else []
        yield from _pair_lines(block) if isinstance(block, Pairs) else _counts(block)


def _hung(text: str, start: str) -> list[str]:
    """Text behind a start, its further lines below its first."""
    below = " " * len(start)
    is_narrow = len(start) < WIDTH // 2
    return wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=below,
        break_long_words=is_narrow,
    )


def _pair_lines(block: Pairs) -> Iterator[str]:
    width = max(len(word) for word, _ in block.rows)
    for word, text in block.rows:
        yield from _hung(text, f"  {word.ljust(width)}  ")


def _counts(block: Counts) -> Iterator[str]:
    width = max(len(str(count)) for count, _, _ in block.rows)
    for count, part, sentence in block.rows:
        yield from _hung(sentence, f"  {count:>{width}}  {part:>9}  ")


def _table_lines(table: Table) -> Iterator[str]:
    titles = tuple(column.title for column in table.columns)
    every = [titles, *(row for _, rows in table.sections for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*every, strict=True)]
    for number, (heading, rows) in enumerate(table.sections):
        if number and rows:
            yield ""
        if heading and rows:
            yield heading
        if not number and any(titles):
            yield _line(table, widths, titles, "  ")
        for row in rows:
            yield _line(table, widths, row, "+-")


def _line(table: Table, widths: list[int], row: tuple[str, ...], sign: str) -> str:
    text = ""
    for column, width, cell in zip(table.columns, widths, row, strict=True):
        if column.is_error:
            text += f" {sign if cell else '  '} "
        elif text:
            text += "  "
        else:
            text = table.indent
        text += cell.ljust(width) if column.is_left else cell.rjust(width)
    return text.rstrip()


def as_html(document: Document) -> str:
    """Document as an HTML fragment."""
    return "<div>" + "\n".join(map(block_html, document)) + "</div>"


def block_html(block: Block) -> str:
    """One block as an HTML fragment."""
    if isinstance(block, Heading):
        return f"<h4>{escape(block.text)}</h4>"
    if isinstance(block, Text):
        return f"<p>{'<br>'.join(map(escape, block.lines))}</p>"
    if isinstance(block, Notes):
        items = "".join(f"<li>{escape(text)}</li>" for text in block.sentences)
        return f"<ul>{items}</ul>" if items else ""
    if isinstance(block, Table):
        return _table_html(block)
    inner = _table_html(_table_of(block)) if block.rows else ""
    if not inner or not block.is_detail:
        return inner
    return f"<details><summary>{escape(block.heading)}</summary>{inner}</details>"


def _table_of(block: Pairs | Counts) -> Table:
    if isinstance(block, Pairs):
        return Table(columns("", "", left=2), [("", block.rows)])
    titles = (Column("rows"), Column("share"), Column(block.heading, is_left=True))
    cells = [(str(count), part, sentence) for count, part, sentence in block.rows]
    return Table(titles, [("", cells)])


def _table_html(table: Table) -> str:
    head, body = "", ""
    if any(column.title for column in table.columns):
        cells = ((column.title, column) for column in table.columns)
        head = "".join(f"<th{_side(own)}>{escape(text)}</th>" for text, own in cells)
        head = f"<thead><tr>{head}</tr></thead>"
    for number, (heading, rows) in enumerate(table.sections):
        if number and rows:
            span = f' colspan="{len(table.columns)}"'
            body += f"<tr><th{span}{_LEFT}>{escape(heading)}</th></tr>"
        body += "".join(_row_html(table.columns, row) for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _row_html(kinds: Sequence[Column], row: tuple[str, ...]) -> str:
    cells = ""
    for k, (column, cell) in enumerate(zip(kinds, row, strict=True)):
        tag = "td" if k else "th"
        sign = "± " if column.is_error and cell else ""
        cells += f"<{tag}{_side(column)}>{sign}{escape(cell)}</{tag}>"
    return f"<tr>{cells}</tr>"


def _side(column: Column) -> str:
    return _LEFT if column.is_left else _RIGHT
