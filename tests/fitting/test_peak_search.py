"""Peaks whose number is not known, found in simulated spectra."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit import find_peaks
from physfit.errors import InputError

X = np.linspace(0.0, 100.0, 800)
SHAPES = ("gaussian", "lorentzian", "voigt", "pseudo_voigt")


def spectrum(rng, n_peaks, x=X, least=9.0):
    """Gaussians 1.5 widths apart, the S/N of each `least` to 30 times as much."""
    y = rng.uniform(5.0, 50.0) + rng.uniform(-0.2, 0.2) * x
    truth: list[tuple[float, float, float]] = []
    while len(truth) < n_peaks:
        center, fwhm = rng.uniform(4.0, 96.0), rng.uniform(1.0, 4.0)
        if all(abs(center - c) > 1.5 * max(fwhm, w) for c, w, _ in truth):
            shape = np.exp(-4.0 * np.log(2.0) * ((x - center) / fwhm) ** 2)
            height = least * 10.0 ** rng.uniform(0.0, 1.5) / np.sqrt((shape**2).sum())
            y = y + height * shape
            truth.append((center, fwhm, height))
    return y, sorted(truth)


@pytest.mark.parametrize("n_peaks", range(0, 13, 2))
@pytest.mark.parametrize("has_sigma", [True, False], ids=["sigma", "no sigma"])
def test_the_number_is_the_right_one(n_peaks, has_sigma):
    """Of simulated spectra with 0 to 12 peaks on a slope; places within their errors.

    A false peak or a missed one in 1 of 300 spectra was seen.
    """
    pulls: list[float] = []
    for seed in range(3):
        rng = np.random.default_rng([n_peaks, seed, has_sigma])
        y, truth = spectrum(rng, n_peaks)
        y = y + rng.normal(size=X.size)
        found = find_peaks(
            X, y, sigma=1.0 if has_sigma else None, shape="gaussian", most=12
        )
        assert found.n_peaks == n_peaks
        for prefix, (center, fwhm, _) in zip(found.prefixes, truth, strict=True):
            for name, true in (("center", center), ("fwhm", fwhm)):
                own = found.result[prefix + name]
                pulls.append((own.value - true) / own.stderr)
    if pulls:
        assert np.abs(pulls).max() < 5.0
        assert np.mean(np.square(pulls)) < 1.0 + 5.0 * np.sqrt(2.0 / len(pulls))


@pytest.mark.parametrize("shape", SHAPES)
def test_noise_has_no_peaks(shape):
    """Of 8 curves of noise, some of counts."""
    for seed in range(4):
        rng = np.random.default_rng([seed, len(shape)])
        noise = rng.normal(size=X.size)
        assert find_peaks(X, noise, sigma=1.0, shape=shape).n_peaks == 0
        counts = rng.poisson(5.0, X.size)
        assert find_peaks(X, counts, loss="poisson", shape=shape).n_peaks == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_peaks_of_every_shape(shape):
    """Three of them, two of which overlap; the model's own curve with noise."""
    model = pf.parse_model(f"{shape}(a_) + {shape}(b_) + {shape}(c_) + linear")
    widths = {"sigma": 1.2, "gamma": 1.0, "fraction": 0.5}
    values = {"slope": 0.05, "intercept": 3.0}
    for prefix, center in (("a_", 30.0), ("b_", 36.0), ("c_", 70.0)):
        values |= {f"{prefix}amplitude": 60.0, f"{prefix}center": center}
        values |= {
            f"{prefix}{name}": width
            for name, width in widths.items()
            if f"{prefix}{name}" in model.names
        }
    y = model(X, **values) + 0.3 * np.random.default_rng(3).normal(size=X.size)
    found = find_peaks(X, y, sigma=0.3, shape=shape)
    centers = [found.result[f"{own}center"].value for own in found.prefixes]
    np.testing.assert_allclose(centers, [30.0, 36.0, 70.0], atol=0.3)


