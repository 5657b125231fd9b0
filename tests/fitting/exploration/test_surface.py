"""Landscapes: heights are costs, profiles lie below slices, paths stand on them."""

from __future__ import annotations

import json
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from physfit.errors import DataError, InputError
from physfit.fitting import fit
from physfit.fitting.exploration.plane import over_principal
from physfit.fitting.exploration.surface import landscape
from physfit.models import Constant, Gaussian, Ringdown
from physfit.models.param import bounds, fixed, tie
from physfit.plot.landscape import LEVELS_1D, LEVELS_2D, animation
from physfit.solve.base import Status

X = np.linspace(0.0, 10.0, 81)
MODEL = Gaussian() + Constant()
TRUTH = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7, "c": 1.0}
Y = MODEL(X, **TRUTH) + np.random.default_rng(1).normal(0.0, 0.1, X.size)
OVER = ("center", "sigma")


def test_heights_are_those_of_the_cost():
    """Every point of a slice is twice the cost above the best fit."""
    found = landscape(MODEL, X, Y, sigma=0.1, over=OVER, points=7)
    objective = fit(MODEL, X, Y, sigma=0.1).objective
    theta = np.array(list(found.values.values()))
    best = objective.cost(theta)
    theta[[1, 2]] = found.axes[0][1], found.axes[1][5]
    expected = 2.0 * (objective.cost(theta) - best)
    assert found.delta_chi2[1, 5] == pytest.approx(expected, rel=1e-9)


def test_profile_is_never_above_the_slice():
    """Fitting the others can only lower the cost."""
    wide = {"center": (2.0, 8.0), "sigma": (0.2, 3.0)}
    arguments = {"sigma": 0.1, "over": OVER, "span": wide, "points": 21}
    held = landscape(MODEL, X, Y, **arguments)
    fitted = landscape(MODEL, X, Y, **arguments, others="profile")
    # The fit's own accuracy of 1e-9 of the cost is 1e-7 in these units.
    assert (fitted.delta_chi2 <= held.delta_chi2 + 1e-6).all()
    assert (fitted.delta_chi2 < held.delta_chi2 - 1.0).mean() > 0.5


def test_profile_is_the_fit_with_parameters_held():
    """At any point it is the cost of a fit in which these two are fixed."""
    found = landscape(MODEL, X, Y, sigma=0.1, over=OVER, points=9, others="profile")
    held = MODEL.where(center=fixed(found.axes[0][0]), sigma=fixed(found.axes[1][8]))
    cost = fit(held, X, Y, sigma=0.1).solution.cost
    assert found.delta_chi2[0, 8] == pytest.approx(2.0 * (cost - found.cost), rel=1e-6)


def test_profile_of_one_parameter_is_a_parabola_of_its_error():
    """One standard error away a profile is 1 high, where the cost is quadratic."""
    found = landscape(
        MODEL, X, Y, sigma=0.1, over="c", span=1.0, points=3, others="profile"
    )
    assert found.axes[0][[0, 2]] == pytest.approx(
        found.values["c"] + found.stderr["c"] * np.array([-1.0, 1.0])
    )
    # The model is linear in c; what bends is the others' share, 1 % here.
    np.testing.assert_allclose(found.delta_chi2, [1.0, 0.0, 1.0], atol=0.02)


def test_principal_directions_are_in_standard_errors():
    """Along an eigenvector of length one chi2 grows as 1 / eigenvalue."""
    y = MODEL(X, **TRUTH)  # without residuals, which bend the cost by a few per cent
    found = landscape(MODEL, X, y, sigma=0.1, over="principal", points=41, span=0.2)
    result = fit(MODEL, X, y, sigma=0.1)
    lengths = np.linalg.eigvalsh(result.correlation)
    a, b = found.axes
    softest, stiffest = found.delta_chi2[-1, 20], found.delta_chi2[20, -1]
    # Small steps, so that what is not quadratic is below 2 %.
    assert softest == pytest.approx(a[-1] ** 2 / lengths[-1], rel=0.02)
    assert stiffest == pytest.approx(b[-1] ** 2 / lengths[0], rel=0.02)


def test_principal_coordinates_are_the_inverse_of_the_plane():
    """A point of the plane has the coordinates that it was made of."""
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 0.1], [0.0, 0.1, 0.25]])
    plane = over_principal(np.array([1.0, 2.0, 3.0]), covariance, None)
    point = np.array([0.3, -1.2])
    np.testing.assert_allclose(plane.coordinates(plane.at(point)), point, atol=1e-12)


