"""Derivatives where a function has come to rest: 0, not 0 times infinity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import physfit as pf
from physfit.engine.program import evaluate
from physfit.models.duals import duals_of
from physfit.models.graph import derivatives
from physfit.models.graph.evaluation import evaluated

X = np.array([-3.0, -1.0, -0.2, 0.0, 0.3, 1.0, 2.5, 4.0])


def fermi(x, a, mu, kT):
    return a / (1 + np.exp((x - mu) / kT))


def planck(x, a, T):
    return a * np.abs(x) ** 3 / (np.exp(np.abs(x) / T) - 1)


def planck_expm1(x, a, T):
    return a * np.abs(x) ** 3 / np.expm1(np.abs(x) / T)


def sech2(x, a, x0, w):
    return a / np.cosh((x - x0) / w) ** 2


def cosech(x, a, w):
    return a * np.tanh(x) / np.sinh((x - 0.1) / w)


def arrhenius(x, a, energy):
    return a * np.exp(-energy / np.abs(x))


def saturated(x, a, k):
    return 1 / (1 / a + k / x) + x * k


def turned(x, a, k):
    return np.arctan(a / x) + np.tanh(k / x) + special.erf(a / x) + a * x


def power(x, a, w):
    return a / (1 + (x / w) ** 100)


def phase(x, a, k):
    return np.angle(a * x + 1j * k * x) + np.arctan2(a * x, k * x)


def cole_cole(x, tau, n):
    return np.abs(1 / (1 + (1j * np.abs(x) * tau) ** n))


def complex_exponent(x, a, n):
    return np.imag((1j * np.abs(x) * a) ** (n + 0.3j))


def lognormal(x, m, s):
    return special.erf((np.log(np.abs(x)) - m) / s) + np.tanh(s * np.log(np.abs(x)))


def by_logarithm(x, a, n):
    return a * np.exp(n * np.log(np.abs(x)))


CASES = [
    (cole_cole, (1.3, 0.7)),
    (complex_exponent, (1.3, 0.7)),
    (lognormal, (0.3, 0.7)),
    (by_logarithm, (1.3, 0.7)),
    (fermi, (1.0, 0.1, 0.002)),
    (planck, (1.0, 0.002)),
    (planck_expm1, (1.0, 0.002)),
    (sech2, (1.0, 0.1, 0.002)),
    (cosech, (1.0, 0.002)),
    (arrhenius, (1.0, 0.5)),
    (saturated, (1.0, 2.0)),
    (turned, (0.5, 2.0)),
    (power, (1.0, 0.0002)),
    (phase, (0.5, 2.0)),
]


@pytest.mark.parametrize("many", [2, 5])
@pytest.mark.parametrize(("function", "p"), CASES, ids=lambda one: str(one)[:20])
@np.errstate(all="ignore")
def test_slopes_of_finite_values_are_finite(function, p, many, monkeypatch):
    """Forward, and backward where that is shorter, and by dual numbers."""
    monkeypatch.setattr(derivatives, "MANY", many)
    value, p = function(X, *p), np.array(p)
    graph = pf.model(function, exact=True).tree.declaration.graph
    builder, _, rows = graph.with_derivatives()
    steps = [step for row in rows for step in row]
    found = [np.broadcast_to(row, 8) for row in evaluated(builder, steps, [X], p)]
    duals = duals_of(function, X, p)[1]
    for k, step in enumerate(1e-6 * np.diag(p)):
        slope = (function(X, *(p + step)) - function(X, *(p - step))) / (2 * step[k])
        good = np.isfinite(value) & np.isfinite(slope)
        size = np.abs(slope[good]).max() + np.abs(value[good]).max() / p[k]
        assert good.sum() >= 7
        np.testing.assert_allclose(found[k][good], slope[good], atol=1e-6 * size)
        np.testing.assert_allclose(duals[k][good], slope[good], atol=1e-6 * size)


def quotient_power(x, a):
    return (a / np.abs(x)) ** -1.5


def reciprocal_gamma(x, a):
    return a / special.gamma(60.0 * a * np.abs(x))


#: At x = 0, a place of its own: function, parameter, slope.
PLACES = [
    ("first power", lambda x, a: (x - a) ** (a + 1.0), 0.0, -1.0),
    ("zeroth power", lambda x, a: (a * x) ** (a - 1.0), 1.0, 0.0),
    ("root", lambda x, a: np.sqrt(a * x), 1.0, 0.0),
    ("moved root", lambda x, a: np.sqrt(x - a), 0.0, 0.0),
    ("length", lambda x, a: np.hypot(a * x, 2.0 * a * x), 1.0, 0.0),
    ("phase", lambda x, a: np.arctan2(a * x, x), 1.0, 0.0),
    ("remainder", lambda x, a: np.fmod(x - a, 2.0), 0.0, -1.0),
    ("product", lambda x, a: special.xlogy(x - a, a + 2.0), 0.0, -np.log(2.0)),
    ("bare product", lambda x, a: special.xlogy(a * x, a * x), 1.0, 0.0),
    ("bare power", quotient_power, 1.0, 0.0),
    ("falling", lambda x, a: (a / np.abs(x)) ** -a, 1.0, 0.0),
    ("sign", lambda x, a: np.copysign(a, -np.abs(x)), 1.0, -1.0),
    ("exponential", lambda x, a: special.exprel(x - a), 0.0, -0.5),
    ("small exponential", lambda x, a: special.exprel(x - a), 1e-13, -0.5),
    ("sinc", lambda x, a: np.sinc(x - a), 0.0, 0.0),
]


@pytest.mark.parametrize(
    ("function", "a", "slope"),
    [place[1:] for place in PLACES],
    ids=[place[0] for place in PLACES],
)
def test_slopes_at_single_places(function, a, slope):
    """Compiled and by dual numbers: where a formula of the slope has no value."""
    p, x = np.array([a]), np.array([0.0, 0.7, 1.2, 1.9])
    found = duals_of(function, x, p)[1][0, 0]
    assert found == pytest.approx(slope)
    graph = pf.model(function, exact=True).tree.declaration.graph
    builder, _, ((step,),) = graph.with_derivatives()
    with np.errstate(all="ignore"):
        (numbers,) = evaluated(builder, [step], [x], p, graph.samples.arrays)
    assert np.broadcast_to(numbers, x.shape)[0] == pytest.approx(slope)


def test_reciprocals_of_what_is_too_large_have_a_slope():
    """The gamma function beyond 171, whose reciprocal is 0."""
    x = np.array([0.1, 1.0, 3.0, 5.0])
    graph = pf.model(reciprocal_gamma, exact=True).tree.declaration.graph
    builder, _, ((step,),) = graph.with_derivatives()
    numbers = evaluated(builder, [step], [x], [1.0])[0]
    assert np.isfinite(numbers).all() and numbers[-1] == 0.0


def test_branches_of_equal_slopes_keep_them():
    """Many parameters, and no selection left in the derivatives."""

    def function(x, a, b, c, d, e):
        common = a * x + b * np.sin(c * x) + d * np.cos(e * x)
        return np.where(x < 0, common, common + 1.0)

    model = pf.model(function, exact=True)
    found = evaluate(model.layout, np.ones(5), X[None], True)[1][:, 0]
    sine, cosine = np.sin(X), np.cos(X)
    expected = [X, sine, X * cosine, cosine, -X * sine]
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


@np.errstate(all="ignore")
def test_a_law_that_overflows_is_fitted():
    """Planck's law far beyond its maximum, where the exponential is no number."""
    x = np.linspace(0.1, 400.0, 200)
    noise = 0.01 * np.random.default_rng(1).standard_normal(x.size)
    start = {"a": 0.9, "T": 0.48}
    fit = pf.fit(planck, x, planck(x, 1.0, 0.5) + noise, sigma=0.01, start=start)
    assert fit.converged
    assert abs(fit["T"].value - 0.5) < 4.0 * fit["T"].stderr < 0.4
