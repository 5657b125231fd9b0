"""Coordinates of a map, x and a range of x: from arrays, xarray and files alike."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.row_source import COUNTED
from physfit.errors import DataError, InputError, PhysfitError, ShapeError
from physfit.plot.canvas import axis_label

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(640.0, 690.0, 120)
PLACES = {
    "pos_y": np.array([0.0, 0.5, 1.0]),
    "pos_x": np.array([13.0, 12.0, 11.0, 9.0]),
}
KEEP = (X >= 645.0) & (X <= 682.0)


def spectra() -> np.ndarray:
    rng = np.random.default_rng(3)
    center = 660.0 + 5.0 * rng.random((3, 4))
    y = 50.0 * np.exp(-0.5 * ((X - center[..., None]) / 2.0) ** 2) + 2.0
    return y + rng.normal(size=y.shape)


@pytest.fixture(scope="module")
def cut() -> pf.ManyResult:
    """What is fitted where the samples were chosen by hand."""
    return pf.fit_many(MODEL, X[KEEP], spectra()[..., KEEP], sigma=1.0)


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    """A cube beside two columns that may be x, and axes of its map elsewhere."""
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as file:
        file["entry/cube"], file["entry/a"], file["entry/b"] = spectra(), X, 2.0 * X
        file["entry/pos_x"], file["axes/pos_y"] = PLACES["pos_x"], PLACES["pos_y"]
        file["axes/pos_y"].attrs["units"] = "um"
        file["entry/sigma"] = np.ones(X.size)
    return path


def labelled(**coordinates):
    """The same as an array of xarray."""
    xarray = pytest.importorskip("xarray")
    named = {
        name: (name, values, {"units": "um"}) for name, values in PLACES.items()
    } | {"shift": ("shift", X, {"units": "1/cm"})}
    return xarray.DataArray(
        spectra(),
        dims=("pos_y", "pos_x", "shift"),
        coords=named | coordinates,
        name="intensity",
        attrs={"units": "counts"},
    )


def same(a: pf.ManyResult, b: pf.ManyResult) -> None:
    np.testing.assert_array_equal(a.table.theta, b.table.theta)
    np.testing.assert_array_equal(a.table.n_samples, b.table.n_samples)


def test_a_place_in_a_file_is_followed_by_names(cube, cut, tmp_path):
    """x and axes by their places, a range of x; also in what is stored."""
    many = pf.fit_many(
        *(MODEL, f"{cube}::/entry/cube"),
        x="/entry/a",
        map_axes=("/axes/pos_y", "pos_x"),
        x_range=(645, 682),
        output=tmp_path / "out.h5",
    )
    same(many, cut)
    loaded = pf.load_many(tmp_path / "out.h5")
    for own in (many, loaded):
        assert [(axis.name, axis.unit) for axis in own.axes] == [
            ("pos_y", "um"),
            ("pos_x", ""),
        ]
        np.testing.assert_array_equal(own.axes[1].values, PLACES["pos_x"])
        assert "samples with x from 645 to 682 only" in own.notes
        assert own.result(1, 2).data.x.shape == (1, KEEP.sum())
    np.testing.assert_array_equal(
        np.unique(loaded.to_frame()["pos_x"]), np.sort(PLACES["pos_x"])
    )


def test_an_array_of_xarray_says_what_it_knows(cut):
    """Axes, x, labels and units; what the caller says counts more."""
    many = pf.fit_many(MODEL, labelled(), sigma=1.0, x_range=(645, 682))
    same(many, cut)
    assert [(own.name, own.unit) for own in many.axes] == [
        ("pos_y", "um"),
        ("pos_x", "um"),
    ]
    np.testing.assert_array_equal(many.axes[1].values, PLACES["pos_x"])
    assert (many.x_label, many.x_unit) == ("shift", "1/cm")
    assert (many.y_label, many.y_unit) == ("intensity", "counts")
    assert many["center"].unit == "1/cm"
    said = pf.fit_many(MODEL, X, labelled(), labels=("Raman", "y"), units=("nm", ""))
    assert (said.x_label, said.x_unit, said.y_label) == ("Raman", "nm", "intensity")


def test_the_coordinate_of_an_array_is_in_the_unit_that_is_asked_for():
    """A range of x as well; not the numbers of one unit by the name of another."""
    xarray = pytest.importorskip("xarray")
    rng, t = np.random.default_rng(1), np.linspace(0.0, 4.0, 60)
    y = 3.0 * np.exp(-t / 1.5) + 0.01 * rng.normal(size=(2, t.size))
    in_ms = {"t": ("t", 1e3 * t, {"units": "ms"})}
    array = xarray.DataArray(1e3 * y, in_ms, ("row", "t"), attrs={"units": "mV"})
    decay, asked = pf.models.Exponential(), {"x_range": (0.5, 3.0)}
    many = pf.fit_many(decay, array, units=("s", "V"), **asked)
    expected = pf.fit_many(decay, t, y, **asked)
    for name in ("decay", "amplitude"):
        np.testing.assert_allclose(many[name].stderr, expected[name].stderr, rtol=1e-6)
    assert (many["decay"].unit, many["amplitude"].unit) == ("s", "V")
    with pytest.raises(InputError, match="wants `x` in 'K'"):
        pf.fit_many(decay, array, units=("K", "V"))


def test_figures_have_the_coordinates_of_the_map():
    """Names with units at the axes; larger positions to the right and up."""
    many = pf.fit_many(MODEL, labelled(), sigma=1.0)
    ax = many.plot_map("center").axes[0]
    labels = (axis_label("pos_x", "um"), axis_label("pos_y", "um"))
    assert (ax.get_xlabel(), ax.get_ylabel()) == labels
    maps = many.to_xarray()
    assert maps["pos_x"].attrs["units"] == "um"
    np.testing.assert_array_equal(maps["pos_x"], PLACES["pos_x"])


def test_dates_are_seconds_and_words_are_numbered():
    """From the first date."""
    dates = np.array(["2026-01-01", "2026-01-02", "2026-01-03"], "datetime64[D]")
    words = ["a", "b", "c", "d"]
    given = labelled(pos_y=("pos_y", dates), pos_x=("pos_x", words))
    many = pf.fit_many(MODEL, given, sigma=1.0)
    assert many.axes[0].unit == "s"
    np.testing.assert_array_equal(many.axes[0].values, [0.0, 86400.0, 172800.0])
    assert many.axes[1].name == "pos_x"
    np.testing.assert_array_equal(many.axes[1].values, np.arange(4.0))


def test_an_array_without_a_coordinate_says_that_x_counts():
    """The number of a sample is never x without a word."""
    many = pf.fit_many(MODEL, labelled().drop_vars("shift"), sigma=1.0)
    assert any("x counts samples" in own for own in many.warnings)


def test_axes_of_arrays_are_given_by_position():
    """In order, or by name with units."""
    listed = pf.fit_many(MODEL, X, spectra(), map_axes=tuple(PLACES.values()))
    named = pf.fit_many(
        *(MODEL, spectra()),
        x=X,
        map_axes={"height (um)": PLACES["pos_y"], "width": PLACES["pos_x"]},
    )
    assert [axis.name for axis in listed.axes] == ["y", "x"]
    assert [(own.name, own.unit) for own in named.axes] == [
        ("height", "um"),
        ("width", ""),
    ]
    for own in (listed, named):
        np.testing.assert_array_equal(own.axes[1].values, PLACES["pos_x"])


def test_a_range_masks_rows_with_an_x_of_their_own(tmp_path):
    """In memory and in a file, with what is masked besides."""
    x = X + np.arange(12.0).reshape(3, 4, 1)
    mask = np.zeros(spectra().shape, bool)
    mask[..., 50] = True
    many = pf.fit_many(MODEL, x, spectra(), sigma=1.0, mask=mask, x_range=(650, 672))
    expected = ((x >= 650.0) & (x <= 672.0) & ~mask).sum(axis=-1)
    np.testing.assert_array_equal(many.n_samples, expected)
    with h5py.File(tmp_path / "own.h5", "w") as file:
        file["y"], file["x"], file["mask"] = spectra(), x, mask.astype("u1")
    stored = pf.fit_many(MODEL, tmp_path / "own.h5", sigma=1.0, x_range=(650, 672))
    np.testing.assert_array_equal(stored.table.theta, many.table.theta)


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"map_axes": ("pos_x", "/axes/pos_y")}, DataError, "slowest first"),
        ({"map_axes": ("pos_x",)}, InputError, "for each axis of the map"),
        ({"map_axes": "pos_x"}, InputError, "for each axis of the map"),
        ({"map_axes": ("pos_z", "pos_x")}, DataError, "has no 'pos_z'"),
        ({"x_range": (1, 2)}, InputError, "no sample lies in the range"),
        ({"x_range": (5, 2)}, InputError, "below the upper one"),
        ({"x": None}, DataError, "it may be /entry/a, /entry/b"),
        ({"map_axes": ([1.0, 2.0], [1.0] * 4)}, ShapeError, "map has 3 rows"),
    ],
)
def test_what_a_file_has_not_is_refused(cube, more, error, words):
    """In a sentence that names it."""
    with pytest.raises(error, match=words):
        pf.fit_many(MODEL, f"{cube}::/entry/cube", **{"x": "a", **more})


@pytest.mark.parametrize(
    ("data", "more", "words"),
    [
        ((), {}, "`y` is missing"),
        ((X,), {}, "`y` is missing"),
        ((X, spectra(), 1.0), {}, "given twice"),
        ((X, spectra()), {"x": X}, "given twice"),
        ((X, spectra()), {"map_axes": (PLACES["pos_y"],)}, "has 1 axes"),
        ((X, spectra()), {"map_axes": ("a", "b")}, "must be a list or array"),
        ((X, spectra()), {"map_axes": 3}, "positions along each axis"),
        ((X, spectra()), {"map_axes": ([1, 2, np.nan], [1] * 4)}, "not finite"),
        ((X, spectra()), {"x_range": (1, 2)}, "no sample lies"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(data, more, words):
    """Whatever stands without its name."""
    with pytest.raises(PhysfitError, match=words):
        pf.fit_many(MODEL, *data, **more)


def test_axes_may_be_counted_where_a_file_names_them(cube):
    """'none' counts rows; an axis that is named is not taken for x."""
    with h5py.File(cube, "r+") as file:
        del file["entry/b"], file["entry/a"]
        file["entry/pos_y"] = X[:3]
        file["entry/energy"] = X
    many = pf.fit_many(MODEL, f"{cube}::/entry/cube", map_axes=("none", "pos_x"))
    assert [axis.name for axis in many.axes] == ["y", "pos_x"]
    assert COUNTED not in many.notes
