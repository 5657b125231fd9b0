"""Functions of arithmetic and elementary functions, as scripts write them."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import traces
from numpy import exp

from physfit.errors import ModelError

X = np.linspace(0.2, 6.3, 40)
RATE = 0.3


def decay(x, a, b):
    return a * exp(-x / b) + RATE


class Line:
    def __init__(self, offset):
        self.offset = offset

    def value(self, x, slope, scale):
        return scale * self.term(x) * slope + self.offset

    def term(self, x):
        return np.asarray(x) + np.log(x)


def peaks(x, *p):
    total = np.zeros_like(x)
    for k in range(0, len(p), 2):
        total += p[k] / (1 + (x - p[k + 1]) ** 2)
    return total


def damped(omega):
    def inner(x, a, b):
        return a * np.cos(omega * x + b) * helper(x)

    def helper(x):
        return np.tanh(x / omega)

    return inner


def branches(x, a, b):
    if a > 1.0:
        return a * x
    if b > 1.0:
        return np.where(x < b, b, a * x)
    return a * b * x


def masks(x, a, b):
    low = x < 3.0
    return low * (a * x) + ~low * np.sqrt(b * x)


def resonance(x, a, b):
    z = a / (1 + 2j * b * (x - 3.0))
    return np.abs(z) + z.imag * z.real


FUNCTIONS = [
    decay,
    Line(2.0).value,
    peaks,
    damped(1.7),
    branches,
    masks,
    resonance,
    functools.partial(lambda x, a, b, c: a * np.arctan(b * x) + c, c=3.0),
    lambda x, a, b: a * np.maximum(1 - b * x, 0) ** 1.5,
    lambda x, a, b: np.array(a) * float(b) * max(a, b) * x,
    lambda x, a, b: a * np.sinc(b * x) + math.exp(b),
    lambda x, a, b: (np.array([a, b]) * x[:, None]).sum(axis=1),
]


POINTS = ((0.7, 1.3), (1.3, 0.7), (0.8, 0.9))


def traced(function):
    return traces.traced(function, 2, X, POINTS)


def values(graph, p):
    return traces.values(graph, X, p)


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@pytest.mark.parametrize("p", POINTS, ids=str)
def test_a_graph_has_values_and_derivatives_of_its_function(function, p):
    """Values to 1e-13, derivatives as extrapolated differences have them."""
    value, *slopes = values(traced(function).graph, p)
    original = function(X, *p)
    np.testing.assert_allclose(value, original, atol=1e-13 * np.abs(original).max())
    expected = traces.differences(function, X, np.array(p))
    np.testing.assert_allclose(slopes, expected, rtol=1e-7, atol=1e-8)


def test_branches_that_raise_are_outside_the_domain():
    """A `raise` on one path gives NaN there, and the other path stays."""

    def function(x, a, b):
        if a < 0.0:
            raise ValueError("a must not be negative")
        return a * x + b

    graph = traced(function).graph
    assert np.isnan(values(graph, (-1.0, 1.0))[0]).all()
    assert values(graph, (2.0, 1.0))[0] == pytest.approx(2.0 * X + 1.0)


def test_the_module_of_the_caller_is_left_alone():
    """Neither globals nor closure cells of the function change."""
    before = dict(decay.__globals__)
    traced(decay)
    assert decay.__globals__ == before
    assert np.array_equal(decay(X, 1.0, 2.0), np.exp(-X / 2.0) + RATE)


def test_a_refusal_names_line_and_expression():
    """The sentence says where in the function, what, and what to do."""

    def function(x, a, b):
        return a * x ** int(b)

    first = function.__code__.co_firstlineno
    with pytest.raises(ModelError, match=rf"^line {first + 1}: `int\(b\)` needs a num"):
        traced(function)


def test_a_refusal_that_the_function_catches_counts():
    """A bare except does not turn what cannot be traced into another function."""

    def function(x, a, b):
        try:
            return a * x ** int(b)
        except Exception:
            return a * x

    with pytest.raises(ModelError, match=r"`int\(b\)` needs a number"):
        traced(function)


def test_a_function_that_keeps_a_state_is_refused():
    """Values of the second call differ from those of the first."""
    calls = []

    def function(x, a, b):
        calls.append(1)
        return a * x + b * len(calls)

    with pytest.raises(ModelError, match="it may keep a state, or be random"):
        traced(function)


def test_parameters_without_a_slope_are_named():
    """A threshold in `np.where` has no derivative anywhere."""
    assert traced(lambda x, a, b: np.where(x < b, a, 2.0 * a)).flat == ("p1",)


def test_traces_that_could_not_be_compared_say_so():
    """A function without a finite value at the points of the comparison."""
    result = traced(lambda x, a, b: a * np.sqrt(-x - b))
    assert result.notes == ("was not finite where its trace was compared with it",)


@pytest.mark.parametrize(
    "options", [{}, {"nan": 1.0, "posinf": 3.0, "neginf": -3.0}, {"posinf": 0.0}]
)
@np.errstate(all="ignore")
def test_numbers_in_place_of_infinity(options):
    """Those that are given, or the largest."""

    def function(x, a):
        return np.nan_to_num(a * np.log(x) / x, **options)

    x = np.array([-1.0, 0.0, 1.0, np.inf])
    graph = traces.traced(function, 1, X, [[1.2]]).graph
    np.testing.assert_allclose(traces.values(graph, x, [1.2])[0], function(x, 1.2))
