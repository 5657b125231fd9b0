"""What is said where the data leave a parameter open, through every front door."""

import h5py
import numpy as np
import pytest
from scipy.optimize import OptimizeWarning

import physfit as pf
from physfit.models import Constant, Exponential, Gaussian, Linear, Lorentzian, Voigt

X = np.linspace(0.0, 10.0, 101)
STEP = X[1] - X[0]


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=X.size)


#: Noise on which an exponential fits best that is infinitely slow.
FLAT = 2.0 + 0.1 * (noise(3) - np.polyval(np.polyfit(X, noise(3), 1), X)) + 1e-3 * X
#: Standard error of its mean where nothing is known of a slope: of a line at x = 0.
ERROR = FLAT.std(ddof=1) * np.sqrt(1.0 / X.size + 25.0 / ((X - 5.0) ** 2).sum())
#: Noise alone, of which a peak takes one sample.
EMPTY = noise(0)
SPIKES = [Lorentzian() + Constant(), Gaussian() + Constant()]


def said(result: pf.FitResult) -> str:
    return " ".join(result.warnings)


@pytest.mark.parametrize("method", ["lm", "scipy:trf"])
def test_a_decay_that_wants_to_be_infinite_is_not_determined(method):
    """It has no error and no minimum; the amplitude has that of a line at x = 0."""
    result = pf.fit(Exponential(), X, FLAT, method=method)
    assert result.status is pf.Status.UNDETERMINED
    assert not result.converged
    assert result["decay"].stderr == np.inf
    assert result["half_life"].stderr == np.inf
    assert result["amplitude"].value == pytest.approx(FLAT.mean(), rel=1e-6)
    assert result["amplitude"].stderr == pytest.approx(ERROR, rel=1e-4)


def test_the_limit_from_which_on_a_decay_changes_nothing_is_told():
    """There the cost is half a variance higher, with the amplitude as it is."""
    result = pf.fit(Exponential(), X, FLAT, sigma=0.1)
    words = said(result)
    limit = float(words.partition("determined: from ")[2].split()[0])
    assert "on the curve no longer changes" in words
    theta = np.array([result["amplitude"].value, limit])
    rise = result.objective.cost(theta) - result.solution.cost
    assert rise == pytest.approx(0.5, rel=0.2)


@pytest.mark.parametrize("decay", [1e-3, 1e-2])
def test_a_decay_within_the_first_sample_is_not_determined(decay):
    """All that is known is that it is faster than the samples; the others hold."""
    y = np.where(X == 0.0, 3.0, 0.0) + 0.05 * noise(2)
    result = pf.fit(Exponential() + Constant(), X, y, start={"decay": decay})
    assert result.status is pf.Status.UNDETERMINED
    assert np.isfinite(result.best_fit).all()
    assert "below" in said(result)
    assert "the curve no longer changes" in said(result)
    assert result["decay"].stderr == np.inf
    assert result["amplitude"].stderr == pytest.approx(0.05, rel=0.3)
    assert result["c"].stderr == pytest.approx(0.005, rel=0.3)


@pytest.mark.parametrize("model", SPIKES, ids=["lorentzian", "gaussian"])
def test_a_spike_between_two_samples_ends_early_without_a_width(model):
    """Its width is far below the spacing; the background has its error all the same."""
    width = "gamma" if "sigma" not in model.names else "sigma"
    start = {"center": 2.45, "amplitude": -0.1, width: 0.03, "c": 0.0}
    once = pf.fit_many(model, X, EMPTY[None], start=start, retry=False)
    result = once.result(0)
    assert result.status is pf.Status.UNDETERMINED
    assert result.n_steps < 100
    assert result[width].value < STEP
    assert result[width].stderr == result["amplitude"].stderr == np.inf
    assert result["c"].stderr == pytest.approx(1.0 / np.sqrt(X.size), rel=0.3)
    assert "is below the spacing of x, 0.1: the peak lies between two" in said(result)


