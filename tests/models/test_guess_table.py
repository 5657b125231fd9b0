"""How often fits without a start end at the best minimum, kind of data by kind.

Signal to noise is 10 and 3: the height of the least peak, or the largest value of a
wave, over the noise. A fit succeeds if its cost is within 1e-6 of the best one of a fit
from the truth, of this fit and of the row's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import physfit as pf

N_FITS = 50
EVEN = np.linspace(0.0, 10.0, 200)
RANDOM = np.sort(np.random.default_rng(11).uniform(0.0, 10.0, 200))
#: Shape of height 1 at its center, by width: area.
AREAS = {"sigma": math.sqrt(2.0 * math.pi), "gamma": math.pi}


class Scenario(NamedTuple):
    """A model, how its parameters are drawn, places, shares that must succeed."""

    text: str
    drawn: Callable[[np.random.Generator], dict[str, float]]
    at_10: float
    at_3: float
    x: np.ndarray = EVEN
    unit: float = 1.0
    #: Whether the noise is told by the largest value.
    is_wave: bool = False


def peak(rng, prefix="", width="sigma", low=1.5, high=8.5, sign=1.0, widest=0.8):
    """A peak of height 1 to 3."""
    size, height = rng.uniform(0.15, widest), sign * rng.uniform(1.0, 3.0)
    return {
        f"{prefix}amplitude": height * size * AREAS[width],
        f"{prefix}center": rng.uniform(low, high),
        f"{prefix}{width}": size,
    }


def peaks(rng, prefixes, signs=None, width="sigma", widest=0.8):
    """Peaks apart from each other, in any order."""
    signs = [1.0] * len(prefixes) if signs is None else signs
    while True:
        drawn = [
            peak(rng, own, width, sign=sign, widest=widest)
            for own, sign in zip(prefixes, signs, strict=True)
        ]
        places = sorted(list(own.values())[1:] for own in drawn)
        pairs = itertools.pairwise(places)
        if all(b[0] - a[0] > 1.3 * (a[1] + b[1]) for a, b in pairs):
            return {name: value for own in drawn for name, value in own.items()}


def voigts(rng, prefixes):
    """Voigt profiles, their heights 1 to 3 to a part in ten."""
    drawn = peaks(rng, prefixes)
    for own in prefixes:
        sigma = drawn[f"{own}sigma"]
        gauss, lorentz = sigma * rng.uniform(0.4, 1.0), sigma * rng.uniform(0.3, 1.0)
        wide = 1.0 + 1.2 * (gauss + lorentz - sigma) / sigma
        drawn[f"{own}amplitude"] *= max(wide, 1.0)
        drawn |= {f"{own}sigma": gauss, f"{own}gamma": lorentz}
    return drawn


def overlapping(rng):
    """Two peaks 1.5 to 2.5 widths apart."""
    one, other = peak(rng, "a_", low=3.0, high=7.0), peak(rng, "b_")
    width = rng.uniform(0.3, 0.8)
    other["b_center"] = one["a_center"] + rng.uniform(1.5, 2.5) * width
    for drawn, name, own in ((one, "a_", 1.0), (other, "b_", rng.uniform(0.7, 1.3))):
        drawn[f"{name}amplitude"] *= own * width / drawn[f"{name}sigma"]
        drawn[f"{name}sigma"] = own * width
    return one | other


def two_shapes(rng):
    """A Lorentzian and a Gaussian, either on the left."""
    left, right = rng.permutation([rng.uniform(2.0, 4.0), rng.uniform(6.0, 8.0)])
    one = peak(rng, "a_", "gamma") | {"a_center": left}
    return one | peak(rng, "b_") | {"b_center": right}


def line(rng):
    return {"slope": rng.uniform(-0.3, 0.3), "intercept": rng.uniform(-2.0, 2.0)}


def constant(rng):
    return {"c": rng.uniform(-2.0, 2.0)}


def ringing(rng, low, high, prefix="", least=0.05, most=0.6):
    """A ring-down with some periods in the data."""
    return {
        f"{prefix}amplitude": rng.uniform(1.0, 3.0),
        f"{prefix}frequency": rng.uniform(low, high) / 10.0,
        f"{prefix}rate": rng.uniform(least, most),
        f"{prefix}phase": rng.uniform(-3.1, 3.1),
    }


def oscillating(rng):
    """An oscillator, under-damped or damped to about the critical."""
    omega = 2.0 * math.pi * rng.uniform(0.3, 2.0)
    damping = rng.choice([rng.uniform(0.01, 0.2), rng.uniform(0.3, 1.5)])
    size = rng.uniform(1.0, 3.0)
    speed = size * omega * rng.uniform(-1.0, 1.0)
    return {"x0": size, "v0": speed, "omega0": omega, "rate": damping * omega}


def edge(rng):
    low = rng.choice([0.0, 9.7])
    return peak(rng, low=low, high=low + 0.3, widest=1.0) | constant(rng)


def over_decay(rng):
    decay = {"e_amplitude": rng.uniform(2.0, 10.0), "e_decay": rng.uniform(1.0, 5.0)}
    return peak(rng) | decay


def steep(rng):
    slope = rng.choice([-1.0, 1.0]) * rng.uniform(1.0, 10.0)
    return peak(rng) | {"slope": slope, "intercept": rng.uniform(-2.0, 2.0)}


GAUSS = "gaussian + constant"
RINGDOWN = "ringdown + constant"
G3 = "gaussian(a_) + gaussian(b_) + gaussian(d_) + linear"
G5 = "gaussian(a_) + gaussian(b_) + gaussian(d_) + gaussian(e_) + gaussian(f_) + linear"
G6 = "gaussian(g_) + " + G5
V3 = "voigt(a_) + voigt(b_) + voigt(d_) + constant"
RINGDOWN_2 = "ringdown(a_) + ringdown(b_) + constant"
SCENARIOS = {
    "a peak": Scenario(GAUSS, lambda r: peak(r) | constant(r), 0.995, 0.99),
    "a dip": Scenario(GAUSS, lambda r: peak(r, sign=-1.0) | constant(r), 0.995, 0.99),
    "a Lorentzian on a line": Scenario(
        "lorentzian + linear", lambda r: peak(r, width="gamma") | line(r), 0.995, 0.99
    ),
    "a steep slope": Scenario("gaussian + linear", steep, 0.995, 0.99),
    "an offset": Scenario(GAUSS, lambda r: peak(r) | {"c": 1e6}, 0.995, 0.99),
    "x in 1e-9": Scenario(
        GAUSS, lambda r: peak(r) | constant(r), 0.995, 0.99, unit=1e-9
    ),
    "x in 1e9": Scenario(GAUSS, lambda r: peak(r) | constant(r), 0.995, 0.99, unit=1e9),
    "uneven x": Scenario(GAUSS, lambda r: peak(r) | constant(r), 0.995, 0.99, x=RANDOM),
    "at the edge": Scenario(GAUSS, edge, 0.99, 0.98),
    "3 Gaussians": Scenario(
        G3, lambda r: peaks(r, ["a_", "b_", "d_"]) | line(r), 0.99, 0.98
    ),
    "5 Gaussians": Scenario(
        G5,
        lambda r: peaks(r, ["a_", "b_", "d_", "e_", "f_"], widest=0.3) | line(r),
        0.99,
        0.98,
    ),
    "3 Voigts": Scenario(
        V3, lambda r: voigts(r, ["a_", "b_", "d_"]) | constant(r), 0.99, 0.98
    ),
    "over a decay": Scenario("gaussian + exponential(e_)", over_decay, 0.98, 0.95),
    "peak and dip": Scenario(
        "gaussian(a_) + gaussian(b_) + constant",
        lambda r: peaks(r, ["a_", "b_"], [1.0, -1.0]) | constant(r),
        0.99,
        0.90,
    ),
    "peaks and dips": Scenario(
        "gaussian(a_) + gaussian(b_) + gaussian(d_) + constant",
        lambda r: peaks(r, ["a_", "b_", "d_"], r.choice([-1.0, 1.0], 3)) | constant(r),
        0.98,
        0.96,
    ),
    "two shapes": Scenario(
        "lorentzian(a_) + gaussian(b_) + constant",
        lambda r: two_shapes(r) | constant(r),
        0.98,
        0.96,
    ),
    "6 Gaussians": Scenario(
        G6,
        lambda r: peaks(r, ["a_", "b_", "d_", "e_", "f_", "g_"], widest=0.25) | line(r),
        0.98,
        0.96,
        x=np.linspace(0.0, 10.0, 400),
    ),
    "overlapping": Scenario(
        "gaussian(a_) + gaussian(b_) + constant",
        lambda r: overlapping(r) | constant(r),
        0.98,
        0.97,
    ),
    "ring-down": Scenario(
        RINGDOWN, lambda r: ringing(r, 4, 30) | constant(r), 0.995, 0.995, is_wave=True
    ),
    "aliased": Scenario(
        RINGDOWN,
        lambda r: ringing(r, 110, 180) | constant(r),
        0.995,
        0.995,
        is_wave=True,
    ),
    "heavily damped": Scenario(
        RINGDOWN,
        lambda r: ringing(r, 3, 10, least=1.0, most=4.0) | constant(r),
        0.995,
        0.97,
        is_wave=True,
    ),
    "2 ring-downs": Scenario(
        RINGDOWN_2,
        lambda r: ringing(r, 4, 14, "a_") | ringing(r, 17, 40, "b_") | constant(r),
        0.995,
        0.98,
        is_wave=True,
    ),
    "above the mean Nyquist rate": Scenario(
        RINGDOWN,
        lambda r: ringing(r, 110, 180) | constant(r),
        0.95,
        0.95,
        x=RANDOM,
        is_wave=True,
    ),
    "far above it": Scenario(
        RINGDOWN,
        lambda r: ringing(r, 10, 400) | constant(r),
        0.95,
        0.95,
        x=RANDOM,
        is_wave=True,
    ),
    "half of the samples": Scenario(
        RINGDOWN,
        lambda r: ringing(r, 5, 95) | constant(r),
        0.95,
        0.95,
        x=EVEN[np.sort(np.random.default_rng(3).choice(200, 100, replace=False))],
        is_wave=True,
    ),
    "oscillator": Scenario(
        "damped_oscillator + constant",
        lambda r: oscillating(r) | constant(r),
        0.97,
        0.95,
        is_wave=True,
    ),
    "oscillator, after the start": Scenario(
        "damped_oscillator + constant",
        lambda r: oscillating(r) | constant(r),
        0.94,
        0.94,
        x=EVEN + 0.5,
        is_wave=True,
    ),
    "rotation, above the mean Nyquist rate": Scenario(
        "complex_ringdown",
        lambda r: ringing(r, -180, 180),
        0.98,
        0.98,
        x=RANDOM,
        is_wave=True,
    ),
    "chain of spins": Scenario(
        "ising_chain_heat",
        lambda r: {"J": r.uniform(0.3, 3.0)},
        0.995,
        0.99,
        x=np.linspace(0.2, 10.0, 200),
        is_wave=True,
    ),
}
IN_X = ("center", "sigma", "gamma", "amplitude")


def in_unit(truth, unit):
    """Parameters of peaks when x is in another unit."""
    return {
        name: value * (unit if name.endswith(IN_X) else 1.0)
        for name, value in truth.items()
    }


@pytest.mark.parametrize("ratio", [10, 3])
@pytest.mark.parametrize("name", SCENARIOS)
def test_fits_without_a_start_end_at_the_minimum(name, ratio):
    """As often as the table demands, less two standard deviations of so few fits."""
    own = SCENARIOS[name]
    model, x = pf.parse_model(own.text), own.x * own.unit
    rng = np.random.default_rng([ratio, *name.encode()])
    truths = [in_unit(own.drawn(rng), own.unit) for _ in range(N_FITS)]
    clean = np.array([model(x, **truth) for truth in truths])
    offsets = np.array([[truth.get("c", 0.0)] for truth in truths])
    heights = np.abs(clean - offsets).max(axis=1) if own.is_wave else np.ones(N_FITS)
    sigma = heights[:, None] / ratio
    noise = rng.normal(size=(*clean.shape, 2)) @ [1.0, 1j * np.iscomplexobj(clean)]
    rows = clean + sigma * (noise if np.iscomplexobj(clean) else noise.real)
    pairs = list(zip(rows, sigma.ravel().tolist(), strict=True))
    single = np.array([pf.fit(model, x, y, sigma=s).chi2 for y, s in pairs])
    many = np.asarray(pf.fit_many(model, x, rows, sigma=sigma).chi2)
    best = [
        pf.fit(model, x, y, sigma=s, start=truth).chi2
        for (y, s), truth in zip(pairs, truths, strict=True)
    ]
    best = np.minimum(np.minimum(single, many), best)
    bar = own.at_10 if ratio == 10 else own.at_3
    slack = 2.0 * math.sqrt(bar * (1.0 - bar) / N_FITS)
    assert np.mean(single - best <= 1e-6 * best) >= bar - slack
    assert np.mean(many - best <= 1e-6 * best) >= bar - slack


def test_scenarios_differ():
    """Draws of one are not all alike."""
    rng = np.random.default_rng(1)
    drawn = [own.drawn(rng) for own in SCENARIOS.values() for _ in range(2)]
    pairs = zip(drawn[::2], drawn[1::2], strict=True)
    assert all(one != other for one, other in pairs)
