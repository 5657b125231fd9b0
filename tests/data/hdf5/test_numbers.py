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


def test_packed_numbers_are_unpacked(write):
    """As netCDF says: stored * scale_factor + add_offset, and NaN for _FillValue."""
    packed = {"scale_factor": 0.5, "add_offset": 10.0, "_FillValue": np.int16(5)}
    stored = Y.astype("i2")
    expected = np.where(stored == 5, np.nan, 0.5 * stored + 10.0)
    path = write({"y": packed, "c": packed}, x=X, y=stored, c=stored[0])
    np.testing.assert_array_equal(_read(path, dataset="y").y, expected)
    table = read_table(path, x="x", y="c")
    np.testing.assert_array_equal(table.y, expected[0])
    assert table.note.endswith("c is unpacked: 0.5 * stored + 10")
    with Hdf5Source(path, x="x", y="c") as source:
        np.testing.assert_array_equal(source.read(0, 8)[1][:, 0], expected[0])
    with pytest.raises(
        DataError, match=r"attribute scale_factor = .* must be a number"
    ):
        _read(write({"y": {"scale_factor": "0.1"}}, x=X, y=Y))


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


SCALED = {
    "field": (None, {"y_scaling_factor": 2.0}),
    "offset": (None, {"y_offset": 2.0}),
    "attribute": ({"y": {"scaling_factor": 2.0}}, {}),
    "unsigned": ({"y": {"_Unsigned": "true"}}, {}),
}


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


@pytest.mark.parametrize(("attributes", "more"), SCALED.values(), ids=SCALED)
def test_other_conventions_of_packing_are_refused(write, attributes, more):
    """A factor that is not applied is not passed over."""
    with pytest.raises(DataError, match="are others than those that are stored"):
        _read(write(attributes, x=X, y=Y, **more))
    with pytest.raises(DataError, match="are others than those that are stored"):
        read_table(write(attributes, x=X, y=Y[0], **more), x="x", y="y")
