"""A step of a graph under construction, with operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physfit.models.graph.builder import Builder

__all__ = ["Term"]


class Term:
    """A real value in a graph: arithmetic with it writes further steps."""

    __slots__ = ("builder", "step")

    def __init__(self, builder: Builder, step: int) -> None:
        self.builder = builder
        self.step = step

    def apply(
        self, name: str, *others: Term | float, numbers: tuple[int, ...] = ()
    ) -> Term:
        """Operation `name` of this term and others."""
        steps = (self.step, *(self.step_of(one) for one in others))
        return Term(self.builder, self.builder.apply(name, *steps, *numbers))

    def constant(self, value: float) -> Term:
        """A number in the same graph."""
        return Term(self.builder, self.builder.constant(value))

    def choose(self, then: Term | float, otherwise: Term | float) -> Term:
        """`then` where this is true, `otherwise` where it is not."""
        return self.apply("select", then, otherwise)

    def step_of(self, value: Term | float) -> int:
        """Step of a term of the same graph, or of a number."""
        if isinstance(value, Term):
            return value.step
        return self.builder.constant(value)

    def __add__(self, other: Term | float) -> Term:
        return self.apply("add", other)

    def __radd__(self, other: float) -> Term:
        return self.constant(other).apply("add", self)

    def __sub__(self, other: Term | float) -> Term:
        return self.apply("sub", other)

    def __rsub__(self, other: float) -> Term:
        return self.constant(other).apply("sub", self)

    def __mul__(self, other: Term | float) -> Term:
        return self.apply("mul", other)

    def __rmul__(self, other: float) -> Term:
        return self.constant(other).apply("mul", self)

    def __truediv__(self, other: Term | float) -> Term:
        return self.apply("div", other)

    def __rtruediv__(self, other: float) -> Term:
        return self.constant(other).apply("div", self)

    def __pow__(self, other: Term | float) -> Term:
        return self.apply("pow", other)

    def __neg__(self) -> Term:
        return self.apply("neg")

    @property
    def is_constant(self) -> bool:
        """Whether it is a number."""
        return self.builder.value_of(self.step) is not None

    def equals(self, other: Term | float) -> Term:
        """Whether both are equal; a logical value."""
        return self.apply("equal", other)

    def is_less(self, other: Term | float) -> Term:
        """Whether this is the smaller; a logical value."""
        return self.apply("less", other)
