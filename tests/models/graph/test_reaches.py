"""What values a formula lets its parameters have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.graph.reaches import reaches
from physfit.models.graph.term import Term

X = np.linspace(2.0, 12.0, 101)[None]


def reach_of(function, n_parameters):
    builder = Builder()
    x = Term(builder, builder.input(0))
    p = [Term(builder, builder.parameter(k)) for k in range(n_parameters)]
    names = [f"p{k}" for k in range(n_parameters)]
    graph = Graph.finished(builder, [function(x, *p).step], ["x"], names)
    return reaches(graph, X)


@pytest.mark.parametrize(
    ("function", "low", "high"),
    [
        (lambda x, a: ((x - a) ** 2.0 * -1.0).apply("exp"), 2.0, 12.0),
        (lambda x, a: (x - (a + 5.0)).apply("tanh"), -3.0, 7.0),
        (lambda x, a: (x - a * 2.0).apply("tanh"), 1.0, 6.0),
        (lambda x, a: x.is_less(a).choose(1.0, 0.0), 2.0, 12.0),
        (lambda x, a: (x + a).apply("sin"), -12.0, -2.0),
    ],
    ids=["distance", "shifted", "scaled", "step", "sum"],
)
def test_what_is_taken_from_x_is_a_place(function, low, high):
    """A position lies in the range of x, whatever is added to it."""
    reach = reach_of(function, 1)[0]
    assert not reach.is_size
    assert (reach.low, reach.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (lambda x, a: (-(x / a)).apply("exp"), 5.0),
        (lambda x, a: (x * a).apply("cos"), 4.0),
        (lambda x, a: (-(a * a) * x).apply("exp"), 0.5),
        (lambda x, a: ((x - 7.0) / a).apply("erf"), 1.0),
        (lambda x, a: 1.0 / ((x - 7.0) ** 2.0 + a * a), 1.0),
        (lambda x, a: 1.0 / (1.0 + ((x - 7.0) / a) ** 2.0), 1.0),
        (lambda x, a: x**a, 1.5),
    ],
    ids=["decay", "frequency", "square", "edge", "width", "ratio", "exponent"],
)
def test_what_makes_an_argument_has_a_size(function, value):
    """A usual value lies in the reach, which spans less than five decades."""
    reach = reach_of(function, 1)[0]
    assert reach.is_size
    assert reach.low < value < reach.high < 1e5 * reach.low


def test_phases_lie_within_a_turn():
    """What is added to an angle, and has no size of its own, is an angle."""
    found = reach_of(lambda x, a, b: (x * a + b).apply("sin"), 2)
    assert (found[1].low, found[1].high) == (0.0, 2.0 * math.pi)


def test_factors_of_the_value_are_of_the_size_of_y():
    """What the value is proportional to grows as the data do, or as their inverse."""
    found = reach_of(lambda x, a, b: a * (x * b).apply("sin"), 2)
    assert found[0].power == 1.0
    assert found[1].power == 0.0
    inverse = reach_of(lambda x, a, b: (-x * b).apply("exp") / a, 2)
    assert inverse[0].power == -1.0


@pytest.mark.parametrize(
    ("function", "edge", "side"),
    [
        (lambda x, a: 1.0 / (x - a), 2.0, -1),
        (lambda x, a: 1.0 / (a - x), 12.0, 1),
        (lambda x, a: (x + a).apply("log"), -2.0, 1),
        (lambda x, a: x / (x + a), -2.0, 1),
        (lambda x, a: 1.0 / (x * x - a), 4.0, -1),
    ],
    ids=["pole", "turned", "logarithm", "saturation", "square"],
)
def test_what_keeps_a_sum_from_zero_lies_beyond_x(function, edge, side):
    """A denominator and a logarithm have no zero among the samples."""
    reach = reach_of(function, 1)[0]
    assert (reach.edge, reach.side) == (edge, side)


@pytest.mark.parametrize(
    ("function", "frequency", "period"),
    [
        (lambda x, a: (x * a).apply("sin"), 1.0, 0.0),
        (lambda x, a: (2.0 * math.pi * (a * x)).apply("cos"), 0.5 / math.pi, 0.0),
        (lambda x, a: (2.0 * math.pi * x / a).apply("cos"), 0.0, 2.0 * math.pi),
        (lambda x, a: ((a * a - 0.1).apply("sqrt") * x).apply("sin"), 1.0, 0.0),
        (lambda x, a: (a * (x * x)).apply("sin"), 0.0, 0.0),
    ],
    ids=["angular", "frequency", "period", "shifted", "chirp"],
)
def test_frequencies_are_known_by_the_spectrum_of_the_data(function, frequency, period):
    """The number that turns an angular frequency into the parameter."""
    reach = reach_of(function, 1)[0]
    assert (reach.frequency, reach.period) == pytest.approx((frequency, period))


def test_roots_of_places_are_places():
    """A resonance in squares of frequencies lies in the range of x."""
    reach = reach_of(lambda x, a: 1.0 / ((x * x - a * a) ** 2.0 + 1.0), 1)[0]
    assert not reach.is_size
    assert (reach.low, reach.high) == pytest.approx((2.0, 12.0))


def test_ratios_of_parameters_are_around_one():
    """A parameter that another one is divided by is of about its size."""

    def notch(x, a, b):
        return a / b / (1.0 + (a * (x - 7.0)) ** 2.0)

    found = reach_of(notch, 2)
    assert found[1].low < found[0].low
    assert found[1].high > found[0].high
