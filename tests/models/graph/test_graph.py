"""Expression graphs: operations, derivatives, kernels."""

from __future__ import annotations

import math
import pickle

import mpmath as mp
import numpy as np
import pytest
from scipy import special

from physfit.engine.layout import Evaluate, Layout
from physfit.engine.program import evaluate
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.numpy_functions import numpy_function
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term

#: Selections have their own rule.
NO_RULE = ("select", "number")
DIFFERENTIABLE = sorted(
    name
    for name, one in OPERATIONS.items()
    if one.is_differentiable
    and not one.is_logical
    and not one.n_numbers
    and name not in NO_RULE
)
#: Operations whose domain begins elsewhere.
SHIFTS = {"acosh": 1.5, "lambert_wm1": -0.583}
#: Two operands inside the domain of every operation.
POINTS = np.array([[0.31, 0.57, 0.83], [0.42, 0.71, 0.26]])


def layout_of(graph):
    kernel = kernel_of(graph, "test")
    n = len(graph.parameters)
    return Layout((Evaluate(kernel, 0),), n, tuple(range(n)), (), (), 1, 1)


def values_of(graph, x, p):
    return evaluate(layout_of(graph), np.array(p, dtype=float), np.array([x]), True)


def graph_of(function, n_parameters):
    builder = Builder()
    x = Term(builder, builder.input(0))
    p = [Term(builder, builder.parameter(k)) for k in range(n_parameters)]
    names = [f"p{k}" for k in range(n_parameters)]
    return Graph.finished(builder, [function(x, *p).step], ["x"], names)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_derivatives_of_operations_are_those_of_their_values(name):
    """The partial by each parameter agrees with a central difference of the value."""
    n_steps = OPERATIONS[name].n_steps

    def function(x, a, b):
        operands = [a * x + SHIFTS.get(name, 0.0), b + x, a + b][:n_steps]
        return operands[0].apply(name, *operands[1:])

    graph = graph_of(function, 2)
    x, p = POINTS[0], np.array([0.7, 0.2])
    _, partials = values_of(graph, x, p)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        ahead, behind = (values_of(graph, x, p + sign * step)[0] for sign in (1, -1))
        slope = (ahead - behind)[0] / 2e-6
        assert partials[k, 0] == pytest.approx(slope, rel=1e-7, abs=1e-8)


#: Their text in Python takes a root of a negative number in what it does not use.
NOT_FOLDED = ("asin", "acos", "acosh", "atanh", "logit", "erfinv", "lambert_wm1")
NOT_FOLDED += ("ellipk", "ellipe")


@pytest.mark.parametrize("name", sorted({*DIFFERENTIABLE} - {*NOT_FOLDED}))
def test_compiled_operations_have_the_values_that_constants_fold_to(name):
    """A compiled operation and the folding of constants agree to two units."""
    operation = OPERATIONS[name]
    graph = graph_of(
        lambda x, a: (a + x).apply(name, *[x] * (operation.n_steps - 1)), 1
    )
    value = values_of(graph, POINTS[0], [0.25])[0][0]
    for x, result in zip(POINTS[0], value, strict=True):
        numbers = [0.25 + x, x, x][: operation.n_steps]
        assert result == pytest.approx(operation.folded(numbers, ()), rel=5e-16)


@pytest.mark.parametrize(
    "name",
    [n for n, one in OPERATIONS.items() if one.n_steps > 0 and not one.reads_table],
)
def test_operations_have_the_same_values_in_numpy(name):
    """What comparisons are made with is what is compiled, slopes included."""
    operation, rng = OPERATIONS[name], np.random.default_rng(5)
    if operation.of_order is not None or operation.is_logical:
        return
    columns = rng.uniform(0.2, 0.9, (3, 9))[: operation.n_steps]
    columns[0] += SHIFTS.get(name, 0.0)
    if name == "lambert_wm1":
        columns[0] = np.linspace(-0.36, -0.01, 9)
    if name == "select":
        columns[0] = columns[0] > 0.5
    value = numpy_function(name)(*columns)
    own = [float(operation.evaluate(*map(float, row))) for row in columns.T]
    assert value == pytest.approx(own, rel=1e-9)


