"""Start values that lead beside the minimum they were meant for."""

from __future__ import annotations

import math

import numpy as np
import pytest

import physfit as pf
from physfit.fitting.columns import Columns, observed
from physfit.fitting.fit_plan import plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.nearby import is_noise

T = np.linspace(0.3, 5.0, 100)
MODEL = pf.models.IsingSquareHeat()
TRUTH = {"J": 1.0}


def heat(seed: int) -> np.ndarray:
    """A specific heat with noise of 0.05; its peak makes a barrier of each sample."""
    noise = np.random.default_rng(seed).normal(size=T.size)
    return np.asarray(MODEL(T, **TRUTH)) + 0.05 * noise


def peaks(x: np.ndarray, seed: int) -> np.ndarray:
    """A small peak at 3, one ten times as high at 7."""
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_")
    curve = model(
        x,
        **{"a_amplitude": 1.0, "a_center": 3.0, "a_sigma": 0.3},
        **{"b_amplitude": 10.0, "b_center": 7.0, "b_sigma": 0.3},
    )
    return np.asarray(curve) + 0.02 * np.random.default_rng(seed).normal(size=x.size)


@pytest.mark.parametrize("sigma", [0.05, None])
@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_start_that_is_off_by_a_half_leads_to_the_minimum(
    factor: float, sigma: float | None
) -> None:
    """Levenberg-Marquardt alone ends in one beside it."""
    for seed in range(3):
        y = heat(seed)
        result = pf.fit(MODEL, T, y, sigma=sigma, start={"J": factor})
        best = pf.fit(MODEL, T, y, sigma=sigma, start=TRUTH)
        assert result.chi2 == pytest.approx(best.chi2, rel=1e-9)
        assert result.nearest_chi2 > 2.0 * best.chi2
        assert any("beside this one" in text for text in result.warnings)
        assert math.isnan(best.nearest_chi2)


def test_a_start_far_away_is_left_to_its_user() -> None:
    """What lies beyond the neighbourhood is not taken."""
    result = pf.fit(MODEL, T, heat(0), sigma=0.05, start={"J": 3.0})
    assert math.isnan(result.nearest_chi2)
    assert result["J"].value > 1.2


def test_who_asks_for_the_small_peak_gets_it() -> None:
    """The high one beside it leaves residuals that are no noise, and a lower chi2."""
    x = np.linspace(0.0, 10.0, 200)
    model = pf.models.Gaussian() + pf.models.Constant()
    start = {"amplitude": 1.0, "center": 3.1, "sigma": 0.25, "c": 0.0}
    for sigma in (0.02, None):
        result = pf.fit(model, x, peaks(x, 1), sigma=sigma, start=start)
        assert result["center"].value == pytest.approx(3.0, abs=0.3)
        assert math.isnan(result.nearest_chi2)


def test_a_small_peak_close_to_a_high_one_is_left_to_its_user() -> None:
    """Three widths of a start that is too wide reach to the other peak."""
    x = np.linspace(0.0, 10.0, 200)
    peak = pf.models.Gaussian()
    high = peak(x, amplitude=10.0, center=3.88, sigma=0.4)
    low = peak(x, amplitude=7.0, center=6.07, sigma=0.48)
    y = 1.0 + high + low + 0.3 * np.random.default_rng(0).normal(size=x.size)
    start = {"amplitude": 6.8, "center": 6.6, "sigma": 0.72, "c": 1.5}
    model = peak + pf.models.Constant()
    result = pf.fit(model, x, y, sigma=0.3, start=start)
    assert math.isnan(result.nearest_chi2)
    assert result["center"].value > 5.5


