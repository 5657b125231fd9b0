"""A finished graph: a function of samples and parameters as data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from physfit.kernels.kernel import NO_CONTEXT, Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import derivatives, live_steps
from physfit.models.graph.operations import OPERATIONS, Node

__all__ = ["Graph"]


@dataclass(frozen=True, slots=True)
class Graph:
    """A function of the coordinates of a sample and of parameters.

    Attributes
    ----------
    nodes : tuple of Node
        Operations in single assignment (see `Builder`), those that count only.
    outputs : tuple of int
        Steps of the value, or of the real and the imaginary part.
    inputs, parameters : tuple of str
        Names of coordinates and parameters.
    samples : Context
        Arrays with a number for each sample of the one grid the function is valid on.
    tables : Context
        Arrays that operations look up.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    samples: Context = NO_CONTEXT
    tables: Context = NO_CONTEXT

    @staticmethod
    def finished(
        builder: Builder,
        outputs: Sequence[int],
        inputs: Sequence[str],
        parameters: Sequence[str],
        samples: Context = NO_CONTEXT,
        tables: Context = NO_CONTEXT,
    ) -> Graph:
        """Graph of some steps of a builder and of what they depend on.

        Of the arrays by sample it keeps those that are read.
        """
        kept = live_steps(builder, outputs)
        place = {step: k for k, step in enumerate(kept)}
        read = sorted(
            {
                operands[0]
                for name, *operands in map(builder.nodes.__getitem__, kept)
                if name == "sample"
            }
        )
        nodes = []
        for step in kept:
            name, *operands = builder.nodes[step]
            if name == "sample":
                operands = [read.index(operands[0])]
            elif name in OPERATIONS:
                n_steps = OPERATIONS[name].n_steps
                operands[:n_steps] = [place[one] for one in operands[:n_steps]]
            nodes.append((name, *operands))
        return Graph(
            tuple(nodes),
            tuple(place[step] for step in outputs),
            tuple(inputs),
            tuple(parameters),
            Context(*(samples.arrays[k] for k in read)) if read else NO_CONTEXT,
            tables,
        )

    @property
    def digest(self) -> str:
        """Hash of all that the values depend on, names left out."""
        text = repr((self.nodes, self.outputs, len(self.inputs), len(self.parameters)))
        parts = (text, self.samples.digest, self.tables.digest)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def builder(self) -> Builder:
        """A builder that holds these nodes, each under its own number."""
        builder = Builder()
        for node in self.nodes:
            builder.copy(node)
        return builder

    def with_derivatives(self) -> tuple[Builder, list[int], list[list[int]]]:
        """Nodes, steps of the outputs, and of their derivatives by each parameter."""
        builder = self.builder()
        slopes = derivatives(builder, self.outputs)
        zero = builder.constant(0.0)
        rows = [
            [slope.get(k, zero) for slope in slopes]
            for k in range(len(self.parameters))
        ]
        return builder, list(self.outputs), rows
