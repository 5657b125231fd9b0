"""Documents as HTML: fragments for notebooks, and whole pages. Texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from physfit.document import blocks
from physfit.document.blocks import Document, spans
from physfit.errors import printable

__all__ = ["as_html", "as_page"]

STYLE = """
body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em;
  color: #222; line-height: 1.4; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 0.5em 0; }
th, td { padding: 0.15em 0.7em; font-weight: normal; } th { color: #555; }
figure { margin: 1.5em 0; } figcaption { color: #444; max-width: 50em; }
code { background: #f2f2f2; padding: 0.1em 0.3em; }
"""
_SIDES = {"l": "left", "p": "left", "r": "right"}


def as_html(document: Document) -> str:
    """Document as an HTML fragment."""
    return "<div>" + "\n".join(filter(None, map(_block, document))) + "</div>"


def as_page(document: Document, title: str) -> str:
    """Document as a page that needs no network, runs no script and folds nothing."""
    body = as_html(document).replace("<details>", "<details open>")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _block(block: blocks.Block) -> str:
    match block:
        case blocks.Heading(text, level):
            return f"<h{level}>{_prose(text)}</h{level}>"
        case blocks.Text(lines, True):
            shown = escape("\n".join(map(printable, lines)))
            return f"<pre>{shown}</pre>" * bool(lines)
        case blocks.Text(lines):
            return f"<p>{'<br>'.join(map(_prose, lines))}</p>" * bool(lines)
        case blocks.Notes(sentences):
            items = "".join(f"<li>{_prose(text)}</li>" for text in sentences)
            return f"<ul>{items}</ul>" * bool(items)
        case blocks.Picture(path, caption, missing):
            image = f'<img src="{escape(path)}" alt="">'
            shown = f"<p>{_prose(missing)}</p>" if missing else image
            return f"<figure>{shown}<figcaption>{_prose(caption)}</figcaption></figure>"
        case blocks.Table():
            return _table(block) if block.filled else ""


def _table(table: blocks.Table) -> str:
    head = body = ""
    if any(table.titles):
        head = f"<thead>{_row(table.sides, table.titles, 'th')}</thead>"
    for number, (heading, rows) in enumerate(table.filled):
        if heading and (number or not table.is_detail):
            span = f'colspan="{len(table.sides)}" style="text-align:left"'
            body += f"<tr><th {span}><i>{_prose(heading)}</i></th></tr>"
        body += "".join(_row(table.sides, row, "td") for row in rows)
    whole = f"<table>{head}<tbody>{body}</tbody></table>"
    if not table.is_detail:
        return whole
    return f"<details><summary>{_prose(table.filled[0][0])}</summary>{whole}</details>"


def _row(sides: str, row: Sequence[str], tag: str) -> str:
    cells = ""
    for side, cell, kind in zip(sides, row, ["th"] + [tag] * len(row), strict=False):
        cells += f'<{kind} style="text-align:{_SIDES[side]}">{_prose(cell)}</{kind}>'
    return f"<tr>{cells}</tr>"


def _prose(text: str) -> str:
    return "".join(
        f"<code>{escape(part)}</code>" if is_code else escape(part.replace("+-", "±"))
        for part, is_code in spans(text)
    )
