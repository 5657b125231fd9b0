"""Expressions of parameters (ties, derived quantities) as engine tapes.

They are formulas without coordinates: the same language, the same graph, the same
derivatives. The engine compiles their tapes, or runs them interpreted.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from physfit.engine.tape import Tape, tape_gradient
from physfit.errors import ModelError
from physfit.models.formulas.reader import ALLOWED, Reader
from physfit.models.formulas.syntax import LONGEST_EXPRESSION, syntax_tree
from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.graph.tape import moved, tape_of
from physfit.models.graph.term import Term

__all__ = ["Expression"]


@dataclass(frozen=True)
class Expression:
    """A parsed expression; equal and hashed by its text.

    Attributes
    ----------
    text : str
        The expression in normal form (spaces and parentheses tidied).
    names : tuple of str
        The parameters it reads, in order of appearance.
    """

    text: str
    names: tuple[str, ...] = field(compare=False, repr=False)
    program: Tape = field(compare=False, repr=False)

    @staticmethod
    def parse(text: str, prefix: str = "") -> Expression:
        """Expression read from `text`, each parameter name preceded by `prefix`.

        Raises
        ------
        ModelError
            When the text holds anything outside the allow-list.

        Examples
        --------
        >>> height = Expression.parse("amplitude / (sigma * sqrt(2*pi))", prefix="a_")
        >>> height.names
        ('a_amplitude', 'a_sigma')
        >>> round(height({"a_amplitude": 1.0, "a_sigma": 1.0}), 4)
        0.3989
        """
        if not isinstance(text, str):
            raise ModelError(f"an expression is a text, not {text!r}.")
        return _parse(text, prefix)

    def tape(self, index: Mapping[str, int]) -> Tape:
        """Tape whose parameters are the positions that `index` gives to the names."""
        return moved(self.program, [index[name] for name in self.names])

    def __call__(self, values: Mapping[str, float]) -> float:
        """Value at the named values; NaN outside the domain."""
        return self.gradient(values)[0]

    def gradient(self, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """Value and exact derivative with respect to each name in `names`."""
        vector = np.array([values[name] for name in self.names], dtype=np.float64)
        value, slopes = tape_gradient(self.program, vector)
        named = {name: slopes.get(k, 0.0) for k, name in enumerate(self.names)}
        return value, named


@lru_cache(maxsize=1024)
def _parse(text: str, prefix: str) -> Expression:
    tree = syntax_tree(text, "the expression", ALLOWED, LONGEST_EXPRESSION)
    builder, names = Builder(), dict[str, int]()

    def named(name: str) -> Term:
        return Term(builder, builder.parameter(names.setdefault(name, len(names))))

    parts = Reader(text, "expression", builder, named).whole(tree)
    if len(parts) > 1:
        raise ModelError(f"the expression {text!r} is complex; take its real part.")
    tape = tape_of(Graph.finished(builder, [parts[0].step], (), tuple(names)))
    tidied = ast.unparse(_Prefixed(prefix).visit(tree) if prefix else tree)
    return Expression(tidied, tuple(prefix + name for name in names), tape)


class _Prefixed(ast.NodeTransformer):
    """Names of parameters with a prefix; those of functions and pi stay."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def visit_Name(self, node: ast.Name) -> ast.expr:
        is_constant = node.id == "pi"
        return node if is_constant else ast.Name(self.prefix + node.id, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(one) for one in node.args]
        return ast.Call(node.func, arguments, [])
