"""Files with a checksum: nothing but what was written is read."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from physfit.data.files.checksummed import (
    HEAD,
    read_checksummed,
    read_head,
    write_checksummed,
)
from physfit.data.files.schema import Schema
from physfit.errors import DataError, InputError

KIND = Schema("test.kind", 2)


@pytest.fixture
def path(tmp_path):
    """A record of 300 numbers with a checksum."""
    path = tmp_path / "stored.h5"
    record = {"y": np.arange(300.0), "name": "demo"}
    write_checksummed(path, {"start": 7}, record, KIND)
    return path


def test_what_is_written_comes_back(path):
    """The head alone, the content, and for HDF5 itself a file like any other."""
    assert read_head(path, KIND)["start"] == 7
    head, record = read_checksummed(path, KIND)
    assert head == {"start": 7}
    np.testing.assert_array_equal(record["y"], np.arange(300.0))
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["y"][()], record["y"])


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


DAMAGES = {
    "empty": lambda b: b"",
    "cut head": lambda b: b[:100],
    "cut": lambda b: b[:-1],
    "longer": lambda b: b + b"\0",
    "digest": lambda b: flipped(b, 3),
    "head": lambda b: b.replace(b'"start": 7', b'"start": 8'),
    "padding": lambda b: flipped(b, HEAD - 20),
    "first byte": lambda b: flipped(b, HEAD),
    "middle": lambda b: flipped(b, len(b) // 2),
    "last byte": lambda b: flipped(b, len(b) - 1),
    "nested": lambda b: b[:32] + b"[" * 480 + b[HEAD:],
    "no text": lambda b: b[:32] + b"\xff" * 480 + b[HEAD:],
    "array": lambda b: b[:32] + b"[1]".ljust(480) + b[HEAD:],
    "other kind": lambda b: b.replace(b"test.kind", b"test.mind"),
    "older": lambda b: b.replace(b'"version": 2', b'"version": 1'),
    "a word for the size": lambda b: b.replace(b'"size": ', b'"size":"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_was_changed_is_refused(path, damage):
    """Every byte counts, and the sentence names the file."""
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(DataError, match=r"stored\.h5"):
        read_checksummed(path, KIND)


def test_a_head_fits_its_line(tmp_path):
    """A long one is refused before anything is written."""
    with pytest.raises(InputError, match="more than 512"):
        write_checksummed(tmp_path / "long", {"note": "x" * 480}, {}, KIND)
    assert not list(tmp_path.iterdir())
