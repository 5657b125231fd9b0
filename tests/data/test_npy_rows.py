"""NPY files by ranges: any order of the numbers, and nothing but whole files."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from physfit.data.row_source import open_rows
from physfit.errors import DataError

SHAPES = {"rows": (11, 5), "map": (4, 3, 5), "cube": (2, 3, 4, 5)}
KINDS = {"double": "<f8", "big-endian": ">f8", "short": "<i2", "complex": ">c16"}


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_any_range_is_that_of_the_array(tmp_path: Path, kind, shape, order):
    """Whatever order and type the numbers have in the file."""
    rng = np.random.default_rng(3)
    y = rng.integers(-99, 99, SHAPES[shape]).astype(KINDS[kind])
    np.save(tmp_path / "y.npy", np.asarray(y, order=order))
    source, flat = open_rows(tmp_path / "y.npy"), y.reshape(-1, 5)
    ranges = list(combinations(range(len(flat) + 1), 2))
    read = [source.read(start, stop).y for start, stop in ranges]
    expected = [flat[start:stop] for start, stop in ranges]
    assert all(map(np.array_equal, read, expected))
    assert source.read(0, 1).y.dtype.isnative
    source.close()


def saved(folder: Path) -> Path:
    np.save(folder / "y.npy", np.arange(60.0).reshape(12, 5))
    os.utime(folder / "y.npy", ns=(0, 1))  # dates of a file system may be coarse
    return folder / "y.npy"


def rewritten(path: Path) -> None:
    """Other numbers under the old date."""
    path.write_bytes(path.read_bytes()[:-8] + np.float64(7.0).tobytes())
    os.utime(path, ns=(0, 1))


CHANGES = {
    "cut": (lambda path: os.truncate(path, 300), "shrank from 608 to 300 bytes"),
    "written to": (lambda path: path.write_bytes(path.read_bytes()), "was written to"),
    "replaced": (lambda path: np.save(path, np.ones((12, 5))), "was written to"),
    "given back its date": (lambda path: rewritten(path), "given another date"),
    "gone": (lambda path: path.unlink(), "is gone"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_changes_is_refused(tmp_path: Path, name):
    """At the next read; a mapped file that is cut would end the process."""
    path = saved(tmp_path)
    source = open_rows(path)
    source.read(0, 4)
    change, words = CHANGES[name]
    change(path)
    with pytest.raises(DataError, match=words):
        source.read(4, 8)
    source.close()


def header(text: str) -> bytes:
    body = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def declared(kind: str, shape: str) -> bytes:
    return header(f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}}}")


DAMAGED = {
    "empty": (b"", "is empty"),
    "of text": (b"1 2 3", "no NPY file"),
    "half a header": (declared("'<f8'", "(3, 5)")[:40], "header is damaged"),
    "a word for the shape": (declared("'<f8'", "'3'"), "header is damaged"),
    "truth for a size": (declared("'<f8'", "(True, 5)"), "of shape"),
    "nested": (header("[" * 400), "header is damaged"),
    "truncated": (declared("'<f8'", "(3, 5)") + bytes(100), "is truncated"),
    "huge": (declared("'<f8'", "(10**30, 5)"), "header is damaged"),
    "large": (declared("'<f8'", "(99999999999, 99999)"), "is truncated"),
    "fields": (declared("[('a', '<f8')]", "(3, 5)"), "of shape"),
    "objects": (declared("'|O'", "(3, 5)"), "of shape"),
    "without rows": (declared("'<f8'", "(0, 5)"), "of shape"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_refused_at_opening(tmp_path: Path, name):
    """In a sentence with the file, before anything is allocated."""
    content, words = DAMAGED[name]
    (tmp_path / "y.npy").write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        open_rows(tmp_path / "y.npy")
    assert "y.npy" in str(caught.value)


def test_an_archive_has_no_rows(tmp_path: Path):
    """Which of its arrays is meant nobody says; what may be given is."""
    np.savez(tmp_path / "y.npz", y=np.ones((3, 5)))
    with pytest.raises(DataError, match=r"which is not read by rows; give the array"):
        open_rows(tmp_path / "y.npz")
