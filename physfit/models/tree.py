"""How components are joined: a tree of leaves, sums and products, with no numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from physfit.engine.layout import Code, Evaluate, Operation
from physfit.errors import ModelError
from physfit.models.declaration import Declaration, declaration_of
from physfit.models.param import Param

__all__ = ["Join", "Leaf", "Tree", "declared", "expression", "join", "leaf", "leaves"]
__all__ += ["operations", "product_scales", "scale_of", "terms"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One component: the name of its declaration, and the prefix of its parameters."""

    kind: str
    prefix: str

    @property
    def expression(self) -> str:
        """The component as `parse_model` reads it."""
        if not self.prefix:
            return self.kind
        if self.kind.endswith(")"):
            return f"{self.kind[:-1]}, {self.prefix})"
        return f"{self.kind}({self.prefix})"

    @property
    def declaration(self) -> Declaration:
        """What the catalogue says about it."""
        return declaration_of(self.kind)


@dataclass(frozen=True, slots=True)
class Join:
    """A sum ("+") or a product ("*") of two or more parts, flattened."""

    operator: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = Leaf | Join


def leaf(kind: str, prefix: str) -> Leaf:
    """Component of that name; the prefix is a name that ends in "_", or empty."""
    declaration = declaration_of(kind)
    if not isinstance(prefix, str):
        raise ModelError(f"a prefix is a text such as 'a_', not {prefix!r}.")
    if prefix and not (prefix.isidentifier() and prefix.endswith("_")):
        hint = f"{prefix}_" if prefix.isidentifier() else "a_"
        raise ModelError(
            f"the prefix {prefix!r} of {kind} is not allowed: a prefix is a name that "
            f'ends in "_"; write {declaration.class_name}("{hint}") or '
            f"'{kind}({hint})'."
        )
    return Leaf(kind, prefix)


def join(operator: str, left: Tree, right: Tree) -> Join:
    """Sum or product of two trees, in one level where they are of the same kind."""
    parts: list[Tree] = []
    for side in (left, right):
        same = isinstance(side, Join) and side.operator == operator
        parts.extend(side.parts if isinstance(side, Join) and same else (side,))
    joined = Join(operator, tuple(parts))
    _check_shapes(joined)
    _check_names(joined)
    return joined


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """Components from left to right."""
    if isinstance(tree, Leaf):
        return (tree,)
    return tuple(own for part in tree.parts for own in leaves(part))


def declared(tree: Tree) -> tuple[Param, ...]:
    """All parameters as the catalogue declares them."""
    return tuple(
        own for part in leaves(tree) for own in part.declaration.params(part.prefix)
    )


def expression(tree: Tree) -> str:
    """Text that `parse_model` reads back to this tree."""
    if isinstance(tree, Leaf):
        return tree.expression
    texts = (
        f"({expression(part)})"
        if tree.operator == "*" and isinstance(part, Join)
        else expression(part)
        for part in tree.parts
    )
    return f" {tree.operator} ".join(texts)


def operations(tree: Tree, start: int = 0) -> tuple[Operation, ...]:
    """Post-order program; the parameters of the first leaf begin at `start`."""
    if isinstance(tree, Leaf):
        return (Evaluate(tree.declaration.kernel, start),)
    code = Code.ADD if tree.operator == "+" else Code.MULTIPLY
    steps: list[Operation] = []
    for number, (part, offset) in enumerate(_placed(tree, start)):
        steps.extend(operations(part, offset))
        if number:
            steps.append(code)
    return tuple(steps)


def terms(tree: Tree) -> tuple[tuple[Tree, int], ...]:
    """Terms of a sum (the tree itself otherwise), each with its first parameter."""
    if isinstance(tree, Join) and tree.operator == "+":
        return tuple(_placed(tree, 0))
    return ((tree, 0),)


def scale_of(tree: Tree) -> str | None:
    """Parameter that, held at 1, takes a free factor out of the tree; None if none is.

    A product has one when a factor has; a sum only when all its terms have.
    """
    if isinstance(tree, Leaf):
        own = tree.declaration.scale
        return None if own is None else tree.prefix + own
    found = [scale_of(part) for part in tree.parts]
    if tree.operator == "+" and None in found:
        return None
    return next((name for name in found if name is not None), None)


def product_scales(tree: Tree) -> tuple[str, ...]:
    """Scales of the later factors of all products, which composing fixes at 1."""
    if isinstance(tree, Leaf):
        return ()
    inner = tuple(name for part in tree.parts for name in product_scales(part))
    if tree.operator == "+":
        return inner
    own = [name for part in tree.parts if (name := scale_of(part)) is not None]
    return (*own[1:], *inner)


def _placed(tree: Join, start: int) -> Iterator[tuple[Tree, int]]:
    for part in tree.parts:
        yield part, start
        start += sum(len(own.declaration.parameters) for own in leaves(part))


def _check_names(tree: Join) -> None:
    counts = Counter(own.name for own in declared(tree))
    twice = [name for name, count in counts.items() if count > 1]
    if not twice:
        return
    first, second, *_ = (
        own.declaration
        for own in leaves(tree)
        if twice[0] in {param.name for param in own.declaration.params(own.prefix)}
    )
    example = f'{first.class_name}("a_") {tree.operator} {second.class_name}("b_")'
    text = f"{first.point}(a_) {tree.operator} {second.point}(b_)"
    names = ", ".join(f"`{name}`" for name in twice)
    verb = "stands" if len(twice) == 1 else "stand"
    raise ModelError(
        f"{names} {verb} twice in {expression(tree)}; give a prefix, as in {example} "
        f"or {text!r}."
    )


def _check_shapes(tree: Join) -> None:
    kinds = [own.declaration for own in leaves(tree)]
    if any(own.spins for own in kinds):
        raise ModelError(
            f"{expression(tree)} joins energies of spins with something else; they "
            "stand alone, and take a field and an offset of their own."
        )
    outputs = {own.n_outputs for own in kinds}
    if len(outputs) > 1:
        raise ModelError(
            f"{expression(tree)} joins complex and real components; join complex ones "
            "with complex ones."
        )
    if len({own.n_inputs for own in kinds if not own.is_flat}) > 1:
        raise ModelError(
            f"{expression(tree)} joins components of different numbers of coordinates."
        )
    if tree.operator == "*" and outputs == {2}:
        raise ModelError(
            f"{expression(tree)} multiplies complex components; only sums of them can "
            "be fitted."
        )
