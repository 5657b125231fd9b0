"""What stands behind an option becomes a value, or one sentence."""

from __future__ import annotations

import math

import pytest

from physfit.cli import settings
from physfit.errors import InputError


def test_assignments_may_be_lists_and_repeated():
    """`a=1,b=2` and a second option make one mapping, in order."""
    read = settings.assignments("--start", ["a=1,b=2e3", " c = -0.5"], settings.number)
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
    assert settings.interval("--x-range", text) == expected


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: settings.interval("--b", "4"), "takes a range LOW:HIGH"),
        (lambda: settings.interval("--b", ":"), "takes a range LOW:HIGH"),
        (lambda: settings.interval("--b", "1:2:3"), "takes a range LOW:HIGH"),
        (lambda: settings.interval("--b", "6:4"), "must be below the upper"),
        (lambda: settings.interval("--b", "4:4"), "must be below the upper"),
        (lambda: settings.interval("--b", "x:4"), "finite number, not 'x'"),
        (lambda: settings.interval("--b", "nan:4"), "finite number, not 'nan'"),
        (lambda: settings.number("--s a", ""), "finite number, not ''"),
        (lambda: settings.number("--s a", "inf"), "finite number, not 'inf'"),
        (lambda: settings.grid("--x", "0:1"), "START:STOP:COUNT"),
        (lambda: settings.grid("--x", "0:1:1"), "at least 2 samples, not '1'"),
        (lambda: settings.grid("--x", "0:1:2.5"), "at least 2 samples, not '2.5'"),
        (lambda: settings.grid("--x", "1:1:5"), "give two places"),
        (lambda: settings.names("--methods", " , "), "names separated by commas"),
        (lambda: settings.names("--methods", "lm,lm"), "names 'lm' twice"),
        (
            lambda: settings.assignments("--fix", ["a"], settings.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: settings.assignments("--fix", ["=1"], settings.number),
            "takes NAME=VALUE",
        ),
        (
            lambda: settings.assignments("--fix", ["a=1", "a=2"], settings.number),
            "names 'a' twice",
        ),
        (lambda: settings.parameter_records(tie=["a="]), "takes an expression"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(call, sentence):
    """The sentence begins with the option and says what it takes."""
    with pytest.raises(InputError, match=r"^--\w+ .*\.$") as caught:
        call()
    assert sentence in str(caught.value)


def test_options_of_one_parameter_become_one_table():
    """Start and bounds of a name stand together; a side left out is infinite."""
    records = settings.parameter_records(
        start=["a=1"], bounds=["a=0:,b=:2"], fix=["c=3"], tie=["d=2*a"]
    )
    assert records == {
        "a": {"start": 1.0, "min": 0.0, "max": math.inf},
        "b": {"min": -math.inf, "max": 2.0},
        "c": {"fixed": 3.0},
        "d": {"tie": "2*a"},
    }
