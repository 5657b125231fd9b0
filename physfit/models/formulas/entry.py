"""What an entry of the catalogue computes, written as a formula."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from physfit.errors import ModelError
from physfit.kernels.kernel import Kernel
from physfit.models.formulas.reader import ALLOWED, Reader
from physfit.models.formulas.syntax import (
    LONGEST_FORMULA,
    MOST_NESTED,
    syntax_tree,
)
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term

__all__ = ["Formula"]


@dataclass(frozen=True)
class Formula:
    """A point function in the language of `pf.formula`, made a kernel when it is asked.

    Attributes
    ----------
    name : str
        Of the point function: what stands for the model in text.
    text : str
        The value at a sample; complex where it holds `1j`.
    steps : mapping of str to str
        Intermediate values by name, in the order in which they are computed; each may
        use those before it.
    x : tuple of str
        Names of the coordinates.
    domain : str
        A condition; where it does not hold, the value is NaN. "": everywhere.
    """

    name: str
    text: str
    steps: Mapping[str, str] = field(default_factory=dict, hash=False)
    x: tuple[str, ...] = ("x",)
    domain: str = ""

    @property
    def shown(self) -> str:
        """The formula as people read it."""
        where = "; ".join(f"{name} = {text}" for name, text in self.steps.items())
        return f"{self.text}, where {where}" if where else self.text

    def graph(self, parameters: tuple[str, ...]) -> Graph:
        """Graph of the formula over parameters, in their order.

        Raises
        ------
        ModelError
            When the text holds a name that is neither of these, or no formula.
        """
        builder = Builder()
        known: dict[str, Any] = {
            name: Term(builder, builder.input(k)) for k, name in enumerate(self.x)
        }
        known |= {
            name: Term(builder, builder.parameter(k))
            for k, name in enumerate(parameters)
        }
        for name, text in self.steps.items():
            reader, tree = self._reading(text, builder, known)
            known[name] = reader.value(tree, MOST_NESTED)
        reader, tree = self._reading(self.text, builder, known)
        terms = reader.whole(tree)
        if self.domain:
            reader, tree = self._reading(self.domain, builder, known)
            condition = reader.condition(tree, MOST_NESTED)
            terms = tuple(condition.choose(term, math.nan) for term in terms)
        steps = [term.step for term in terms]
        return Graph.finished(builder, steps, self.x, parameters)

    def kernel(self, graph: Graph) -> Kernel:
        """Kernel of its graph, with its exact partials."""
        return kernel_of(graph, self.name, keeps_constants=True)

    def _reading(
        self, text: str, builder: Builder, known: Mapping[str, Any]
    ) -> tuple[Reader, ast.expr]:
        def named(name: str) -> Any:
            if name in known:
                return known[name]
            raise ModelError(
                f"the formula of {self.name} holds `{name}`, which is none of its "
                f"coordinates and parameters; they are {', '.join(known)}."
            )

        tree = syntax_tree(
            text, f"the formula of {self.name}", ALLOWED, LONGEST_FORMULA
        )
        return Reader(text, "formula", builder, named), tree
