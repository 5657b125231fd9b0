"""Maps, series, worst fits and histograms of many rows: what is drawn."""

from __future__ import annotations

import io
import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

import physfit as pf
from physfit.errors import InputError
from physfit.plot.many_marks import MARKS
from physfit.plot.robust_range import robust_limits
from physfit.result.many_quality import _is_weak

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
    assert bar.get_ylabel() == "center (cm$^{-1}$)"
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
    assert ax.get_ylabel() == "center (cm$^{-1}$)"
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
    assert titles[0] == "center (cm$^{-1}$)"
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


def noisy(
    shape: tuple[int, ...] = (24, 30), *, spikes: float = 0.04
) -> tuple[pf.ManyResult, np.ndarray]:
    """A map with a feature, spikes, dead pixels and empty edges; true centers."""
    rng = np.random.default_rng(11)
    places = np.indices(shape) / np.array(shape)[:, None, None] - 0.5
    distance = np.hypot(*places)
    centers = np.exp(-0.5 * (distance / 0.12) ** 2)
    height = np.where(distance < 0.45, 40.0, 0.0)[..., None]
    y = height * np.exp(-0.5 * ((X - centers[..., None]) / 0.8) ** 2) + 2.0
    y += rng.normal(size=y.shape)
    hit = np.argwhere(rng.random(shape) < spikes)
    y[(*hit.T, rng.integers(0, 24, len(hit)))] += rng.uniform(200.0, 3000.0, len(hit))
    y[rng.random(shape) < 0.02] = np.nan
    return pf.fit_many(MODEL, X, y, sigma=1.0), np.where(height[..., 0] > 0, centers, 0)


def test_the_colours_hold_the_feature_and_no_outliers():
    """Spikes of one row in 25 and an empty fourth of the map do not widen them."""
    found, centers = noisy()
    low, high = found.plot_map("center").axes[0].get_images()[0].get_clim()
    error = np.nanmedian(found["center"].stderr[centers > 0])
    assert -10.0 * error < low <= 0.0 + 2.0 * error
    assert centers.max() - 2.0 * error <= high < centers.max() + 10.0 * error
    raw = found["center"].good
    assert np.nanpercentile(raw, 99.0) > 2.0


def test_rows_without_a_line_are_grey_and_said_to_be():
    """Too weak a line has no center, but an area; the caption has rule and counts."""
    found, centers = noisy()
    figure = found.plot_map("center")
    shown = ~np.ma.getmaskarray(figure.axes[0].get_images()[0].get_array())
    assert shown[centers <= 0].mean() < 0.2
    assert shown[centers > 0].mean() > 0.9
    caption = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert caption.startswith(f"{shown.sum()} of 720 rows: converged, finite error, am")
    words = " ".join(own.get_text() for own in figure.legends[0].get_texts())
    assert "too weak: " in words
    area = found.plot_map("amplitude").axes[0].get_images()[0].get_array()
    assert (~np.ma.getmaskarray(area)[centers <= 0]).mean() > 0.5


def test_a_line_of_no_height_at_all_is_too_weak():
    """Of a dead pixel, whose amplitude is 0 and has no error."""
    strength = SimpleNamespace(value=np.array([0.0, 5.0]), stderr=np.full(2, np.nan))
    assert _is_weak(strength).tolist() == [True, False]


def test_marks_are_grey():
    """No reader takes them for a colour of the scale, nor two for one."""
    greys = [own.color for own in MARKS.values()]
    assert all(grey[1:3] == grey[3:5] == grey[5:7] for grey in greys)
    levels = sorted(int(grey[1:3], 16) for grey in greys)
    assert min(np.diff(levels)) >= 20


@pytest.mark.parametrize("as_mask", [True, False], ids=["mask", "condition"])
def test_chosen_rows_are_shown(as_mask):
    """The others are counted."""
    found = many()
    mask = found["center"].value < 0.0
    where = mask if as_mask else "center < 0"
    figure = found.plot_map("center", where=where)
    shown = ~np.ma.getmaskarray(figure.axes[0].get_images()[0].get_array())
    np.testing.assert_array_equal(shown, mask & found.converged)
    words = [own.get_text() for own in figure.legends[0].get_texts()]
    assert any(own.startswith("left out by `where`: ") for own in words)
    kinds = found.plot_map(what="status", where=where).legends[0].get_texts()
    assert kinds[-1].get_text() == f"left out by `where`: {(~mask).sum()}"
    panels = found.plot_histograms(["center"], where=where).axes
    assert panels[0].get_title("right").startswith(f"{shown.sum()} rows")
    worst = found.worst(100, where=where)
    assert mask[tuple(worst.T)].all()
    assert len(worst) == shown.sum()


