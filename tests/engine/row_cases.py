"""Simulated rows of data for the guesses of rows: peaks anywhere, waves of any damping.

x goes from 0 to 10, peaks and waves are 10 high, the noise is 1/200 to 1/5 of that.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import voigt_profile

import physfit as pf
from physfit.models.compiled_guess import compiled_guess, full_starts

SPAN = 10.0
HEIGHT = 10.0


class Rows(NamedTuple):
    """Rows of one model: data, the noise of each, and what they were made with."""

    model: pf.models.Model
    x: np.ndarray
    y: np.ndarray
    sigma: np.ndarray
    truths: list[dict[str, float]]


def guess_row(model, x, y, w=None) -> dict[str, float]:
    """Start values of the free parameters, as a row of any length is guessed."""
    rows = np.atleast_2d(np.ascontiguousarray(y, dtype=float))
    weights = np.ones_like(rows) if w is None else np.atleast_2d(w).astype(float)
    points = np.ascontiguousarray(np.atleast_2d(x), dtype=float)
    full = full_starts(model)
    compiled_guess(model).fill(points, rows, weights, full)
    return {
        own.name: min(max(value, own.lower), own.upper)
        for own, value in zip(model.params, full.tolist(), strict=True)
        if own.is_free
    }


def simulated(text: str, n: int, n_rows: int, *, seed: int, easy: bool = False) -> Rows:
    """Rows of `n` samples on 0 to 10, signal to noise 5 to 200 (easy: 20 to 200)."""
    rng = np.random.default_rng([seed, n, len(text)])
    model = pf.parse_model(text)
    x = np.linspace(0.0, SPAN, n)
    truths = [drawn(text, n, rng, easy) for _ in range(n_rows)]
    ratios = np.exp(rng.uniform(np.log(20.0 if easy else 5.0), np.log(200.0), n_rows))
    clean = np.array([model(x, **truth) for truth in truths])
    sigma = HEIGHT / ratios
    y = clean + sigma[:, None] * rng.normal(size=clean.shape)
    return Rows(model, x, y, sigma, truths)


def drawn(text: str, n: int, rng, easy: bool) -> dict[str, float]:
    """Parameters of one row; peaks of a row have one sign and do not coincide."""
    values = drawn_background(rng) | drawn_wave(rng) | drawn_motion(rng)
    terms = [term.strip() for term in text.split("+")]
    peaks = [term for term in terms if "sigma" in names_of(term) or "lor" in term]
    sign = rng.choice([-1.0, 1.0])
    for term, center in zip(peaks, drawn_centers(len(peaks), rng, easy), strict=True):
        values |= drawn_peak(term, center, sign, n, rng, len(peaks))
    decays = [term for term in terms if "exponential" in term]
    values |= drawn_decays(decays, n, rng)
    names = pf.parse_model(text).names
    if "ringdown" in text or "oscillator" in text:
        values |= {"amplitude": HEIGHT}
    return {name: values[name] for name in names}


def names_of(term: str) -> str:
    return " ".join(pf.parse_model(term).names)


def drawn_background(rng) -> dict[str, float]:
    return {
        "c": rng.uniform(-20.0, 20.0),
        "slope": rng.uniform(-3.0, 3.0),
        "intercept": rng.uniform(-20.0, 20.0),
        "a": rng.uniform(-0.3, 0.3),
        "b": rng.uniform(-3.0, 3.0),
    }


def drawn_wave(rng) -> dict[str, float]:
    """1.5 to 40 periods, falling to 1/e over ten times the data or in two periods."""
    periods = math.exp(rng.uniform(math.log(1.5), math.log(40.0)))
    damping = math.exp(rng.uniform(math.log(0.1), math.log(periods / 2.0)))
    frequency, rate = periods / SPAN, damping / SPAN
    return {"frequency": frequency, "rate": rate, "phase": rng.uniform(-3.1, 3.1)}


def drawn_motion(rng) -> dict[str, float]:
    """The same for an oscillator, whose rate is that of the wave."""
    periods = math.exp(rng.uniform(math.log(1.5), math.log(40.0)))
    omega = 2.0 * math.pi * periods / SPAN
    angle = rng.uniform(0.0, 2.0 * math.pi)
    x0, v0 = HEIGHT * math.cos(angle), HEIGHT * omega * math.sin(angle)
    return {"x0": x0, "v0": v0, "omega0": omega}


def drawn_decays(terms: list[str], n: int, rng) -> dict[str, float]:
    """Constants from 2 sample spacings to the range, each a multiple of the last."""
    values: dict[str, float] = {}
    fastest, slowest = (
        math.log(2.0 * SPAN / (n - 1)),
        math.log(SPAN / max(len(terms), 1)),
    )
    constant = math.exp(rng.uniform(fastest, slowest))
    for term in terms:
        prefix = term.partition("(")[2].rstrip(")")
        size = HEIGHT * (1.0 if len(terms) == 1 else rng.uniform(0.3, 1.0))
        values[f"{prefix}amplitude"] = rng.choice([-1.0, 1.0]) * size
        values[f"{prefix}decay"] = constant
        constant *= rng.uniform(2.5, 6.0)
    return values


def drawn_centers(count: int, rng, easy: bool) -> np.ndarray:
    """Anywhere, the easy ones not at the very ends; one in each part of the range."""
    if count == 1:
        return rng.uniform(0.1 * easy, 1.0 - 0.1 * easy, 1) * SPAN
    return (np.arange(count) + rng.uniform(0.1, 0.9, count)) * SPAN / count


def drawn_peak(
    term: str, center: float, sign: float, n: int, rng, count: int
) -> dict[str, float]:
    """Width from 2 sample spacings to a fifth of the range (of its part of it)."""
    kind, _, rest = term.partition("(")
    prefix = rest.rstrip(")")
    width = math.exp(rng.uniform(math.log(2.0 * SPAN / (n - 1)), math.log(2.0 / count)))
    height = sign * HEIGHT * (1.0 if count == 1 else rng.uniform(0.3, 1.0))
    fraction = rng.uniform(0.05, 0.95)
    mixed = (1.0 - fraction) * math.sqrt(math.log(2.0) / math.pi) + fraction / math.pi
    sigma, gamma = width, width
    if kind == "voigt":
        sigma, gamma = width * rng.uniform(0.2, 1.0), width * rng.uniform(0.1, 0.8)
    unit_height = {
        "gaussian": 1.0 / (width * math.sqrt(2.0 * math.pi)),
        "lorentzian": 1.0 / (width * math.pi),
        "voigt": voigt_profile(0.0, sigma, gamma),
        "pseudo_voigt": mixed / width,
    }[kind]
    own = {"amplitude": height / unit_height, "center": center, "fraction": fraction}
    own |= {"sigma": sigma, "gamma": gamma}
    return {prefix + name: value for name, value in own.items()}


def is_same_minimum(rows: Rows, k: int, start: dict[str, float] | None) -> bool:
    """Whether the fit of row `k` ends as low from `start` as from the truth."""
    if start is None:
        return False
    best = chi2_from(rows, k, rows.truths[k])
    return chi2_from(rows, k, start) <= best + 1e-6 * best + 1e-3


def chi2_from(rows: Rows, k: int, start: dict[str, float]) -> float:
    sigma = np.full(len(rows.x), rows.sigma[k])
    return pf.fit(rows.model, rows.x, rows.y[k], sigma=sigma, start=start).chi2


def share(rows: Rows, guess) -> float:
    """Part of the rows whose fit from `guess(k)` ends at the minimum of the truth."""
    return float(
        np.mean([is_same_minimum(rows, k, guess(k)) for k in range(len(rows.y))])
    )
