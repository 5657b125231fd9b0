"""Graphs as data: what comes back, and what is refused."""

from __future__ import annotations

import msgspec
import pytest

from physfit.data.files.schema import check_arrays, convert
from physfit.document.records import plain
from physfit.errors import DataError, ModelError
from physfit.kernels.kernel import Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.graph.stored import GraphRecord, graph_of, graph_record
from physfit.models.graph.term import Term

NAMES = (("x",), ("a", "b"))


def example(samples=()):
    """where(x < a, a*exp(-x), maximum of b and -0.0) + inf*(x < 0) and so on."""
    builder = Builder()
    x, a, b = (
        Term(builder, step)
        for step in (builder.input(0), builder.parameter(0), builder.parameter(1))
    )
    value = x.is_less(a).choose(a * (-x).apply("exp"), b + x * 0.1)
    value = x.is_less(-0.0).choose(float("inf"), value)
    if samples:
        value = value + Term(builder, builder.sample(0))
    contexts = [Context(*samples)] if samples else []
    return Graph.finished(builder, [value.step], *NAMES, *contexts)


def read(record):
    record = convert(record, GraphRecord)
    check_arrays(record)
    return graph_of(record, *NAMES)


@pytest.mark.parametrize("form", [lambda own: own, plain], ids=["arrays", "json"])
@pytest.mark.parametrize("samples", [(), ([1.0, 2.5], [3.0, 4.0])], ids=len)
def test_a_graph_comes_back(form, samples):
    """From arrays and from lists, with infinities and arrays of samples."""
    graph = example(samples)
    assert read(form(graph_record(graph))) == graph
    assert read(form(graph_record(graph))).digest == graph.digest


def altered(**changes):
    """A record of another graph, or of none."""
    record = plain(graph_record(example()))
    for name, change in changes.items():
        record[name] = change(record[name]) if callable(change) else change
    return record


def swapped(name, other):
    return lambda names: [other if own == name else own for own in names]


CASES = {
    "unknown operation": ({"names": swapped("exp", "system")}, "'system', which is"),
    "attribute": ({"names": swapped("exp", "__class__")}, "'__class__', which is"),
    "long name": ({"names": swapped("exp", "x" * 9999)}, "^.{,80}'x{40}', which is"),
    "of derivatives only": ({"names": swapped("exp", "sinc_slope")}, "which is none"),
    "more operands": ({"names": swapped("neg", "add")}, "stand|operands|earlier"),
    "no name": ({"operations": lambda own: [99, *own[1:]]}, "no name"),
    "negative name": ({"operations": lambda own: [-1, *own[1:]]}, "no name"),
    "cycle": ({"operands": lambda own: [*own[:-1], 10**6]}, "does not stand before"),
    "itself": ({"operands": lambda own: [*own[:-1], 14]}, "does not stand before"),
    "negative step": ({"operands": lambda own: [*own[:-1], -1]}, "does not stand"),
    "cut operands": ({"operands": lambda own: own[:-2]}, "ends within"),
    "more than belong": ({"operands": lambda own: [*own, 0]}, "but .* belong"),
    "no steps": ({"operations": [], "operands": []}, "0 operations"),
    "too many steps": ({"operations": [0] * 30_000}, "30000 operations"),
    "too many names": ({"names": [str(k) for k in range(999)]}, "length"),
    "no output": ({"outputs": []}, "0 values"),
    "three outputs": ({"outputs": [1, 1, 1]}, "3 values"),
    "output outside": ({"outputs": [500]}, "no number that it can give"),
    "output of a condition": ({"outputs": [3]}, "no number that it can give"),
    "infinite constant": ({"constants": [None, 1.0]}, "constant that is nan"),
    "no constants": ({"constants": []}, "constant 0 of 0"),
    "text for numbers": ({"operands": "import os"}, "operands"),
    "fractions": ({"operands": [0.5]}, "operands"),
    "name that is a number": ({"names": [3]}, "names"),
    "numbered otherwise": (
        {"samples": {"7": {"values": [1.0], "is_whole": False}}},
        "not numbered",
    ),
    "samples of two sizes": (
        {
            "samples": {
                str(k): {"values": [1.0] * (k + 1), "is_whole": False} for k in (0, 1)
            }
        },
        "different samples",
    ),
    "table of fractions": (
        {"tables": {"0": {"values": [0.5], "is_whole": True}}},
        "whole numbers",
    ),
    "condition as a number": ({"names": swapped("exp", "not")}, "condition|number"),
    "number as a condition": ({"names": swapped("less", "add")}, "condition|number"),
}


@pytest.mark.parametrize(("changes", "words"), CASES.values(), ids=list(CASES))
def test_what_is_no_graph_is_refused(changes, words):
    """Each in a sentence, before anything is made of it."""
    with pytest.raises(DataError, match=words):
        read(altered(**changes))


def test_equal_steps_are_refused():
    """Steps of a graph stand once: numbers of steps are told by it."""
    record = {
        "names": ["input", "neg", "add"],
        "operations": [0, 1, 1, 2],
        "operands": [0, 0, 0, 1, 2],
        "constants": [],
        "outputs": [3],
    }
    with pytest.raises(DataError, match="stands twice"):
        read(record)


def test_derivatives_cannot_ask_for_any_memory():
    """Slopes of steps by parameters are limited, here and where graphs are made."""
    record = convert(altered(), GraphRecord)
    with pytest.raises(DataError, match="has 200000 parameters"):
        graph_of(record, ("x",), ("a",) * 200_000)
    graph = sum_of_terms(1500, 1)
    record = convert(graph_record(graph), GraphRecord)
    with pytest.raises(DataError, match="slopes of operations"):
        graph_of(record, graph.inputs, graph.parameters)
    with pytest.raises(ModelError, match="slopes of operations"):
        graph.with_derivatives()


def sum_of_terms(n, n_factors):
    """A sum of products of `n_factors` parameters each."""
    builder = Builder()
    total = Term(builder, builder.input(0))
    for k in range(n):
        term = Term(builder, builder.input(0))
        for j in range(n_factors):
            term = term * Term(builder, builder.parameter(k * n_factors + j))
        total = total + term.apply("exp")
    names = tuple(f"p{k}" for k in range(n * n_factors))
    return Graph.finished(builder, [total.step], ("x",), names)


def test_whatever_has_derivatives_comes_back():
    """Many parameters, each of few operations."""
    graph = sum_of_terms(220, 4)
    assert len(graph.nodes) * len(graph.parameters) > 1_000_000
    assert len(graph.with_derivatives()[2]) == 880
    record = convert(graph_record(graph), GraphRecord)
    assert graph_of(record, graph.inputs, graph.parameters) == graph


def test_a_record_is_plain_values():
    """Lists of names and arrays of numbers, nothing else."""
    encoded = msgspec.json.encode(plain(graph_record(example(([1.0], [2.0])))))
    assert read(msgspec.json.decode(encoded)) == example(([1.0], [2.0]))


@pytest.mark.parametrize("order", [-1, 20, 10**9])
def test_orders_that_no_function_has_are_refused(order):
    """Before a function of that order is made."""
    builder = Builder()
    x = Term(builder, builder.input(0))
    graph = Graph.finished(builder, [x.apply("jv", numbers=(3,)).step], *NAMES)
    record = plain(graph_record(graph))
    record["operands"][-1] = order
    with pytest.raises(DataError, match=r"order|takes"):
        read(record)
