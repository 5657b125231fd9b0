"""Fits by one call of compiled code: the numbers of the long way, or no answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.fitting import at_once, single
from physfit.fitting.at_once import fitted_at_once
from physfit.fitting.columns import Columns
from physfit.fitting.fit_settings import FitSettings
from physfit.models.as_model import as_model
from physfit.models.loss import as_loss
from physfit.solve.curve import MOST_SAMPLES, CurveFits
from physfit.solve.least_squares import levenberg_marquardt

X = np.linspace(0.0, 10.0, 120)
NOISE = 0.05
#: Models with the truth, and starts near it.
CASES: list[tuple[Any, list[float], list[float]]] = [
    (pf.models.Gaussian() + pf.models.Linear(), [3, 5, 0.8, 0.1, 1], [2, 4.6, 1, 0, 1]),
    (pf.models.Voigt(), [4.0, 5.0, 0.4, 0.3], [3.0, 5.2, 0.5, 0.5]),
    (pf.models.Exponential() + pf.models.Constant(), [3, 2, 1], [2, 3, 0.5]),
    (
        (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
            a_sigma=pf.fixed(0.8), b_sigma=pf.tie("a_sigma")
        ),
        [3, 4, 2, 7],
        [2.5, 4.2, 2.5, 6.8],
    ),
    (lambda x, a, k, c: a * np.sin(k * x) + c, [2, 1.3, 0.5], [1.5, 1.35, 0.0]),
    ("a * x**2 + b / (1 + x)", [0.1, 3.0], [1.0, 1.0]),
]


def curve(number: int) -> tuple[pf.Model, np.ndarray, dict[str, float]]:
    """Model, noisy data and starts of a case; a function has been fitted before."""
    model, truth, start = CASES[number]
    model = as_model(model)
    values = dict(zip(model.free_names, map(float, truth), strict=True))
    y = model(X, **values) + NOISE * np.random.default_rng(number).normal(size=X.size)
    starts = dict(zip(model.free_names, map(float, start), strict=True))
    pf.fit(model, X, y, start=starts)
    return model, y, starts


def long_way(monkeypatch: pytest.MonkeyPatch, *args: Any, **named: Any) -> pf.FitResult:
    """The same fit by all the steps of `single`."""
    with monkeypatch.context() as patched:
        patched.setattr(single, "fitted_at_once", lambda *_: None)
        return pf.fit(*args, **named)


@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("sigma", [None, NOISE, np.full(X.size, NOISE)])
def test_the_numbers_are_those_of_the_long_way(
    number: int, sigma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, y, start = curve(number)
    columns = Columns(X, y, sigma)
    assert fitted_at_once(model, columns, start, "chi2") is not None
    quick = pf.fit(model, X, y, sigma=sigma, start=start)
    slow = long_way(monkeypatch, model, X, y, sigma=sigma, start=start)
    for name in quick.solution._fields[:-1]:
        one, other = getattr(quick.solution, name), getattr(slow.solution, name)
        assert np.array_equal(one, other, equal_nan=True), name
    for name in quick.data._fields:
        one, other = getattr(quick.data, name), getattr(slow.data, name)
        assert np.array_equal(one, other), name
    same = ("loss", "method", "guessed", "retry_stage", "scale", "run", "model")
    assert all(getattr(quick, name) == getattr(slow, name) for name in same)
    assert (quick.start == slow.start).all()
    assert quick.report().splitlines()[1:4] == slow.report().splitlines()[1:4]


@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("given", [0, 1])
def test_guessed_starts_are_those_of_the_long_way(
    number: int, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, y, start = curve(number)
    start = dict(list(start.items())[:given])
    quick = pf.fit(model, X, y, sigma=NOISE, start=start)
    slow = long_way(monkeypatch, model, X, y, sigma=NOISE, start=start)
    assert quick.guessed == slow.guessed == model.free_names[given:]
    for name in ("theta", "cost", "status", "covariance", "n_evals"):
        one, other = getattr(quick.solution, name), getattr(slow.solution, name)
        assert np.array_equal(one, other), name
    assert (quick.start == slow.start).all()


@pytest.mark.parametrize("loss", ["huber:1.5", "soft_l1", "cauchy"])
def test_robust_losses_with_sigma_take_one_call(
    loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, y, start = curve(0)
    assert fitted_at_once(model, Columns(X, y, NOISE), start, loss) is not None
    assert fitted_at_once(model, Columns(X, y, None), start, loss) is None
    quick = pf.fit(model, X, y, sigma=NOISE, start=start, loss=loss)
    slow = long_way(monkeypatch, model, X, y, sigma=NOISE, start=start, loss=loss)
    assert (quick.solution.theta == slow.solution.theta).all()
    assert quick.solution.cost == slow.solution.cost


def changed(y: np.ndarray, at: int, value: float) -> np.ndarray:
    """Copy of data with one other sample."""
    copy = y.copy()
    copy[at] = value
    return copy


def test_what_is_not_plain_goes_the_long_way() -> None:
    model, y, start = curve(0)
    frozen = y.copy()
    frozen.flags.writeable = False
    sigma = np.full(X.size, NOISE)
    others: list[tuple[Columns, Any]] = [
        (Columns(X, changed(y, 3, np.nan), NOISE), start),
        (Columns(changed(X, 3, np.inf), y, NOISE), start),
        (Columns(X, y, changed(sigma, 5, 0.0)), start),
        (Columns(X, y, changed(sigma, 5, np.nan)), start),
        (Columns(X, y, 0.0), start),
        (Columns(X, y, np.nan), start),
        (Columns(X, y, 1), start),
        (Columns(X[:4], y[:4], NOISE), start),
        (Columns(X[:-1], y, NOISE), start),
        (Columns(X, y.astype(np.float32), NOISE), start),
        (Columns(X, y.tolist(), NOISE), start),
        (Columns(X, frozen, NOISE), start),
        (Columns(X, np.repeat(y, 2)[::2], NOISE), start),
        (Columns(X, y, NOISE, "omit"), start),
        (Columns(X, y, NOISE, x_range=(2.0, None)), start),
        (Columns(X, y, NOISE), {**start, "center": np.nan}),
        (Columns(X, y, NOISE), {**start, "center": 5}),
        (Columns(X, y, NOISE), {**start, "sigma": -1.0}),
        (Columns(X, y, NOISE), {**start, "wrong": 1.0}),
        (Columns(X[:4], y[:4], NOISE), None),
        (Columns(X, y, NOISE), "random"),
    ]
    for columns, given in others:
        assert fitted_at_once(model, columns, given, "chi2") is None, columns


@pytest.mark.parametrize("sigma", [NOISE, None])
@pytest.mark.parametrize("center", [5.3, 8.5])
def test_residuals_that_are_no_noise_are_looked_at_further(
    sigma: float | None, center: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line through a peak, and a start from which a fit ends beside the peak."""
    _, y, _ = curve(0)
    y = y + 0.5 * np.sin(3.0 * X)
    start = {"amplitude": 2.0, "center": center, "sigma": 1.0}
    for model, given in [
        (pf.models.Linear(), {"slope": 0.0, "intercept": 1.0}),
        (pf.models.Gaussian() + pf.models.Linear(), start),
        (pf.models.Gaussian("a_") + pf.models.Linear(), {"a_center": center}),
    ]:
        quick = fitted_at_once(model, Columns(X, y, sigma), given, "chi2")
        assert quick is not None
        slow = long_way(monkeypatch, model, X, y, sigma=sigma, start=given)
        assert np.array_equal(quick.nearest_chi2, slow.nearest_chi2, equal_nan=True)
        for name in quick.solution._fields[:-1]:
            one, other = getattr(quick.solution, name), getattr(slow.solution, name)
            assert np.array_equal(one, other), name


