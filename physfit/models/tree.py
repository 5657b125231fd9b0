"""How components are joined: a tree of operations on leaves, with no numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypeGuard

from physfit.engine.layout import Apply, Code
from physfit.errors import ModelError
from physfit.kernels.functions import FUNCTIONS as FUNCTIONS_OF_VALUES
from physfit.models.declaration import Declaration
from physfit.models.param import Param

__all__ = ["FUNCTIONS", "Join", "Leaf", "Shape", "Tree", "convolutions", "declared"]
__all__ += ["expression", "held_of_response", "is_active", "is_background"]
__all__ += ["is_convolution", "join", "leaf", "leaves", "placed_parts"]
__all__ += ["pointwise_leaves", "product_scales", "scale_of", "shape_of", "terms"]

#: Functions of a real model, and real quantities of a complex one, by name.
FUNCTIONS: Mapping[str, Apply | Code] = {
    **{name: Apply(function) for name, function in FUNCTIONS_OF_VALUES.items()},
    "real": Code.REAL,
    "imag": Code.IMAGINARY,
    "abs": Code.ABSOLUTE,
    "phase": Code.PHASE,
    "reflectivity": Code.REFLECTIVITY,
    "energy_loss": Code.ENERGY_LOSS,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One component: its declaration, and the prefix of its parameters."""

    declaration: Declaration
    prefix: str


@dataclass(frozen=True, slots=True)
class Join:
    """Parts joined by an operator: two or more by + or *, flattened; two by - / or @.

    Or one of `FUNCTIONS`, of one part. The second part of @ is the response.
    """

    operator: str
    parts: tuple[Tree, ...]

    @property
    def is_function(self) -> bool:
        """Whether it is a function of one part."""
        return self.operator in FUNCTIONS


Tree: TypeAlias = Leaf | Join


class Shape(NamedTuple):
    """What a tree takes and gives.

    Attributes
    ----------
    n_inputs : int
        Coordinates of a sample; 0 where its value is the same everywhere.
    n_outputs : int
        1 for real values, 2 for complex ones.
    """

    n_inputs: int
    n_outputs: int


def leaf(declaration: Declaration, prefix: str) -> Leaf:
    """A component; the prefix is a name that ends in "_", or empty."""
    if not isinstance(prefix, str):
        raise ModelError(f"a prefix is a text such as 'a_', not {prefix!r}.")
    if prefix and not (prefix.isidentifier() and prefix.endswith("_")):
        hint = f"{prefix}_" if prefix.isidentifier() else "a_"
        kind = declaration.point
        cure = _constructor(Leaf(declaration, hint))
        also = "" if declaration.function is not None else f" or '{kind}({hint})'"
        raise ModelError(
            f"the prefix {prefix!r} of {kind} is not allowed: a prefix is a name that "
            f'ends in "_"; write {cure}{also}.'
        )
    return Leaf(declaration, prefix)


def join(operator: str, *sides: Tree) -> Join:
    """Two trees joined, or a function of one.

    Sums of sums and products of products are one level.
    """
    parts: list[Tree] = []
    for side in sides:
        same = isinstance(side, Join) and side.operator == operator
        flat = same and operator in "+*"
        parts.extend(side.parts if isinstance(side, Join) and flat else (side,))
    joined = Join(operator, tuple(parts))
    shape_of(joined)
    _check_names(joined)
    return joined


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Components from left to right."""
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(component for part in tree.parts for component in leaves(part))


def pointwise_leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Components but for those of convolutions."""
    if isinstance(tree, Leaf):
        return (tree,)
    parts = () if tree.operator == "@" else tree.parts
    return tuple(component for part in parts for component in pointwise_leaves(part))


def declared(tree: Tree) -> tuple[Param, ...]:
    """All parameters as their components declare them."""
    return tuple(
        param for part in leaves(tree) for param in part.declaration.params(part.prefix)
    )


