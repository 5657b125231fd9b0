"""A formula as a component of a model."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache

from physfit.errors import ModelError
from physfit.models import tree as trees
from physfit.models.declaration import DECLARATIONS, FAMILIES, Declaration, Spelling
from physfit.models.formulas.reader import ALLOWED, Reader, plain_name
from physfit.models.formulas.syntax import (
    LONGEST_FORMULA,
    MOST_LETTERS,
    chain,
    names_in,
    refuse_look_alikes,
    shown,
    syntax_tree,
    text_of,
)
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.derivatives import derivatives
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.model import Model, component
from physfit.models.param import Param

__all__ = ["FORMULA", "coordinates", "formula", "formula_of", "is_like_a_model"]
__all__ += ["joined_names", "terms"]

#: What a formula with other coordinates than x is marked by in text.
FORMULA = "formula"
MOST_COORDINATES = 8
MOST_PARAMETERS = 200
_JOINING = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def formula(text: str, x: str | Sequence[str] = "x") -> Model:
    """Model from a formula such as "a*exp(-t/tau) + c".

    The text is read by an allow-list and never evaluated. Derivatives are exact and
    compiled, as those of the catalogue are.

    Parameters
    ----------
    text : str
        Numbers, names, `pi`, `+ - * / % **`, comparisons with `and`, `or`, `not`, and
        functions by the names that numpy, scipy.special and math give them, with
        `np.` and the like in front or not: `exp`, `sinc`, `where`, `maximum`, `erf`
        and so on. `1j` makes complex numbers, `real`, `imag`, `abs` and `angle` real
        ones again. Names that are no coordinates are parameters, in the order in which
        they appear.
    x : str or sequence of str
        Name of the coordinate; of each one where a sample has several.

    Returns
    -------
    Model
        One component, which joins others as any model does; its `expression` is text
        that `parse_model` reads.

    Raises
    ------
    ModelError
        When the text holds anything else.

    Examples
    --------
    >>> import physfit as pf
    >>> decay = pf.formula("a*exp(-t/tau) + c", x="t")
    >>> decay.names
    ('a', 'tau', 'c')
    >>> decay([0.0, 1.0], a=2.0, tau=1.0, c=0.5).round(3)
    array([2.5  , 1.236])
    >>> (decay + pf.models.Gaussian()).expression
    'formula(a * exp(-t / tau) + c, x=t) + gaussian'
    """
    if not isinstance(text, str):
        raise ModelError(
            f"a formula is a text such as 'a*exp(-x/tau) + c', not {text!r}."
        )
    refuse_look_alikes(text, "a formula")
    names = coordinates(x)
    tree = syntax_tree(text, "the formula", ALLOWED, LONGEST_FORMULA)
    model = formula_of(tree, names)
    if trees.shape_of(model.tree).n_inputs == 0:
        raise ModelError(
            f"the formula {shown(text)} does not depend on {' or '.join(names)}; say "
            "which name is the coordinate, as in x='t' (or --x-name t)."
        )
    return model


def coordinates(x: str | Sequence[str]) -> tuple[str, ...]:
    """Names of coordinates, checked."""
    listed = x if isinstance(x, tuple | list) else (x,)
    names = tuple(own.strip() if isinstance(own, str) else str(own) for own in listed)
    is_right = all(
        isinstance(own, str) and own.isidentifier() and len(own) <= MOST_LETTERS
        for own in names
    )
    if not is_right or not 1 <= len(names) <= MOST_COORDINATES:
        raise ModelError(
            "`x` takes the name of the coordinate in the formula, or a tuple of up to "
            f"{MOST_COORDINATES} names, not {repr(x)[:120]}."
        )
    if len(set(names)) < len(names):
        raise ModelError(f"`x` names a coordinate twice: {names!r}.")
    return names


def formula_of(tree: ast.expr, x: tuple[str, ...]) -> Model:
    """Model of the syntax tree of a formula."""
    text = text_of(tree)
    if "." in text and text != "...":
        text = text_of(_Plain().visit(tree))
    if text == "...":
        raise ModelError("the formula is nested too deep; write it in several terms.")
    return component(_declared(text, x))


@lru_cache(maxsize=256)
def _declared(text: str, x: tuple[str, ...]) -> Declaration:
    """Declaration of a formula in its normal form."""
    tree = syntax_tree(text, "the formula", ALLOWED, 2 * LONGEST_FORMULA)
    graph = _graph(tree, text, x)
    in_full = _in_full(text, x)
    is_bare = _reads_back(tree, x)
    is_term = is_bare and len(terms(tree)) == 1
    return Declaration(
        kernel=kernel_of(graph, text if is_bare else in_full),
        description="formula",
        formula=text,
        parameters=tuple(Param(own, "") for own in graph.parameters),
        scale=_scale(tree, graph.parameters),
        note=_note(graph),
        is_flat=not any(node[0] == "input" for node in graph.nodes),
        graph=graph,
        spelling=Spelling(
            in_sum=text if is_term else in_full,
            in_product=_in_brackets(tree, text) if is_bare else in_full,
            in_full=in_full,
        ),
    )


def _graph(tree: ast.expr, text: str, x: tuple[str, ...]) -> Graph:
    builder, names = Builder(), dict[str, int]()

    def named(name: str) -> Term:
        if name in x:
            return Term(builder, builder.input(x.index(name)))
        if name == "e":
            raise ModelError(
                f"`e` is not allowed in the formula {shown(text)}, except as e**(...): "
                "write exp(1) for the number, or another name for the parameter."
            )
        if len(names) == MOST_PARAMETERS and name not in names:
            raise ModelError(f"a formula has at most {MOST_PARAMETERS} parameters.")
        return Term(builder, builder.parameter(names.setdefault(name, len(names))))

    reader = Reader(text, "formula", builder, named, has_e=True)
    steps = [value.step for value in reader.whole(tree)]
    graph = Graph.finished(builder, steps, x, tuple(names))
    kept = {node[1] for node in graph.nodes if node[0] == "parameter"}
    for name, k in names.items():
        if k not in kept:
            raise ModelError(
                f"the formula {shown(text)} does not depend on `{name}`, which cancels "
                "out; leave it out."
            )
    return graph


def _scale(tree: ast.expr, parameters: tuple[str, ...]) -> str | None:
    """Parameter that is a factor of the whole, and stands nowhere else."""
    first, others = chain(tree, (ast.Mult, ast.Div))
    factors = [first, *(own for op, own in others if isinstance(op, ast.Mult))]
    names = list(names_in(tree))
    bare = [own.id for own in factors if isinstance(own, ast.Name)]
    alone = (own for own in bare if own in parameters and names.count(own) == 1)
    return next(alone, None)


def _note(graph: Graph) -> str:
    """A sentence about parameters without a derivative; "" where each has one."""
    moving = set().union(*derivatives(graph.builder(), graph.outputs))
    still = [name for k, name in enumerate(graph.parameters) if k not in moving]
    if not still:
        return ""
    listed = ", ".join(f"`{name}`" for name in still)
    verb = "stands" if len(still) == 1 else "stand"
    return (
        f"{listed} {verb} only in conditions or in functions with steps, where the "
        "derivative is 0: a fit cannot move it, so give its value with pf.fixed(...), "
        "or replace the step by a smooth one, such as 1/(1 + exp(-(x - x0)/w))."
    )


def _reads_back(tree: ast.expr, x: tuple[str, ...]) -> bool:
    """Whether the bare text is a formula where texts of models are read."""
    names = set(names_in(tree))
    catalogue = DECLARATIONS.keys() | FAMILIES.keys() | {FORMULA}
    if x != ("x",) or names & catalogue or not ("x" in names or not names):
        return False
    return not any(map(is_like_a_model, joined_names(tree)))


def joined_names(node: ast.expr) -> Iterator[str]:
    """Names that stand where models could: joined by + - * / or in their functions."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case ast.Name(id=name):
                yield name
            case ast.BinOp(op=op, left=left, right=right) if isinstance(op, _JOINING):
                waiting += [right, left]
            case ast.UnaryOp(operand=operand):
                waiting.append(operand)
            case ast.Call(func=ast.Name(id=name), args=[part]) if (
                name in trees.FUNCTIONS
            ):
                waiting.append(part)


@lru_cache(maxsize=4096)
def is_like_a_model(name: str) -> bool:
    """Whether a name is very like one of the catalogue."""
    known = [*DECLARATIONS, *FAMILIES]
    return bool(get_close_matches(name.lower(), known, n=1, cutoff=0.8))


def _in_full(text: str, x: tuple[str, ...]) -> str:
    """Text that is a formula wherever it stands."""
    if x == ("x",):
        return f"{FORMULA}({text})"
    listed = x[0] if len(x) == 1 else f"({', '.join(x)})"
    return f"{FORMULA}({text}, x={listed})"


def _in_brackets(tree: ast.expr, text: str) -> str:
    """Text that stays together in a product."""
    is_atom = isinstance(tree, ast.Constant | ast.Name | ast.Call)
    return text if is_atom else f"({text})"


def terms(tree: ast.expr) -> list[ast.expr]:
    """Terms of a sum, whatever their signs."""
    first, others = chain(tree, (ast.Add, ast.Sub))
    return [first, *(term for _, term in others)]


class _Plain(ast.NodeTransformer):
    """Functions and constants without the prefixes that stand before their names."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = plain_name(node)
        if name is None or name == "e":  # np.e is the number, a bare e is refused
            return node
        return ast.Name(name, ast.Load())