def test_a_lower_minimum_nearby_is_that_of_the_long_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a specific heat, whose peak makes a barrier of each sample."""
    heat, x = pf.models.IsingSquareHeat(), np.linspace(0.3, 5.0, 100)
    y = heat(x, J=1.0) + NOISE * np.random.default_rng(0).normal(size=x.size)
    quick = fitted_at_once(heat, Columns(x, y, NOISE), {"J": 1.5}, "chi2")
    slow = long_way(monkeypatch, heat, x, y, sigma=NOISE, start={"J": 1.5})
    assert quick is not None
    assert quick.nearest_chi2 == slow.nearest_chi2 > 2.0 * quick.chi2
    assert quick.chi2 == slow.chi2
    assert quick["J"].value == slow["J"].value
    assert quick.solution.n_evals == slow.solution.n_evals
    assert (quick.start == [1.5]).all()


def test_what_is_fitted_elsewhere_is_guessed_there_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A guess takes as long as the fit; more samples than one call takes, as well."""
    model, y, _ = curve(0)
    many = np.linspace(0.0, 10.0, MOST_SAMPLES + 1)
    calls: list[int] = []
    guess = at_once.start_values
    monkeypatch.setattr(
        at_once, "start_values", lambda *args: calls.append(1) or guess(*args)
    )
    for x, own, sigma in [
        (X.astype(np.float32), y, NOISE),
        (X, np.repeat(y, 2)[::2], NOISE),
        (X, y, np.float32(NOISE)),
        (many, np.interp(many, X, y), NOISE),
    ]:
        assert fitted_at_once(model, Columns(x, own, sigma), None, "chi2") is None
    assert not calls
    assert fitted_at_once(model, Columns(X, y, NOISE), None, "chi2") is not None
    assert calls


