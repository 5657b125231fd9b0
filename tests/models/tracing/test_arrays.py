"""Functions that join, cut, choose and loop, as scripts write them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import traces
from scipy.integrate import quad

X = np.linspace(0.2, 6.3, 40)
POINTS = ((0.7, 1.3), (1.3, 0.7), (0.8, 2.9))


def stacked(x, a, b):
    z = a / (1 + 1j * b * (x - x[0]))
    return np.hstack((z.real, z.imag))


def columns(x, a, b):
    return np.column_stack([a * x, np.exp(-b * x)]).ravel()


def pieces(x, a, b):
    first, second = x[:15], x[15:]
    return np.concatenate([a * first, b * np.sqrt(second), [a * b, 1.0]])


def assigned(x, a, b):
    out = np.full_like(x, 1.0) * a
    inside = np.abs(x - 3.0) < b
    out[inside] = a - b * x[inside]
    out[0] = 0.0
    return out


def looped(x, a, b):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] < b:
            out[i] = a
        else:
            out[i] = a * math.exp(-(x[i] - b))
    return out


def zipped(x, a, b):
    return np.array([a * t + b * w for t, w in zip(x, np.arange(40.0), strict=True)])


@np.vectorize
def scalar(t, a, b):
    if t < b:
        return a * t
    return a * b


def integral(x, a, b):
    return np.array([quad(lambda z: np.exp(-a * z), 0.0, t + b)[0] for t in x])


def steps(x, a, b):
    low = a * x[1:] - b
    return np.append(low, b)


FUNCTIONS = [
    stacked,
    columns,
    pieces,
    assigned,
    looped,
    zipped,
    scalar,
    integral,
    steps,
    lambda x, a, b: np.piecewise(x, [x < b, x >= b], [lambda t: a * t, a]),
    lambda x, a, b: np.select([x < 1.0, x < b], [a * x, b * x], default=a),
    lambda x, a, b: a * (x - x.mean()) + b * len(x),
    lambda x, a, b: np.clip(a * x, 0.5, b),
    lambda x, a, b: [a * t + b for t in x],
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@pytest.mark.parametrize("p", POINTS, ids=str)
def test_a_graph_has_values_and_derivatives_of_its_function(function, p):
    """Values to 1e-13 (integrals to 1e-12), derivatives as differences have them."""
    graph = traces.traced(function, 2, X, POINTS).graph
    value, *slopes = traces.values(graph, X, p)
    original = np.ravel(function(X, *p))
    np.testing.assert_allclose(value, original, atol=1e-12 * np.abs(original).max())
    expected = traces.differences(function, X, np.array(p))
    np.testing.assert_allclose(slopes, expected, rtol=1e-6, atol=1e-7)


def test_functions_of_one_sample_are_called_so():
    """Code that takes numbers only is traced with one sample, and says so."""

    def function(t, a, b):
        return a * math.exp(-t) if t > b else a

    result = traces.traced(function, 2, X, POINTS)
    assert result.is_scalar
    value = traces.values(result.graph, X, (2.0, 1.0))[0]
    assert value == pytest.approx(np.where(X > 1.0, 2.0 * np.exp(-X), 2.0))


@pytest.mark.parametrize(
    ("function", "is_bound"),
    [(looped, False), (scalar, False), (stacked, True), (pieces, True), (zipped, True)],
    ids=str,
)
def test_only_what_asks_for_the_grid_is_bound_to_it(function, is_bound):
    """Loops that treat all samples alike hold for any grid."""
    assert traces.traced(function, 2, X, POINTS).is_bound is is_bound


def test_loops_that_carry_something_are_found_out():
    """A sum over the samples so far is not a function of one sample."""

    def function(x, a, b):
        total, out = 0.0, []
        for t in x:
            total = total + a * t
            out.append(total + b)
        return np.array(out)

    with pytest.raises(traces.TraceError, match="the function gives"):
        traces.traced(function, 2, X, POINTS)


def test_sums_over_samples_are_refused():
    """A norm that depends on parameters belongs to the next step of the ladder."""
    with pytest.raises(traces.TraceError, match=r"joins the samples to one number"):
        traces.traced(lambda x, a, b: a * x / np.sum(np.exp(-b * x)), 2, X, POINTS)


def test_complex_values_have_two_parts():
    """Real and imaginary part are two values of one graph, each differentiated."""

    def function(x, a, b):
        return a / (1 + 1j * b * x)

    graph = traces.traced(function, 2, X, POINTS).graph
    builder, outputs, rows = graph.with_derivatives()
    steps = [*outputs, *(step for row in rows for step in row)]
    numbers = traces.evaluated(builder, steps, [X], [0.7, 1.3])
    value, by_a, by_b = (
        re + 1j * im for re, im in zip(numbers[::2], numbers[1::2], strict=True)
    )
    z = 1 + 1.3j * X
    assert value == pytest.approx(0.7 / z)
    assert by_a == pytest.approx(1 / z)
    assert by_b == pytest.approx(-0.7j * X / z**2)


def test_long_arrays_of_the_caller_are_arrays_by_sample():
    """Not a step for each of their entries."""
    x = np.linspace(0.0, 9.0, 30_000)
    template = np.sin(x)
    result = traces.traced(lambda x, a, b: a * template + b, 2, x, POINTS)
    assert len(result.graph.nodes) < 8
    assert result.is_bound
    value = traces.values(result.graph, x, (0.7, 1.3))[0]
    assert value == pytest.approx(0.7 * template + 1.3)


def test_integrals_that_the_rule_does_not_resolve_are_no_number():
    """Far from where a function was compared the rule says when it is not enough."""
    x = np.linspace(1.0, 4.0, 7)

    def function(x, a, b):
        return np.array([quad(lambda z: b * np.exp(-a * z * z), 0.0, t)[0] for t in x])

    graph = traces.traced(function, 2, x, [(1.0, 2.0)]).graph
    value = traces.values(graph, x, (3.0, 2.0))[0]
    assert value == pytest.approx(function(x, 3.0, 2.0), rel=1e-10)
    assert np.isnan(traces.values(graph, x, (1e6, 2.0))[0]).all()


def test_results_of_different_sizes_on_different_paths_are_compared():
    """A number on one path holds for all samples."""

    def function(x, a, b):
        return a if a > b else b * x

    graph = traces.traced(function, 2, X, [(1.3, 0.7), (0.7, 1.3)]).graph
    assert traces.values(graph, X, (2.0, 1.0))[0] == pytest.approx(np.full(X.size, 2.0))
