"""What the figures of a fit show, read from their artists."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from physfit import fit
from physfit.errors import InputError
from physfit.models import Constant, Gaussian, IsingEnergy, Linear, Model
from physfit.plot import figures, style
from physfit.plot.canvas import quantity_label
from physfit.plot.figures import MOST, finer
from physfit.plot.style import component_look
from physfit.result import FitResult, load_result
from tests.result.cases import (
    X,
    complex_valued,
    counts,
    every,
    not_finite,
    peak,
    product,
    ring,
    tied,
)

Case = Callable[[], FitResult]


@pytest.fixture
def ax() -> Axes:
    """Empty Axes of a figure without pyplot."""
    axes: Axes = Figure().subplots()
    return axes


def several(n: int) -> FitResult:
    """A fit of `n` peaks on a constant."""
    model: Model = Constant()
    start = {"c": 1.0}
    for k in range(n):
        model = model + Gaussian(f"p{k}_")
        start |= {f"p{k}_amplitude": 1.0, f"p{k}_center": float(k), f"p{k}_sigma": 0.2}
    x = np.linspace(-1.0, n, 30 * n)
    return fit(model, x, model(x, **start), sigma=0.1, start=start)


def many(n: int) -> FitResult:
    """A fit of a line to `n` samples."""
    x = np.linspace(0.0, 1.0, n)
    return fit(Linear(), x, 2.0 * x + np.cos(99.0 * x), sigma=1.0)


def test_data_are_points_with_error_bars(ax: Axes) -> None:
    """The samples, without a line between them; bars of one sigma."""
    result = ring()
    points, _, (bars,) = figures.data(ax, result)
    np.testing.assert_array_equal(points.get_xdata(), result.data.x[0])
    np.testing.assert_array_equal(points.get_ydata(), result.data.y[0])
    assert points.get_linestyle() == "None"
    lengths = [segment[1, 1] - segment[0, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 0.2)


def test_counts_have_bars_of_their_root(ax: Axes) -> None:
    """Poisson data without sigma: the root of the model."""
    result = counts()
    _, _, (bars,) = figures.data(ax, result)
    lengths = [segment[1, 1] - segment[0, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 2.0 * np.sqrt(result.best_fit))


@pytest.mark.parametrize("result", [peak(), many(1500)], ids=["no sigma", "many"])
def test_no_bars_where_they_say_nothing(ax: Axes, result: FitResult) -> None:
    """Unknown errors, or more samples than one can tell apart."""
    container = figures.data(ax, result)
    assert not container.has_yerr
    assert len(container[0].get_xdata()) == result.data.x.size


def test_model_is_a_line_through_every_sample(ax: Axes) -> None:
    """On a grid that holds the samples and is finer than they are."""
    result = ring()
    line = figures.model_curve(ax, result)
    x, y = line.get_data()
    assert len(x) > 5 * len(X)
    assert set(result.data.x[0]) <= set(x)
    np.testing.assert_array_equal(y, result(x))


def test_components_stand_on_the_background(ax: Axes) -> None:
    """Backgrounds as they are, peaks on their sum, dashed, each with its name."""
    result = several(2)
    lines = figures.components(ax, result)
    assert [line.get_label() for line in lines] == [
        "constant",
        "gaussian(p0_)",
        "gaussian(p1_)",
    ]
    assert {line.get_linestyle() for line in lines} == {"--"}
    x = lines[0].get_xdata()
    parts = result.components(x)
    np.testing.assert_array_equal(lines[0].get_ydata(), parts["constant"])
    np.testing.assert_allclose(
        lines[1].get_ydata(), parts["constant"] + parts["gaussian(p0_)"]
    )


def test_component_that_is_the_model_is_left_out(ax: Axes) -> None:
    """One term, or one above a background."""
    assert figures.components(ax, ring()) == []
    assert figures.components(ax, product()) == []
    (line,) = figures.components(ax, peak())
    assert line.get_label() == "constant"


def test_legend_of_many_components_stays_short(ax: Axes) -> None:
    """Above twelve, one entry stands for all."""
    figures.curve(ax, several(13))
    legend = ax.get_legend()
    assert legend is not None
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["data", "model", "constant", "components"]


def test_nine_components_have_a_look_and_a_name_each(ax: Axes) -> None:
    """No two lines look alike, and the legend stands beside the axes."""
    lines = figures.curve(ax, several(9))[2:]
    assert len({(own.get_color(), own.get_linestyle()) for own in lines}) == 10
    legend = ax.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 12
    ax.figure.draw_without_rendering()
    assert legend.get_window_extent().x0 >= ax.get_window_extent().x1


def test_twenty_looks_of_components_differ() -> None:
    """By colour or by the dashes, which those see who see no colours."""
    looks = [component_look(number) for number in range(20)]
    assert len({tuple(map(str, look.values())) for look in looks}) == 20


def test_residuals_are_the_pulls(ax: Axes) -> None:
    """In units of sigma, on a symmetric axis."""
    result = ring()
    (line,) = figures.residuals(ax, result)
    np.testing.assert_array_equal(line.get_xdata(), result.data.x[0])
    np.testing.assert_array_equal(line.get_ydata(), result.pulls)
    low, high = ax.get_ylim()
    assert low == -high
    assert high >= np.abs(result.pulls).max()
    assert ax.get_ylabel() == "residual (σ)"


def test_residuals_say_when_sigma_was_estimated(ax: Axes) -> None:
    """Without sigma it comes from the residuals themselves."""
    figures.residuals(ax, peak())
    assert ax.get_ylabel() == "residual (est. σ)"


def test_residuals_that_are_no_numbers_leave_the_axis_alone(ax: Axes) -> None:
    """A fit that is not finite can still be looked at."""
    figures.residuals(ax, not_finite())
    assert ax.get_ylim() == (-figures.PULLS, figures.PULLS)


def test_figure_has_two_panels_with_one_x() -> None:
    """Data above, residuals below; quantity (unit) on the axes; a title on demand."""
    figure = peak().plot(title="Silicon")
    upper, lower = figure.axes
    assert upper.get_shared_x_axes().joined(upper, lower)
    assert upper.get_ylabel() == "intensity (counts)"
    assert lower.get_xlabel() == "shift (cm⁻¹)"
    assert upper.get_xlabel() == ""
    assert upper.get_title() == "Silicon"
    assert peak().plot().axes[0].get_title() == ""


def test_complex_data_have_a_panel_for_each_part() -> None:
    """Real, imaginary, residuals of both."""
    result = complex_valued()
    real, imaginary, lower = result.plot().axes
    assert real.get_ylabel() == "y, real"
    assert imaginary.get_ylabel() == "y, imaginary"
    for panel, rows in ((real, result.data.y[0]), (imaginary, result.data.y[1])):
        points = panel.containers[0][0]
        np.testing.assert_array_equal(points.get_ydata(), rows)
    x, y = imaginary.lines[-1].get_data()
    np.testing.assert_array_equal(y, np.asarray(result(x)).imag)
    drawn = [line.get_ydata() for line in lower.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(drawn, [result.pulls.real, result.pulls.imag])


def test_two_columns_of_complex_data_name_their_panels():
    """Each panel has the name of its own column."""
    result = complex_valued()
    data = result.data._replace(y_label="X, Y", y_unit="mV")
    real, imaginary, _ = replace(result, data=data).plot().axes
    assert (real.get_ylabel(), imaginary.get_ylabel()) == ("X (mV)", "Y (mV)")


@every()
def test_every_result_can_be_drawn(case: Case) -> None:
    """As a picture, without a warning."""
    png = case().plot()._repr_png_()  # type: ignore[attr-defined]
    assert png.startswith(b"\x89PNG")
    assert len(png) > 5000


def test_saved_result_draws_the_same(tmp_path: Any) -> None:
    """Artists of a loaded result hold the same data."""
    result = tied()
    result.save(tmp_path / "fit.h5")
    first, second = (
        [line.get_xydata() for axes in each.plot().axes for line in axes.lines]
        for each in (result, load_result(tmp_path / "fit.h5"))
    )
    assert len(first) == len(second) > 4
    assert all(map(np.array_equal, first, second))


def test_text_from_outside_is_not_typeset() -> None:
    """A dollar sign in a label is a dollar sign."""
    result = peak()
    data = result.data._replace(y_label="price", y_unit="$ per $\\frac$")
    figure = replace(result, data=data).plot(title="50 $ and $_{")
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_units_are_typeset_and_labels_are_not(ax: Axes) -> None:
    """Powers are raised and signs written; a label keeps every character."""
    result = peak()
    data = result.data._replace(
        x_label="a_1^2 50%", x_unit="cm^-1", y_label="$R$", y_unit="kOhm/um"
    )
    figure = replace(result, data=data).plot()
    upper, lower = figure.axes
    assert lower.get_xlabel() == "a_1^2 50% (cm$^{-1}$)"
    assert upper.get_ylabel() == r"\$R\$ (kΩ/µm)"
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("center (1/cm)", "center (cm$^{-1}$)"),
        ("standard error of a_1 (s^-2)", "standard error of a_1 (s$^{-2}$)"),
        ("reduced chi2", "reduced chi2"),
        ("f(x)", "f(x)"),
    ],
)
def test_a_unit_in_brackets_is_typeset(text: str, shown: str) -> None:
    """In labels of maps, where name and unit come as one text."""
    assert quantity_label(text) == shown


def test_unit_that_repeats_the_label_stands_once(ax: Axes) -> None:
    """Counts, not counts (counts)."""
    result = counts()
    data = result.data._replace(y_label="counts", y_unit="counts")
    figures.curve(ax, replace(result, data=data))
    assert ax.get_ylabel() == "counts"


def test_caller_can_change_the_look(ax: Axes) -> None:
    """Keywords go to the artists."""
    result = tied()
    assert figures.model_curve(ax, result, color="k", label="fit").get_label() == "fit"
    lines = figures.components(ax, result, linestyle=":")
    assert {line.get_linestyle() for line in lines} == {":"}
    (points,) = figures.residuals(ax, result, marker="s")
    assert points.get_marker() == "s"
    assert figures.data(ax, result, color="b")[0].get_color() == "b"


def test_model_of_two_coordinates_is_refused(ax: Axes) -> None:
    """With a sentence that says what to do."""
    result = ring()
    data = result.data._replace(x=np.stack([result.data.x[0]] * 2))
    with pytest.raises(InputError, match="needs one coordinate, but the model has 2"):
        figures.data(ax, replace(result, data=data))


def test_settings_outside_stay_as_they_are() -> None:
    """Drawing changes no global state, and pyplot is not imported."""
    before = dict(mpl.rcParams)
    peak().plot()
    assert dict(mpl.rcParams) == before
    code = (
        "import sys\n"
        "from tests.result.cases import peak\n"
        "peak().plot()\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_colours_differ_in_lightness_or_hue() -> None:
    """No two of those that meet in one panel are close, also without red or green."""
    colors = [style.ROLES["data"], style.ROLES["model"], style.ROLES["baseline"]]
    rgb = np.array([to_rgb(color) for color in (*colors, *style.COMPONENTS)])
    # Without one of the two receptors, red and green fall together.
    seen = np.stack([0.6 * rgb[:, 0] + 0.4 * rgb[:, 1], rgb[:, 2]], axis=1)
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=2)
    assert distances[np.triu_indices(len(rgb), 1)].min() > 0.07


@pytest.mark.parametrize(
    "x",
    [
        np.array([2.0]),
        np.array([3.0, 1.0, 2.0, 2.0]),
        np.geomspace(1e-3, 1e3, 50),
        np.linspace(0.0, 1.0, 7000),
        np.linspace(-1.0, 1.0, 50_000),
    ],
    ids=["one", "unsorted", "geometric", "thousands", "too many"],
)
def test_grid_spans_the_data_and_grows(x: Any) -> None:
    """From the least to the largest x, strictly increasing, of bounded size."""
    grid = finer(x)
    assert (grid[0], grid[-1]) == (x.min(), x.max())
    assert (np.diff(grid) > 0.0).all()
    assert len(grid) <= MOST + 1
    assert len(grid) >= min(len(x), 1000) or len(x) == 1


def test_grid_divides_each_interval_evenly() -> None:
    """A geometric spacing is as fine everywhere as its data."""
    x = np.geomspace(1.0, 1e4, 5)
    grid = finer(x)
    pieces = np.histogram(grid[:-1], bins=x)[0]
    assert len(set(pieces.tolist())) == 1


def test_the_band_is_that_of_the_result(ax: Axes) -> None:
    """Filled from its lower to its upper end, over the range of the data."""
    result = ring()
    filled = figures.curve_band(ax, result, 0.9)
    x = finer(result.data.x[0])
    lower, upper = result.band(x, 0.9)
    corners = filled.get_paths()[0].vertices
    at = np.searchsorted(x, corners[:, 0])
    on_edge = (corners[:, 1] == lower[at]) | (corners[:, 1] == upper[at])
    assert on_edge.all()
    assert {*x} == {*corners[:, 0]}
    assert filled.get_label() == "90 % band"


def test_a_band_that_is_infinite_is_left_out(ax: Axes) -> None:
    """So is one that is NaN, and matplotlib does not mind."""
    result = fit(Linear(), [1.0, 1.0, 1.0], [1.0, 2.0, 1.5])
    figures.curve_band(ax, result, 0.9)
    ax.figure.draw_without_rendering()
    two = fit(Linear(), [0.0, 1.0], [1.0, 2.0])
    assert figures.curve_band(ax, two, 0.9).get_paths() == []


def test_a_figure_takes_band_size_and_scale() -> None:
    """In each panel of the data, not in that of the residuals."""
    figure = peak().plot(band=0.95, size=(5, 4), log_y=True)
    top, below = figure.axes
    assert tuple(figure.get_size_inches()) == (5.0, 4.0)
    assert (top.get_yscale(), below.get_yscale()) == ("log", "linear")
    assert "95 % band" in [own.get_text() for own in top.get_legend().get_texts()]
    parts = complex_valued().plot(band=0.95).axes[:2]
    assert [len(own.collections) for own in parts] == [
        1 + len(own.collections) for own in complex_valued().plot().axes[:2]
    ]
    figure.draw_without_rendering()


@pytest.mark.parametrize("depth", [0, 1], ids=["figure", "subfigure"])
def test_a_fit_is_drawn_on_axes_of_ones_own(depth: int) -> None:
    """One panel of a larger figure, which is what comes back."""
    figure = Figure()
    ax = (figure.subfigures() if depth else figure).subplots()
    assert peak().plot(ax=ax, band=0.5, title="here") is figure
    assert figure.axes == [ax]
    assert ax.get_title() == "here"
    labels = [own.get_text() for own in ax.get_legend().get_texts()]
    assert {"data", "model", "50 % band"} <= {*labels}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "size": ({"size": 5}, "`size` must be a width and a height"),
    "no size": ({"size": (0, 3)}, "`size` must be finite and above 0"),
    "both": ({"size": (4, 3), "ax": Figure().subplots()}, "leave out it or `ax`"),
    "no ax": ({"ax": 3}, "`ax` must be the Axes of a matplotlib figure, but is int"),
    "per cent": ({"band": 95}, "`level` must lie between 0 and 1"),
}


@pytest.mark.parametrize(("how", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_no_figure_can_be_is_refused(how: dict[str, Any], sentence: str) -> None:
    """In one sentence."""
    with pytest.raises(InputError) as caught:
        peak().plot(**how)
    assert sentence in str(caught.value)


def test_a_logarithm_needs_samples_above_0() -> None:
    """An empty figure would say nothing."""
    result = fit(Linear(), [0.0, 1.0, 2.0], [-1.0, -2.0, -3.5])
    with pytest.raises(InputError, match="`log_y` needs samples above 0"):
        result.plot(log_y=True)


def test_samples_that_a_logarithm_cannot_show_are_counted(ax: Axes) -> None:
    """They do not disappear without a word."""
    result = fit(Linear(), [0.0, 1.0, 2.0, 3.0], [2.0, -0.1, 0.0, 1.0])
    figures.curve(ax, result, log_y=True)
    texts = [own.get_text() for own in ax.get_legend().get_texts()]
    assert "data (2 not above 0)" in texts


def test_couplings_have_no_band() -> None:
    """Their figure is another."""
    spins = np.random.default_rng(1).choice([-1, 1], size=(60, 4)).astype(np.int8)
    result = fit(IsingEnergy((4,), "all_pairs"), spins, spins[:, 0] * 1.0)
    with pytest.raises(InputError, match="model of spins is that of its couplings"):
        result.plot(band=0.9)
