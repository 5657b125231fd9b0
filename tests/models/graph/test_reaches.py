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


def test_factors_have_no_reach():
    """What the value is proportional to is solved for, not searched."""
    assert 0 not in reach_of(lambda x, a, b: a * (x * b).apply("sin"), 2)


def test_ratios_of_parameters_are_around_one():
    """A parameter that another one is divided by is of about its size."""

    def notch(x, a, b):
        return a / b / (1.0 + (a * (x - 7.0)) ** 2.0)

    found = reach_of(notch, 2)
    assert found[1].low < found[0].low
    assert found[1].high > found[0].high
