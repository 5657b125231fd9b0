"""Functions of numpy and scipy that do not dispatch: tables, densities, polynomials."""

from __future__ import annotations

import functools

import numba
import numpy as np
import pytest
import traces
from numpy.polynomial import Polynomial
from numpy.polynomial.legendre import legval
from scipy import special, stats
from scipy.interpolate import CubicSpline, interp1d, splev, splrep
from scipy.stats import norm

X = np.linspace(0.2, 6.3, 40)
POINTS = ((0.7, 1.3), (1.31, 0.72), (0.8, 2.83))
PLACES = np.linspace(-8.0, 30.0, 60)
SPLINE = CubicSpline(PLACES, np.sin(PLACES))
CUBIC = interp1d(PLACES, np.cos(PLACES), kind="cubic")
TCK = splrep(PLACES, np.tanh(PLACES))
CENTERS = np.linspace(-3.0, 9.0, 25)


@numba.njit
def jitted(x, a):
    return np.exp(-a * x)


def comb(x, a, b):
    return (a / ((x[:, None] - CENTERS) ** 2 + b**2)).sum(axis=1)


FUNCTIONS = {
    "interp": lambda x, a, b: a * np.interp(x - b, PLACES, PLACES**2),
    "interp, sides": lambda x, a, b: a * np.interp(b * x, [1, 2, 3], [0, 1, 3], left=7),
    "broken line": lambda x, a, b: np.interp(x, [0.0, b, 7.0], [a, a * b, 1.0]),
    "spline": lambda x, a, b: a * SPLINE(x * b),
    "derivative of a spline": lambda x, a, b: a * SPLINE(x * b, 1),
    "interp1d": lambda x, a, b: a * CUBIC(x - b),
    "splev": lambda x, a, b: a * splev(x - b, TCK),
    "norm": lambda x, a, b: norm.pdf(x, a, b) + norm.cdf(x, loc=a, scale=b),
    "frozen": lambda x, a, b: stats.norm(loc=a, scale=b).pdf(x),
    "gamma density": lambda x, a, b: stats.gamma.pdf(x, 2.0, loc=0.0, scale=a) + b,
    "expon": lambda x, a, b: stats.expon.pdf(x - 2.01, scale=a) * b,
    "cauchy": lambda x, a, b: stats.cauchy.cdf(x, a, b),
    "polyval": lambda x, a, b: np.polyval([a, b, 1.0], x),
    "poly1d": lambda x, a, b: np.poly1d([a, b])(x) + np.poly1d([1.0, 2.0])(a * x),
    "Polynomial": lambda x, a, b: Polynomial([a, b])(x),
    "legval": lambda x, a, b: legval(x / 7.0, [a, b, 0.3, a * b]),
    "voigt": lambda x, a, b: special.voigt_profile(x - 2.0, a, b),
    "w": lambda x, a, b: special.wofz((x - 2.0 + 1j * a) / b).imag,
    "lambert": lambda x, a, b: special.lambertw(a * np.exp(b * x)).real,
    "lower lambert": lambda x, a, b: (
        np.real(special.lambertw(-0.1 * a * x / 7, -1)) * b
    ),
    "gamma": lambda x, a, b: special.gamma(a + x) + special.gammaln(b * x),
    "digamma": lambda x, a, b: special.digamma(a + x) + special.polygamma(1, b * x),
    "factorial": lambda x, a, b: a**x * np.exp(-a) / special.factorial(x) + b,
    "beta": lambda x, a, b: special.beta(a + x, b) + special.ellipk(a * x / 9),
    "integrals": lambda x, a, b: special.exp1(a * x) + special.expi(-b * x),
    "bessel": lambda x, a, b: special.jv(3, a * x) + special.kn(2, b * x),
    "spherical": lambda x, a, b: special.spherical_jn(2, a * x) + b * special.jn(-1, x),
    "normal": lambda x, a, b: special.ndtr(a * x) + special.erfi(b * x / 9),
    "numba": lambda x, a, b: b * jitted(x, a),
    "comb": comb,
    "reduce": lambda x, a, b: functools.reduce(lambda u, v: u * b + v, [a, x, a * x]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("p", POINTS, ids=str)
def test_a_graph_has_values_and_derivatives_of_its_function(name, p):
    """Values to 1e-12, derivatives as differences have them."""
    function = FUNCTIONS[name]
    graph = traces.traced(function, 2, X, POINTS).graph
    value, *slopes = traces.values(graph, X, p)
    original = np.ravel(function(X, *p))
    np.testing.assert_allclose(value, original, atol=1e-12 * np.abs(original).max())
    expected = traces.differences(function, X, np.array(p))
    np.testing.assert_allclose(slopes, expected, rtol=2e-6, atol=1e-6)


def test_sums_over_many_constants_are_loops():
    """One loop instead of a line for each of them."""
    graph = traces.traced(comb, 2, X, POINTS).graph
    assert len(graph.loops) == 1
    assert len(graph.nodes) < 10
