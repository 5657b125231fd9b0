"""Documents as lines of text."""

from __future__ import annotations

from physfit.document.blocks import (
    Heading,
    Notes,
    Picture,
    Table,
    Text,
    pairs,
    rows_of,
    table,
)
from physfit.document.text import as_text
from tests.document.samples import DOCUMENT

TEXT = """\
gaussian + constant
  data    9 samples
  status  converged <at last>

     value    stderr
  c   1.25 +- 0.02
  k      3

correlations
  a, b  +0.9

how
  12  60 %  converged
   8  40 %  lost

a line
another

! The residuals of `c_0` are large."""


def test_blocks_stand_a_line_apart_but_below_a_heading():
    """Sections without rows are left out; an error has its sign where there is one."""
    assert as_text(DOCUMENT) == TEXT


def test_sections_share_their_widths():
    """Columns of a later section stand below those of the first."""
    sections = {"": [("a", "1")], "more": [("long name", "1000")]}
    lines = as_text([Table("lr", sections, ("", "n"))]).splitlines()
    assert lines[1].rstrip().endswith("1")
    assert len(lines[1]) == len(lines[-1])


def test_a_column_shows_what_is_declared():
    """A template or a function of the item; the last side is that of all others."""
    columns = {"z": "{0:.2f}", "re": lambda own: f"{own.real:g}", "im": "{0.imag:g}"}
    shown = table("lr", tuple(columns), rows_of(columns, [1 + 2j, 10 - 0.5j]))
    assert as_text([shown]).splitlines() == [
        "z            re    im",
        "1.00+2.00j    1     2",
        "10.00-0.50j  10  -0.5",
    ]


def test_an_empty_block_leaves_no_gap():
    """Neither lines nor a blank one."""
    assert as_text([Text(["a"]), Notes([]), pairs({}), Text(["b"])]) == "a\n\nb"
    assert as_text([Heading("a"), Notes([]), pairs({"b": ""}), Text(["c"])]) == "a\nc"


def test_sentences_of_a_table_are_wrapped_below_each_other():
    """The last column of one with prose, and no other."""
    text = as_text([Table("lp", {"": [("a word", "long " * 40)]})])
    assert max(map(len, text.splitlines())) <= 88
    assert all(line[10:14] == "long" for line in text.splitlines())


def test_a_picture_is_named():
    """Its file, what it shows, and why it is not there."""
    assert (
        as_text([Picture("a.png", "A map.", "No data.")]) == "[a.png] A map. No data."
    )
