"""Guesses by compiled code: in the basin of the truth, finite on anything."""

from __future__ import annotations

import math
import weakref
from typing import NamedTuple

import numpy as np
import pytest
from row_cases import guess_row, share, simulated

import physfit as pf
from physfit.engine import jit
from physfit.models.compiled_guess import compiled_guess, full_starts

SEED = 11
N_ROWS = 500


class Case(NamedTuple):
    """A model, samples of a row, and a share of rows that is guessed right.

    It is what a slower guess by numpy, 100 times the work, reached on the same rows.
    """

    text: str
    n: int
    reached: float


PEAKS = [
    Case("gaussian + constant", 64, 0.92),
    Case("gaussian + linear", 64, 0.906),
    Case("gaussian", 64, 0.994),
    Case("lorentzian + linear", 100, 0.96),
    Case("voigt + constant", 200, 0.95),
    Case("pseudo_voigt + quadratic", 200, 0.974),
    Case("gaussian(a_) + gaussian(b_) + constant", 200, 0.998),
    Case("lorentzian(a_) + lorentzian(b_) + linear", 200, 1.0),
]
WAVES = [
    Case("ringdown + constant", 500, 1.0),
    Case("ringdown + linear", 300, 1.0),
    Case("ringdown", 128, 1.0),
    Case("damped_oscillator + constant", 500, 1.0),
    Case("damped_oscillator + quadratic", 200, 1.0),
]
DECAYS = [
    Case("exponential + constant", 64, 1.0),
    Case("exponential", 100, 1.0),
    Case("exponential + linear", 200, 1.0),
    Case("exponential(a_) + exponential(b_) + constant", 200, 0.998),
]
CASES = PEAKS + WAVES + DECAYS
EASY = [
    ("gaussian + constant", 64),
    ("gaussian + linear", 64),
    ("ringdown + constant", 200),
]


def compiled_share(text, n, easy=False):
    rows = simulated(text, n, N_ROWS, seed=SEED, easy=easy)

    def compiled(k):
        return guess_row(rows.model, rows.x, rows.y[k], np.full(n, 1.0 / rows.sigma[k]))

    return share(rows, compiled)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.text}, {case.n}")
def test_fits_end_at_the_minimum_of_the_truth(case):
    """The guess lands in the basin as often as was once reached, less 1 %."""
    assert compiled_share(case.text, case.n) >= case.reached - 0.01


@pytest.mark.parametrize(("text", "n"), EASY)
def test_easy_rows_are_guessed_right(text, n):
    """With little noise and a simple model 98 % of the fits find the minimum."""
    assert compiled_share(text, n, easy=True) >= 0.98


ODD_ROWS = {
    "zeros": np.zeros(40),
    "constant": np.full(40, 3.5),
    "noise": np.random.default_rng(2).normal(size=40),
    "one spike": np.eye(40)[7] * 1e6,
    "a step": np.repeat([0.0, 1.0], 20),
    "few samples": np.array([1.0, 2.0, 0.5, 1.5, 1.0]),
    "two samples": np.array([1.0, 3.0]),
    "one sample": np.array([2.0]),
    "tiny": 1e-30 * np.random.default_rng(3).normal(size=40),
}
MODELS = [case.text for case in CASES]


@pytest.mark.parametrize("row", ODD_ROWS.values(), ids=ODD_ROWS)
@pytest.mark.parametrize("text", MODELS)
def test_any_row_gives_finite_values_of_its_own_scale(text, row):
    """No row gives NaN, no width is 0 or beyond some ranges of x."""
    model = pf.parse_model(text)
    x = np.linspace(2.0, 3.0, len(row))
    found = guess_row(model, x, row)
    widths = [found[k] for k in found if k.endswith(("sigma", "gamma"))]
    assert np.isfinite(list(found.values())).all()
    assert all(0.0 < own <= 5.0 for own in widths)


@pytest.mark.parametrize("text", MODELS)
def test_the_order_of_the_samples_does_not_matter(text):
    """Rising, falling and shuffled samples give the same values."""
    rows = simulated(text, 64, 1, seed=5, easy=True)
    x, y = rows.x, rows.y[0]
    shuffled = np.random.default_rng(1).permutation(len(x))
    expected = pytest.approx(guess_row(rows.model, x, y), rel=1e-9)
    assert guess_row(rows.model, x[::-1], y[::-1]) == expected
    assert guess_row(rows.model, x[shuffled], y[shuffled]) == expected