def expression(tree: Tree) -> str:
    """Text that `parse_model` reads back to this tree."""
    n_formulas = sum(part.declaration.spelling is not None for part in leaves(tree))
    return _text(tree, in_full=n_formulas > 1)


def _text(tree: Tree, in_full: bool) -> str:
    """Text of a tree; formulas are marked as such where there are several."""
    if isinstance(tree, Leaf):
        name, prefix = tree.declaration.point, tree.prefix
        if prefix and name.endswith(")"):
            return f"{name[:-1]}, {prefix})"
        return f"{name}({prefix})" if prefix else name
    texts = [_part_text(tree, place, in_full) for place in range(len(tree.parts))]
    if tree.is_function:
        return f"{tree.operator}({texts[0]})"
    return f" {tree.operator} ".join(texts)


def _part_text(tree: Join, place: int, in_full: bool) -> str:
    part = tree.parts[place]
    spelling = part.declaration.spelling if isinstance(part, Leaf) else None
    if spelling is None:
        text = _text(part, in_full)
        return f"({text})" if _needs_brackets(tree, place) else text
    if in_full or tree.is_function:
        return spelling.in_full
    return spelling.in_product if tree.operator in "*/@" else spelling.in_sum


def _needs_brackets(tree: Join, place: int) -> bool:
    """Whether a part is read with the operators around it unless it is in brackets."""
    part = tree.parts[place]
    if isinstance(part, Leaf) or part.is_function:
        return False
    if tree.operator in "*/@":
        return place > 0 or part.operator in "+-"
    return place > 0 and part.operator in "+-"


def is_active(tree: Tree) -> bool:
    """Whether it is a sum in which backgrounds follow the peaks."""
    return (
        isinstance(tree, Join)
        and tree.operator == "+"
        and any(
            isinstance(own, Leaf) and own.declaration.follows_peaks
            for own in tree.parts
        )
    )


def is_convolution(tree: Tree) -> TypeGuard[Join]:
    """Whether it is a model that is convolved with a response."""
    return isinstance(tree, Join) and tree.operator == "@"


def is_background(tree: Tree) -> bool:
    """Whether a term is made of backgrounds alone, whatever it is convolved with."""
    own = tree.parts[0] if is_convolution(tree) else tree
    return all(
        leaf.declaration.is_polynomial or leaf.declaration.follows_peaks
        for leaf in leaves(own)
    )


def terms(tree: Tree) -> tuple[tuple[Tree, int], ...]:
    """Terms of a sum (the tree itself otherwise), each with its first parameter."""
    if isinstance(tree, Join) and tree.operator == "+":
        return tuple(placed_parts(tree, 0))
    return ((tree, 0),)


def scale_of(tree: Tree) -> str | None:
    """Parameter that, held at 1, takes a free factor out of the tree; None if none is.

    A product or quotient has one when a part has; a sum only when all its terms have.
    """
    if isinstance(tree, Leaf):
        scale = tree.declaration.scale
        return None if scale is None else tree.prefix + scale
    if tree.is_function and tree.operator not in ("real", "imag", "abs"):
        return None
    if tree.operator == "@":
        return scale_of(tree.parts[0])
    scales = [scale_of(part) for part in tree.parts]
    if tree.operator in "+-" and None in scales:
        return None
    return next((name for name in scales if name is not None), None)


def product_scales(tree: Tree) -> tuple[str, ...]:
    """Scales of the later factors of all products, which composing fixes at 1."""
    if isinstance(tree, Leaf):
        return ()
    inner = tuple(name for part in tree.parts for name in product_scales(part))
    if tree.operator not in "*/":
        return inner
    scales = [name for part in tree.parts if (name := scale_of(part)) is not None]
    return (*scales[1:], *inner)


def held_of_response(tree: Tree) -> tuple[tuple[str, float], ...]:
    """Parameters of a response that are fixed, and where: its scale and its origin."""
    scale = scale_of(tree)
    held = [] if scale is None else [(scale, 1.0)]
    first = leaves(tree)[0]
    names = {param.name for param in first.declaration.parameters}
    if "center" in names:
        held.append((f"{first.prefix}center", 0.0))
    return tuple(held)


