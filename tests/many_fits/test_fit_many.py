"""`fit_many`: arrays in, a map of answers out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

import physfit as pf
from physfit.errors import DomainError, InputError, ShapeError

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-5.0, 5.0, 64)
START = {"amplitude": 90.0, "center": 0.0, "sigma": 1.2, "c": 1.0}


def curve(x, amplitude, center, sigma, c):
    z = (x - center) / sigma
    return amplitude * np.exp(-0.5 * z**2) / (sigma * np.sqrt(2.0 * np.pi)) + c


def maps(shape: tuple[int, ...], noise: float = 1.0, seed: int = 7):
    """True parameters of a map, and its data."""
    rng = np.random.default_rng(seed)
    truth = {
        "amplitude": rng.uniform(80.0, 120.0, shape),
        "center": rng.uniform(-1.0, 1.0, shape),
        "sigma": rng.uniform(0.8, 1.3, shape),
        "c": rng.uniform(0.0, 2.0, shape),
    }
    y = curve(X, *(own[..., None] for own in truth.values()))
    return truth, y + noise * rng.normal(size=y.shape)


def test_values_and_errors_are_those_of_scipy():
    """Parameters within 1e-4 standard errors; errors to 1e-4."""
    _, y = maps((4, 5))
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    sigma = np.ones(X.size)
    expected = [
        curve_fit(curve, X, row, list(START.values()), sigma, True, xtol=1e-14)
        for row in y.reshape(20, -1)
    ]
    errors = np.sqrt([np.diag(own[1]) for own in expected])
    ends = np.array([own[0] for own in expected])
    assert many.converged.all()
    np.testing.assert_allclose((many.table.theta - ends) / errors, 0.0, atol=1e-4)
    np.testing.assert_allclose(many.stderr, errors, rtol=1e-4)


def test_the_stated_errors_are_the_spread_of_the_answers():
    """Pulls are standard normal, and chi2 is what its degrees of freedom are."""
    truth, y = maps((60, 100))
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    pulls = np.array(
        [(many[name].value - truth[name]) / many[name].stderr for name in many]
    ).reshape(4, -1)
    np.testing.assert_allclose(pulls.mean(axis=1), 0.0, atol=4.0 / np.sqrt(6000))
    np.testing.assert_allclose(pulls.std(axis=1), 1.0, atol=4.0 / np.sqrt(12000))
    assert (many.dof == 60).all()
    assert many.chi2.mean() == pytest.approx(60.0, abs=4.0 * np.sqrt(120.0 / 6000))


def test_without_sigma_the_residuals_say_how_large_the_errors_are():
    """Each row by itself: sqrt(chi2 / dof) times those of sigma = 1."""
    _, y = maps((30,), noise=3.0)
    given = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    scaled = pf.fit_many(MODEL, X, y, start=START)
    factor = np.sqrt(given.chi2 / given.dof)
    assert not scaled.is_absolute
    np.testing.assert_allclose(scaled.stderr, given.stderr * factor[:, None], rtol=1e-6)


def test_missing_samples_lower_the_degrees_of_freedom_of_their_row():
    """And of no other."""
    _, y = maps((3,))
    y[1, ::4] = np.nan
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    np.testing.assert_array_equal(many.dof, [60, 44, 60])
    assert many.converged.all()


def test_a_start_may_be_a_map():
    """One value per row; the others are shared."""
    truth, y = maps((3, 4))
    start = {**START, "center": truth["center"]}
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=start)
    shared = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    np.testing.assert_allclose(many["center"].value, shared["center"].value, atol=1e-3)


def test_previous_starts_each_row_from_the_one_before():
    """A peak that wanders across the whole range."""
    centers = np.linspace(-4.0, 4.0, 150)
    y = curve(X, 50.0, centers[:, None], 0.4, 1.0)
    y += 0.1 * np.random.default_rng(2).normal(size=y.shape)
    model = MODEL.where(amplitude=50.0, center=-4.0, sigma=0.4, c=1.0)
    many = pf.fit_many(model, X, y, sigma=0.1, start="previous", retry=False)
    np.testing.assert_allclose(many["center"].value, centers, atol=0.05)
    assert (many.table.retry_stage == pf.RetryStage.PREVIOUS).all()


def test_what_is_missing_is_guessed_from_each_row():
    """No start at all: peaks anywhere, each row finds its own."""
    centers = np.linspace(-3.5, 3.5, 500)
    y = curve(X, 60.0, centers[:, None], 0.6, 3.0)
    y += np.random.default_rng(4).normal(size=y.shape)
    many = pf.fit_many(MODEL, X, y, sigma=1.0)
    assert many.converged.all()
    assert (many.table.retry_stage == pf.RetryStage.GUESS).all()
    np.testing.assert_allclose(many["center"].value, centers, atol=0.2)


def test_rows_of_a_product_are_guessed():
    """Also where only two of its parameters together are determined."""
    model = (pf.models.Gaussian() * pf.models.Exponential("e_")).where(e_decay=20.0)
    truth = np.linspace(0.9, 1.1, 20)
    names = dict(zip(model.free_names, [90.0, 0.0, 1.0, 20.0], strict=True))
    y = np.outer(truth, model(X, **names))
    many = pf.fit_many(model, X, y, sigma=0.1)
    assert many.converged.all()
    assert np.corrcoef(many["amplitude"].value, truth)[0, 1] > 0.99


def test_a_model_without_a_guess_takes_each_row_at_its_own_x():
    """Samples of one place in their rows need not be of one x."""
    rng = np.random.default_rng(4)
    model = pf.models.IsingSquareHeat()
    T = np.sort(rng.uniform(0.3, 5.0, (40, 80)), axis=1)
    y = np.array([model(own, J=0.8) for own in T]) + 0.05 * rng.normal(size=T.shape)
    for hidden in (np.zeros(T.shape, dtype=bool), rng.random(T.shape) < 0.1):
        many = pf.fit_many(model, T, y, sigma=0.05, mask=hidden)
        np.testing.assert_allclose(many["J"].value, 0.8, atol=0.01)


def test_blocks_do_not_show():
    """Rows of all blocks are in their place, and progress reaches the end."""
    seen: list[pf.ManyProgress] = []
    x = np.arange(4.0)
    slopes = np.linspace(-1.0, 1.0, 70_000)
    y = slopes[:, None] * x + 2.0
    line = pf.models.Linear().where(slope=0.5, intercept=1.0)
    many = pf.fit_many(line, x, y, sigma=1.0, progress=seen.append)
    np.testing.assert_allclose(many["slope"].value, slopes, atol=1e-12)
    assert seen[-1].n_done == seen[-1].n_rows == 70_000
    assert [own.n_done for own in seen] == sorted(own.n_done for own in seen)


def test_a_callback_that_raises_stops_the_fits():
    """With its own error."""

    def stop(progress: pf.ManyProgress) -> None:
        raise KeyboardInterrupt

    _, y = maps((50,))
    with pytest.raises(KeyboardInterrupt):
        pf.fit_many(MODEL, X, y, sigma=1.0, start=START, progress=stop)


REFUSED = {
    "start of another shape": ({"start": {"center": np.zeros(3)}}, ShapeError, "map"),
    "unknown start": ({"start": {"centre": 1.0}}, InputError, "did you mean 'center'"),
    "start out of bounds": ({"start": {"sigma": -1.0}}, DomainError, "bounds"),
    "start of a text": ({"start": "random"}, InputError, "'previous'"),
    "no start": ({"start": 3.0}, InputError, "dict"),
    "stop": ({"stop": 1e-6}, InputError, "pf.Stop"),
    "progress": ({"progress": 3}, InputError, "pf.ManyProgress"),
    "no y": ({"y": None}, InputError, "`y` is missing"),
    "nothing free": (
        {"model": pf.models.Constant().where(c=pf.fixed(1.0)), "start": None},
        InputError,
        "no free parameter",
    ),
    "threads": ({"threads": 0}, InputError, "`threads`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_cannot_be_used_are_refused(name):
    """In one sentence, before any fit."""
    changed, kind, words = REFUSED[name]
    arguments = {
        "model": MODEL,
        "x": X,
        "y": maps((4,))[1],
        "sigma": 1.0,
        "start": START,
        **changed,
    }
    with pytest.raises(kind, match=words):
        pf.fit_many(**arguments)


def test_a_row_has_the_covariance_of_its_single_fit():
    """By its place in the map."""
    _, y = maps((2, 3))
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=START)
    single = pf.fit(MODEL, X, y[1, 2], sigma=1.0, start=START)
    np.testing.assert_allclose(many.covariance(1, 2), single.covariance, rtol=1e-4)
    assert many["center"].unit == ""
    assert many.shape == (2, 3)
    assert sum(many.statuses.values()) == 6


@pytest.mark.parametrize("sigma", [2.0, None], ids=["sigma", "no sigma"])
@pytest.mark.parametrize("loss", ["chi2", "huber", "soft_l1", "cauchy"])
def test_rows_and_single_fits_agree_on_absolute_errors(loss, sigma):
    """Absolute where sigma is given, of robust losses too; the same numbers."""
    _, y = maps((6,), noise=2.0)
    many = pf.fit_many(MODEL, X, y, sigma=sigma, loss=loss, start=START)
    single = [pf.fit(MODEL, X, row, sigma=sigma, loss=loss, start=START) for row in y]
    assert many.is_absolute == (sigma is not None)
    assert {own.is_absolute for own in single} == {many.is_absolute}
    assert {own.p_value is None for own in single} == {many.p_value is None}
    stderr = np.array([[own[name].stderr for own in single] for name in START])
    np.testing.assert_allclose([many[name].stderr for name in START], stderr, rtol=1e-4)


@pytest.mark.parametrize("loss", ["huber", "soft_l1", "cauchy"])
def test_delta_counts_in_units_of_sigma(loss):
    """All in another unit, sigma too: errors are in that unit, the same otherwise."""
    _, y = maps((6,))
    one = pf.fit_many(MODEL, X, y, sigma=1.0, loss=loss, start=START)
    units = {"amplitude": 1e3, "center": 1.0, "sigma": 1.0, "c": 1e3}
    large = {name: units[name] * START[name] for name in START}
    other = pf.fit_many(MODEL, X, 1e3 * y, sigma=1e3, loss=loss, start=large)
    for name in START:
        errors = other[name].stderr / units[name]
        np.testing.assert_allclose(errors, one[name].stderr, rtol=1e-5)
