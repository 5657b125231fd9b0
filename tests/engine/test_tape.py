"""Expressions as tapes: every operation, interpreted and compiled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from physfit.engine.layout import Code, Evaluate, Layout, Tie
from physfit.engine.problem import assemble, problem_of
from physfit.engine.program import FREE, tabulate
from physfit.engine.tape import PART, TAPE_OPS, Tape, tape_gradient
from physfit.kernels import backgrounds  # noqa: F401
from physfit.models.expression import Expression
from physfit.models.graph.operations import OPERATIONS
from tests.kernels.points import POINTS

EVERY = sorted(set(TAPE_OPS) - {"constant", "parameter", PART})
#: Operands inside the domain of every operation.
AT = (1.3, 0.7, 0.4)


def steps(*names: str, slopes: tuple[tuple[int, int], ...] = ()) -> Tape:
    """Tape of three parameters, and of operations of them."""
    read = [(TAPE_OPS["parameter"], k, 0, 0) for k in range(3)]
    codes = (*read, *((TAPE_OPS[name], 0, 1, 2) for name in names))
    rest = [(TAPE_OPS[PART], 0, 0, 0)] * 2
    return Tape((*codes, *rest), (), len(codes) - 1, slopes)


@pytest.mark.parametrize("op", EVERY)
def test_steps_have_the_values_of_the_graph(op):
    """The engine's operations are those that graphs have under the same names."""
    first = 1.0 if op in ("number", "select") else AT[0]
    at = (0.3 if op in ("asin", "acos", "atanh", "logit") else first, *AT[1:])
    operation = OPERATIONS[op]
    value, _ = tape_gradient(steps(op), np.array(at))
    kind = bool if op in ("and", "or", "not", "number") else float
    expected = float(operation.evaluate(*map(kind, at[: operation.n_steps])))
    assert value == pytest.approx(expected, rel=4e-15)


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("sqrt", [-1.0]),
        ("log", [-2.0]),
        ("log", [0.0]),
        ("div", [1.0, 0.0]),
        ("pow", [-2.0, 0.5]),
        ("pow", [0.0, -1.0]),
        ("pow", [1e200, 3.0]),
        ("sin", [math.inf]),
        ("asin", [1.5]),
        ("acosh", [0.5]),
        ("log1p", [-1.5]),
    ],
)
def test_outside_its_domain_an_expression_is_nan(op, values):
    """Nothing is raised and nothing is clamped."""
    full = np.array([*values, 1.0, 1.0][:3])
    assert math.isnan(tape_gradient(steps(op), full)[0])


def test_derivatives_are_the_steps_that_the_tape_says():
    """Here d/da is a + b and d/db is a b."""
    tape = steps("sub", "add", "mul", slopes=((0, 4), (1, 5)))._replace(value=3)
    value, gradient = tape_gradient(tape, np.array([2.0, 3.0, 0.0]))
    assert (value, gradient) == (-1.0, {0: 5.0, 1: 6.0})


TIES = [f"{op}(a)" for op in ("sqrt", "exp", "log", "sin", "cos", "tan", "atan")]
TIES += [f"{op}(a)" for op in ("tanh", "abs", "erf", "erfcx", "sinh", "floor")]
TIES += ["a + b", "a - b", "a * b", "a / b", "a ** b", "-a", "where(a < b, a, b**3)"]
TIES += ["hypot(a, b)", "voigt_fwhm(a, b)", "maximum(a, b, 1)"]


@pytest.mark.parametrize("text", TIES)
def test_compiled_ties_are_the_interpreted_expressions(text):
    """c = op(a, ...) as a tie: value and chain rule in the loops."""
    tape = Expression.parse(text + " + 0 * b").tape({"a": 0, "b": 1})
    # constant(c) + two idle constants that hold the leaves
    layout = Layout(
        (
            Evaluate(POINTS["constant"], 2),
            Evaluate(POINTS["constant"], 0),
            Code.ADD,
            Evaluate(POINTS["constant"], 1),
            Code.ADD,
        ),
        3,
        (0, 1),
        (),
        (Tie(2, tape),),
        1,
        1,
    )
    theta = np.array([1.3, 0.7])
    value, gradient = tape_gradient(tape, np.array([1.3, 0.7, np.nan]))
    got, jac = tabulate(problem_of(assemble(layout), np.zeros((1, 4))), theta, FREE)
    np.testing.assert_allclose(got[0], value + 2.0, rtol=1e-14)
    expected = [gradient.get(0, 0.0) + 1.0, gradient.get(1, 0.0) + 1.0]
    np.testing.assert_allclose(jac[:, 0, 0], expected, rtol=1e-13)
