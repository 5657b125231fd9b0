"""What stands behind an option becomes a value, or one sentence."""

from __future__ import annotations

import math

import pytest

from physfit.cli import kinds
from physfit.errors import InputError


def test_assignments_may_be_lists_and_repeated():
    """`a=1,b=2` and a second option make one mapping, in order."""
    read = kinds.assignments("--start", ["a=1,b=2e3", " c = -0.5"], kinds.number)
    assert list(read.items()) == [("a", 1.0), ("b", 2000.0), ("c", -0.5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4:6", (4.0, 6.0)),
        ("-4:6", (-4.0, 6.0)),
        ("4:", (4.0, None)),
        (":6", (None, 6.0)),
        ("0:inf", (0.0, math.inf)),
    ],
)
def test_interval_sides_may_be_left_out(text, expected):
    """A side that is left out is None, open."""
    assert kinds.interval("--x-range", text) == expected


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: kinds.interval("--b", "4"), "takes a range LOW:HIGH"),
        (lambda: kinds.interval("--b", ":"), "takes a range LOW:HIGH"),
        (lambda: kinds.interval("--b", "1:2:3"), "takes a range LOW:HIGH"),
        (lambda: kinds.interval("--b", "6:4"), "must be below the upper"),
        (lambda: kinds.interval("--b", "4:4"), "must be below the upper"),
        (lambda: kinds.interval("--b", "x:4"), "finite number, not 'x'"),
        (lambda: kinds.interval("--b", "nan:4"), "finite number, not 'nan'"),
        (lambda: kinds.number("--s a", ""), "finite number, not ''"),
        (lambda: kinds.number("--s a", "inf"), "finite number, not 'inf'"),
        (lambda: kinds.grid("--x", "0:1"), "START:STOP:COUNT"),
        (lambda: kinds.grid("--x", "0:1:1"), "at least 2 samples, not '1'"),
        (lambda: kinds.grid("--x", "0:1:2.5"), "at least 2 samples, not '2.5'"),
        (lambda: kinds.grid("--x", "1:1:5"), "give two places"),
        (lambda: kinds.names("--methods", " , "), "names separated by commas"),
        (lambda: kinds.names("--methods", "lm,lm"), "names 'lm' twice"),
        (
            lambda: kinds.assignments("--fix", ["a"], kinds.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: kinds.assignments("--fix", ["=1"], kinds.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: kinds.assignments("--fix", ["a=1", "a=2"], kinds.number),
            "names 'a' twice",
        ),
        (lambda: kinds.EXPRESSIONS.read("--tie", ["a="]), "takes an expression"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(call, sentence):
    """The sentence begins with the option and says what it takes."""
    with pytest.raises(InputError, match=r"^--\w+ .*\.$") as caught:
        call()
    assert sentence in str(caught.value)
