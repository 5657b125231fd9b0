"""Tables from numpy's files, and refusals that hold for every kind of file."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.data.readers import read_table
from physfit.errors import DataError

X = np.array([1.0, 2.0, 3.0, 4.0])
Y = np.array([5.0, 6.0, 7.0, 8.0])


def test_arrays_of_an_archive_are_columns(tmp_path):
    """In an NPZ the arrays x and y come first, and an error is found by its name."""
    path = tmp_path / "data.npz"
    np.savez(path, y=Y, y_err=Y / 10, x=X.astype(np.float32), title="run 3")
    got = read_table(path)
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])
    assert got.note == "x = array 'x', y = array 'y', sigma = array 'y_err'"
    assert got.x.dtype == np.float64


def test_archives_hold_complex_values(tmp_path):
    """Complex arrays stay complex, and are never taken for x."""
    path = tmp_path / "data.npz"
    np.savez(path, signal=Y + 1j, time=X)
    got = read_table(path)
    assert got.note == "x = array 'time', y = array 'signal', no sigma"
    np.testing.assert_array_equal(got.y, Y + 1j)


@pytest.mark.parametrize(
    "array",
    [
        np.array([X, Y, Y / 10]).T,
        np.array([X, Y, Y / 10]),
        np.array(
            list(zip(X, Y, Y / 10, strict=True)),
            dtype=[("t (s)", "f4"), ("u", "f8"), ("err", "f8")],
        ),
    ],
    ids=["columns", "rows", "structured"],
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_one_array_holds_all_columns(tmp_path, array, kind):
    """A 2-D or structured array is a table, in an NPY file or alone in an NPZ."""
    path = tmp_path / f"data.{kind}"
    np.save(path, array) if kind == "npy" else np.savez(path, array)
    got = read_table(path)
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])


def test_the_first_bytes_decide_what_a_file_is(tmp_path):
    """An archive under another name is read as what it is."""
    path = tmp_path / "data.csv"
    with path.open("wb") as file:
        np.savez(file, x=X, y=Y)
    np.testing.assert_array_equal(read_table(path).y, Y)


def _objects(path):
    np.savez(path, x=X, y=np.array([{}, 1], dtype=object))


def _only_objects(path):
    np.savez(path, y=np.array([{}, 1], dtype=object))


def _object_array(path):
    np.save(path.with_suffix(".npy"), np.array([{}, 1], dtype=object))
    path.with_suffix(".npy").rename(path)


def _truncated(path):
    np.savez(path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:-40])


def _truncated_array(path):
    np.save(path.with_suffix(".npy"), np.array([X, Y]))
    path.write_bytes(path.with_suffix(".npy").read_bytes()[:-8])


def _corrupt(path):
    np.savez_compressed(path, x=X, y=np.arange(1000.0))
    data = bytearray(path.read_bytes())
    data[-700:-400] = bytes(300)
    path.write_bytes(data)


def _text(path):
    np.savez(path, x=X, y=np.array(["a", "b"]))


def _different_lengths(path):
    np.savez(path, x=X, y=Y[:3])


def _cube(path):
    np.savez(path, np.zeros((2, 3, 4)))


def _one_column(path):
    np.savez(path, np.zeros((4, 1)))


@pytest.mark.parametrize(
    ("write", "keys", "words"),
    [
        (
            _objects,
            {"y": "y"},
            "holds array 'y' of Python objects, which are never load",
        ),
        (_objects, {}, "has too few numeric arrays for x and y"),
        (_only_objects, {}, "holds array 'y' of Python objects"),
        (_object_array, {}, "holds Python objects, which are never loaded"),
        (_truncated, {}, "is truncated or not a numpy file"),
        (_truncated_array, {}, "is truncated or not a numpy file"),
        (_corrupt, {}, "is truncated or not a numpy file"),
        (_text, {"y": "y"}, "holds array 'y' of type <U1, not numbers"),
        (_different_lengths, {}, "does not fit together: x has 4 values and y has 3"),
        (_different_lengths, {"y": "z"}, "has no array 'z'; allowed: x, y"),
        (_cube, {}, "holds array 'arr_0' of shape (2, 3, 4), not one column"),
        (_one_column, {}, "array 'arr_0', has shape (4, 1), but x and y are at least"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_unusable_archive_is_refused(tmp_path, write, keys, words):
    """Damage, objects, text and lengths each have a sentence; no pickle is loaded."""
    path = tmp_path / "data.npz"
    write(path)
    with pytest.raises(DataError) as caught:
        read_table(path, **keys)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.npz", "a.h5"])
def test_a_missing_file_is_named(tmp_path, name):
    """Every kind of file is missed in the same words."""
    with pytest.raises(DataError, match=rf"{name}` does not exist; the current dir"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.npz", "a.h5"])
def test_an_empty_file_is_named(tmp_path, name):
    """Every kind of file is found empty in the same words."""
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=rf"{name}` is empty"):
        read_table(tmp_path / name)


def test_a_directory_is_no_file(tmp_path):
    """A directory is named as what it is."""
    with pytest.raises(DataError, match="is a directory; give a file inside of it"):
        read_table(tmp_path)


@pytest.mark.parametrize("how", ["syntax", "argument"])
def test_a_text_file_has_nothing_inside(tmp_path, how):
    """A path inside of a file that is not HDF5 is refused."""
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n")
    with pytest.raises(DataError, match="is not an HDF5 file, so it has no '/entry'"):
        if how == "syntax":
            read_table(f"{path}::/entry")
        else:
            read_table(path, dataset="/entry")


def test_a_text_archive_by_suffix_only(tmp_path):
    """A text file that calls itself NPZ is refused as such."""
    path = tmp_path / "a.npz"
    path.write_text("1,2\n3,4\n")
    with pytest.raises(DataError, match="is truncated or not a numpy file"):
        read_table(path)
