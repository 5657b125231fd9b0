"""Which parameters others mean nothing without."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.models.parse import parse_model
from physfit.result.many_factors import factors_of


def bump(x, a, c, w, b):
    """A peak on a background, as a user writes it."""
    return a * np.exp(-(((x - c) / w) ** 2)) + b


def called(x, a, c, w, b):
    """The same, which only Python can compute."""
    return np.array([a * float(np.exp(-(((own - c) / w) ** 2))) + b for own in x])


PEAK = {"a": (), "c": ("a",), "w": ("a",), "b": ()}
CASES = {
    "gaussian + linear": {"center": ("amplitude",), "slope": (), "intercept": ()},
    "voigt + constant": {"gamma": ("amplitude",), "c": (), "amplitude": ()},
    "gaussian(a_) + gaussian(b_)": {
        "a_center": ("a_amplitude",),
        "b_sigma": ("b_amplitude",),
    },
    "gaussian(a_) * exponential(b_)": {"b_decay": ("a_amplitude",)},
    "exponential + constant": {"decay": ("amplitude",)},
    "damped_oscillator": {"omega0": (), "rate": ()},
    "complex_ringdown": {"phase": ("amplitude",)},
    "gaussian_2d_isotropic + constant": {"centery": ("amplitude",)},
    "a*exp(-((x - c)/w)**2) + b": PEAK,
}
MODELS = {text: parse_model(text) for text in CASES}
MODELS |= {"function": pf.model(bump), "called": pf.model(called)}
CASES |= {"function": PEAK, "called": PEAK}


@pytest.mark.parametrize("case", CASES)
def test_factors(case):
    """A width or a place needs an amplitude; a background needs none."""
    model = MODELS[case]
    theta = np.linspace(1.3, 2.1, len(model.free_names))
    found = {name: factors_of(model, [name], theta) for name in CASES[case]}
    assert found == CASES[case]


def test_a_width_of_two_peaks_needs_neither():
    """A tied one is that of both."""
    model = parse_model("gaussian(a_) + gaussian(b_)")
    model = model.where(b_sigma=pf.tie("a_sigma"))
    theta = np.linspace(1.3, 2.1, len(model.free_names))
    assert factors_of(model, ["a_sigma"], theta) == ()
    assert factors_of(model, ["a_center"], theta) == ("a_amplitude",)


def test_what_has_the_factor_needs_none():
    """A height is zero without its amplitude, which is a value."""
    model = MODELS["gaussian + linear"]
    theta = np.array([3.0, 1.0, 0.5, 0.1, 2.0])
    height, fwhm = (own.expression.names for own in model.derived)
    assert factors_of(model, height, theta) == ()
    assert factors_of(model, fwhm, theta) == ("amplitude",)
