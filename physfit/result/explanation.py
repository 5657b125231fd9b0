"""What became of a function or a formula: its operations, derivatives, and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from physfit.document.blocks import Block, Document, Heading, Text, pairs
from physfit.document.documented import Documented
from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.models.as_model import as_model
from physfit.models.graph.graph import Graph
from physfit.models.graph.listing import Leaves, listing, n_operations
from physfit.models.model import Model
from physfit.models.tree import Leaf, leaves
from physfit.models.user_function.binding import grid_for

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation(Documented):
    """How a model is computed; `print` shows it, a notebook too.

    Attributes
    ----------
    model : Model
        As it is on the samples, where some were given.
    refusals : tuple of str
        Why a component is not compiled, for each of them; "" where it is.
    shows_derivatives : bool
        Whether the report lists the derivative by each parameter.
    """

    model: Model
    refusals: tuple[str, ...]
    shows_derivatives: bool

    def __repr__(self) -> str:
        return self.report()

    def _document(self) -> Document:
        components = zip(leaves(self.model.tree), self.refusals, strict=True)
        return [block for own in components for block in self._of_component(*own)]

    def _of_component(self, leaf: Leaf, refusal: str) -> Iterator[Block]:
        """Heading, facts and operations of a component."""
        declaration, graph = leaf.declaration, leaf.declaration.graph
        names = [leaf.prefix + own.name for own in declaration.parameters]
        facts = {"parameters": ", ".join(names) or "none"}
        yield Heading(declaration.kernel.name)
        if graph is None:
            yield pairs(facts | _untraced(leaf, refusal))
            return
        builder, outputs, rows = graph.with_derivatives()
        every = [*outputs, *(step for row in rows for step in row)]
        n, n_all = (n_operations(builder, steps) for steps in (outputs, every))
        facts["derivatives"] = "exact, compiled"
        facts["operations"] = f"{n}, with all derivatives {n_all}"
        yield pairs(facts | {"valid": _where_valid(leaf)})
        slopes = {f"d/d{name}": row for name, row in zip(names, rows, strict=True)}
        for shown in ({"value": outputs}, *[slopes] * self.shows_derivatives):
            results = [
                own
                for what, steps in shown.items()
                for own in zip(_outputs(graph, what), steps, strict=True)
            ]
            lines = listing(builder, results, Leaves(graph.inputs, names))
            yield Text([*lines], is_code=True, indent="  ")


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
    refusals = tuple(_refusal(found, leaf, x) for leaf in leaves(found.tree))
    if x is not None:
        found, places = found.bound_to(x)
        _decide(found, places)
    return Explanation(found, refusals, derivatives)


def _refusal(model: Model, leaf: Leaf, x: Any) -> str:
    """Why a component is not compiled; "" where it is."""
    function = leaf.declaration.function
    if function is None or leaf.declaration.graph is not None:
        return ""
    if x is None:
        return "; ".join(dict.fromkeys(map(str, function.reasons.values())))
    grid = grid_for(model, x).for_arguments(function.signature.n_coordinates)
    return str(function.refusal(grid) or "")


def _untraced(leaf: Leaf, refusal: str) -> dict[str, str]:
    """What is known of a component without a graph."""
    own, formula = leaf.declaration, ""
    derivatives = "known when it meets data; pass x: pf.explain(f, x)"
    if own.kernel.host is not None:
        derivatives = own.kernel.host.note
    elif own.function is None:
        derivatives, formula = "exact, compiled, written by hand", own.formula
    return {"derivatives": derivatives, "formula": formula, "not traced": refusal}


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


def _where_valid(leaf: Leaf) -> str:
    """For which samples a traced function holds; a formula holds for all."""
    if leaf.declaration.function is None:
        return ""
    grid = leaf.declaration.grid
    if grid is None:
        return "for any samples"
    return f"on these {grid.n_samples} samples; traced again on others"


def _outputs(graph: Graph, name: str) -> list[str]:
    """A value, or the real and the imaginary part of one."""
    if len(graph.outputs) == 1:
        return [name]
    return [f"{name} (real)", f"{name} (imaginary)"]
