"""Lines of gases: by integration over velocities, beside hapi, and where data show all.

hapi's own function w is good to 5e-7; its numbers below were computed with scipy's.
"""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import wofz

import physfit as pf
from tests.models.catalogue.cases import freed

Array = NDArray[np.float64]
GAMMA_D = np.sqrt(2.0 * np.log(2.0))
X = np.array([-2.0, 0.0, 0.05, 0.4, 6.0])
LINE = {"amplitude": 1.0, "center": 0.05, "gamma0": 0.2, "shift0": -0.01}
LINE |= {"gamma2": 0.03, "shift2": 0.004, "mixing": 0.0}
#: Names of hapi's profiles, parameters, and values at X by hapi 1.3.0.0.
HAPI = {
    "PROFILE_HT": (
        {"sigma": 0.3 / GAMMA_D, "nu_vc": 0.15, "eta": 0.25, "mixing": 0.2},
        (
            -0.015288165075214778,
            0.9858903048980576,
            1.020553674813385,
            0.6173998941224942,
            0.012491844528689133,
        ),
    ),
    "PROFILE_SDVOIGT": (
        {"sigma": 0.3 / GAMMA_D},
        (
            0.015971040790524495,
            0.9587001758619685,
            0.963959193172543,
            0.5294563919533541,
            0.0018019007122608585,
        ),
    ),
}
MODELS = {"PROFILE_HT": "hartmann_tran", "PROFILE_SDVOIGT": "speed_dependent_voigt"}


def by_velocities(x: Array, line: dict[str, float]) -> Array:
    """The profile from averages over speeds, of which those over angles are exact."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    v, weights = 4.0 * (nodes + 1.0), 4.0 * weights
    weights = weights * 4.0 / np.sqrt(np.pi) * v**2 * np.exp(-(v**2))
    c0, c2 = line["gamma0"] - 1j * line["shift0"], line["gamma2"] - 1j * line["shift2"]
    doppler = np.sqrt(2.0) * line["sigma"]
    nu, eta, base = line["nu_vc"], line["eta"], c0 - 1.5 * c2
    rate = (1.0 - eta) * (base + c2 * v**2) + nu
    rate = rate + 1j * (x - line["center"])[:, None]
    mean = np.arctan(doppler * v / rate) / (doppler * v)
    a, b = mean @ weights, mean @ (weights * v**2)
    profile = a / (1.0 - (nu - eta * base) * a + eta * c2 * b)
    return line["amplitude"] / np.pi * (profile.real - line["mixing"] * profile.imag)


@pytest.mark.parametrize("sigma", [0.3, 0.05])
@pytest.mark.parametrize("eta", [0.0, 0.6])
def test_the_line_is_an_average_over_velocities(sigma, eta):
    """By what is meant: no function w, no A and B in closed form."""
    line = LINE | {"sigma": sigma, "nu_vc": 0.15, "eta": eta, "mixing": 0.1}
    exact = by_velocities(X, line)
    value = freed("hartmann_tran")(X, **line)
    np.testing.assert_allclose(value, exact, atol=1e-12 * exact.max(), rtol=0.0)


@pytest.mark.parametrize("profile", HAPI)
def test_values_are_those_of_hapi_with_an_exact_w(profile):
    """Signs, widths and line mixing are hapi's."""
    own, values = HAPI[profile]
    value = freed(MODELS[profile])(X, **(LINE | own))
    np.testing.assert_allclose(value, values, atol=1e-12, rtol=0.0)


@pytest.mark.parametrize("profile", HAPI)
@pytest.mark.parametrize(("is_exact", "bound"), [(True, 1e-12), (False, 1e-5)])
def test_values_agree_with_an_installed_hapi(profile, is_exact, bound, monkeypatch):
    """Of the largest value, with scipy's w and with its own."""
    with contextlib.redirect_stdout(io.StringIO()):
        hapi = pytest.importorskip("hapi", reason="needs hitran-api")
    if is_exact:
        exact = lambda x, y: (wofz(x + 1j * y).real, wofz(x + 1j * y).imag)  # noqa: E731
        monkeypatch.setitem(hapi.VARIABLES, "CPF", exact)
    own, _ = HAPI[profile]
    line = LINE | own
    names = ("center", "sigma", "gamma0", "gamma2", "shift0", "shift2")
    given = [line[name] for name in names]
    given[1] *= GAMMA_D
    given += [line[name] for name in ("nu_vc", "eta") if name in line]
    x = np.linspace(-4.0, 4.0, 81)
    theirs = getattr(hapi, profile)(*given, x, line["mixing"])
    value = freed(MODELS[profile])(x, **line)
    assert np.abs(value - theirs).max() < bound * theirs.max()


def test_the_modified_line_is_the_other_one_without_correlation():
    """With a real Dicke parameter and eta = 0 they are the same."""
    line = LINE | {"sigma": 0.3}
    modified = freed("modified_hartmann_tran")(X, **line, nu_opt=0.4, nu_opt_im=0.0)
    other = freed("hartmann_tran")(X, **line, nu_vc=0.4, eta=0.0)
    np.testing.assert_allclose(modified, other, rtol=1e-14)


def test_without_speed_dependence_it_is_a_voigt_peak():
    """gamma2 = shift2 = 0, values and partials by the parameters of both."""
    x = np.linspace(-3.0, 3.0, 101)
    line = {"amplitude": 2.0, "center": 0.1, "sigma": 0.4}
    others = dict.fromkeys(("shift0", "gamma2", "shift2", "mixing"), 0.0)
    model = freed("speed_dependent_voigt")
    value, jac = model.with_partials(x, **line, gamma0=0.3, **others)
    voigt, slopes = pf.models.Voigt().with_partials(x, **line, gamma=0.3)
    np.testing.assert_allclose(value, voigt, rtol=1e-11)
    np.testing.assert_allclose(jac[:4], slopes, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("hartmann_tran", {"nu_vc": 0.25, "eta": 0.3}),
        ("modified_hartmann_tran", {"nu_opt": 0.25, "nu_opt_im": 0.03}),
    ],
)
def test_a_spectrum_of_a_thousand_to_one_shows_all_but_the_temperature(name, own):
    """With the Doppler width known, all others are found without a start."""
    rng = np.random.default_rng(5)
    x = np.linspace(-4.0, 4.0, 801)
    truth = LINE | {"sigma": 0.35, "gamma0": 0.5, "gamma2": 0.06, "shift0": 0.0} | own
    sigma = 1e-4
    y = freed(name)(x, **truth) + sigma * rng.normal(size=x.size)
    held = {key: pf.fixed(truth[key]) for key in ("sigma", "shift0", "mixing")}
    result = pf.fit(freed(name).where(**held), x, y, sigma=sigma)
    pulls = [
        (result[key].value - truth[key]) / result[key].stderr
        for key in truth
        if key not in held
    ]
    assert result.chi2 / result.dof == pytest.approx(1.0, abs=0.2)
    assert np.abs(pulls).max() < 4.0


def test_line_mixing_has_the_sign_of_rosenkranz():
    """Without Doppler width the line is (gamma + Y d) / (d^2 + gamma^2) / pi."""
    line = LINE | {"sigma": 0.0, "shift0": 0.0, "gamma2": 0.0, "shift2": 0.0}
    d = X - line["center"]
    expected = (0.2 + 0.3 * d) / (d**2 + 0.2**2) / np.pi
    value = freed("speed_dependent_voigt")(X, **(line | {"mixing": 0.3}))
    np.testing.assert_allclose(value, expected, rtol=1e-13)
