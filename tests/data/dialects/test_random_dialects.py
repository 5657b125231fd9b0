"""Tables written in random dialects come back as they were, or are refused."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physfit.data.readers import read_table
from physfit.errors import DataError


class Style(NamedTuple):
    """How a program writes a table."""

    separator: str
    decimal: str
    thousands: str
    digits: int
    header: str
    end: str
    footer: str
    trailing: bool
    minus: str
    encoding: str


def _can_be_told(style: Style) -> bool:
    """Whether a table in this style has one meaning, and is written by anybody."""
    marks = [style.separator.strip(" ") or " ", style.decimal, style.thousands]
    marks = [mark for mark in marks if mark]
    is_plain = style.minus == "-" or style.encoding != "latin-1"
    return len(set(marks)) == len(marks) and is_plain


STYLES = st.builds(
    Style,
    separator=st.sampled_from([",", ";", "\t", " ", "   ", "|"]),
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", "", ",", ".", "'"]),
    digits=st.sampled_from([1, 2, 4, 6]),  # of three digits see test_kinds
    header=st.sampled_from(["", "names", "units", "bare", "comment", "free", "R"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    footer=st.sampled_from(["", "End\n", "\nmean of all\n", "# end\n"]),
    trailing=st.booleans(),
    minus=st.sampled_from(["-", "\u2212"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
).filter(_can_be_told)
VALUES = st.integers(-(10**8), 10**8)


def _number(value: float, style: Style) -> str:
    text = f"{value:,.{style.digits}f}"
    marks = {",": style.thousands, ".": style.decimal, "-": style.minus}
    return "".join(marks.get(letter, letter) for letter in text)


def _header(style: Style) -> list[str]:
    names, units = ["time", "signal"], ["ms", "mV"]
    joined = [f"{name} ({unit})" for name, unit in zip(names, units, strict=True)]
    fields = {
        "names": [names],
        "units": [joined],
        "bare": [names, units],
        "comment": [["# time", "signal"]],
        "free": [["made by hand"], names],
    }.get(style.header, [])
    return [style.separator.join(line) for line in fields]


def written(rows: list[tuple[float, float]], style: Style) -> bytes:
    """The table as bytes."""
    lines = _header(style)
    tail = style.separator if style.trailing and style.separator.strip(" ") else ""
    lines += [
        style.separator.join(_number(v, style) for v in row) + tail for row in rows
    ]
    text = "\n".join(lines) + "\n" + style.footer
    encoding = style.encoding
    return text.replace("\n", style.end).encode(encoding)


@settings(
    deadline=None,  # waits for the disk
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    numbers=st.lists(st.tuples(VALUES, VALUES), min_size=3, max_size=14),
    style=STYLES,
)
def test_a_table_in_any_dialect_comes_back(tmp_path_factory, numbers, style):
    """Separator, marks, header, footer, line ends, encoding do not change numbers."""
    scale = 10.0**-style.digits
    rows = [(a * scale, b * scale) for a, b in numbers]
    path = tmp_path_factory.mktemp("tables") / "table.txt"
    path.write_bytes(written(rows, style))
    got = read_table(path, scan="all")
    np.testing.assert_allclose(np.array([got.x, got.y]).T, rows, rtol=1e-15)
    if style.header in ("units", "bare"):
        assert (got.x_unit, got.y_unit) == ("ms", "mV")
    if style.header in ("names", "units", "bare"):
        assert got.note.startswith("x = column ")
        assert (got.x_label, got.y_label) == ("time", "signal")
    path.unlink()


@settings(deadline=None, max_examples=100)
@given(
    values=st.lists(st.integers(0, 10**6), min_size=4, max_size=12),
    separator=st.sampled_from(["\t", ";", ",", " "]),
)
def test_grouped_integers_are_never_another_number(tmp_path_factory, values, separator):
    """Integers with commas between thousands come back, are refused, or it is said."""
    quote = '"' if separator == "," else ""
    lines = [f"{k}{separator}{quote}{v:,}{quote}" for k, v in enumerate(values)]
    path = tmp_path_factory.mktemp("tables") / "table.txt"
    path.write_text("\n".join(lines))
    try:
        got = read_table(path)
    except DataError as error:
        assert "say decimal='.' or decimal=','" in str(error)
        return
    finally:
        path.unlink()
    if "decimal commas" not in got.note:
        np.testing.assert_array_equal(got.y, values)


@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
def test_styles_differ(separator):
    """The generator of styles writes each separator its own way."""
    style = Style(separator, ".", "", 1, "names", "\n", "", False, "-", "utf-8")
    assert written([(1.0, -2.0)], style).decode().startswith(f"time{separator}signal")
