"""Many starts: the minima they lead to, their shares, and what does not matter."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from physfit.errors import ConvergenceError, InputError
from physfit.fitting.columns import Columns, observed
from physfit.fitting.exploration.many_starts import multistart
from physfit.fitting.exploration.minima import MultiStart
from physfit.fitting.exploration.spread import latin_hypercube, spread_starts
from physfit.fitting.start import start_values
from physfit.models import Constant, Exponential, Gaussian, Linear, Model, Ringdown
from physfit.models.param import bounds, fixed
from physfit.plot import explorations as plot
from physfit.solve.base import Stop

X = np.linspace(0.0, 10.0, 101)
TWO = Gaussian("a_") + Gaussian("b_")
TRUTH = {"a_amplitude": 3.0, "a_center": 3.0, "a_sigma": 0.5}
TRUTH |= {"b_amplitude": 2.0, "b_center": 6.0, "b_sigma": 0.4}


def two_peaks(n_starts: int = 60, seed: int = 1, threads: int = 2) -> MultiStart:
    """Two Gaussians with noise, from many starts."""
    y = TWO(X, **TRUTH) + np.random.default_rng(0).normal(0.0, 0.05, X.size)
    return multistart(
        TWO, X, y, sigma=0.05, n_starts=n_starts, seed=seed, threads=threads
    )


def two_wells() -> tuple[Model, np.ndarray]:
    """One narrow peak on data with a high one at 3 and a lower one at 7."""
    model = Gaussian().where(
        amplitude=fixed(1.0), sigma=fixed(0.5), center=bounds(1.0, 9.0)
    )
    y = model(X, center=3.0) + 0.5 * model(X, center=7.0)
    return model, y


def test_swapped_components_are_one_minimum():
    """Two equal components may change places: the same curve, two forms."""
    best = two_peaks().best
    centers = sorted([best.values["a_center"], best.values["b_center"]])
    np.testing.assert_allclose(centers, [3.0, 6.0], atol=0.05)
    assert best.forms == 2
    assert best.count > 1


def test_both_minima_of_two_wells_are_found():
    """A peak of a given shape fits either of two: depths as computed by hand.

    With y = g3 + g7 / 2 and all g of equal norm the residual is g7 / 2 for a peak at 3
    and g3 - g7 / 2 for one at 7, so chi2 is 1/4 and 5/4 of the norm, less an overlap of
    exp(-16).
    """
    model, y = two_wells()
    found = multistart(model, X, y, sigma=0.1, n_starts=80, seed=3)
    wells = [own for own in found.minima if own.count > 4]
    assert [round(own.values["center"]) for own in wells[:2]] == [3, 7]
    norm = float(np.sum(model(X, center=3.0) ** 2)) / 0.1**2
    assert 2.0 * wells[0].cost == pytest.approx(0.25 * norm, rel=1e-3)
    assert wells[1].delta_chi2 == pytest.approx(norm, rel=1e-3)


def test_turns_of_a_phase_are_one_minimum():
    """An angle turned by 2 pi, or by pi with the other sign, is the same curve."""
    t = np.linspace(0.0, 4.0, 120)
    truth = {"amplitude": 1.0, "frequency": 1.7, "rate": 0.3, "phase": 0.4}
    y = Ringdown()(t, **truth) + np.random.default_rng(2).normal(0.0, 0.05, t.size)
    found = multistart(Ringdown(), t, y, sigma=0.05, n_starts=100, seed=1)
    assert found.best.values["frequency"] == pytest.approx(1.7, abs=0.02)
    assert found.best.forms >= 2
    assert all(own.delta_chi2 > 1.0 for own in found.minima[1:])


def test_shares_and_failures_add_up_to_one():
    """Every start is in one minimum or in none."""
    found = two_peaks()
    total = sum(own.share for own in found.minima) + found.n_failed / found.n_starts
    assert total == pytest.approx(1.0, abs=1e-12)
    counts = np.bincount(found.member[found.member >= 0], minlength=len(found.minima))
    assert counts.tolist() == [own.count for own in found.minima]


def test_minima_come_from_the_deepest_up():
    """The first has nothing below it."""
    depths = [own.delta_chi2 for own in two_peaks().minima]
    assert depths[0] == 0.0
    assert depths == sorted(depths)


def test_seed_decides_and_threads_do_not():
    """The same seed gives the same ends on any number of threads; another does not."""
    first, second = two_peaks(30), two_peaks(30, threads=1)
    np.testing.assert_array_equal(first.ends, second.ends)
    np.testing.assert_array_equal(first.member, second.member)
    assert not np.array_equal(first.starts, two_peaks(30, seed=2).starts)


def test_errors_grow_with_the_noise_where_sigma_is_unknown():
    """Without sigma the deepest minimum tells the noise, the unit of errors."""
    model = Gaussian() + Constant()
    truth = {"amplitude": 5.0, "center": 5.0, "sigma": 0.7, "c": 1.0}
    y = model(X, **truth) + np.random.default_rng(5).normal(0.0, 0.1, X.size)
    known = multistart(model, X, y, sigma=0.1, n_starts=20)
    unknown = multistart(model, X, y, n_starts=20)
    # The noise is estimated from 97 degrees of freedom: to 7 %, three sigma.
    assert unknown.noise == pytest.approx(0.1, rel=0.21)
    expected = known.best.stderr["center"] * unknown.noise / 0.1
    assert unknown.best.stderr["center"] == pytest.approx(expected, rel=1e-6)


def test_latin_hypercube_has_one_point_in_each_stratum():
    """Along every axis, and other points for another seed."""
    cube = latin_hypercube(37, 3, np.random.default_rng(1))
    strata = np.sort(np.floor(cube * 37.0), axis=0)
    np.testing.assert_array_equal(strata, np.tile(np.arange(37.0)[:, None], 3))
    assert not np.array_equal(cube, latin_hypercube(37, 3, np.random.default_rng(2)))


def test_starts_lie_within_their_ranges():
    """Bounds, given ranges and the range of x; a width stays positive."""
    model = (Gaussian() + Linear()).where(slope=bounds(-1.0, 2.0))
    _, data = observed(model, Columns(X, X**0.5))
    center = np.array([1.0, 5.0, 0.5, 0.0, 1.0])
    starts = spread_starts(
        *(model, data, center, 50, np.random.default_rng(1)), {"sigma": (0.2, 0.4)}
    )
    low, high = starts.min(axis=0), starts.max(axis=0)
    assert (low[1] >= 0.0, high[1] <= 10.0, high[1] - low[1] > 9.0) == (True,) * 3
    assert (low[2] >= 0.2, high[2] <= 0.4) == (True, True)
    assert (low[3] >= -1.0, high[3] <= 2.0, high[3] - low[3] > 2.8) == (True,) * 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n_starts": 0}, "`n_starts` must be a whole number of at least 1, but is 0"),
        ({"threads": 0}, "`threads` must be a whole number of at least 1, but is 0"),
        ({"within": {"centre": (1, 2)}}, "`within` names 'centre'.*center"),
        ({"within": {"center": (2.0, 1.0)}}, "range .low, high. inside its bounds"),
        ({"within": {"sigma": (-1.0, 1.0)}}, "inside its bounds 0.0 to inf"),
        ({"within": {"center": 5}}, "range .low, high. .*, but gives 5"),
        ({"within": {"center": ("a", "b")}}, "range .low, high. .*, but gives"),
    ],
    ids=["no start", "no thread", "misspelt", "reversed", "outside", "one", "texts"],
)
def test_unusable_arguments_are_refused(arguments, words):
    """One sentence with the name, what is allowed and what came."""
    with pytest.raises(InputError, match=words):
        multistart(Gaussian(), X, np.exp(-((X - 5.0) ** 2)), **arguments)


def test_without_a_minimum_there_is_no_best():
    """Failures are told in words."""
    found = two_peaks(3)
    nothing = MultiStart(
        **{**vars(found), "minima": (), "member": np.full(3, -1, dtype=np.int64)}
    )
    assert "none of 3 starts led to a minimum" in nothing.report()
    with pytest.raises(ConvergenceError, match="none of 3 starts"):
        _ = nothing.best


def test_report_and_record_say_the_same():
    """The record is JSON; the report names every minimum that is listed."""
    found = two_peaks()
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["n_starts"] == 60
    assert len(record["minima"]) == len(found.minima)
    lines = found.report().splitlines()
    assert lines[0].startswith("gaussian(a_) + gaussian(b_), chi2, 101 samples, 60")
    assert lines[3].split()[:2] == ["1", "0"]


def test_figure_is_a_staircase_of_all_that_converged():
    """One line a minimum, as long as its count; bars are shares in per cent."""
    found = two_peaks()
    left, right = found.plot().axes
    lengths = [len(line.get_xdata()) for line in left.get_lines()]
    assert lengths == [own.count for own in found.minima]
    heights = [line.get_ydata()[0] for line in left.get_lines()]
    assert heights == [own.delta_chi2 for own in found.minima]
    widths = [bar.get_width() for bar in right.patches]
    assert sum(widths) == pytest.approx(100.0)
    assert len(widths) <= plot.BARS + 2


def two_unequal_wells(**arguments: object) -> MultiStart:
    """Where a peak of fixed shape ends that begins near the shallower dip, at 7."""
    model, y = two_wells()
    noisy = y + np.random.default_rng(4).normal(0.0, 0.1, X.size)
    within = {"center": (6.0, 8.0)}
    return multistart(
        *(model, X, noisy), sigma=0.1, n_starts=12, seed=1, within=within, **arguments
    )


def test_descents_go_first_where_a_method_is_given():
    """Full batches end in the well they begin in, as Levenberg-Marquardt does."""
    exact = two_unequal_wells()
    descended = two_unequal_wells(method="gd", learning_rate=0.05, epochs=300)
    assert descended.method == "gd, constant:0.05, batches of 101"
    assert round(descended.best.values["center"]) == 7
    assert descended.share_of(exact.best) > 0.9
    np.testing.assert_array_equal(exact.starts, descended.starts)


def test_a_descent_that_diverges_is_no_minimum():
    """It is counted as failed, whatever would be found from there."""
    found = two_peaks_by("gd", learning_rate=1e6)
    assert found.n_failed >= 8  # the others land where the loss is flat and low


def two_peaks_by(method: str, learning_rate: float) -> MultiStart:
    """Two Gaussians from ten starts by a descent."""
    y = TWO(X, **TRUTH)
    return multistart(
        TWO, X, y, sigma=0.05, n_starts=10, method=method, learning_rate=learning_rate
    )


def test_settings_of_descents_need_a_descent():
    """A rate means nothing to Levenberg-Marquardt."""
    with pytest.raises(InputError, match="`learning_rate` is for methods on mini"):
        multistart(Gaussian(), X, np.exp(-((X - 5.0) ** 2)), learning_rate=0.1)


def test_a_fit_that_is_almost_there_has_arrived():
    """Slow fits to strongly bent minima are no failures; fits cut short are."""
    slow = multistart(
        *ring_of_fixed_shape(),
        sigma=0.3,
        n_starts=40,
        stop=Stop(ftol=0.0, max_steps=900),
    )
    short = multistart(
        *ring_of_fixed_shape(), sigma=0.3, n_starts=40, stop=Stop(max_steps=2)
    )
    assert slow.n_failed == 0
    assert short.n_failed > 0.5 * 40


def ring_of_fixed_shape() -> tuple[Model, np.ndarray, np.ndarray]:
    """A ring-down whose frequency has a minimum for every side lobe."""
    t = np.linspace(0.0, 6.0, 300)
    truth = {"amplitude": 1.0, "frequency": 2.0, "rate": 0.3, "phase": 0.4}
    y = Ringdown()(t, **truth) + np.random.default_rng(1).normal(0.0, 0.3, t.size)
    model = Ringdown().where(
        amplitude=fixed(1.0), rate=fixed(0.3), frequency=bounds(0.5, 5.0)
    )
    return model, t, y


def test_noise_of_minibatches_leads_out_of_shallow_minima():
    """Many side lobes catch gradient descent; small batches at a high rate jump out."""
    shared = {"sigma": 0.3, "n_starts": 60, "seed": 1, "learning_rate": 0.5}
    full = multistart(*ring_of_fixed_shape(), method="gd", epochs=300, **shared)
    noisy = multistart(
        *ring_of_fixed_shape(), method="sgd", batch_size=5, epochs=100, **shared
    )
    best = min(full.best, noisy.best, key=lambda own: own.cost)
    assert len(full.minima) > 5
    # 25 % and 60 % of 200 starts; three standard deviations of 60 are 19 %.
    assert noisy.share_of(best) > full.share_of(best) + 0.1


@pytest.mark.parametrize("name", ["center", "decay", "phase", "amplitude", "c"])
def test_a_start_drawn_at_random_is_one_of_many(name):
    """Of `fit` and of `multistart`, from one range: the same law of draws.

    Bounds on both sides and on one, a place on x, an angle, and neither.
    """
    model = Gaussian() + Exponential("e_") + Ringdown("r_") + Constant()
    names = {"decay": "e_decay", "phase": "r_phase"}
    k = model.free_names.index(names.get(name, name))
    x, rng = np.linspace(2.0, 3.0, 50), np.random.default_rng(0)
    _, data = observed(model, Columns(x, rng.normal(5.0, 1.0, 50)))
    center = start_values(model, data, None).values
    many = spread_starts(model, data, center, 400, rng)[:, k]
    one = [start_values(model, data, "random", seed=seed)[0][k] for seed in range(400)]
    # Kolmogorov-Smirnov: p below 1e-4 in one of ten thousand.
    assert stats.ks_2samp(many, one).pvalue > 1e-4


def test_the_start_of_a_place_is_drawn_from_x():
    """Wherever the guess is; it was drawn around that, by its distance from 0."""
    x = np.linspace(1000.0, 1010.0, 50)
    _, data = observed(Gaussian(), Columns(x, np.exp(-((x - 1001.0) ** 2))))
    drawn = [start_values(Gaussian(), data, "random", seed=k)[0][1] for k in range(50)]
    assert 1000.0 <= min(drawn) < 1003.0
    assert 1007.0 < max(drawn) <= 1010.0
