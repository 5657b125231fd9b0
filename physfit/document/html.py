"""Documents as HTML: fragments for notebooks, and whole pages. Texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from physfit.document import blocks
from physfit.document.blocks import Document, spans

__all__ = ["as_html", "as_page"]

STYLE = """
body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em;
  color: #222; line-height: 1.4; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 0.5em 0; }
th, td { padding: 0.15em 0.7em; font-weight: normal; } th { color: #555; }
figure { margin: 1.5em 0; } figcaption { color: #444; max-width: 50em; }
code { background: #f2f2f2; padding: 0.1em 0.3em; }
"""


def as_html(document: Document) -> str:
    """Document as an HTML fragment."""
    return "<div>" + "\n".join(map(_block, document)) + "</div>"


def as_page(document: Document, title: str) -> str:
    """Document as a page that needs no network and runs no script."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{as_html(document)}\n</body></html>\n"
    )


def _block(block: blocks.Block) -> str:
    if isinstance(block, blocks.Heading):
        return f"<h{block.level}>{_prose(block.text)}</h{block.level}>"
    if isinstance(block, blocks.Text):
        if block.is_code:
            return f"<pre>{escape(chr(10).join(block.flush))}</pre>"
        return f"<p>{'<br>'.join(map(_prose, block.flush))}</p>" * bool(block.lines)
    if isinstance(block, blocks.Notes):
        items = "".join(f"<li>{_prose(text)}</li>" for text in block.sentences)
        return f"<ul>{items}</ul>" if items else ""
    if isinstance(block, blocks.Picture):
        image = f'<img src="{escape(block.path)}" alt="">'
        shown = f"<p>{_prose(block.missing)}</p>" if block.missing else image
        caption = f"<figcaption>{_prose(block.caption)}</figcaption>"
        return f"<figure>{shown}{caption}</figure>"
    return _table(block)


def _table(table: blocks.Table) -> str:
    filled = table.filled
    head = _row(table.columns, table.titles, "th") if table.titles else ""
    if not filled and not head:
        return ""
    body, span = "", f' colspan="{len(table.columns)}"'
    for number, (heading, rows) in enumerate(filled):
        if heading and (number or not table.is_detail):
            text = f"<i>{_prose(heading)}</i>"
            body += f"<tr><th{span}{_side(True)}>{text}</th></tr>"
        body += "".join(_row(table.columns, row, "td") for row in rows)
    head = f"<thead>{head}</thead>" if head else ""
    inner = f"<table>{head}<tbody>{body}</tbody></table>"
    if not table.is_detail:
        return inner
    return f"<details><summary>{_prose(filled[0][0])}</summary>{inner}</details>"


def _row(kinds: Sequence[blocks.Column], row: tuple[str, ...], tag: str) -> str:
    cells = ""
    for k, (column, cell) in enumerate(zip(kinds, row, strict=True)):
        own = tag if k else "th"
        sign = "± " if column.is_error and cell and tag == "td" else ""
        cells += f"<{own}{_side(column.is_left)}>{sign}{_prose(cell)}</{own}>"
    return f"<tr>{cells}</tr>"


def _side(is_left: bool) -> str:
    return f' style="text-align:{"left" if is_left else "right"}"'


def _prose(text: str) -> str:
    return "".join(
        f"<code>{escape(part)}</code>" if is_code else escape(part.replace("+-", "±"))
        for part, is_code in spans(text)
    )
