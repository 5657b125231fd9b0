"""Doniach-Sunjic lines convolved with a Gaussian."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import physfit as pf

MODEL = pf.models.Doniach() @ pf.models.Gaussian("r_")
NAMES = ("amplitude", "center", "gamma", "alpha", "r_sigma")
X = np.array([-60.0, -8.0, -1.0, -0.2, 0.0, 0.3, 2.5, 15.0, 80.0])
#: gamma, alpha, sigma: usual ones, no Lorentzian, no asymmetry, no Gaussian, extremes.
SHAPES = [
    *((0.3, 0.1, 0.4), (0.01, 0.2, 0.5), (1e-6, 0.05, 0.3), (2.0, 0.5, 0.1)),
    *((0.5, 1e-9, 0.5), (0.2, 0.9, 0.7), (1.0, 0.3, 1e-3), (1e-3, 0.7, 1.0)),
]


def exact(x, amplitude, center, gamma, alpha, sigma):
    """By the parabolic cylinder function."""
    s, z = 1 - alpha, mp.mpc(gamma, x - center) / sigma
    power = sigma**-s * mp.exp(z * z / 4) * mp.pcfd(-s, z)
    return amplitude / mp.pi * mp.re(mp.expjpi(alpha / 2) * power)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_value_and_partials_are_those_of_mpmath(shape):
    """To 1e-12 of the largest, from far on one side to far on the other."""
    numbers = [1.3, 0.2, *shape]
    value, partials = MODEL.with_partials(X, **dict(zip(NAMES, numbers, strict=True)))
    with mp.workdps(40):
        params = [mp.mpf(own) for own in numbers]
        curve = np.array([float(exact(mp.mpf(x), *params)) for x in X])
        np.testing.assert_allclose(value, curve, atol=1e-13 * np.abs(curve).max())
        for k, name in enumerate(NAMES):
            step = params[k] * mp.mpf(10) ** -15
            near = [
                [*params[:k], params[k] + d, *params[k + 1 :]] for d in (step, -step)
            ]
            slopes = [
                (exact(mp.mpf(x), *near[0]) - exact(mp.mpf(x), *near[1])) / (2 * step)
                for x in X
            ]
            slopes = np.array(slopes, dtype=float)
            found = partials[MODEL.index[name]]
            np.testing.assert_allclose(
                found, slopes, atol=1e-11 * np.abs(slopes).max(), err_msg=name
            )


def test_limits():
    """A Voigt peak without asymmetry, the line itself without a Gaussian."""
    x = np.linspace(-5.0, 5.0, 101)
    values = {"amplitude": 2.0, "center": 0.3, "gamma": 0.4}
    found = MODEL(x, **values, alpha=0.0, r_sigma=0.5)
    exact = pf.models.Voigt()(x, 2.0, 0.3, 0.5, 0.4)
    np.testing.assert_allclose(found, exact, rtol=1e-11)
    line = pf.models.Doniach()(x, **values, alpha=0.2)
    none = MODEL.with_partials(x, **values, alpha=0.2, r_sigma=0.0)
    np.testing.assert_allclose(none[0], line, rtol=1e-13)
    assert not none[1][MODEL.index["r_sigma"]].any()
    assert np.isfinite(MODEL(x, 2.0, 0.3, 0.0, 0.2, r_sigma=0.5)).all()
    assert np.isnan(MODEL(x, **values, alpha=1.0, r_sigma=0.5)).all()


def test_it_goes_through_minibatches_and_rows():
    """It needs one sample at a time, its table made for each set of parameters."""
    x = np.linspace(-5.0, 8.0, 400)
    values = {"amplitude": 2.0, "center": 0.3, "gamma": 0.3, "alpha": 0.15}
    values["r_sigma"] = 0.4
    rng = np.random.default_rng(1)
    rows = MODEL(x, **values) + 0.005 * rng.normal(size=(200, x.size))
    many = pf.fit_many(MODEL, x, rows, sigma=0.005, start=values)
    pulls = (many["alpha"].value - 0.15) / many["alpha"].stderr
    # 200 pulls: three standard errors of their mean and of their deviation
    assert abs(pulls.mean()) < 3.0 / np.sqrt(200)
    assert abs(pulls.std() - 1.0) < 3.0 / np.sqrt(400)
    how = {"method": "adam", "batch_size": 100, "epochs": 30, "seed": 1}
    result = pf.fit(MODEL, x, rows[0], start=values, learning_rate=1e-3, **how)
    assert result["alpha"].value == pytest.approx(0.15, abs=0.02)