def test_equal_steps_stand_once():
    """Whatever order a product is written in, it is one step."""
    builder = Builder()
    a, b = (Term(builder, builder.parameter(k)) for k in range(2))
    assert (a * b).step == (b * a).step
    assert ((a * b).apply("exp")).step == ((b * a).apply("exp")).step


def test_what_a_branch_gives_that_is_not_taken_does_not_matter():
    """A NaN on the other side of a selection reaches neither value nor derivative."""
    graph = graph_of(
        lambda x, a: x.is_less(0.0).choose(a * x, a * (x * a).apply("sqrt")), 1
    )
    value, partials = values_of(graph, np.array([-1.0, 4.0]), [1.0])
    assert value[0] == pytest.approx([-1.0, 2.0])
    assert partials[0, 0] == pytest.approx([-1.0, 3.0])


def test_integer_powers_are_products():
    """No power is left of x**3, and its derivative is 3 x**2."""
    graph = graph_of(lambda x, a: (a * x) ** 3.0, 1)
    assert "pow" not in {node[0] for node in graph.nodes}
    value, partials = values_of(graph, np.array([-2.0]), [0.5])
    assert value[0] == pytest.approx([-1.0])
    assert partials[0, 0] == pytest.approx([3.0 * 0.25 * -8.0])


def test_graphs_of_the_same_operations_have_the_same_digest():
    """The digest sees operations, not how they were written down."""
    one = graph_of(lambda x, a: 2.0 * (a + x), 1)
    other = graph_of(lambda x, a: (x + a) * 2.0, 1)
    assert one.digest == other.digest
    assert one.digest != graph_of(lambda x, a: (x + a) * math.pi, 1).digest


def test_arrays_by_sample_reach_each_sample():
    """An array with a number for each sample is read in step with the samples."""
    from physfit.kernels.kernel import Context

    builder = Builder()
    a, s = Term(builder, builder.parameter(0)), Term(builder, builder.sample(0))
    offsets = np.arange(600.0)
    graph = Graph.finished(builder, [(a * s).step], ["x"], ["a"], Context(offsets))
    value, partials = values_of(graph, np.zeros(600), [2.0])
    assert np.array_equal(value[0], 2.0 * offsets)
    assert np.array_equal(partials[0, 0], offsets)


@pytest.mark.parametrize("order", [0, 1, 2, 5])
@pytest.mark.parametrize("name", [n for n, one in OPERATIONS.items() if one.of_order])
def test_bessel_functions_of_an_order_are_those_of_scipy(name, order):
    """Value, and its derivative by scipy's difference."""
    function = getattr(special, name)
    graph = graph_of(lambda x, a: (a * x).apply(name, numbers=(order,)), 1)
    x = np.array([0.7, 1.9, 6.4, 14.2])
    value, partials = values_of(graph, x, [1.1])
    assert value[0] == pytest.approx(function(order, 1.1 * x), rel=1e-12)
    ahead, behind = (function(order, (1.1 + s) * x) for s in (1e-6, -1e-6))
    assert partials[0, 0] == pytest.approx((ahead - behind) / 2e-6, rel=2e-7, abs=1e-9)


def test_graphs_with_a_domain_survive_pickle():
    """NaN says where a domain ends; a copy of it is equal, with its hash."""
    builder = Builder()
    nan = builder.constant(float("nan"))
    graph = Graph.finished(builder, [nan], (), ())
    again = pickle.loads(pickle.dumps(graph))
    assert (again, hash(again)) == (graph, hash(graph))


def test_the_slope_of_erfcx_keeps_its_digits_far_out():
    """There 2 a f and 2 / sqrt(pi) differ in their last digits alone."""
    graph = graph_of(lambda x, p: (p * x).apply("erfcx"), 1)
    x = np.array([0.0, 1.0, 8.0, 29.9, 30.1, 1e3, 1e6, 1e9])
    _, partials = values_of(graph, x, [1.0])
    with mp.workdps(60):
        exact = [
            float(mp.diff(lambda p, a=a: mp.exp((p * a) ** 2) * mp.erfc(p * a), 1))
            for a in map(mp.mpf, x)
        ]
    np.testing.assert_allclose(partials[0, 0], exact, rtol=1e-12)
