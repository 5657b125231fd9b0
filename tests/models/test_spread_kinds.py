"""Fits of formulas and functions without start values, by kind."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

import physfit as pf

N_SEEDS = 4
#: Costs of a minimum agree to this, which is what fits are ended by.
SAME = 1e-6


class Kind(NamedTuple):
    """A formula, its range of x, and between what its parameters are drawn."""

    text: str
    x: tuple[float, float]
    ranges: dict[str, tuple[float, float]]


PEAK = {"a": (2.0, 5.0), "m": (3.0, 7.0), "s": (0.3, 1.2), "c": (-1.0, 1.0)}
WAVE = {"a": (1.0, 5.0), "f": (0.4, 1.6), "p": (-3.0, 3.0), "c": (-2.0, 2.0)}
DECAYS = {"a": (1.0, 5.0), "u": (0.3, 0.7), "b": (1.0, 5.0), "v": (2.0, 5.0)}
KINDS = {
    "peak": Kind("a*exp(-((x - m)/s)**2) + c", (0.0, 10.0), PEAK),
    "line": Kind("a*s**2/((x - m)**2 + s**2) + c", (0.0, 10.0), PEAK),
    "edge": Kind("a*erf((x - m)/s) + c", (0.0, 10.0), PEAK),
    "logistic": Kind("a/(1 + exp(-(x - m)/s)) + c", (0.0, 10.0), PEAK),
    "decays": Kind("a*exp(-x/u) + b*exp(-x/v)", (0.0, 10.0), DECAYS),
    "wave": Kind("a*sin(2*pi*f*x + p) + c", (0.0, 10.0), WAVE),
    "chirp": Kind(
        "a*sin(2*pi*(f*x + r*x**2) + p) + c", (0.0, 10.0), {**WAVE, "r": (0.02, 0.1)}
    ),
    "damped": Kind(
        "a*exp(-k*x)*cos(2*pi*f*x + p) + c", (0.0, 10.0), {**WAVE, "k": (0.1, 0.6)}
    ),
    "saturation": Kind(
        "v*x/(k + x) + c", (0.0, 20.0), {"v": (1, 5), "k": (0.5, 9), "c": (-0.3, 0.3)}
    ),
    "pole": Kind(
        "q/(x - t) + c",
        (100.0, 300.0),
        {"q": (50.0, 500.0), "t": (-60.0, 60.0), "c": (-0.1, 0.1)},
    ),
    "squares": Kind(
        "s/sqrt((w**2 - x**2)**2 + (g*x)**2)",
        (0.2, 5.0),
        {"s": (1.0, 5.0), "w": (1.0, 4.0), "g": (0.1, 1.0)},
    ),
    "heat": Kind(
        "a*(u/x)**2*exp(u/x)/(exp(u/x) - 1)**2",
        (10.0, 300.0),
        {"a": (1.0, 5.0), "u": (80.0, 400.0)},
    ),
}


def drawn(kind: Kind, seed: int) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Samples, data and truth of a kind, x and y in units of their own."""
    rng = np.random.default_rng(seed)
    x = np.linspace(*kind.x, int(rng.integers(60, 300)))
    truth = {name: rng.uniform(*limits) for name, limits in kind.ranges.items()}
    y = pf.formula(kind.text, x="x")(x, **truth)
    return x, y + np.ptp(y) / 20.0 * rng.normal(size=x.size), truth


@pytest.mark.parametrize("seed", range(N_SEEDS))
@pytest.mark.parametrize("name", KINDS)
def test_fits_without_starts_end_where_fits_from_the_truth_do(name, seed):
    """Whatever the kind of formula; at the same or a lower cost."""
    kind = KINDS[name]
    x, y, truth = drawn(kind, seed)
    model = pf.formula(kind.text, x="x")
    best = pf.fit(model, x, y, start=truth)
    found = pf.fit(model, x, y)
    assert found.chi2 <= best.chi2 * (1.0 + SAME)
    signs = {own for own, (low, _) in kind.ranges.items() if low > 0.0}
    assert all(found[own].value > 0.0 for own in signs)
    assert all(abs(found[own].value) <= 3.2 for own in {"p"} & set(kind.ranges))


@pytest.mark.parametrize("unit", [1e-9, 1e9])
@pytest.mark.parametrize("name", ["peak", "damped", "saturation", "decays"])
def test_units_of_data_do_not_matter(name, unit):
    """Times and values in any units, counted from anywhere where that is the same."""
    kind = KINDS[name]
    x, y, _ = drawn(kind, 1)
    model = pf.formula(kind.text, x="x")
    one, other = pf.fit(model, x, y), pf.fit(model, x * unit, y / unit)
    assert other.chi2 * unit**2 == pytest.approx(one.chi2, rel=1e-6)


