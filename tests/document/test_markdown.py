"""Documents as Markdown, read by a parser of CommonMark with tables."""

from __future__ import annotations

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from physfit.document.blocks import Heading, Notes, Picture, Table, Text, pairs
from physfit.document.markdown import as_markdown
from physfit.errors import printable
from tests.document.samples import DOCUMENT, HOSTILE, SIGNS, TITLES

TABLE = """\
|  | value ± stderr |
| :-- | --: |
| c | 1.25 ± 0.02 |
| k | 3 |"""
#: Printable, with the sign of plus and minus, as reports write it.
SHOWN = printable(SIGNS).replace("+-", "±")


def html(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


def words(text: str) -> str:
    """Text without tags, and blanks as one."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", text)).split())


def test_an_error_stands_behind_its_value():
    """Empty columns and sections are left out."""
    assert as_markdown([DOCUMENT[2]]) == TABLE
    empty = Table("lrr", {"": [("c", "1.25 +- 0.02", "")]}, (*TITLES, "unit"))
    assert as_markdown([empty]) == "\n".join(TABLE.splitlines()[:3])


@pytest.mark.parametrize(
    "element",
    [
        "<h4>gaussian + constant</h4>",
        "<td>converged &lt;at last&gt;</td>",
        '<td style="text-align:right">1.25 ± 0.02</td>',
        "<strong>how</strong>",
        "a line<br />\nanother",
        "<li>The residuals of <code>c_0</code> are large.</li>",
    ],
)
def test_markdown_says_the_same(element):
    """What a reader of GitHub sees."""
    found = html(as_markdown(DOCUMENT)).replace(' style="text-align:left"', "")
    assert element in found


@pytest.mark.parametrize(
    "block",
    [
        Heading(SIGNS),
        Text([SIGNS]),
        Notes([SIGNS]),
        pairs({"a": SIGNS}),
        Picture("a.png", "", SIGNS),
    ],
    ids=lambda own: type(own).__name__,
)
def test_texts_are_no_markup(block):
    """A reader sees every sign as it is."""
    assert " ".join(SHOWN.split()) in words(html(as_markdown([block])))


@pytest.mark.parametrize("start", ["- a", "+ a", "* a", "1. a", "1) a", "# a", "=== a"])
def test_a_line_is_no_list_and_no_heading(start):
    """It is a paragraph that begins with these signs."""
    assert html(as_markdown([Text([start])])) == f"<p>{start}</p>\n"
    assert html(as_markdown([Text([f"``    {start}"])])) == f"<p>{start}</p>\n"


def test_bars_make_no_columns():
    """Neither in a text nor in code."""
    found = html(as_markdown([pairs({"a|b": "`c|d` e|f"})]))
    assert found.count("<td") == 2
    assert "<code>c|d</code> e|f" in found


def test_every_row_has_as_many_cells():
    """Headings between rows too."""
    text = html(as_markdown(HOSTILE))
    for table in re.findall("<table>.*?</table>", text, re.DOTALL):
        assert len(set(map(len, re.findall("<t[hd]", table)))) == 1


def test_code_is_as_it_is():
    """Without the spaces that stand before it in text."""
    text = as_markdown([Text(["a = b*c*d", "  <e>"], is_code=True, indent="  ")])
    assert html(text) == "<pre><code>a = b*c*d\n  &lt;e&gt;\n</code></pre>\n"
