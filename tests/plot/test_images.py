"""Figures of fits to images: data, model and residuals, side by side."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PathCollection, QuadMesh

import physfit as pf
from physfit.errors import InputError
from physfit.plot.images import grid_of

X, Y = np.linspace(-3.0, 3.0, 12), np.linspace(-2.0, 2.0, 9)
MODEL = pf.models.Gaussian2d() + pf.models.Constant()
VALUES = (20.0, 0.5, -0.3, 0.8, 0.5, 1.0)
PLACES = np.array(np.meshgrid(X, Y))
IMAGE = MODEL(PLACES, *VALUES) + 0.1 * np.random.default_rng(1).normal(
    size=PLACES[0].shape
)


def shown(ax):
    """The values that a panel shows."""
    images = [*ax.images, *(own for own in ax.collections if isinstance(own, QuadMesh))]
    [artist] = images
    return np.ma.filled(artist.get_array(), np.nan).reshape(Y.size, -1)


def test_the_panels_show_data_model_and_residuals():
    """In units of sigma; rows from below, as y grows; labels of both coordinates."""
    fit = pf.fit(MODEL, (X, Y), IMAGE, sigma=0.1, units=("mm", "V"))
    panels = fit.plot(title="Spot").axes[:3]
    expected = (
        IMAGE,
        fit.best_fit.reshape(IMAGE.shape),
        fit.pulls.reshape(IMAGE.shape),
    )
    for ax, values in zip(panels, expected, strict=True):
        np.testing.assert_allclose(shown(ax), values)
        assert ax.get_xlabel() == "x (mm)"
        assert not ax.yaxis_inverted()
    assert panels[0].get_ylabel() == "y (mm)"
    left, right, low, high = panels[0].images[0].get_extent()
    assert left < X[0] < X[-1] < right
    assert (right - left, high - low) == pytest.approx((6.0 * 12 / 11, 4.0 * 9 / 8))
    limits = [ax.images[0].get_clim() for ax in panels]
    assert limits[0] == limits[1] == (IMAGE.min(), IMAGE.max())
    assert limits[2][0] == -limits[2][1]


def test_pixels_that_are_left_out_are_empty():
    """The others stay in their places."""
    hidden = np.ma.masked_where(PLACES[0] > 2.0, IMAGE)
    fit = pf.fit(MODEL, (X, Y), hidden)
    n_columns = int((X <= 2.0).sum())
    np.testing.assert_allclose(shown(fit.plot().axes[0]), IMAGE[:, :n_columns])
    holes = np.ma.masked_where((PLACES[0] > 0.0) & (PLACES[1] > 0.0), IMAGE)
    drawn = shown(pf.fit(MODEL, (X, Y), holes).plot().axes[0])
    np.testing.assert_array_equal(np.isnan(drawn), holes.mask)


def test_pixels_of_uneven_axes_have_uneven_sizes():
    """As the places of their columns and rows say."""
    uneven = X**3
    fit = pf.fit(MODEL, (uneven, Y), IMAGE)
    panel = fit.plot().axes[0]
    np.testing.assert_allclose(shown(panel), IMAGE)
    edges = panel.collections[0].get_coordinates()[0, :, 0]
    np.testing.assert_allclose(
        edges[1:-1], 0.5 * (uneven[1:] + uneven[:-1]), atol=1e-12
    )


def test_samples_that_fill_no_grid_are_points():
    """Drawn in the same colours."""
    places = np.random.default_rng(2).uniform(-2.0, 2.0, (2, 80))
    fit = pf.fit(MODEL, places, MODEL(places, *VALUES), sigma=0.1)
    [points] = fit.plot().axes[0].collections
    assert isinstance(points, PathCollection)
    np.testing.assert_array_equal(points.get_offsets(), places.T)
    assert grid_of(places) is None
    assert grid_of(np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])) is None


@pytest.mark.parametrize(
    "how", [{"band": 0.9}, {"log_y": True}, {"view": "polar"}], ids=str
)
def test_what_only_curves_have_is_refused(how):
    """A band, a logarithmic axis, a view of complex data."""
    fit = pf.fit(MODEL, (X, Y), IMAGE)
    with pytest.raises(InputError, match=r"image is three panels|`view`"):
        fit.plot(**how)
