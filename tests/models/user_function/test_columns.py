"""Functions that know their samples by their place, where samples move."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError

X = np.linspace(1.0, 5.0, 37)
TRUTH = {"a": 2.0, "b": 3.0}
START = {"a": 1.0, "b": 2.0}
SIGMA = 0.1


def stacked(x, a, b):
    return np.hstack((a * x, b / x))


def placed(x, a, b):
    return a * np.hstack((x[1:], x[:1])) + b * (x - x.mean())


def plain(x, a, b):
    return a * x + b / x


Y = stacked(X, **TRUTH) + SIGMA * np.random.default_rng(1).standard_normal(2 * X.size)
SINGLE = pf.fit(stacked, X, Y, sigma=SIGMA, start=START)
HALVES = [(X, "a", lambda a: a * X, Y[:37]), (X, "b", lambda b: b / X, Y[37:])]


def _exact(keep):
    """Both parameters by linear algebra, from some of the samples."""
    columns = np.array([np.hstack((X, 0 * X)), np.hstack((0 * X, 1 / X))])[:, keep]
    return np.linalg.lstsq(columns.T, Y[keep], rcond=None)[0]


def test_rows_with_missing_samples_keep_their_places():
    """Each row is fitted to the samples that it has, in any number of them."""
    rng = np.random.default_rng(2)
    masks = rng.random((9, Y.size)) < 0.3
    rows = np.where(masks, np.nan, Y)
    many = pf.fit_many(stacked, X, rows, sigma=SIGMA, start=START)
    for k, mask in enumerate(masks):
        found = [many["a"].value[k], many["b"].value[k]]
        np.testing.assert_allclose(found, _exact(~mask), rtol=1e-7)


def test_rows_of_a_file_keep_their_places(tmp_path):
    """Of a function that depends on all samples of x."""
    h5py = pytest.importorskip("h5py")
    y = placed(X, **TRUTH) + np.zeros((4, 1))
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["x"], file["y"] = X, y
    many = pf.fit_many(placed, tmp_path / "rows.h5", start=START)
    np.testing.assert_allclose(many["a"].value, 2.0, rtol=1e-6)
    np.testing.assert_allclose(many["b"].value, 3.0, rtol=1e-6)


def test_rows_with_an_x_of_their_own_are_each_seen_whole():
    """The function is called for every row; one of single samples is compiled."""
    x = X + np.arange(3.0)[:, None]
    y = np.array([placed(own, **TRUTH) for own in x])
    many = pf.fit_many(placed, x, y, start=START)
    np.testing.assert_allclose(many["b"].value, 3.0, rtol=1e-5)
    many = pf.fit_many(plain, x, plain(x, **TRUTH), start=START)
    np.testing.assert_allclose(many["b"].value, 3.0, rtol=1e-6)


@pytest.mark.parametrize("kind", ["residual", "pairs", "parametric"])
def test_replicas_draw_samples_with_their_places(kind):
    """The standard deviations of refits are those of the fit."""
    boot = pf.bootstrap(SINGLE, n=400, kind=kind, seed=1)
    # 400 refits know a standard deviation to 3.5 %, 74 samples the noise to 8 %
    for name in ("a", "b"):
        assert abs(boot[name].stderr / SINGLE[name].stderr - 1.0) < 0.35
        assert abs(boot[name].bias) < 0.5 * SINGLE[name].stderr


def test_toys_and_minibatches_keep_places():
    """As the exact answer of linear algebra has it."""
    toys = pf.toys(stacked, X, TRUTH, sigma=SIGMA, n=200, seed=1)
    assert abs(toys["a"].pull_width - 1.0) < 4.0 / np.sqrt(2.0 * 200)
    result = pf.fit(
        stacked,
        X,
        Y,
        sigma=SIGMA,
        start=START,
        method="adam",
        batch_size=16,
        epochs=300,
    )
    exact = _exact(np.arange(Y.size))
    off = (result.solution.theta - exact) / np.sqrt(np.diag(SINGLE.covariance))
    assert np.abs(off).max() < 0.5
    assert result.data.x.shape == (1, Y.size)


def test_explorations_keep_places():
    """The minimum is that of the fit, by every method."""
    found = pf.multistart(stacked, X, Y, sigma=SIGMA, n_starts=8, seed=1)
    np.testing.assert_allclose(2.0 * found.best.cost, SINGLE.chi2, rtol=1e-9)
    table = pf.compare(stacked, X, Y, sigma=SIGMA, start=START, methods=["lm", "adam"])
    assert table.agree
    plane = pf.landscape(
        stacked, X, Y, sigma=SIGMA, start=START, over=("a", "b"), points=5
    )
    assert plane.delta_chi2.min() >= -1e-6
    assert pf.find_rate(stacked, X, Y, sigma=SIGMA, start=START).suggestion > 0.0


def test_start_values_are_guessed_with_places():
    """Without any, of a function that returns more values than samples."""
    result = pf.fit(stacked, X, Y, sigma=SIGMA)
    np.testing.assert_allclose(result.solution.theta, SINGLE.solution.theta, rtol=1e-6)


def test_other_samples_than_those_of_the_grid_are_refused(tmp_path):
    """By a result without its function: it has no numbers for them."""
    SINGLE.save(tmp_path / "stacked.h5")
    kept = pf.load_result(tmp_path / "stacked.h5")
    np.testing.assert_allclose(kept.chi2, SINGLE.chi2, rtol=1e-12)
    with pytest.raises(ModelError, match="is not in this process"):
        kept([1.0, 2.0])


def test_samples_of_x_that_are_none_are_refused_in_rows():
    """What depends on all of them has no value."""
    x = np.where(np.arange(X.size) == 3, np.nan, X)
    with pytest.raises(InputError, match="`x` holds samples that are not finite"):
        pf.fit_many(placed, x, np.ones((2, X.size)), start=START)


def test_samples_of_whole_curves_are_not_drawn():
    """A convolution of samples in another order is another function."""

    def smoothed(x, a, tau):
        a, tau = float(format(a, ".17g")), float(format(tau, ".17g"))
        return np.convolve(a * np.exp(-x / tau), [0.5, 0.5])[: x.size]

    y = smoothed(X, 2.0, 1.5) + 0.01 * np.sin(50.0 * X)
    result = pf.fit(smoothed, X, y, start={"a": 1.5, "tau": 1.0})
    assert result.model.depends_on_grid
    with pytest.raises(InputError, match="samples cannot be drawn; take kind='resid"):
        pf.bootstrap(result, n=20, kind="pairs")
    assert pf.bootstrap(result, n=20, seed=1)["a"].stderr > 0.0


def test_pairs_are_drawn_where_the_reach_of_parameters_is_a_square():
    """The frame of the draws is the x of the fit, not memory without values."""

    def ring(x, a, rate, omega):
        return a * np.exp(-rate * x) * np.sin(np.sqrt(omega**2 - 0.25 * rate**2) * x)

    y = ring(X, 2.0, 0.3, 2.0) + 0.05 * np.random.default_rng(3).normal(size=X.size)
    result = pf.fit(ring, X, y, start={"a": 1.5, "rate": 0.4, "omega": 2.1})
    boot = pf.bootstrap(result, n=200, kind="pairs", seed=1)
    assert abs(boot["omega"].stderr / result["omega"].stderr - 1.0) < 0.6
