"""Fits by equations of motion beside curve_fit with solve_ivp, in one run.

`pytest tests/bench/test_motion_time.py --benchmark-enable` prints the medians side by
side. Both integrate to a relative tolerance of 1e-8; curve_fit takes differences, and
so it is given the method of the same order, which is its fastest here.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import curve_fit

import physfit as pf

T = np.linspace(0.0, 10.0, 1000)
RTOL, SIGMA = 1e-8, 0.01
TRUTH = (3.0, 0.05, 1.5, 0.2)
START = (3.02, 0.06, 1.45, 0.1)


def rhs(t, state, omega0, gamma):
    """Pendulum with friction."""
    theta, v = state
    return v, -(omega0**2) * np.sin(theta) - 2.0 * gamma * v


MODEL = pf.ode(rhs, ["theta", "v"], rtol=RTOL)
Y = MODEL(T, **dict(zip(MODEL.names, TRUTH, strict=True)))
Y = Y + SIGMA * np.random.default_rng(1).standard_normal(T.size)
ERRORS = np.full(T.size, SIGMA)


def by_physfit() -> np.ndarray:
    """Parameters by `pf.fit`, with all that a result holds."""
    start = dict(zip(MODEL.names, START, strict=True))
    return pf.fit(MODEL, T, Y, sigma=ERRORS, start=start).solution.theta


def integrated(t, omega0, gamma, theta0, v0):
    """The curve by scipy."""
    span, start = (0.0, t[-1]), (theta0, v0)
    tolerances = {"rtol": RTOL, "atol": RTOL, "method": "DOP853"}
    found = solve_ivp(rhs, span, start, t_eval=t, args=(omega0, gamma), **tolerances)
    return found.y[0]


def by_scipy() -> np.ndarray:
    """Parameters by curve_fit."""
    wanted = {"sigma": ERRORS, "absolute_sigma": True}
    return curve_fit(integrated, T, Y, START, **wanted)[0]


@pytest.mark.parametrize("way", [by_physfit, by_scipy], ids=lambda way: way.__name__)
def test_pendulum(benchmark, way) -> None:
    """Both end at the same parameters, within their errors."""
    benchmark.group = "pendulum by its equation of motion, 4 parameters, 1000 samples"
    way()
    found = benchmark(way)
    start = dict(zip(MODEL.names, START, strict=True))
    stderr = np.sqrt(
        np.diagonal(pf.fit(MODEL, T, Y, sigma=ERRORS, start=start).covariance)
    )
    assert np.abs((found - by_physfit()) / stderr).max() < 1e-2
