"""How a function takes its coordinates and its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from physfit.errors import ModelError, did_you_mean
from physfit.models.param import Change
from physfit.models.user_function.names import check_names, element_names, name_of
from physfit.models.user_function.vector import Vector

__all__ = ["Argument", "Coordinates", "Signature", "called_arguments"]
__all__ += ["elements_among", "signature_of"]

#: Which arguments are coordinates: a name or a position, or several.
Coordinates: TypeAlias = int | str | Sequence[int | str]
_SEPARATE = (
    Parameter.POSITIONAL_ONLY,
    Parameter.POSITIONAL_OR_KEYWORD,
    Parameter.KEYWORD_ONLY,
)


class Argument(NamedTuple):
    """An argument that is a parameter of the model, with what its function says."""

    name: str
    default: Any = Parameter.empty
    annotation: Any = Parameter.empty


class Slot(NamedTuple):
    """What is passed as one argument of the function.

    Attributes
    ----------
    name : str
        Keyword under which it is passed; "" by its place.
    kind : str
        "coordinate" or "parameter" number `first`, "constant" (`value`), or all
        parameters from `first` on: as one "vector", as "rest" of the places, or as
        "keywords".
    """

    name: str
    kind: str
    first: int = 0
    value: Any = None


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function takes its coordinates and its parameters.

    Attributes
    ----------
    slots : tuple of Slot
        Its arguments, in their order.
    parameters : tuple of Argument
        What the parameters of the model are.
    n_coordinates : int
        Arguments that are coordinates.
    """

    slots: tuple[Slot, ...]
    parameters: tuple[Argument, ...]
    n_coordinates: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(own.name for own in self.parameters)

    def arguments(
        self, x: Sequence[Any], values: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """What the function is called with, by place and by keyword.

        Parameters
        ----------
        x : sequence
            Its coordinates, one for each argument that is one.
        values : sequence
            Those of its parameters.
        """
        places, keywords = list[Any](), dict[str, Any]()
        for name, kind, first, constant in self.slots:
            if kind == "rest":
                places += values[first:]
                continue
            if kind == "keywords":
                keywords |= dict(zip(self.names[first:], values[first:], strict=True))
                continue
            if kind == "coordinate":
                one = x[first]
            elif kind == "parameter":
                one = values[first]
            elif kind == "vector":
                one = Vector.of(self.names[first:], values[first:])
            else:
                one = constant
            if name:
                keywords[name] = one
            else:
                places.append(one)
        return places, keywords


def signature_of(
    function: Callable[..., Any],
    x: Coordinates | None = None,
    names: Sequence[str] | int | None = None,
    count: int | None = None,
    *,
    keeps_numbers: bool = False,
    holds_all: bool = False,
) -> Signature:
    """Which arguments of a function are coordinates, and which are parameters.

    Arguments whose default is a number or says how a parameter is set are parameters;
    those with another default keep it, as do those of `*` and `**` without names.

    Parameters
    ----------
    function : callable
    x : int, str or sequence of them, optional
        Positions or names of the coordinates; the first argument if left out.
    names : sequence of str or int, optional
        Names of the elements of `*p`, `**p` or of a vector, or how many there are; or
        other names for separate parameters.
    count : int, optional
        As many parameters as there are, the first ones; the others keep their defaults.
    keeps_numbers : bool
        Whether defaults that are numbers are kept as other defaults are.
    holds_all : bool
        Whether one argument holds all that is named, also where as many are named as
        there are arguments.

    Raises
    ------
    ModelError
        When the arguments do not fit together.
    """
    arguments = _arguments(function)
    # With a number of parameters the order is that of `curve_fit`, x first.
    places = _places(function, arguments, 0 if x is None and count is not None else x)
    kinds = {own.kind for own in arguments}
    separate = _separate(arguments, places, count)
    if isinstance(function, partial):
        separate = [k for k in separate if arguments[k].name not in function.keywords]
    if keeps_numbers:
        separate = [k for k in separate if not isinstance(arguments[k].default, Real)]
    elements = element_names(names)
    if elements is None and count is not None:
        elements = element_names(max(count - len(separate), 0))
    takes_rest = Parameter.VAR_POSITIONAL in kinds
    takes_keywords = Parameter.VAR_KEYWORD in kinds and not (takes_rest or separate)
    required = [k for k in separate if arguments[k].default is Parameter.empty]
    is_vector = names is not None and len(required) == 1 and not takes_rest
    is_vector = is_vector and (holds_all or len(elements or ()) != len(separate))
    roles = _Roles(
        places,
        separate,
        elements,
        required[0] if is_vector else None,
        takes_keywords,
        count is not None,
    )
    slots, parameters = roles.of(function, arguments)
    if names is not None and not (takes_rest or takes_keywords or is_vector):
        parameters = _renamed(function, parameters, elements or ())
    check_names(function, [own.name for own in parameters])
    while slots and slots[-1].kind == "constant":  # its own default serves as well
        slots.pop()
    return Signature(tuple(_placed(slots)), tuple(parameters), len(places))


class _Roles(NamedTuple):
    """Which arguments of a function are what.

    Attributes
    ----------
    places, separate : list of int
        Of the coordinates, and of arguments that are a parameter each.
    elements : list of str or None
        Names of the elements of an argument that holds several parameters.
    vector : int or None
        Place of an argument that holds them as one vector.
    takes_keywords : bool
        Whether `**` holds them.
    is_counted : bool
        Whether the caller said how many parameters there are: defaults are no starts.
    """

    places: list[int]
    separate: list[int]
    elements: list[str] | None
    vector: int | None
    takes_keywords: bool
    is_counted: bool

    def of(
        self, function: Callable[..., Any], arguments: Sequence[Parameter]
    ) -> tuple[list[Slot], list[Argument]]:
        """What is passed as each argument, and the parameters that come of them."""
        slots, parameters = list[Slot](), list[Argument]()
        elements = self.elements
        for k, own in enumerate(arguments):
            word = own.name if own.kind is Parameter.KEYWORD_ONLY else ""
            first = len(parameters)
            if k in self.places:
                slots.append(Slot(word, "coordinate", self.places.index(k)))
            elif own.kind is Parameter.VAR_POSITIONAL:
                if elements is None:
                    raise ModelError(_no_names(function, f"*{own.name}"))
                slots.append(Slot("", "rest", first))
                parameters += map(Argument, elements)
            elif own.kind is Parameter.VAR_KEYWORD:
                if self.takes_keywords and elements is not None:
                    slots.append(Slot("", "keywords", first))
                    parameters += map(Argument, elements)
            elif k not in self.separate:
                if not word:
                    slots.append(Slot(word, "constant", 0, own.default))
            elif k == self.vector:
                slots.append(Slot(word, "vector", first))
                parameters += map(Argument, elements or ())
            else:
                slots.append(Slot(word, "parameter", first))
                is_free = self.is_counted and isinstance(own.default, Real)
                default = Parameter.empty if is_free else own.default
                parameters.append(Argument(own.name, default, own.annotation))
        return slots, parameters


def _arguments(function: Callable[..., Any]) -> list[Parameter]:
    """Arguments of a function, with the annotations that can be evaluated."""
    inner = getattr(function, "pyfunc", getattr(function, "py_func", function))
    try:
        try:
            found = inspect.signature(inner, eval_str=True)
        except (NameError, AttributeError, SyntaxError, TypeError):
            found = inspect.signature(inner)
    except (TypeError, ValueError):
        raise ModelError(
            f"the arguments of `{name_of(function)}` cannot be seen; write a function "
            f"around it, such as lambda x, a: a * {name_of(function)}(x)."
        ) from None
    return list(found.parameters.values())


def _places(
    function: Callable[..., Any], arguments: Sequence[Parameter], x: Coordinates | None
) -> list[int]:
    """Places of the coordinates among the arguments."""
    separate = [k for k, own in enumerate(arguments) if own.kind in _SEPARATE]
    known = [arguments[k].name for k in separate]
    if not known:
        raise ModelError(
            f"`{name_of(function)}` takes no argument for the coordinates; write a "
            "function such as lambda x, a: a * x."
        )
    if x is None and "x" in known[1:]:
        raise ModelError(
            f"`{name_of(function)}` takes `{known[0]}` first and `x` later; say which "
            f"are the coordinates: pf.model({name_of(function)}, x='x'), or "
            f"x={known[0]!r}."
        )
    x = 0 if x is None else x
    wanted = list(x) if isinstance(x, Iterable) and not isinstance(x, str) else [x]
    places = []
    for one in wanted:
        if isinstance(one, str) and one in known:
            places.append(separate[known.index(one)])
        elif type(one) is int and -len(separate) <= one < len(separate):
            places.append(separate[one])
        else:
            raise ModelError(
                f"`x` names {one!r}, which is no argument of `{name_of(function)}`; "
                f"{did_you_mean(str(one), known)}"
            )
    if not places or len(set(places)) < len(places):
        raise ModelError(
            f"`x` must name different arguments of `{name_of(function)}`, such as 0 or "
            f"{known[:1]!r}, but is {x!r}."
        )
    return places


def _separate(
    arguments: Sequence[Parameter], places: Sequence[int], count: int | None
) -> list[int]:
    """Places of the arguments that are a parameter each."""
    found = [
        k
        for k, own in enumerate(arguments)
        if k not in places
        and own.kind in _SEPARATE
        and (count is not None or _is_number(own.default))
    ]
    if count is None:
        return found
    return [k for k in found if arguments[k].kind is not Parameter.KEYWORD_ONLY][:count]


def _is_number(default: Any) -> bool:
    """Whether an argument of that default is a parameter, and no flag."""
    if default is Parameter.empty or isinstance(default, Change):
        return True
    return isinstance(default, Real) and not isinstance(default, bool | np.bool_)


def _no_names(function: Callable[..., Any], argument: str) -> str:
    return (
        f"`{name_of(function)}` takes its parameters as `{argument}`; pass their names "
        "as in pf.model(f, names=('a', 'tau')), or how many there are."
    )


def _renamed(
    function: Callable[..., Any], parameters: list[Argument], names: Sequence[str]
) -> list[Argument]:
    """Separate parameters under other names."""
    if len(names) != len(parameters):
        raise ModelError(
            f"`names` has {len(names)} name{'s' * (len(names) != 1)}, but "
            f"`{name_of(function)}` takes {len(parameters)} parameters: "
            f"{', '.join(own.name for own in parameters) or 'none'}; where one of them "
            "holds all, give the others, such as data, a default."
        )
    return [
        own._replace(name=name) for own, name in zip(parameters, names, strict=True)
    ]


def _placed(slots: Sequence[Slot]) -> list[Slot]:
    """Slots in an order that Python takes: by place first."""
    return sorted(slots, key=lambda own: bool(own.name) or own.kind == "keywords")


def called_arguments(function: Callable[..., Any]) -> int:
    """How many arguments a function takes by place; 0 where that cannot be seen."""
    try:
        arguments = _arguments(function)
    except ModelError:
        return 0
    by_place = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(own.kind in by_place for own in arguments)


def elements_among(
    function: Callable[..., Any], names: Sequence[str]
) -> tuple[str, ...] | None:
    """Those of some names that are no arguments of their own; None of no others."""
    separate = {own.name for own in _arguments(function) if own.kind in _SEPARATE}
    return tuple(name for name in names if name not in separate) or None
