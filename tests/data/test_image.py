"""Images, from arrays and files, as samples of two coordinates."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError, ShapeError

X, Y = np.linspace(-3.0, 3.0, 24), np.linspace(-2.0, 2.0, 15)
MODEL = pf.models.Gaussian2d() + pf.models.Constant()
TRUTH = {
    "amplitude": 20.0,
    "centerx": 0.5,
    "centery": -0.3,
    "sigmax": 0.8,
    "sigmay": 0.5,
    "c": 1.0,
}
PLACES = np.array(np.meshgrid(X, Y))
NOISE = 0.1 * np.random.default_rng(0).normal(size=PLACES[0].shape)
IMAGE = MODEL(PLACES, **TRUTH) + NOISE
PLAIN = pf.fit(MODEL, PLACES.reshape(2, -1), IMAGE.ravel(), sigma=0.1)


def values_of(result):
    """Values and errors of the parameters."""
    return [(result[name].value, result[name].stderr) for name in result.names]


@pytest.mark.parametrize(
    "x",
    [(X, Y), [X, Y], tuple(PLACES), PLACES, PLACES.reshape(2, -1)],
    ids=["axes", "list", "meshgrid", "array", "columns"],
)
@pytest.mark.parametrize(
    "sigma", [0.1, np.full(IMAGE.shape, 0.1)], ids=["one", "image"]
)
def test_an_image_is_its_pixels(x, sigma):
    """Whatever says where they are, the fit is that of columns."""
    result = pf.fit(MODEL, x, IMAGE, sigma=sigma)
    assert values_of(result) == values_of(PLAIN)
    assert (result.data.x_label, result.data.y_label) == ("x, y", "value")


def test_pixels_are_counted_where_nothing_says_where_they_are():
    """From 0, columns along x and rows along y."""
    alone = pf.fit(MODEL, IMAGE, sigma=0.1)
    assert values_of(pf.fit(MODEL, None, IMAGE, sigma=0.1)) == values_of(alone)
    step = X[1] - X[0]
    assert alone["centerx"].value * step + X[0] == pytest.approx(
        PLAIN["centerx"].value, abs=1e-7
    )
    assert alone["centery"].value * (Y[1] - Y[0]) + Y[0] == pytest.approx(
        PLAIN["centery"].value, abs=1e-7
    )
    assert alone.data.x_label == "column, row"


def test_masked_and_missing_pixels_are_left_out():
    """By a mask always, not finite ones where they may be."""
    hidden = np.ma.masked_where(PLACES[0] > 2.0, IMAGE)
    result = pf.fit(MODEL, (X, Y), hidden)
    assert result.data.n_left_out == hidden.mask.sum() > 0
    holes = np.where(PLACES[0] > 2.0, np.nan, IMAGE)
    with pytest.raises(pf.errors.DomainError, match="`y` must be finite"):
        pf.fit(MODEL, (X, Y), holes)
    assert values_of(pf.fit(MODEL, (X, Y), holes, nan="omit")) == values_of(result)


def test_an_image_of_xarray_has_axes_and_units():
    """Of its dimensions, whose names are those of the coordinates."""
    xarray = pytest.importorskip("xarray")
    array = xarray.DataArray(
        IMAGE,
        dims=("height", "width"),
        coords={
            "height": ("height", Y, {"units": "mm"}),
            "width": ("width", X, {"units": "mm"}),
        },
        name="light",
        attrs={"units": "V"},
    )
    result = pf.fit(MODEL, array, sigma=0.1)
    assert values_of(result) == values_of(PLAIN)
    data = result.data
    assert (data.x_label, data.x_unit) == ("width, height", "mm")
    assert (data.y_label, data.y_unit) == ("light", "V")


@pytest.mark.parametrize(
    ("x", "sigma", "said"),
    [
        ((X, X), None, r"of shapes \(24,\) and \(15,\).*came as \(24,\) and \(24,\)"),
        ((Y, X), None, r"came as \(15,\) and \(24,\)"),
        ((X,), None, "came as 1 arrays; None counts pixels"),
        ((X, Y), np.ones((24, 15)), r"`sigma` has shape \(24, 15\), but the image"),
        ((X, Y), np.ones(7), r"`sigma` has shape \(7,\), but the image"),
    ],
)
def test_shapes_that_do_not_belong_together(x, sigma, said):
    """One sentence with what came."""
    with pytest.raises(ShapeError, match=said):
        pf.fit(MODEL, x, IMAGE, sigma=sigma)


@pytest.mark.parametrize("image", [IMAGE[:1], IMAGE[:, :3], IMAGE[None]], ids=np.shape)
def test_an_image_alone_is_told_from_columns(image):
    """By its size; a smaller one is fitted beside its places."""
    with pytest.raises(ShapeError, match="more than four rows and columns, but its"):
        pf.fit(MODEL, image)
    with pytest.raises(pf.errors.InputError, match="`y` is missing"):
        pf.fit(MODEL, PLACES.reshape(2, -1))


def test_other_methods_take_images():
    """All that look at the data of a fit."""
    table = pf.compare(MODEL, (X, Y), IMAGE, sigma=0.1, methods=["lm", "scipy:trf"])
    assert table.agree
    adam = pf.fit(MODEL, (X, Y), IMAGE, sigma=0.1, method="adam", epochs=2, start=TRUTH)
    assert adam.data.y.size == IMAGE.size


@pytest.fixture
def file(tmp_path, request):
    """An image in a file of some kind, with its axes where it can say them."""
    kind = request.param
    path = tmp_path / f"beam.{kind.partition('-')[0]}"
    if kind == "npy":
        np.save(path, IMAGE)
    elif kind == "npz":
        np.savez(path, light=IMAGE, x=X, y=Y, sigma=np.full(IMAGE.shape, 0.1))
    elif kind == "csv":
        np.savetxt(path, IMAGE, delimiter=",", fmt="%.17g")
    elif kind == "h5":
        with h5py.File(path, "w") as new:
            new["light"] = IMAGE
    else:
        with h5py.File(path, "w") as new:
            group = new.create_group("entry/data")
            group.attrs.update(NX_class="NXdata", signal="light", axes=["high", "wide"])
            group["light"], group["light_errors"] = IMAGE, np.full(IMAGE.shape, 0.1)
            group["light"].attrs["units"] = "counts"
            half = 0.5 * (X[1] - X[0])
            group["wide"], group["high"] = np.append(X - half, X[-1] + half), Y
            group["wide"].attrs["units"] = group["high"].attrs["units"] = "mm"
    return path


@pytest.mark.parametrize("file", ["npy", "csv", "h5"], indirect=True)
def test_files_of_pixels(file):
    """A matrix in a file is fitted as the array is."""
    assert values_of(pf.fit(MODEL, file)) == values_of(pf.fit(MODEL, IMAGE))
    table = pf.read_table(file, n_inputs=2)
    assert table.x.shape == (2, IMAGE.size)
    assert "an image of 15 rows and 24 columns" in table.note
    assert "the number of the column" in table.note


@pytest.mark.parametrize("file", ["npz", "h5-nexus"], indirect=True)
def test_files_with_axes_and_errors(file):
    """The axis of columns is that of x; edges are turned into middles."""
    result = pf.fit(MODEL, file)
    assert result.is_absolute
    found, known = np.array(values_of(result)), np.array(values_of(PLAIN))
    np.testing.assert_allclose(found, known, rtol=1e-6)
    assert result.data.y_label == "light"
    if file.suffix == ".h5":
        assert (result.data.x_label, result.data.x_unit) == ("wide, high", "mm")
        assert "x is the middle of its bins" in result.data.note
    loaded = result.save(file.with_suffix(".json")) or pf.load_result(
        file.with_suffix(".json")
    )
    assert loaded.report() == result.report()


def test_columns_of_two_coordinates_in_a_text(tmp_path):
    """Three columns with headings: samples in any order, none taken for a scan."""
    path = tmp_path / "points.csv"
    columns = np.column_stack([*PLACES.reshape(2, -1), IMAGE.ravel()])
    np.savetxt(path, columns, delimiter=",", header="u (mm),v (mm),w (V)", comments="")
    table = pf.read_table(path, n_inputs=2)
    assert (table.x_label, table.x_unit, table.y_label) == ("u, v", "mm", "w")
    result = pf.fit(MODEL, path)
    known = pf.fit(MODEL, (X, Y), IMAGE)
    np.testing.assert_allclose(values_of(result), values_of(known), rtol=1e-8)
    chosen = pf.read_table(path, x="v,u", y="w", n_inputs=2)
    np.testing.assert_array_equal(chosen.x, table.x[::-1])


def test_an_axis_of_another_length_is_refused(tmp_path):
    """And so is an error of another shape, and an image read in windows of rows."""
    path = tmp_path / "wrong.h5"
    with h5py.File(path, "w") as new:
        group = new.create_group("data")
        group.attrs.update(NX_class="NXdata", signal="z", axes=["a", "b"])
        group["z"], group["a"], group["b"] = IMAGE, Y, X[:-2]
    with pytest.raises(DataError, match="names 'b' as the axis of 24 columns"):
        pf.fit(MODEL, path)
    with h5py.File(path, "a") as new:
        del new["data/b"]
        new["data/b"], new["data/z_errors"] = X, IMAGE[1:]
    with pytest.raises(DataError, match="give one number for each pixel"):
        pf.fit(MODEL, path)
    with pytest.raises(DataError, match="not read in windows of rows"):
        pf.fit(MODEL, path, method="adam")
    with pytest.raises(DataError, match="holds dataset '/data/z' of shape"):
        pf.fit(pf.models.Gaussian(), path)


@pytest.mark.parametrize(
    "sigma", [np.ones(7), np.full(IMAGE.shape, "a")], ids=["shape", "text"]
)
def test_errors_of_an_archive_that_are_none_of_its_image(tmp_path, sigma):
    """Refused by shape and by type; an archive of two images is, too."""
    path = tmp_path / "wrong.npz"
    np.savez(path, light=IMAGE, sigma=sigma)
    with pytest.raises(DataError, match="save a number for each pixel"):
        pf.read_table(path, n_inputs=2)
    np.savez(path, light=IMAGE, dark=IMAGE)
    with pytest.raises(DataError, match="holds 2 images, light, dark; save one"):
        pf.read_table(path, n_inputs=2)


def test_packed_pixels_are_unpacked(tmp_path):
    """By the factor that the file names, which the note tells."""
    path = tmp_path / "packed.h5"
    with h5py.File(path, "w") as new:
        new["z"] = np.round(IMAGE / 0.01).astype("i2")
        new["z"].attrs["scale_factor"] = 0.01
    table = pf.read_table(path, n_inputs=2)
    assert "unpacked" in table.note
    np.testing.assert_allclose(table.y, IMAGE.ravel(), atol=0.00501)


def test_a_model_of_one_coordinate_knows_no_images():
    """The sentence is that of columns."""
    with pytest.raises(ShapeError, match="`y`"):
        pf.fit(pf.models.Gaussian(), X, IMAGE)


def test_two_columns_are_no_samples_of_two_coordinates(tmp_path):
    """The sentence counts the columns that are needed."""
    path = tmp_path / "curve.csv"
    path.write_text("u,v\n" + "".join(f"{k},{k * k}\n" for k in range(6)))
    with pytest.raises(pf.errors.DataError, match=r"has 2 numeric columns.*give it 3"):
        pf.read_table(path, n_inputs=2)