def test_rows_say_the_same_as_single_fits():
    """Status, what is infinite, and the errors of the rest; one row of them too."""
    model = Lorentzian() + Constant()
    y = np.random.default_rng(6).normal(size=(40, X.size))
    many = pf.fit_many(model, X, y, retry=False)
    lost = many.table.status == pf.Status.UNDETERMINED
    assert 5 < lost.sum() < 35
    assert np.isposinf(many["gamma"].stderr[lost]).all()
    assert np.isfinite(many["gamma"].stderr[many.converged]).all()
    row = int(np.flatnonzero(lost)[0])
    single = pf.fit(model, X, y[row])
    assert single.status is pf.Status.UNDETERMINED
    again = many.result(row)
    assert again.status is pf.Status.UNDETERMINED
    assert again.uncertainty.undetermined == single.uncertainty.undetermined
    assert again["c"].stderr == pytest.approx(many["c"].stderr[row], rel=1e-4)


def test_curve_fit_returns_an_infinite_covariance():
    """As scipy does, with its warning and without an exception."""
    with pytest.warns(OptimizeWarning, match="could not be estimated"):
        theta, covariance = pf.curve_fit(Exponential(), X, FLAT)
    assert theta[0] == pytest.approx(FLAT.mean(), rel=1e-6)
    assert (covariance == np.inf).all()


def test_a_fit_in_passes_over_a_file_says_it_too(tmp_path):
    """With the errors of the fit in memory."""
    path = tmp_path / "flat.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = X, FLAT
    with pf.Hdf5Source(path, x="x", y="y") as source:
        passes = pf.fit(Exponential(), source)
    whole = pf.fit(Exponential(), X, FLAT)
    assert passes.status is pf.Status.UNDETERMINED
    assert passes["decay"].stderr == np.inf
    assert passes["amplitude"].stderr == pytest.approx(whole["amplitude"].stderr, 1e-4)


def test_a_result_without_a_minimum_can_be_saved(tmp_path):
    """Its infinite variance and its status with it."""
    result = pf.fit(Exponential(), X, FLAT)
    result.save(tmp_path / "flat.h5")
    loaded = pf.load_result(tmp_path / "flat.h5")
    assert loaded.status is pf.Status.UNDETERMINED
    assert loaded["decay"].stderr == np.inf
    assert loaded.report() == result.report()


def test_a_map_of_rows_without_a_minimum_can_be_read(tmp_path):
    """With their status, and with infinite errors."""
    y, model = np.random.default_rng(6).normal(size=(40, X.size)), SPIKES[0]
    many = pf.fit_many(model, X, y)
    many.save(tmp_path / "maps.h5")
    loaded = pf.load_many(tmp_path / "maps.h5")
    assert pf.Status.UNDETERMINED in loaded.statuses
    assert loaded.statuses == many.statuses
    np.testing.assert_array_equal(loaded["gamma"].stderr, many["gamma"].stderr)


@pytest.mark.parametrize("level", [1e-9, 5.0, 1e9])
def test_exactly_flat_data_give_no_decay(level):
    """The answer is exact, and nothing but the rounding of the data tells a decay."""
    result = pf.fit(Exponential(), X, np.full(X.size, level))
    assert result.status is pf.Status.EXACT
    assert result["amplitude"].value == pytest.approx(level, rel=1e-12)
    assert result["decay"].stderr == np.inf


@pytest.mark.parametrize("level", [1e-9, 5.0, 1e9])
def test_exactly_flat_data_give_no_peak(level):
    """An amplitude of the size of rounding is zero: it has no position and no width."""
    start = {"amplitude": level * 1e-17, "center": 3.7, "sigma": 0.8, "c": level}
    result = pf.fit(Gaussian() + Constant(), X, np.full(X.size, level), start=start)
    assert result.converged
    assert result["center"].stderr == result["sigma"].stderr == np.inf
    assert result["c"].value == pytest.approx(level, rel=1e-12)


@pytest.mark.parametrize("spread", [0.0, 0.02], ids=["exact", "noisy"])
def test_a_parameter_near_zero_is_determined(spread):
    """However much smaller than its error it is."""
    x = np.linspace(-5.0, 5.0, 101)
    y = 3.0 * np.exp(-0.5 * x**2) + spread * (noise(1) + noise(1)[::-1])
    result = pf.fit(Gaussian() + Linear(), x, y)
    assert result.converged
    assert abs(result["center"].value) < 1e-3 * result["center"].stderr + 1e-12
    assert np.isfinite(list(result.stderr.values())).all()


