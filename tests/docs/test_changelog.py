"""The changelog is one list: nothing of it is left over from a merge."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest


@pytest.fixture
def lines(docs):
    """Lines of the page that are not empty."""
    text = (docs / "changelog.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


def test_no_line_stands_twice(lines):
    """Neither an entry nor a heading of the version that is not released yet."""
    assert [line for line, n in Counter(lines).items() if n > 1] == []


def test_no_mark_of_a_conflict_is_left(lines):
    """Those that git writes around two versions of a place."""
    marks = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
    assert not [line for line in lines if line.startswith(marks)]


def test_entries_are_whole(lines):
    """Every line belongs to an entry, a heading or a paragraph of at most 120 columns.

    A line that was moved alone is indented behind no entry, or too long.
    """
    assert not [line for line in lines if len(line) > 120]
    behind = pairwise(lines)
    assert not [
        line
        for before, line in behind
        if line.startswith("  ") and not before.startswith(("- ", "  "))
    ]
