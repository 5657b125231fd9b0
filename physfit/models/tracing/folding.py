"""Sums of many terms of one form as loops over the numbers in which they differ.

Terms that were written one after the other, for each entry of a constant array or each
node of an integral, are the same operations with other numbers. What they share becomes
arguments of the loop, the numbers become its arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from physfit.kernels.kernel import Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.loop import Loop
from physfit.models.graph.operations import OPERATIONS, Node
from physfit.models.graph.term import Term

__all__ = ["FEWEST_TERMS", "folded_sum", "gathered"]

#: Terms of one form that make a loop.
FEWEST_TERMS = 16
_COMMUTATIVE = ("add", "mul")


def folded_sum(terms: Sequence[Term]) -> Term:
    """Sum of terms, as loops where many have one form."""
    builder = terms[0].builder
    forms: dict[tuple[Node, ...], list[_Form]] = {}
    shared = _shared(builder, [term.step for term in terms])
    for term in terms:
        form = _Form(builder, term.step, shared)
        forms.setdefault(form.key, []).append(form)
    total = terms[0].constant(0.0)
    for alike in forms.values():
        if len(alike) < FEWEST_TERMS or alike[0].holds_loop:
            for form in alike:
                total = total + Term(builder, form.step)
        else:
            total = total + Term(builder, _loop(builder, alike))
    return total


def gathered(
    terms: Sequence[Term], sample: Callable[[NDArray[np.float64]], Term]
) -> list[tuple[NDArray[np.int64], Term]]:
    """Terms of one form as one term over samples, with the places that have the form.

    Parameters
    ----------
    terms : sequence of Term
        One for each sample.
    sample : callable
        Makes the term of an array with a number for each sample.
    """
    builder = terms[0].builder
    shared = _shared(builder, [term.step for term in terms])
    groups: dict[tuple[Node, ...], tuple[list[int], list[_Form]]] = {}
    for place, term in enumerate(terms):
        form = _Form(builder, term.step, shared)
        places, forms = groups.setdefault(form.key, ([], []))
        places.append(place)
        forms.append(form)
    made = []
    for places, forms in groups.values():
        numbers = np.array([form.numbers for form in forms]).reshape(len(forms), -1)
        columns = []
        for column in numbers.T:
            full = np.full(len(terms), column[0])
            full[places] = column
            columns.append(sample(full).step)
        steps = _written(builder, forms[0].key, columns)
        made.append((np.array(places), Term(builder, steps)))
    return made


def _written(builder: Builder, key: Sequence[Node], numbers: Sequence[int]) -> int:
    """Step of a form with steps in place of its numbers."""
    places: list[int] = []
    for name, *operands in key:
        if name == "number":
            places.append(numbers[operands[0]])
        elif name == "shared":
            places.append(operands[0])
        else:
            n_steps = OPERATIONS[name].n_steps
            own = [places[one] for one in operands[:n_steps]]
            places.append(builder.apply(name, *own, *operands[n_steps:]))
    return places[-1]


def _shared(builder: Builder, steps: Sequence[int]) -> set[int]:
    """Steps that at least half of the terms depend on, and none but shared ones."""
    counts: dict[int, int] = {}
    for step in set(steps):
        for one in live_steps(builder, [step]):
            counts[one] = counts.get(one, 0) + 1
    return {one for one, count in counts.items() if 2 * count > len(steps)}


class _Form:
    """A term without its numbers.

    Attributes
    ----------
    step : int
    key : tuple
        Operations in their order; equal in terms of one form.
    numbers : list of float
        Constants, in the order of the key.
    arguments : list of int
        Steps that all terms share.
    holds_loop : bool
    """

    def __init__(self, builder: Builder, step: int, shared: set[int]) -> None:
        self.builder = builder
        self.step = step
        self.shared = shared
        self.numbers: list[float] = []
        self.arguments: list[int] = []
        self.holds_loop = False
        self._lines: list[Node] = []
        self._places: dict[int, int] = {}
        self._visit(step)
        self.key = tuple(self._lines)

    def _visit(self, step: int) -> int:
        """Place of a step among the lines."""
        if step in self._places:
            return self._places[step]
        name, *operands = self.builder.nodes[step]
        line: Node
        if name == "constant":
            line = ("number", len(self.numbers))
            self.numbers.append(float(operands[0]))
        elif step in self.shared or name not in OPERATIONS:
            line = ("shared", step)
        else:
            self.holds_loop |= name == "sum"
            n_steps = OPERATIONS[name].n_steps
            own = operands[:n_steps]
            if name in _COMMUTATIVE:
                own = sorted(own, key=self._rank)
            line = (name, *(self._visit(one) for one in own), *operands[n_steps:])
        self._places[step] = len(self._lines)
        self._lines.append(line)
        return self._places[step]

    def _rank(self, step: int) -> tuple[int, int]:
        """Order of operands of a sum or product that is the same for all terms."""
        name = self.builder.nodes[step][0]
        if name == "constant":
            return (0, 0)
        return (1, step) if step in self.shared else (2, 0)


def _loop(builder: Builder, alike: Sequence[_Form]) -> int:
    """Step of the sum of terms of one form."""
    numbers = np.array([form.numbers for form in alike])
    body, arrays = Builder(), list[np.ndarray[tuple[int], np.dtype[np.float64]]]()
    arguments: list[int] = []
    places: list[int] = []
    for name, *operands in alike[0].key:
        if name == "number":
            column = numbers[:, operands[0]]
            if np.all(column == column[0]):
                places.append(body.constant(column[0]))
            else:
                arrays.append(column)
                places.append(body.sample(len(arrays) - 1))
        elif name == "shared":
            known = builder.value_of(operands[0])
            if known is not None:
                places.append(body.constant(known))
                continue
            if operands[0] not in arguments:
                arguments.append(operands[0])
            places.append(body.parameter(arguments.index(operands[0])))
        else:
            n_steps = OPERATIONS[name].n_steps
            own = [places[one] for one in operands[:n_steps]]
            places.append(body.apply(name, *own, *operands[n_steps:]))
    if not arrays:  # all terms are equal
        count = builder.constant(float(len(alike)))
        return builder.apply("mul", count, alike[0].step)
    loop = Loop.finished(body, places[-1], len(arguments), Context(*arrays))
    return builder.apply("sum", *arguments, builder.loop(loop))