def test_a_width_at_its_bound_is_no_undetermined_one():
    """A Voigt profile on a Lorentzian ends at sigma = 0, the others with errors."""
    y = 5.0 / (1.0 + ((X - 5.0) / 0.8) ** 2) + 0.05 * noise(4)
    result = pf.fit(Voigt() + Constant(), X, y, start={"sigma": 0.05, "gamma": 0.8})
    plain = pf.fit(Lorentzian() + Constant(), X, y)
    assert result.converged
    assert result["sigma"].at_bound == -1
    assert result["gamma"].stderr == pytest.approx(plain["gamma"].stderr, rel=1e-3)


#: A width that is next to nothing beside its error, and yet is determined.
NARROW = {"amplitude": 3.0, "center": 5.0, "sigma": 0.005, "gamma": 0.8, "c": 0.5}


def narrow() -> np.ndarray:
    """Data that `NARROW` fits best: noise that no parameter can take up."""
    model, theta = Voigt() + Constant(), np.array([*NARROW.values()])
    objective = pf.fit(model, X, noise(0), sigma=1.0, start=NARROW).objective
    value, partials = objective.values_and_partials(theta)
    columns = np.linalg.qr(partials[:, 0].T)[0]
    rest = noise(5) - columns @ (columns.T @ noise(5))
    return value[0] + 0.05 * rest


@pytest.mark.parametrize("method", ["lm", "scipy:trf"])
def test_a_width_near_0_is_determined_by_its_square(method):
    """Its own error is 100 times its value; the cost grows with the fourth power."""
    model = Voigt() + Constant()
    start = NARROW | {"sigma": 0.006}
    result = pf.fit(model, X, narrow(), sigma=0.05, start=start, method=method)
    assert result.converged
    assert 0.004 < result["sigma"].value < 0.007
    assert 1e2 * result["sigma"].value < result["sigma"].stderr < np.inf
    assert np.isfinite(result["gamma"].stderr)
    many = pf.fit_many(model, X, [narrow()], sigma=0.05, start=start)
    assert many.converged.all()


def test_a_heat_too_small_for_the_rounding_of_the_data_is_none():
    """exp(-2 J / T) is below it from some J on: the coupling is not J +- 0."""
    temperature = np.linspace(0.3, 5.0, 101)
    model = pf.models.IsingChainHeat() + Constant()
    result = pf.fit(model, temperature, np.full(101, 5.0), start={"J": 108.0})
    rows = pf.fit_many(model, temperature, np.full((2, 101), 5.0), start={"J": 108.0})
    assert result.status is pf.Status.EXACT
    assert not np.isfinite(result["J"].stderr)
    assert not np.isfinite(rows["J"].stderr).any()


def test_what_only_goes_with_an_open_parameter_is_open_too():
    """A ring-down on flat data: neither amplitude nor phase, nor frequency nor rate."""
    flat = np.full(X.size, 5.0)
    result = pf.fit(pf.models.Ringdown(), X, flat)
    rows = pf.fit_many(pf.models.Ringdown(), X, np.array([flat, flat]))
    assert np.isposinf(list(result.stderr.values())).all()
    assert np.isposinf(list(rows.stderr[0])).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_line_as_a_decay_has_no_length(seed):
    """Of a decay on a constant that is a line only the slope is known."""
    y = 3.0 + 0.5 * X + 0.05 * noise(seed)
    rows = pf.fit_many(Exponential() + Constant(), X, y[None], retry=False)
    for result in (pf.fit(Exponential() + Constant(), X, y), rows.result(0)):
        decay = result["decay"]
        assert decay.stderr > 0.1 * decay.value
        assert decay.value < 1e5 or decay.stderr == np.inf


GROWING = Exponential().where(decay=pf.bounds(None, None))


@pytest.mark.parametrize("start", [{}, {"decay": 3.0}, {"decay": -3.0}], ids=repr)
@pytest.mark.parametrize("constant", [4.0, -4.0], ids=["falling", "growing"])
def test_growth_and_decay_are_both_tried(constant, start):
    """Where the constant may be negative, whatever the sign of its start."""
    y = 2.0 * np.exp(-X / constant) * (1.0 + 0.01 * noise(1))
    result = pf.fit(GROWING, X, y, start=start)
    assert result.converged
    assert result["decay"].value == pytest.approx(constant, rel=0.02)
    rows = pf.fit_many(GROWING, X, [y, y], start=start)
    assert rows["decay"].value == pytest.approx(constant, rel=0.02)


