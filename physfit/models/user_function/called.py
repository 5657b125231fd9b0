"""A user's function called on columns: what traces and kernels of Python call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from physfit.errors import ModelError
from physfit.models.user_function.grid import Form, Grid
from physfit.models.user_function.names import name_of
from physfit.models.user_function.signature import Signature

__all__ = ["Arguments", "Called", "Lost", "imported", "place_of"]


class Arguments:
    """What a function is called with, from columns and values of parameters.

    With slots and no dictionary, so that a trace, which copies functions and objects of
    users, leaves it as it is.
    """

    __slots__ = ("form", "lead", "signature")

    def __init__(
        self, signature: Signature, form: Form, lead: tuple[int, ...] = ()
    ) -> None:
        self.signature = signature
        self.form = form
        self.lead = lead

    def __call__(
        self, columns: Sequence[Any], values: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments by place and by keyword."""
        coordinates = self.form.arguments(columns, self.lead)
        return self.signature.arguments(coordinates, values)


class Called:
    """A function of `(x, *params)`, with x of shape (n,) or (n_inputs, n).

    Parameters
    ----------
    function : callable
    signature : Signature
    grid : Grid
        Samples whose form, and shape where there are as many, the function gets.
    n_values : int
        How many values it returns on this grid. Where these are not as many as samples
        the function is called for this grid alone.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        grid: Grid,
        n_values: int,
    ) -> None:
        self.function, self.signature = function, signature
        self.grid, self.n_values = grid, n_values
        self.__name__ = name_of(function)

    @property
    def func(self) -> Callable[..., Any]:
        """The function of the user, which tells this one from others."""
        return self.function

    def __call__(self, x: Any, *values: Any) -> Any:
        """What the function returns, flat."""
        grid = self.grid
        columns: tuple[Any, ...]
        if self.n_values == grid.n_samples:
            columns = tuple(np.atleast_2d(x))
        elif np.shape(x)[-1] != self.n_values:
            raise ModelError(
                f"`{self.__name__}` returns {self.n_values} values for "
                f"{grid.n_samples} samples, and was asked at {np.shape(x)[-1]} others; "
                "call the model at coordinates of your own instead."
            )
        else:
            columns = tuple(grid.rows.copy())  # which the function may change
        if len(grid.shape) > 1 and columns[0].size == grid.n_samples:
            columns = tuple(own.reshape(grid.shape) for own in columns)
        arguments = Arguments(self.signature, grid.form, grid.lead)
        places, keywords = arguments(columns, values)
        return self.function(*places, **keywords)

    def _identity(self) -> tuple[Any, ...]:
        grid = self.grid
        return (self.function, self.signature, grid.form, grid.shape, grid.lead)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Called) or self._identity() != other._identity():
            return False
        is_free = self.n_values == self.grid.n_samples and len(self.grid.shape) < 2
        return self.n_values == other.n_values and (
            is_free or self.grid.is_same(other.grid)
        )

    def __hash__(self) -> int:
        return hash((id(self.function), self.grid.form, self.n_values))

    def __deepcopy__(self, memo: dict[int, Any]) -> Called:
        return self  # a copy by name would lose functions that have none

    def __reduce__(self) -> tuple[Any, ...]:
        place = place_of(self.function)
        if place is None:
            raise ModelError(
                f"`{self.__name__}` cannot be found by its name in another process; "
                "define it with `def` at the top level of an importable module."
            )
        return _called, (place, self.signature, self.grid, self.n_values)


class Lost:
    """What stands for a function that is not there in this process, and why not."""

    def __init__(self, name: str, why: str = "") -> None:
        self.__name__, self.why = name, why

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Refused."""
        words = (
            f"`{self.__name__}` is not in this process, so that its model has values "
            "on the samples of its fit alone; make the model from the function again."
        )
        raise ModelError(self.why or words)


def place_of(function: Callable[..., Any]) -> tuple[str, str] | None:
    """Module and name under which a function is found again; None where it is not.

    A name may also hold the model that a decorator made of the function.
    """
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    found = _entry(module, name)
    return (module, name) if _function_in(found) == function else None


def imported(place: tuple[str, str]) -> Callable[..., Any]:
    """The function at a place.

    Raises
    ------
    ModelError
        When there is none.
    """
    from importlib import import_module

    module, name = place
    try:
        import_module(module)
    except ImportError as error:
        raise ModelError(
            f"the module {module!r} of the function {name!r} cannot be imported here "
            f"({error}); put it where Python finds it."
        ) from None
    found = _function_in(_entry(module, name))
    if not callable(found):
        raise ModelError(f"the module {module!r} has no function {name!r}.")
    return found  # type: ignore[no-any-return]


def _called(
    place: tuple[str, str], signature: Signature, grid: Grid, n_values: int
) -> Called:
    return Called(imported(place), signature, grid, n_values)


def _entry(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _function_in(found: Any) -> Any:
    """A function, or that of a model which was made of it."""
    functions = getattr(found, "functions", ())
    if isinstance(functions, tuple) and len(functions) == 1:
        return functions[0].function
    return found
