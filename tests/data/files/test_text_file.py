"""Lines of a text, taken apart as far as they are asked for."""

from __future__ import annotations

import os

import numpy as np
import pytest

import physfit as pf
from physfit.data import text_numbers
from physfit.data.files import text_file
from physfit.data.files.text_file import Lines, lines_of_file
from physfit.errors import DataError


@pytest.mark.parametrize("size", [0, 3, 200, 5000])
@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_are_those_of_the_whole_text(monkeypatch, size, end):
    monkeypatch.setattr(text_file, "_BEGINNING", 1000)
    whole = "\n".join(f"{k},{k * k}" for k in range(size)) + end
    expected = whole.split("\n")
    assert list(Lines(whole)) == expected
    assert len(Lines(whole)) == len(expected)
    for place in (
        0,
        -1,
        size // 2,
        slice(3),
        slice(2, None),
        slice(None, -1),
        slice(9),
    ):
        assert Lines(whole)[place] == expected[place]
    again = Lines(whole)
    assert (again[:2], list(again)[-2:]) == (expected[:2], expected[-2:])


def test_the_beginning_of_a_long_text_is_taken_apart_alone(monkeypatch):
    monkeypatch.setattr(text_file, "_BEGINNING", 1000)
    lines = Lines("1,2\n" * 1000)
    assert lines[:3] == ["1,2"] * 3
    assert next(iter(lines)) == "1,2"
    assert "_all" not in lines.__dict__
    assert lines[-1] == ""  # of the end alone
    assert "_all" not in lines.__dict__
    assert lines[-2] == "1,2"
    assert "_all" in lines.__dict__


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A file, and what was parsed from it: by its path, or from its lines."""
    path = tmp_path / "data.csv"
    sources = []
    plain = np.loadtxt

    def loadtxt(source, *arguments, **named):
        sources.append(source)
        return plain(source, *arguments, **named)

    monkeypatch.setattr(text_numbers.np, "loadtxt", loadtxt)
    return path, sources


X = np.arange(300.0)


def written(path, end="\n", encoding="utf-8", padding=b""):
    rows = end.join(["t,u", *(f"{x:g},{x * x:g}" for x in X)]) + end
    path.write_bytes(rows.encode(encoding) + padding)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_numbers_are_read_from_the_file_itself(table, end):
    path, sources = table
    written(path, end)
    read = pf.read_table(path)
    np.testing.assert_array_equal(read.y, X * X)
    assert sources == [str(path)]


@pytest.mark.parametrize(
    "written_as", [{"padding": b"\x1a"}, {"padding": b"\0" * 8}, {"encoding": "utf-16"}]
)
def test_text_that_is_not_the_whole_file_is_read_from_its_lines(table, written_as):
    path, sources = table
    written(path, **written_as)
    np.testing.assert_array_equal(pf.read_table(path).y, X * X)
    assert str(path) not in sources


def test_a_name_of_packed_files_does_not_unpack(table):
    path, sources = table
    path = path.with_suffix(".gz")
    written(path)
    np.testing.assert_array_equal(pf.read_table(path).y, X * X)
    assert str(path) not in sources


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_file_that_changes_between_does_not_mix(table, monkeypatch, change):
    path, _ = table
    written(path)
    plain = text_numbers._parse

    def parse(source, shape, **reading):
        if isinstance(source, str):
            status = os.stat(path)
            path.unlink()
            if change == "written":
                path.write_text("t,u\n" + "7,7\n" * 300)
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
        return plain(source, shape, **reading)

    monkeypatch.setattr(text_numbers, "_parse", parse)
    np.testing.assert_array_equal(pf.read_table(path).y, X * X)


@pytest.mark.parametrize("before", ["", "1,2\n" * 7, "1,2\n" * 30])
@pytest.mark.parametrize("after", ["", "\n", "\n1,2\n"])
def test_a_line_that_is_too_long_is_named(tmp_path, before, after):
    path = tmp_path / "long.csv"
    path.write_text(before + "1" * 100 + after)
    assert (
        len(list(lines_of_file(path, 100)))
        == before.count("\n") + after.count("\n") + 1
    )
    number = before.count("\n") + 1
    path.write_text(before + "1" * 101 + after)
    with pytest.raises(DataError, match=f"has 101 characters in line {number}, but"):
        lines_of_file(path, 100)
