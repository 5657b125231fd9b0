"""Texts as syntax trees: what cannot be an expression is refused before it is read."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
import warnings
from collections.abc import Iterator

from physfit.engine.syntax import parsed_expression
from physfit.errors import ModelError, printable

__all__ = ["LONGEST_EXPRESSION", "LONGEST_FORMULA", "LONGEST_MODEL", "MOST_LETTERS"]
__all__ += ["MOST_NESTED", "chain", "names_in", "refuse_look_alikes", "shown"]
__all__ += ["syntax_tree", "text_of"]

#: Characters of the text of a tie or a derived quantity, of a formula, and of a model:
#: a thousand components whose prefixes have a dozen letters.
LONGEST_EXPRESSION, LONGEST_FORMULA, LONGEST_MODEL = 500, 5_000, 30_000
#: Levels of parentheses, calls and signs in each other.
MOST_NESTED = 40

#: Characters of a name or number; those of Python's integers have no end.
MOST_LETTERS = 400

_LONG = re.compile(rf"\w{{{MOST_LETTERS + 1}}}")
#: Greek letters that no Latin one looks like.
_GREEK = frozenset("αβγδεζηθικλμνξπρςστυφχψωϑϕϵϰϱΓΔΘΛΞΠΣΦΨΩ")
#: What stands in texts that were copied, and what to write instead.
_INSTEAD = {
    **{
        "×": "*",
        "·": "*",
        "⋅": "*",
        "∙": "*",
        "÷": "/",
        "−": "-",
        "–": "-",
        "∞": "inf",
    },
    **{"²": "**2", "³": "**3", "√": "sqrt(...)", "≤": "<=", "≥": ">=", "≠": "!="},
}
#: Words of Python that stand in formulas.
_WORDS = {"and", "or", "not"}


def syntax_tree(text: str, what: str, allowed: str, limit: int) -> ast.expr:
    """Syntax tree of one expression, nothing in it checked but its size.

    Parameters
    ----------
    text : str
    what : str
        What it is, such as "the formula", for the sentence of an error.
    allowed : str
        End of that sentence.
    limit : int
        Characters that it may have.

    Raises
    ------
    ModelError
        When it is too long, or no expression of Python.
    """
    if len(text) > limit:
        raise ModelError(
            f"{what} may have {limit} characters as text, not {len(text)}."
        )
    if _LONG.search(text):
        raise ModelError(
            f"{what} {shown(text)} has a name or number of more than {MOST_LETTERS} "
            "characters, which is no finite number; write numbers as in 1.5e-9."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parsed_expression(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ModelError(
            f"cannot read {what} {shown(text)}{_reason(text)}; {allowed}."
        ) from None


def shown(text: str) -> str:
    """The text in quotes, its middle left out where it is long."""
    short = text if len(text) <= 120 else f"{text[:80]} ... {text[-30:]}"
    return repr(printable(short))


#: A number or a bracket before a name, or two names: a product without its sign.
_PRODUCT = (
    r"(?<![\w.])\d[\d.]*(?![\d.]|[eE][-+\d])[^\W\d]|\)\w"
    r"|\b(?!(?:and|or|not|in|is)\b)\w+ +(?!(?:and|or|not|in|is)\b)\w"
)


def _reason(text: str) -> str:
    """What makes a text no expression, as far as a look at its words tells."""
    for name in re.findall(r"[^\W\d]\w*", text[:500]):
        if keyword.iskeyword(name) and name not in _WORDS:
            return f": `{name}` is a word of Python, call the parameter {name}_1"
    if re.search(r"[\w)]\s*(?<![=<>!])=(?!=)", text):
        return ": leave out the = and what stands before it"
    if ".py:" in text:
        return ": a Python function is fitted from Python, by pf.fit(f, x, y)"
    more = text.count("(") - text.count(")")
    if more:
        of = "opened, and not closed" if more > 0 else "closed, but not opened"
        brackets = "bracket is" if abs(more) == 1 else "brackets are"
        return f": {abs(more)} {brackets} {of}"
    if re.search(_PRODUCT, text[:500]):
        return ": write products with *, as in 2*a*x"
    return ""


def text_of(node: ast.expr) -> str:
    """Normal form of an expression; what is nested too deep to be written is dots."""
    try:
        first, others = chain(node, (ast.Add, ast.Sub))
        texts = [ast.unparse(first)]
        for op, term in others:
            text = ast.unparse(term)
            is_sum = isinstance(term, _LOOSE) and not _is_tight(term)
            sign = "+" if isinstance(op, ast.Add) else "-"
            texts.append(f"{sign} ({text})" if is_sum else f"{sign} {text}")
    except RecursionError:
        return "..."
    return " ".join(texts)


#: What binds less than a sum, or as much.
_LOOSE = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr)


def _is_tight(node: ast.expr) -> bool:
    tight = (ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.FloorDiv, ast.MatMult)
    return isinstance(node, ast.BinOp) and isinstance(node.op, tight)


def refuse_look_alikes(text: str, what: str) -> None:
    """Refuse characters that are no Latin or Greek letters, digits or signs.

    Raises
    ------
    ModelError
        With the name of the character, and what to write instead.
    """
    for one in text:
        if one.isascii() or one in _GREEK:
            continue
        name = unicodedata.name(one, "without a name").lower()
        cure = _INSTEAD.get(one)
        cure = f"write {cure}" if cure else "use Latin letters, or Greek ones"
        raise ModelError(
            f"the character {printable(one)!r} ({name}) has no place in {what}; {cure}."
        )


def chain(
    node: ast.expr, operators: tuple[type[ast.operator], ...]
) -> tuple[ast.expr, list[tuple[ast.operator, ast.expr]]]:
    """First operand of a chain such as a + b - c, and the others with their operators.

    Chains are left out of recursions, so that long sums are not deep ones.
    """
    others = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, operators):
        others.append((node.op, node.right))
        node = node.left
    return node, others[::-1]


def names_in(node: ast.AST) -> Iterator[str]:
    """Names that stand in a syntax tree, those of functions too."""
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
