"""What is measured of dielectric functions, and that fits of it need no start."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError
from physfit.kernels.dielectric import energy_loss_of, reflectivity_of
from tests.models.catalogue.cases import freed

TEXT = "dielectric_constant + lorentz_oscillator(a_) + drude(b_)"
VALUES = {"eps_inf": 4.0, "a_omega_p": 600.0, "a_omega_TO": 400.0, "a_damping": 15.0}
VALUES |= {"b_omega_p": 900.0, "b_damping": 150.0}
X = np.linspace(50.0, 1500.0, 300)
EPS = 4.0 + 600.0**2 / (400.0**2 - X**2 - 15j * X) - 900.0**2 / (X**2 + 150j * X)


def reflectivity(eps):
    """By the refractive index."""
    n = mp.sqrt(eps)
    return abs((n - 1) / (n + 1)) ** 2


@pytest.mark.parametrize(
    ("function", "reference"),
    [
        (reflectivity_of, reflectivity),
        (energy_loss_of, lambda eps: mp.im(-1 / eps)),
    ],
    ids=["reflectivity", "energy_loss"],
)
@pytest.mark.parametrize(
    "eps",
    [2.0 + 0.5j, 1.0 + 1e-9j, 1.0 + 1e-9, 3.0 - 0.2j, -4.0 + 1e-3j, 1e6 + 1e7j, 4.0],
    ids=str,
)
def test_values_and_slopes_by_many_digits(function, reference, eps):
    """Also where a surface is hardly seen, and for metals."""
    with mp.workdps(50):
        re, im = mp.mpf(complex(eps).real), mp.mpf(complex(eps).imag)
        exact = [
            reference(mp.mpc(re, im)),
            mp.diff(lambda t: reference(mp.mpc(t, im)), re),
            mp.diff(lambda t: reference(mp.mpc(re, t)), im),
        ]
    found = function(complex(eps).real, complex(eps).imag)
    assert found == pytest.approx([float(own) for own in exact], rel=1e-12, abs=1e-300)


def test_a_sum_has_the_reflectivity_of_the_whole():
    """Not the sum of reflectivities; the partials are those of differences."""
    model = pf.models.parse_model(f"reflectivity({TEXT})")
    value, jac = model.with_partials(X, **VALUES)
    n = np.sqrt(EPS)
    np.testing.assert_allclose(value, np.abs((n - 1.0) / (n + 1.0)) ** 2, rtol=1e-12)
    for name, row in zip(model.names, jac, strict=True):
        step = 1e-5 * VALUES[name]
        beside = [
            model(X, **(VALUES | {name: VALUES[name] + sign * step}))
            for sign in (1.0, -1.0)
        ]
        slope = (beside[0] - beside[1]) / (2.0 * step)
        np.testing.assert_allclose(row, slope, atol=1e-6 * np.abs(row).max())


def test_energy_loss_and_conductivity_are_written_as_text():
    """Im(-1 / eps), and x Im(eps), the optical conductivity up to a constant."""
    loss = pf.models.parse_model(f"energy_loss({TEXT})")
    np.testing.assert_allclose(loss(X, **VALUES), np.imag(-1.0 / EPS), rtol=1e-12)
    text = f"formula(x / 60) * imag({TEXT})"
    conductivity = pf.models.parse_model(text)
    np.testing.assert_allclose(
        conductivity(X, **VALUES), X * EPS.imag / 60.0, rtol=1e-12
    )


def test_a_vibration_without_restoring_force_is_free_carriers():
    """omega_TO = 0; the slope by it is 0 there."""
    model, values = freed("lorentz_oscillator"), {"omega_p": 900.0, "damping": 150.0}
    value, jac = model.with_partials(X, **values, omega_TO=0.0)
    np.testing.assert_allclose(value, freed("drude")(X, **values), rtol=1e-14)
    assert (jac[1] == 0.0).all()


def test_real_models_have_no_reflectivity():
    """One sentence: what it takes."""
    with pytest.raises(ModelError, match="`reflectivity` takes a complex model"):
        pf.models.parse_model("reflectivity(gaussian)")


@pytest.mark.parametrize(
    "text",
    [
        "dielectric_constant + lorentz_oscillator(a_)",
        "dielectric_constant * to_lo(a_)",
        TEXT,
    ],
)
def test_a_fit_of_reflectivity_needs_no_start(text):
    """At a noise of 0.02, 18 of 20 curves end where a fit from the truth does."""
    model = pf.models.parse_model(f"reflectivity({text})")
    rng, missed = np.random.default_rng(7), 0
    ranges = {"eps_inf": (2.0, 8.0), "a_omega_p": (200.0, 900.0)}
    ranges |= {"a_omega_TO": (200.0, 900.0), "a_damping": (10.0, 80.0)}
    ranges |= {"b_omega_p": (300.0, 1500.0), "b_damping": (20.0, 300.0)}
    ranges |= {"a_omega_TO": (200.0, 500.0), "a_omega_LO": (550.0, 900.0)}
    ranges |= dict.fromkeys(("a_damping_TO", "a_damping_LO"), (5.0, 50.0))
    for _ in range(20):
        truth = {name: rng.uniform(*ranges[name]) for name in model.names}
        y = model(X, **truth) + 0.02 * rng.normal(size=X.size)
        ours = pf.fit(model, X, y, sigma=0.02)
        theirs = pf.fit(model, X, y, sigma=0.02, start=truth)
        missed += ours.chi2 > theirs.chi2 + 0.1
    assert missed <= 2


def test_vibrations_convert_to_wavelengths_and_are_no_angular_frequencies():
    """omega_TO lies along x, so that no 2 pi stands between it and a wavelength."""
    model = pf.models.LorentzOscillator("a_")
    values = {name: VALUES[name] for name in model.names}
    result = pf.fit(model, X, model(X, **values), start=values, units=("1/cm", ""))
    table = result.convert("a_omega_TO", unit="um")
    assert table["a_omega_TO"].value == pytest.approx(1e4 / 400.0)
    with pytest.raises(InputError, match="f0"):
        result.convert("a_f0")
