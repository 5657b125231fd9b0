"""Expressions as tapes: every operation, interpreted and compiled."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from physfit.engine.layout import Code, Evaluate, Layout, Tie
from physfit.engine.problem import assemble, problem_of
from physfit.engine.program import FREE, tabulate
from physfit.engine.tape import TAPE_OPS, Tape, tape_gradient
from physfit.kernels import backgrounds  # noqa: F401
from tests.kernels.points import POINTS
from tests.kernels.test_voigt_width import exact

UNARY = {
    "neg": lambda x: -x,
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "atan": mpmath.atan,
    "tanh": mpmath.tanh,
    "abs": abs,
    "erf": mpmath.erf,
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
}
BINARY = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
}
WIDTHS = {
    "voigt_height": lambda x, y: exact("height", x, y),
    "voigt_fwhm": lambda x, y: exact("fwhm", x, y),
}


def unary(op: str) -> Tape:
    return Tape(((TAPE_OPS["parameter"], 0, 0), (TAPE_OPS[op], 0, 0)), ())


def binary(op: str) -> Tape:
    parameter = TAPE_OPS["parameter"]
    return Tape(((parameter, 0, 0), (parameter, 1, 0), (TAPE_OPS[op], 0, 1)), ())


def test_every_operation_is_tested():
    """The table of operations and this file go together."""
    assert {*UNARY, *BINARY, *WIDTHS, "constant", "parameter"} == set(TAPE_OPS)


@pytest.mark.parametrize("x", [0.3, 1.7, 2.9])
@pytest.mark.parametrize("op", UNARY)
def test_unary_operations_have_exact_derivatives(op, x):
    """Value and derivative against mpmath."""
    value, gradient = tape_gradient(unary(op), np.array([x]))
    assert value == pytest.approx(float(UNARY[op](mpmath.mpf(x))), rel=1e-14)
    slope = float(mpmath.diff(UNARY[op], mpmath.mpf(x)))
    assert gradient[0] == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize(("x", "y"), [(0.3, 1.7), (2.5, -1.2), (1.1, 3.0)])
@pytest.mark.parametrize("op", BINARY)
def test_binary_operations_have_exact_derivatives(op, x, y):
    """Value and both derivatives against mpmath."""
    value, gradient = tape_gradient(binary(op), np.array([x, y]))
    function = BINARY[op]
    assert value == pytest.approx(float(function(mpmath.mpf(x), mpmath.mpf(y))))
    for k, order in enumerate([(1, 0), (0, 1)]):
        slope = float(mpmath.diff(function, (x, y), order))
        assert gradient[k] == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("op", WIDTHS)
def test_functions_of_two_widths_have_exact_derivatives(op):
    """Value and both derivatives against mpmath."""
    value, gradient = tape_gradient(binary(op), np.array([0.5, 0.8]))
    with mpmath.workdps(40):
        point = (mpmath.mpf(0.5), mpmath.mpf(0.8))
        assert value == pytest.approx(float(WIDTHS[op](*point)), rel=1e-13)
        slopes = [mpmath.diff(WIDTHS[op], point, n) for n in ((1, 0), (0, 1))]
    assert list(gradient.values()) == pytest.approx([*map(float, slopes)], rel=1e-10)


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
    ],
)
def test_outside_its_domain_an_expression_is_nan(op, values):
    """Nothing is raised and nothing is clamped."""
    tape = unary(op) if len(values) == 1 else binary(op)
    assert math.isnan(tape_gradient(tape, np.array(values))[0])


@pytest.mark.parametrize("op", [*UNARY, *BINARY])
def test_compiled_ties_are_the_interpreted_expressions(op):
    """c = op(a, ...) as a tie: value and chain rule in the loops."""
    tape = unary(op) if op in UNARY else binary(op)
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
