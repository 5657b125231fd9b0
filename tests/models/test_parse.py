"""Models from text."""

from __future__ import annotations

import pytest

from physfit.errors import ModelError
from physfit.models import Exponential, Gaussian, Linear, Voigt, parse_model

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
        ("2 * voigt", "not allowed"),
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


def test_many_components_join():
    """A text of 200 components gives 200 components."""
    text = " + ".join(f"constant(k{n}_)" for n in range(200))
    assert len(parse_model(text).names) == 200
