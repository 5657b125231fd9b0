"""Convolutions that are summed over places of the response."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

import physfit as pf

MODELS = pf.models
SIGMA = 0.4


def gauss(u, sigma=SIGMA):
    """Gaussian of unit area."""
    return np.exp(-0.5 * (u / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))


def moffat(x):
    """Moffat peak of the tests."""
    return 1.5 * (1.0 + ((x - 0.3) / 0.5) ** 2) ** -1.5


PEAK = MODELS.Moffat() @ MODELS.Gaussian("r_")
VALUES = {"height": 1.5, "center": 0.3, "alpha": 0.5, "beta": 1.5, "r_sigma": SIGMA}
_UNIFORM = np.linspace(-3.0, 3.0, 121)
_RANDOM = np.random.default_rng(3).uniform(-3.0, 3.0, 40)
SAMPLES = {
    "uniform": _UNIFORM,
    "descending": _UNIFORM[::-1],
    "with gaps": np.delete(_UNIFORM, [3, 4, 5, 60, 61, 119]),
    "shuffled": np.random.default_rng(1).permutation(_UNIFORM),
    "uneven": np.sort(_RANDOM),
    "coarse": np.linspace(-3.0, 3.0, 7),
    "fine": np.linspace(0.0, 0.1, 30),
    "far apart": np.array([-300.0, 0.1, 0.7, 200.3]),
    "one": np.array([0.37]),
    "twice": np.array([0.2, 0.2, 0.4]),
    "geometric": np.geomspace(0.01, 3.0, 30),
}


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
def test_a_convolution_is_the_integral_wherever_the_samples_are(x):
    """The value does not depend on where the other samples are, nor on their order."""
    found = PEAK(x, **VALUES)
    places = slice(None, None, max(1, len(x) // 6))
    limits = {"epsabs": 1e-13, "limit": 200, "points": [-1.0, 0.0, 1.0]}
    expected = [
        quad(lambda u, at=at: moffat(at - u) * gauss(u), -4, 4, **limits)[0]
        for at in x[places]
    ]
    np.testing.assert_allclose(found[places], expected, rtol=0.0, atol=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_uneven_samples_are_those_of_a_lattice_wherever_it_begins(seed):
    """The first and the last sample too, whose places a rounding may move."""
    x = np.random.default_rng(seed).uniform(-4.0, 4.0, 30)
    found, partials = PEAK.with_partials(x, **VALUES)
    each = [PEAK.with_partials(x[k : k + 1], **VALUES) for k in range(30)]
    np.testing.assert_allclose(found, [own[0][0] for own in each], atol=1e-11)
    rows = np.array([own[1][:, 0] for own in each]).T
    np.testing.assert_allclose(partials, rows, atol=1e-9)


@pytest.mark.parametrize("name", ["uniform", "with gaps", "uneven", "coarse"])
def test_partials_are_the_derivative_of_the_value(name):
    """Partials by all parameters of both sides agree with central differences."""
    x, step = SAMPLES[name], 1e-5
    model = PEAK.where(**{own: pf.param() for own in PEAK.names})
    values = VALUES | {"r_center": 0.1, "r_amplitude": 1.0}
    _, partials = model.with_partials(x, **values)
    for own, slope in zip(model.names, partials, strict=True):
        high, low = (
            model(x, **{**values, own: values[own] + sign * step}) for sign in (1, -1)
        )
        np.testing.assert_allclose(slope, (high - low) / (2 * step), atol=3e-8)


def test_a_line_of_two_coordinates_and_a_complex_one():
    """A complex model is convolved in both parts; two coordinates are refused."""
    with pytest.raises(pf.errors.ModelError, match="one coordinate"):
        MODELS.Gaussian2d() @ MODELS.Gaussian("r_")
    x = np.linspace(-2.0, 2.0, 61)
    seen = MODELS.ComplexRingdown() @ MODELS.Gaussian("r_")
    values = {"amplitude": 1.0, "frequency": 0.5, "rate": 0.2, "phase": 0.4}
    found = seen(x, **values, r_sigma=0.3)
    # an exponential exp(s x) is multiplied by exp(s^2 sigma^2 / 2)
    s = -0.2 + 2j * np.pi * 0.5
    exact = MODELS.ComplexRingdown()(x, **values) * np.exp(0.5 * (s * 0.3) ** 2)
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_area_is_kept_and_polynomials_follow_the_moments():
    """A response of unit area keeps areas; x^2 gains the variance of the response."""
    x = np.linspace(-40.0, 40.0, 4001)
    peak = MODELS.SplitGaussian() @ MODELS.Gaussian("r_")
    y = peak(x, amplitude=2.5, center=0.3, sigma=0.5, sigma_r=1.2, r_sigma=0.8)
    # a Gaussian of two halves has a jump in its second derivative
    assert y.sum() * 0.02 == pytest.approx(2.5, rel=1e-6)
    curve = (MODELS.Polynomial(2) + MODELS.Moffat()) @ MODELS.Gaussian("r_")
    values = {"c0": 0.2, "c1": 0.1, "c2": 0.3, "height": 0.0, "center": 0.0}
    got = curve(_UNIFORM, **values, alpha=1.0, beta=2.0, r_sigma=0.7)
    exact = 0.2 + 0.1 * _UNIFORM + 0.3 * (_UNIFORM**2 + 0.7**2)
    np.testing.assert_allclose(got, exact, rtol=1e-12)


def test_the_model_goes_on_beyond_the_data():
    """Edges are those of the model itself: a wider range changes nothing."""
    near, wide = np.linspace(0.0, 1.0, 41), np.linspace(-4.0, 5.0, 361)
    np.testing.assert_allclose(
        PEAK(near, **VALUES), PEAK(wide, **VALUES)[160:201], rtol=1e-13
    )


def test_a_response_that_is_a_sum_is_given_unit_area():
    """Of two Gaussians, 1 : 2 in area, a line is moved by their common centroid."""
    both = MODELS.Gaussian("r_") + MODELS.Gaussian("s_")
    model = (MODELS.Moffat() + MODELS.Linear()) @ both
    assert model.parameters["r_amplitude"].fixed and model.parameters["r_center"].fixed
    assert not model.parameters["s_amplitude"].fixed
    values = {"height": 0.0, "center": 0.0, "alpha": 1.0, "beta": 1.0}
    values |= {"slope": 1.0, "intercept": 0.0, "r_sigma": 0.3, "s_sigma": 0.3}
    found = model(_UNIFORM, **values, s_amplitude=2.0, s_center=0.6)
    np.testing.assert_allclose(found, _UNIFORM - 0.4, atol=1e-12)


def test_an_exponential_response_begins_at_its_origin():
    """A Gaussian, known by another name, has the tail that the closed form gives it."""
    x = np.linspace(-6.0, 8.0, 141)
    model = MODELS.PseudoVoigt() @ MODELS.Exponential("r_")
    values = {"amplitude": 1.0, "center": 0.5, "sigma": 0.6, "fraction": 0.0}
    found, partials = model.with_partials(x, **values, r_decay=0.9)
    sigma = 0.6 / np.sqrt(2.0 * np.log(2.0))
    exact = (MODELS.Gaussian() @ MODELS.Exponential("r_")).with_partials(
        x, amplitude=1.0, center=0.5, sigma=sigma, r_decay=0.9
    )
    np.testing.assert_allclose(found, exact[0], atol=1e-9)
    np.testing.assert_allclose(partials[-1], exact[1][-1], atol=1e-8)


@pytest.mark.parametrize("first", [0.0, -1.013], ids=["on x = 0", "beside x = 0"])
def test_a_decay_begins_at_zero(first):
    """A decay is 0 before x = 0 where it is convolved, wherever samples lie."""
    x = first + 0.05 * np.arange(120)
    u = np.linspace(-3.0, 3.0, 241)
    response = pf.response(u, gauss(u))
    model = (MODELS.Exponential() + MODELS.Constant()) @ response
    model = model.where(shift=pf.param(0.0))
    values = {"amplitude": 2.0, "decay": 1.3, "c": 0.4, "shift": 0.2}
    found, partials = model.with_partials(x, **values)
    known = MODELS.DecayResponse().with_partials(
        x, amplitude=2.0, center=0.2, sigma=SIGMA, tau=1.3
    )
    # the spline between samples, a tenth of sigma apart
    np.testing.assert_allclose(found - 0.4, known[0], atol=2e-6)
    np.testing.assert_allclose(partials[1], known[1][3], atol=2e-6)
    np.testing.assert_allclose(partials[3], known[1][1], atol=2e-4)


@pytest.mark.parametrize("beta", [0.3, 0.7, 1.5])
def test_a_stretched_decay_may_begin_as_any_power(beta):
    """Against an adaptive rule in t^beta, and its partials against differences."""
    model = MODELS.StretchedExponential() @ MODELS.Gaussian("r_")
    x = np.linspace(-1.0, 4.0, 101)
    values = {"amplitude": 1.0, "tau": 1.2, "beta": beta, "r_sigma": 0.15}
    found, partials = model.with_partials(x, **values)

    def integrand(s, at):
        t = s ** (1.0 / beta)
        rate = t ** (1.0 - beta) / beta
        return np.exp(-s / 1.2**beta) * gauss(at - t, 0.15) * rate

    for k in range(4, 101, 16):  # a loop over samples of one curve
        ends = np.maximum(x[k] + np.array([-1.2, -0.3, 0.0, 0.3, 1.2]), 0.0) ** beta
        marks = {"points": ends, "epsabs": 1e-12, "limit": 400}
        exact = quad(integrand, 0.0, ends[-1], args=(x[k],), **marks)[0]
        assert found[k] == pytest.approx(exact, abs=2e-8)
    for name in ("tau", "beta", "r_sigma"):
        high, low = (
            model(x, **{**values, name: values[name] + step}) for step in (1e-5, -1e-5)
        )
        slope = partials[model.index[name]]
        np.testing.assert_allclose(slope, (high - low) / 2e-5, atol=2e-6)


def test_what_cannot_be_convolved_is_refused():
    """Two beginnings, and functions that are called as Python."""
    two = MODELS.StretchedExponential() @ MODELS.Exponential("r_")
    with pytest.raises(pf.errors.ModelError, match="both begin at x = 0"):
        two(1.0, amplitude=1.0, tau=1.0, beta=1.0, r_decay=1.0)

    def called(x, a):
        return a * float(str(x[0])) + 0.0 * x

    own = pf.model(called) @ MODELS.Gaussian("r_")
    with pytest.raises(pf.errors.ModelError, match="cannot be convolved"):
        own(np.linspace(0.0, 1.0, 5), a=1.0, r_sigma=0.1)
    with pytest.raises(pf.errors.ModelError, match=r"pf\.models\.Constant"):
        MODELS.Gaussian() @ 2.0


def test_a_convolution_is_refused_in_minibatches():
    """Sums need all samples at once: one sentence says so, and names the model."""
    x = np.linspace(-3.0, 3.0, 500)
    with pytest.raises(pf.errors.ModelError, match=r"moffat @ gaussian.* whole curve"):
        pf.fit(PEAK, x, moffat(x), method="adam", batch_size=50, start=VALUES)


def test_an_erf_step_is_seen_through_its_derivative():
    """The step of an error function seen by a Gaussian is a wider one."""
    x = np.linspace(-3.0, 3.0, 61)
    model = pf.formula("a*(1 + erf((x - c)/(w*sqrt(2))))") @ MODELS.Gaussian("r_")
    found = model(x, a=0.5, c=0.3, w=0.6, r_sigma=0.8)
    exact = 0.5 * (1.0 + erf((x - 0.3) / np.sqrt(2.0)))
    # a formula declares no width: its 0.6 are resolved by those of the response
    np.testing.assert_allclose(found, exact, atol=1e-10)


@pytest.mark.parametrize("sigma", [1e-12, 1e-6, 1e-3])
def test_a_response_far_narrower_than_the_step_leaves_the_line(sigma):
    """Also where a step would take more places than are summed in all."""
    x = np.linspace(-10.0, 10.0, 41)
    model = pf.models.Pearson7() @ pf.models.SkewedGaussian("r_")
    line = pf.models.Pearson7()(x, 1.0, 0.123, 1.0, 2.0)
    mean = sigma * np.sqrt(1.0 / np.pi)
    left = {"amplitude": 1.0, "center": 0.123 - mean, "gamma": 1.0, "m": 2.0}
    found = model(x, **left, r_sigma=sigma, r_alpha=1.0)
    assert found == pytest.approx(line, abs=2.0 * sigma**2 + 1e-12)


@pytest.mark.parametrize("response", ["(gaussian(r_) + constant)", "(exp(x / w))"])
def test_a_response_that_does_not_fall_has_no_curve(response):
    """Its area is not known, so every value is NaN; a slow fall is cut."""
    model = pf.parse_model(f"moffat @ {response}")
    x = np.linspace(-5.0, 5.0, 41)
    assert np.isnan(model(x, **dict.fromkeys(model.free_names, 1.1))).all()
    held = {name: pf.fixed(1.1) for name in ("c", "w") if name in model.free_names}
    model = model.where(**held)
    fit = pf.fit(model, x, np.exp(-x * x), start=dict.fromkeys(model.free_names, 1.1))
    assert not fit.converged
    assert any("does not fall at the end of its reach" in own for own in fit.warnings)
    slow = pf.parse_model("moffat @ lorentzian(r_)")
    assert np.isfinite(slow(x, **dict.fromkeys(slow.free_names, 1.1))).all()
