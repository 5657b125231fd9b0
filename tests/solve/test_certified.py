"""Levenberg-Marquardt against certified answers, from both starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from certified_problems import PROBLEMS, load
from scipy import optimize

import physfit as pf

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
CASES = [
    pytest.param(name, start, id=f"{name}-start{start + 1}")
    for name in PROBLEMS
    for start in (0, 1)
]
#: Residuals of Lanczos1 are of 1e-13 on values near 1, a few hundred roundings of the
#: data: values come out, its errors and its status are below double precision.
ROUNDING_ONLY = ("Lanczos1",)


def digits(found: np.ndarray, certified: np.ndarray) -> float:
    """Significant digits of the worst value; 11 are certified."""
    worst = float(np.max(np.abs(found / certified - 1.0)))
    return 11.0 if worst == 0.0 else -np.log10(worst)


@pytest.mark.parametrize(("name", "start"), CASES)
def test_certified_values(name: str, start: int) -> None:
    """The certified parameters are reached from both of NIST's starts."""
    problem, record = PROBLEMS[name], load(name, DATASETS)
    result = pf.fit(problem.model, record.x, record.y, start=record.starts[start])
    b, _ = problem.certified_terms(
        result.solution.theta, result.covariance, record.certified
    )
    assert result.converged or name in ROUNDING_ONLY
    assert digits(b, record.certified) >= 9.0


@pytest.mark.parametrize(
    ("name", "start"), [case for case in CASES if case.values[0] not in ROUNDING_ONLY]
)
def test_certified_errors(name: str, start: int) -> None:
    """Standard errors, mapped to NIST's parameters, have 6 certified digits."""
    problem, record = PROBLEMS[name], load(name, DATASETS)
    result = pf.fit(problem.model, record.x, record.y, start=record.starts[start])
    _, stderr = problem.certified_terms(
        result.solution.theta, result.covariance, record.certified
    )
    assert digits(stderr, record.stderr) >= 6.0
    assert result.chi2 == pytest.approx(record.residual_sum, rel=1e-9)


def two_peaks() -> tuple[np.ndarray, np.ndarray]:
    """Two Gaussians of one width, one of twice the other's area, with noise."""
    x = np.linspace(-4.0, 6.0, 250)
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_")
    curve = model(
        x,
        a_amplitude=3.0,
        a_center=0.0,
        a_sigma=0.7,
        b_amplitude=6.0,
        b_center=2.1,
        b_sigma=0.7,
    )
    noise = np.random.default_rng(8).standard_normal(x.size)
    return x, np.asarray(curve) + 0.05 * noise


def test_ties_equal_the_substituted_fit() -> None:
    """Tied parameters give the values and errors of the model with them put in."""
    x, y = two_peaks()
    model = (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
        b_amplitude=pf.tie("2 * a_amplitude"), b_sigma=pf.tie("a_sigma")
    )
    start = {"a_amplitude": 2.5, "a_center": 0.2, "a_sigma": 0.9, "b_center": 2.3}
    result = pf.fit(model, x, y, sigma=0.05, start=start)

    def residuals(p: np.ndarray) -> np.ndarray:
        area, left, sigma, right = p
        peaks = np.exp(-0.5 * ((x - left) / sigma) ** 2)
        peaks += 2.0 * np.exp(-0.5 * ((x - right) / sigma) ** 2)
        return (area / (sigma * np.sqrt(2.0 * np.pi)) * peaks - y) / 0.05

    def jacobian(p: np.ndarray) -> np.ndarray:
        area, left, sigma, right = p
        unit = 1.0 / (0.05 * sigma * np.sqrt(2.0 * np.pi))
        u, v = (x - left) / sigma, (x - right) / sigma
        first, second = np.exp(-0.5 * u**2), 2.0 * np.exp(-0.5 * v**2)
        by_sigma = first * (u**2 - 1.0) + second * (v**2 - 1.0)
        columns = (first + second, area * first * u / sigma)
        columns += (area * by_sigma / sigma, area * second * v / sigma)
        return unit * np.stack(columns, axis=1)

    peer = optimize.least_squares(
        residuals,
        list(start.values()),
        jac=jacobian,
        method="lm",
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    covariance = np.linalg.inv(peer.jac.T @ peer.jac)
    # Both stop where the cost no longer resolves a step: some 1e-8 of an error.
    np.testing.assert_allclose(result.solution.theta, peer.x, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        np.sqrt(np.diagonal(result.covariance)),
        np.sqrt(np.diagonal(covariance)),
        rtol=1e-8,
    )
    assert result["b_amplitude"].stderr == pytest.approx(
        2.0 * result["a_amplitude"].stderr, rel=1e-12
    )
    assert result["b_sigma"].value == result["a_sigma"].value
