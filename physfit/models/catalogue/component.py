"""An entry of the catalogue: what it computes, and all that is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property

from physfit.errors import InputError
from physfit.kernels.kernel import Kernel, refuse_taken
from physfit.models.declaration import DECLARATIONS, Declaration, class_name_of
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Guess, Polynomial
from physfit.models.model import Model, component
from physfit.models.motion.entry import Equation
from physfit.models.param import Param

__all__ = ["Component", "declare"]


@dataclass(frozen=True, repr=False)
class Component:
    """An entry that makes a model when it is called, with a prefix or without.

    Its kernel and its graph are made when they are first needed.

    Attributes
    ----------
    law : Kernel, Formula or Equation
        What it computes; its name is that of the model in text.
    formula : str
        As people read it; "" for the text of the law.
    description, parameters, guess, derived, scale, reference, at_origin, note, \
convention, also, example, tied, is_flat, begins
        As in `Declaration`.

    Examples
    --------
    >>> from physfit.models import Gaussian
    >>> Gaussian("a_").names
    ('a_amplitude', 'a_center', 'a_sigma')
    """

    law: Kernel | Formula | Equation
    description: str
    formula: str = ""
    parameters: tuple[Param, ...] = ()
    guess: Guess | Polynomial | None = None
    derived: tuple[tuple[str, str, str, str], ...] = ()
    scale: str | None = None
    reference: str = ""
    at_origin: tuple[str, ...] = ()
    note: str = ""
    convention: str = ""
    also: tuple[str, ...] = ()
    example: Example | None = field(default=None, hash=False)
    tied: tuple[tuple[str, str], ...] = ()
    is_flat: bool = False
    begins: bool = False

    def __call__(self, prefix: str = "") -> Model:
        """Model of this component; `prefix` precedes its parameter names."""
        return component(self.declaration, prefix)

    def __repr__(self) -> str:
        return f"physfit.models.{self.class_name}"

    def _repr_html_(self) -> str:
        from physfit.document.html import as_html
        from physfit.models.description import described

        return as_html(described(self.declaration))

    @property
    def point(self) -> str:
        """Name in text, such as "pseudo_voigt"."""
        return self.law.name

    @property
    def class_name(self) -> str:
        """Name in `physfit.models`."""
        return class_name_of(self.point)

    @cached_property
    def declaration(self) -> Declaration:
        """The entry as models know it, with its kernel."""
        said = {own.name: getattr(self, own.name) for own in fields(self)}
        law = said.pop("law")
        if isinstance(law, Kernel):
            return Declaration(kernel=law, **said)
        names = tuple(own.name for own in self.parameters)
        said["formula"] = self.formula or law.shown
        if isinstance(law, Equation):
            motion = law.motion(names)
            return Declaration(kernel=law.kernel(motion), motion=motion, **said)
        graph = law.graph(names)
        return Declaration(kernel=law.kernel(graph), graph=graph, **said)


class _Help:
    """Docstring of the class, and of each component its description."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, own: Component | None, owner: type) -> str | None:
        if own is None:
            return self.of_class
        from physfit.document.text import as_text
        from physfit.models.description import described

        return as_text(described(own.declaration))


# `help(Voigt)` and `Voigt?` show what __doc__ of the object is.
Component.__doc__ = _Help(Component.__doc__)  # type: ignore[assignment]


def declare(declared: Component) -> Component:
    """Enter a component into the catalogue, under the name of what it computes.

    Raises
    ------
    InputError
        When the catalogue has another component of that name.
    """
    name = declared.point
    if name in DECLARATIONS:
        known, law = ENTERED[name].law, declared.law
        if isinstance(known, Kernel) and isinstance(law, Kernel):
            refuse_taken(name, known.function, law.function)
        elif known != law:
            raise InputError(
                f"the name `{name}` is taken by the catalogue; choose another."
            )
    ENTERED[name] = declared
    DECLARATIONS.enter(name, lambda: declared.declaration)
    return declared


#: Every component that was declared, by the name of its point function.
ENTERED: dict[str, Component] = {}
