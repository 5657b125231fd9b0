"""Fits whose sums of squares leave the range of doubles."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf


@pytest.mark.parametrize("scale", [1e150, 1e155, 1e160, 1e200, 1e300])
def test_a_fit_does_not_depend_on_the_unit_of_y(scale: float) -> None:
    """Data and sigma times 1e300: the same answer, found by singular values."""
    x = np.linspace(-5.0, 5.0, 64)
    y = 20.0 * np.exp(-0.5 * x**2) + 3.0 + np.random.default_rng(0).normal(size=64)
    model = pf.models.Gaussian() + pf.models.Constant()
    small = pf.fit(model, x, y, sigma=1.0)
    large = pf.fit(model, x, y * scale, sigma=scale)
    assert large.converged
    for name in ("amplitude", "c"):
        assert large[name].value / scale == pytest.approx(small[name].value, rel=1e-7)
    for name in ("center", "sigma"):
        assert large[name].value == pytest.approx(small[name].value, abs=1e-7)
