"""`pf.curve_fit` of functions, beside scipy's own answer to the same call."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, OptimizeWarning
from scipy.optimize import curve_fit as scipy_curve_fit

import physfit as pf
from physfit.errors import InputError, ModelError, PhysfitError

RNG = np.random.default_rng(5)
X = np.linspace(0.0, 4.0, 60)
CLOSE = {"xtol": 1e-13, "ftol": 1e-13}


def decay(x, a, b, c=0.0):
    return a * np.exp(-b * x) + c


Y = decay(X, 2.5, 1.3, 0.5) + 0.1 * RNG.standard_normal(X.size)
SIGMA = 0.05 + 0.1 * RNG.random(X.size)
_ROOT = RNG.normal(size=(X.size, X.size))
MATRIX = 0.01 * (_ROOT @ _ROOT.T / X.size + np.eye(X.size))
UV = RNG.normal(size=(2, 50))


def plane(uv, a, b, c):
    return a * uv[0] + b * uv[1] + c


def python_only(x, a, b):
    return float(format(a, ".17g")) * np.exp(-float(format(b, ".17g")) * x)


CASES = {
    "ones": (decay, X, Y, {}),
    "a default that is kept": (decay, X, Y, {"p0": [1.0, 2.0]}),
    "deviations": (decay, X, Y, {"sigma": SIGMA}),
    "absolute": (decay, X, Y, {"sigma": SIGMA, "absolute_sigma": True}),
    "one deviation": (decay, X, Y, {"sigma": 0.1, "absolute_sigma": True}),
    "a matrix": (decay, X, Y, {"sigma": MATRIX}),
    "an absolute matrix": (decay, X, Y, {"sigma": MATRIX, "absolute_sigma": True}),
    "several coordinates": (plane, UV, plane(UV, 1.0, 2.0, 3.0) + UV[0] ** 2, {}),
    "a list": (plane, UV.tolist(), plane(UV, 1.0, 2.0, 3.0) + UV[0] ** 2, {}),
    "a vector": (lambda x, *p: p[0] * np.exp(-p[1] * x), X, Y, {"p0": [2.0, 1.0]}),
    "an object": (lambda x, a, b: a * x["t"] + b, {"t": X}, Y, {}),
    "Python alone": (python_only, X, Y, {"p0": [2.0, 1.0]}),
    "trf": (decay, X, Y, {"method": "trf", "bounds": ([0, 0, 0], [9, 9, 9])}),
    "dogbox": (
        decay,
        X,
        Y,
        {"method": "dogbox", "bounds": Bounds([0, 0, 0], [9, 9, 9])},
    ),
    "a soft loss": (decay, X, Y, {"method": "trf", "loss": "soft_l1"}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_that_of_scipy(name):
    """Values to 1e-5 standard errors, errors to what scipy's differences have."""
    function, x, y, how = CASES[name]
    popt, pcov = pf.curve_fit(function, x, y, **{**CLOSE, **how})
    expected, covariance = scipy_curve_fit(function, x, y, **{**CLOSE, **how})
    errors = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose((popt - expected) / errors, 0.0, atol=1e-5)
    scale = np.outer(errors, errors)
    np.testing.assert_allclose(pcov / scale, covariance / scale, atol=2e-5)


def test_a_start_of_ones_that_fails_is_replaced_by_a_guess():
    """And the message says so; scipy raises."""

    def far(x, amplitude, center, width):
        return amplitude * np.exp(-(((x - center) / width) ** 2))

    x = np.linspace(900.0, 1000.0, 200)
    y = far(x, 5.0, 950.0, 3.0)
    popt, _, _, message, number = pf.curve_fit(far, x, y, full_output=True)
    np.testing.assert_allclose(popt[:2], [5.0, 950.0], rtol=1e-6)
    assert message.endswith(
        "from guessed start values, since the start led to no minimum"
    )
    assert number in (1, 2, 3, 4)


def test_full_output_gives_the_factors_of_the_jacobian():
    """The covariance follows from them as scipy's documentation says."""
    popt, pcov, info, *_ = pf.curve_fit(
        decay, X, Y, sigma=SIGMA, absolute_sigma=True, full_output=True
    )
    n = len(popt)
    r = np.triu(info["fjac"].T[:n])
    inverse = np.linalg.inv(r)
    order = info["ipvt"] - 1
    found = np.empty((n, n))
    found[np.ix_(order, order)] = inverse @ inverse.T
    np.testing.assert_allclose(found, pcov, rtol=1e-8)
    np.testing.assert_allclose(info["qtf"], 0.0, atol=1e-4)
    np.testing.assert_allclose(info["fvec"], (decay(X, *popt) - Y) / SIGMA, rtol=1e-7)


def test_what_scipy_fits_and_we_do_not_determine_is_scipys():
    """Parameters that start alike stay alike by exact derivatives."""

    def twins(x, a, b, c, d):
        return a * np.exp(-b * x) + c * np.exp(-d * x)

    y = twins(X, 3.0, 0.3, 2.0, 3.0) + 1e-3 * RNG.standard_normal(X.size)
    popt, pcov = pf.curve_fit(twins, X, y)
    assert np.isfinite(pcov).all()
    assert sorted(popt[[1, 3]]) == pytest.approx([0.3, 3.0], rel=0.05)


@pytest.mark.parametrize(
    ("how", "error", "sentence"),
    [
        ({"f": lambda x: x}, ValueError, "Unable to determine number of fit"),
        ({"ydata": []}, ValueError, "`ydata` must not be empty"),
        ({"ydata": np.where(X > 1, np.nan, Y)}, ValueError, "infs or NaNs"),
        ({"bounds": (0, 9), "method": "lm"}, ValueError, "only works for unconst"),
        ({"bounds": (0, 9), "p0": [-1, 1, 1]}, ValueError, "Initial guess is outside"),
        ({"sigma": SIGMA[:3]}, ValueError, "`sigma` has incorrect shape"),
        ({"sigma": -MATRIX}, ValueError, "`sigma` must be positive definite"),
        ({"xdata": X[:2], "ydata": Y[:2]}, TypeError, "The number of func param"),
        ({"args": (1,)}, ValueError, "'args' is not a supported keyword"),
        ({"p0": [1.0] * 5}, PhysfitError, "."),
    ],
)
def test_what_scipy_refuses_is_refused(how, error, sentence):
    """By an error of the same kind, in a sentence."""
    given = {"f": decay, "xdata": X, "ydata": Y} | how
    with pytest.raises(error, match=sentence):
        pf.curve_fit(**given)


def test_data_without_degrees_of_freedom_have_infinite_errors():
    """With scipy's warning."""
    with pytest.warns(OptimizeWarning, match="could not be estimated"):
        _, pcov = pf.curve_fit(lambda x, a, b: a * x + b, [0.0, 1.0], [1.0, 3.0])
    assert (pcov == np.inf).all()


def test_a_model_takes_its_place():
    """Text and models as well as functions."""
    popt, _ = pf.curve_fit("exponential + constant", X, Y)
    assert popt[0] == pytest.approx(2.5, abs=0.3)
    with pytest.raises(InputError, match="of a model `curve_fit` takes one"):
        pf.curve_fit("exponential + constant", X, Y, sigma=MATRIX)
    with pytest.raises(ModelError):
        pf.curve_fit("gausian + constant", X, Y)