def test_more_peaks_than_one_round_finds_are_found():
    """Further rounds look for those that are missing where residuals are large."""
    text = " + ".join(f"a{k}*exp(-((x - m{k})/s{k})**2)" for k in range(4)) + " + c"
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 20.0, 300)
    truth = {"c": 0.5}
    for k in range(4):
        truth |= {f"a{k}": rng.uniform(1.0, 5.0), f"m{k}": 2.5 + 5.0 * k}
        truth |= {f"s{k}": rng.uniform(0.3, 0.9)}
    model = pf.formula(text, x="x")
    y = model(x, **truth) + 0.1 * rng.normal(size=x.size)
    found, best = pf.fit(model, x, y), pf.fit(model, x, y, start=truth)
    assert found.chi2 <= best.chi2 * (1.0 + SAME)


def test_two_waves_of_a_product_are_found_by_their_sums():
    """Their frequencies stand nowhere in the spectrum, but as sum and difference."""
    model = pf.formula("a*cos(2*pi*f*x + p)*cos(2*pi*d*x)", x="x")
    rng = np.random.default_rng(2)
    x = np.linspace(0.0, 10.0, 200)
    truth = {"a": 2.0, "f": 1.2, "p": 1.0, "d": 0.21}
    y = model(x, **truth) + 0.1 * rng.normal(size=x.size)
    assert pf.fit(model, x, y, sigma=0.1).reduced_chi2 < 1.3


def test_sizes_of_resonances_are_found():
    """The size of a complex number has no slope by its amplitude where that is 0."""

    def size(f, f0, loaded, coupling, a, p):
        pull = loaded / coupling * np.exp(1j * p)
        return abs(a * (1.0 - pull / (1.0 + 2j * loaded * (f - f0) / f0)))

    rng = np.random.default_rng(5)
    f = np.linspace(4.99, 5.01, 300)
    truth = (5.001, 6000.0, 15000.0, 0.8, 0.3)
    y = size(f, *truth) + 0.01 * rng.normal(size=f.size)
    assert pf.fit(size, f, y, sigma=0.01).reduced_chi2 < 1.3


def test_complex_resonances_are_found():
    """With the phase of the cable, which is solved for with the gain."""

    def reflected(w, w0, total, outer, a, p):
        return a * np.exp(1j * p) * (1.0 - outer / (0.5 * total + 1j * (w - w0)))

    rng = np.random.default_rng(6)
    w = np.linspace(-10.0, 10.0, 200)
    noise = rng.normal(size=w.size) + 1j * rng.normal(size=w.size)
    z = reflected(w, 1.3, 2.0, 0.7, 2.5, 2.0) + 0.05 * noise
    found = pf.fit(reflected, w, z, sigma=0.05)
    assert found.reduced_chi2 < 1.3
    assert found["a"].value > 0.0
    assert abs(found["p"].value) < math.pi + 0.1


def test_rows_of_functions_find_their_own_starts():
    """Each row by itself, in further rounds where one is not enough."""

    def ringing(t, a, tau, f, p, c):
        return a * np.exp(-t / tau) * np.cos(2.0 * np.pi * f * t + p) + c

    rng = np.random.default_rng(3)
    t, n = np.linspace(0.0, 10.0, 150), 200
    lows, highs = (1.0, 2.0, 0.3, -3.0, -1.0), (5.0, 8.0, 1.6, 3.0, 1.0)
    truths = rng.uniform(lows, highs, (n, 5))
    y = np.array([ringing(t, *own) for own in truths])
    y += 0.1 * rng.normal(size=y.shape)
    many = pf.fit_many(ringing, t, y, sigma=0.1, retry=False)
    assert (many.reduced_chi2 < 1.5).mean() > 0.99
    assert (many["f"].value > 0.0).all()
    assert (many["a"].value > 0.0).all()
    assert (np.abs(many["p"].value) <= math.pi + 0.1).all()


def test_a_search_does_the_same_work_for_the_same_data():
    """No clock decides: the same start to the last bit."""
    kind = KINDS["damped"]
    x, y, _ = drawn(kind, 3)
    y = np.sign(y)  # which the model does not describe
    model = pf.formula(kind.text, x="x")
    assert model.guess(x, y) == model.guess(x, y)
