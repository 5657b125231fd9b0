"""Tables from HDF5: NXdata by its attributes, datasets by path, and refusals."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from physfit.data.readers import read_table
from physfit.errors import DataError

X = np.array([1.0, 2.0, 3.0, 4.0])
Y = np.array([5.0, 6.0, 7.0, 8.0])


@pytest.fixture
def path(tmp_path):
    """Where a test writes its file."""
    return tmp_path / "run.h5"


def _nexus(path, **changes):
    """A NeXus file as the standard has it, with changes by the name of the place."""
    with h5py.File(path, "w") as file:
        file.attrs.update(NX_class="NXroot", default="entry")
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="counts")
        data.attrs["axes"] = changes.pop("axes", "energy")
        data["energy"] = changes.pop("energy", X)
        data["energy"].attrs.update(units="keV", long_name="Photon energy")
        data["counts"] = changes.pop("counts", Y)
        data["counts"].attrs["units"] = changes.pop("units", "1/s")
        data["counts_errors"] = Y / 10
        data["energy_errors"] = X / 10
        data["background"] = Y - 1
        entry["title"] = "run 3"
        entry["table"] = np.array([X, Y, Y / 10]).T
        entry["notes"] = np.array([b"a", b"b"])
        entry["wide"] = np.zeros((4, 5))
        entry["alone"] = Y
        data["empty"] = h5py.Empty("f8")
    assert not changes
    return path


@pytest.mark.parametrize("inside", ["", "::/entry/data", "::entry/data"])
def test_nxdata_says_what_to_take(path, inside):
    """`@default`, `@signal`, `@axes`, `_errors` and `@units` are followed."""
    got = read_table(f"{_nexus(path)}{inside}")
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])
    assert (got.x_unit, got.y_unit) == ("keV", "1/s")
    assert (got.x_label, got.y_label) == ("Photon energy", "counts")
    assert got.source == f"{path}::/entry/data"
    assert got.note == (
        "x = dataset 'energy', y = dataset 'counts', sigma = dataset 'counts_errors'"
    )


def test_the_argument_names_the_place_too(path):
    """`dataset=` is `::` in another place; both at once are refused."""
    _nexus(path)
    assert read_table(path, dataset="/entry/data").source == f"{path}::/entry/data"
    with pytest.raises(DataError, match="both name a place in the file; give one"):
        read_table(f"{path}::/entry", dataset="/entry/data")


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ({"y": "background"}, "x = dataset 'energy', y = dataset 'background', no sig"),
        ({"sigma": "none"}, "x = dataset 'energy', y = dataset 'counts', no sigma"),
        (
            {"sigma": "background"},
            "x = dataset 'energy', y = dataset 'counts', sigma = ",
        ),
        ({"x": "background"}, "x = dataset 'background', y = dataset 'counts', sigma"),
        ({"x": "/entry/data/energy"}, "x = dataset 'energy', y = dataset 'counts', si"),
    ],
    ids=["y", "no sigma", "sigma", "x", "absolute"],
)
def test_other_fields_of_nxdata_by_name(path, keys, note):
    """x, y and sigma may be named, in the group or from the root."""
    assert read_table(_nexus(path), **keys).note.startswith(note)


def test_a_default_chain_that_bites_its_tail_ends(path):
    """`@default` that leads back to its own group is followed once."""
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "/"
        file["a"], file["b"] = X, Y
    with pytest.raises(DataError, match="does not say what to plot in '/'"):
        read_table(path)


def test_a_signal_by_its_own_path_keeps_its_axis(path):
    """The path of a field in NXdata takes that field, with the axes of its group."""
    got = read_table(f"{_nexus(path)}::/entry/data/counts")
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])


def test_datasets_called_x_y_and_sigma_need_no_names(path):
    """Without NXdata the plain names are taken, where the caller names no other."""
    with h5py.File(path, "w") as file:
        file["x"], file["y"], file["sigma"], file["t"] = X, Y, Y / 10, 2 * X
    got = read_table(path)
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])
    assert "sigma = dataset 'sigma'" in got.note
    assert read_table(path, sigma="none").sigma is None
    other = read_table(path, x="t")
    np.testing.assert_array_equal([other.x, other.y], [2 * X, Y])
    assert other.sigma is None


def test_datasets_anywhere_by_their_paths(path):
    """Without any NeXus, x, y and sigma as paths are enough."""
    with h5py.File(path, "w") as file:
        file["a/t"], file["b/u"], file["b/e"] = X, Y, Y / 10
    got = read_table(path, x="a/t", y="/b/u", sigma="b/e")
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])
    assert read_table(f"{path}::b", x="/a/t", y="u").sigma is None


@pytest.mark.parametrize("compound", [False, True], ids=["2-D", "compound"])
def test_a_dataset_may_be_a_table(path, compound):
    """A dataset of two dimensions, or of named columns, is a table of its own."""
    rows = np.array([X, Y, Y / 10]).T
    if compound:
        rows = np.array([tuple(row) for row in rows], dtype="f8, f8, f4")
        rows.dtype.names = ("t", "u", "u_err")
    with h5py.File(path, "w") as file:
        file["group/only"] = rows
    for got in (read_table(path), read_table(path, dataset="group/only")):
        np.testing.assert_allclose([got.x, got.y, got.sigma], [X, Y, Y / 10], rtol=1e-7)
    assert read_table(path, x=1, y=0).x.tolist() == Y.tolist()


def test_bin_edges_become_their_middles(path):
    """An axis with one value more than the signal holds the edges of its bins."""
    got = read_table(_nexus(path, energy=np.arange(5.0)))
    assert got.x.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert got.note.endswith("; x is the middle of its bins")


@pytest.mark.parametrize("axes", [".", ["."]], ids=["text", "list"])
def test_no_axis_counts_rows(path, axes):
    """A signal without axis is plotted over its index, and the note says so."""
    got = read_table(_nexus(path, axes=axes))
    assert got.x.tolist() == [0, 1, 2, 3]
    assert got.note.endswith("; x counts rows from 0: the file names no axis")


def test_dimensions_of_length_one_do_not_count(path):
    """A signal of shape (1, n) is one curve; its axis is the one of n values."""
    _nexus(path, counts=Y[None, :], axes=["row", "energy"])
    with h5py.File(path, "a") as file:
        file["entry/data/row"] = [0.0]
    np.testing.assert_array_equal(read_table(path).x, X)


def test_complex_signals_stay_complex(path):
    """Complex values pass through HDF5."""
    got = read_table(_nexus(path, counts=Y + 2j))
    np.testing.assert_array_equal(got.y, Y + 2j)


@pytest.mark.parametrize("units", [np.bytes_("mV"), np.array(["mV"], dtype=object)])
def test_attributes_in_every_spelling(path, units):
    """Text of fixed length and arrays of one text are read as text."""
    assert read_table(_nexus(path, units=units)).y_unit == "mV"


def test_the_older_spelling_of_nxdata(path):
    """`signal = 1` and `axes` on the dataset, and `errors`, are read too."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        data["t"], data["u"], data["errors"] = X, Y, Y / 10
        data["u"].attrs.update(signal=1, axes="t", long_name="Voltage (mV)")
    got = read_table(path)
    np.testing.assert_array_equal([got.x, got.y, got.sigma], [X, Y, Y / 10])
    assert (got.y_label, got.y_unit) == ("Voltage", "mV")


