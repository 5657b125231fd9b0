"""Texts of the HDF5 library, said in words."""

from __future__ import annotations

import threading

import h5py
import numpy as np
import pytest

from physfit.data.files.schema import Schema
from physfit.data.files.writers import read_record
from physfit.data.hdf5.errors import library_errors, meaning_of
from physfit.data.readers import read_table
from physfit.errors import DataError
from physfit.result.many_file import load_many


def _message(make) -> str:
    with pytest.raises((OSError, RuntimeError, KeyError)) as caught:
        make()
    return meaning_of(caught.value)


def test_what_the_library_says_becomes_one_line(tmp_path):
    """Its line breaks, addresses and numbers are left out; the reason stays."""
    plain = tmp_path / "plain.h5"
    plain.write_bytes(b"no HDF5")
    assert _message(lambda: h5py.File(plain)) == "file signature not found"
    folder = _message(lambda: h5py.File(tmp_path))
    assert folder == "Is a directory"
    with h5py.File(tmp_path / "cut.h5", "w") as file:
        file["y"] = [1.0] * 1000
    data = (tmp_path / "cut.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(data[:3000])
    assert _message(lambda: h5py.File(tmp_path / "cut.h5")) == "truncated file"
    with h5py.File(tmp_path / "new.h5", "w") as file:
        missing = _message(lambda: file["y"])
    assert missing == "object 'y' doesn't exist"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            OSError("Unable to open file (file is already open for write)"),
            "is open for",
        ),
        (BlockingIOError(11, "unable to lock file"), "is open for"),
        (PermissionError(13, "x"), "may not be read by you .Permission denied.; ask"),
        (OSError("Unable to open file (bad superblock)"), "is truncated, damaged or"),
    ],
    ids=["written", "locked", "of somebody else", "damaged"],
)
def test_a_sound_file_is_not_called_damaged(error, sentence):
    """One that is still being written, or of another user, is said to be that."""
    with pytest.raises(DataError, match=sentence), library_errors("run.h5"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "anything"),
        RuntimeError("Can't decrement id\n (fd = 3, errno = 28, error message = 'x')"),
    ],
    ids=["system", "library"],
)
def test_what_the_system_says_is_taken_from_its_number(error):
    """As the system names it, wherever the number stands."""
    assert meaning_of(error) == "No space left on device"


def test_control_characters_do_not_pass():
    """A text from a damaged file can hold anything."""
    assert meaning_of(RuntimeError("a\x1b[2J\nb.")) == "a [2J b"


def _read(path):
    return read_record(path, Schema("physfit.many_result", 1))


@pytest.mark.parametrize("name", ["attribute", "signal", "axis"])
def test_a_refused_file_leaves_the_library_to_other_threads(name, tmp_path):
    """Also while its exception lives, as in a notebook; else all later fits hang."""
    path = tmp_path / "bad.h5"
    with h5py.File(path, "w") as file:
        file["y"], file["x"] = np.arange(3.0), np.arange(3.0)
        node = file if name == "attribute" else file["x"]
        node.attrs[name] = np.bytes_(b"\xff")
        file.attrs["NX_class"] = "NXdata"
        file.attrs["physfit_schema"] = "physfit.many_result"
    kept = []
    for read in (_read, read_table, load_many):
        try:
            kept.append(read(path))
        except DataError as error:
            kept.append(error)
    opened = []
    thread = threading.Thread(
        target=lambda: opened.append(h5py.File(path).close()), daemon=True
    )
    thread.start()
    thread.join(5.0)
    assert opened == [None]
