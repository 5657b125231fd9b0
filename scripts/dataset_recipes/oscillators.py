"""Simulated free decays: a ring-down, and damped oscillators in two regimes.

The noise comes from PCG64's raw stream, which numpy keeps fixed, through the standard
library's inverse normal distribution; cells are rounded far above the rounding of exp
and cos. So every machine writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .recipe import Recipe, write_table
from .referee import answers, columns, referee

__all__ = ["RECIPES", "uniform_words"]

Array = NDArray[np.float64]


def uniform_words(seed: int, n: int) -> NDArray[np.uint64]:
    """`n` random 64-bit words."""
    return np.asarray(np.random.PCG64(seed).random_raw(n), dtype=np.uint64)


def _normal(seed: int, n: int) -> Array:
    uniform = ((uniform_words(seed, n) >> np.uint64(11)) + 0.5) * 2.0**-53
    quantile = NormalDist().inv_cdf
    return np.array([quantile(float(u)) for u in uniform])


def _ringdown(
    t: Array, amplitude: float, frequency: float, rate: float, phase: float, c: float
) -> Array:
    carrier = np.cos(2.0 * np.pi * frequency * t + phase)
    return amplitude * np.exp(-rate * t) * carrier + c


def _damped(t: Array, x0: float, v0: float, omega0: float, rate: float) -> Array:
    s = np.sqrt(complex(rate * rate - omega0 * omega0))
    slow = np.exp((s - rate) * t)
    fast = np.exp((-s - rate) * t)
    # sinh(s t) / s tends to t where both roots meet.
    sine = t * slow if abs(s) < 1e-7 else (slow - fast) / (2.0 * s)
    return np.real(0.5 * x0 * (slow + fast) + (v0 + rate * x0) * sine)


def _recipe(
    name: str,
    title: str,
    curve: Callable[..., Array],
    model: str,
    *,
    truth: dict[str, float],
    units: tuple[str, ...],
    sigma: float,
    step: float,
    n: int,
    seed: int,
) -> Recipe:
    unit = units[0]
    file = f"{name}.csv"

    def build(raw: Path, out: Path) -> None:
        t = step * np.arange(n)
        y = curve(t, *truth.values()) + sigma * _normal(seed, n)
        comments = {
            "title": title,
            "model": model,
            "truth": ", ".join(f"{key} = {value}" for key, value in truth.items()),
            "seed": seed,
        }
        cells = {
            "time (s)": [f"{value:.4f}" for value in t],
            f"displacement ({unit})": [f"{value:.5f}" for value in y],
            f"error ({unit})": [f"{sigma}"] * n,
        }
        write_table(out / file, comments, cells)

    def fits(out: Path) -> list[dict[str, object]]:
        t, y, error = columns(out / file)
        found = referee(curve, t, y, list(truth.values()), sigma=error)
        expected = {
            key: (value, float(f"{4.0 * e:.3g}"), "truth of the simulation, 4 sigma")
            for (key, value), e in zip(truth.items(), found[1], strict=True)
        }
        return [
            {
                "file": file,
                "x": "time",
                "y": "displacement",
                "sigma": "error",
                "model": model,
                "loss": "chi2",
                "known": answers(list(truth), units, found, expected),
            }
        ]

    return Recipe(
        name=name,
        title=title,
        description=f"{n} samples, normal noise of standard deviation {sigma} {unit}.",
        origin="simulated",
        source="simulated by scripts/make_datasets.py",
        licence="BSD-3-Clause",
        licence_file="../LICENSE",
        files=(file,),
        build=build,
        raw=None,
        fits=fits,
        more={"seed": seed, "truth": truth},
    )


RECIPES = (
    _recipe(
        "ringdown",
        "Ring-down of a resonator",
        _ringdown,
        "ringdown + constant",
        truth={
            "amplitude": 2.5,
            "frequency": 7.3,
            "rate": 0.9,
            "phase": 0.6,
            "c": 0.3,
        },
        units=("um", "1/s", "1/s", "rad", "um"),
        sigma=0.08,
        step=0.004,
        n=1000,
        seed=20260701,
    ),
    _recipe(
        "damped_oscillator",
        "Free decay of an underdamped oscillator",
        _damped,
        "damped_oscillator",
        truth={"x0": 12.0, "v0": -30.0, "omega0": 6.0, "rate": 0.45},
        units=("mm", "mm/s", "1/s", "1/s"),
        sigma=0.25,
        step=0.02,
        n=300,
        seed=20260702,
    ),
    _recipe(
        "critical_oscillator",
        "Free decay at critical damping",
        _damped,
        "damped_oscillator",
        truth={"x0": 10.0, "v0": 25.0, "omega0": 4.0, "rate": 4.0},
        units=("mm", "mm/s", "1/s", "1/s"),
        sigma=0.05,
        step=0.01,
        n=250,
        seed=20260703,
    ),
)
