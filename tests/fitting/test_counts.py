"""Fits of few counts: where the model comes close to zero."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf


def peak(x, amplitude, center, sigma):
    z = (x - center) / sigma
    return amplitude / (sigma * np.sqrt(2.0 * np.pi)) * np.exp(-0.5 * z * z)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_a_peak_without_background_may_underflow_where_nothing_was_counted(scale):
    """Its area is the number of counts, with the root of it as error."""
    x = np.arange(101.0)
    counts = np.random.default_rng(0).poisson(peak(x, 300.0, 50.0, 1.0))
    found = pf.fit(pf.models.Gaussian(), scale * x, counts, loss="poisson")
    many = pf.fit_many(pf.models.Gaussian(), scale * x, counts[None], loss="poisson")
    for own in (found, many):
        # Samples lie 1 sigma apart: their sum is the integral to 1e-8.
        total = scale * counts.sum()
        error = scale * np.sqrt(counts.sum())
        assert np.all(own.converged)
        np.testing.assert_allclose(own["amplitude"].value, total, rtol=1e-6)
        np.testing.assert_allclose(own["amplitude"].stderr, error, rtol=1e-6)
