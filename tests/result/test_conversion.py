"""Quantities that follow from a fit, with their covariance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants

import physfit as pf
from physfit.errors import InputError
from physfit.models.catalogue import COMPONENTS
from physfit.models.expression import Expression
from physfit.models.oscillator_words import OSCILLATOR_WORDS, oscillator_word
from physfit.models.spectral_units import SPECTRAL_UNITS, conversion

T = np.linspace(0.0, 10.0, 200)
EV_NM = constants.h * constants.c / constants.e * 1e9


@pytest.fixture(scope="module")
def ring():
    """A decaying oscillation, in s."""
    model = pf.models.Ringdown("r_") + pf.models.Constant()
    y = model(T, r_amplitude=1.0, r_frequency=0.8, r_rate=0.2, r_phase=0.1, c=0.2)
    y = y + 0.01 * np.random.default_rng(1).normal(size=T.size)
    return pf.fit(model, T, y, sigma=0.01, units=("s", "V"))


@pytest.fixture(scope="module")
def line():
    """A spectral line, in eV."""
    model = pf.models.Voigt()
    x = np.linspace(1.9, 2.1, 300)
    y = model(x, amplitude=1.0, center=2.0, sigma=0.01, gamma=0.01)
    y = y + 0.1 * np.random.default_rng(2).normal(size=x.size)
    return pf.fit(model, x, y, sigma=0.1, units=("eV", "counts"))


def test_values_and_errors_are_those_of_the_result(ring):
    """Of parameters and derived quantities, which have errors of their own."""
    names = ("r_frequency", "r_Q", "r_tau", "c")
    found = ring.convert(*names)
    assert list(found) == list(names)
    for name in names:
        assert found[name].value == ring[name].value
        assert found[name].stderr == pytest.approx(ring[name].stderr, rel=1e-12)
        assert found[name].unit == ring[name].unit


def test_the_covariance_is_that_of_samples_of_the_parameters(ring):
    """Of small steps drawn from the covariance of the fit; with other seeds too."""
    found = ring.convert("r_omega0", "r_Q", "r_zeta", "r_fwhm", ratio="r_rate / c")
    rng = np.random.default_rng(5)
    scale = 1e-3  # so that propagation is linear
    draws = rng.multivariate_normal(
        ring.solution.theta, scale**2 * ring.covariance, size=20_000
    )
    names = ring.free_names
    f, r, c = (draws[:, names.index(own)] for own in ("r_frequency", "r_rate", "c"))
    w = np.sqrt((2.0 * np.pi * f) ** 2 + r**2)
    samples = np.array([w, w / (2.0 * r), r / w, r / np.pi, r / c])
    size = np.sqrt(np.outer(*[found.covariance.diagonal()] * 2))
    error = (np.cov(samples) / scale**2 - found.covariance) / size
    assert np.abs(error).max() < 5.0 / math.sqrt(20_000) * math.sqrt(2.0)
    assert found["r_Q"].value == pytest.approx(samples[1].mean(), rel=1e-5)


@pytest.mark.parametrize("word", OSCILLATOR_WORDS)
@pytest.mark.parametrize(
    "known",
    [
        *({"omega0", "rate"}, {"frequency", "rate"}, {"f0", "Q"}, {"f0", "zeta"}),
        *({"omega0", "tau"}, {"frequency", "tau"}),
    ],
    ids=lambda own: "+".join(sorted(own)),
)
def test_one_vocabulary_whatever_the_parameters_are(word, known):
    """Each pair of parameters gives the same quantities."""
    w, r = 5.0, 0.3
    values = {
        "omega0": w,
        "rate": r,
        "f0": w / (2.0 * math.pi),
        "frequency": math.sqrt(w * w - r * r) / (2.0 * math.pi),
        "Q": w / (2.0 * r),
        "zeta": r / w,
        "tau": 1.0 / r,
        "fwhm": r / math.pi,
    }
    text, unit, _ = oscillator_word(word, dict.fromkeys(known, "1/x"))
    expression = Expression.parse(text)
    assert set(expression.names) <= known
    assert expression(values) == pytest.approx(values[word], rel=1e-12)
    _, along, _ = oscillator_word(word, dict.fromkeys(known, "x"))
    assert along == {"1/x": "x", "x": "1/x", "": ""}[unit]


def test_words_agree_with_what_components_derive():
    """Where a component has a quantity of that name, it is the same one."""
    values = {"omega0": 5.0, "rate": 0.3, "x0": 1.0, "v0": 0.0}
    oscillator = COMPONENTS["DampedOscillator"].declaration
    for name, text, *_ in oscillator.derived:
        word = oscillator_word(name, {"omega0": "1/x", "rate": "1/x"})
        if word is not None:
            own, derived = (
                pf.models.model.Expression.parse(t) for t in (word[0], text)
            )
            assert own(values) == pytest.approx(derived(values), rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("1/cm", constants.e / (constants.h * constants.c) / 100.0),
        ("THz", constants.e / constants.h / 1e12),
        ("meV", 1e3),
        ("K", constants.e / constants.k),
        ("J", constants.e),
    ],
)
def test_proportional_units(line, unit, factor):
    """Positions and widths, with their errors, times one factor."""
    found = line.convert("center", "fwhm", unit=unit)
    for name in ("center", "fwhm"):
        assert found[name].value == pytest.approx(factor * line[name].value, rel=1e-12)
        assert found[name].stderr == pytest.approx(factor * line[name].stderr, rel=1e-9)
        assert found[name].unit == unit
    assert "slope" not in found.report()


def test_wavelengths_of_positions_and_widths(line):
    """lambda = h c / E; a width by the slope there, which the report says."""
    found = line.convert("center", "fwhm", unit="nm")
    center, fwhm = line["center"], line["fwhm"]
    assert found["center"].value == pytest.approx(EV_NM / center.value, rel=1e-12)
    assert found["center"].stderr == pytest.approx(
        EV_NM / center.value**2 * center.stderr, rel=1e-12
    )
    low, high = (EV_NM / (center.value + side * fwhm.value / 2) for side in (1, -1))
    assert found["fwhm"].value == pytest.approx(high - low, rel=1e-3)
    assert "converted by the slope at the position" in found.report()


@pytest.fixture(scope="module")
def driven():
    """A resonance against frequency, in THz, of few vibrations."""
    model = pf.models.DrivenAmplitude()
    x = np.linspace(3.0, 7.0, 300)
    y = model(x, amplitude=1.0, f0=5.0, Q=3.0)
    y = y + 0.01 * np.random.default_rng(3).normal(size=x.size)
    return pf.fit(model, x, y, sigma=0.01, units=("THz", "V"))


def test_the_error_of_a_width_has_that_of_its_position():
    """A badly known position makes the width in nm as uncertain."""
    model = pf.models.Gaussian() + pf.models.Constant()
    x = np.linspace(0.5, 3.5, 300)
    y = model(x, amplitude=1.0, center=2.0, sigma=0.4, c=0.1)
    y = y + 0.3 * np.random.default_rng(2).normal(size=x.size)
    fit = pf.fit(model, x, y, sigma=0.3, units=("eV", "counts"))
    found = fit.convert("fwhm", unit="nm")["fwhm"]
    names = fit.free_names
    places = [names.index("center"), names.index("sigma")]
    full = 2.0 * np.sqrt(2.0 * np.log(2.0))

    def width(center, sigma):
        return full * sigma * EV_NM / center**2

    at, steps = fit.solution.theta[places], 1e-6
    slopes = [
        (width(*(at + h)) - width(*(at - h))) / (2.0 * steps) for h in np.eye(2) * steps
    ]
    covariance = fit.covariance[np.ix_(places, places)]
    assert found.stderr == pytest.approx(np.sqrt(slopes @ covariance @ slopes), 1e-6)
    without = full * EV_NM / at[0] ** 2 * np.sqrt(covariance[1, 1])
    assert abs(found.stderr / without - 1.0) > 0.01


def test_a_maximum_is_a_position_and_not_a_width(driven):
    """That of an oscillator is converted as its frequency is, with no note."""
    found = driven.convert("peak", "f0", unit="nm")
    for name in ("peak", "f0"):
        wavelength = constants.c / (driven[name].value * 1e12) * 1e9
        relative = driven[name].stderr / driven[name].value
        assert found[name].value == pytest.approx(wavelength, rel=1e-12)
        assert found[name].stderr == pytest.approx(wavelength * relative, rel=1e-9)
    assert not found.notes


@pytest.mark.parametrize("unit", ["eV", "nm"])
@pytest.mark.parametrize("name", ["omega0", "rate"])
def test_angular_frequencies_are_no_positions(driven, name, unit):
    """An energy is h f, which they are not in units of f."""
    with pytest.raises(InputError, match="2 pi times a frequency"):
        driven.convert(name, unit=unit)
    assert driven.convert(name, unit="GHz")[name].value == pytest.approx(
        1e3 * driven[name].value
    )


def test_a_period_is_no_width_at_a_frequency():
    """Lengths beside a frequency in their inverse are refused, not converted by it."""
    model = pf.models.Ringdown()
    y = model(T, amplitude=1.0, frequency=0.8, rate=0.2, phase=0.1)
    result = pf.fit(model, T, y, sigma=0.01, units=("mm", "V"))
    assert result.convert("period", unit="nm")["period"].value == pytest.approx(1.25e6)
    with pytest.raises(InputError, match="no `center` in mm"):
        result.convert("period", unit="1/cm")


def test_words_along_frequencies_have_units_of_frequencies():
    """Of x in rad/s, a rate has its unit, and a time the inverse."""
    model = pf.models.DuffingSweepUp()
    x = np.linspace(0.5, 1.5, 200)
    start = {"omega0": 1.0, "rate": 0.05, "alpha": 0.05, "force": 0.05}
    result = pf.fit(model, x, model(x, **start), start=start, units=("rad/s", "V"))
    found = result.convert("fwhm", "tau", "zeta")
    units = [found[own].unit for own in ("fwhm", "tau", "zeta")]
    assert units == ["rad/s", "1/(rad/s)", ""]


def test_units_there_and_back():
    """Each pair of units, and what tables say of 500 nm."""
    for one in SPECTRAL_UNITS:
        for other in SPECTRAL_UNITS:
            there, back = conversion(one, other), conversion(other, one)
            assert back.value(there.value(3.0)) == pytest.approx(3.0, rel=1e-12)
            step = 1e-6
            slope = (there.value(3.0 + step) - there.value(3.0 - step)) / (2.0 * step)
            assert there.slope(3.0) == pytest.approx(slope, rel=1e-6)
    assert conversion("nm", "1/cm").value(500.0) == pytest.approx(20_000.0)
    assert conversion("nm", "eV").value(500.0) == pytest.approx(2.479684, rel=1e-6)


def test_a_fixed_quantity_has_no_error(ring):
    """Its row and column are 0, its error NaN, as in the result."""
    held = ring.refit(c=pf.fixed(0.2))
    found = held.convert("c", "r_tau")
    assert math.isnan(found["c"].stderr)
    assert found["r_tau"].stderr > 0.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda own: own.convert(), "takes names of quantities"),
        (lambda own: own.convert("hight"), "did you mean 'height'"),
        (lambda own: own.convert("Q"), "is no quantity of voigt"),
        (lambda own: own.convert("center", unit="nmm"), "did you mean 'nm'"),
        (lambda own: own.convert("height", unit="nm"), "is no unit of energy"),
        (lambda own: own.convert(ratio="center / centre"), "did you mean 'center'"),
        (lambda own: own.convert(ratio="center /"), "`ratio`"),
        (lambda own: own.convert("sigma", center="fwhm"), "`center` is a quantity"),
        (lambda own: own.convert(3), "as texts, not 3"),
        (lambda own: own.convert("center", unit=3), "as texts, not 3"),
        (lambda own: own.convert("center")["sigma"], "was not converted"),
    ],
)
def test_what_cannot_be_converted_is_said(line, call, said):
    """One sentence with what is known."""
    with pytest.raises(InputError, match=said):
        call(line)


def test_what_has_no_value_has_no_error(line):
    """The slope of a logarithm goes on where it has no value."""
    found = line.convert(none="log(-sigma)")["none"]
    assert np.isnan(found.value) and np.isnan(found.stderr)
    assert str(found) == "nan (not defined here)"


def test_without_units_of_the_data_nothing_is_converted():
    """They are asked for."""
    x = np.linspace(1.0, 3.0, 50)
    model = pf.models.Gaussian()
    y = model(x, amplitude=1.0, center=2.0, sigma=0.2)
    with pytest.raises(InputError, match="has no unit; say those of the data"):
        pf.fit(model, x, y, sigma=0.1).convert("center", unit="nm")


def test_the_report_shows_values_meanings_and_correlations(ring):
    """In text and JSON."""
    found = ring.convert("r_Q", "r_tau")
    text = found.report()
    assert "quality factor" in text
    assert f"{found.correlation[1, 0]:+.4f}" in text
    assert len(found) == 2
    assert "r_tau" in found.report("json")
