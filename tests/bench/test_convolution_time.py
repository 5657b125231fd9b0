"""Fits with a measured response beside curve_fit and lmfit, in one run.

`pytest tests/bench/test_convolution_time.py --benchmark-enable` prints the medians side
by side. The peers convolve columns on the uniform samples with
`scipy.signal.fftconvolve`, the line evaluated beyond the data as physfit does.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.signal import fftconvolve

import physfit as pf
from physfit.fitting.columns import Columns, observed
from physfit.fitting.fit_plan import plan_of
from physfit.fitting.fit_settings import FitSettings

N, REACH = 1000, 40
STEP = 0.02
X = STEP * (np.arange(N) - 0.5 * N)
WIDE = STEP * (np.arange(-REACH, N + REACH) - 0.5 * N)
U = STEP * np.arange(-REACH, REACH + 1)
R = np.exp(-0.5 * (U / 0.2) ** 2) + 0.3 * np.exp(-0.5 * ((U - 0.3) / 0.1) ** 2)
WEIGHTS = R / R.sum()
TRUTH = (3.0, 0.5, 0.4, 0.01, 0.3)
START = (2.0, 0.3, 0.6, 0.0, 0.0)
SIGMA = 0.02
MODEL = pf.models.Lorentzian() @ pf.response(U, R) + pf.models.Linear()


def seen(x, amplitude, center, gamma, slope, intercept):
    """Lorentzian seen through the response, on a line."""
    line = amplitude / np.pi * gamma / ((WIDE - center) ** 2 + gamma**2)
    return fftconvolve(line, WEIGHTS, mode="valid") + slope * x + intercept


Y = seen(X, *TRUTH) + SIGMA * np.random.default_rng(1).standard_normal(N)


def by_physfit() -> list[float]:
    """Parameters by `pf.fit`, with all that a result holds."""
    start = dict(zip(MODEL.free_names, START, strict=True))
    return pf.fit(MODEL, X, Y, sigma=SIGMA, start=start).solution.theta.tolist()


def by_scipy() -> list[float]:
    """Parameters by curve_fit, which takes differences."""
    wanted = {"sigma": np.full(N, SIGMA), "absolute_sigma": True}
    return curve_fit(seen, X, Y, START, **wanted)[0].tolist()


def by_lmfit() -> list[float]:
    """Parameters by a model of lmfit."""
    lmfit = pytest.importorskip("lmfit")
    model = lmfit.Model(seen)
    named = dict(zip(model.param_names, START, strict=True))
    return list(model.fit(Y, x=X, weights=1.0 / SIGMA, **named).best_values.values())


@pytest.mark.parametrize(
    "way", [by_physfit, by_scipy, by_lmfit], ids=lambda way: way.__name__
)
def test_measured_response(benchmark, way) -> None:
    """All end at the same parameters, within a thousandth of their errors."""
    benchmark.group = (
        "line seen through a measured response, 5 parameters, 1000 samples"
    )
    way()
    found = benchmark(way)
    start = dict(zip(MODEL.free_names, START, strict=True))
    result = pf.fit(MODEL, X, Y, sigma=SIGMA, start=start)
    errors = np.sqrt(np.diagonal(result.covariance))
    assert np.abs((np.array(found) - result.solution.theta) / errors).max() < 1e-3


CURVES = {
    "doniach @ gaussian(r_)": {"alpha": 0.1, "gamma": 0.1, "r_sigma": 0.2},
    "moffat @ gaussian(r_)": {"sigma": 0.3, "beta": 1.5, "r_sigma": 0.2},
    "lorentzian @ response": {"gamma": 0.4},
    "voigt + shirley + constant": {"sigma": 0.4, "gamma": 0.1, "k": 0.05},
    "voigt + tougaard + constant": {"sigma": 0.4, "gamma": 0.1},
}


@pytest.mark.parametrize("text", CURVES)
def test_curve_with_partials(benchmark, text) -> None:
    """A whole curve and its partials, as a step of a fit asks for them."""
    measured = pf.response(U, R) if "response" in text else None
    model = pf.parse_model(text, response=measured)
    values = dict.fromkeys(model.free_names, 1.0) | CURVES[text]
    values = {name: values[name] for name in model.free_names}
    y = model(X, **values)
    columns = Columns(X, np.asarray(y), SIGMA)
    plan = plan_of(*observed(model, columns), FitSettings.of(start=values))
    benchmark.group = "value and partials of a curve of 1000 samples"
    found, partials = benchmark(plan.objective.values_and_partials, plan.theta)
    np.testing.assert_allclose(found[0], y, rtol=1e-9)
    assert np.isfinite(partials).all()
    plan.objective.release()
