"""Fits of many rows beside a loop over scipy's curve_fit, in one run.

`pytest tests/bench --benchmark-enable` prints a group for each workload. Both take the
same rows, physfit many and the loop few; `fits_per_second` in the extra columns and the
ratio are what to compare. Starts lie within 10 % of the truth, or physfit guesses its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import curve_fit

import physfit as pf

#: Rows when timed, and when the file runs as a plain test.
TIMED, PLAIN = 100_000, 400
#: Rows of the loop.
FEW = 40


class Rows(NamedTuple):
    """A model, rows of data, start values, and the model as scipy takes it."""

    name: str
    model: pf.Model
    x: np.ndarray
    truth: dict[str, tuple[float, float]]
    sigma: float
    loss: str = "chi2"
    is_guessed: bool = False


def plane() -> np.ndarray:
    axes = np.meshgrid(np.arange(15.0), np.arange(15.0))
    return np.array([own.ravel() for own in axes])


PEAK = {"amplitude": (600.0, 1800.0), "center": (24.0, 40.0), "sigma": (3.0, 7.0)}
SPOT = {
    "amplitude": (9000.0, 16000.0),
    "centerx": (6.3, 7.7),
    "centery": (6.3, 7.7),
    "sigma": (1.6, 2.4),
    "c": (9.0, 11.0),
}
CASES = (
    Rows(
        "gaussian + constant, 64",
        pf.parse_model("gaussian + constant"),
        np.arange(64.0),
        {**PEAK, "c": (5.0, 15.0)},
        5.0,
    ),
    Rows(
        "spot 15 x 15",
        pf.parse_model("gaussian_2d_isotropic + constant"),
        plane(),
        SPOT,
        17.0,
    ),
    Rows(
        "spot 15 x 15, counts",
        pf.parse_model("gaussian_2d_isotropic + constant"),
        plane(),
        SPOT,
        17.0,
        "poisson",
    ),
    Rows(
        "voigt + constant, 200",
        pf.parse_model("voigt + constant"),
        np.linspace(-10.0, 10.0, 200),
        {
            "amplitude": (50.0, 150.0),
            "center": (-1.0, 1.0),
            "sigma": (0.6, 1.2),
            "gamma": (0.4, 1.0),
            "c": (1.0, 3.0),
        },
        0.3,
    ),
    Rows(
        "ring-down + constant, 500",
        pf.parse_model("ringdown + constant"),
        np.linspace(0.0, 10.0, 500),
        {
            "amplitude": (1.0, 3.0),
            "frequency": (0.64, 0.95),
            "rate": (0.1, 0.5),
            "phase": (-0.5, 0.5),
            "c": (0.1, 0.2),
        },
        0.05,
    ),
    Rows(
        "complex resonator, 200",
        pf.models.ResonatorNotch(),
        np.linspace(4.99, 5.01, 200),
        {
            "amplitude": (1.5, 2.5),
            "alpha": (0.2, 0.6),
            "delay": (10.0, 30.0),
            "f0": (4.998, 5.002),
            "Q": (1500.0, 3000.0),
            "Qc": (3000.0, 5000.0),
            "phi": (0.1, 0.4),
        },
        0.05,
        is_guessed=True,
    ),
)
each = pytest.mark.parametrize("rows", CASES, ids=lambda rows: rows.name)


def drawn(rows: Rows, n: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Data of `n` rows, and starts within 10 % of the truth."""
    rng = np.random.default_rng(7)
    truth = {name: rng.uniform(*ends, n) for name, ends in rows.truth.items()}
    is_complex = rows.model.n_outputs == 2
    y = np.empty((n, rows.x.shape[-1]), complex if is_complex else float)
    names = rows.model.names
    for k in range(n):
        values = {name: float(truth[name][k]) for name in names}
        y[k] = rows.model(rows.x, **values)
    if rows.loss == "poisson":
        y = rng.poisson(y).astype(float)
    else:
        y += rows.sigma * rng.normal(size=y.shape)
        y += 1j * rows.sigma * rng.normal(size=y.shape) if is_complex else 0.0
    spread = {"frequency": 0.015, "f0": 2e-5}
    starts = {
        name: own * (1.0 + spread.get(name, 0.1) * rng.uniform(-1.0, 1.0, n))
        for name, own in truth.items()
    }
    return y, starts


@each
def test_fit_many(benchmark, rows: Rows) -> None:
    """All rows converge; errors, statuses and bounds are part of the work."""
    n = TIMED if benchmark.enabled else PLAIN
    y, starts = drawn(rows, n)
    sigma = None if rows.loss == "poisson" else rows.sigma
    starts = {} if rows.is_guessed else starts

    def fits() -> pf.ManyResult:
        return pf.fit_many(
            rows.model, rows.x, y, sigma=sigma, start=starts, loss=rows.loss
        )

    fits()
    benchmark.group = rows.name
    many = benchmark.pedantic(fits, rounds=7)
    if benchmark.enabled:
        rate = n / benchmark.stats.stats.median
        benchmark.extra_info["fits_per_second"] = round(rate)
    assert many.converged.mean() > 0.999
    assert many.reduced_chi2.mean() == pytest.approx(1.0, abs=0.1)


def flat(y: np.ndarray) -> np.ndarray:
    """Real parts, then imaginary ones."""
    return np.concatenate([y.real, y.imag]) if np.iscomplexobj(y) else y


def curve_of(rows: Rows) -> Callable[..., np.ndarray]:
    """The model as a function of x and positional parameters."""
    names = rows.model.names

    def curve(x: np.ndarray, *values: float) -> np.ndarray:
        return flat(rows.model(x, **dict(zip(names, values, strict=True))))

    return curve


@each
def test_curve_fit(benchmark, rows: Rows) -> None:
    """scipy in a loop ends at the same parameters."""
    if rows.loss == "poisson":
        pytest.skip("curve_fit has no likelihood of counts")
    y, starts = drawn(rows, FEW)
    curve, names = curve_of(rows), rows.model.names
    sigma = np.full(flat(y[0]).size, rows.sigma)

    def loop() -> np.ndarray:
        found = [
            curve_fit(
                curve,
                rows.x,
                flat(y[k]),
                [starts[name][k] for name in names],
                sigma=sigma,
                absolute_sigma=True,
            )[0]
            for k in range(FEW)
        ]
        return np.array(found)

    benchmark.group = rows.name
    found = benchmark.pedantic(loop, rounds=3)
    if benchmark.enabled:
        rate = FEW / benchmark.stats.stats.median
        benchmark.extra_info["fits_per_second"] = round(rate)
    many = pf.fit_many(rows.model, rows.x, y, sigma=rows.sigma, start=starts)
    pulls = (many.table.theta - found) / many.stderr
    assert np.abs(pulls).max() < 1e-2
