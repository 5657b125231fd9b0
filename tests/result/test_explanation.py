"""What is told of how a model is computed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import physfit as pf

X = np.linspace(0.0, 4.0, 9)


def decay(t, a, tau):
    return a * np.exp(-t / tau)


def about_the_mean(t, a):
    return a * (t - t.mean())


def cooling(t, rate):
    return solve_ivp(lambda t, u: -rate * u, (0.0, 4.0), [1.0], t_eval=t).y[0]


def convolved(t, a, tau):
    return np.convolve(a * np.exp(-t / tau), np.ones(3) / 3.0, mode="same")


@pytest.mark.parametrize(
    ("model", "x", "sentences"),
    [
        (decay, None, ["exact, compiled", "operations   5, ", "for any samples"]),
        ("b*exp(-x/tau)", None, ["b * exp(-x / tau)\n", "value = b * exp("]),
        (pf.models.Gaussian(), None, ["written by hand", "amplitude / (sigma"]),
        (about_the_mean, None, ["known when it meets data", "`t.mean()`"]),
        (about_the_mean, X, ["exact, compiled", "on these 9 samples", "(x - 2)"]),
        (cooling, X, ["differences: cooling is called as Python", "line "]),
        (convolved, X, ["exact, by dual numbers: convolved is called as Python"]),
    ],
    ids=["traced", "formula", "catalogue", "unbound", "bound", "called", "duals"],
)
def test_the_step_of_the_ladder_is_told(model, x, sentences):
    """With what is computed where it was traced, and the reason where it was not."""
    text = str(pf.explain(model, x))
    for sentence in sentences:
        assert sentence in text


def test_components_of_a_sum_are_told_one_after_the_other():
    """Each with the names that its parameters have in the model."""
    text = pf.explain(pf.model(decay, prefix="b_") + pf.models.Gaussian()).report()
    assert text.index("b_tau") < text.index("gaussian")


def test_derivatives_are_listed_on_request():
    """One for each parameter, by its name."""
    assert "d/da" not in str(pf.explain(decay))
    assert "d/dtau = " in repr(pf.explain(decay, derivatives=True))