def test_a_fit_without_digits_is_finished_elsewhere() -> None:
    """A line far away from x = 0 leaves normal equations without any."""
    line, x = pf.models.Linear(), 1e9 + X
    y = 2.0 * X + 1.0 + NOISE * np.random.default_rng(3).normal(size=X.size)
    assert fitted_at_once(line, Columns(x, y, NOISE), None, "chi2") is None
    assert pf.fit(line, x, y, sigma=NOISE)["slope"].value == pytest.approx(
        2.0, abs=0.02
    )


def test_models_that_need_more_go_the_long_way() -> None:
    model, y, start = curve(0)
    counts = np.round(20.0 * np.abs(y))
    assert fitted_at_once(model, Columns(X, counts), start, "poisson") is None
    held = model.where(**{name: pf.fixed(value) for name, value in start.items()})
    assert fitted_at_once(held, Columns(X, y), None, "chi2") is None
    own = pf.model(lambda t, a: a * np.exp(-t))
    assert fitted_at_once(own, Columns(X, y), {"a": 1.0}, "chi2") is None


def test_a_decay_far_from_zero_is_refused_as_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decay, start = pf.models.Exponential(), {"amplitude": 1.0, "decay": 2.0}
    y = 2.0 * np.exp(-X / 2.0)
    y += NOISE * np.random.default_rng(0).normal(size=X.size)
    with pytest.raises(InputError, match="decay times from x = 0") as quick:
        pf.fit(decay, 3600.0 + X, y, start=start)
    with pytest.raises(InputError) as slow:
        long_way(monkeypatch, decay, 3600.0 + X, y, start=start)
    assert str(quick.value) == str(slow.value)
    assert fitted_at_once(decay, Columns(0.1 + X, y), start, "chi2") is not None


def test_the_result_keeps_its_own_data() -> None:
    model, y, start = curve(0)
    x, sigma = X.copy(), np.full(X.size, NOISE)
    result = pf.fit(model, x, y, sigma=sigma, start=start)
    before = result.chi2
    for own in (x, y, sigma):
        own[:] = 1.0
    assert (result.data.x[0] == X).all()
    assert result.chi2 == before
    assert np.isclose(2.0 * result.solution.cost, before)


def test_threads_and_other_sizes_do_not_meet() -> None:
    """Memory is used again: by one fit at a time, and for more samples than before."""
    model, y, start = curve(0)
    values = [start[name] for name in model.free_names]
    fits = CurveFits(model, as_loss("chi2"))

    def ended(n: int) -> np.ndarray:
        found = fits.fit(X[-n:].copy(), y[-n:].copy(), NOISE, values)
        assert found is not None
        return found.solution.theta

    def expected(n: int) -> np.ndarray:
        data = single.observed(model, Columns(X[-n:], y[-n:], NOISE))[1]
        ready = pf.fitting.plan_of(model, data, FitSettings.of(start=start))
        return levenberg_marquardt(ready.objective, ready.theta, *ready.limits).theta

    sizes = [100, 120, 110, 120, 105, 118] * 20
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ended, sizes))
    for n, theta in zip(sizes, found, strict=True):
        assert (theta == expected(n)).all()
