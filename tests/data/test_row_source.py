"""Rows of files: what is found in them, and what is refused."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.row_source import open_rows
from physfit.errors import DataError, DomainError, InputError

X = np.linspace(400.0, 500.0, 9)
MAP = np.arange(3 * 4 * 9, dtype=np.float64).reshape(3, 4, 9)


def nexus_map(path: Path, **more: object) -> Path:
    """A map after NeXus, with units, axes and errors."""
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["default"] = "data"
        data = entry.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        data.attrs["signal"] = "counts"
        data.attrs["axes"] = ["y", "x", "shift"]
        data["counts"] = MAP
        data["counts"].attrs["units"] = "1/s"
        data["counts_errors"] = np.full(MAP.shape, 2.0)
        data["shift"] = X
        data["shift"].attrs["units"] = "1/cm"
        data["x"] = np.arange(4) * 0.5
        data["x"].attrs["units"] = "um"
        data["y"] = np.arange(4) * 2.0  # edges of three lines
        for name, value in more.items():
            data[name] = value
    return path


def test_a_map_is_what_nexus_says(tmp_path):
    """Axes with units, bin middles, errors, labels; rows along the last axis first."""
    source = open_rows(nexus_map(tmp_path / "map.h5"))
    rows = source.read(3, 9)
    assert [own.name for own in source.axes] == ["y", "x"]
    np.testing.assert_array_equal(source.axes[0].values, [1.0, 3.0, 5.0])
    assert source.axes[1].unit == "um"
    assert (source.x_label, source.x_unit) == ("shift", "1/cm")
    assert (source.y_label, source.y_unit) == ("counts", "1/s")
    np.testing.assert_array_equal(rows.y, MAP.reshape(12, 9)[3:9])
    np.testing.assert_array_equal(rows.x, X[None])
    assert source.has_sigma and not source.has_equal_weights
    np.testing.assert_array_equal(rows.sigma, np.full((6, 9), 2.0))
    source.close()


def test_datasets_are_what_they_are_called(tmp_path):
    """y, x, sigma per row and mask, in a file that says no more."""
    mask = MAP.reshape(12, 9) % 5 == 0
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["y"] = MAP.reshape(12, 9).astype(np.float32)
        file["x"] = MAP.reshape(12, 9) + 1.0
        file["sigma"] = np.arange(1.0, 13.0)[:, None]
        file["mask"] = mask
    source = open_rows(tmp_path / "rows.h5")
    rows = source.read(2, 7)
    assert rows.y.dtype == np.float32
    np.testing.assert_array_equal(rows.x[:, 0], MAP.reshape(12, 9)[2:7] + 1.0)
    np.testing.assert_array_equal(rows.sigma[:, 0], [3.0, 4.0, 5.0, 6.0, 7.0])
    np.testing.assert_array_equal(rows.mask, mask[2:7])
    assert source.has_equal_weights


def test_a_single_matrix_needs_no_name(tmp_path):
    """Samples are then counted; a place after `::` says the same."""
    with h5py.File(tmp_path / "one.h5", "w") as file:
        file["deep/inside"] = np.ones((5, 3), dtype=np.uint16)
    source = open_rows(tmp_path / "one.h5")
    again = open_rows(f"{tmp_path}/one.h5::deep/inside", sigma=0.5)
    np.testing.assert_array_equal(source.read(0, 5).x, [[0.0, 1.0, 2.0]])
    assert source.read(0, 1).y.dtype == np.float32
    assert again.read(0, 1).sigma == 0.5
    assert source.identity()["shape"] == [5, 3]


def test_hdf5_is_known_by_its_first_bytes(tmp_path):
    """Files that netCDF and others write are read, whatever their suffix is."""
    path = tmp_path / "map.nc"
    with h5py.File(path, "w") as file:
        file["y"] = np.arange(12.0).reshape(3, 4)
    source = open_rows(f"{path}::/y")
    assert source.read(2, 3).y.tolist() == [[8.0, 9.0, 10.0, 11.0]]
    source.close()


AXES = {
    "names": (np.array(["a", "b", "c"], dtype=h5py.string_dtype()), [0.0, 1.0, 2.0]),
    "ns since 1970": (1_790_000_000 * 10**9 + 10**9 * np.arange(3), None),
}


@pytest.mark.parametrize(("places", "expected"), AXES.values(), ids=AXES)
def test_an_axis_of_a_map_may_be_names_or_times(tmp_path, places, expected):
    """Rows are fitted all the same: names are counted, times stay different."""
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as file:
        file["y"], file["place"] = np.ones((3, 4)), places
        file.attrs["axes"] = ["place", "."]
    source = open_rows(path)
    wanted = places.astype(float) if expected is None else expected
    np.testing.assert_array_equal(source.axes[0].values, wanted)
    assert source.axes[0].name == "place"
    source.close()


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (2, 1, 3, 2)], ids=str)
def test_axes_without_names_are_called_alike_in_all_files(tmp_path, shape):
    """Rows, or z, y and x, or numbers where there are more axes."""
    y = np.ones((*shape, 7))
    np.save(tmp_path / "y.npy", y)
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["y"] = y
    sources = [open_rows(tmp_path / name) for name in ("y.npy", "y.h5")]
    names = [[axis.name for axis in source.axes] for source in sources]
    assert names[0] == names[1]
    assert len({*names[0]}) == len(shape)
    for source in sources:
        source.close()


def test_blocks_follow_chunks(tmp_path):
    """Rows of one chunk are those of its lines of the map."""
    with h5py.File(tmp_path / "chunks.h5", "w") as file:
        file.create_dataset("y", data=MAP, chunks=(2, 4, 9))
    assert open_rows(tmp_path / "chunks.h5").multiple == 8


def test_missing_rows_have_the_form_of_those_that_are_there(tmp_path):
    """So that both can stand in one block."""
    source = open_rows(nexus_map(tmp_path / "map.h5"))
    missing, there = source.missing(3), source.read(0, 3)
    assert np.isnan(missing.y).all()
    assert missing.sigma.shape == there.sigma.shape
    assert missing.y.dtype == there.y.dtype


@pytest.mark.parametrize("changed", ["name", "value", "shape", "type"])
def test_the_identity_tells_data_apart(tmp_path, changed):
    """By content, shape and type; a name changes no number."""
    y = MAP.reshape(12, 9)
    other = {
        "value": y + (y == 107.0),
        "shape": y.reshape(6, 18),
        "type": y.astype(int),
    }
    np.save(tmp_path / "a.npy", y)
    np.save(tmp_path / "b.npy", other.get(changed, y))
    first = open_rows(tmp_path / "a.npy").identity()
    is_same = open_rows(tmp_path / "b.npy").identity() == first
    assert is_same == (changed == "name")


def test_npy_files_stay_on_disk(tmp_path):
    """A map in an NPY file, with one standard deviation per sample."""
    np.save(tmp_path / "map.npy", MAP)
    source = open_rows(tmp_path / "map.npy", sigma=np.arange(1.0, 10.0))
    assert [own.name for own in source.axes] == ["y", "x"]
    np.testing.assert_array_equal(source.read(5, 7).y, MAP.reshape(12, 9)[5:7])
    assert not source.has_equal_weights


@pytest.mark.parametrize(
    ("text", "x", "n_rows"),
    [
        ("400,450,500\n1,2,3\n4,,6\n", [400.0, 450.0, 500.0], 2),
        ("shift;400;450\npixel 1;1;2\npixel 2;3;4\n", [400.0, 450.0], 2),
        ("# a comment\n3 1 2\n4 6 5\n", [0.0, 1.0, 2.0], 2),
        ("400;450;\n1;2;\n4;;\n", [400.0, 450.0], 2),
        ("\u2212400,450\n1,\u22122\n4,5\n", [-400.0, 450.0], 2),
    ],
    ids=["axis", "names", "bare", "separators at the end", "typeset minus"],
)
def test_text_has_one_spectrum_a_line(tmp_path, text, x, n_rows):
    """The first line is x if it is an axis or has a name; empty cells are missing."""
    (tmp_path / "rows.csv").write_text(text)
    source = open_rows(tmp_path / "rows.csv")
    rows = source.read(0, n_rows)
    np.testing.assert_array_equal(rows.x[0], x)
    assert rows.y.shape == (n_rows, len(x))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,3\n4,9.9e37,6\n7,8,9.9e37\n", "9.9e+37 (2) count as missing"),
        ("1,2,3\n4,-9999,6\n7,8,-9999\n", "-9999 (2) count as missing"),
    ],
)
def test_marks_of_instruments_are_missing_in_rows_too(tmp_path, text, said):
    """A spectrum holds no 9.9e37, and no -9999 alone below zero; it is said."""
    (tmp_path / "rows.csv").write_text(text)
    source = open_rows(tmp_path / "rows.csv")
    y = source.read(0, 2).y
    assert np.isnan(y[[0, 1], [1, 2]]).all()
    assert said in source.remarks


def test_spaces_between_commas_join_no_numbers(tmp_path):
    """`1,234 234,5` between commas is no row of three numbers."""
    (tmp_path / "rows.csv").write_text("1,234 234,5\n1,234 235,6\n")
    with pytest.raises(DataError, match="'234 234' is not a number"):
        open_rows(tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0;1;2\n1;2,5;3\n", "line 2: '2,5' is not a number, in column 1; write decim"),
        ("x,a,b\n1,2,3\n", "line 1: 'a' is not a number, in column 1; give a row of"),
        ("0,1,2\n1,2.5x,3\n", "line 2: '2.5x' is not a number, in column 1; correct"),
    ],
)
def test_a_field_of_a_row_that_is_no_number_is_named(tmp_path, text, words):
    """Line, column, and what to do."""
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(DataError) as error:
        open_rows(tmp_path / "rows.csv")
    assert words in str(error.value)


def test_it_is_said_that_the_first_line_is_x(tmp_path):
    """A decay falls as an axis does."""
    (tmp_path / "rows.csv").write_text("9,4,2,1\n8,4.1,2,1\n")
    assert open_rows(tmp_path / "rows.csv").remarks == ("x = line 1",)


def test_a_range_of_rows_is_a_source_of_its_own(tmp_path):
    """It counts its rows by those of the whole."""
    np.save(tmp_path / "rows.npy", MAP.reshape(12, 9))
    part = open_rows(tmp_path / "rows.npy").part(4, 7)
    np.testing.assert_array_equal(part.read(1, 3).y, MAP.reshape(12, 9)[5:7])
    np.testing.assert_array_equal(part.axes[0].values, [4.0, 5.0, 6.0])
    with pytest.raises(InputError, match="0:12"):
        open_rows(tmp_path / "rows.npy").part(4, 13)


def refused_files(folder: Path) -> None:
    """Files that hold no rows, or none that can be told."""
    with h5py.File(folder / "two.h5", "w") as file:
        file["a"], file["b"] = MAP, MAP
    with h5py.File(folder / "flat.h5", "w") as file:
        file["y"] = X
    nexus_map(folder / "sigma.h5", none=np.zeros(9), few=np.ones(5))
    np.save(folder / "flat.npy", X)
    np.save(folder / "object.npy", np.array([{}, {}]), allow_pickle=True)
    (folder / "ragged.csv").write_text("1,2,3\n4,5\n")
    (folder / "words.csv").write_text("1,2\n3,four\n")
    (folder / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\n1234")


REFUSED = {
    "two matrices": ("two.h5", {}, DataError, r"/a \(3, 4, 9\), /b .*dataset="),
    "one axis": ("flat.h5", {}, DataError, r"\(9,\).*\(n_rows, n_points\)"),
    "no such place": ("two.h5", {"dataset": "c"}, DataError, "has no 'c'"),
    "sigma zero": ("sigma.h5", {"sigma": "none_"}, DataError, "has no 'none_'"),
    "sigma not positive": (
        "sigma.h5",
        {"sigma": "entry/data/none"},
        DomainError,
        "above 0",
    ),
    "sigma too short": ("sigma.h5", {"sigma": "few"}, DataError, r"\(1, 5\)"),
    "x of another length": ("sigma.h5", {"x": "few"}, DataError, "9 samples"),
    "npy of one axis": ("flat.npy", {}, DataError, r"shape \(9,\)"),
    "npy of objects": ("object.npy", {}, DataError, "type object"),
    "ragged text": ("ragged.csv", {}, DataError, "line 2, has 2 numbers.*NaN"),
    "words": ("words.csv", {}, DataError, "line 2: 'four'"),
    "damaged": ("broken.h5", {}, DataError, "damaged"),
    "place in text": ("words.csv", {"dataset": "y"}, InputError, "HDF5"),
    "missing": ("nothing.h5", {}, DataError, "does not exist"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_without_rows_are_refused_in_a_sentence(tmp_path, name):
    """That says what is there and what to do."""
    refused_files(tmp_path)
    file, options, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        open_rows(tmp_path / file, **options)


LAYOUTS = {
    "contiguous": {},
    "lines": {"chunks": (1, 4, 9)},
    "tiles": {"chunks": (2, 2, 9), "compression": "gzip"},
    "cut samples": {"chunks": (2, 3, 4), "shuffle": True, "compression": "gzip"},
}


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", "<i2", "<u1", "<c8"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_range_of_rows_is_what_was_written(tmp_path, layout, kind):
    """Whatever the chunks and the type: it begins and ends within lines of the map."""
    with h5py.File(tmp_path / "map.h5", "w") as file:
        file.create_dataset("y", data=MAP.astype(kind), **LAYOUTS[layout])
    source = open_rows(tmp_path / "map.h5")
    rows = source.read(2, 11).y
    assert rows.dtype.isnative
    assert rows.dtype.itemsize >= 4
    np.testing.assert_array_equal(rows, MAP.astype(kind).reshape(12, 9)[2:11])
    source.close()


def test_only_the_rows_that_are_wanted_are_read(tmp_path):
    """Memory follows the block, even where one line of the map has a million rows."""
    with h5py.File(tmp_path / "line.h5", "w") as file:
        file.create_dataset("y", (1, 1_000_000, 16), "f8", fillvalue=np.nan)
    source = open_rows(tmp_path / "line.h5")
    tracemalloc.start()
    source.read(500_000, 501_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    source.close()
    assert peak < 1 << 20


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 9), (9,), ()], ids=str)
def test_standard_deviations_have_any_shape_that_fits(tmp_path, shape):
    """One number, one per sample, one per row of the map, or all."""
    sigma = 1.0 + np.arange(float(np.prod(shape))).reshape(shape)
    path = nexus_map(tmp_path / "map.h5", errors=sigma)
    source = open_rows(path, sigma="errors")
    per_row = shape == (3, 4)
    expected = np.broadcast_to(sigma[..., None] if per_row else sigma, MAP.shape)
    rows = np.broadcast_to(source.read(3, 9).sigma, (6, 9))
    np.testing.assert_array_equal(rows, expected.reshape(12, 9)[3:9])
    assert source.has_equal_weights == (shape in ((3, 4), (3, 4, 1), ()))


def test_a_map_whose_first_axis_has_one_step_has_errors_too(tmp_path):
    """Every row has its own."""
    with h5py.File(tmp_path / "line.h5", "w") as file:
        file["y"], file["sigma"] = MAP.reshape(1, 12, 9), MAP.reshape(1, 12, 9) + 1.0
    rows = open_rows(tmp_path / "line.h5").read(2, 5)
    np.testing.assert_array_equal(rows.sigma, rows.y + 1.0)


def test_a_change_in_the_middle_is_another_identity(tmp_path):
    """The checksum looks at places all along the file."""
    with h5py.File(tmp_path / "map.h5", "w") as file:
        file["y"] = np.ones((4000, 3))
    before = open_rows(tmp_path / "map.h5").identity()
    with h5py.File(tmp_path / "map.h5", "r+") as file:
        file["y"][1700:2200] = 2.0
    assert open_rows(tmp_path / "map.h5").identity() != before


@pytest.mark.parametrize("per", ["row", "sample"])
def test_as_many_rows_as_samples_need_a_word(tmp_path, per):
    """Nine standard deviations of a map of 9 x 9 are per row or per sample, as told."""
    sigma = np.arange(1.0, 10.0)
    path = tmp_path / "square.h5"
    with h5py.File(path, "w") as file:
        file["y"], file["sigma"] = np.ones((9, 9)), sigma
    with pytest.raises(
        DataError, match="say which with --sigma-per row or --sigma-per"
    ):
        open_rows(path)
    source = open_rows(path, sigma_per=per)
    got = np.broadcast_to(source.read(0, 9).sigma, (9, 9))
    assert source.opening["sigma_per"] == per
    source.close()
    expected = np.broadcast_to(sigma, (9, 9))
    np.testing.assert_array_equal(got, expected.T if per == "row" else expected)


def test_the_word_must_fit(tmp_path):
    """One per row is not one per sample."""
    path = nexus_map(tmp_path / "map.h5", errors=np.ones(9))
    with pytest.raises(DataError, match="are not one per row of data"):
        open_rows(path, sigma="errors", sigma_per="row")
    with pytest.raises(InputError, match="`sigma_per` is 'row' or 'sample', not 'all'"):
        open_rows(path, sigma_per="all")