@pytest.mark.parametrize("text", MODELS)
@pytest.mark.parametrize(("x_unit", "y_unit"), [(1e-9, 1e6), (1e9, 1e-6)])
def test_units_do_not_matter(text, x_unit, y_unit):
    """Other units of x and y give the same curve, in these units."""
    rows = simulated(text, 64, 1, seed=6, easy=True)
    curve = rows.model(rows.x, **guess_row(rows.model, rows.x, rows.y[0]))
    x, y = x_unit * rows.x, y_unit * rows.y[0]
    other = rows.model(x, **guess_row(rows.model, x, y))
    scale = np.ptp(curve)
    np.testing.assert_allclose(other / y_unit, curve, rtol=0.0, atol=1e-6 * scale)


def test_given_values_stay_and_guide():
    """A peak with a known center takes what is there, others take the rest."""
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_") + pf.models.Constant()
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 2.0, "a_center": 2.0, "a_sigma": 0.3, "c": 1.0}
    values |= {"b_amplitude": 9.0, "b_center": 7.0, "b_sigma": 0.4}
    y = model(x, **values)
    found = guess_row(model.where(b_center=2.1, c=pf.fixed(1.0)), x, y)
    assert found["b_center"] == 2.1
    assert found["b_sigma"] == pytest.approx(0.3, rel=0.3)
    assert found["a_center"] == pytest.approx(7.0, abs=0.1)


def test_bounds_of_a_center_guide():
    """Each peak is looked for between the bounds of its center."""
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_")
    bounded = model.where(a_center=pf.bounds(6, 8), b_center=pf.bounds(1, 3))
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 2.0, "a_center": 7.0, "a_sigma": 0.4}
    values |= {"b_amplitude": 3.0, "b_center": 2.0, "b_sigma": 0.3}
    found = guess_row(bounded, x, bounded(x, **values))
    assert found["a_center"] == pytest.approx(7.0, abs=0.1)
    assert found["b_center"] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(("lower", "upper"), [(0.0, None), (None, 0.0)])
def test_bounds_of_an_amplitude_choose_the_sign(lower, upper):
    """Of a peak up and a stronger one down the one with the allowed sign is taken."""
    model = pf.models.Gaussian().where(amplitude=pf.bounds(lower, upper))
    x = np.linspace(0.0, 10.0, 200)
    y = np.exp(-((x - 3.0) ** 2) / 0.2) - 1.2 * np.exp(-((x - 7.0) ** 2) / 0.2)
    center = guess_row(model, x, y)["center"]
    assert center == pytest.approx(3.0 if upper is None else 7.0, abs=0.2)


def test_unbounded_peaks_are_named_from_left_to_right():
    """As by the guess in Python."""
    model = pf.models.Lorentzian("a_") + pf.models.Lorentzian("b_")
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 1.0, "a_center": 2.0, "a_gamma": 0.2}
    values |= {"b_amplitude": 5.0, "b_center": 7.0, "b_gamma": 0.2}
    found = guess_row(model, x, model(x, **values))
    assert found["a_center"] < found["b_center"]


@pytest.mark.parametrize(("left", "right"), [(3.0, 7.0), (7.0, 3.0)])
def test_peaks_of_different_shapes_are_told_by_their_shapes(left, right):
    """Which of them is on the left is not given by their order."""
    model = pf.models.Lorentzian("a_") + pf.models.Gaussian("b_") + pf.models.Constant()
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 2.0, "a_center": left, "a_gamma": 0.5, "c": 1.0}
    values |= {"b_amplitude": 2.0, "b_center": right, "b_sigma": 0.5}
    found = guess_row(model, x, model(x, **values))
    assert found["a_center"] == pytest.approx(left, abs=0.1)
    assert found["b_center"] == pytest.approx(right, abs=0.1)


@pytest.mark.parametrize(("center", "amplitude"), [(5.2, 1.0), (5.44, 4.0)])
def test_overlapping_peaks_move_together(center, amplitude):
    """Their guess is at the minimum, not where each alone no longer moves."""
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_") + pf.models.Constant()
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 2.0, "a_center": 4.0, "a_sigma": 0.6, "c": 1.0}
    values |= {"b_amplitude": amplitude, "b_center": center, "b_sigma": 0.5}
    found = guess_row(model, x, model(x, **values))
    assert found == pytest.approx(values, rel=0.01)


