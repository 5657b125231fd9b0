"""Models from text."""

from __future__ import annotations

import pytest

from physfit.errors import ModelError
from physfit.models import Exponential, Gaussian, Linear, Voigt, parse_model
from physfit.models.formulas.component import formula

CASES = {
    "voigt": Voigt(),
    "voigt(a_) + voigt(b_) + linear": Voigt("a_") + Voigt("b_") + Linear(),
    "gaussian * linear": Gaussian() * Linear(),
    "gaussian(a_) * (linear + exponential) + gaussian(b_)": (
        Gaussian("a_") * (Linear() + Exponential()) + Gaussian("b_")
    ),
    "gaussian(a_) + linear * exponential": (Gaussian("a_") + Linear() * Exponential()),
}


@pytest.mark.parametrize(("text", "model"), CASES.items(), ids=list(CASES))
def test_text_and_python_give_equal_models(text, model):
    """The text means what the same names mean in Python, and a model's text is it."""
    assert parse_model(text) == model
    assert model.expression == text


FORMULAS = {
    "a * exp(-x / tau) + c": formula("a*exp(-x/tau) + c"),
    "gaussian + b * exp(-x / tau)": Gaussian() + formula("b*exp(-x/tau)"),
    "gaussian * (1 + b * x)": Gaussian() * formula("1 + b*x"),
    "gaussian * exp(-x / tau)": Gaussian() * formula("exp(-x/tau)"),
    "gaussian + formula(b * x + c)": Gaussian() + formula("b*x + c"),
    "exp(formula(b * x))": formula("b*x").through("exp"),
    "exp(linear + b * x ** 2)": (Linear() + formula("b*x**2")).through("exp"),
    "formula(a * x) + formula(b * x ** 2)": formula("a*x") + formula("b*x**2"),
    "gaussian + formula(b * t, x=t)": Gaussian() + formula("b*t", x="t"),
}


@pytest.mark.parametrize(("text", "model"), FORMULAS.items(), ids=list(FORMULAS))
def test_formulas_join_models(text, model):
    """Parts without names of the catalogue are formulas; the text is read back."""
    assert parse_model(text) == model
    assert model.expression == text


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("gaussian + a*x - b*x**2", "gaussian + formula(a * x - b * x ** 2)"),
        ("gaussian - a*x + b*x**2", "gaussian - formula(a * x - b * x ** 2)"),
        ("a*x + b*x**2 + linear", "formula(a * x + b * x ** 2) + linear"),
        ("a*x + linear - b*x", "formula(a * x) + linear - formula(b * x)"),
        ("x*b*gaussian", "(x * b) * gaussian"),
        ("1 - gaussian", "1 - gaussian"),
        ("2*voigt", "2 * voigt"),
    ],
)
def test_formulas_side_by_side_are_one(text, expression):
    """Terms of a sum between models make one formula; numbers stand anywhere."""
    model = parse_model(text)
    assert model.expression == expression
    assert parse_model(expression) == model


@pytest.mark.parametrize(
    "text", ["a*x**exponent", "gaussian + a*x**exponent", "x", "where(x < line, a, b)"]
)
def test_names_that_stand_where_no_model_could_are_parameters(text):
    """However like the catalogue's they are; the text is read back."""
    model = parse_model(text)
    assert parse_model(model.expression) == model


def test_of_a_product_with_a_formula_one_factor_keeps_its_scale():
    """As of any product; what is no factor of the whole is no scale."""
    held = parse_model("gaussian * (b*exp(-x/tau))").parameters["b"]
    assert (held.fixed, held.start) == (True, 1.0)
    first = parse_model("b*exp(-x/tau) * gaussian")
    assert first.parameters["b"].is_free and first.parameters["amplitude"].fixed
    assert parse_model("gaussian * (1 + b*x)").parameters["b"].is_free
    assert parse_model("gaussian * (b*exp(-b*x))").parameters["b"].is_free


def test_coordinates_of_formulas_can_have_other_names():
    """Named for the whole text, or in the formula itself."""
    model = parse_model("gaussian + b*exp(-t/tau)", x="t")
    assert model.names[3:] == ("b", "tau")
    assert parse_model(model.expression) == model


@pytest.mark.parametrize("text", ["(voigt)", " voigt ", "voigt()"])
def test_spaces_and_parentheses_do_not_matter(text):
    """Different spellings of one component are one model."""
    assert parse_model(text) == Voigt()


def test_nested_sums_are_one_sum():
    """Parentheses that change nothing leave no trace."""
    text = "gaussian(a_) + (gaussian(b_) + (linear + exponential))"
    flat = "gaussian(a_) + gaussian(b_) + linear + exponential"
    assert parse_model(text) == parse_model(flat)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("voight", "did you mean 'voigt'"),
        ("Voigt", "did you mean 'voigt'"),
        ("gausian(a_) + linear", "did you mean 'gaussian'"),
        ("voigt(a)", r'ends in "_"; write Voigt\("a_"\)'),
        ("voigt + voigt", "give a prefix"),
        ("voigt('a_')", "not allowed"),
        ("voigt(a_, b_)", "not allowed"),
        ("voigt(prefix=a_)", "not allowed"),
        ("voigt % linear", "not allowed"),
        ("-voigt", "not allowed"),
        ("voigt ** 2", "not allowed"),
        ("erf(linear)", "not allowed"),
        ("gausian + constant", "did you mean 'gaussian'"),
        ("gausian + a*x", "did you mean 'gaussian'"),
        ("gausian*x + constant", "did you mean 'gaussian'"),
        ("gaussian + b*lineer*x", "did you mean 'linear'"),
        ("gaussian + c0", r"an offset is constant\(c0_\)"),
        ("gaussian + a*x + c0", "unknown model 'c0'"),
        ("b*gaussian", "models have factors of their own"),
        ("gaussian + b*t", "unknown model 'b'"),
        ("b*exp(-t/tau)", "nor the coordinate 'x'; write x, or say what"),
        ("gaussian + formula(b*t, y=t)", "names of its coordinates"),
        ("gaussian + formula(b*t, x=2)", "names of its coordinates"),
        ("gaussian + formula(a*x, a)", "not allowed"),
        ("gaussian + a*x + formula(a*x)", "stands twice"),
        ("voigt.where", "not allowed"),
        ("__import__('os')", "not allowed"),
        ("[voigt]", "not allowed"),
        ("voigt +", "cannot read"),
        ("", "cannot read"),
        ("(" * 300 + "voigt" + ")" * 300, "cannot read"),
        ("linear+" * 700 + "linear", "nested too deep|twice"),
        ("linear" * 1000, "characters"),
        (3, "text"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_everything_else_is_refused(text, words):
    """Only names, prefixes, + and * pass; the sentence helps on."""
    with pytest.raises(ModelError, match=words):
        parse_model(text)


def test_a_coordinate_of_another_name_is_asked_for():
    """A formula without it is told to write that name, not x."""
    with pytest.raises(ModelError, match="nor the coordinate 'q'; write q, or say"):
        parse_model("a*exp(-t/tau)", x="q")


def test_many_components_join():
    """A text of 200 components gives 200 components."""
    text = " + ".join(f"constant(k{n}_)" for n in range(200))
    assert len(parse_model(text).names) == 200
