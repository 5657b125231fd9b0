"""Sums and tables of graphs: compiled, with their derivatives, stored."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from physfit.data.files.schema import check_arrays, convert
from physfit.document.records import plain
from physfit.engine.layout import Evaluate, Layout
from physfit.engine.program import evaluate
from physfit.errors import DataError
from physfit.kernels.kernel import Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.graph import Graph
from physfit.models.graph.loop import Loop
from physfit.models.graph.stored import GraphRecord, graph_of, graph_record
from physfit.models.graph.term import Term

X = np.linspace(-2.0, 3.0, 41)
CENTERS, WEIGHTS = np.linspace(-3.0, 3.0, 20), np.linspace(1.0, 2.0, 20)
NAMES = (("x",), ("a", "b"))


def leaves():
    builder = Builder()
    steps = (builder.input(0), builder.parameter(0), builder.parameter(1))
    return builder, *(Term(builder, step) for step in steps)


def body(shape):
    """Loop over centers and weights of an expression of them and three arguments."""
    builder = Builder()
    x, a, b = (Term(builder, builder.parameter(k)) for k in range(3))
    center, weight = (Term(builder, builder.sample(k)) for k in range(2))
    step = shape(x, a, b, center, weight).step
    return Loop.finished(builder, step, 3, Context(CENTERS, WEIGHTS))


def peaks(x, a, b, center, weight):
    return weight * (-((x - a * center) ** 2) / b).apply("exp")


def summed(shape=peaks):
    builder, x, a, b = leaves()
    steps = [x.step, (a * b).step, b.step]
    total = Term(builder, builder.apply("sum", *steps, builder.loop(body(shape))))
    return Graph.finished(builder, [(total * a).step], *NAMES)


def looked_up(name, table, *numbers):
    builder, x, a, b = leaves()
    place = builder.table(table)
    value = (x * a - b).apply(name, numbers=(place, *numbers))
    return Graph.finished(builder, [value.step], *NAMES)


def spline():
    made = CubicSpline(CENTERS, np.sin(CENTERS))
    return looked_up("spline", np.concatenate([made.x, made.c.T.ravel()]), 4)


def compiled(graph, p):
    layout = Layout((Evaluate(kernel_of(graph, "t"), 0),), 2, (0, 1), (), (), 1, 1)
    return evaluate(layout, np.array(p), np.array([X]), True)


def line():
    return looked_up("line", np.concatenate([CENTERS, CENTERS**2]))


GRAPHS = {"sum": summed(), "line": line(), "spline": spline()}
EXPECTED = {
    "sum": lambda x, a, b: (
        a * WEIGHTS * np.exp(-((x[:, None] - a * b * CENTERS) ** 2) / b)
    ).sum(axis=1),
    "line": lambda x, a, b: np.interp(x * a - b, CENTERS, CENTERS**2),
    "spline": lambda x, a, b: CubicSpline(CENTERS, np.sin(CENTERS))(x * a - b),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_compiled_sums_and_tables_have_values_and_derivatives(name):
    """Values to rounding; derivatives as differences, between the places of a table."""
    p = np.array([1.3, 0.731])
    value, partials = compiled(GRAPHS[name], p)
    np.testing.assert_allclose(value[0], EXPECTED[name](X, *p), rtol=1e-13, atol=1e-14)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        ahead, behind = (EXPECTED[name](X, *(p + s * step)) for s in (1, -1))
        slope = (ahead - behind) / 2e-6
        np.testing.assert_allclose(partials[k, 0], slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", GRAPHS)
def test_sums_and_tables_have_the_same_values_in_numpy(name):
    """What is not compiled, of the value and of the derivatives."""
    p = [1.3, 0.731]
    value, partials = compiled(GRAPHS[name], p)
    builder, outputs, rows = GRAPHS[name].with_derivatives()
    steps = [*outputs, *(row[0] for row in rows)]
    numbers = evaluated(builder, steps, [X], p)
    for one, other in zip(numbers, [value[0], *partials[:, 0]], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


def test_sums_of_what_is_linear_in_an_argument_have_numbers_as_slopes():
    """The derivative of `sum(w) a + sum(w c) b` by b is one number."""

    def shape(x, a, b, center, weight):
        return weight * a + weight * center * b

    _, partials = compiled(summed(shape), [1.0, 0.5])
    expected = WEIGHTS.sum() + (WEIGHTS * CENTERS).sum()
    assert partials[1, 0] == pytest.approx(np.full(X.size, expected))


def test_a_loop_does_not_depend_on_the_numbers_of_its_arrays():
    """Kernels of sums over other numbers are the same code."""
    texts = set()
    for shift in (0.0, 1.0):
        builder, x, a, b = leaves()
        loop = body(peaks)
        other = Loop(loop.nodes, loop.output, 3, Context(CENTERS + shift, WEIGHTS))
        step = builder.apply("sum", x.step, a.step, b.step, builder.loop(other))
        graph = Graph.finished(builder, [step], *NAMES)
        texts.add((kernel_of(graph, "t").function.text, graph.digest))
    assert len({text for text, _ in texts}) == 1
    assert len(texts) == 2


def read(record):
    record = convert(record, GraphRecord)
    check_arrays(record)
    return graph_of(record, *NAMES)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("form", [lambda own: own, plain], ids=["arrays", "json"])
def test_sums_and_tables_come_back_from_files(name, form):
    """As they were, with the same digest."""
    again = read(form(graph_record(GRAPHS[name])))
    assert again == GRAPHS[name]
    assert again.digest == GRAPHS[name].digest


def altered(name, path, value):
    record = plain(graph_record(GRAPHS[name]))
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return record


SHORT = {"values": [1.0, 2.0, 3.0], "is_whole": False}
ALTERED = {
    "no loop": ("sum", ("loops",), {}, "sums a loop"),
    "arguments": ("sum", ("loops", "0", "n_arguments"), 1, "parameter|operand|step"),
    "many arguments": ("sum", ("loops", "0", "n_arguments"), 10**7, "parameters"),
    "output": ("sum", ("loops", "0", "output"), 999, "no number"),
    "lengths": ("sum", ("loops", "0", "entries", "0"), SHORT, "arrays of one length"),
    "no arrays": ("sum", ("loops", "0", "entries"), {}, "arrays of one length"),
    "no table": ("line", ("tables",), {}, "table 0 of 0"),
    "odd table": ("line", ("tables", "0"), SHORT, "3 numbers"),
    "short table": ("spline", ("tables", "0"), SHORT, "3 numbers"),
}


@pytest.mark.parametrize(
    ("name", "path", "value", "words"), ALTERED.values(), ids=[*ALTERED]
)
def test_sums_and_tables_that_do_not_fit_are_refused(name, path, value, words):
    """Nothing is read beyond the end of an array."""
    with pytest.raises(DataError, match=words):
        read(altered(name, path, value))
