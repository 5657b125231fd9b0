"""A graph as lines that a person reads."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models.formulas.component import formula
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.listing import INSIDE, Leaves, listing, n_operations

X = np.linspace(-1.3, 2.1, 7)
VALUES = {"a": 1.3, "b": -0.7, "c": 2.2}
FORMULAS = (
    "a - (b - c*x)",
    "a/(b/x) + (a/b)/c",
    "-a**2 + (-a)**2 + (a**2)**x + 2**c**x",
    "a*exp(-(x - b)**2/(2*c**2)) - exp(-(x - b)**2/(2*c**2))**2",
    "where(x < b, a, where(x >= c, -b, c)) + (x > a)*(x < b + 1)",
    "(a + b)*(c - x) - (a + b)*(c + x) + x % (a + c)",
    "where(not (x < a and x > b or x < -1), a, b)",
    "a*sinc(x + b)*cos(c*x)*exp(-a*x)*sin(x*b + c)*cos(x - b)*exp(-c*x) + c*x*x*x*a",
)
NAMES = {name: getattr(np, name) for name in ("exp", "where", "sinc", "cos", "sin")}


@pytest.mark.parametrize("text", FORMULAS)
def test_the_lines_compute_what_the_graph_does(text):
    """Run as Python, sample by sample, they give the value: no bracket is missing."""
    graph = formula(text).tree.declaration.graph
    values = [VALUES[name] for name in graph.parameters]
    builder, outputs, _ = graph.with_derivatives()
    lines = listing(
        builder, [("value", outputs[0])], Leaves(graph.inputs, graph.parameters)
    )
    found = []
    for x in X:
        names = {**NAMES, **VALUES, "x": x}
        exec("\n".join(lines), names)
        found.append(names["value"])
    expected = evaluated(builder, outputs, [X], values, ())[0]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_long_expressions_are_taken_apart():
    """What is used several times, or is long, is computed on a line of its own."""
    graph = formula(FORMULAS[-1]).tree.declaration.graph
    builder, outputs, _ = graph.with_derivatives()
    lines = listing(
        builder, [("value", outputs[0])], Leaves(graph.inputs, graph.parameters)
    )
    assert len(lines) > 1
    assert max(map(len, lines)) < 2 * INSIDE + 20
    assert n_operations(builder, outputs) == 24
