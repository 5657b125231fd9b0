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


def peak_on(offset: float, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A peak of height 4e-5 with that noise, on an offset."""
    x = np.linspace(-5.0, 5.0, 101)
    peak = 5e-5 / np.sqrt(0.5 * np.pi) * np.exp(-0.5 * ((x - 0.5) / 1.0) ** 2)
    return x, offset + peak + noise * np.random.default_rng(seed).normal(size=x.size)


@pytest.mark.parametrize("sigma", [1e-6, None])
@pytest.mark.parametrize("noise", [1e-6, 2e-6])
def test_noise_near_the_rounding_of_the_data_is_noise(
    noise: float, sigma: float | None
) -> None:
    """A peak on 1e9 is found as the peak without it, not called exact before."""
    model = pf.models.Gaussian() + pf.models.Constant()
    for seed in range(5):
        x, y = peak_on(1e9, noise, seed)
        high = pf.fit(model, x, y, sigma=sigma)
        low = pf.fit(model, x, y - 1e9, sigma=sigma)
        assert high.converged
        assert high.status is not pf.Status.EXACT
        for name in ("amplitude", "center", "sigma"):
            # A rounding of the offset is 0.12 of the noise.
            distance = abs(high[name].value - low[name].value)
            assert distance < 0.3 * low[name].stderr
            assert high[name].stderr == pytest.approx(low[name].stderr, rel=0.3)


def test_rows_near_the_rounding_of_the_data_are_not_exact() -> None:
    """The same in `fit_many`."""
    rows = np.array([peak_on(1e9, 1e-6, seed)[1] for seed in range(20)])
    x = np.linspace(-5.0, 5.0, 101)
    model = pf.models.Gaussian() + pf.models.Constant()
    many = pf.fit_many(model, x, rows, sigma=1e-6)
    assert (many.status != pf.Status.EXACT).all()
    assert np.isin(many.converged, True).all()


def test_exact_data_are_met_exactly_whatever_their_size() -> None:
    """Rounding of the data is told from noise, also where they are large."""
    x = np.linspace(0.0, 10.0, 50)
    for size in (1e-30, 1.0, 1e30):
        result = pf.fit(pf.models.Linear(), x, size * (2.0 * x + 1.0))
        assert result.status is pf.Status.EXACT


def test_x_spaced_at_its_own_rounding_has_converged() -> None:
    """A center known to one rounding of x: no step lowers the cost, and none can."""
    center, spacing = 12345.678912345, 1e-9
    x = np.round((center - 100.0 * spacing) / spacing) * spacing
    x = x + spacing * np.arange(201)
    shape = np.exp(-0.5 * ((x - center) / (7.0 * spacing)) ** 2)
    model = pf.models.Gaussian() + pf.models.Constant()
    for seed in range(10):
        noise = 0.01 * np.random.default_rng(seed).normal(size=x.size)
        result = pf.fit(model, x, 0.57 * shape + 0.1 + noise)
        assert result.converged
        assert abs(result["center"].value - center) < 5.0 * result["center"].stderr
