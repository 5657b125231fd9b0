"""What stands behind an option becomes a value, or one sentence."""

from __future__ import annotations

import math

import pytest

from physfit.errors import InputError
from physfit.settings import kinds, texts


def test_assignments_may_be_lists_and_repeated():
    """`a=1,b=2` and a second option make one mapping, in order."""
    read = texts.assignments("--start", ["a=1,b=2e3", " c = -0.5"], texts.number)
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
    assert texts.interval("--x-range", text) == expected


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: texts.interval("--b", "4"), "takes a range LOW:HIGH"),
        (lambda: texts.interval("--b", ":"), "takes a range LOW:HIGH"),
        (lambda: texts.interval("--b", "1:2:3"), "takes a range LOW:HIGH"),
        (lambda: texts.interval("--b", "6:4"), "must be below the upper"),
        (lambda: texts.interval("--b", "4:4"), "must be below the upper"),
        (lambda: texts.interval("--b", "x:4"), "finite number, but is 'x'"),
        (lambda: texts.interval("--b", "nan:4"), "finite number, but is 'nan'"),
        (lambda: texts.number("--s a", ""), "finite number, but is ''"),
        (lambda: texts.number("--s a", "inf"), "finite number, but is 'inf'"),
        (lambda: texts.grid("--x", "0:1"), "START:STOP:COUNT"),
        (lambda: texts.grid("--x", "0:1:1"), "at least 2 samples, not '1'"),
        (lambda: texts.grid("--x", "0:1:2.5"), "at least 2 samples, not '2.5'"),
        (lambda: texts.grid("--x", "1:1:5"), "give two places"),
        (lambda: texts.names("--methods", " , "), "names separated by commas"),
        (lambda: texts.names("--methods", "lm,lm"), "names 'lm' twice"),
        (
            lambda: texts.assignments("--fix", ["a"], texts.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: texts.assignments("--fix", ["=1"], texts.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: texts.assignments("--fix", ["a=1", "a=2"], texts.number),
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
