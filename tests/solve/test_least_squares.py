"""Levenberg-Marquardt on models that do not describe the data."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine import rows, state
from physfit.fitting import fit
from physfit.models import Constant, Exponential, Gaussian, Linear, Ringdown
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
    """A decay that wants to be infinite is not determined, and not sought for long."""
    start = {"amplitude": 1.0, "decay": 3.0}
    result = fit(Exponential(), X, 1.0 - 3.0 * np.cos(X), start=start)
    assert result.status is Status.UNDETERMINED
    assert result.solution.n_steps < 140  # once more as a row
    assert result["decay"].value > 1e6
    assert result["decay"].stderr == np.inf
    assert result["amplitude"].value == pytest.approx(np.mean(1.0 - 3.0 * np.cos(X)))


def test_huge_counts_are_fitted_below_their_rounding():
    """A deviance has no floor: at 1e15 counts the rounding of y would be 300 of it."""
    counts = np.random.default_rng(1).poisson(1e15, X.size).astype(float)
    start = {"c": counts.mean() * (1.0 + 1e-9)}
    result = fit(Constant(), X, counts, loss="poisson", start=start)
    assert result["c"].value == pytest.approx(counts.mean(), rel=1e-13)


def test_counts_of_zero_end_the_fit():
    """A dark spectrum ends at the edge when what is left costs nothing."""
    zeros = np.zeros(X.size)
    result = fit(Constant(), X, zeros, loss="poisson", start={"c": 1.0})
    assert result.status == Status.EDGE
    assert result.solution.n_steps < 60
    assert 0.0 <= result["c"].value < 1e-24


@pytest.mark.parametrize("offset", [1e6, 1e8, 1e9, 1e10])
def test_a_line_far_from_zero_is_fitted(offset):
    """Normal equations have no digit left there; the minimum is that of a QR."""
    rng = np.random.default_rng(7)
    x = offset + np.linspace(0.0, 10.0, 60)
    y = 2.0 + 0.3 * (x - offset) + 0.1 * rng.normal(size=x.size)
    model = Gaussian() + Linear()
    y += 5.0 * np.exp(-0.5 * ((x - offset - 4.0) / 0.7) ** 2)
    start = {"amplitude": 8.0, "center": offset + 4.2, "sigma": 0.9}
    result = fit(model, x, y, sigma=0.1, start=start | {"slope": 0.0, "intercept": 2.0})
    near = fit(model, x - offset, y, sigma=0.1)
    assert result.converged
    # Rounding of x itself is 1e-16 of the offset.
    assert result.chi2 == pytest.approx(near.chi2, rel=1e-6)
    assert result["slope"].value == pytest.approx(near["slope"].value, rel=1e-4)
    assert result["slope"].stderr == pytest.approx(near["slope"].stderr, rel=1e-4)
    assert result["sigma"].stderr == pytest.approx(near["sigma"].stderr, rel=1e-4)


@pytest.mark.parametrize("amplitude", [-1e12, -1e15])
def test_the_way_from_a_start_far_off_is_no_measure_of_what_is_left(amplitude):
    """The second gain is next to nothing beside the first one, and not the last."""
    x = np.linspace(0.0, 10.0, 100)
    y = np.round(0.2 * x + 1.0)
    start = {"amplitude": amplitude, "center": 10.0, "sigma": 6.4}
    found = fit(Gaussian(), x, y, sigma=0.1, start=start)
    assert found.chi2 == pytest.approx(fit(Gaussian(), x, y, sigma=0.1).chi2)


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (state.RUNNING, Status.RUNNING),
        (state.FTOL_REACHED, Status.FTOL),
        (state.XTOL_REACHED, Status.XTOL),
        (state.GTOL_REACHED, Status.GTOL),
        (state.EXACT, Status.EXACT),
        (state.MAX_STEPS_REACHED, Status.MAX_STEPS),
        (state.NOT_FINITE_AT_START, Status.NOT_FINITE_AT_START),
        (state.NOT_FINITE_AROUND, Status.NOT_FINITE_AROUND),
        (state.STALLED, Status.STALLED),
        (state.OUTSIDE_DOMAIN, Status.OUTSIDE_DOMAIN),
        (state.UNDETERMINED, Status.UNDETERMINED),
        (rows.TOO_FEW, Status.TOO_FEW),
        (rows.BAD_SIGMA, Status.BAD_SIGMA),
    ],
)
def test_numbers_of_compiled_code_are_those_of_statuses(number, status):
    """Both go into the same files."""
    assert number == status
