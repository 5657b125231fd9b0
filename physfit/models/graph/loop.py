"""What a graph sums: an expression for each entry of some arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physfit.kernels.kernel import NO_CONTEXT, Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import derivatives, live_steps
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.operations import OPERATIONS, Node
from physfit.models.graph.term import Term

__all__ = ["Loop"]


@dataclass(frozen=True)
class Loop:
    """A sum over entries of arrays; itself a graph, of one entry.

    Attributes
    ----------
    nodes : tuple of Node
        Operations in single assignment; `("sample", k)` is the entry of array `k`,
        `("parameter", k)` is what argument `k` of the sum is.
    output : int
        Step that is summed.
    n_arguments : int
    entries : Context
        The arrays, of one length.
    """

    nodes: tuple[Node, ...]
    output: int
    n_arguments: int
    entries: Context

    @staticmethod
    def finished(
        builder: Builder, output: int, n_arguments: int, entries: Context
    ) -> Loop:
        """Loop of a step of a builder and of what it depends on."""
        kept = live_steps(builder, [output])
        place = {step: k for k, step in enumerate(kept)}
        leaves = [builder.nodes[step] for step in kept]
        read = sorted(node[1] for node in leaves if node[0] == "sample")
        nodes = []
        for name, *operands in leaves:
            if name == "sample":
                operands = [read.index(operands[0])]
            elif name in OPERATIONS:
                n_steps = OPERATIONS[name].n_steps
                operands[:n_steps] = [place[one] for one in operands[:n_steps]]
            nodes.append((name, *operands))
        arrays = Context(*(entries.arrays[k] for k in read)) if read else NO_CONTEXT
        return Loop(tuple(nodes), place[output], n_arguments, arrays)

    @property
    def size(self) -> int:
        """How many entries."""
        return int(self.entries.arrays[0].size)

    def builder(self) -> Builder:
        """A builder that holds these nodes, each under its own number."""
        builder = Builder()
        for node in self.nodes:
            builder.copy(node)
        return builder

    def slope(self, target: Builder, k: int, arguments: Sequence[Term]) -> Term | None:
        """Derivative of the sum by an argument: another sum, or a number."""
        builder = self.builder()
        step = derivatives(builder, [self.output])[0].get(k)
        if step is None:
            return None
        leaves = {builder.nodes[one] for one in live_steps(builder, [step])}
        used = sorted(node[1] for node in leaves if node[0] == "parameter")
        if not used:
            numbers = evaluated(builder, [step], (), (), self.entries.arrays)[0]
            total = np.sum(np.broadcast_to(numbers, (self.size,)))
            return Term(target, target.constant(float(total)))
        loop = Loop.finished(builder, step, self.n_arguments, self.entries)
        if not len(loop.entries):  # the same for all entries, of which some are kept
            loop = Loop(loop.nodes, loop.output, self.n_arguments, self.entries)
        steps = [argument.step for argument in arguments]
        return Term(target, target.apply("sum", *steps, target.loop(loop)))
