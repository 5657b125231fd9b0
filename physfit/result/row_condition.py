"""Conditions on the columns of a result of many rows, such as "reduced_chi2 > 2".

A condition is a text of comparisons, joined by & | ~ or by and, or, not, of numbers and
columns, with + - * / ** and a few functions. It is read by a parser and worked out here
over whole columns; nothing of it is run as a program.
"""

from __future__ import annotations

import ast
import io
import operator
import re
import tokenize
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError, ModelError, did_you_mean
from physfit.models.formulas.syntax import shown, syntax_tree
from physfit.result.many_columns import KINDS, OF_FITS, axis_labels
from physfit.solve.row_table import is_failed

if TYPE_CHECKING:
    from physfit.result.many_fitted import ManyFitted

__all__ = ["LONGEST", "rows_that_meet"]

#: Characters of a condition.
LONGEST = 500
ALLOWED = (
    "write comparisons of columns and numbers, joined by & | ~, such as "
    "'reduced_chi2 > 2 & sigma < 3'"
)
#: Operators between comparisons, which Python would let bind before these.
_WORDS = {"&": " and ", "|": " or ", "~": " not "}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_JOINED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "isnan": np.isnan,
    "isfinite": np.isfinite,
}
#: Columns of the fits, beside those of parameters and axes.
_OF_FITS = (*OF_FITS, "condition")


@np.errstate(all="ignore")
def rows_that_meet(many: ManyFitted, condition: str) -> NDArray[np.bool_]:
    """Which rows meet a condition, shape (n_rows,).

    Parameters
    ----------
    many : ManyFitted
    condition : str
        Columns are what `to_frame` calls them: parameters and derived quantities,
        NAME_stderr, axes of the map, and quantities of the fits. A status is compared
        with its name, or with 'converged' and 'failed'. What is NaN meets no comparison
        but !=.

    Raises
    ------
    InputError
        When it cannot be read, or names no column.
    """
    return _Condition(many, condition).rows()


