"""Expressions: the allow-list, folding, values and exact gradients."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physfit.engine.tape import PART, TAPE_OPS
from physfit.errors import ModelError
from physfit.models.expression import Expression
from physfit.models.formulas.functions import OPERATORS, functions
from physfit.models.graph.operations import OPERATIONS

#: Functions of one argument, and a value where all are defined.
MP = {
    **{name: getattr(mpmath, name) for name in ("sqrt", "exp", "log", "sin", "cos")},
    **{name: getattr(mpmath, name) for name in ("tan", "atan", "tanh", "erf", "erfc")},
    **{name: getattr(mpmath, name) for name in ("asin", "acos", "sinh", "cosh")},
    **{name: getattr(mpmath, name) for name in ("asinh", "atanh", "expm1", "log1p")},
    **{name: getattr(mpmath, name) for name in ("floor", "ceil", "sign", "cbrt")},
    "abs": abs,
    "acosh": lambda x: mpmath.acosh(x),
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "exp2": lambda x: mpmath.power(2, x),
    "expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log10": lambda x: mpmath.log(x, 10),
    "log2": lambda x: mpmath.log(x, 2),
    "log_expit": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "logit": lambda x: mpmath.log(x / (1 - x)),
    "rint": mpmath.nint,
    "trunc": lambda x: mpmath.floor(abs(x)) * mpmath.sign(x),
}
PLACES = {"acosh": 1.7}
OF_TWO = {
    "mod(a, b)": lambda a, b: a - b * mpmath.floor(a / b),
    "hypot(a, b)": lambda a, b: mpmath.sqrt(a * a + b * b),
    "atan2(a, b)": mpmath.atan2,
    "logaddexp(a, b)": lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)),
    "where(a < b, a**2, a * b)": lambda a, b: a * a if a < b else a * b,
    "maximum(a, b) - minimum(a, 2 * b)": lambda a, b: max(a, b) - min(a, 2 * b),
    "where(not a <= b and a != b or a == 1, b, a)": lambda a, b: b if a > b else a,
    "a * (a > b)": lambda a, b: a if a > b else a * 0,
}
BINARY = {
    "add": ("a + b", lambda a, b: a + b),
    "sub": ("a - b", lambda a, b: a - b),
    "mul": ("a * b", lambda a, b: a * b),
    "div": ("a / b", lambda a, b: a / b),
    "pow": ("a ** b", lambda a, b: a**b),
}
#: Double precision with a few roundings; the bound of erfcx is tested elsewhere.
TOLERANCE = 1e-12


def test_every_operation_of_the_tape_is_one_of_the_graph():
    """Codes of the engine have the names of the graph, and functions are tested."""
    assert set(TAPE_OPS) - {"constant", "parameter", PART} <= set(OPERATIONS)
    of_one = {own for own, function in functions().items() if function.most == 1}
    assert set(MP) == (of_one & set(TAPE_OPS)) - OPERATORS


@pytest.mark.parametrize("name", MP)
def test_functions_have_the_value_and_derivative_of_mpmath(name):
    """Value and derivative of each function agree with mpmath."""
    at = PLACES.get(name, 0.3)
    value, slopes = Expression.parse(f"{name}(a)").gradient({"a": at})
    assert value == pytest.approx(float(MP[name](mpmath.mpf(at))), rel=TOLERANCE)
    with mpmath.workdps(30):
        slope = float(mpmath.diff(MP[name], mpmath.mpf(at)))
    assert slopes["a"] == pytest.approx(slope, rel=TOLERANCE, abs=1e-20)


@pytest.mark.parametrize("at", [(1.3, 0.7), (0.4, 0.7)], ids=str)
@pytest.mark.parametrize(("text", "function"), OF_TWO.items(), ids=list(OF_TWO))
def test_functions_of_two_have_the_values_and_derivatives_of_mpmath(text, function, at):
    """Selections differentiate what they select."""
    value, slopes = Expression.parse(text).gradient(dict(zip("ab", at, strict=True)))
    point = [mpmath.mpf(own) for own in at]
    assert value == pytest.approx(float(function(*point)), rel=TOLERANCE)
    with mpmath.workdps(30):
        exact = [float(mpmath.diff(function, point, n)) for n in ((1, 0), (0, 1))]
    assert [slopes[name] for name in "ab"] == pytest.approx(exact, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("name", ["voigt_height", "voigt_fwhm"])
def test_functions_of_both_widths_have_exact_derivatives(name):
    """Both derivatives agree with differences; more in test_voigt_width."""
    expression = Expression.parse(f"{name}(a, 2 * b)")
    at, step = {"a": 0.6, "b": 0.4}, 1e-6
    for key, slope in expression.gradient(at)[1].items():
        up, down = (expression(at | {key: at[key] + d}) for d in (step, -step))
        # Differences are good to step^2 and to rounding over step.
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("voigt_fwhm(a)", "`voigt_fwhm` takes two arguments"),
        ("sqrt(a, b)", "`sqrt` takes one argument"),
        ("erf(a, b, c)", "`erf` takes one argument"),
        ("where(a, b)", "`where` takes 3 arguments"),
    ],
)
def test_functions_take_as_many_arguments_as_they_have(text, words):
    """The error says which function takes how many."""
    with pytest.raises(ModelError, match=words):
        Expression.parse(text)


@pytest.mark.parametrize(("text", "function"), BINARY.values(), ids=list(BINARY))
def test_operators_have_the_value_and_derivatives_of_mpmath(text, function):
    """Value and both derivatives of each operator agree with mpmath."""
    at = {"a": 1.3, "b": 0.7}
    value, slopes = Expression.parse(text).gradient(at)
    assert value == pytest.approx(function(1.3, 0.7), rel=TOLERANCE)
    point = (mpmath.mpf(1.3), mpmath.mpf(0.7))
    with mpmath.workdps(30):
        exact = [float(mpmath.diff(function, point, n)) for n in ((1, 0), (0, 1))]
    assert [slopes["a"], slopes["b"]] == pytest.approx(exact, rel=TOLERANCE)


@pytest.mark.parametrize("exponent", ["2", "3", "-1", "0.5", "-1.5", "1", "0"])
def test_powers_by_a_constant_have_their_derivative(exponent):
    """The short cuts for squares and roots change nothing."""
    value, slopes = Expression.parse(f"a ** ({exponent})").gradient({"a": 1.7})
    power = float(exponent)
    assert value == pytest.approx(1.7**power, rel=TOLERANCE)
    assert slopes["a"] == pytest.approx(power * 1.7 ** (power - 1.0), rel=TOLERANCE)


def _joined(parts):
    names = st.sampled_from(["sin", "cos", "atan", "tanh", "exp"])
    return st.one_of(
        st.tuples(parts, st.sampled_from("+-*"), parts).map(
            lambda p: f"({''.join(p)})"
        ),
        parts.map(lambda p: f"(-{p})"),
        st.tuples(names, parts).map(lambda p: f"{p[0]}(sin({p[1]}))"),
    )


TEXTS = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5", "pi"]), _joined, max_leaves=8
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=TEXTS)
def test_any_expression_has_the_gradient_of_mpmath(text):
    """Folding and sharing of steps keep value and gradient of nested expressions."""
    at = {"a": 0.4, "b": -1.3, "c": 2.1}
    expression = Expression.parse(text)
    value, slopes = expression.gradient(at)

    def exact(**values):
        return mpmath.mpf(eval(text, MP | {"pi": mpmath.pi} | values))

    with mpmath.workdps(30):
        assert value == pytest.approx(float(exact(**at)), rel=1e-10, abs=1e-10)
        step = mpmath.mpf("1e-12")
        for name in expression.names:
            up, down = dict(at), dict(at)
            up[name], down[name] = at[name] + step, at[name] - step
            slope = float((exact(**up) - exact(**down)) / (2 * step))
            assert slopes[name] == pytest.approx(slope, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.real",
        "a.__class__",
        "a[0]",
        "'a'",
        "[a]",
        "(a, b)",
        "{a: b}",
        "[x for x in a]",
        "lambda: a",
        "eval(a)",
        "getattr(a, b)",
        "special(a)",
        "sinc_slope(a)",
        "sinc(a)",
        "sqrt(a, b)",
        "sqrt(*a)",
        "sqrt(x=a)",
        "sqrt",
        "a if b else a",
        "a < b",
        "a and b",
        "not a",
        "~a",
        "a // b",
        "a @ b",
        "a | b",
        "1j",
        "True",
        "None",
        "...",
        "f'{a}'",
        "(a := 1)",
        "await a",
        "__a",
        "a; b",
        "a = b",
        "import os",
        "",
        "a +",
        "a\x00",
    ],
)
def test_everything_else_is_refused_and_told_what_is_allowed(text):
    """Only the allow-list passes; the sentence says what it holds."""
    with pytest.raises(
        ModelError, match=r"not allowed|cannot read|not for ties|is complex"
    ):
        Expression.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a ** 1000", "exponents go from -100 to 100"),
        ("2 ** 99999", "exponents go from"),
        ("9 ** 99 ** 99", "exponents go from"),
        ("90 ** 99 * 90 ** 99 * a", "no finite number"),
        ("a + 1 / 0", "no finite number"),
        ("a * log(-1)", "no finite number"),
        ("a + 1e999", "no finite number"),
        ("9" * 400 + " * a", "no finite number"),
        ("a" + "+a" * 300, "500 characters"),
        ("-" * 60 + "a", "nested deeper"),
        ("sin(" * 60 + "a" + ")" * 60, "nested deeper"),
        ("(" * 240 + "a" + ")" * 240, "cannot read"),
    ],
    ids=lambda value: value[:18],
)
def test_what_is_too_large_is_refused(text, words):
    """Huge powers, endless nesting and constants without a value are refused."""
    with pytest.raises(ModelError, match=words):
        Expression.parse(text)


def test_a_text_is_needed():
    """A number in place of a text is refused."""
    with pytest.raises(ModelError, match="text"):
        Expression.parse(2.0)


def test_constants_fold_and_equal_steps_stand_once():
    """2 * sqrt(2 * log(2)) is one constant; a * b twice is one step."""
    tape = Expression.parse("2 * sqrt(2 * log(2)) * a").program
    assert (len(tape.codes), tape.slopes) == (3, ((0, 0),))
    assert tape.constants == (pytest.approx(2.3548200450309493, rel=1e-15),)
    assert len(Expression.parse("a * b + a * b").program.codes) == 6


def test_a_tape_reads_the_positions_it_is_given():
    """`tape` renames parameters to positions and changes nothing else."""
    expression = Expression.parse("b - 2 * a")
    tape = expression.tape({"a": 7, "b": 3})
    read = TAPE_OPS["parameter"]
    assert {a for op, a, *_ in tape.codes if op == read} == {3, 7}
    assert {place for place, _ in tape.slopes} == {3, 7}


def test_a_prefix_goes_to_names_only():
    """Functions and pi keep their names under a prefix."""
    expression = Expression.parse("pi * erfcx(gamma / (sigma * sqrt(2)))", "a_")
    assert expression.text == "pi * erfcx(a_gamma / (a_sigma * sqrt(2)))"
    assert expression.names == ("a_gamma", "a_sigma")
    assert Expression.parse(expression.text) == expression


def test_a_prefix_leaves_functions_that_are_called_like_parameters():
    """`mod` is a parameter and a function."""
    expression = Expression.parse("mod(mod, b)", "a_")
    assert expression.text == "mod(a_mod, a_b)"
    assert expression.names == ("a_mod", "a_b")


def test_a_branch_that_is_not_taken_takes_no_part():
    """Not even where it is not defined, in value or derivative."""
    expression = Expression.parse("where(a > 0, sqrt(a), exp(-1000 * a)) + 0 * b")
    assert expression.gradient({"a": 4.0, "b": 1.0}) == (2.0, {"a": 0.25, "b": 0.0})


def test_outside_the_domain_is_nan():
    """A root of a negative value is NaN, as in the kernels."""
    value = Expression.parse("sqrt(a)")({"a": -1.0})
    assert value != value