def test_a_deeper_place_in_view_becomes_the_zero():
    """A fit that began in the wrong well goes on from the right one."""
    peak = Gaussian().where(amplitude=fixed(1.0), sigma=fixed(0.5))
    y = peak(X, center=3.0) + 0.5 * peak(X, center=7.0)
    view = {"center": (0.0, 10.0)}
    model = peak.where(center=7.1)
    found = landscape(model, X, y, sigma=0.1, over="center", span=view, points=101)
    assert found.values["center"] == pytest.approx(3.0, abs=1e-3)
    assert np.nanmin(found.delta_chi2) >= -1e-3


def test_ties_and_bounds_hold():
    """Axes stop at bounds; a tied parameter follows on the grid and in a profile."""
    model = (Gaussian("a_") + Gaussian("b_")).where(
        b_sigma=tie("2 * a_sigma"), a_center=bounds(2.9, 3.1)
    )
    truth = {"a_amplitude": 3.0, "a_center": 3.0, "a_sigma": 0.5}
    truth |= {"b_amplitude": 2.0, "b_center": 7.0}
    y = model(X, **truth) + np.random.default_rng(2).normal(0.0, 0.05, X.size)
    view = {"a_sigma": (0.3, 0.8)}
    found = landscape(
        *(model, X, y),
        sigma=0.05,
        over=("a_center", "a_sigma"),
        span={**view, "a_center": (2.9, 3.1)},
        points=5,
        others="profile",
        start=truth,
    )
    held = model.where(a_center=fixed(2.9), a_sigma=fixed(0.8))
    begin = {name: truth[name] for name in held.free_names}
    cost = fit(held, X, y, sigma=0.05, start=begin).solution.cost
    assert found.delta_chi2[0, 4] == pytest.approx(2 * (cost - found.cost), rel=1e-5)


def test_paths_begin_together_and_end_where_their_status_says():
    """All from the same start; a stable rate arrives, a mad one diverges."""
    found = landscape(
        *(MODEL, X, Y),
        sigma=0.1,
        over=OVER,
        points=5,
        start={"center": 5.3, "sigma": 0.8},
        methods=["gd", "adam", "momentum"],
        learning_rate={"gd": 50.0},
        epochs=600,
    )
    starts = [path.theta[0] for path in found.paths]
    np.testing.assert_array_equal(starts[0], starts[1])
    np.testing.assert_allclose(found.coordinates[0][0], [5.3, 0.8])
    ends = [path.status for path in found.paths]
    assert ends == [Status.DIVERGED, Status.EPOCHS_DONE, Status.EPOCHS_DONE]
    assert found.heights[1][-1] < 1e-3
    assert found.paths[1].n_steps == 600


def test_heights_of_paths_are_costs_of_all_rows():
    """Also where the path saw minibatches only."""
    found = landscape(
        *(MODEL, X, Y), sigma=0.1, over=OVER, points=3, methods=["sgd"], batch_size=9
    )
    objective = fit(MODEL, X, Y, sigma=0.1).objective
    cost = objective.cost(found.paths[0].theta[7])
    assert found.heights[0][7] == pytest.approx(2.0 * (cost - found.cost), rel=1e-9)


def test_seed_decides_the_order_and_threads_do_not_matter():
    """Minibatch paths are reproduced; profiles are the same on one thread."""
    arguments = {"sigma": 0.1, "over": OVER, "points": 9, "others": "profile"}
    arguments |= {"methods": ["sgd"], "batch_size": 8}
    one = landscape(MODEL, X, Y, **arguments, threads=1)
    two = landscape(MODEL, X, Y, **arguments, threads=2)
    other = landscape(MODEL, X, Y, **arguments, seed=5)
    np.testing.assert_array_equal(one.delta_chi2, two.delta_chi2)
    np.testing.assert_array_equal(one.paths[0].theta, two.paths[0].theta)
    assert not np.array_equal(one.paths[0].theta, other.paths[0].theta)