class _Condition:
    """One condition on the rows of one result."""

    def __init__(self, many: ManyFitted, text: str) -> None:
        self._many, self._text = many, " ".join(text.split())
        self._axes = {name: k for k, name in enumerate(axis_labels(many))}

    def rows(self) -> NDArray[np.bool_]:
        """Which rows meet it."""
        if re.search(r"(?<![=<>!])=(?!=)", self._text):
            raise self._refused("says = where it should compare by ==")
        text = _joined_by_words(self._text)
        try:
            found = self._value(syntax_tree(text, "`where`", ALLOWED, LONGEST))
        except ModelError as error:
            is_as_written = text == self._text
            said = str(error) if is_as_written else str(self._refused("is incomplete"))
            raise InputError(said) from None
        except (RecursionError, OverflowError):
            raise self._refused(
                "is nested too deep, or has too large a number"
            ) from None
        if getattr(found, "dtype", None) != np.bool_ or not np.ndim(found):
            raise self._refused("is no condition on the rows")
        return np.asarray(found, dtype=np.bool_)

    @property
    def _names(self) -> tuple[str, ...]:
        many = self._many
        quantities = (*many.names, *many.derived)
        errors = (f"{name}_stderr" for name in quantities)
        return (*quantities, *errors, *_OF_FITS)

    def _refused(self, why: str) -> InputError:
        return InputError(f"`where` {shown(self._text)} {why}; {ALLOWED}.")

    def _value(self, node: ast.expr) -> Any:
        """Value of a part of the condition: a number, or an array of all rows."""
        if isinstance(node, ast.BoolOp):
            parts = [self._truth(part) for part in node.values]
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return join.reduce(parts)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return np.logical_not(self._truth(node.operand))
            if isinstance(node.op, ast.USub | ast.UAdd):
                value = self._number(node.operand)
                return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp) and type(node.op) in _JOINED:
            sides = self._number(node.left), self._number(node.right)
            return _JOINED[type(node.op)](*map(np.float64, sides))
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if isinstance(node, ast.Call):
            return self._called(node)
        is_number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if is_number:
            return float(ast.literal_eval(node))
        raise self._refused(f"has {shown(ast.unparse(node))}, which has no place there")

    def _truth(self, node: ast.expr) -> NDArray[np.bool_]:
        value = self._value(node)
        if getattr(value, "dtype", None) != np.bool_:
            text = shown(ast.unparse(node))
            raise self._refused(f"joins {text}, which compares nothing")
        return np.asarray(value)

    def _number(self, node: ast.expr) -> Any:
        value = self._value(node)
        if getattr(value, "dtype", None) == np.bool_:
            raise self._refused(f"computes with {shown(ast.unparse(node))}")
        return value

    def _called(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS:
            hint = did_you_mean(name or ast.unparse(node.func), _FUNCTIONS)
            raise self._refused(f"calls an unknown function; {hint.rstrip('.')}")
        if len(node.args) != 1 or node.keywords:
            raise self._refused(f"must give `{name}` one argument")
        return _FUNCTIONS[name](self._number(node.args[0]))

    def _compared(self, node: ast.Compare) -> NDArray[np.bool_]:
        """A chain of comparisons, each between neighbours."""
        sides, met = [node.left, *node.comparators], []
        for kind, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(kind) not in _COMPARED:
                raise self._refused("compares by another sign than < <= > >= == !=")
            if isinstance(left, ast.Constant) and isinstance(left.value, str):
                left, right = right, left
            if isinstance(right, ast.Constant) and isinstance(right.value, str):
                met.append(self._named(kind, left, right.value))
                continue
            met.append(_COMPARED[type(kind)](self._value(left), self._value(right)))
        chained: NDArray[np.bool_] = np.logical_and.reduce(met)
        return chained

    def _named(self, kind: ast.cmpop, node: ast.expr, word: str) -> NDArray[np.bool_]:
        """A column of names, compared with one of them."""
        column = node.id if isinstance(node, ast.Name) else ""
        column = column.removesuffix("_of_fit")
        if column not in KINDS or not isinstance(kind, ast.Eq | ast.NotEq):
            raise self._refused(
                f"compares {shown(ast.unparse(node))} with a text, which is for status "
                "and retry_stage, by == or !="
            )
        numbers = {own.name.lower(): int(own) for own in KINDS[column]}
        several = {"converged": ~self._failed, "failed": self._failed}
        several = several if column == "status" else {}
        if word.lower() in several:
            met = several[word.lower()]
        elif word.lower() in numbers:
            met = getattr(self._many.table, column) == numbers[word.lower()]
        else:
            hint = did_you_mean(word, [*several, *numbers])
            raise InputError(f"`where`: {word!r} is no {column}; {hint}")
        return met if isinstance(kind, ast.Eq) else ~met

    @property
    def _failed(self) -> NDArray[np.bool_]:
        return is_failed(self._many.table.status)

    def _column(self, name: str) -> Any:
        many = self._many
        if name in many:
            return many[name].value.reshape(-1)
        quantity = name.removesuffix("_stderr")
        if quantity != name and quantity in many:
            return many[quantity].stderr.reshape(-1)
        if name in self._axes:
            places = np.indices(many.shape)[self._axes[name]].reshape(-1)
            return many.axes[self._axes[name]].values[places]
        if (own := name.removesuffix("_of_fit")) in _OF_FITS:
            values = getattr(many, own)
            if values is not None:
                return values.reshape(-1)
            raise InputError(f"`where`: these fits have no `{own}`.")
        hint = did_you_mean(name, (*self._names, *self._axes))
        raise InputError(f"`where`: there is no column {shown(name)}; {hint}")


def _joined_by_words(text: str) -> str:
    """The text with & | ~ outside of quotes as words, which bind after comparisons."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return text
    parts, at = list[str](), 0
    for token in tokens:
        if token.type == tokenize.OP and token.string in _WORDS:
            parts += [text[at : token.start[1]], _WORDS[token.string]]
            at = token.end[1]
    return "".join([*parts, text[at:]])
