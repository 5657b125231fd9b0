"""Start values for counts."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf

M = pf.models
X = np.linspace(-5.0, 5.0, 64)
PEAK = M.Gaussian() + M.Constant()
PRODUCT = (M.Gaussian() + M.Constant()) * M.Constant("k_")


@pytest.mark.parametrize(
    ("model", "most"), [(PEAK, 24), (PRODUCT, 36)], ids=["peaks", "spread"]
)
def test_a_single_large_count_is_no_peak(model, most):
    """A broad peak of few counts is found, by rows and by single fits.

    With equal weights a third of these spectra start at one count.
    """
    rng = np.random.default_rng(4)
    model = model.where(k_c=pf.fixed(1.0)) if model is PRODUCT else model
    truth = {"amplitude": 3.0, "center": 0.3, "sigma": 1.0, "c": 0.3}
    counts = rng.poisson(PEAK(X, **truth), (200, X.size)).astype(float)
    many = pf.fit_many(model, X, counts, loss="poisson", retry=False)
    best = pf.fit_many(model, X, counts, loss="poisson", start=truth)
    assert (many.chi2 > best.chi2 + 0.05).sum() <= most
    again = pf.fit_many(model, X, counts[:20], loss="poisson")
    for row, cost in zip(counts, again.chi2, strict=False):
        one = pf.fit(model, X, row, loss="poisson")
        assert one.chi2 == pytest.approx(cost, rel=1e-6)
