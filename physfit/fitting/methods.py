"""Which methods there are by name, and what each of them needs.

| method            | takes rows           | keeps bounds   | derivatives           |
|-------------------|----------------------|----------------|-----------------------|
| "lm"              | in memory, in passes | yes            | exact                 |
| "gauss_newton"    | in passes            | yes            | exact                 |
| "adam" and others | on minibatches       | yes            | exact                 |
| "scipy:..."       | in memory            | `takes_bounds` | exact, or differences |

`runners` takes a plan to the runner of its method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from physfit.errors import InputError, did_you_mean
from physfit.fitting.fit_settings import FitSettings

if TYPE_CHECKING:
    from physfit.fitting.minibatch_settings import Minibatches
    from physfit.optim.base import Optimizer
    from physfit.solve.scipy_adapters import Method as Solver

__all__ = ["LEVENBERG_MARQUARDT", "Method", "MethodLike", "is_first_order", "method_of"]
__all__ += ["refuse_idle"]

#: A method by name, or a chain of the user's own.
MethodLike: TypeAlias = "str | Optimizer"
#: Settings that every method may be given.
COMMON = frozenset({"memory", "threads"})


class Method(NamedTuple):
    """A method with all that it needs, ready to run.

    Attributes
    ----------
    name : str
        As it was asked for: "lm", "adam:beta1=0.95", "scipy:trf".
    gradients : {"exact", "differences", "none"}
    solver : Solver or None
        What scipy's solver of that name takes; None for a method of ours.
    minibatches : Minibatches or None
        How a first-order method runs; None for methods over all rows.
    """

    name: str = "lm"
    gradients: str = "exact"
    solver: Solver | None = None
    minibatches: Minibatches | None = None

    @property
    def batch_size(self) -> int | None:
        """Rows of a minibatch; None for methods over all rows."""
        return None if self.minibatches is None else self.minibatches.batch_size

    @property
    def keeps_bounds(self) -> bool:
        """Whether its answer lies within the bounds."""
        return self.solver is None or self.solver.takes_bounds


#: "lm", the method of plans of which nothing else is said.
LEVENBERG_MARQUARDT = Method()


def is_first_order(method: object) -> bool:
    """Whether a method works on minibatches."""
    from physfit.optim.base import Optimizer
    from physfit.optim.registry import OPTIMIZERS

    if isinstance(method, Optimizer):
        return True
    return isinstance(method, str) and method.partition(":")[0] in OPTIMIZERS


def method_of(
    given: MethodLike, settings: FitSettings, n_rows: int, said: str = "`method` is"
) -> Method:
    """Method by its name, for so many rows.

    Raises
    ------
    InputError
        When there is none of that name, or the settings do not go with it.
    """
    if given == "lm":
        return LEVENBERG_MARQUARDT  # before a module of optimisers is read
    from physfit.optim.registry import OPTIMIZERS, WHOLE

    if is_first_order(given):
        # Every setting is read here, so that a wrong one is told at once.
        minibatches = settings.minibatches(given, n_rows)
        return Method(str(given), minibatches=minibatches)
    if given in WHOLE:
        return Method(str(given))
    from physfit.solve.scipy_adapters import METHODS

    solver = METHODS.get(str(given))
    if solver is None:
        of_scipy = f"scipy:{given}"
        word = of_scipy if of_scipy in METHODS else str(given)
        known = did_you_mean(word, [*WHOLE, *OPTIMIZERS, *METHODS])
        raise InputError(f"{said} {given!r}, which is unknown; {known}")
    return Method(str(given), solver=solver)


def refuse_idle(settings: FitSettings, said: str, *allowed: str) -> None:
    """Refuse settings of minibatches where there are none.

    Parameters
    ----------
    settings : FitSettings
    said : str
        What was asked for in their place, for the error.
    *allowed : str
        Settings that something else reads.
    """
    for name in settings.given:
        if name not in COMMON and name not in allowed:
            raise InputError(
                f"`{name}` is for methods on minibatches, but {said}; leave it out, "
                "or take a method such as 'adam'."
            )
