"""What became of a function or a formula: its operations, derivatives, and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.models.as_model import as_model
from physfit.models.graph.graph import Graph
from physfit.models.graph.listing import Leaves, listing, n_operations
from physfit.models.model import Model
from physfit.models.tree import Leaf, leaves
from physfit.models.user_function.function import UserFunction
from physfit.result.document import Block, Document, Documented, Heading, Pairs, Text

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation(Documented):
    """How a model is computed; `print` shows it, a notebook too.

    Attributes
    ----------
    model : Model
        As it is on the samples, where some were given.
    has_samples : bool
        Whether some were.
    shows_derivatives : bool
        Whether the report lists the derivative by each parameter.
    """

    model: Model
    has_samples: bool
    shows_derivatives: bool

    def __repr__(self) -> str:
        return self.report()

    def _document(self) -> Document:
        blocks: list[Block] = []
        for leaf in leaves(self.model.tree):
            blocks += self._of_component(leaf)
        return blocks

    def _of_component(self, leaf: Leaf) -> Iterator[Block]:
        """Heading, facts and operations of a component."""
        declaration = leaf.declaration
        names = [leaf.prefix + own.name for own in declaration.parameters]
        yield Heading(declaration.kernel.name)
        facts = [("parameters", ", ".join(names) or "none")]
        graph, function = declaration.graph, declaration.function
        if graph is None:
            facts += self._untraced(leaf, function)
            yield Pairs(facts, joined=True)
            return
        builder, outputs, rows = graph.with_derivatives()
        slopes = [step for row in rows for step in row]
        facts += [
            ("derivatives", "exact, compiled"),
            (
                "operations",
                f"{n_operations(builder, outputs)}, with all derivatives "
                f"{n_operations(builder, [*outputs, *slopes])}",
            ),
        ]
        if function is not None:
            facts.append(("valid", _where_valid(graph, leaf)))
        yield Pairs(facts, joined=True)
        places = Leaves(graph.inputs, names)
        results = list(zip(_outputs(graph, "value"), outputs, strict=True))
        yield Text([f"  {line}" for line in listing(builder, results, places)])
        if self.shows_derivatives:
            results = [
                (what, step)
                for name, row in zip(names, rows, strict=True)
                for what, step in zip(_outputs(graph, f"d/d{name}"), row, strict=True)
            ]
            yield Text([f"  {line}" for line in listing(builder, results, places)])

    def _untraced(
        self, leaf: Leaf, function: UserFunction | None
    ) -> Iterator[tuple[str, str]]:
        """What is known of a component without a graph."""
        host = leaf.declaration.kernel.host
        if host is not None:
            yield "derivatives", host.note
        elif function is None:
            yield "derivatives", "exact, compiled, written by hand (of the catalogue)"
            yield "formula", leaf.declaration.formula
        else:
            why = "; ".join(dict.fromkeys(map(str, function.reasons.values())))
            yield "derivatives", "known when it meets data; pass x: pf.explain(f, x)"
            yield "because", why or "it takes its coordinates in an unusual way"


def explain(
    model: Model | str | Callable[..., Any],
    x: Any = None,
    *,
    derivatives: bool = False,
) -> Explanation:
    """What a function, formula or model is computed by.

    Parameters
    ----------
    model : Model, str or callable
        What `pf.fit` takes.
    x : array_like or tuple of array_like, optional
        Coordinates of the data. A function that asks for what only all of them tell
        (their mean, the first of them), or that is called as Python, is decided on
        them.
    derivatives : bool
        Whether to list the derivative by each parameter.

    Returns
    -------
    Explanation
        Its text has, of each component, how derivatives are taken, how many operations
        there are, for which samples they hold, and the operations. Those that stand
        several times are computed once: `t1`, `t2`...

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> def decay(t, a, tau):
    ...     return a * np.exp(-t / tau)
    >>> print(pf.explain(decay, derivatives=True))
    decay
      parameters   a, tau
      derivatives  exact, compiled
      operations   5, with all derivatives 9
      valid        for any samples
    <BLANKLINE>
      value = a * exp(-(x * (1 / tau)))
    <BLANKLINE>
      t1 = 1 / tau
      t2 = exp(-(x * t1))
      d/da = t2
      d/dtau = a * (t2 * (x * (t1 * t1)))
    """
    found = as_model(model)
    if x is not None:
        found, places = found.bound_to(x)
        _decide(found, places)
    return Explanation(found, x is not None, derivatives)


def _decide(model: Model, x: Any) -> None:
    """Take derivatives once: then it is known how, where a function is called."""
    if not model.derivatives:
        return
    lower, upper = model.free_lower, model.free_upper
    starts = [model.parameters[name].start for name in model.free_names]
    theta = [1.0 if one is None else one for one in starts]
    problem = problem_of(assemble(model.layout), model.coordinates(x)[0])
    tabulate(problem, np.clip(theta, lower, upper), FREE)
    release(problem)


def _where_valid(graph: Graph, leaf: Leaf) -> str:
    """For which samples a traced function holds."""
    grid = leaf.declaration.grid
    if grid is None:
        return "for any samples"
    return f"on these {grid.n_samples} samples; traced again on others"


def _outputs(graph: Graph, name: str) -> list[str]:
    """A value, or the real and the imaginary part of one."""
    if len(graph.outputs) == 1:
        return [name]
    return [f"{name} (real)", f"{name} (imaginary)"]
