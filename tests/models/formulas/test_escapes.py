"""Formulas and files that try to escape: refused, and nothing runs."""

from __future__ import annotations

import tracemalloc

import pytest
from attacks.bad.hostile import LIES, TEXTS
from attacks.formulas import cases, watched

CASES = list(cases())


def test_there_are_hundreds_of_them():
    """Texts at three doors, and stored graphs."""
    assert len(TEXTS) + len(LIES) > 300
    assert len(CASES) == 3 * len(TEXTS) + len(LIES)


@pytest.mark.parametrize(
    ("kind", "name", "door", "text"),
    CASES,
    ids=[f"{kind} {number}" for number, (kind, *_) in enumerate(CASES)],
)
def test_each_is_refused_in_a_sentence_and_nothing_runs(kind, name, door, text):
    """The interpreter executes, opens and loads nothing for it."""
    watched(door, text)  # what is loaded on first use is none of the input
    raised, seen = watched(door, text)
    assert raised.endswith((".", "?")) and not raised.startswith("TRACEBACK")
    assert seen == []


def test_all_together_take_little_memory():
    """Less than 100 MiB at once, whatever sizes they name."""
    tracemalloc.start()
    for _, _, door, text in CASES[:: max(1, len(CASES) // 300)]:
        watched(door, text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 << 20
