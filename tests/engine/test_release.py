"""Parameters with a vanishing column: released where the cost falls, else kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import voigt_profile

import physfit as pf

X = np.linspace(-10.0, 10.0, 301)
VOIGT = pf.models.Voigt() + pf.models.Constant()
LORENTZIAN = pf.models.Lorentzian() + pf.models.Constant()
TIMES = np.linspace(0.1, 8.0, 120)


def voigt(sigma: float, seed: int, scale: float = 1.0) -> np.ndarray:
    """A Voigt profile on a constant, with noise of 0.02."""
    noise = np.random.default_rng(seed).standard_normal(X.size)
    return scale * (10.0 * voigt_profile(X - 0.3, sigma, 0.8) + 0.5 + 0.02 * noise)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_a_fit_from_sigma_0_ends_where_others_end(unit, scale):
    """The gradient by sigma is 0 at the start, but the cost falls on either side."""
    y = voigt(0.6, 3, scale)
    width = dict(center=0.0, gamma=unit)
    start = dict(amplitude=8.0 * scale * unit, c=0.4 * scale, **width)
    fits = [
        pf.fit(VOIGT, X * unit, y, sigma=0.02 * scale, start=start | {"sigma": s})
        for s in (0.0, 0.5 * unit)
    ]
    assert fits[0].converged
    assert fits[0]["sigma"].at_bound == 0
    assert fits[0].chi2 == pytest.approx(fits[1].chi2, rel=1e-9)
    error = fits[1]["sigma"].stderr
    assert fits[0]["sigma"].value == pytest.approx(fits[1]["sigma"].value, rel=1e-6)
    assert fits[0]["sigma"].stderr == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("start", [0.0, 1e-12, 0.3, 3.0])
def test_a_fit_whose_best_sigma_is_0_is_that_of_the_lorentzian(start):
    """It converges on the bound, says so, and has the Lorentzian's errors."""
    y = voigt(0.0, 8)
    result = pf.fit(VOIGT, X, y, sigma=0.02, start={"sigma": start})
    expected = pf.fit(LORENTZIAN, X, y, sigma=0.02)
    assert result.converged
    assert result["sigma"].value == 0.0
    assert result["sigma"].at_bound == -1
    assert result.chi2 == pytest.approx(expected.chi2, rel=1e-12)
    for name in (*expected.names, "height", "fwhm"):
        error = expected[name].stderr
        assert result[name].value == pytest.approx(
            expected[name].value, abs=1e-6 * error
        )
        assert result[name].stderr == pytest.approx(error, rel=1e-6)


def test_rows_are_released_as_single_fits_are():
    """Rows of both kinds, from the same start on the bound."""
    rows = np.array([voigt(0.6 * (k % 2), k) for k in range(12)])
    start = {"amplitude": 8.0, "center": 0.0, "sigma": 0.0, "gamma": 1.0, "c": 0.4}
    many = pf.fit_many(VOIGT, X, rows, sigma=0.02, start=start, retry=False)
    alone = [pf.fit(VOIGT, X, y, sigma=0.02, start=start) for y in rows]
    assert many.converged.all()
    np.testing.assert_allclose(many.chi2, [own.chi2 for own in alone], rtol=1e-9)
    for name in many.free_names:
        held = [own[name].at_bound for own in alone]
        errors = [own[name].stderr for own in alone]
        np.testing.assert_array_equal(many[name].at_bound, held)
        np.testing.assert_allclose(many[name].stderr, errors, rtol=1e-4)
    assert 0 < (many["sigma"].at_bound != 0).sum() < len(rows)


EVEN = [
    (pf.models.DampedOscillator(), "omega0", dict(x0=1, v0=0.5, omega0=2, rate=1)),
    (pf.models.IsingChainEnergy(), "J", dict(J=1.5)),
    (pf.models.IsingSquareEnergy(), "J", dict(J=1.5)),
    (VOIGT, "sigma", dict(amplitude=9, center=1, sigma=0.6, gamma=1, c=0)),
]
#: Only a coupling may be negative.
BOUNDED = [(*own, (0.0, most)) for own in EVEN for most in (None, 100.0)]
BOUNDED += [(*own, (None, None)) for own in EVEN if own[1] == "J"]


@pytest.mark.parametrize(
    ("model", "name", "truth", "bounds"),
    BOUNDED,
    ids=[f"{own[0].expression}-{own[3]}" for own in BOUNDED],
)
def test_even_models_leave_a_start_at_0(model, name, truth, bounds):
    """With and without a bound at 0, where only the negative side is outside."""
    model = model.where(**{name: pf.bounds(*bounds)})
    x = X if name == "sigma" else TIMES
    y = model(x, **truth)
    y = y + 1e-3 * np.abs(y).max() * np.random.default_rng(4).standard_normal(x.size)
    result = pf.fit(model, x, y, start=truth | {name: 0.0})
    assert result.converged
    assert abs(result[name].value - truth[name]) < 5.0 * result[name].stderr


def test_a_tied_width_is_released_too():
    """The column of the width that two peaks share vanishes where both do."""
    model = pf.models.Voigt("a_") + pf.models.Voigt("b_") + pf.models.Constant()
    model = model.where(b_sigma=pf.tie("2 * a_sigma"))
    truth = dict(a_amplitude=9, a_center=-3, a_sigma=0.4, a_gamma=0.5, c=0.3)
    truth |= dict(b_amplitude=7, b_center=3, b_gamma=0.5)
    y = model(X, **truth, b_sigma=0.8)
    y = y + 0.02 * np.random.default_rng(5).standard_normal(X.size)
    result = pf.fit(model, X, y, sigma=0.02, start=truth | {"a_sigma": 0.0})
    assert result.converged
    assert abs(result["a_sigma"].value - 0.4) < 5.0 * result["a_sigma"].stderr


def test_a_pass_over_a_file_releases_as_well(tmp_path):
    """The steps of fits in passes are driven by Python, one evaluation at a time."""
    y = voigt(0.6, 3)
    path = tmp_path / "rows.npz"
    np.savez(path, x=X, y=y, sigma=np.full(X.size, 0.02))
    start = {"amplitude": 8.0, "center": 0.0, "sigma": 0.0, "gamma": 1.0, "c": 0.4}
    passes = pf.fit(VOIGT, str(path), start=start, memory=1 << 20)
    expected = pf.fit(VOIGT, X, y, sigma=0.02, start=start)
    assert passes["sigma"].value == pytest.approx(expected["sigma"].value, rel=1e-6)


def test_nothing_is_released_where_nothing_depends_on_it():
    """Center and width of a peak without an amplitude stay, and are undetermined."""
    model = pf.models.Gaussian().where(amplitude=pf.bounds(0.0, None))
    start = {"amplitude": 0.0, "center": 1.0, "sigma": 2.0}
    result = pf.fit(model, X, -np.ones(X.size), sigma=1.0, start=start)
    assert result.converged
    assert result["amplitude"].at_bound == -1
    assert (result["center"].value, result["sigma"].value) == (1.0, 2.0)