@pytest.mark.parametrize("sigma", [0.03, None])
def test_who_asks_for_the_weak_one_of_two_modes_gets_it(sigma: float | None) -> None:
    """The strong one leaves the weak one, which is no noise."""
    t = np.linspace(0.0, 10.0, 300)
    model = pf.models.Ringdown()
    weak = {"amplitude": 0.4, "frequency": 1.57, "rate": 0.1, "phase": 0.3}
    strong = {"amplitude": 1.0, "frequency": 2.61, "rate": 0.2, "phase": -1.0}
    y = model(t, **weak) + model(t, **strong)
    y = y + 0.03 * np.random.default_rng(1).normal(size=t.size)
    result = pf.fit(model, t, y, sigma=sigma, start=weak)
    assert result["frequency"].value == pytest.approx(1.57, abs=0.1)
    assert math.isnan(result.nearest_chi2)


def test_a_peak_of_fixed_width_is_not_taken_from_afar() -> None:
    """Three widths are its neighbourhood, not a factor of its place."""
    x = np.linspace(0.0, 10.0, 200)
    model = pf.models.Gaussian().where(sigma=pf.fixed(0.3))
    y = model(x, amplitude=5.0, center=7.0)
    y = y + 0.05 * np.random.default_rng(2).normal(size=x.size)
    start = {"amplitude": 5.0, "center": 3.0}
    result = pf.fit(model, x, y, sigma=0.05, start=start)
    assert math.isnan(result.nearest_chi2)


def test_outliers_do_not_keep_a_robust_fit_from_the_minimum() -> None:
    """They are no sign that there is more in the data than the model."""
    y = heat(0)
    y[::19] += 3.0
    args = {"sigma": 0.05, "loss": "huber"}
    result = pf.fit(MODEL, T, y, start={"J": 1.5}, **args)
    best = pf.fit(MODEL, T, y, start=TRUTH, **args)
    assert result.chi2 == pytest.approx(best.chi2, rel=1e-9)
    assert result.nearest_chi2 > best.chi2


def test_a_start_that_nobody_gave_is_not_guessed_twice() -> None:
    """A guess alone, and a start drawn at random, are what they are."""
    for start in (None, "random"):
        result = pf.fit(MODEL, T, heat(0) + T, sigma=0.05, start=start)
        assert math.isnan(result.nearest_chi2)


def test_noise_is_told_from_residuals_of_a_wrong_minimum() -> None:
    """White noise passes in all of 200 cases, a wave that is left in none."""
    model = pf.models.Linear()
    x = np.linspace(0.0, 1.0, 60)
    start = {"slope": 0.0, "intercept": 0.0}
    for seed in range(200):
        noise = np.random.default_rng(seed).normal(size=x.size)
        for y, expected in ((noise, True), (noise + 3.0 * np.sin(9.0 * x), False)):
            plan = plan_of(*observed(model, Columns(x, y)), FitSettings.of(start=start))
            result = pf.fit(model, x, y)
            assert is_noise(plan, result.solution) is expected


@pytest.mark.parametrize("level", [1.0, 4.0])
def test_noise_of_few_counts_is_noise(level: float) -> None:
    """Their deviance is larger than chi2, by far more than its width if many."""
    model = pf.models.Linear()
    x = np.linspace(-1.0, 1.0, 4000)
    start = {"slope": 0.0, "intercept": level}
    for seed in range(5):
        random = np.random.default_rng(seed)
        for wave, expected in ((0.0, True), (0.9, False)):
            y = random.poisson(level * (1.0 + wave * np.sin(9.0 * x)))
            _, data = observed(model, Columns(x, y))
            plan = plan_of(model, data, FitSettings.of(start=start, loss="poisson"))
            result = pf.fit(model, x, y, loss="poisson")
            assert is_noise(plan, result.solution) is expected


def test_the_sentence_survives_a_file(tmp_path) -> None:
    """What was passed by is part of a saved result."""
    result = pf.fit(MODEL, T, heat(0), sigma=0.05, start={"J": 1.5})
    assert not math.isnan(result.nearest_chi2)
    result.save(tmp_path / "fit.json")
    loaded = pf.load_result(tmp_path / "fit.json")
    assert loaded.nearest_chi2 == result.nearest_chi2
    assert loaded.warnings == result.warnings