def test_limits_are_those_given():
    """Of colours, and of the axis of a line."""
    found = many()
    image = found.plot_map("center", limits=(-0.5, 0.25)).axes[0].get_images()[0]
    assert image.get_clim() == (-0.5, 0.25)
    ax = many((30,)).plot_map("center", limits=(-0.5, 0.25)).axes[0]
    assert ax.get_ylim()[1] == 0.25
    for limits in ((1, 0), (0, 0), 3, "ab", (0, np.nan)):
        with pytest.raises(InputError, match="`limits` must be a lower and a higher"):
            found.plot_map("center", limits=limits)
    with pytest.raises(InputError, match="which a status is not"):
        found.plot_map(what="status", limits=(0, 1))


def test_a_map_goes_on_axes_that_are_given():
    """With its caption above; the figure is theirs."""
    mine = Figure(layout="constrained")
    left, right = mine.subplots(1, 2)
    assert many().plot_map("center", ax=left, title="Centers") is mine
    assert left.get_title("left").startswith("Centers\n47 of 48 rows")
    assert left.get_legend().get_texts()[0].get_text() == "not fitted: 1 (2.1 %)"
    many((30,)).plot_map(what="status", ax=right)
    assert right.get_xlabel() == "row"
    with pytest.raises(InputError, match="`ax` must be the Axes"):
        many().plot_map("center", ax=mine)


def test_the_worst_fits_are_of_both_kinds():
    """Failures do not crowd out what converged with a large chi2."""
    found, _ = noisy()
    places = found.worst(6)
    converged = found.converged[tuple(places.T)]
    assert converged.tolist() == [False] * 3 + [True] * 3
    largest = np.max(found.reduced_chi2[found.converged])
    assert found.reduced_chi2[tuple(places[3])] == largest


def test_a_spike_does_not_squash_the_fit():
    """The line is in view, the sample beyond is marked and counted."""
    x = np.linspace(-4.0, 4.0, 96)
    y = MODEL(x, amplitude=60.0, center=0.0, sigma=0.7, c=2.0) * np.ones((3, 1))
    y[1, 80] = 1e5
    found = pf.fit_many(MODEL, x, y, sigma=1.0, loss="cauchy", start={"center": 0.1})
    figure = found.plot_worst(places=[(0,), (1,)])
    (_, above), (_, with_spike) = (figure.axes[k].get_ylim() for k in (0, 2))
    assert 36.0 < above < 45.0
    assert 36.0 < with_spike < 45.0
    assert figure.subfigs[1].get_suptitle().endswith("1 sample beyond")
    assert not figure.subfigs[0].get_suptitle().endswith("beyond")


def test_a_narrow_line_is_in_view():
    """One that a fit follows, though hardly a sample wide."""
    x = np.arange(40.0)
    y = 50.0 * np.exp(-0.5 * ((x - 20.0) / 0.6) ** 2) + np.random.default_rng(1).normal(
        size=(2, 40)
    )
    figure = pf.fit_many(MODEL, x, y, sigma=1.0).plot_worst(1)
    assert figure.axes[0].get_ylim()[1] > y.max()


SHAPES = {
    "one row": np.zeros((1, 24)) + X**2,
    "dead": np.full((4, 5, 24), np.nan),
    "one pixel": np.zeros((1, 1, 24)) + X**2,
    "strip": np.random.default_rng(1).normal(size=(2, 300, 24)),
    "cube": np.random.default_rng(2).normal(size=(2, 3, 4, 24)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_maps_of_any_shape_are_drawn(shape):
    """Nothing to show is no error."""
    found = pf.fit_many(MODEL, X, SHAPES[shape], sigma=1.0)
    for figure in (
        found.plot_map("center"),
        found.plot_map(what="chi2"),
        found.plot_map(what="status"),
        found.plot_worst(2),
        found.plot_histograms(),
        found.plot_correlations(),
    ):
        figure.savefig(io.BytesIO(), dpi=30)
        assert figure.texts or any(ax.has_data() or ax.texts for ax in figure.axes)


@pytest.mark.parametrize("shape", [(25, 50), (50, 25), (30, 30), (12, 47)])
def test_the_title_of_a_map_to_scale_is_inside_of_the_figure(shape):
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 1.0, 8)
    rows = 2.0 * x + rng.normal(0.0, 0.1, (*shape, 8))
    rows[rng.random(shape) < 0.1] = np.nan
    many = pf.fit_many("linear", x, rows, sigma=0.1)
    figure = many.plot_map("slope", title="Position of the line")
    figure.draw_without_rendering()
    assert figure.axes[0].title.get_window_extent().ymax <= figure.bbox.ymax
