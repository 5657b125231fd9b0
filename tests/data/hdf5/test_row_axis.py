"""x of rows of an HDF5 file: said, the only one it can be, or asked for."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.row_source import COUNTED, open_rows
from physfit.errors import DataError, InputError

N_ROWS, N = 4, 7
Y = np.arange(float(N_ROWS * N)).reshape(N_ROWS, N)
SHIFT = np.linspace(1300.0, 1700.0, N)


@pytest.fixture
def write(tmp_path):
    """A function that writes data sets by their places, and gives the path."""

    def written(y=Y, **sets):
        path = tmp_path / "cube.h5"
        with h5py.File(path, "w") as file:
            file["scan/cube"] = y
            for name, values in sets.items():
                file[name.replace("__", "/")] = values
        return path

    return written


def _x(path, **options):
    source = open_rows(path, **options)
    try:
        return source.read(0, 1).x.reshape(-1), source
    finally:
        source.close()


BESIDE = {
    "alone": {},
    "errors too": {
        "scan__cube_errors": SHIFT,
        "scan__sigma": SHIFT,
        "scan__std": SHIFT,
    },
    "a mask too": {"scan__mask": np.zeros(N, "u1")},
    "of the rows": {"scan__time": np.arange(N_ROWS), "scan__n": 3},
    "words": {"scan__labels": np.array([b"a"] * N)},
    "edges": {"scan__edges": np.arange(N + 1.0)},
    "elsewhere": {"other__axis": SHIFT},
}


@pytest.mark.parametrize("more", BESIDE.values(), ids=BESIDE)
def test_the_only_column_beside_the_rows_is_x(write, more):
    """What else is there, and cannot be x, does not count; it is said."""
    x, source = _x(write(scan__raman_shift=SHIFT, **more))
    np.testing.assert_array_equal(x, SHIFT)
    assert "x = '/scan/raman_shift', y = '/scan/cube'" in source.columns
    assert (source.x_label, source.remarks) == ("raman_shift", ())


def test_the_only_edges_are_those_of_bins(write):
    """One number more than a row has samples."""
    x, _ = _x(write(scan__edges=np.arange(N + 1.0)))
    np.testing.assert_array_equal(x, np.arange(N) + 0.5)


DOUBTFUL = {
    "two": ({"scan__a": SHIFT, "scan__b": SHIFT}, "/scan/a, /scan/b"),
    "elsewhere": ({"axes__shift": SHIFT}, "/axes/shift"),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_be_x_is_asked_for(write, name):
    """Several are listed; a name, or none, decides."""
    sets, listed = DOUBTFUL[name]
    path = write(**sets)
    with pytest.raises(DataError, match=f"it may be {listed}: name one with --x"):
        open_rows(path)
    named = listed.split(", ")[-1]
    np.testing.assert_array_equal(_x(path, x=named)[0], SHIFT)
    x, source = _x(path, x="none")
    np.testing.assert_array_equal(x, np.arange(N))
    assert source.remarks == (COUNTED,)


def test_a_column_that_may_run_along_the_rows_is_asked_for(write):
    """As many rows as samples: a column may be of either."""
    path = write(np.ones((N, N)), scan__place=SHIFT)
    with pytest.raises(DataError, match="it may be /scan/place"):
        open_rows(path)


def test_an_axis_of_the_map_is_no_x(tmp_path):
    """A cube whose map has an axis called x of as many steps as there are samples."""
    with h5py.File(tmp_path / "map.h5", "w") as file:
        file.attrs.update(NX_class="NXdata", signal="c", axes=["y", "x", "."])
        file["c"], file["x"], file["y"] = np.ones((2, N, N)), SHIFT, [1.0, 2.0]
        file["energy"] = 2 * SHIFT
    source = open_rows(tmp_path / "map.h5")
    source.close()
    np.testing.assert_array_equal(source.axes[1].values, SHIFT)
    assert COUNTED not in source.remarks
    np.testing.assert_array_equal(_x(tmp_path / "map.h5")[0], 2 * SHIFT)


def test_scales_of_netcdf_are_axes(tmp_path):
    """Coordinates that netCDF attaches to dimensions are x, and places of the map."""
    with h5py.File(tmp_path / "map.nc", "w") as file:
        file["c"], file["wavelength"], file["step"] = Y, SHIFT, np.arange(4.0) * 2
        file["other"] = SHIFT
        for axis, name in enumerate(("step", "wavelength")):
            file[name].make_scale(name)
            file["c"].dims[axis].attach_scale(file[name])
    x, source = _x(tmp_path / "map.nc")
    np.testing.assert_array_equal(x, SHIFT)
    assert source.axes[0].name == "step"
    np.testing.assert_array_equal(source.axes[0].values, np.arange(4.0) * 2)


@pytest.mark.parametrize("held", [1, "x", [0, 0], np.zeros(3)], ids=str)
def test_a_list_of_scales_of_another_type_is_none(write, held):
    """The library crashes on it."""
    path = write(scan__shift=SHIFT)
    with h5py.File(path, "r+") as file:
        file["scan/cube"].attrs["DIMENSION_LIST"] = held
    np.testing.assert_array_equal(_x(path)[0], SHIFT)


def test_samples_are_never_counted_without_a_word(write, tmp_path):
    """Results of HDF5, NPY and text without an axis say what their x is."""
    paths = [write(), tmp_path / "y.npy", tmp_path / "y.txt"]
    y = np.exp(-0.5 * (np.arange(N) - np.array([[2.5], [3.5]])) ** 2) - 0.25
    write(y)
    np.save(paths[1], y)
    np.savetxt(paths[2], y)
    notes = {pf.fit_many("gaussian", path, sigma=1.0).notes for path in paths}
    assert notes == {(COUNTED,)}


def test_x_of_a_file_is_named_where_y_is_its_path(write):
    """`fit_many(model, x="NAME", y="FILE")`."""
    path = write(scan__a=SHIFT, scan__b=2 * SHIFT)
    line = pf.models.Linear()
    many = pf.fit_many(line, "b", str(path), sigma=1.0)
    step = 2 * (SHIFT[1] - SHIFT[0])
    np.testing.assert_allclose(many["slope"].value, 1.0 / step, rtol=1e-9)
    with pytest.raises(InputError, match="`y` is a path, so `x` must be the name of a"):
        pf.fit_many(line, SHIFT, path)