def test_the_oldest_spelling_of_an_axis(path):
    """`axis = 1` on a dataset makes it the axis."""
    with h5py.File(path, "w") as file:
        file.attrs["signal"] = "u"
        file["t"], file["u"] = X, Y
        file["t"].attrs["axis"] = 1
    np.testing.assert_array_equal(read_table(path).x, X)


@pytest.mark.parametrize(
    ("inside", "keys", "words"),
    [
        (
            "/",
            {},
            "does not say what to plot in '/' (no NXdata with @signal), which ho",
        ),
        (
            "entry",
            {},
            "which holds alone, data/, notes, table, title, wide; name one of these",
        ),
        ("entry/dat", {}, "'/entry' has no 'dat'; did you mean 'data'?"),
        ("entry/table/x", {}, "'/entry/table' is a dataset, with nothing inside"),
        ("entry/title", {}, "holds dataset '/entry/title' of type object, not numbers"),
        ("entry/data/empty", {}, "of shape None, not one column"),
        ("entry/alone", {}, "at '/entry/alone', which does not say what x is; name x"),
        ("entry/notes", {}, "of type |S1, not numbers"),
        ("entry/wide", {"y": 7}, "has no column number 7"),
        ("entry/data", {"y": "cuonts"}, "has no 'cuonts'; did you mean 'counts'"),
        ("entry", {"x": "data/energy", "y": "data"}, "has a group at '/entry/data', n"),
        ("entry", {"x": "wide", "y": "data/counts"}, "of shape (4, 5), not one column"),
        ("entry", {"x": "title", "y": "data/counts"}, "of type object, not numbers"),
    ],
)
def test_an_unusable_place_is_refused_in_one_sentence(path, inside, keys, words):
    """The sentence says what stands there, or what is near."""
    with pytest.raises(DataError) as caught:
        read_table(_nexus(path), dataset=inside, **keys)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_many_spectra_are_not_one_curve(path):
    """A signal of two dimensions is refused by its shape."""
    with pytest.raises(DataError, match=r"'/entry/data/counts' of shape \(2, 4\), not"):
        read_table(_nexus(path, counts=np.ones((2, 4))))


def test_an_axis_of_another_length_is_refused(path):
    """x and y that do not fit together are named with their lengths."""
    with pytest.raises(DataError, match="x has 3 values and y has 4, sigma 4"):
        read_table(_nexus(path, energy=X[:3]))


def test_nxdata_without_signal(path):
    """NXdata that names no signal says what it holds."""
    with h5py.File(path, "w") as file:
        file.create_group("data").attrs["NX_class"] = "NXdata"
        file["data/t"] = X
    with pytest.raises(DataError, match="has no @signal in '/data', which holds t; na"):
        read_table(path)


@pytest.mark.parametrize("keep", [100, 0.5, 0.95], ids=str)
def test_a_truncated_file_is_refused(path, keep):
    """A file cut off anywhere is refused as truncated."""
    whole = _nexus(path).read_bytes()
    path.write_bytes(whole[: keep if keep > 1 else int(keep * len(whole))])
    with pytest.raises(DataError, match="is truncated, damaged or not an HDF5 file"):
        read_table(path)


def test_text_with_the_suffix_of_hdf5(path):
    """A text file that calls itself HDF5 is refused as such."""
    path.write_text("1,2\n3,4\n")
    with pytest.raises(DataError, match="is truncated, damaged or not an HDF5 file"):
        read_table(path)


def test_files_with_a_block_of_their_own_before_hdf5(tmp_path):
    """MATLAB writes 512 bytes of text first; columns are matrices of one row."""
    path = tmp_path / "run.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"], file["y"] = [[1.0, 2.0, 3.0]], [[2.0, 3.0, 5.0]]
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(512))
    assert read_table(path).y.tolist() == [2.0, 3.0, 5.0]
