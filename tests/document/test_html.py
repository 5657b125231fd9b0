"""Documents as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from physfit.document.blocks import Picture, Table, pairs
from physfit.document.html import as_html, as_page
from tests.document.samples import DOCUMENT, HOSTILE, SIGNS

VOID = {"br", "img", "meta"}


class Reader(HTMLParser):
    """Tags, each of which must be closed, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


@pytest.mark.parametrize(
    "words",
    [
        "gaussian + constant",
        "converged &lt;at last&gt;",
        "1.25 ± 0.02",
        "<summary>correlations</summary>",
        "<i>how</i>",
        "a line<br>another",
        "<li>The residuals of <code>c_0</code> are large.</li>",
    ],
)
def test_html_says_the_same(words):
    """Every word of the text, escaped; names are code."""
    assert words in as_html(DOCUMENT)


@pytest.mark.parametrize("shown", [as_html, lambda own: as_page(own, SIGNS)])
def test_texts_are_no_markup(shown):
    """Tags are those of the blocks, whatever stands in a text."""
    found = read(shown(HOSTILE))
    assert not {"b", "script", "a"} & found.tags
    assert found.text.count("<b>c</b>") >= 8


def test_the_first_heading_of_a_table_is_shown():
    """Once: of a detail it is what is seen when it is folded."""
    sections = {"first": [("a",)], "second": [("b",)]}
    for is_detail in (False, True):
        text = as_html([Table("l", sections, is_detail=is_detail)])
        assert text.count("first") == text.count("second") == 1


def test_a_page_folds_nothing():
    """What a notebook hides behind a heading is open there, whatever the texts say."""
    detail = pairs({"<details>": "a"}, "more", is_detail=True)
    assert as_html([detail]).count("<details>") == 1
    assert as_page([detail], "").count("<details open>") == 1
    assert "&lt;details&gt;" in as_page([detail], "")


def test_a_picture_is_shown_or_said_to_be_missing():
    """With its caption below."""
    assert '<img src="a.png"' in as_html([Picture("a.png", "A map.")])
    missing = as_html([Picture("a.png", "A map.", "No data.")])
    assert "<img" not in missing
    assert "No data." in missing
