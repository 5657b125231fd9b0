"""Numbers that stand in other files, or nowhere: they are found, or asked for."""

from __future__ import annotations

import os

import h5py
import numpy as np
import pytest

from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.guard import referenced_files
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.readers import read_table
from physfit.data.row_source import open_rows
from physfit.errors import DataError

Y = np.arange(32.0).reshape(4, 8)


def virtual(path, source="a.h5", name="y", *, shape=(4, 8), whole=None, fill=None):
    """A file whose data set y takes `shape` from a source and has the shape `whole`."""
    layout = h5py.VirtualLayout(whole or shape, "f8")
    layout[: shape[0]] = h5py.VirtualSource(source, name, shape=shape)
    with h5py.File(path, "w") as file:
        file["own"] = Y
        file.create_virtual_dataset("y", layout, fillvalue=fill)
    return path


def written(path, rows=4, **options):
    """A file with so many rows of y written."""
    with h5py.File(path, "w") as file:
        made = file.create_dataset("y", (4, 8), "f8", **options)
        if rows:
            made[:rows] = Y[:rows]
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the files are, with a sound one."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a.h5")
    (tmp_path / "short.bin").write_bytes(Y.tobytes()[:200])
    (tmp_path / "whole.bin").write_bytes(Y.tobytes())
    return tmp_path


WHOLE = {
    "plain": lambda path: written(path),
    "NaN where nothing is": lambda path: written(
        path, 2, chunks=(2, 8), fillvalue=np.nan
    ),
    "virtual": virtual,
    "of itself": lambda path: virtual(path, ".", "own"),
    "of a virtual one": lambda path: virtual(path, virtual(path.with_name("v.h5"))),
    "raw file": lambda path: written(path, 0, external="whole.bin"),
}
LACKING = {
    "never written": (lambda path: written(path, 0), "was not written to its end"),
    "half": (lambda path: written(path, 2, chunks=(1, 8)), "2 of 4 chunks of it are"),
    "no file": (lambda path: virtual(path, "gone.h5"), "`.*gone.h5`, a source of it,"),
    "no dataset": (lambda path: virtual(path, name="z"), "has no dataset 'z'"),
    "small": (lambda path: virtual(path, shape=(5, 8)), "takes .* which has shape"),
    "uncovered": (lambda path: virtual(path, whole=(6, 8)), "cover 32 of its 48"),
    "of one that lacks": (
        lambda path: virtual(path, virtual(path.with_name("v.h5"), "gone.h5")),
        "v.h5`, dataset '/y', is virtual, and `.*gone.h5`",
    ),
    "circle": (lambda path: virtual(path, path.name), "a virtual data set of itself"),
    "raw file": (lambda path: written(path, 0, external="gone.bin"), "does not exist"),
    "short raw file": (
        lambda path: written(path, 0, external="short.bin"),
        "ends early: it holds 200 of 256 bytes",
    ),
}


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_what_is_whole_is_read(folder, make):
    """A data set that has all its numbers, wherever they are, passes."""
    path = make(folder / "run.h5")
    with h5py.File(path) as file:
        check_complete(file["y"], path)
        np.testing.assert_array_equal(file["y"][:2], Y[:2])


@pytest.mark.parametrize(("make", "sentence"), LACKING.values(), ids=LACKING)
def test_numbers_are_not_made_up(folder, make, sentence):
    """Where the library would give the fill value, a sentence says what is missing."""
    path = make(folder / "run.h5")
    with h5py.File(path) as file, pytest.raises(DataError, match=sentence):
        check_complete(file["y"], path)


