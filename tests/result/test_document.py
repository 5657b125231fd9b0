"""One document says the same as text and as HTML."""

from __future__ import annotations

import pytest

from physfit.result.document import (
    Column,
    Counts,
    Heading,
    Notes,
    Pairs,
    Table,
    Text,
    as_html,
    as_text,
    columns,
)

COLUMNS = (Column("", True), Column("value"), Column("stderr", True, is_error=True))
DOCUMENT = [
    Heading("gaussian + constant"),
    Pairs([("data", "9 samples"), ("status", "converged <at last>")], joined=True),
    Table(COLUMNS, [("", [("c", "1.25", "0.02"), ("k", "3", "")]), ("derived", [])]),
    Pairs([("a, b", "+0.9")], "correlations", is_detail=True),
    Counts("how it ended", [(12, "60 %", "converged"), (8, "40 %", "lost")]),
    Text(["a line", "another"]),
    Notes(["The residuals are large."]),
]
TEXT = """\
gaussian + constant
  data    9 samples
  status  converged <at last>

     value    stderr
  c   1.25 +- 0.02
  k      3

correlations
  a, b  +0.9

how it ended
  12       60 %  converged
   8       40 %  lost

a line
another

! The residuals are large."""


def test_blocks_stand_a_line_apart_unless_joined():
    """Sections without rows are left out; an error has its sign where there is one."""
    assert as_text(DOCUMENT) == TEXT


@pytest.mark.parametrize(
    "words",
    [
        "gaussian + constant",
        "converged &lt;at last&gt;",
        "± 0.02",
        "<summary>correlations</summary>",
        "how it ended",
        "a line<br>another",
        "<li>The residuals are large.</li>",
    ],
)
def test_html_says_the_same(words):
    """Every word of the text, escaped."""
    assert words in as_html(DOCUMENT)


def test_sections_share_their_widths():
    """Columns of a later section stand below those of the first."""
    sections = [("", [("a", "1")]), ("more", [("long name", "1000")])]
    lines = as_text([Table(columns("", "n"), sections)]).splitlines()
    assert lines[1].rstrip().endswith("1")
    assert len(lines[1]) == len(lines[-1])


def test_an_empty_block_leaves_no_gap():
    """Neither lines nor a blank one."""
    assert as_text([Text(["a"]), Notes([]), Pairs([]), Text(["b"])]) == "a\n\nb"
