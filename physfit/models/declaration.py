"""What the catalogue says about one component, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from physfit.errors import ModelError, did_you_mean
from physfit.kernels.kernel import Kernel
from physfit.models.expression import Expression
from physfit.models.graph.graph import Graph
from physfit.models.guesses import Guess, Polynomial
from physfit.models.param import Param

if TYPE_CHECKING:
    from physfit.models.convolution.response import Response
    from physfit.models.example import Example
    from physfit.models.motion.motion import Motion
    from physfit.models.user_function.function import UserFunction
    from physfit.models.user_function.grid import Grid
    from physfit.models.user_function.own_guess import OwnGuess

__all__ = ["DECLARATIONS", "FAMILIES", "Declaration", "Derived"]
__all__ += ["Spelling", "class_name_of", "declaration_of", "models_like"]


class Derived(NamedTuple):
    """A quantity that follows from the parameters, for reports.

    `expression` is over the full names of the parameters, `unit` as in `Param`.
    """

    name: str
    expression: Expression
    unit: str
    description: str


class Spelling(NamedTuple):
    """How a formula is written in texts of models, where its name stands for it alone.

    Attributes
    ----------
    in_sum, in_product : str
        Beside components of the catalogue.
    in_full : str
        Anywhere.
    """

    in_sum: str
    in_product: str
    in_full: str


@dataclass(frozen=True)
class Declaration:
    """One component of the catalogue.

    Attributes
    ----------
    kernel : Kernel
        What it computes; its name is that of the model in text.
    description, formula, reference : str
        What it is, its formula, where it stands.
    parameters : tuple of Param
        Without prefix, in the order of the point function.
    derived : tuple of (name, expression, unit, description)
        Quantities that follow from the parameters, names without prefix.
    guess : Guess, Polynomial or None
        How start values follow from data; None: from points spread over the bounds
        and the scales of the data.
    scale : str or None
        Parameter that, fixed at 1, takes the common factor out of a product; None when
        the component has no factor of its own.
    at_origin : tuple of str
        Parameters that are values at x = 0, of a component that can be counted from
        elsewhere (`models.origins`).
    note : str
        A sentence for reports, with `{prefix}` before the names of parameters.
    convention : str
        What others define otherwise under the same name, in a few words: "area, not
        height".
    also : tuple of str
        Other names that it is known by.
    example : Example or None
        What it is shown by; None for values and a range that suit most.
    tied : tuple of (name, expression)
        Parameters that are tied to others until they are freed, names without prefix.
    is_flat : bool
        Whether the value is the same everywhere, so that it joins components of any
        number of coordinates.
    begins : bool
        Whether it is a decay, which begins at x = 0 where it is convolved.
    follows_peaks : bool
        Whether it is a background that is an integral of the peaks in its sum.
    spins : tuple of int
        Sides of the lattice of a component that takes configurations of spins.
    graph : Graph or None
        The operations of the kernel, of a formula or a function that was traced: start
        values are searched where they say.
    motion : Motion or None
        The equations of motion that the kernel follows.
    spelling : Spelling or None
        How a formula is written beside other components.
    function : UserFunction or None
        The Python function that the component was made from.
    own_guess : OwnGuess or None
        Finds start values in data before anything else does.
    grid : Grid or None
        The only samples that the component is valid on.
    response : Response or None
        The measured response that the component is.
    """

    kernel: Kernel
    description: str
    formula: str
    parameters: tuple[Param, ...]
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
    follows_peaks: bool = False
    spins: tuple[int, ...] = ()
    graph: Graph | None = None
    motion: Motion | None = None
    spelling: Spelling | None = None
    function: UserFunction | None = field(default=None, compare=False)
    own_guess: OwnGuess | None = field(default=None, compare=False)
    grid: Grid | None = field(default=None, compare=False)
    response: Response | None = None

    @property
    def point(self) -> str:
        """Name in text, such as "pseudo_voigt"."""
        return self.kernel.name

    @property
    def class_name(self) -> str:
        """Name in `physfit.models`."""
        return class_name_of(self.point)

    @property
    def is_function(self) -> bool:
        """Whether it is a user's function, which no text stands for."""
        if self.spelling is not None or self.point.partition("(")[0] in FAMILIES:
            return False
        return DECLARATIONS.get(self.point) != self

    @property
    def graph_digest(self) -> str:
        """Hash of the graph; "" without one."""
        return "" if self.graph is None else self.graph.digest

    @property
    def is_polynomial(self) -> bool:
        """Whether the values are powers of x, which backgrounds are made of."""
        return isinstance(self.guess, Polynomial)

    @lru_cache(maxsize=4096)  # noqa: B019
    def params(self, prefix: str) -> tuple[Param, ...]:
        """Parameters with their prefix, as declared."""
        return tuple(
            replace(param, name=prefix + param.name) for param in self.parameters
        )

    def derived_of(self, prefix: str) -> tuple[Derived, ...]:
        """Derived quantities with their prefix."""
        return tuple(
            Derived(prefix + name, Expression.parse(text, prefix), unit, description)
            for name, text, unit, description in self.derived
        )


def class_name_of(point: str) -> str:
    """Name in `physfit.models`: "PseudoVoigt" of "pseudo_voigt".

    Those of lmfit have its names: "lmfit.VoigtModel" of "lmfit_voigt".
    """
    of_lmfit = point.startswith("lmfit_")
    words = point.removeprefix("lmfit_").split("_")
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"lmfit.{name}Model" if of_lmfit else name


class Declarations(MutableMapping[str, Declaration]):
    """Declarations by the name of their point function, made when asked for."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], Declaration]] = {}

    def __getitem__(self, name: str) -> Declaration:
        return self._makers[name]()

    def __setitem__(self, name: str, declaration: Declaration) -> None:
        self.enter(name, lambda: declaration)

    def __delitem__(self, name: str) -> None:
        del self._makers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def enter(self, name: str, make: Callable[[], Declaration]) -> None:
        """Enter what makes a declaration."""
        self._makers[name] = make


#: Every component by the name of its point function; filled by the catalogue.
DECLARATIONS = Declarations()
#: What makes the declarations of a family from names such as "family(40, word)".
FAMILIES: dict[str, Callable[[str], Declaration]] = {}


def declaration_of(name: str) -> Declaration:
    """Declaration of a component by name.

    Raises
    ------
    ModelError
        When the catalogue has no such model.
    """
    if name in DECLARATIONS:
        return DECLARATIONS[name]
    family = name.partition("(")[0]
    if family in FAMILIES:
        return FAMILIES[family](name)
    raise ModelError(f"unknown model {name!r}; {models_like(name)}")


def models_like(name: str) -> str:
    """End of a sentence: the closest names, or where the names are found."""
    known = did_you_mean(name, [*DECLARATIONS, *FAMILIES])
    if known.startswith("allowed"):  # too many for a sentence
        return "`physfit models` lists all, and `--like WORDS` finds some by words."
    return known