@pytest.mark.parametrize("name", ["y", "sigma"])
def test_rows_that_are_read_must_be_written(folder, name):
    """A map that is still being filled is read as far as it goes, where told so."""
    written(folder / "run.h5", 0 if name == "sigma" else 2, chunks=(1, 8))
    with h5py.File(folder / "run.h5", "r+") as file:
        file["y"][:2] = Y[:2]
        if name == "sigma":
            file["y"][:] = Y
            made = file.create_dataset("sigma", (4, 8), "f8", chunks=(1, 8))
            made[:2] = 1.0
        file.attrs["axes"] = ["place", "."]
        file.create_dataset("place", 4, "f8", chunks=1)[:2] = 300.0
    source = open_rows(folder / "run.h5", rows=(0, 2))
    np.testing.assert_array_equal(source.read(0, 2).y, Y[:2])
    source.close()
    with pytest.raises(DataError, match="1 of 2 chunks of it is missing"):
        open_rows(folder / "run.h5", rows=(1, 3))


def test_files_of_files_are_known(folder):
    """Links, sources, raw files and what these refer to, but not the file itself."""
    virtual(folder / "v.h5")
    with h5py.File(folder / "run.h5", "w") as file:
        file["link"] = h5py.ExternalLink("v.h5", "y")
        file["gone"] = h5py.ExternalLink("gone.h5", "y")
        file.create_dataset("raw", (4, 8), "f8", external="whole.bin")
        file["self"] = h5py.ExternalLink("run.h5", "raw")
    found = {own.name for own in referenced_files(folder / "run.h5")}
    assert found == {"v.h5", "a.h5", "gone.h5", "whole.bin"}
    assert referenced_files(folder / "a.h5") == ()


def test_links_are_followed_in_the_file_that_was_named(folder):
    """y in another file is read there; x stands beside the link, not beside y."""
    x = np.linspace(1.0, 2.0, 8)
    with h5py.File(folder / "a.h5", "r+") as file:
        file["column"], file["pad"] = Y[:, 0], np.zeros(99)
    with h5py.File(folder / "run.h5", "w") as file:
        file["x"], file["y"] = x, h5py.ExternalLink("a.h5", "y")
        file["g/x"], file["g/noise"] = np.arange(4.0), np.arange(99.0)
        file["g/y"] = h5py.ExternalLink("a.h5", "column")
        file["g/gone"] = h5py.ExternalLink("gone.h5", "y")
    source = open_rows(folder / "run.h5", dataset="y")
    rows = source.read(0, 4)
    source.close()
    np.testing.assert_array_equal(rows.y, Y)
    np.testing.assert_array_equal(rows.x[0], x)
    with Hdf5Source("run.h5::/g", x="x", y="y") as stream:
        got = np.concatenate(stream.read(1, 3), axis=1)
    np.testing.assert_array_equal(got, np.stack([np.arange(4.0), Y[:, 0]], 1)[1:3])
    table = read_table("run.h5::/g/y", x="x")
    np.testing.assert_array_equal([table.x, table.y], [np.arange(4.0), Y[:, 0]])
    with h5py.File(folder / "one.h5", "w") as file:
        file["x"], file["y"] = x, h5py.ExternalLink("a.h5", "y")
    source = open_rows(folder / "one.h5")
    np.testing.assert_array_equal(source.read(0, 4).y, Y)
    source.close()
    with pytest.raises(DataError, match=r"a link at 'gone' to 'y' of `gone.h5`"):
        read_table("run.h5::/g", x="x", y="gone")


def test_a_linked_file_that_changes_is_noticed(folder):
    """The files that hold the numbers are watched, not only the one with the links."""
    with h5py.File(folder / "run.h5", "w") as file:
        file["x"], file["y"] = np.arange(4.0), h5py.ExternalLink("b.h5", "y")
    with h5py.File(folder / "b.h5", "w") as file:
        file["y"] = np.arange(4.0)
    with Hdf5Source("run.h5", x="x", y="y") as stream:
        stream.read(0, 2)
        os.utime(folder / "b.h5", ns=(1, 1))
        with pytest.raises(DataError, match=r"b.h5` was written to while it was read"):
            stream.read(2, 4)
