"""Documents as lines of text, wrapped to the width of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from physfit.document import blocks
from physfit.document.blocks import Document

__all__ = ["WIDTH", "as_text"]

#: Columns of a terminal that texts are wrapped to.
WIDTH = 88


def as_text(document: Document) -> str:
    """Document as lines of text."""
    lines: list[str] = []
    for block in document:
        found = list(_lines(block))
        if lines and found and not block.joined:
            lines.append("")
        lines += found
    return "\n".join(lines)


def _lines(block: blocks.Block) -> Iterator[str]:
    if isinstance(block, blocks.Heading):
        yield from wrap(block.text, WIDTH, subsequent_indent="  ")
    elif isinstance(block, blocks.Text):
        yield from block.lines
    elif isinstance(block, blocks.Notes):
        for sentence in block.sentences:
            yield from _hung(sentence, "! ")
    elif isinstance(block, blocks.Picture):
        yield from _hung(f"{block.caption} {block.missing}", f"[{block.path}] ")
    else:
        yield from _table(block)


def _table(table: blocks.Table) -> Iterator[str]:
    titles, filled = table.titles, table.filled
    every = [titles] if titles else []
    every += [row for _, rows in filled for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*every, strict=True)]
    for number, (heading, rows) in enumerate(filled or [("", [])]):
        if number:
            yield ""
        if heading:
            yield heading
        if titles and not number:
            yield from _row(table, widths, titles, "  ")
        for row in rows:
            yield from _row(table, widths, row, "+-")


def _row(
    table: blocks.Table, widths: list[int], row: tuple[str, ...], sign: str
) -> Iterator[str]:
    line = table.indent
    for k, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        if column.is_error:
            line += f" {sign if cell else '  '} "
        elif k:
            line += "  "
        if column.is_prose:
            yield from _hung(cell, line)
            return
        width = max(widths[k], column.width)
        line += cell.ljust(width) if column.is_left else cell.rjust(width)
    yield line.rstrip()


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