@pytest.mark.parametrize(
    "text", ["gaussian + exponential(e_)", "exponential(e_) + gaussian"]
)
def test_a_decay_below_a_peak_stands_in_any_place(text):
    """The order of the terms of a sum does not matter."""
    model, x = pf.parse_model(text), np.linspace(0.0, 10.0, 200)
    truth = {"amplitude": 5.0, "center": 6.0, "sigma": 0.4}
    truth |= {"e_amplitude": 5.0, "e_decay": 2.0}
    assert guess_row(model, x, model(x, **truth)) == pytest.approx(truth, rel=0.1)


@pytest.mark.parametrize("text", ["ringdown + constant", "damped_oscillator"])
@pytest.mark.parametrize("start", [-30.0, 3.0, 100.0])
def test_time_may_begin_anywhere(text, start):
    """Amplitude and phase are those at t = 0, wherever the data begin."""
    rows = simulated(text, 200, 1, seed=9, easy=True)
    x = rows.x + start
    here = rows.model(rows.x, **guess_row(rows.model, rows.x, rows.y[0]))
    there = rows.model(x, **guess_row(rows.model, x, rows.y[0]))
    np.testing.assert_allclose(there, here, rtol=0.0, atol=0.01)


def test_waves_are_guessed_from_uneven_samples():
    """A ring-down sampled at random times is found as well."""
    rng = np.random.default_rng(10)
    x = np.sort(rng.uniform(0.0, 10.0, 300))
    model = pf.parse_model("ringdown + constant")
    truth = {"amplitude": 3.0, "frequency": 2.3, "rate": 0.3, "phase": 1.0, "c": 2.0}
    found = guess_row(model, x, model(x, **truth) + 0.1 * rng.normal(size=300))
    assert found == pytest.approx(truth, rel=0.2)


@pytest.mark.parametrize(
    ("kind", "lower", "upper", "frequency"),
    [
        ("Ringdown", 16.0, 17.0, 16.5),
        ("Ringdown", 5.0, 30.0, 16.5),
        ("Ringdown", 16.0, None, 28.0),
        ("Ringdown", 5.0, None, 7.0),
        ("ComplexRingdown", 3.0, None, 22.0),
        ("ComplexRingdown", None, -3.0, -22.0),
        ("ComplexRingdown", 30.0, 60.0, 45.0),
        ("ComplexRingdown", 2.0, None, 9.0),
    ],
)
def test_a_frequency_above_half_the_rate_of_samples_is_found_within_bounds(
    kind, lower, upper, frequency
):
    """Which of the frequencies that look alike it is, the bounds say, or the lowest."""
    model = getattr(pf.models, kind)().where(frequency=pf.bounds(lower, upper))
    x, rng = np.linspace(0.0, 10.0, 200), np.random.default_rng(0)
    truth = {"amplitude": 2.0, "frequency": frequency, "rate": 0.2, "phase": 0.5}
    y = model(x, **truth) + 0.1 * rng.normal(size=200)
    fitted = pf.fit(model, x, y)["frequency"].value
    assert fitted == pytest.approx(truth["frequency"], abs=0.01)


def test_slow_motion_is_not_looked_for_outside_of_the_bounds():
    """A bounded frequency is that of the weaker of two motions."""
    model = pf.models.Ringdown().where(frequency=pf.bounds(1.5, 2.5))
    x = np.linspace(0.0, 10.0, 200)
    slow = {"amplitude": 3.0, "frequency": 0.15, "rate": 0.5, "phase": 0.0}
    weak = {"amplitude": 1.0, "frequency": 2.0, "rate": 0.1, "phase": 1.0}
    y = pf.models.Ringdown()(x, **slow) + model(x, **weak)
    found = guess_row(model, x, y)
    assert found["frequency"] == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("rate", [2.0, 5.0])
def test_overdamped_motion_is_guessed(rate):
    """An oscillator without any period, from displacement and velocity."""
    rng = np.random.default_rng(12)
    model = pf.models.DampedOscillator()
    x = np.linspace(0.0, 10.0, 300)
    truth = {"x0": 1.0, "v0": 6.0, "omega0": 1.5, "rate": rate}
    y = model(x, **truth) + 0.002 * rng.normal(size=300)
    start = guess_row(model, x, y)
    best = pf.fit(model, x, y, start=truth).chi2
    assert pf.fit(model, x, y, start=start).chi2 == pytest.approx(best, rel=1e-6)


