"""`fit` and `curve_fit` from the outside."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from multiprocessing import get_context

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import OptimizeWarning

import physfit as pf
from physfit.errors import ConvergenceError, DomainError, InputError, ShapeError
from physfit.models import ComplexRingdown, Constant, Exponential, Gaussian, Linear

X = np.linspace(-3.0, 4.0, 80)
TRUTH = {"amplitude": 3.0, "center": 0.4, "sigma": 0.7, "slope": 0.2, "intercept": 1.0}
MODEL = Gaussian() + Linear()


def noisy(seed: int = 0, sigma: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return MODEL(X, **TRUTH) + sigma * rng.normal(size=X.size)


def bell(x, amplitude, center, sigma, slope, intercept):
    z = (x - center) / sigma
    peak = amplitude / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * z * z)
    return peak + slope * x + intercept


def fit_seed(seed: int) -> float:
    return pf.fit(MODEL, X, noisy(seed), sigma=0.05)["center"].value


@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "scaled"])
@pytest.mark.parametrize("with_sigma", [True, False], ids=["sigma", "no_sigma"])
def test_curve_fit_returns_what_scipy_returns(absolute, with_sigma):
    """Same arguments, same values and covariance as scipy.optimize.curve_fit."""
    sigma = np.linspace(0.04, 0.06, X.size) if with_sigma else None
    p0 = list(TRUTH.values())
    ours = pf.curve_fit(MODEL, X, noisy(), p0, sigma, absolute)
    tight = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
    theirs = scipy.optimize.curve_fit(bell, X, noisy(), p0, sigma, absolute, **tight)
    # scipy takes differences; its own errors are 1e-8 of a standard error.
    errors = np.sqrt(np.diag(theirs[1]))
    np.testing.assert_allclose((ours[0] - theirs[0]) / errors, 0.0, atol=1e-6)
    scale = np.outer(errors, errors)
    np.testing.assert_allclose(ours[1] / scale, theirs[1] / scale, rtol=0, atol=1e-6)


def test_curve_fit_full_output_has_five_parts():
    """infodict, message and number follow, as with scipy."""
    popt, _pcov, info, message, number = pf.curve_fit(
        MODEL, X, noisy(), sigma=np.full(X.size, 0.05), full_output=True
    )
    assert info["nfev"] > 0
    np.testing.assert_allclose(
        info["fvec"], (bell(X, *popt) - noisy()) / 0.05, rtol=1e-9, atol=1e-10
    )
    assert message.startswith("converged")
    assert number in (1, 2, 3, 4)


def test_curve_fit_residuals_have_the_unit_of_y_without_sigma():
    """As with scipy: model minus data, divided by nothing."""
    popt, _pcov, info, *_ = pf.curve_fit(MODEL, X, noisy(), full_output=True)
    np.testing.assert_allclose(info["fvec"], bell(X, *popt) - noisy(), atol=1e-12)


@pytest.mark.parametrize("sigma", [None, 0.5], ids=["no_sigma", "sigma"])
def test_curve_fit_has_infinite_errors_without_degrees_of_freedom(sigma):
    """As with scipy, where there is nothing to scale the errors by."""
    with pytest.warns(OptimizeWarning, match="could not be estimated"):
        popt, pcov = pf.curve_fit(Linear(), [0.0, 1.0], [1.0, 3.0], [1.0, 0.0], sigma)
    np.testing.assert_allclose(popt, [2.0, 1.0])
    assert (pcov == np.inf).all()


@pytest.mark.parametrize("method", [None, "lm", "trf", "dogbox"])
def test_curve_fit_bounds_hold(method):
    """A pair of numbers or of lists; no free parameter leaves them."""
    upper = [np.inf, 0.3, np.inf, np.inf, np.inf]
    popt, pcov = pf.curve_fit(
        MODEL,
        X,
        noisy(),
        [2.0, 0.0, 1.0, 0.0, 1.0],
        bounds=(-np.inf, upper),
        method=method,
    )
    assert popt[1] == pytest.approx(0.3, abs=1e-9)
    if method in (None, "lm"):
        assert np.isnan(pcov[1]).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"f": max}, "Unable to determine number of fit parameters; pass `p0`"),
        ({"p0": [1.0, 2.0]}, "`p0` has 2 values, but the model has 5 free"),
        ({"bounds": ([0, 0], 1)}, "`bounds` must be a pair of numbers or of 5 numbers"),
        ({"method": "brent"}, "`method` must be None, 'lm', 'trf' or 'dogbox'"),
        ({"nan_policy": "propagate"}, "`nan_policy='propagate'` is not supported by"),
        ({"nan_policy": "drop"}, "nan_policy must be one of .None, 'raise', 'omit'."),
        ({"ftoll": 1e-3}, "`curve_fit` has no option 'ftoll'; did you mean 'ftol'"),
        ({"sigma": np.eye(X.size)}, "`sigma` is a matrix"),
        ({"ftol": -1.0}, r"`ftol` must be in \[0, 1\), but is -1.0"),
        ({"maxfev": 0}, "`max_steps` must be >= 1, but is 0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_curve_fit_refuses_in_one_sentence(arguments, sentence):
    """The name, what is allowed, what came."""
    given = {"f": MODEL, "xdata": X, "ydata": noisy()} | arguments
    with pytest.raises(InputError, match=sentence):
        pf.curve_fit(**given)


def test_columns_can_name_their_file():
    """`source` stands in the data and the report, as the path of a file does."""
    result = pf.fit(MODEL, X, noisy(), source="runs/scan_7.dat")
    assert result.data.source == "runs/scan_7.dat"
    assert "80 samples of scan_7.dat" in result.report()


def test_curve_fit_raises_where_scipy_raises():
    """No minimum within the limit of steps is a RuntimeError."""
    with pytest.raises(RuntimeError, match="limit of steps"):
        pf.curve_fit(MODEL, X, noisy(), [1.0, 3.0, 0.2, 0.0, 0.0], maxfev=1)


def test_curve_fit_returns_where_scipy_returns():
    """From starts off by a half, two peaks of which our steps find no minimum."""
    model = pf.models.PseudoVoigt("a_") + pf.models.PseudoVoigt("b_")
    truth = {"a_amplitude": 19.9, "a_center": 33.7, "a_sigma": 3.14}
    truth |= {"a_fraction": 0.296, "b_amplitude": 18.7, "b_center": 15.5}
    truth |= {"b_sigma": 3.79, "b_fraction": 0.598}
    start = {"a_amplitude": 9.96, "a_center": 37.4, "a_sigma": 4.71}
    start |= {"a_fraction": 0.148, "b_amplitude": 9.35, "b_center": 20.0}
    start |= {"b_sigma": 5.68, "b_fraction": 0.897}
    x = np.linspace(0.0, 40.8, 244)
    y = model(x, **truth) + 0.027 * np.random.default_rng(0).normal(size=x.size)
    p0 = [start[name] for name in model.free_names]
    popt, pcov = pf.curve_fit(model, x, y, p0)
    exact = [truth[name] for name in model.free_names]
    # Eight pulls: 4.5 or more once in 10,000 runs.
    assert np.max(np.abs(popt - exact) / np.sqrt(np.diagonal(pcov))) < 4.5


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"model": 3.0}, InputError, "`model` must be a model, its text or a function"),
        ({"model": pf.models.Gaussian}, InputError, r"call it: .*Gaussian\(\)\."),
        ({"y": None}, InputError, "`y` is missing"),
        ({"y": X[:-1]}, ShapeError, "`y` has 79 samples, but `x` has 80"),
        ({"x": X[:3], "y": X[:3]}, ShapeError, "3 samples cannot determine 5 free"),
        ({"sigma": 0.0}, DomainError, "`sigma` must be finite and above 0"),
        ({"start": {"centre": 1.0}}, InputError, "did you mean 'center'"),
        ({"start": {"center": np.nan}}, DomainError, "must be a finite number"),
        (
            {"start": [1.0, 2.0]},
            InputError,
            "a dict of names .*, but is list; the free",
        ),
        ({"start": X}, InputError, "but is ndarray; the free parameters are amplitude"),
        ({"stop": 3}, InputError, "`stop` must be a pf.Stop, .* but is 3"),
        ({"progress": 3}, InputError, "`progress` must be True .* but is 3"),
        ({"units": "V"}, InputError, "`units` must be a pair of texts.* but is 'V'"),
        ({"labels": ("t",)}, InputError, "`labels` must be a pair of texts"),
        ({"labels": (1, "t")}, InputError, "`labels` must be a pair of texts"),
        ({"units": (b"s", "V")}, InputError, "`units` must be a pair of texts"),
        ({"source": 3}, InputError, "`source` must be a text, .* but is 3"),
        ({"start": {1: 2.0}}, InputError, "`start` names 1, which is no parameter"),
        ({"start": {b"center": 2.0}}, InputError, "did you mean 'center'"),
        ({"method": "adam", "weight_decay": True}, DomainError, "but is True"),
        ({"method": "adam", "weight_decay": 10**400}, DomainError, "must be finite"),
        ({"method": "adam", "scaling": X}, InputError, "`scaling` must be 'curvature'"),
        ({"method": "adam", "stop": 3}, InputError, "`stop` must be a pf.Stop"),
        (
            {"method": "adam", "progress": 3},
            InputError,
            "`progress` must be True for a bar, or a function",
        ),
        (
            {"method": "adam", "learning_rate": date(2026, 1, 1)},
            InputError,
            "`learning_rate` must be a number, or a schedule",
        ),
        ({"dataset": "a/b"}, InputError, "`dataset` 'a/b' is a place in an HDF5"),
        ({"start": {"center": "left"}}, DomainError, "must be a finite number"),
        ({"start": {"sigma": -1.0}}, DomainError, "within its bounds 0.0 to inf"),
        ({"loss": "hubert"}, InputError, "did you mean 'huber'"),
        ({"method": "scipy:lbfgs"}, InputError, "or 'scipy:l-bfgs-b'"),
        ({"loss": "poisson"}, DomainError, r"`poisson` needs y >= 0; y\[0\] = -"),
        ({"loss": "poisson", "sigma": 1.0}, InputError, "leave `sigma` out"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_fit_refuses_in_one_sentence(changes, error, sentence):
    """Bad arguments are named before anything is evaluated."""
    given = {"model": MODEL, "x": X, "y": noisy() - 2.0} | changes
    with pytest.raises(error, match=sentence):
        pf.fit(**given)


@pytest.mark.parametrize(
    ("change", "how"),
    [(pf.fixed(0.0), "it is fixed"), (pf.tie("2 * intercept"), "it is tied to")],
    ids=["fixed", "tied"],
)
def test_a_start_of_what_is_not_free_is_refused(change, how):
    """The sentence says why it is not free."""
    with pytest.raises(InputError, match=how):
        pf.fit(MODEL.where(slope=change), X, noisy(), start={"slope": 1.0})


def test_missing_starts_are_guessed_and_named():
    """What the caller gave stays, the rest is guessed and reported so."""
    result = pf.fit(MODEL, X, noisy(), sigma=0.05, start={"center": 0.3})
    assert "center" not in result.guessed
    assert set(result.guessed) == {"amplitude", "sigma", "slope", "intercept"}
    assert result.start[1] == 0.3
    assert result["amplitude"].value == pytest.approx(3.0, abs=0.1)


def test_a_poisson_fit_starts_where_the_model_is_positive():
    """A guess that dips below zero is mended before counts are fitted."""
    rng = np.random.default_rng(3)
    x = np.linspace(0.0, 10.0, 120)
    y = rng.poisson(1e4 * np.exp(-0.5 * ((x - 3.0) / 0.4) ** 2) + 0.5).astype(float)
    result = pf.fit(Gaussian() + Linear(), x, y, loss="poisson")
    assert result.converged
    assert result["center"].value == pytest.approx(3.0, abs=0.05)


def test_progress_is_told_every_step_and_may_stop_the_fit():
    """The callback sees a falling cost; what it raises ends the fit."""
    seen = []
    pf.fit(MODEL, X, noisy(), start=dict(TRUTH, center=1.0), progress=seen.append)
    assert [entry.n_steps for entry in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].cost <= seen[0].cost

    def stop(_progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pf.fit(MODEL, X, noisy(), start=dict(TRUTH, center=1.0), progress=stop)


def test_progress_does_not_change_the_answer():
    """A fit in rounds of one step is the fit in one call, bit for bit."""
    start = dict(TRUTH, center=1.0)
    plain = pf.fit(MODEL, X, noisy(), start=start)
    told = pf.fit(MODEL, X, noisy(), start=start, progress=lambda _: None)
    np.testing.assert_array_equal(plain.solution.theta, told.solution.theta)
    np.testing.assert_array_equal(plain.covariance, told.covariance)


def test_pandas_columns_bring_their_names_and_units():
    """Series and DataArrays are columns like any other."""
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    frame = pandas.DataFrame({"shift": X, "signal": noisy()})
    array = xarray.DataArray(noisy(), dims="k", name="power", attrs={"units": "mW"})
    named = pf.fit(MODEL, frame["shift"], frame["signal"])
    assert (named.data.x_label, named.data.y_label) == ("shift", "signal")
    united = pf.fit(MODEL, X, array)
    assert (united.data.y_label, united.data.y_unit) == ("power", "mW")
    expected = pf.fit(MODEL, X.tolist(), noisy().tolist())
    for other in (named, united):
        np.testing.assert_array_equal(other.solution.theta, expected.solution.theta)


def test_nothing_free_is_an_evaluation():
    """A model without free parameters gives its chi2 and says so."""
    model = Constant().where(c=pf.fixed(1.0))
    result = pf.fit(model, X, np.full(X.size, 1.5), sigma=0.5)
    assert result.status is pf.Status.NOTHING_FREE
    assert result.chi2 == pytest.approx(X.size)


def test_a_fit_that_does_not_converge_keeps_its_best_point():
    """Not converging is a status; `require` raises with the solution."""
    stop = pf.Stop(max_steps=2)
    result = pf.fit(MODEL, X, noisy(), start=dict(TRUTH, center=2.0), stop=stop)
    assert result.status is pf.Status.MAX_STEPS
    with pytest.raises(ConvergenceError, match="limit of steps") as caught:
        result.require()
    assert caught.value.solution is result.solution


def test_models_travel_to_other_processes():
    """A model is data: pickled, sent, and fitted there to the same bits."""
    assert pickle.loads(pickle.dumps(MODEL)) == MODEL
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        centers = list(pool.map(fit_seed, range(3)))
    assert centers == [fit_seed(seed) for seed in range(3)]


def test_ties_equal_the_substituted_fit():
    """Two Gaussians, amplitude tied to twice the other, sigma shared."""
    rng = np.random.default_rng(12)
    x = np.linspace(0.0, 10.0, 400)
    model = (Gaussian("a_") + Gaussian("b_")).where(
        b_amplitude=pf.tie("2 * a_amplitude"), b_sigma=pf.tie("a_sigma")
    )

    def substituted(x, amplitude, first, sigma, second):
        norm = amplitude / (sigma * np.sqrt(2 * np.pi))
        one = np.exp(-0.5 * ((x - first) / sigma) ** 2)
        return norm * (one + 2 * np.exp(-0.5 * ((x - second) / sigma) ** 2))

    y = substituted(x, 3.0, 3.5, 1.0, 6.0) + 0.02 * rng.normal(size=x.size)
    sigma = np.full(x.size, 0.02)
    p0 = [2.5, 3.3, 1.2, 6.2]
    popt, pcov = pf.curve_fit(model, x, y, p0, sigma, True)
    exact = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
    theirs = scipy.optimize.curve_fit(substituted, x, y, p0, sigma, True, **exact)
    np.testing.assert_allclose(popt, theirs[0], rtol=1e-8)
    # scipy's Jacobian is by differences, good to 1e-7 of a variance.
    scale = np.sqrt(np.outer(np.diag(pcov), np.diag(pcov)))
    np.testing.assert_allclose(pcov / scale, theirs[1] / scale, rtol=0, atol=1e-6)


def test_a_wall_is_flagged_and_has_no_error():
    """Offset bounded at 0 with truth -0.05: at its bound, others as with it fixed."""
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 5.0, 200)
    y = 2.0 * np.exp(-x / 1.3) - 0.05 + 0.02 * rng.normal(size=x.size)
    model = Exponential() + Constant()
    walled = pf.fit(model.where(c=pf.bounds(0.0, None)), x, y, sigma=0.02)
    held = pf.fit(model.where(c=pf.fixed(0.0)), x, y, sigma=0.02)
    assert walled["c"].at_bound == -1
    assert walled["c"].value == 0.0
    assert np.isnan(walled["c"].stderr)
    for name in ("amplitude", "decay"):
        assert walled[name].value == pytest.approx(held[name].value, rel=1e-9)
        assert walled[name].stderr == pytest.approx(held[name].stderr, rel=1e-6)
    assert "lower bound" in walled.report()


def test_a_result_keeps_the_data_it_was_fitted_to():
    """A buffer that is filled again does not change a result that looks at it later."""
    x, y, sigma = X.copy(), noisy(), np.full(X.size, 0.05)
    kept = pf.fit(MODEL, X, noisy(), sigma=np.full(X.size, 0.05), start=TRUTH)
    result = pf.fit(MODEL, x, y, sigma=sigma, start=TRUTH)
    for column in (x, y, sigma):
        column[:] = 7.0
    np.testing.assert_array_equal(result.pulls, kept.pulls)
    np.testing.assert_array_equal(result.data.x, kept.data.x)


def test_fits_in_threads_are_the_fits_one_by_one():
    """Compiled code releases the GIL; no fit sees the memory of another."""
    alone = [fit_seed(seed) for seed in range(40)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(fit_seed, range(40)))
    assert together == alone


def test_a_complex_result_does_not_change_with_the_callers_arrays():
    """Rows of real and imaginary parts are copied like any other column."""
    t = np.linspace(0.0, 2.0, 40)
    model = ComplexRingdown()
    truth = {"amplitude": 2.0, "frequency": 1.5, "rate": 0.4, "phase": 0.3}
    clean = model(t, **truth)
    y = np.stack([clean.real, clean.imag]) + 0.01
    sigma = np.full(y.shape, 0.01)
    result = pf.fit(model, t, y, sigma=sigma, start=truth)
    expected = result.data.y.copy()
    y[:] = sigma[:] = 0.0
    np.testing.assert_array_equal(result.data.y, expected)
    np.testing.assert_array_equal(result.data.sigma, 0.01)


def test_samples_left_out_of_complex_data_are_counted(tmp_path):
    """Real and imaginary part in two rows are one sample; the result can be loaded."""
    t = np.linspace(0.0, 2.0, 40)
    model = ComplexRingdown()
    truth = {"amplitude": 2.0, "frequency": 1.5, "rate": 0.4, "phase": 0.3}
    clean = model(t, **truth)
    y = np.stack([clean.real, clean.imag])
    y[0, 3] = np.nan
    result = pf.fit(model, t, y, start=truth, nan="omit")
    result.save(tmp_path / "ringdown.json")
    assert pf.load_result(tmp_path / "ringdown.json").data.n_left_out == 1


def test_nothing_free_without_a_number_is_no_minimum():
    """Residuals in units of such a sigma have no squares."""
    model = Constant().where(c=pf.fixed(1.0))
    result = pf.fit(model, X, np.full(X.size, 1.5), sigma=1e-300)
    assert result.status is pf.Status.NOT_FINITE_AT_START