def test_progress_is_told():
    """Rows of the grid that are done, never more than all."""
    seen: list[tuple[int, int]] = []
    t = np.linspace(0.0, 4.0, 20_000)
    y = Ringdown()(t, amplitude=1.0, frequency=1.0, rate=0.1, phase=0.0)
    landscape(
        *(Ringdown(), t, y),
        sigma=0.1,
        over=("frequency", "rate"),
        points=41,
        threads=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen
    assert all(0 <= done <= total == 41 for done, total in seen)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"over": ("a", "b", "c")}, "`over` must name one or two parameters"),
        ({"over": 3}, "`over` must name one or two parameters.* but is 3"),
        ({"over": "centre"}, "`over` names 'centre'.*center"),
        ({"over": OVER, "points": 1}, "`points` must be a whole number of at least 2"),
        ({"over": OVER, "others": "free"}, "`others` must be 'fixed' or 'profile'"),
        ({"over": "principal", "others": "profile"}, "must be 'fixed' for principal"),
        ({"over": "principal", "span": {"c": (0, 1)}}, "`span` must be a number"),
        ({"over": OVER, "span": -1.0}, "`span` must be a number .* above 0"),
        ({"over": OVER, "span": {"c": (0, 1)}}, "`span` names 'c', which is on no"),
        ({"over": OVER, "span": {"sigma": (-1, 1)}}, "inside its bounds 0.0 to inf"),
        ({"over": OVER, "methods": ["adma"]}, "unknown optimizer 'adma'.*adam"),
        ({"over": OVER, "methods": "gd,adam"}, "`methods` must be a list of names"),
        (
            {"over": OVER, "learning_rate": 0.1},
            "`learning_rate` and `batch_size` are for paths, but `methods` names none",
        ),
        (
            {"over": OVER, "methods": ["gd"], "learning_rate": {"dg": 1}},
            "`learning_rate` names 'dg'",
        ),
        (
            {"over": OVER, "start": "random"},
            "`start` must map names to numbers.* is 'random'",
        ),
    ],
    ids=[
        *(
            "three",
            "no name",
            "misspelt",
            "points",
            "others",
            "principal",
            "ranges",
            "negative",
        ),
        *("no axis", "outside", "method", "one method", "no paths", "rates"),
        "start",
    ],
)
def test_unusable_arguments_are_refused(arguments, words):
    """One sentence with the name, what is allowed and what came."""
    with pytest.raises(InputError, match=words):
        landscape(MODEL, X, Y, **arguments)


def test_report_and_record():
    """The record is JSON; the report tells the axes and the ends of the paths."""
    found = landscape(MODEL, X, Y, over=OVER, points=5, methods=["adam"])
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["over"] == ["center", "sigma"]
    assert record["paths"][0]["method"] == "adam"
    text = found.report()
    assert text.startswith("gaussian + constant, chi2: landscape over center and sigma")
    assert "constant:0.01" in text


def test_figure_shows_contours_and_paths():
    """Lines at the levels that are named; each path as a line of its coordinates."""
    found = landscape(
        *(MODEL, X, Y), sigma=0.1, over=OVER, methods=["gd", "adam"], others="profile"
    )
    ax, progress, _ = found.plot().axes
    lines = ax.collections[-1]
    np.testing.assert_allclose(lines.levels, LEVELS_2D)
    assert {text.get_text() for text in ax.texts} == {"68 %", "95 %", "99.7 %"}
    star, first, second, *_ = ax.get_lines()
    np.testing.assert_allclose(np.ravel(star.get_data()), found.center)
    np.testing.assert_array_equal(np.transpose(first.get_data()), found.coordinates[0])
    np.testing.assert_array_equal(np.transpose(second.get_data()), found.coordinates[1])
    labels = [text.get_text() for text in progress.get_legend().get_texts()]
    assert labels == ["gd, rate 0.1", "adam, rate 0.01"]


def test_numbers_along_a_narrow_axis_do_not_overlap():
    """Errors of a thousandth leave numbers of six digits, so there are few of them."""
    x = np.linspace(0.0, 10.0, 2001)
    y = Gaussian()(x, amplitude=1.0, center=5.0, sigma=0.8)
    found = landscape(Gaussian(), x, y, sigma=0.0012, over=OVER, points=9)
    figure = found.plot()
    figure.draw_without_rendering()
    ax = figure.axes[0]
    boxes = [own.get_window_extent() for own in ax.get_xticklabels() if own.get_text()]
    shown = [own for own in boxes if ax.bbox.x0 <= own.x0 + own.width / 2 <= ax.bbox.x1]
    assert len(shown) > 2
    assert all(a.x1 < b.x0 for a, b in pairwise(shown))


def test_figure_over_one_parameter_is_a_curve():
    """Heights with lines at one, two and three standard errors, units on the axis."""
    found = landscape(MODEL, X, Y, sigma=0.1, over="center", units=("s", "V"))
    (ax,) = found.plot().axes
    curve, *levels, _star = ax.get_lines()
    assert min(curve.get_ydata()) == pytest.approx(0.0, abs=1e-9)
    assert tuple(line.get_ydata()[0] for line in levels) == LEVELS_1D
    assert ax.get_xlabel() == "center (s)"


def test_animation_grows_and_is_written_whole(tmp_path):
    """A GIF of different pictures; existing files stay unless they may be replaced."""
    found = landscape(MODEL, X, Y, sigma=0.1, over=OVER, points=9, methods=["gd"])
    image = Image.open(BytesIO(animation(found, 5)))
    first = np.array(image.convert("RGB"))
    image.seek(image.n_frames - 1)
    assert image.n_frames == 6
    assert (np.array(image.convert("RGB")) != first).any()
    image.close()
    path = tmp_path / "paths.gif"
    found.animate(path, frames=3)
    with pytest.raises(DataError, match="exists"):
        found.animate(path, frames=3)
    with pytest.raises(InputError, match=r"must end in \.gif"):
        found.animate(tmp_path / "paths.png")
