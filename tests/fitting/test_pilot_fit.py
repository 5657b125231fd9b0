"""The fit on a sample of the rows: scales before a run, errors on its way."""

from __future__ import annotations

import numpy as np
import pytest

from physfit import fit
from physfit.data.record import Observations
from physfit.fitting.pilot_fit import pilot_fit
from physfit.models import Gaussian, IsingEnergy
from physfit.models.loss import as_loss
from physfit.objective import Objective

CHI2 = as_loss("chi2")
AT = np.array([3.0, 5.0, 0.7])
OUTSIDE = np.array([3.0, 40.0, 0.7])


def shown(sigma: float | None = 0.1, seed: int = 2) -> Observations:
    """Rows of a peak."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 10.0, 500)
    y = Gaussian()(x, amplitude=3.0, center=5.0, sigma=0.7) + 0.1 * rng.normal(size=500)
    errors = None if sigma is None else np.full((1, 500), sigma)
    return Observations(x[None], y[None], errors)


def pilot(theta=AT, n_rows: int = 500, sigma: float | None = 0.1, **more):
    """The pilot fit at a place."""
    return pilot_fit(Gaussian(), shown(sigma), CHI2, theta, n_rows, **more)


def test_curvature_is_that_of_the_gauss_newton_matrix_per_row():
    """Of the weighted rows, at the start."""
    data = shown()
    objective = Objective(Gaussian().layout, data.x, data.y, 1.0 / data.sigma, CHI2)
    expected = objective.normal(AT)[2].diagonal() / 500
    np.testing.assert_allclose(pilot().curvature, expected, rtol=1e-12)
    assert pilot().start_loss == pytest.approx(objective.cost(AT) / 500, rel=1e-12)


def test_a_start_without_curvature_takes_that_of_the_guess():
    """A peak outside of the data has none; the larger one counts, for each."""
    at_guess = pilot().curvature
    assert (pilot(OUTSIDE).curvature < 1e-100).all()
    np.testing.assert_array_equal(pilot(OUTSIDE, guess=AT).curvature, at_guess)
    np.testing.assert_array_equal(pilot(guess=OUTSIDE).curvature, at_guess)


@pytest.mark.parametrize("sigma", [0.1, 0.3, None], ids=["right", "large", "unknown"])
def test_errors_are_those_of_a_fit_to_all_rows(sigma):
    """With 16 times the rows of the sample they are a quarter of the sample's own."""
    data = shown(sigma)
    found = fit(Gaussian(), data.x[0], data.y[0], sigma=sigma)
    theta = found.solution.theta
    own = np.sqrt(found.covariance.diagonal())
    np.testing.assert_allclose(pilot(sigma=sigma).stderr(theta), own, rtol=1e-6)
    many = pilot(n_rows=8000, sigma=sigma).stderr(theta)
    np.testing.assert_allclose(many, own / 4.0, rtol=1e-6)


def test_where_nothing_is_determined_there_are_no_errors():
    """NaN never lets averages be at rest."""
    assert np.isnan(pilot().stderr(OUTSIDE)).all()


def test_counts_have_the_size_that_poisson_gives_them():
    """Mean square around the mean over the mean: 1 for pure noise of counts."""
    rng = np.random.default_rng(3)
    counts = rng.poisson(50.0, (1, 20_000)).astype(float)
    data = Observations(np.arange(20_000.0)[None], counts, None)
    found = pilot_fit(Gaussian(), data, as_loss("poisson"), AT, 20_000)
    # A variance of 20,000 draws is known to 1 %.
    assert found.loss_size == pytest.approx(1.0, abs=0.05)


def test_linear_models_need_no_place():
    """Their curvature is that of the normal equations; errors are of what is left."""
    spins = np.random.default_rng(4).choice([-1, 1], (50, 4))
    y = IsingEnergy(4)(spins, J=1.0, h=0.2)
    data = Observations(spins.T.astype(float), y[None], None)
    model, zero, there = IsingEnergy(4), np.zeros(2), np.array([1.0, 0.2])
    found = pilot_fit(model, data, CHI2, zero, 50)
    general = pilot_fit(model, data, as_loss("huber:1e9"), zero, 50)
    np.testing.assert_allclose(found.curvature, general.curvature, rtol=1e-12)
    np.testing.assert_allclose(found.stderr(zero), general.stderr(zero), rtol=1e-9)
    np.testing.assert_array_equal(found.stderr(there), found.stderr(zero))
