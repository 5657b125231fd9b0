"""What stands in an HDF5 file becomes the number that was meant, or a sentence."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from physfit.data.hdf5.source import Hdf5Source
from physfit.data.readers import read_table
from physfit.data.row_source import open_rows
from physfit.errors import DataError

Y = np.arange(32.0).reshape(4, 8) + 1.0
X = np.arange(8.0)


@pytest.fixture
def write(tmp_path):
    """A function that writes data sets, with their attributes, and gives the path."""

    def written(attributes=None, **sets):
        path = tmp_path / "run.h5"
        with h5py.File(path, "w") as file:
            for name, value in sets.items():
                if value is h5py.Group:
                    file.create_group(name)
                else:
                    file.create_dataset(name, data=value)
            for name, values in (attributes or {}).items():
                file[name].attrs.update(values)
        return path

    return written


def _read(path, **options):
    source = open_rows(path, **options)
    try:
        return source.read(0, 4)
    finally:
        source.close()


MASKS = {
    "256": (256 * (Y > 30.0)).astype("i4"),
    "-1": -(Y > 30.0).astype("i8"),
    "half": 0.5 * (Y > 30.0),
    "NaN": np.where(Y > 30.0, np.nan, 0.0),
    "bool": Y > 30.0,
    "bytes": (Y > 30.0).astype("u1"),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_whatever_is_not_zero_masks(write, mask):
    """The type in which a mask is stored does not change what it leaves out."""
    rows = _read(write(x=X, y=Y, mask=mask))
    np.testing.assert_array_equal(rows.mask, Y > 30.0)


ODD = {
    "text": np.array([b"ab"] * 8),
    "words": np.array(["ab"] * 8, dtype=h5py.string_dtype()),
    "empty": h5py.Empty("f8"),
    "no rows": np.empty((0, 8)),
    "group": h5py.Group,
    "fields": np.zeros(8, dtype=[("a", "f8"), ("b", "f8")]),
    "opaque": np.zeros(8, dtype="V4"),
    "complex": np.zeros(8) * 1j,
}


@pytest.mark.parametrize("role", ["x", "sigma", "mask"])
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_number_is_refused(write, kind, role):
    """Whatever stands where numbers should be is one sentence."""
    sets = {"y": Y, "x": X, role: ODD[kind]}
    with pytest.raises(DataError, match=rf"{role} in .* (is|has shape|holds)"):
        _read(write(**sets), **{role: role})


def test_a_mask_of_another_shape_is_refused(write):
    """It is not stretched over rows or samples."""
    with pytest.raises(DataError, match=r"mask in '/mask', has shape \(4,\); give"):
        _read(write(x=X, y=Y, mask=np.zeros(4)), mask="mask")


STORED = np.arange(1, 33).reshape(4, 8).astype("i2")
NONE = np.where(np.isin(STORED, [5, 6]), np.nan, 1.0)
#: Attributes of y, data sets beside it, the numbers that are meant, and how it is said.
PACKED = {
    "netCDF": (
        {"scale_factor": 0.5, "add_offset": 10.0, "_FillValue": np.int16(5)},
        {},
        np.where(STORED == 5, np.nan, 0.5 * STORED + 10.0),
        "0.5 * stored + 10, none where 5 is stored",
    ),
    "fill": (
        {"_FillValue": np.array([5], "i2"), "missing_value": 6.0},
        {},
        NONE * STORED,
        "none where 5, 6 is stored",
    ),
    "range": (
        {"valid_range": np.array([4, 20], "i2"), "scale_factor": -2.0},
        {},
        np.where((STORED < 4) | (STORED > 20), np.nan, -2.0 * STORED),
        "-2 * stored + 0, none outside of -40 to -8",
    ),
    "range of what is meant": (
        {"valid_min": 4.0, "valid_max": 20.0, "scale_factor": 0.5},
        {},
        np.where((STORED < 8) | (STORED > 40), np.nan, 0.5 * STORED),
        "0.5 * stored + 0, none outside of 4 to 20",
    ),
    "NeXus attributes": (
        {"scaling_factor": 2.0, "offset": 3.0},
        {},
        (STORED + 3.0) * 2.0,
        "2 * stored + 6",
    ),
    "NeXus datasets": (
        {},
        {"y_scaling_factor": np.array([2.0]), "y_offset": 3},
        (STORED + 3.0) * 2.0,
        "2 * stored + 6",
    ),
    "twice the same": (
        {"scale_factor": 2.0, "scaling_factor": 2},
        {},
        STORED * 2.0,
        "2 * stored + 0",
    ),
}


def _fields(path, y, **options):
    """x, y and sigma of a file by read_table and by a stream, which must agree."""
    table = read_table(path, x="x", y=y, **options)
    with Hdf5Source(path, x="x", y=y, **options) as source:
        streamed = np.concatenate(source.read(0, 8), axis=1).T
        assert source.note == table.note
    columns = [own for own in (table.x, table.y, table.sigma) if own is not None]
    np.testing.assert_array_equal(streamed, columns)
    return table


@pytest.mark.parametrize("name", PACKED)
def test_packed_numbers_are_unpacked(write, name):
    """By the conventions of netCDF and NeXus, in a table, in rows and in a stream."""
    attributes, more, expected, said = PACKED[name]
    path = write({"y": attributes}, x=X, y=STORED, **more)
    np.testing.assert_array_equal(_read(path, dataset="y").y, expected)
    source = open_rows(path, dataset="y")
    source.close()
    assert source.columns == "x = '/x', y = '/y', no sigma"
    assert source.remarks == (f"y is unpacked: {said}",)
    table = _fields(write({"y": attributes}, x=X, y=STORED[0], **more), "y")
    np.testing.assert_array_equal(table.y, expected[0])
    assert table.note.endswith(f"y is unpacked: {said}")


def test_unsigned_numbers_in_signed_ones_are_what_they_are(write):
    """`_Unsigned` gives -1 of a byte the meaning 255, and its mark with it."""
    stored = np.arange(-4, 4, dtype="i1")
    said = {"_Unsigned": "true", "_FillValue": np.int8(-2)}
    expected = stored.astype("u1").astype(float)
    expected[2] = np.nan
    path = write({"y": said}, x=X, y=stored)
    np.testing.assert_array_equal(_fields(path, "y").y, expected)


def test_axes_and_errors_are_unpacked_too(write):
    """x and sigma have factors of their own."""
    said = {"x": {"scale_factor": 0.1}, "y_errors": {"scale_factor": 0.5}}
    sets = {"x": np.arange(8), "y": STORED, "y_errors": STORED}
    rows = _read(write({**said, "y": {"scale_factor": 2.0}}, **sets))
    np.testing.assert_array_equal(rows.x[0], 0.1 * np.arange(8))
    np.testing.assert_array_equal(rows.sigma, 0.5 * STORED)
    sets = {"x": np.arange(8), "y": STORED[0], "y_errors": STORED[0]}
    table = _fields(write(said, **sets), "y")
    np.testing.assert_array_equal([table.x[3], table.sigma[3]], [0.1 * 3, 2.0])
    assert "x is unpacked: 0.1 * stored + 0; y_errors is unpacked" in table.note


def test_a_mark_beyond_all_floats_is_no_number(write):
    """The least int64 means that there is none, and nothing is rounded to it."""
    times = np.arange(8) + 3
    times[2] = np.iinfo("i8").min
    path = write({"y": {"_FillValue": times[2]}}, x=X, y=times)
    expected = np.where(X == 2, np.nan, X + 3)
    np.testing.assert_array_equal(_fields(path, "y").y, expected)
    rows = write({"y": {"_FillValue": times[2]}}, x=X, y=np.array([times] * 4))
    np.testing.assert_array_equal(_read(rows).y[0], expected)


CONTRADICTIONS = {
    "text": ({"scale_factor": "0.1"}, "scale_factor = '0.1', which must be a number"),
    "several": ({"scale_factor": np.ones(3)}, "scale_factor = .* must be a number"),
    "NaN": ({"add_offset": np.nan}, "add_offset = .* must be a number"),
    "zero": ({"scale_factor": 0.0}, "scale_factor = 0, which leaves nothing"),
    "two": (
        {"scale_factor": 2.0, "scaling_factor": 3.0},
        "attribute scale_factor beside the attribute scaling_factor, which contradict",
    ),
    "mark": ({"_FillValue": 40000}, "_FillValue = 40000, which is none of its type"),
    "fraction": ({"missing_value": -9.5}, "missing_value = -9.5, which is none of"),
    "range": ({"valid_range": 3}, "valid_range with 1 numbers"),
    "empty": ({"valid_min": 3, "valid_max": 2}, "valid numbers from 3 to 2 only"),
    "word": ({"_Unsigned": "perhaps"}, "_Unsigned = 'perhaps'; say true"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_attributes_that_contradict_are_refused(write, name):
    """One sentence names the attribute, in a table, in rows and in a stream."""
    attributes, sentence = CONTRADICTIONS[name]
    with pytest.raises(DataError, match=sentence):
        _read(write({"y": attributes}, x=X, y=STORED))
    path = write({"y": attributes}, x=X, y=STORED[0])
    with pytest.raises(DataError, match=sentence):
        read_table(path, x="x", y="y")
    with pytest.raises(DataError, match=sentence):
        Hdf5Source(path, x="x", y="y")


def test_factors_beyond_all_numbers_give_none(write):
    """What overflows is infinite, without a warning, and refused with the data."""
    said = {"scale_factor": 1e308, "valid_max": np.int16(9)}
    path = write({"y": said}, x=X, y=STORED[0])
    assert np.isinf(_fields(path, "y").y[1:]).all()


def test_errors_in_unknown_units_are_refused(write):
    """Integers beside scaled integers may be scaled or not."""
    said = {"y": {"scale_factor": 0.5}}
    sentence = "integers without a factor of their own, but '/y' is 0.5 \\* stored"
    with pytest.raises(DataError, match=sentence):
        _read(write(said, x=X, y=STORED, y_errors=STORED))
    path = write(said, x=X, y=STORED[0], y_errors=STORED[0])
    with pytest.raises(DataError, match=sentence):
        read_table(path, x="x", y="y")
    said["y_errors"] = {"scale_factor": 1.0}
    path = write(said, x=X, y=STORED[0], y_errors=STORED[0])
    np.testing.assert_array_equal(_fields(path, "y").sigma, STORED[0])


@pytest.mark.parametrize("shape", [(4, 8), (8,)], ids=["rows", "table"])
def test_uncertainties_name_the_errors(write, shape):
    """`@uncertainties` of y names its standard deviations, which must be there."""
    y, said = np.ones(shape), {"y": {"uncertainties": "spread"}}
    path = write(said, x=X, y=y, spread=y / 10, y_errors=y)
    got = _read(path) if len(shape) > 1 else _fields(path, "y")
    np.testing.assert_array_equal(got.sigma, y / 10)
    with pytest.raises(DataError, match="has no 'spread'"):
        (_read if len(shape) > 1 else read_table)(write(said, x=X, y=y))


def test_a_table_says_that_all_its_columns_are_unpacked(write):
    """Attributes of a matrix hold for each column; those of fields cannot."""
    path = write({"t": {"scale_factor": 0.5}}, t=STORED.T[:, :2])
    table = read_table(f"{path}::/t")
    np.testing.assert_array_equal(table.y, 0.5 * STORED[1])
    assert table.note.endswith("all columns are unpacked: 0.5 * stored + 0")
    fields = np.zeros(3, dtype=[("a", "i2"), ("b", "i2")])
    path = write({"t": {"scale_factor": 0.5}}, t=fields)
    with pytest.raises(DataError, match="does not say of which of its columns"):
        read_table(f"{path}::/t")


TYPES = ["f2", ">f4", ">f8", "g", "i1", "u2", ">i4", "u8", "f4"]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_number_is_read_as_it_is(write, kind):
    """Halves, long doubles, other byte orders and integers hold the same numbers."""
    path = write(x=X.astype(kind), y=Y.astype(kind), c=Y[0].astype(kind))
    rows = _read(path, dataset="y")
    np.testing.assert_array_equal(rows.y, Y)
    np.testing.assert_array_equal(rows.x[0], X)
    np.testing.assert_array_equal(read_table(path, x="x", y="c").y, Y[0])
    with Hdf5Source(path, x="x", y="c") as source:
        parts = source.read(0, 8)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1).T, [X, Y[0]])


def test_integers_that_would_be_rounded_are_refused(write):
    """Beyond 2^53 neighbours become one number."""
    times = (1 << 60) + np.arange(8)
    with pytest.raises(DataError, match="integers beyond 2\\^53"):
        _read(write(x=times, y=Y))
    with pytest.raises(DataError, match="integers beyond 2\\^53"):
        read_table(write(x=times, y=Y[0]), x="x", y="y")


NEUTRAL = {
    "field": (None, {"y_scaling_factor": 1.0, "y_offset": np.zeros(1)}),
    "attribute": ({"y": {"scaling_factor": 1, "_Unsigned": "false"}}, {}),
}


@pytest.mark.parametrize(("attributes", "more"), NEUTRAL.values(), ids=NEUTRAL)
def test_factors_that_change_nothing_are_passed_over(write, attributes, more):
    """Writers of NeXus note a factor of 1 and an offset of 0 as a matter of course."""
    np.testing.assert_array_equal(_read(write(attributes, x=X, y=Y, **more)).y, Y)
    table = read_table(write(attributes, x=X, y=Y[0], **more), x="x", y="y")
    np.testing.assert_array_equal(table.y, Y[0])


def test_an_offset_beside_no_nexus_is_refused(write):
    """A data set `y_offset` means that of NeXus only in a group of it, or a factor."""
    path = write(x=X, y=Y, y_offset=2.0)
    with pytest.raises(DataError, match="which NeXus would add to it, but is not in"):
        _read(path)
    with h5py.File(path, "a") as file:
        file.attrs.update(NX_class="NXdata", signal="y", axes=[".", "x"])
    np.testing.assert_array_equal(_read(path).y, Y + 2.0)


def test_an_attribute_offset_beside_no_nexus_is_refused(write):
    """Oscilloscopes call so where the trace stands on the screen."""
    path = write({"y": {"offset": 2.0, "scale": 0.5}}, x=X, y=Y[0])
    with pytest.raises(DataError, match="has the attribute offset, which NeXus would"):
        read_table(path, x="x", y="y")
    path = write({"y": {"offset": 2.0, "scaling_factor": 0.5}}, x=X, y=Y[0])
    assert read_table(path, x="x", y="y").y[0] == (Y[0, 0] + 2.0) * 0.5


@pytest.mark.parametrize("shape", [(4, 8), (8,), (4, 1)], ids=str)
def test_sigma_of_rows_comes_in_the_unit_of_y(write, shape):
    """mV beside V are converted, which is said; another unit is refused."""
    said = {"y": {"units": "V"}, "sigma": {"units": "mV"}}
    path = write(said, x=X, y=Y, sigma=np.full(shape, 3.0))
    sigma = np.broadcast_to(_read(path).sigma, Y.shape)
    np.testing.assert_allclose(sigma, 0.003, rtol=1e-15)
    source = open_rows(path)
    source.close()
    assert source.remarks == ("sigma is multiplied by 0.001, to the unit of y",)


@pytest.mark.parametrize(("unit", "to"), [("K", "V"), ("%", "V"), ("%", None)])
def test_sigma_of_rows_in_another_unit_is_refused(write, unit, to):
    """One sentence names both."""
    said = {"y": {} if to is None else {"units": to}, "sigma": {"units": unit}}
    with pytest.raises(DataError, match=f"in '{unit}', but y '/y' in '{to or 'no'}"):
        _read(write(said, x=X, y=Y, sigma=Y))
