"""From a syntax tree to terms of a graph, by an allow-list."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from physfit.errors import ModelError, did_you_mean
from physfit.models.formulas.functions import (
    ELEMENTARY,
    OPERATORS,
    Function,
    functions,
)
from physfit.models.formulas.syntax import MOST_NESTED, chain, shown, text_of
from physfit.models.graph.builder import Builder
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term

if TYPE_CHECKING:
    from physfit.models.tracing.elements import Pair

__all__ = ["ALLOWED", "Reader", "plain_name"]

#: A term, or the two of a complex number.
Value: TypeAlias = "Term | Pair"
MOST_EXPONENT = 100.0
ALLOWED = (
    "allowed are numbers, parameter names, pi, + - * / ** and functions such as sqrt, "
    "exp, log, sin, tanh, erf, where, voigt_height and others of numpy and scipy"
)
#: What may stand before a name: np.exp is exp.
PREFIXES = (
    *("np", "numpy", "math", "sp", "special", "sc", "scipy.special"),
    *("sp.special", "jnp"),
)
_FINITE = "constants are finite numbers; give a parameter another name"
#: Names that say something else than a parameter.
NO_PARAMETERS = {
    **dict.fromkeys(("nan", "NaN", "inf", "Inf", "infinity"), _FINITE),
    "π": "write pi for the number",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
    ast.Pow: "pow",
}
#: Operators that are read as one chain, so that long sums are not deep.
_LEVELS = ((ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.Mod))
_INSTEAD: dict[type[ast.operator], str] = {
    ast.BitXor: "powers are written with **",
    ast.MatMult: "products are written with *",
    ast.FloorDiv: "write floor(a / b)",
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
_TURNED: dict[type[ast.cmpop], str] = {ast.Gt: "less", ast.GtE: "less_equal"}
_LOGICAL: dict[type[ast.AST], str] = {
    **{ast.And: "and", ast.Or: "or", ast.BitAnd: "and", ast.BitOr: "or"},
}


class Reader:
    """What the parts of a text mean as terms of a graph.

    Parameters
    ----------
    text : str
        All of it, for sentences.
    what : str
        "formula" or "expression".
    builder : Builder
    named : callable
        Term of a name that is neither a function nor a constant.
    has_e : bool
        Whether `e**` is the exponential function, and not the power of a parameter.
    """

    def __init__(
        self,
        text: str,
        what: str,
        builder: Builder,
        named: Callable[[str], Term],
        *,
        has_e: bool = False,
    ) -> None:
        self.text, self.what, self.has_e = text, what, has_e
        self.builder, self.named = builder, named

    def whole(self, node: ast.expr) -> tuple[Term, ...]:
        """Term of a whole text; real and imaginary part of a complex one."""
        term = self.term(node, MOST_NESTED)
        if not isinstance(term, Term):
            return term.re, term.im
        if _is_logical(term):
            raise self.refused(
                node, "a condition is no number; choose one by where(condition, a, b)"
            )
        return (term,)

    def number(self, node: ast.expr, depth: int) -> Term:
        """Term of an expression as a real number, 1 or 0 of a condition."""
        value = self.value(node, depth)
        if isinstance(value, Term):
            return value
        raise self.refused(
            node, "it is complex where a real number belongs; take real, imag or abs"
        )

    def value(self, node: ast.expr, depth: int) -> Value:
        """Number, real or complex, that an expression stands for."""
        term = self.term(node, depth)
        return term.apply("number") if _is_logical(term) else term

    def condition(self, node: ast.expr, depth: int) -> Term:
        """Term of an expression that is true or false."""
        term = self.term(node, depth)
        if isinstance(term, Term) and _is_logical(term):
            return term
        raise self.refused(
            node, "a condition such as x < 1 belongs there, not a number"
        )

    def term(self, node: ast.expr, depth: int) -> Value:
        """Term of an expression, a number or a condition."""
        if depth == 0:
            raise ModelError(
                f"the {self.what} {shown(self.text)} is nested deeper than "
                f"{MOST_NESTED}."
            )
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(
                value, bool
            ):
                return self._constant(value)
            case ast.Constant(value=complex() as value):
                parts = (self._constant(0.0), self._constant(value.imag))
                pair: Value = _pairs().Pair(*parts)
                return pair
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.Attribute():
                return self._name(node, plain_name(node) or "")
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand, depth - 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                minus = self._constant(-1.0)
                return self._joined("mul", minus, self.value(operand, depth - 1))
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                return self.condition(operand, depth - 1).apply("not")
            case ast.BinOp(op=ast.Pow()):
                return self._power(node, depth - 1)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as op, left=a, right=b):
                return self._logical(_LOGICAL[type(op)], [a, b], depth - 1)
            case ast.BinOp():
                return self._chain(node, depth - 1)
            case ast.BoolOp(op=op, values=values):
                return self._logical(_LOGICAL[type(op)], values, depth - 1)
            case ast.Compare():
                return self._compared(node, depth - 1)
            case ast.Call(args=arguments, keywords=[]):
                return self._call(node, arguments, depth - 1)
        raise self.refused(node)

    def refused(self, node: ast.expr, reason: str = "") -> ModelError:
        """The error of a part that cannot stand there."""
        part = shown(text_of(node))
        return ModelError(
            f"{part} is not allowed in the {self.what} {shown(self.text)}; "
            f"{reason or ALLOWED}{'' if reason.endswith('?') else '.'}"
        )

    def _constant(self, value: float) -> Term:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        return self._finite(Term(self.builder, self.builder.constant(number)))

    def _name(self, node: ast.expr, name: str) -> Term:
        is_bare = isinstance(node, ast.Name)
        if name == "pi":
            return self._constant(math.pi)
        if name == "e" and not is_bare:
            return self._constant(math.e)
        if not is_bare or name.startswith("__"):
            raise self.refused(node)
        if name in NO_PARAMETERS:
            raise self.refused(node, NO_PARAMETERS[name])
        if name in ELEMENTARY:
            raise self.refused(node, f"`{name}` is a function, as in {name}(...)")
        return self.named(name)

    def _chain(self, node: ast.BinOp, depth: int) -> Value:
        level = next((own for own in _LEVELS if isinstance(node.op, own)), None)
        if level is None:
            raise self.refused(node, _INSTEAD.get(type(node.op), ""))
        first, others = chain(node, level)
        total = self.term(first, depth)
        for op, other in others:
            total = self._joined(_ARITHMETIC[type(op)], total, self.term(other, depth))
        return total

    def _joined(self, name: str, a: Value, b: Value) -> Value:
        if name == "mul" and _is_logical(a) != _is_logical(b):
            condition, value = (a, b) if _is_logical(a) else (b, a)
            return self._applied("where", condition, value, self._constant(0.0))
        a, b = (one.apply("number") if _is_logical(one) else one for one in (a, b))
        if not isinstance(a, Term) or not isinstance(b, Term):
            return self._applied(name, a, b)
        if name in ("div", "mod") and self.builder.value_of(b.step) == 0.0:
            raise self._not_finite()
        return self._finite(functions()[name].build(a, b))

    def _applied(self, name: str, *values: Value) -> Value:
        """Function of numbers of which some may be complex."""
        if all(isinstance(one, Term) for one in values) and (
            not functions()[name].is_complex
        ):
            return self._finite(functions()[name].build(*values))
        found: Value | None = _pairs().applied(name, *values)
        if found is None:
            raise ModelError(
                f"`{name}` takes real numbers, not complex ones, in the {self.what} "
                f"{shown(self.text)}; take real, imag or abs of them."
            )
        for part in (found,) if isinstance(found, Term) else (found.re, found.im):
            self._finite(part)
        return found

    def _power(self, node: ast.BinOp, depth: int) -> Value:
        is_e = self.has_e and isinstance(node.left, ast.Name) and node.left.id == "e"
        base = None if is_e else self.value(node.left, depth)
        exponent = self.value(node.right, depth)
        value = None
        if isinstance(exponent, Term):
            value = self.builder.value_of(exponent.step)
        if value is not None and abs(value) > MOST_EXPONENT:
            raise ModelError(
                f"the {self.what} {shown(self.text)} has the exponent {value!r}; "
                f"exponents go from {-MOST_EXPONENT:g} to {MOST_EXPONENT:g}."
            )
        if base is None:
            return self._applied("exp", exponent)
        return self._applied("pow", base, exponent)

    def _logical(self, name: str, values: list[ast.expr], depth: int) -> Term:
        total = self.condition(values[0], depth)
        for other in values[1:]:
            total = total.apply(name, self.condition(other, depth))
        return total

    def _compared(self, node: ast.Compare, depth: int) -> Term:
        sides = [self.number(own, depth) for own in (node.left, *node.comparators)]
        found = None
        for op, a, b in zip(node.ops, sides, sides[1:], strict=False):
            if type(op) in _TURNED:
                one = b.apply(_TURNED[type(op)], a)
            elif type(op) in _COMPARED:
                one = a.apply(_COMPARED[type(op)], b)
            else:
                raise self.refused(node)
            found = one if found is None else found.apply("and", one)
        assert found is not None
        return found

    def _call(self, node: ast.Call, arguments: list[ast.expr], depth: int) -> Value:
        name = plain_name(node.func)
        if name is None or any(isinstance(one, ast.Starred) for one in arguments):
            raise self.refused(node)
        function = None if name in OPERATORS else functions().get(name)
        if function is None:
            known = did_you_mean(name, functions().keys() - OPERATORS)
            if known.startswith("allowed"):  # too many for a sentence
                known = ALLOWED
            raise self.refused(
                node, f"there is no function {name!r}: {known.removesuffix('.')}"
            )
        self._count(node, name, function)
        terms = [
            self.condition(one, depth)
            if k < function.n_conditions
            else self.value(one, depth)
            for k, one in enumerate(arguments)
        ]
        return self._applied(name, *terms)

    def _count(self, node: ast.Call, name: str, function: Function) -> None:
        if function.fewest <= len(node.args) <= function.most:
            return
        takes = {1: "one argument", 2: "two arguments"}.get(
            function.fewest, f"{function.fewest} arguments"
        )
        more = " or more" if function.most > function.fewest else ""
        raise self.refused(node, f"`{name}` takes {takes}{more}")

    def _finite(self, term: Term) -> Term:
        """The term, unless it is a constant that is no finite number."""
        name, *operands = self.builder.nodes[term.step]
        if name == "constant":
            is_finite = math.isfinite(operands[0])
        else:  # constants that could not be folded
            operation = OPERATIONS.get(name)
            is_finite = (
                operation is None
                or operation.is_logical
                or not all(
                    self.builder.value_of(step) is not None
                    for step in operands[: operation.n_steps]
                )
            )
        if is_finite:
            return term
        raise self._not_finite()

    def _not_finite(self) -> ModelError:
        return ModelError(
            f"the {self.what} {shown(self.text)} holds a constant that is no finite "
            "number (a division by zero, a root of a negative, an overflow)."
        )


def plain_name(node: ast.expr) -> str | None:
    """Name of a function or constant, without np. or another prefix that is known."""
    if isinstance(node, ast.Name):
        return node.id
    words = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    name, *parts = words
    prefix = ".".join([node.id, *parts[::-1]])
    return name if prefix in PREFIXES else None


def _pairs() -> Any:
    """What knows complex numbers."""
    from physfit.models.formulas import complex_numbers

    return complex_numbers


def _is_logical(term: Value) -> TypeGuard[Term]:
    if not isinstance(term, Term):
        return False
    name = term.builder.nodes[term.step][0]
    return name in OPERATIONS and OPERATIONS[name].is_logical
