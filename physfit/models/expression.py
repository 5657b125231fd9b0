"""Expressions of parameters (ties, derived quantities) as engine tapes.

The text is read with Python's `ast` and walked by an allow-list: numbers, parameter
names, `pi`, `+ - * / **`, a sign, and the functions in `FUNCTIONS`. Every other node is
refused, nothing is ever evaluated as Python. What comes out is a straight-line program
(SSA: entry k is the value of step k) in which equal steps stand once and constants are
folded; the engine compiles it, or runs it interpreted with its exact gradient.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from physfit.engine.syntax import parsed_expression
from physfit.engine.tape import TAPE_OPS, Tape, tape_gradient
from physfit.errors import ModelError

__all__ = ["FUNCTIONS", "Expression", "syntax_tree"]

#: Functions of `math`, which folds their constants.
OF_MATH = ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "tanh")
#: Functions an expression may call: of one argument, and of two.
OF_ONE = (*OF_MATH, "abs", "erf", "erfcx")
OF_TWO = ("voigt_height", "voigt_fwhm")
FUNCTIONS = {**dict.fromkeys(OF_ONE, 1), **dict.fromkeys(OF_TWO, 2)}
MAX_LENGTH = 500
MAX_DEPTH = 40
MAX_EXPONENT = 100.0

_ALLOWED = (
    "allowed are numbers, parameter names, pi, + - * / ** and "
    + ", ".join(OF_ONE)
    + " of one argument, "
    + " and ".join(OF_TWO)
    + " of sigma and gamma"
)
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
_FOLD: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in OF_MATH},
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": math.pow,
    "neg": operator.neg,
    "abs": abs,
}


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
        read = TAPE_OPS["parameter"]
        codes = tuple(
            (op, index[self.names[a]], b) if op == read else (op, a, b)
            for op, a, b in self.program.codes
        )
        return Tape(codes, self.program.constants)

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
    tree = syntax_tree(text, "the expression", _ALLOWED, MAX_LENGTH)
    builder = _Builder(text)
    tape = builder.tape(tree)
    names = tuple(prefix + name for name in builder.names)
    tidied = ast.unparse(tree)
    if prefix and names:
        tidied = re.sub(rf"\b({'|'.join(builder.names)})\b", rf"{prefix}\1", tidied)
    return Expression(tidied, names, tape)


def syntax_tree(text: str, what: str, allowed: str, limit: int) -> ast.expr:
    """Syntax tree of one Python expression, nothing in it checked but its length."""
    if len(text) > limit:
        raise ModelError(
            f"{what} may have {limit} characters as text, not {len(text)}."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parsed_expression(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ModelError(f"cannot read {what} {text!r}; {allowed}.") from None


class _Builder:
    """Walk an `ast` by allow-list and write the steps of the tape.

    The value of a node is a number (a float, folded) or that of a step (its int).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.constants: list[float] = []
        self.codes: dict[tuple[int, int, int], int] = {}

    def tape(self, tree: ast.expr) -> Tape:
        """The steps of an expression, its value last."""
        self.step(self.add(tree, MAX_DEPTH))
        return Tape(tuple(self.codes), tuple(self.constants))

    def add(self, node: ast.expr, depth: int) -> float | int:
        """Value of `node`."""
        if depth == 0:
            raise ModelError(
                f"the expression {self.text!r} is nested deeper than {MAX_DEPTH}."
            )
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(
                value, bool
            ):
                return self.finite(float, value)
            case ast.Name(id="pi"):
                return math.pi
            case ast.Name(id=name) if name not in FUNCTIONS and not name.startswith(
                "__"
            ):
                return self.parameter(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.add(operand, depth - 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.apply("neg", self.add(operand, depth - 1))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                a = self.add(left, depth - 1)
                return self.power(a, self.add(right, depth - 1))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                a = self.add(left, depth - 1)
                return self.apply(_BINARY[type(op)], a, self.add(right, depth - 1))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
                FUNCTIONS.get(name) == len(arguments)
                and not any(isinstance(one, ast.Starred) for one in arguments)
            ):
                return self.apply(name, *[self.add(a, depth - 1) for a in arguments])
        part = ast.unparse(node)
        raise ModelError(
            f"{part!r} is not allowed in the expression {self.text!r}; {_ALLOWED}."
        )

    def coded(self, op: str, a: int, b: int = 0) -> int:
        """Number of a step; equal ones stand once."""
        return self.codes.setdefault((TAPE_OPS[op], a, b), len(self.codes))

    def parameter(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.coded("parameter", self.names.index(name))

    def step(self, value: float | int) -> int:
        """Number of the step that holds a value."""
        if isinstance(value, int):
            return value
        if value not in self.constants:
            self.constants.append(value)
        return self.coded("constant", self.constants.index(value))

    def apply(self, op: str, *values: float | int) -> float | int:
        if op in _FOLD and all(isinstance(value, float) for value in values):
            return self.finite(_FOLD[op], *values)
        return self.coded(op, *map(self.step, values))

    def power(self, a: float | int, exponent: float | int) -> float | int:
        if isinstance(exponent, int):
            return self.apply("pow", a, exponent)
        if abs(exponent) > MAX_EXPONENT:
            raise ModelError(
                f"the expression {self.text!r} has the exponent {exponent!r}; "
                f"exponents go from {-MAX_EXPONENT:g} to {MAX_EXPONENT:g}."
            )
        if isinstance(a, int) and exponent == 1.0:
            return a
        if isinstance(a, int) and exponent == 2.0:
            return self.apply("mul", a, a)
        if isinstance(a, int) and exponent == 0.5:
            return self.apply("sqrt", a)
        return self.apply("pow", a, exponent)

    def finite(self, function: Callable[..., float], *values: float) -> float:
        """Folded constant, or an error when it is no finite number."""
        try:
            result = float(function(*values))
        except (OverflowError, ZeroDivisionError, ValueError):
            result = math.nan
        if not math.isfinite(result):
            raise ModelError(
                f"the expression {self.text!r} holds a constant that is no finite "
                "number (a division by zero, a root of a negative, an overflow)."
            )
        return result
