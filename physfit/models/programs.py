"""Programs of trees: what the engine runs through for each block of samples."""

from __future__ import annotations

from collections.abc import Iterator

from physfit.engine.layout import Code, Evaluate, Operation
from physfit.errors import ModelError
from physfit.kernels.kernel import Kernel
from physfit.models.active_kernel import sum_kernel
from physfit.models.convolution.kernel import Placed, Side, convolution_kernel
from physfit.models.tree import (
    FUNCTIONS,
    Join,
    Leaf,
    Tree,
    expression,
    is_active,
    is_convolution,
    leaves,
    placed_parts,
    shape_of,
    terms,
)

__all__ = ["components", "operations"]

_CODES = {"+": Code.ADD, "-": Code.SUBTRACT, "*": Code.MULTIPLY, "/": Code.DIVIDE}


def operations(
    tree: Tree, start: int = 0, held: frozenset[str] = frozenset()
) -> tuple[Operation, ...]:
    """Post-order program; the parameters of the first leaf begin at `start`.

    Partials by parameters that are `held` need not be computed for a fit.
    """
    if isinstance(tree, Leaf):
        _refuse_alone(tree)
        return (Evaluate(tree.declaration.kernel, start),)
    if is_active(tree):
        return (Evaluate(_kernel_of_sum(tree), start),)
    if tree.is_function:
        inside = operations(tree.parts[0], start, held)
        return (*inside, FUNCTIONS[tree.operator])
    if tree.operator == "@":
        left, right = tree.parts
        for own in (*leaves(left), *leaves(right)):
            _refuse_alone(own)
        sides = [_side(part, place) for part, place in terms(left)]
        kernel = convolution_kernel(sides, _side(right, 0), expression(tree), held)
        return (Evaluate(kernel, start),)
    steps: list[Operation] = []
    for number, (part, offset) in enumerate(placed_parts(tree, start)):
        steps.extend(operations(part, offset, held))
        if number:
            steps.append(_CODES[tree.operator])
    return tuple(steps)


def components(tree: Tree) -> Iterator[tuple[Tree, tuple[Operation, ...]]]:
    """Terms of a sum, of sums that are convolved as well, and the program of each.

    All programs read the parameters of the whole.
    """
    for part, start in terms(tree):
        inner = terms(part.parts[0]) if is_convolution(part) else ()
        if len(inner) < 2:
            yield part, _term_operations(tree, part, start)
            continue
        left, right = part.parts  # type: ignore[union-attr]
        sides = [_side(own, place) for own, place in terms(left)]
        for k, (own, _) in enumerate(inner):
            seen = Join("@", (own, right))
            name, response = expression(seen), _side(right, 0)
            kernel = convolution_kernel(sides, response, name, only=k)
            yield seen, (Evaluate(kernel, start),)


def _term_operations(tree: Tree, part: Tree, start: int) -> tuple[Operation, ...]:
    """Program of a term of a sum, over the parameters of the sum."""
    if isinstance(part, Leaf) and part.declaration.follows_peaks and is_active(tree):
        only = part.prefix + part.declaration.point
        return (Evaluate(_kernel_of_sum(tree, only), 0),)
    return operations(part, start)


def _kernel_of_sum(tree: Tree, only: str | None = None) -> Kernel:
    sides = [_side(part, place) for part, place in terms(tree)]
    return sum_kernel(sides, expression(tree), only)


def _refuse_alone(leaf: Leaf) -> None:
    if leaf.declaration.follows_peaks:
        kind = leaf.declaration.point
        raise ModelError(
            f"{kind} is an integral of the peaks in its sum and has no value without "
            f"them; add it to them, as in 'voigt + {kind}'."
        )


def _side(tree: Tree, start: int) -> Side:
    """A side of a convolution, or a term of it, whose parameters begin at `start`."""
    placed, place = list[Placed](), start
    for own in leaves(tree):
        placed.append(Placed(own.declaration, own.prefix, place))
        place += len(own.declaration.parameters)
    n_outputs = shape_of(tree).n_outputs
    is_law = isinstance(tree, Leaf) and tree.declaration.follows_peaks
    steps = () if is_law else operations(tree, start)
    return Side(steps, tuple(placed), n_outputs)
