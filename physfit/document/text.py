"""Documents as lines of text, wrapped to the width of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from textwrap import wrap

from physfit.document import blocks
from physfit.document.blocks import Document

__all__ = ["WIDTH", "as_text"]

#: Columns of a terminal that texts are wrapped to.
WIDTH = 88


def as_text(document: Document) -> str:
    """Document as lines of text, its blocks a line apart, but below a heading."""
    text = ""
    for block in document:
        if found := "\n".join(_lines(block)):
            text += found + ("\n" if isinstance(block, blocks.Heading) else "\n\n")
    return text.rstrip("\n")


def _lines(block: blocks.Block) -> Iterator[str]:
    match block:
        case blocks.Heading(text):
            yield from _hung("", text, "  ")
        case blocks.Text(lines, _, indent):
            yield from ((indent + line).rstrip() for line in lines)
        case blocks.Notes(sentences):
            for sentence in sentences:
                yield from _hung("! ", sentence)
        case blocks.Picture(path, caption, missing):
            yield from _hung(f"[{path}] ", f"{caption} {missing}")
        case blocks.Table():
            yield from _table(block)


def _table(table: blocks.Table) -> Iterator[str]:
    """Rows below their heading, of the same widths in all sections."""
    every = [table.titles or ("",) * len(table.sides)]
    every += [row for _, rows in table.filled for row in rows]
    columns = map(_aligned, table.sides, zip(*every, strict=True))
    cells = iter(list(zip(*columns, strict=True))[0 if any(table.titles) else 1 :])
    for number, (heading, rows) in enumerate(table.filled):
        yield from [""] * (number > 0)
        yield from [heading] * bool(heading)
        n_lines = len(rows) + (any(table.titles) and not number)
        for *others, last in islice(cells, n_lines):
            start = table.indent + "".join(f"{cell}  " for cell in others)
            is_prose = table.sides[-1] == "p"
            yield from _hung(start, last) if is_prose else [(start + last).rstrip()]


def _aligned(side: str, cells: Sequence[str]) -> list[str]:
    """Cells of a column of the same width, its title first."""
    if " +- " in cells[0]:
        parts = [cell.partition(" +- ") for cell in cells]
        values, signs, errors = zip(*parts, strict=True)
        both = zip(_aligned("r", values), signs, _aligned("l", errors), strict=True)
        title, *texts = (f"{value}{sign:4}{error}" for value, sign, error in both)
        return [title.replace("+-", "  "), *texts]
    width = max(map(len, cells))
    if side == "p":
        return [*cells]
    return [f"{cell:{'>' if side == 'r' else '<'}{width}}" for cell in cells]


def _hung(start: str, text: str, below: str = "") -> list[str]:
    """Text behind a start, its further lines below its first."""
    if len(start) + len(text) <= WIDTH and text.isprintable():
        return [(start + text).rstrip()]  # which is most of the time of a report
    return wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=below or " " * len(start),
        break_long_words=len(start) < WIDTH // 2,
    )
