"""What a report is made of: few kinds of blocks, which every renderer shows.

A block that is joined stands right below the block before it; others a line apart. In
sentences, names between backticks are code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import NamedTuple, TypeAlias

from physfit.errors import printable

__all__ = ["Block", "Column", "Document", "Heading", "Notes", "Picture", "Table"]
__all__ += ["Text", "columns", "counts", "merged", "pairs", "spans", "table"]
__all__ += ["without_empty"]


#: Cells of a table from left to right.
Row: TypeAlias = tuple[str, ...]


class Heading(NamedTuple):
    """Title of a report, or of a part of a page at a level from 1 down."""

    text: str
    joined: bool = False
    level: int = 4


class Text(NamedTuple):
    """Lines as they are, perhaps of code."""

    lines: Sequence[str]
    joined: bool = False
    is_code: bool = False

    @property
    def flush(self) -> list[str]:
        """The lines without the spaces that all of them begin with."""
        lines = dedent("\n".join(map(printable, self.lines))).split("\n")
        return lines if self.lines else []


class Notes(NamedTuple):
    """Sentences that a reader must not overlook."""

    sentences: Sequence[str]
    joined: bool = False


class Picture(NamedTuple):
    """A picture in a file beside the page, and what to see in it."""

    path: str  # as seen from the page
    caption: str
    missing: str = ""  # why there is none
    joined: bool = False


class Column(NamedTuple):
    """A column of a table."""

    title: str = ""
    is_left: bool = False  # its cells begin below each other; else they end so
    is_error: bool = False  # behind a sign of plus and minus
    is_prose: bool = False  # sentences, which text wraps; the last column only
    width: int = 0  # in text, at least


class Table(NamedTuple):
    """Rows of cells in columns, perhaps in several sections of the same widths.

    Without any title there is no line of titles; an empty heading is left out, and so
    is a section without rows.
    """

    columns: Sequence[Column]
    sections: Sequence[tuple[str, Sequence[Row]]]  # each with its heading
    indent: str = "  "
    joined: bool = False
    is_detail: bool = False  # HTML folds it away behind its first heading

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the columns; none if all of them are empty."""
        titles = tuple(column.title for column in self.columns)
        return titles if any(titles) else ()

    @property
    def filled(self) -> list[tuple[str, Sequence[Row]]]:
        """Sections that have rows."""
        return [(heading, rows) for heading, rows in self.sections if rows]


Block: TypeAlias = Heading | Text | Notes | Table | Picture
Document: TypeAlias = Sequence[Block]

_PAIR = (Column(is_left=True), Column(is_left=True, is_prose=True))
_COUNT = (Column(), Column(width=9), Column(is_left=True, is_prose=True))


def columns(*titles: str, left: int = 1) -> tuple[Column, ...]:
    """Columns, the first ones of them set left."""
    return tuple(Column(title, k < left) for k, title in enumerate(titles))


def table(
    titles: Sequence[str],
    rows: Sequence[Row],
    *,
    left: int = 1,
    indent: str = "",
    joined: bool = False,
) -> Table:
    """One section of rows below titles, the first columns set left."""
    return Table(columns(*titles, left=left), [("", rows)], indent, joined)


def pairs(
    rows: Sequence[tuple[str, str]],
    heading: str = "",
    *,
    joined: bool = False,
    is_detail: bool = False,
) -> Table:
    """Words and what they say."""
    return Table(_PAIR, [(heading, rows)], joined=joined, is_detail=is_detail)


def counts(
    heading: str,
    rows: Sequence[tuple[int, str, str]],
    *,
    is_detail: bool = False,
) -> Table:
    """How many rows, which share of all, and a sentence."""
    cells = [(str(count), share, sentence) for count, share, sentence in rows]
    return Table(_COUNT, [(heading, cells)], is_detail=is_detail)


def without_empty(own: Table) -> Table:
    """The table without columns, but the first, that no row has anything in."""
    every = [row for _, rows in own.sections for row in rows]
    kept = [k for k in range(len(own.columns)) if not k or any(r[k] for r in every)]
    kinds = [own.columns[k] for k in kept]
    return _changed(own, kinds, lambda row: tuple(row[k] for k in kept))


def merged(own: Table, sign: str) -> Table:
    """The table without empty columns, and with errors behind their values."""
    own = without_empty(own)
    errors = [k for k, column in enumerate(own.columns) if column.is_error]

    def joint(row: Row) -> Row:
        cells = list(row)
        for k in reversed(errors):
            error = cells.pop(k)
            cells[k - 1] += f" {sign} {error}" if error else ""
        return tuple(cells)

    titles = joint(tuple(column.title for column in own.columns))
    kinds = [column for column in own.columns if not column.is_error]
    kinds = [
        own._replace(title=title) for own, title in zip(kinds, titles, strict=True)
    ]
    return _changed(own, kinds, joint)


def _changed(
    own: Table, kinds: Sequence[Column], change: Callable[[Row], Row]
) -> Table:
    """The table with other columns, and each row changed accordingly."""
    sections = [(heading, list(map(change, rows))) for heading, rows in own.sections]
    return own._replace(columns=kinds, sections=sections)


def spans(text: str) -> list[tuple[str, bool]]:
    """Parts of a sentence, each with whether it is code: what stands in backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without another
        return [(text, False)]
    return [(part, k % 2 == 1) for k, part in enumerate(parts) if part]