def convolutions(tree: Tree) -> tuple[tuple[Tree, Tree], ...]:
    """Both sides of all convolutions."""
    if isinstance(tree, Leaf):
        return ()
    inner = tuple(own for part in tree.parts for own in convolutions(part))
    if tree.operator != "@":
        return inner
    left, right = tree.parts
    return ((left, right), *inner)


def placed_parts(tree: Join, start: int) -> Iterator[tuple[Tree, int]]:
    """Parts of a join, each with its first parameter."""
    for part in tree.parts:
        yield part, start
        start += sum(len(each.declaration.parameters) for each in leaves(part))


def _constructor(leaf: Leaf) -> str:
    """What makes a component in Python; those of a family are made from text."""
    if leaf.declaration.function is not None:
        return f'pf.model({leaf.declaration.kernel.name}, prefix="{leaf.prefix}")'
    if leaf.declaration.point.endswith(")"):
        return f'parse_model("{expression(leaf)}")'
    return f'{leaf.declaration.class_name}("{leaf.prefix}")'


def _check_names(tree: Join) -> None:
    counts = Counter(param.name for param in declared(tree))
    twice = [name for name, count in counts.items() if count > 1]
    if not twice:
        return
    first, second, *_ = (
        part.declaration
        for part in leaves(tree)
        if twice[0] in {param.name for param in part.declaration.params(part.prefix)}
    )
    one, other = Leaf(first, "a_"), Leaf(second, "b_")
    example = f"{_constructor(one)} {tree.operator} {_constructor(other)}"
    if first.function is None and second.function is None:
        text = f"{expression(one)} {tree.operator} {expression(other)}"
        example += f" or {text!r}"
    names = ", ".join(f"`{name}`" for name in twice)
    verb = "stands" if len(twice) == 1 else "stand"
    raise ModelError(
        f"{names} {verb} twice in {expression(tree)}; give a prefix, as in {example}."
    )


def shape_of(tree: Tree) -> Shape:
    """What a tree takes and gives, after a look at all of it.

    Raises
    ------
    ModelError
        When its parts do not go together.
    """
    if isinstance(tree, Leaf):
        kernel, is_flat = tree.declaration.kernel, tree.declaration.is_flat
        return Shape(0 if is_flat else len(kernel.inputs), kernel.n_outputs)
    if any(part.declaration.spins for part in leaves(tree)):
        raise ModelError(
            f"{expression(tree)} joins energies of spins with something else; they "
            "stand alone, and take a field and an offset of their own."
        )
    shapes = [shape_of(part) for part in tree.parts]
    if tree.is_function:
        return _shape_of_applied(tree, shapes[0])
    if tree.operator == "@":
        return _shape_of_convolution(tree, *shapes)
    inputs = {shape.n_inputs for shape in shapes if shape.n_inputs}
    if len(inputs) > 1:
        raise ModelError(
            f"{expression(tree)} joins components of different numbers of coordinates."
        )
    return Shape(max(inputs, default=0), max(shape.n_outputs for shape in shapes))


def _shape_of_convolution(tree: Join, left: Shape, right: Shape) -> Shape:
    if left.n_inputs > 1 or right.n_inputs != 1 or right.n_outputs != 1:
        raise ModelError(
            f"{expression(tree)} is no convolution: `@` joins a model of one "
            "coordinate with a real response of the same coordinate, as in "
            "'lorentzian @ gaussian(r_)'."
        )
    return left


def _shape_of_applied(tree: Join, shape: Shape) -> Shape:
    of_complex = isinstance(FUNCTIONS[tree.operator], Code)
    if of_complex != (shape.n_outputs == 2):
        kinds = ("complex", "real") if of_complex else ("real", "complex")
        raise ModelError(
            f"`{tree.operator}` takes a {kinds[0]} model, but "
            f"{expression(tree.parts[0])} is {kinds[1]}."
        )
    return shape._replace(n_outputs=1)
