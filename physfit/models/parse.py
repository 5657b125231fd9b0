"""Models from text: names of the catalogue, prefixes, operators, functions."""

from __future__ import annotations

import ast

from physfit.errors import ModelError
from physfit.models.declaration import FAMILIES, declaration_of
from physfit.models.expression import syntax_tree
from physfit.models.model import Model, component
from physfit.models.tree import FUNCTIONS

__all__ = ["parse_model"]

MAX_LENGTH = 5000
_ALLOWED = (
    "allowed are names of models, each with a prefix in parentheses where wanted, "
    "joined by + - * /, or in a function such as exp(linear), as in "
    "'voigt(a_) + voigt(b_) + linear'"
)


def parse_model(text: str) -> Model:
    """Model from text such as "voigt(a_) + voigt(b_) + linear".

    Parameters
    ----------
    text : str
        Names of the catalogue (`physfit models` lists them), each with a prefix in
        parentheses where wanted, joined by `+`, `-`, `*`, `/` and parentheses; and
        functions of them, `exp`, `log`, `sqrt`, `sin`, `cos`, `tanh` of a real model,
        `real`, `imag`, `abs`, `phase` of a complex one.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        When the text holds anything else, or a name that the catalogue has not.

    Examples
    --------
    >>> parse_model("gaussian + constant").names
    ('amplitude', 'center', 'sigma', 'c')
    """
    if not isinstance(text, str):
        raise ModelError(f"a model is a text such as 'voigt + linear', not {text!r}.")
    tree = syntax_tree(text, "the model", _ALLOWED, MAX_LENGTH)
    try:
        return _model(tree, text)
    except RecursionError:
        raise ModelError(f"the model is nested too deep; {_ALLOWED}.") from None


def _model(node: ast.expr, text: str) -> Model:
    match node:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if (
            name in FAMILIES
        ):
            return _of_family(name, [ast.unparse(word) for word in args])
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return component(declaration_of(name))
        case ast.Call(func=ast.Name(id=name), args=[part], keywords=[]) if (
            name in FUNCTIONS
        ):
            return _model(part, text).through(name)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=prefix)], keywords=[]):
            return component(declaration_of(name), prefix)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _model(left, text) + _model(right, text)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _model(left, text) * _model(right, text)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _model(left, text) - _model(right, text)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _model(left, text) / _model(right, text)
    raise ModelError(
        f"{ast.unparse(node)!r} is not allowed in the model {text!r}; {_ALLOWED}."
    )


def _of_family(family: str, words: list[str]) -> Model:
    """Model of a family from the words in its parentheses; a prefix stands last."""
    prefix = words.pop() if words and words[-1].endswith("_") else ""
    declaration = declaration_of(f"{family}({', '.join(words)})")
    return component(declaration, prefix)
