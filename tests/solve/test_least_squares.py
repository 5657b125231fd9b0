"""Levenberg-Marquardt on models that do not describe the data."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.fitting import fit
from physfit.models import Constant, Exponential, Ringdown
from physfit.models.param import fixed
from physfit.solve.base import Status

X = np.linspace(0.0, 3.0, 31)


@pytest.mark.parametrize("frequency", [0.6, 0.8, 1.3, 1.7])
@pytest.mark.parametrize("phase", [-1.0, 0.0, 0.8])
def test_a_model_that_does_not_describe_the_data_converges(frequency, phase):
    """Where residuals bend the cost more than the Gauss-Newton matrix, steps contract.

    Whole Gauss-Newton steps overshoot there; below the rounding of the cost only the
    gradient can tell.
    """
    y = 2.0 * np.cos(2.0 * np.pi * frequency * X + phase) * np.exp(-0.3 * X)
    model = Ringdown().where(amplitude=fixed(2.0), frequency=fixed(1.0))
    result = fit(model, X, y, start={"rate": 0.5, "phase": 0.1})
    assert result.status == Status.FTOL
    assert result.solution.n_steps < 150
    # ftol = 1e-17 leaves a step of 1e-8 of the residual to a Gauss-Newton minimum.
    assert result.solution.optimality < 1e-8


def test_a_minimum_at_infinity_ends_the_fit():
    """A decay that wants to be infinite stops growing when nothing is left to gain."""
    start = {"amplitude": 1.0, "decay": 3.0}
    result = fit(Exponential(), X, 1.0 - 3.0 * np.cos(X), start=start)
    assert result.converged
    assert result.solution.n_steps < 150
    assert 1e12 < result["decay"].value < 1e20
    assert result["amplitude"].value == pytest.approx(np.mean(1.0 - 3.0 * np.cos(X)))


def test_huge_counts_are_fitted_below_their_rounding():
    """A deviance has no floor: at 1e15 counts the rounding of y would be 300 of it."""
    counts = np.random.default_rng(1).poisson(1e15, X.size).astype(float)
    start = {"c": counts.mean() * (1.0 + 1e-9)}
    result = fit(Constant(), X, counts, loss="poisson", start=start)
    assert result["c"].value == pytest.approx(counts.mean(), rel=1e-13)


def test_counts_of_zero_end_the_fit():
    """A dark spectrum is met when what is left costs nothing, not at 1e-300."""
    zeros = np.zeros(X.size)
    result = fit(Constant(), X, zeros, loss="poisson", start={"c": 1.0})
    assert result.status == Status.EXACT
    assert result.solution.n_steps < 60
    assert 0.0 < result["c"].value < 1e-24
