"""Formulas of equations of motion, read into one graph."""

from __future__ import annotations

from collections.abc import Callable

from physfit.errors import ModelError
from physfit.models.formulas.reader import ALLOWED, Reader
from physfit.models.formulas.syntax import LONGEST_FORMULA, syntax_tree
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term

__all__ = ["Names", "Texts"]


class Names:
    """Names in equations of motion: the time, states, and parameters as they come.

    Attributes
    ----------
    states : tuple of str
    parameters : list of str
    """

    def __init__(
        self,
        builder: Builder,
        x: str,
        states: tuple[str, ...],
        parameters: tuple[str, ...] | None = None,
    ) -> None:
        self.builder, self.x, self.states = builder, x, states
        self.parameters = list(parameters or ())
        self.is_open = parameters is None

    def anywhere(self, name: str) -> int:
        """Step of a name where states and time have values."""
        if name == self.x:
            return self.builder.input(0)
        if name in self.states:
            return self.builder.parameter(self.states.index(name))
        return self.at_start(name)

    def at_start(self, name: str) -> int:
        """Step of a parameter."""
        if name == self.x or name in self.states:
            raise ModelError(
                f"the start of a motion depends on `{name}`; it is a number or a "
                "formula of parameters, such as theta0."
            )
        if name not in self.parameters:
            if not self.is_open:
                known = ", ".join((self.x, *self.states, *self.parameters))
                raise ModelError(
                    f"equations of motion hold `{name}`, which is none of {known}."
                )
            self.parameters.append(name)
        place = len(self.states) + self.parameters.index(name)
        return self.builder.parameter(place)


class Texts:
    """Reads formulas into a builder."""

    def __init__(self, what: str, builder: Builder) -> None:
        self.what, self.builder = what, builder

    def one(self, text: str, named: Callable[[str], int]) -> int:
        """Step of a real formula."""
        parts = self.parts(text, named)
        if len(parts) > 1:
            raise ModelError(f"{text!r} in {self.what} is complex; states are real.")
        return parts[0]

    def parts(self, text: str, named: Callable[[str], int]) -> list[int]:
        """Steps of a formula: of the value, or of real and imaginary part."""
        if not isinstance(text, str):
            raise ModelError(f"{self.what} are formulas as texts, not {text!r}.")
        tree = syntax_tree(text, self.what, ALLOWED, LONGEST_FORMULA)

        def term(name: str) -> Term:
            return Term(self.builder, named(name))

        terms = Reader(text, "formula", self.builder, term).whole(tree)
        return [own.step for own in terms]
