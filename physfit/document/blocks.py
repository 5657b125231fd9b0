"""What a report is made of: few kinds of blocks, which every renderer shows.

In sentences, names between backticks are code, and "+-" is a sign of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "Block",
    "Columns",
    "Document",
    "Heading",
    "Notes",
    "Picture",
    "Row",
    "Table",
]
__all__ += ["Text", "pairs", "rows_of", "spans", "table", "without_empty"]

#: Cells of a table from left to right.
Row: TypeAlias = tuple[str, ...]
#: By its title what a column shows of an item: a template, "{0.cost:.8g}", or by call.
Columns: TypeAlias = Mapping[str, str | Callable[[Any], str]]


class Heading(NamedTuple):
    """Title of what stands right below; of a part of a page at a level from 1 down."""

    text: str
    level: int = 4


class Text(NamedTuple):
    """Lines as they are, perhaps of code."""

    lines: Sequence[str]
    is_code: bool = False
    indent: str = ""


class Notes(NamedTuple):
    """Sentences that a reader must not overlook."""

    sentences: Sequence[str]


class Picture(NamedTuple):
    """A picture in a file beside the page, and what to see in it."""

    path: str  # as seen from the page
    caption: str
    missing: str = ""  # why there is none


class Table(NamedTuple):
    """Rows of cells in columns, perhaps in several sections of the same widths.

    Titles, headings and sections that are empty are left out. A letter for each column
    is its side: l, r, or p for sentences, which text wraps, in the last one. Errors
    stand below each other in text where a title has the sign of plus and minus.
    """

    sides: str
    sections: Mapping[str, Sequence[Row]]  # by their headings
    titles: Sequence[str] = ()
    indent: str = "  "
    is_detail: bool = False  # HTML folds it away behind its first heading

    @property
    def filled(self) -> list[tuple[str, Sequence[Row]]]:
        """Headings and rows; nothing of a table without rows and titles."""
        filled = [(heading, rows) for heading, rows in self.sections.items() if rows]
        return filled or [("", [])] * any(self.titles)

    def of_columns(self, kept: Sequence[int]) -> Table:
        """The same with these columns alone."""
        sections = {
            heading: [tuple(row[k] for k in kept) for row in rows]
            for heading, rows in self.filled
        }
        sides = "".join(self.sides[k] for k in kept)
        titles = tuple(self.titles[k] for k in kept if self.titles)
        return self._replace(sides=sides, sections=sections, titles=titles)


Block: TypeAlias = Heading | Text | Notes | Table | Picture
Document: TypeAlias = Sequence[Block]


def rows_of(columns: Columns, items: Iterable[Any]) -> list[Row]:
    """What columns show of items."""
    return [
        tuple(
            show.format(item) if isinstance(show, str) else show(item)
            for show in columns.values()
        )
        for item in items
    ]


def table(sides: str, titles: Sequence[str], rows: Sequence[Row]) -> Table:
    """Rows below titles; the last side is that of all further columns."""
    return Table(sides.ljust(len(titles), sides[-1]), {"": rows}, titles, indent="")


def pairs(
    facts: Mapping[str, str], heading: str = "", *, is_detail: bool = False
) -> Table:
    """Words and what they say, without those that have nothing to say."""
    said = [(word, text) for word, text in facts.items() if text]
    return Table("lp", {heading: said}, is_detail=is_detail)


def without_empty(whole: Table) -> Table:
    """The table without columns, but the first, that no row has anything in."""
    every = [row for _, rows in whole.filled for row in rows]
    return whole.of_columns(
        [k for k in range(len(whole.sides)) if not k or any(row[k] for row in every)]
    )


def spans(text: str) -> list[tuple[str, bool]]:
    """Parts of a sentence, each with whether it is code: what stands in backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without another
        return [(text, False)]
    return [(part, k % 2 == 1) for k, part in enumerate(parts) if part]
