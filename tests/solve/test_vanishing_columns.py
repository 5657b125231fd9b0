"""Methods that do not examine second derivatives are judged by them."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.models.loss import LEAST_SQUARES
from physfit.objective import Objective
from physfit.solve.vanishing_columns import release_of

X = np.linspace(-10.0, 10.0, 800)
VOIGT = pf.models.Voigt() + pf.models.Constant()
TRUTH = {"amplitude": 10.0, "center": 0.3, "sigma": 0.6, "gamma": 0.8, "c": 0.5}
ON_BOUND = TRUTH | {"sigma": 0.0, "center": 0.2}
BOUNDS = (VOIGT.free_lower, VOIGT.free_upper)


def curve(sigma: float) -> np.ndarray:
    """Data with a width, and noise of 0.1."""
    noise = np.random.default_rng(7).standard_normal(X.size)
    y: np.ndarray = VOIGT(X, **(TRUTH | {"sigma": sigma})) + 0.1 * noise
    return y


@pytest.mark.parametrize("sigma", [0.05, 0.2])
def test_a_release_leads_to_the_width(sigma):
    """Without noise: for small widths to the width itself, with what that gains."""
    y = VOIGT(X, **(TRUTH | {"sigma": sigma}))[None]
    objective = Objective(
        VOIGT.layout, X[None], y, np.full(y.shape, 10.0), LEAST_SQUARES
    )
    theta = np.array([*(TRUTH | {"sigma": 0.0}).values()])
    release = release_of(objective, theta, *BOUNDS)
    # What is left out are terms of (sigma / gamma)^2.
    assert release.step[2] == pytest.approx(sigma, rel=2.0 * sigma**2)
    assert (np.delete(release.step, 2) == 0.0).all()
    chi2 = 2.0 * objective.cost(theta)
    assert release.distance**2 == pytest.approx(chi2, rel=5.0 * sigma**2)


def test_nothing_is_released_at_a_minimum():
    """Where the best width is 0, and where no column vanishes."""
    y = VOIGT(X, **(TRUTH | {"sigma": 0.0, "gamma": 0.7}))[None]
    objective = Objective(VOIGT.layout, X[None], y, np.ones(y.shape), LEAST_SQUARES)
    for values in (TRUTH | {"sigma": 0.0}, TRUTH):
        release = release_of(objective, np.array([*values.values()]), *BOUNDS)
        assert (release.step == 0.0).all()
        assert release.distance == 0.0


def test_a_run_on_minibatches_leaves_a_vanishing_column():
    """Its start is moved to where a sample of the rows wants it."""
    y = curve(0.6)
    run = pf.fit(VOIGT, X, y, sigma=0.1, method="adam", start=ON_BOUND)
    best = pf.fit(VOIGT, X, y, sigma=0.1)
    assert run.converged
    assert abs(run["sigma"].value - best["sigma"].value) < 0.3 * best["sigma"].stderr


@pytest.mark.parametrize("sigma", [0.1, None], ids=["sigma", "no sigma"])
@pytest.mark.parametrize("method", ["adam", "scipy:l-bfgs-b"])
def test_what_rests_on_a_vanishing_column_has_not_converged(method, sigma):
    """From a start so wide that the width is not missed there, only later."""
    start = ON_BOUND | {"gamma": 2.0}
    run = pf.fit(VOIGT, X, curve(0.6), sigma=sigma, method=method, start=start)
    best = pf.fit(VOIGT, X, curve(0.6), sigma=sigma)
    assert run["sigma"].value == 0.0
    assert run.chi2 > best.chi2 * 1.05
    assert not run.converged


@pytest.mark.parametrize("method", ["adam", "scipy:l-bfgs-b"])
def test_what_rests_where_the_best_width_is_0_has_converged(method):
    """Its width is at its bound, and gamma has the error of the Lorentzian."""
    y = VOIGT(X, **(TRUTH | {"sigma": 0.0}))
    y = y + 0.1 * np.random.default_rng(3).standard_normal(X.size)
    run = pf.fit(VOIGT, X, y, sigma=0.1, method=method, start=ON_BOUND)
    best = pf.fit(VOIGT, X, y, sigma=0.1)
    assert best["sigma"].at_bound == -1
    assert run.converged
    assert run["sigma"].at_bound == -1
    assert run["gamma"].stderr == pytest.approx(best["gamma"].stderr, rel=0.02)
