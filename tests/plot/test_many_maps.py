"""Maps, series, worst fits and histograms of many rows: what is drawn."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.plot.many_maps import robust_limits

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-4.0, 4.0, 24)


def many(shape: tuple[int, ...] = (6, 8)) -> pf.ManyResult:
    rng = np.random.default_rng(5)
    centers = rng.uniform(-1.5, 1.5, shape)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0 + rng.normal(size=(*shape, 24))
    y.reshape(-1, 24)[3] = np.nan
    return pf.fit_many(MODEL, X, y, sigma=1.0, units=("1/cm", "counts"))


def test_a_map_shows_the_values_with_bar_and_unit():
    """The image holds the map; rows without a number are left out and counted."""
    found = many()
    figure = found.plot_map("center")
    ax, bar = figure.axes
    image = ax.get_images()[0].get_array()
    good = found.converged
    np.testing.assert_array_equal(np.asarray(image)[good], found["center"].value[good])
    assert np.ma.getmaskarray(image)[0, 3]
    assert bar.get_ylabel() == "center (1/cm)"
    labels = [own.get_text() for own in figure.legends[0].get_texts()]
    assert labels == ["not fitted: 1 (2.1 %)"]


def test_errors_and_quality_have_maps_of_their_own():
    """Standard errors with their label, chi2, and statuses with their sentences."""
    found = many()
    errors = found.plot_map("center", what="stderr").axes[0].get_images()[0]
    good = found.converged
    np.testing.assert_array_equal(
        np.asarray(errors.get_array())[good], found["center"].stderr[good]
    )
    legend = found.plot_map(what="status").legends[0]
    words = " ".join(own.get_text() for own in legend.get_texts())
    assert "fewer samples than free parameters" in words
    assert len(found.plot_map(what="chi2").axes) == 2


def test_rows_along_one_axis_are_a_line_with_errors():
    """Against their position."""
    found = many((30,))
    ax = found.plot_map("center").axes[0]
    assert ax.get_xlabel() == "row"
    assert ax.get_ylabel() == "center (1/cm)"
    assert ax.get_images() == []


def test_limits_of_colours_ignore_a_few_outliers():
    """One row in a thousand does not wash the map out."""
    values = np.random.default_rng(1).normal(size=2000)
    values[7] = 1e6
    low, high = robust_limits(values)
    assert -6.0 < low < -1.5
    assert 1.5 < high < 6.0


def test_the_worst_fits_come_first():
    """By chi2 per degree of freedom; each has a panel of data and one of residuals."""
    found = many()
    places = found.worst(4)
    reduced = [found.reduced_chi2[tuple(own)] for own in places]
    assert reduced == sorted(reduced, reverse=True)
    assert len(found.plot_worst(4).axes) == 8


def test_titles_of_the_worst_fits_do_not_run_into_each_other():
    """A long status is folded to the width of its panel."""
    y = 3.0 + np.random.default_rng(1).normal(size=(9, 50))
    many = pf.fit_many(pf.models.Exponential(), np.arange(50.0), y, sigma=1.0)
    figure = many.plot_worst(3)
    figure.savefig(io.BytesIO())
    boxes = [panel._suptitle.get_window_extent() for panel in figure.subfigs]
    assert any("determine a" in panel.get_suptitle() for panel in figure.subfigs)
    for before, after in itertools.pairwise(boxes):
        assert before.x1 < after.x0


def test_histograms_and_correlations_have_a_panel_for_each():
    """Of the parameters, or of the names that are asked for."""
    found = many()
    titles = [ax.get_xlabel() for ax in found.plot_histograms(["center"]).axes]
    assert titles[0] == "center (1/cm)"
    assert len(found.plot_correlations(["center", "sigma"]).axes) == 4


def test_pulls_of_right_errors_are_normal():
    """The widths stand in the figure."""
    ax = many((20, 20)).plot_pulls().axes[0]
    heights = ax.patches[0].get_height()
    assert np.isfinite(heights)
    texts = " ".join(own.get_text() for own in ax.texts)
    assert "width" in texts


def test_pulls_of_complex_rows_are_of_both_parts():
    """Each sample has a real and an imaginary residual."""
    x = np.linspace(0.0, 4.0, 40)
    truth = {"amplitude": 2.0, "frequency": 1.5, "rate": 0.3, "phase": 0.2}
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(5, 40)) + 1j * rng.normal(size=(5, 40))
    model = pf.models.ComplexRingdown()
    found = pf.fit_many(model, x, model(x, **truth) + 0.1 * noise, sigma=0.1)
    legend = found.plot_pulls().axes[0].get_legend()
    assert legend.get_texts()[0].get_text() == "400 residuals of 5 rows"


def test_an_unknown_quantity_is_refused():
    """With the nearest one."""
    with pytest.raises(InputError, match="center"):
        many((2, 2)).plot_map("centre")
