"""Models from text: names of the catalogue, prefixes, operators, functions, formulas.

A part of the text in which no name of the catalogue stands is a formula. Since a
misspelt name could pass for a parameter, a name that stands by itself beside models is
refused, and so is a formula without the coordinate.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add, matmul, mul, sub, truediv

from physfit.errors import ModelError
from physfit.models import tree as trees
from physfit.models.declaration import (
    DECLARATIONS,
    FAMILIES,
    Declaration,
    declaration_of,
    models_like,
)
from physfit.models.formulas.component import (
    FORMULA,
    coordinates,
    formula_of,
    is_like_a_model,
    joined_names,
    terms,
)
from physfit.models.formulas.functions import functions
from physfit.models.formulas.syntax import (
    LONGEST_MODEL,
    chain,
    names_in,
    refuse_look_alikes,
    shown,
    syntax_tree,
    text_of,
)
from physfit.models.model import Model, component
from physfit.models.tree import FUNCTIONS

__all__ = ["parse_model", "parsed"]

#: Name of a measured response in text.
RESPONSE = "response"
_WORD = re.compile(r"[^\W\d]\w*")
#: Names of parameters and functions in formulas.
MOST_NAMES = 250
_ALLOWED = (
    "allowed are names of models, each with a prefix in parentheses where wanted, "
    "joined by + - * / @, or in a function such as exp(linear), as in "
    "'voigt(a_) + voigt(b_) + linear', and formulas such as 'a*exp(-x/tau) + c'"
)
_SUMS = (ast.Add, ast.Sub)
_JOINED: dict[type[ast.operator], Callable[[Model, Model], Model]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
    ast.MatMult: matmul,
}


def parse_model(
    text: str, x: str | Sequence[str] = "x", response: Model | None = None
) -> Model:
    """Model from text such as "voigt(a_) + voigt(b_) + linear" or "a*exp(-x/tau) + c".

    Parameters
    ----------
    text : str
        Names of the catalogue (`physfit models` lists them), each with a prefix in
        parentheses where wanted, and formulas as `pf.formula` reads them, joined by
        `+`, `-`, `*`, `/`, `@` (convolution with a response of unit area) and
        parentheses; and functions of models, `exp`, `log`, `sqrt`, `sin`, `cos`, `tanh`
        of a real one, `real`, `imag`, `abs`, `phase` of a complex one, `reflectivity`,
        `energy_loss` of a dielectric function. `formula(...)` and `formula(..., x=t)`
        say that a part is a formula, and what its coordinate is. `ode({theta: v, v:
        ...}, {theta: theta0, v: 0})` are equations of motion (see `pf.ode`).
    x : str or sequence of str
        Names of the coordinates in formulas.
    response : Model, optional
        What the word `response` stands for, as `pf.response` gives it.

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
    >>> parse_model("gaussian + b*exp(-x/tau)").names
    ('amplitude', 'center', 'sigma', 'b', 'tau')
    """
    if response is None:
        return parsed(text, coordinates(x), {})
    declared = _declared_response(response)
    model = parsed(text, coordinates(x), {RESPONSE: declared})
    if all(leaf.declaration is not declared for leaf in trees.leaves(model.tree)):
        raise ModelError(
            f"a response is given, but {text!r} does not use it; write 'MODEL @ "
            "response', or leave the response out."
        )
    return model


def _declared_response(response: Model) -> Declaration:
    """Component that the word `response` stands for."""
    if not isinstance(response, Model):
        raise ModelError(
            f"`response` is a measured one, as pf.response(x, y) gives it, not "
            f"{repr(response)[:40]}."
        )
    [first, *others] = trees.leaves(response.tree)
    if others or first.declaration.response is None:
        raise ModelError(
            f"`response` is a measured one, as pf.response(x, y) gives it, not "
            f"{response.expression}, which can stand in the text itself."
        )
    return first.declaration


def parsed(
    text: str, x: tuple[str, ...], functions: Mapping[str, Declaration]
) -> Model:
    """Model from text in which further components have names of their own.

    Raises
    ------
    ModelError
        As `parse_model`.
    """
    if not isinstance(text, str):
        raise ModelError(f"a model is a text such as 'voigt + linear', not {text!r}.")
    tree = syntax_tree(text, "the model", _ALLOWED, LONGEST_MODEL)
    try:
        return _Parser(text, x, functions).whole(tree)
    except RecursionError:
        raise ModelError(f"the model is nested too deep; {_ALLOWED}.") from None


class _Parser:
    """What the parts of a text mean as models."""

    def __init__(
        self, text: str, x: tuple[str, ...], functions: Mapping[str, Declaration]
    ) -> None:
        self.text, self.x, self.functions = text, x, functions

    def whole(self, tree: ast.expr) -> Model:
        """Model of all of the text."""
        known = dict.fromkeys(_WORD.findall(self.text))
        if not self._may_be_named(known) or not self._is_named(tree):
            if len(known) > MOST_NAMES:
                raise ModelError(f"a model has at most {MOST_NAMES} names in formulas.")
            is_bare = isinstance(tree, ast.Name)
            for name in joined_names(tree):
                if name not in self.x and (is_bare or is_like_a_model(name)):
                    self._refuse_name(name)
            return self.formula(tree, self.x)
        return self.model(tree)

    def model(self, node: ast.expr) -> Model:
        """Model of a part."""
        if not self._is_named(node):
            return self._beside(node)
        match node:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if (
                name in FAMILIES
            ):
                return _of_family(name, [ast.unparse(word) for word in args])
            case ast.Call(func=ast.Name(id=name), args=[part], keywords=keywords) if (
                name == FORMULA
            ):
                return self.formula(part, self._own_coordinates(keywords))
            case (
                ast.Name(id=name)
                | ast.Call(func=ast.Name(id=name), args=[], keywords=[])
            ):
                return component(self._declaration(name))
            case ast.Call(func=ast.Name(id=name), args=[part], keywords=[]) if (
                name in FUNCTIONS and not _is_prefixed(node)
            ):
                return self.model(part).through(name)
            case ast.Call(
                func=ast.Name(id=name), args=[ast.Name(id=prefix)], keywords=[]
            ) if name in DECLARATIONS or name not in functions():
                return component(self._declaration(name), prefix)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum(node)
            case ast.BinOp(
                left=left, op=ast.Mult() | ast.Div() | ast.MatMult() as op, right=right
            ):
                return _JOINED[type(op)](self.model(left), self.model(right))
        raise self._refused(node)

    def formula(self, node: ast.expr, x: tuple[str, ...]) -> Model:
        """Model of a part that is a formula."""
        refuse_look_alikes(self.text, "a formula")
        model = formula_of(node, x)
        if model.names and trees.shape_of(model.tree).n_inputs == 0:
            raise ModelError(
                f"{shown(text_of(node))} names neither a model of the catalogue "
                f"nor the coordinate {' or '.join(map(repr, x))}; "
                f"write {' or '.join(x)}, or say what it is called: "
                "pf.formula(text, x='t'), on the command line --x-name t."
            )
        return model

    def _beside(self, node: ast.expr) -> Model:
        """Model of a formula beside models; misspelt names are no parameters."""
        names = [name for name in names_in(node) if name not in functions()]
        has_x = not set(self.x).isdisjoint(names)
        bare = {term.id for term in terms(node) if isinstance(term, ast.Name)}
        refused = bare - set(self.x) | set(filter(is_like_a_model, joined_names(node)))
        for name in names:
            if name in refused or not has_x:
                self._refuse_name(name)
        return self.formula(node, self.x)

    def _refuse_name(self, name: str) -> None:
        if name == RESPONSE:
            raise ModelError(
                f"{shown(self.text)} names a response, but none is given; on the "
                "command line add --response FILE, in Python join the model with "
                "pf.response(x, y) by `@`."
            )
        known = models_like(name)
        if not known.startswith("did you mean"):
            known += (
                " A parameter of a formula stands in a term with "
                f"{' or '.join(self.x)}, as in '{name}*{self.x[0]}'; an offset is "
                f"constant({name}_), and models have factors of their own."
            )
        raise ModelError(f"unknown model {name!r} in {shown(self.text)}; {known}")

    def _sum(self, node: ast.expr) -> Model:
        """Model of a sum; formulas that stand side by side are one."""
        first, others = chain(node, _SUMS)
        signed: list[tuple[ast.operator, ast.expr]] = [(ast.Add(), first), *others]
        groups: list[tuple[ast.operator, ast.expr]] = []
        was_named = True
        for op, term in signed:
            is_named = self._is_named(term)
            if not is_named and not was_named:
                sign, group = groups[-1]
                turned = isinstance(sign, ast.Sub) != isinstance(op, ast.Sub)
                joined = ast.BinOp(group, ast.Sub() if turned else ast.Add(), term)
                groups[-1] = (sign, joined)
            else:
                groups.append((op, term))
            was_named = is_named
        total = self.model(groups[0][1])
        for op, term in groups[1:]:
            total = _JOINED[type(op)](total, self.model(term))
        return total

    def _may_be_named(self, words: Iterable[str]) -> bool:
        """Whether names of models or prefixes are among the words of the text."""
        known = {FORMULA, *self.functions, *DECLARATIONS, *FAMILIES}
        return any(word in known or word.endswith("_") for word in words)

    def _is_named(self, node: ast.expr) -> bool:
        """Whether models stand in a part by name."""
        return any(
            _is_prefixed(each)
            or (
                isinstance(each, ast.Name)
                and (
                    each.id in (FORMULA, *self.functions)
                    or each.id in DECLARATIONS
                    or each.id in FAMILIES
                )
            )
            for each in ast.walk(node)
        )

    def _declaration(self, name: str) -> Declaration:
        return self.functions.get(name) or declaration_of(name)

    def _own_coordinates(self, keywords: list[ast.keyword]) -> tuple[str, ...]:
        """Coordinates that a formula names itself, as in formula(a*t, x=t)."""
        match keywords:
            case []:
                return ("x",)
            case [ast.keyword(arg="x", value=ast.Name(id=name))]:
                return coordinates(name)
            case [ast.keyword(arg="x", value=ast.Tuple(elts=parts))] if all(
                isinstance(own, ast.Name) for own in parts
            ):
                return coordinates([ast.unparse(own) for own in parts])
        raise ModelError(
            f"a formula takes the names of its coordinates as in {FORMULA}(a*t, x=t) "
            f"or {FORMULA}(a*u + b*v, x=(u, v)), not {shown(self.text)}."
        )

    def _refused(self, node: ast.expr) -> ModelError:
        return ModelError(
            f"{shown(text_of(node))} is not allowed in the model "
            f"{shown(self.text)}; {_ALLOWED}."
        )


def _is_prefixed(node: ast.AST) -> bool:
    """Whether it looks like a model with a prefix, known or not."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=prefix)], keywords=[]):
            return prefix.endswith("_") and name not in functions()
    return False


def _of_family(family: str, words: list[str]) -> Model:
    """Model of a family from the words in its parentheses; a prefix stands last."""
    prefix = words.pop() if words and words[-1].endswith("_") else ""
    declaration = declaration_of(f"{family}({', '.join(words)})")
    return component(declaration, prefix)