def test_a_phase_is_turned_into_its_bounds():
    """A phase below its bounds is one turn higher."""
    model = pf.models.Ringdown().where(phase=pf.bounds(0.0, 6.3), rate=pf.fixed(0.1))
    x = np.linspace(0.0, 10.0, 200)
    y = model(x, amplitude=1.0, frequency=1.0, phase=5.0)
    assert guess_row(model, x, y)["phase"] == pytest.approx(5.0, abs=0.1)


def test_the_first_of_several_decays_is_the_fastest():
    """As by the guess in Python."""
    model = pf.models.Exponential("a_") + pf.models.Exponential("b_")
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 1.0, "a_decay": 0.5, "b_amplitude": 2.0, "b_decay": 6.0}
    found = guess_row(model, x, model(x, **values))
    assert found["a_decay"] == pytest.approx(0.5, rel=0.6)
    assert found["b_decay"] == pytest.approx(6.0, rel=0.6)


def test_a_given_decay_stays_and_the_other_is_found():
    """A known constant is a column like the background."""
    model = pf.models.Exponential("a_") + pf.models.Exponential("b_")
    x = np.linspace(0.0, 10.0, 200)
    values = {"a_amplitude": 1.0, "a_decay": 6.0, "b_amplitude": 2.0, "b_decay": 0.5}
    found = guess_row(model.where(a_decay=6.0), x, model(x, **values))
    assert found == pytest.approx(values, rel=0.1)


def test_a_decay_that_must_be_negative_grows():
    """Bounds below 0 make it exp(+x / |decay|)."""
    model = pf.models.Exponential().where(decay=pf.bounds(None, 0.0))
    x = np.linspace(0.0, 10.0, 100)
    found = guess_row(model, x, model(x, amplitude=0.1, decay=-2.0))
    assert found == pytest.approx({"amplitude": 0.1, "decay": -2.0}, rel=0.3)


def test_samples_without_weight_do_not_count():
    """Outliers of huge errors leave the guess where it is."""
    rows = simulated("gaussian + constant", 64, 1, seed=8, easy=True)
    y, w = rows.y[0].copy(), np.ones(64)
    y[[3, 50]], w[[3, 50]] = 1e4, 1e-9
    found = guess_row(rows.model, rows.x, y, w)
    expected = guess_row(rows.model, rows.x, rows.y[0])
    assert found["center"] == pytest.approx(expected["center"], abs=0.5)


@pytest.mark.parametrize(
    "model",
    [
        pf.models.Gaussian("a_") * pf.models.Gaussian("b_"),
        pf.models.Ringdown("a_") + pf.models.Gaussian(),
        pf.models.IsingChainHeat(),
        pf.models.IsingEnergy(4),
    ],
    ids=lambda model: model.expression,
)
def test_what_is_not_covered_has_no_compiled_guess(model):
    """The caller then spreads points."""
    assert compiled_guess(model) is None


def test_polynomials_are_least_squares():
    """Without any peak the values are those of the fit."""
    x = np.linspace(1e3, 1e3 + 1.0, 30)
    y = 3.0 * (x - 1e3) ** 2 + np.random.default_rng(4).normal(size=30)
    found = guess_row(pf.models.Quadratic(), x, y)
    curve = pf.models.Quadratic()(x, **found)
    expected = np.polynomial.Polynomial.fit(x, y, 2)(x)
    np.testing.assert_allclose(curve, expected, rtol=0.0, atol=1e-6)


def test_simulated_rows_differ():
    """The draws of the cases are not all alike."""
    rows = simulated("voigt + constant", 64, 20, seed=1)
    assert len({truth["center"] for truth in rows.truths}) == 20
    assert math.isclose(rows.sigma.max() / rows.sigma.min(), 30.0, rel_tol=0.9)


def test_a_plan_outlives_the_guess_that_reads_it(monkeypatch):
    """Two threads may make the plan of a model at once; the first is then replaced."""
    model = pf.parse_model("gaussian + constant")
    guess = compiled_guess(model)
    row = np.linspace(0.0, 1.0, 50)[None]
    plan, alive = weakref.ref(guess.plan), []

    class Forgetting:
        @staticmethod
        def call(*_: object) -> None:
            del vars(guess)["plan"]
            alive.append(plan() is not None)

    monkeypatch.setattr(jit, "compiled", lambda _: Forgetting)
    guess.fill(row, row, np.ones_like(row), full_starts(model))
    assert alive == [True]
