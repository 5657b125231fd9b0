"""Sentences and texts that leave the program."""

from __future__ import annotations

import re

import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError, PhysfitError, printable

TURNED = "\u202e"  # right-to-left override


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("µ = 3 × 10⁻⁴ Å·ħ, 温度, α", "µ = 3 × 10⁻⁴ Å·ħ, 温度, α"),
        ("10\u202fcm\xa0", "10\u202fcm\xa0"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9bb\x07\x7f\0", r"a\x9bb\x07\x7f\x00"),
        ("a\r\nb\tc\u2028d", r"a\r\nb\tc\u2028d"),
        (f"{TURNED}gnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
    ids=["physics", "space", "escape", "C1", "lines", "turned", "surrogate", "tag"],
)
def test_text_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    """Every letter and space stays; what a terminal would obey is escaped, once."""
    assert printable(text) == shown
    assert printable(shown) == shown


def test_an_error_is_one_line() -> None:
    """Whatever a name from a file holds, and once only where errors quote errors."""
    inner = DataError("`a\nb\x1b` is damaged")
    assert (
        str(DataError(f"cannot read: {inner}")) == r"cannot read: `a\nb\x1b` is damaged"
    )


@pytest.mark.parametrize("name", [1, None, ("slope",), b"slope"])
def test_names_that_are_no_text_are_refused_as_others(name: object) -> None:
    x, line = np.linspace(0.0, 1.0, 9), pf.models.Linear()
    for refused in (
        lambda: pf.fit(line, x, x, start={name: 1.0}),
        lambda: pf.fit_many(line, x, [x, x], start={name: 1.0}),
        lambda: pf.multistart(line, x, x, within={name: (0.0, 1.0)}),
        lambda: pf.toys(line, x, {name: 1.0}, sigma=0.1),
        lambda: line.full_values({name: 1.0}),
        lambda: pf.model(lambda t, a: a * t, units={name: "s"}),
        lambda: pf.fit(line, x, x)[name],
    ):
        with pytest.raises(PhysfitError, match=re.escape(repr(name))):
            refused()
