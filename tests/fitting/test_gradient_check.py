"""Derivatives of models beside differences, where a fit may go."""

from __future__ import annotations

import math

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.kernels.elementary import exp
from physfit.kernels.kernel import point_kernel, scalar
from physfit.models.declaration import Declaration
from physfit.models.model import component
from physfit.models.param import Param

X = np.linspace(0.0, 6.0, 50)


@scalar
def wrong_decay(x, amplitude, tau):
    """A decay whose derivative by tau has a factor too much."""
    fall = exp(-x / tau)
    return amplitude * fall, fall, 1.001 * amplitude * fall * x / (tau * tau)


def wrong():
    """The model of that function."""
    declared = Declaration(
        kernel=point_kernel(wrong_decay),
        description="decay",
        formula="amplitude exp(-x / tau)",
        parameters=(Param("amplitude", "y", "value"), Param("tau", "x", "time", 0.0)),
    )
    return component(declared)


def test_a_wrong_derivative_is_found():
    """By its name, at a sample where it is farthest off, with both numbers."""
    y = 2.0 * np.exp(-X / 1.5) + 0.01 * np.sin(9.0 * X)
    check = pf.check_gradient(wrong(), X, y, start={"amplitude": 1.0, "tau": 1.0})
    assert not check.agree
    assert check.worst["amplitude"].agrees
    found = check.worst["tau"]
    assert found.deviation == pytest.approx(1e-3, rel=1e-3)
    assert found.derivative / found.difference == pytest.approx(1.001, rel=1e-6)
    assert "differ" in check.report()
    [sentence] = check.to_dict()["warnings"]
    assert sentence.startswith(f"`tau`: at {found.where}, sample {found.sample}, the")


@pytest.mark.parametrize(
    "text",
    [
        "voigt + linear",
        "gaussian @ lorentzian(r_) + constant",
        "a*exp(-x/tau)*cos(w*x + phi) + c",
        "driven_response",
        "gaussian_2d_rotated + plane",
    ],
)
def test_models_agree_with_differences(text):
    """At start, solution, bounds and random points; complex and of two coordinates."""
    model = pf.parse_model(text)
    x = X if model.n_inputs == 1 else np.random.default_rng(0).uniform(0, 5, (2, 60))
    values = dict.fromkeys(model.free_names, 1.1)
    y = model(x, **values)
    y = y + 0.01 * np.random.default_rng(1).normal(size=y.shape)
    check = pf.check_gradient(model, x, y, points=3)
    assert check.agree, check.report()
    assert set(check.worst) == set(model.free_names)
    deviations = [own.deviation for own in check.worst.values()]
    assert max(own for own in deviations if not math.isnan(own)) < 1e-5
    n_bounds = np.isfinite(model.free_lower).sum() + np.isfinite(model.free_upper).sum()
    assert len(check.points) + len(check.skipped) == 2 + n_bounds + 3


def test_ties_are_in_the_derivatives():
    """Of a parameter that another one is tied to, both parts count."""
    model = (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
        b_sigma=pf.tie("2 * a_sigma"), b_amplitude=pf.fixed(1.0)
    )
    values = {"a_amplitude": 2.0, "a_center": 2.0, "a_sigma": 0.3, "b_center": 4.0}
    check = pf.check_gradient(model, X, model(X, **values), start=values)
    assert check.agree
    assert tuple(check.worst) == model.free_names


def test_points_are_those_of_the_seed():
    """The same again, and others with another seed; none where none are wanted."""
    y = 2.0 * np.exp(-X / 1.5) + 0.01 * np.sin(9.0 * X)
    first, again, other = (
        pf.check_gradient("exponential", X, y, seed=seed).worst for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    none = pf.check_gradient("exponential", X, y, points=0)
    assert not any("random" in own for own in none.points)
    with pytest.raises(InputError, match="`points` must be"):
        pf.check_gradient("exponential", X, y, points=-1)


def test_a_parameter_that_nothing_moves_with_is_said():
    """Differences know nothing of it, and it counts as no disagreement."""
    model = pf.formula("a*x + where(x > 100, b, 0)")
    check = pf.check_gradient(model, X, 2.0 * X, start={"a": 1.0, "b": 1.0})
    assert check.agree
    assert math.isnan(check.worst["b"].deviation)
    assert "`b`: differences say nothing" in check.report()
