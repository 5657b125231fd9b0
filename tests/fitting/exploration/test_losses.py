"""Explorations of counts, complex data and robust losses."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.fitting import fit
from physfit.fitting.exploration.many_starts import multistart
from physfit.fitting.exploration.rates import find_rate
from physfit.fitting.exploration.surface import landscape
from physfit.fitting.exploration.sweeps import sweep
from physfit.models import ComplexRingdown, Constant, Gaussian, Model

X = np.linspace(0.0, 10.0, 120)
PEAK = Gaussian() + Constant()
RANDOM = np.random.default_rng(3)
COUNTS = RANDOM.poisson(PEAK(X, amplitude=200.0, center=5.0, sigma=0.8, c=4.0)).astype(
    float
)
TURNS = {"amplitude": 2.0, "frequency": 0.6, "rate": 0.2, "phase": 0.3}
COMPLEX = ComplexRingdown()(X, **TURNS) + RANDOM.normal(0.0, 0.05, (2, X.size)).T @ [
    1.0,
    1.0j,
]
CASES: dict[str, tuple[Model, np.ndarray, dict[str, object]]] = {
    "counts": (PEAK, COUNTS, {"loss": "poisson"}),
    "complex": (ComplexRingdown(), COMPLEX, {"sigma": 0.05}),
    "robust": (PEAK, COUNTS, {"loss": "huber:1.5", "sigma": 5.0}),
}


@pytest.fixture(params=CASES, ids=str)
def case(request):
    """Model, data and how they are fitted."""
    return CASES[request.param]


def test_the_deepest_minimum_is_the_fit(case):
    """From thirty starts the answer of `fit` is found, or a deeper one."""
    model, y, how = case
    found = multistart(model, X, y, n_starts=30, seed=1, **how)
    cost = fit(model, X, y, **how).solution.cost
    # Fits stop at a gain of 1e-12 of the cost.
    assert found.best.cost <= cost * (1.0 + 1e-9)
    assert found.noise == 1.0


def test_heights_are_twice_the_cost(case):
    """Zero at the fit, nowhere below."""
    model, y, how = case
    found = landscape(model, X, y, over=model.free_names[:2], points=5, **how)
    assert np.nanmin(found.delta_chi2) >= -1e-3
    assert found.delta_chi2[2, 2] == pytest.approx(0.0, abs=1e-6)
    assert found.delta_chi2[0, 0] > 1.0


def test_a_rate_is_found_and_works(case):
    """The suggested rate is among the good ones of a sweep."""
    model, y, how = case
    start = {
        name: 1.1 * value for name, value in fit(model, X, y, **how).values.items()
    }
    test = find_rate(model, X, y, start=start, method="adam", **how)
    vary = {"learning_rate": [1e-6, test.suggestion]}
    table = sweep(model, X, y, start=start, vary=vary, epochs=300, **how)
    small, suggested = table.runs
    assert suggested.distance < 0.2 * small.distance
    assert table.best is suggested
