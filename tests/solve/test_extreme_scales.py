"""Fits whose sums of squares leave the range of doubles."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf


def scaled(scale: float) -> tuple[np.ndarray, np.ndarray]:
    """A peak on an offset with noise 1, in another unit of y."""
    x = np.linspace(-5.0, 5.0, 64)
    y = 20.0 * np.exp(-0.5 * x**2) + 3.0 + np.random.default_rng(0).normal(size=64)
    return x, y * scale


@pytest.mark.parametrize("sigma", [1.0, None])
@pytest.mark.parametrize("scale", [1e-135, 1e-60, 1e60, 1e135])
def test_a_fit_does_not_depend_on_the_unit_of_y(
    scale: float, sigma: float | None
) -> None:
    """The same answer and the same errors, in rows too."""
    model = pf.models.Gaussian() + pf.models.Constant()
    x, y = scaled(1.0)
    small = pf.fit(model, x, y, sigma=sigma)
    given = None if sigma is None else sigma * scale
    large = pf.fit(model, x, y * scale, sigma=given)
    rows = pf.fit_many(model, x, y[None] * scale, sigma=given)
    assert large.converged
    assert rows.converged.all()
    for name, unit in (("amplitude", scale), ("c", scale), ("center", 1.0)):
        error = small[name].stderr
        for value, stderr in (
            (large[name].value, large[name].stderr),
            (rows[name].value[0], rows[name].stderr[0]),
        ):
            assert abs(value / unit - small[name].value) < 1e-5 * error
            assert stderr / unit == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("sigma", [1.0, None])
@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e-145, 1e145, 1e170, 1e300])
def test_data_without_squares_are_refused(scale: float, sigma: float | None) -> None:
    """In a sentence; a row of a map by its status."""
    model = pf.models.Gaussian() + pf.models.Constant()
    x, y = scaled(scale)
    given = None if sigma is None else sigma * scale
    with pytest.raises(pf.errors.InputError, match="take another unit of y"):
        pf.fit(model, x, y, sigma=given)
    if sigma is None:
        rows = pf.fit_many(model, x, np.array([y, scaled(1.0)[1]]))
        assert rows.status.tolist()[0] == pf.Status.OUTSIDE_DOMAIN
        assert rows.converged.tolist() == [False, True]


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
    assert many.converged.all()


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


def test_rows_without_squares_are_refused_whatever_was_fitted_before() -> None:
    """They have no matrix of their own; that of another row says nothing of them."""
    x, y = np.linspace(0.5, 10.0, 12), np.random.default_rng(0).normal(size=(60, 12))
    y[1::2] = 1e300
    for model in (pf.models.Gaussian(), pf.models.Exponential() + pf.models.Constant()):
        rows = pf.fit_many(model, x, y, retry=False)
        assert (rows.status[1::2] == pf.Status.OUTSIDE_DOMAIN).all()
