"""Convolutions that are components of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

import physfit as pf
from physfit.engine.layout import Evaluate
from physfit.models.convolution import kernel as kernels
from physfit.models.convolution.pairs import PAIRS
from physfit.models.declaration import DECLARATIONS
from physfit.models.model import component

X = np.linspace(-4.0, 5.0, 91)
#: Values of parameters by name, those of the response by another list.
LEFT = {"amplitude": 1.3, "center": 0.4, "sigma": 0.7, "gamma": 0.6, "tau": 0.9}
LEFT |= {"slope": 0.3, "intercept": 0.5, "a": 0.4, "b": -0.2, "c": 0.7, "decay": 1.1}
LEFT |= {"tau1": 0.8, "tau2": 1.7, "alpha": 0.2}
RIGHT = {"amplitude": 1.0, "center": 0.25, "sigma": 0.5, "gamma": 0.45, "decay": 0.8}
#: How well sums that end somewhere know the tails of a Lorentzian response.
CUT = 3e-3


def _joined(names: tuple[str, str]) -> tuple[pf.Model, dict[str, float]]:
    left, right = (component(DECLARATIONS[name]) for name in names)
    model = left @ component(DECLARATIONS[names[1]], "r_")
    model = model.where(**{own: pf.param() for own in model.names})
    values = {own: LEFT[own] for own in left.names}
    return model, values | {f"r_{own}": RIGHT[own] for own in right.names}


@pytest.mark.parametrize("names", PAIRS, ids=" @ ".join)
def test_a_known_convolution_is_the_integral(names, monkeypatch):
    """A pair is the integral of its sides, as an adaptive rule has it."""
    model, values = _joined(names)
    left, right = (component(DECLARATIONS[name]) for name in names)
    own = {name: values[name] for name in left.names}
    of_response = {name: values[f"r_{name}"] for name in right.names}
    area = of_response["decay"] if names[1] == "exponential" else 1.0
    begins = DECLARATIONS[names[0]].begins, DECLARATIONS[names[1]].begins
    reach = 4e4 if "gamma" in of_response else 12.0

    def integrand(u, x):
        if (begins[1] and u < 0.0) or (begins[0] and u > x):
            return 0.0
        return float(left(x - u, **own) * right(u, **of_response)) / area

    for x in X[::30]:  # a loop over samples of one curve
        marks = sorted(
            {x, x - own.get("center", 0.0), 0.0, 0.25, -3.0, 3.0, -40.0, 40.0}
        )
        rule = {"limit": 500, "epsabs": 1e-11, "points": marks}
        expected = quad(integrand, -reach, reach, args=(x,), **rule)[0]
        assert model(x, **values) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("names", PAIRS, ids=" @ ".join)
def test_partials_of_a_known_convolution_are_its_derivative(names):
    """Partials are differences; that by the scale of the response is 0."""
    model, values = _joined(names)
    _, partials = model.with_partials(X, **values)
    size = np.abs(model(X, **values)).max()
    for name, slope in zip(model.names, partials, strict=True):
        step = 1e-5
        low, high = (
            model(X, **{**values, name: values[name] + sign * step}) for sign in (-1, 1)
        )
        # the error of the difference, h^2 / 6 times a third derivative
        assert np.abs((high - low) / (2 * step) - slope).max() < 1e-7 * size


def test_a_sum_is_convolved_term_by_term():
    """A sum of pairs is one kernel, needs no whole curve, and is the sum of its terms.

    What is the same everywhere stays as it is.
    """
    models = pf.models
    both = models.Gaussian("a_") + models.Lorentzian("b_") + models.Constant()
    model = both @ models.Gaussian("r_")
    [step] = model.layout.operations
    assert isinstance(step, Evaluate) and not step.kernel.needs_whole_curve
    values = {"a_amplitude": 1.0, "a_center": 0.5, "a_sigma": 0.4, "b_amplitude": 2.0}
    values |= {"b_center": -1.0, "b_gamma": 0.3, "c": 0.7, "r_sigma": 0.6}
    x = np.linspace(-3.0, 3.0, 600)  # three blocks
    value, partials = model.with_partials(x, **values)
    one = models.Gaussian()(x, 1.0, 0.5, np.hypot(0.4, 0.6))
    other = models.Voigt()(x, 2.0, -1.0, 0.6, 0.3)
    np.testing.assert_allclose(value, one + other + 0.7, rtol=1e-14)
    again = model.with_partials(x, **values)[1]
    np.testing.assert_array_equal(again, partials)
    np.testing.assert_allclose(partials[model.index["c"]], 1.0)


def test_known_convolutions_go_through_minibatches():
    """A pair is fitted in windows of rows, as its catalogue component is."""
    x = np.linspace(-3.0, 3.0, 2000)
    model = pf.models.Gaussian() @ pf.models.Gaussian("r_").where(r_sigma=pf.fixed(0.5))
    y = model(x, amplitude=2.0, center=0.3, sigma=0.4)
    start = {"amplitude": 1.5, "center": 0.2, "sigma": 0.5}
    how = {"method": "adam", "batch_size": 200, "epochs": 60, "seed": 1}
    result = pf.fit(model, x, y, start=start, learning_rate=0.02, **how)
    assert result["sigma"].value == pytest.approx(0.4, abs=0.02)


def test_sums_agree_with_pairs(monkeypatch):
    """Summing places of the response gives what is known in closed form."""
    model = pf.models.Lorentzian() @ pf.models.Gaussian("r_")
    model = model.where(r_center=pf.param())
    values = {"amplitude": 2.0, "center": 0.3, "gamma": 0.4, "r_sigma": 0.5}
    values |= {"r_center": 0.2}
    known = model.with_partials(X, **values)
    monkeypatch.setattr(kernels, "pair_kernel", lambda *sides: None)
    summed = pf.Model(model.tree, model.params).with_partials(X, **values)
    for one, other in zip(known, summed, strict=True):
        # partials of the Voigt profile by sigma keep 9 digits
        np.testing.assert_allclose(other, one, rtol=0.0, atol=3e-9)
