"""Backgrounds that follow the peaks of their sum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

import physfit as pf

MODELS = pf.models
X = np.linspace(-5.0, 12.0, 341)
PEAK = {"amplitude": 1000.0, "center": 3.0, "sigma": 0.5, "gamma": 0.3}
SUMS = {
    "shirley": (
        MODELS.Voigt() + MODELS.Shirley() + MODELS.Constant(),
        PEAK | {"k": 0.05, "c": 20.0},
    ),
    "tougaard": (
        (MODELS.Voigt() + MODELS.Linear() + MODELS.Tougaard()),
        PEAK | {"b": 300.0, "C": 1000.0, "slope": 0.1, "intercept": 20.0},
    ),
    "both": (
        MODELS.Shirley(kinetic=True) + MODELS.Voigt() + MODELS.Tougaard(kinetic=True),
        PEAK | {"k": 0.05, "b": 100.0, "C": 1643.0},
    ),
    "two peaks": (
        MODELS.Gaussian("a_") + MODELS.Shirley() + MODELS.Gaussian("b_"),
        {"a_amplitude": 900.0, "a_center": 2.0, "a_sigma": 0.4, "k": 0.03}
        | {"b_amplitude": 500.0, "b_center": 5.0, "b_sigma": 0.6},
    ),
    "convolved": (
        MODELS.Moffat() @ MODELS.Gaussian("r_") + MODELS.Shirley(),
        {"height": 300.0, "center": 3.0, "alpha": 0.5, "beta": 1.5}
        | {"r_sigma": 0.4, "k": 0.04},
    ),
}
SAMPLES = {
    "uniform": X,
    "uneven": np.sort(np.random.default_rng(1).uniform(-5.0, 12.0, 200)),
    "shuffled": np.random.default_rng(2).permutation(X),
}


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize(("model", "values"), SUMS.values(), ids=SUMS)
def test_partials_are_the_derivative_of_the_value(model, values, x):
    """Partials by parameters of peaks have their part in the background."""
    model = model.where(**{name: pf.param() for name in values})
    _, partials = model.with_partials(x, **values)
    for name in values:
        step, slope = 1e-5 * max(values[name], 1.0), partials[model.index[name]]
        high, low = (
            model(x, **{**values, name: values[name] + sign * step}) for sign in (1, -1)
        )
        difference = (high - low) / (2.0 * step)
        np.testing.assert_allclose(slope, difference, atol=1e-7 * np.abs(slope).max())


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("kinetic", [False, True], ids=["binding", "kinetic"])
def test_shirley_is_the_integral_of_the_peaks(x, kinetic):
    """Over the samples, from the low side or from the high one."""
    model = MODELS.Voigt() + MODELS.Shirley(kinetic=kinetic) + MODELS.Linear()
    lines = {"slope": 0.3, "intercept": 2.0}
    order = np.argsort(x)[:: -1 if kinetic else 1]
    peak = MODELS.Voigt()(x, **PEAK)
    passed = cumulative_trapezoid(
        peak[order], np.abs(x[order] - x[order][0]), initial=0
    )
    expected = peak + 0.3 * x + 2.0
    expected[order] += 0.05 * passed
    found = model(x, **PEAK, **lines, k=0.05)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("kinetic", [False, True], ids=["binding", "kinetic"])
@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
def test_tougaard_is_the_convolution_with_the_cross_section(x, kinetic):
    """A sum over all pairs of samples, written as a matrix."""
    model = MODELS.Voigt() + MODELS.Tougaard(kinetic=kinetic)
    order = np.argsort(x)
    places, peak = x[order], MODELS.Voigt()(x, **PEAK)[order]
    loss = places[:, None] - places
    loss = np.maximum(-loss if kinetic else loss, 0.0)
    weights = np.zeros(len(places))
    weights[:-1] += 0.5 * np.diff(places)
    weights[1:] += 0.5 * np.diff(places)
    expected = np.empty(len(x))
    section = 300.0 * loss / (1643.0 + loss**2) ** 2
    expected[order] = peak + section @ (weights * peak)
    np.testing.assert_allclose(model(x, **PEAK, b=300.0), expected, rtol=1e-11)


def test_components_are_peaks_and_backgrounds():
    """They sum to the curve; backgrounds are known as such."""
    model, truth = SUMS["two peaks"]
    y = np.random.default_rng(3).poisson(model(X, **truth) + 5.0)
    result = pf.fit(model + MODELS.Constant(), X, y, loss="poisson", start=truth)
    parts = result.components(X)
    assert list(parts) == ["gaussian(a_)", "shirley", "gaussian(b_)", "constant"]
    np.testing.assert_allclose(sum(parts.values()), result(X), rtol=1e-12)
    assert result.background_names == ("shirley", "constant")


def test_text_files_and_rows(tmp_path):
    """The same from text, from a file, and in rows, with starts from the data."""
    model, truth = SUMS["shirley"]
    assert pf.parse_model("voigt + shirley + constant") == model
    assert pf.parse_model("voigt + shirley_kinetic(s_)").names[-1] == "s_k"
    rng = np.random.default_rng(4)
    rows = rng.poisson(model(X, **truth), size=(40, X.size)).astype(float)
    result = pf.fit(model, X, rows[0], loss="poisson")
    result.save(tmp_path / "fit.json")
    loaded = pf.load_result(tmp_path / "fit.json")
    np.testing.assert_array_equal(loaded(X), result(X))
    many = pf.fit_many(model, X, rows, loss="poisson")
    assert many.converged.all()
    assert many["k"].value[0] == pytest.approx(result["k"].value, rel=1e-4)
    pulls = (many["k"].value - truth["k"]) / many["k"].stderr
    # 40 pulls: three standard errors of their mean and of their deviation
    assert abs(pulls.mean()) < 3.0 / np.sqrt(40)
    assert abs(pulls.std() - 1.0) < 3.0 / np.sqrt(80)


REFUSED = {
    "alone": ("shirley", "has no value without"),
    "no peaks": ("linear + shirley", "none in linear"),
    "convolved": ("(voigt + shirley) @ gaussian(r_)", "has no value without"),
    "complex": ("complex_ringdown + gaussian(a_) + shirley", "follows real peaks"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_where_there_are_no_peaks(text, said):
    """One sentence says what it stands with."""
    with pytest.raises(pf.errors.ModelError, match=said):
        _ = pf.parse_model(text).layout


def test_minibatches_are_refused():
    """Integrals need the whole curve."""
    model, truth = SUMS["shirley"]
    with pytest.raises(pf.errors.ModelError, match="whole curve"):
        y = model(X, **truth)
        pf.fit(model, X, y, method="adam", batch_size=50, start=truth)
