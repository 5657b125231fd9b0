"""Sentences and texts that leave the program."""

from __future__ import annotations

import pytest

from physfit.errors import DataError, printable

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