def test_counts_uneven_samples_and_dips():
    """By the deviance of counts; on x that is not a grid; peaks that point down."""
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(0.0, 100.0, 600))
    y, truth = spectrum(np.random.default_rng(8), 4, x, least=25.0)
    counts = rng.poisson(np.maximum(4.0 * y, 1.0))
    found = find_peaks(x, counts, loss="poisson", shape="gaussian")
    centers = [found.result[f"{own}center"].value for own in found.prefixes]
    np.testing.assert_allclose(centers, [c for c, *_ in truth], atol=0.5)
    dips = find_peaks(
        x, -y + rng.normal(size=x.size), sigma=1.0, shape="gaussian", sign="negative"
    )
    assert dips.n_peaks == 4
    assert all(dips.result[f"{own}amplitude"].value < 0.0 for own in dips.prefixes)


def test_the_report_shows_what_was_tried(tmp_path):
    """Numbers with their criterion, the one taken, alternatives, and the fit."""
    y, _ = spectrum(np.random.default_rng(1), 2)
    y = y + np.random.default_rng(2).normal(size=X.size)
    found = find_peaks(X, y, sigma=1.0, shape="gaussian")
    text = found.report()
    assert "2 peaks (gaussian) on linear" in text
    assert text.count("taken") == 1
    assert "p2_center" in text
    numbers = [own.n_peaks for own in found.trials]
    assert numbers == list(range(len(numbers)))
    assert pf.parse_model(found.result.model.expression).names == found.result.names
    assert len(found.plot().axes) == 2
    limited = find_peaks(X, y, sigma=1.0, shape="gaussian", most=1)
    assert "raise `most`" in limited.report()


def test_one_peak_of_another_shape_is_remarked():
    """Peaks that lie within each other say that the shape may be another one."""
    values = {"amplitude": 2e4, "center": 50.0, "sigma": 0.8, "sigma_r": 6.0}
    y = pf.models.SplitGaussian()(X, **values)
    y = y + np.random.default_rng(2).normal(size=X.size)
    found = find_peaks(X, y, sigma=1.0, shape="gaussian", most=8)
    assert found.n_peaks > 1
    assert "its shape may be another one" in " ".join(found.report().split())


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"shape": "linear"}, "`shape` takes a peak"),
        ({"sign": "up"}, "`sign`"),
        ({"most": -1}, "`most`"),
        ({"loss": "huber"}, "`loss`"),
        ({"background": "complex_ringdown"}, "."),
    ],
)
def test_bad_arguments_are_refused(keywords, said):
    """With a sentence."""
    with pytest.raises(InputError, match=said):
        find_peaks(X, np.ones(X.size), **keywords)


def test_few_samples_end_the_search():
    """There are never more parameters than samples, and noise has hardly a peak."""
    x = np.linspace(0.0, 100.0, 20)
    n_false = 0
    for seed in range(1270, 1300):
        y = 1.0 + np.random.default_rng(seed).normal(size=x.size)
        n_false += find_peaks(x, y, shape="gaussian").n_peaks > 0
    assert n_false <= 2


def test_a_peak_of_few_samples_is_remarked():
    """An outlier looks like a narrow peak."""
    y = np.random.default_rng(4).normal(size=X.size)
    y[300] += 30.0
    found = find_peaks(X, y, shape="gaussian", sigma=1.0)
    assert found.n_peaks == 1
    assert "it may be an outlier" in " ".join(found.report().split())


def test_a_peak_is_weighed_with_its_choice_of_places():
    """Each asks for 2 log n beyond its parameters: n places it could have had."""
    rng = np.random.default_rng(3)
    y, _ = spectrum(rng, 2)
    found = find_peaks(X, y + rng.normal(size=X.size), sigma=1.0, shape="gaussian")
    for own in found.alternatives:
        n_free = 2 + 3 * own.n
        penalty = (n_free + 2 * own.n) * np.log(X.size)
        assert own.criterion - own.chi2 == pytest.approx(penalty)