def test_steps_are_those_of_both_signs():
    """The first of which ends where a decay wants to be slower than infinite."""
    y, seen = 2.0 * np.exp(X / 4.0), []
    start = {"amplitude": 1.0, "decay": 3.0}
    result = pf.fit(GROWING, X, y, start=start, progress=seen.append)
    told = [own.n_steps for own in seen]
    assert result["decay"].value == pytest.approx(-4.0)
    assert told == sorted(told)
    assert result.n_steps >= told[-1] > 32


def test_errors_hold_only_where_the_fit_has_ended():
    """From such a start each step leads to a decay of 0, and the others stay too."""
    y = np.where(X == 0.0, 3.0, 0.0) + 0.05 * noise(2)
    start = {"amplitude": 3.0, "decay": 2e-3, "c": 0.2}
    stuck = pf.fit(Exponential() + Constant(), X, y, sigma=0.05, start=start)
    assert not stuck.converged
    assert "Not determined by the data" in said(stuck)
    is_fitted = abs(stuck["c"].value - y[1:].mean()) < stuck["c"].stderr
    assert is_fitted == ("the other errors hold" in said(stuck))


def test_a_spike_of_counts_is_not_determined_either():
    """Below it the model is negative, where there is no likelihood."""
    y = np.random.default_rng(1).poisson(3.0, (60, X.size)).astype(float)
    many = pf.fit_many(SPIKES[0], X, y, loss="poisson", retry=False)
    narrow = many["gamma"].value < 2e-3 * STEP
    assert (many.table.status == pf.Status.UNDETERMINED).sum() > 5
    assert not (narrow & np.isfinite(many["gamma"].stderr)).any()


def test_a_combination_of_open_parameters_leaves_others_their_errors():
    """Of a line outside the data only the wing counts, on which the background depends.

    It is as strong as it is wide; held at both, the background would seem known.
    """
    y = np.random.default_rng([3, 1]).normal(size=X.size)
    single, rows = pf.fit(SPIKES[0], X, y), pf.fit_many(SPIKES[0], X, [y], retry=False)
    assert single["center"].value > X[-1]
    assert single.status is pf.Status.UNDETERMINED
    columns = single.objective.weighted_rows(single.solution.theta)[0]
    columns /= np.linalg.norm(columns, axis=1)[:, None]
    last = np.linalg.qr(columns[[0, 2, 1, 3]].T)[1][3, 3]
    error = np.sqrt(single.reduced_chi2 / X.size) / abs(last)
    assert single["c"].stderr == pytest.approx(error, rel=0.02)
    assert rows["c"].stderr[0] == pytest.approx(error, rel=0.02)


def test_a_peak_at_a_single_x_has_a_report():
    """There is no spacing of x to compare its width with."""
    start = {"amplitude": 1e-9, "center": 1.0, "sigma": 3.0, "gamma": 5e-324}
    y = 1e9 * np.ones(200)
    result = pf.fit(pf.models.Voigt(), np.ones(200), y, sigma=1.0, start=start)
    assert not np.isfinite(result["sigma"].stderr)
    assert "spacing of x" not in said(result)


def test_what_the_model_does_not_depend_on_is_not_determined() -> None:
    """Started where a decay or a peak leaves no trace; rows are tried again then."""
    x, rng = np.arange(300.0), np.random.default_rng(41)
    decay = pf.models.Exponential() + pf.models.Constant()
    peak = pf.models.Gaussian() + pf.models.Constant()
    of_decay = {"amplitude": 8.0, "decay": 60.0, "c": 1.0}
    of_peak = {"amplitude": 250.0, "center": 150.0, "sigma": 20.0, "c": 1.0}
    cases = (
        (decay, of_decay, {"decay": 1e-3}),
        (peak, of_peak, {"center": 1e4, "sigma": 5.0}),
    )
    for model, truth, off in cases:
        y = model(x, **truth) + 0.1 * rng.normal(size=x.size)
        start = truth | off
        row = pf.fit_many(model, x, y[None], start=start, retry=False)
        lost, again = row.result(0), pf.fit(model, x, y, start=start)
        tried_again = pf.fit_many(model, x, y[None], start=start)
        assert lost.status is pf.Status.UNDETERMINED
        assert row.status[0] == pf.Status.UNDETERMINED
        assert np.isposinf([lost.stderr[name] for name in off]).all()
        assert tried_again.converged.all() and again.converged
        assert again.retry_stage is pf.RetryStage.GUESS
        assert again.chi2 == pytest.approx(tried_again.chi2[0], rel=1e-8)
