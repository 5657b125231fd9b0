"""Ratio of gamma functions half a step apart, against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from physfit.kernels import gamma_ratio as kernels
from tests.kernels.scalar_cases import of

A = 10.0 ** np.random.default_rng(1).uniform(-8.0, 12.0, 300)


def test_the_logarithm_keeps_its_digits_however_large_its_argument() -> None:
    """The error is 2e-15, and 2 units in the last place of what is taken off."""
    with mp.workdps(50):
        half = mp.mpf(1) / 2
        exact = [float(mp.loggamma(a + half) - mp.loggamma(a)) for a in map(mp.mpf, A)]
    error = np.abs(of(kernels.loggamma_half)(A) - exact)
    assert (error < 2e-15 + 2.0**-51 * (np.abs(exact) + 1.0)).all()


def test_the_slope_keeps_its_digits() -> None:
    """Where digammas would differ by less than their rounding, too."""
    with mp.workdps(50):
        half = mp.mpf(1) / 2
        exact = [float(mp.digamma(a + half) - mp.digamma(a)) for a in map(mp.mpf, A)]
    np.testing.assert_allclose(of(kernels.loggamma_half_slope)(A), exact, rtol=2e-15)


@pytest.mark.parametrize(
    "function", [kernels.loggamma_half, kernels.loggamma_half_slope]
)
def test_left_of_zero_there_is_nan(function) -> None:
    """The recurrence is not continued there."""
    assert np.isnan(of(function)(np.array([-1.0, 0.0]))).all()
