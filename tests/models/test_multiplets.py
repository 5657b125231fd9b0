"""Doublets and multiplets of any shape of the catalogue."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError

X = np.linspace(0.0, 10.0, 201)
SHAPES = {
    "voigt": {"sigma": 0.3, "gamma": 0.2},
    "landau": {"sigma": 0.2},
    "moffat": {"alpha": 0.4, "beta": 1.5},
    "skewed_gaussian": {"sigma": 0.4, "alpha": 1.0},
    "speed_dependent_voigt": {"sigma": 0.3, "gamma0": 0.3, "gamma2": 0.05},
}
each_shape = pytest.mark.parametrize("shape", SHAPES)


def values_of(shape: str, **others: float) -> dict[str, float]:
    size = "height" if shape == "moffat" else "amplitude"
    return {size: 2.0, "center": 3.0, **SHAPES[shape], **others}


@each_shape
def test_two_lines_are_the_sum_of_two(shape):
    """At center and center + splitting, the second one `ratio` as large."""
    model = pf.models.Doublet(shape)
    value = model(X, **values_of(shape, splitting=2.0, ratio=0.4))
    one, first = pf.models.parse_model(shape), values_of(shape)
    second = first | {"center": 5.0}
    expected = one(X, **first) + 0.4 * one(X, **second)
    np.testing.assert_allclose(value, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("doublet(voigt)", values_of("voigt", splitting=2.0, ratio=0.4)),
        ("doublet(moffat)", values_of("moffat", splitting=2.0, ratio=0.4)),
        ("multiplet(landau, 1, 3, 2)", values_of("landau", coupling=1.0)),
        ("multiplet(skewed_gaussian, 1, 2)", values_of("skewed_gaussian", coupling=1)),
    ],
)
def test_partials_are_those_of_differences(text, values):
    """By every parameter, the shared ones too."""
    model = pf.models.parse_model(text)
    _, jac = model.with_partials(X, **values)
    for name, row in zip(model.names, jac, strict=True):
        step = 1e-5 * values[name]
        high, low = (
            model(X, **(values | {name: values[name] + sign * step}))
            for sign in (1.0, -1.0)
        )
        slope = (high - low) / (2.0 * step)
        np.testing.assert_allclose(row, slope, atol=1e-6 * np.abs(row).max())


@pytest.mark.parametrize("gamma", [1e-4, 0.3, 30.0])
def test_branches_of_a_shape_are_kept(gamma):
    """Each regime of a Voigt peak, beside the entry of the catalogue."""
    values = {"amplitude": 2.0, "center": 4.0, "sigma": 0.4, "gamma": gamma}
    values |= {"splitting": 1.5, "ratio": 0.5}
    ours = pf.models.Doublet(pf.models.Voigt).with_partials(X, **values)
    theirs = pf.models.VoigtDoublet().with_partials(X, **values)
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)


def test_a_multiplet_has_its_intensities_around_the_center():
    """1 : 3 : 3 : 1 is the quartet of the catalogue; the area is that of all."""
    values = {"amplitude": 2.0, "center": 4.0, "gamma": 0.2, "coupling": 1.0}
    ours = pf.models.Multiplet(pf.models.Lorentzian, [1, 3, 3, 1])
    theirs = pf.models.LorentzianQuartet()
    np.testing.assert_allclose(ours(X, **values), theirs(X, **values), rtol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        "doublet(voigt)",
        "doublet(landau, a_)",
        "multiplet(moffat, 1, 0.3333333333333, b_)",
    ],
)
def test_texts_and_pickles_read_back(text, tmp_path):
    """The expression is the model, in files of results too."""
    model = pf.models.parse_model(text)
    assert pf.models.parse_model(model.expression) == model
    assert pickle.loads(pickle.dumps(model)) == model
    result = pf.fit(model, X, np.exp(-((X - 4.0) ** 2)))
    result.save(tmp_path / "fit.h5")
    assert pf.load_result(tmp_path / "fit.h5").model == model


@each_shape
@pytest.mark.parametrize("origin", [0.0, 13150.0])
def test_a_doublet_needs_no_start(shape, origin):
    """Of 8 curves at a signal-to-noise ratio of 10 each ends where it should."""
    model, rng = pf.models.Doublet(shape), np.random.default_rng(3)
    size = "height" if shape == "moffat" else "amplitude"
    for _ in range(8):
        truth = values_of(shape, splitting=rng.uniform(1, 3), ratio=rng.uniform(0.3, 1))
        truth |= {size: rng.uniform(1, 5), "center": origin + rng.uniform(2, 5)}
        y = model(X + origin, **truth)
        sigma = 0.1 * y.max()
        y = y + sigma * rng.normal(size=X.size)
        ours = pf.fit(model, X + origin, y, sigma=sigma)
        theirs = pf.fit(model, X + origin, y, sigma=sigma, start=truth)
        assert ours.chi2 <= theirs.chi2 + 0.1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("doublet(foo)", "unknown model 'foo'"),
        ("doublet(linear)", "linear has no center"),
        ("doublet(gaussian_doublet)", "several lines already"),
        ("doublet", "of which shape"),
        ("multiplet(voigt, a, b)", "a shape and the intensities"),
        ("multiplet(voigt, 1)", "a shape and the intensities"),
    ],
)
def test_what_is_no_peak_is_refused(text, sentence):
    """In one sentence that says what to write."""
    with pytest.raises(ModelError, match=sentence):
        pf.models.parse_model(text)


def test_intensities_are_positive_numbers():
    """2 to 16 of them."""
    with pytest.raises(InputError, match="`weights` takes the intensities of 2 to 16"):
        pf.models.Multiplet("voigt", [1.0, -1.0])
