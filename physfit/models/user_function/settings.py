"""What a function, and who hands it over, say of its parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from inspect import Parameter
from numbers import Real
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from physfit.errors import ModelError, check_known
from physfit.models.param import Change, Param, as_change, bounds, fixed, param
from physfit.models.units import resolve_unit
from physfit.models.user_function.signature import Argument

__all__ = ["FunctionSettings", "params_of"]

#: Bounds of one parameter.
Limits = tuple[float | None, float | None]


class FunctionSettings(NamedTuple):
    """Bounds, units and start values of parameters, as `pf.model` takes them."""

    bounds: Mapping[str, Limits] | Sequence[Limits] | None = None
    units: Mapping[str, str] | Sequence[str] | None = None
    starts: Mapping[str, float] | None = None


def params_of(
    arguments: Sequence[Argument], given: FunctionSettings
) -> tuple[Param, ...]:
    """Parameters of a model, set as their function and the caller say.

    A default that is a number holds the parameter there; where all parameters have one
    these are start values. A default or an annotation such as `pf.bounds(0, None)` is
    what it says, a text in `Annotated[float, "s"]` the unit.
    """
    names = [own.name for own in arguments]
    limits = _by_name("bounds", given.bounds, names)
    units = _by_name("units", given.units, names)
    starts = _by_name("guess", given.starts, names)
    are_starts = all(own.default is not Parameter.empty for own in arguments)
    params = []
    for own in arguments:
        declared = Param(own.name, "")
        current = declared
        for word in _words(own, are_starts):
            if isinstance(word, str):
                current = replace(current, unit=_unit(word))
            else:
                current = word.apply(current, declared)
        if own.name in limits:
            pair = limits[own.name]
            current = bounds(*_pair(own.name, pair)).apply(current, declared)
        if own.name in starts:
            current = as_change(own.name, starts[own.name]).apply(current, declared)
        if own.name in units:
            current = replace(current, unit=_unit(units[own.name]))
        params.append(current)
    return tuple(params)


def _words(own: Argument, are_starts: bool) -> list[Change | str]:
    """Changes and units that annotation and default stand for."""
    annotation = own.annotation
    parts = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    for part in (annotation, *parts):
        if _is_pair(part):
            raise ModelError(
                f"the annotation {part!r} of `{own.name}` sets no bounds; write "
                f"pf.bounds{part!r}."
            )
    words: list[Change | str] = [one for one in parts if isinstance(one, Change | str)]
    if isinstance(annotation, Change):
        words.append(annotation)
    if isinstance(own.default, Change):
        words.append(own.default)
    elif isinstance(own.default, Real):
        value = _finite(own)
        words.append(param(value) if are_starts else fixed(value))
    return words


def _is_pair(part: object) -> bool:
    """Whether a part of an annotation looks like bounds, though it sets none."""
    if not isinstance(part, tuple) or len(part) != 2:
        return False
    return all(one is None or isinstance(one, Real) for one in part)


def _finite(own: Argument) -> float:
    """Number that is the default of an argument."""
    try:
        value = float(own.default)
    except OverflowError:  # an int that is larger than all floats
        value = math.inf
    if not math.isfinite(value):
        raise ModelError(
            f"the default of `{own.name}` must be a finite number, but is {value}; "
            "give a number to start at, or None where there is none."
        )
    return value


def _by_name(what: str, given: Any, names: Sequence[str]) -> dict[str, Any]:
    """Settings by the names of parameters, given so or one for each."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        said = f"`{what}` names", given, names, ", which is no parameter"
        check_known(*said, error=ModelError)
        return dict(given)
    if isinstance(given, Sequence) and len(given) == len(names):
        return dict(zip(names, given, strict=True))
    raise ModelError(
        f"`{what}` must be a dict by the names of parameters, or one entry for each of "
        f"{', '.join(names)}, but is {given!r}."
    )


def _pair(name: str, given: Any) -> Limits:
    try:
        lower, upper = given
    except (TypeError, ValueError):
        raise ModelError(
            f"the bounds of `{name}` must be a pair (lower, upper), not {given!r}."
        ) from None
    return lower, upper


def _unit(text: Any) -> str:
    """Unit as parameters have it: in terms of x and y, or a literal in quotes."""
    if not isinstance(text, str):
        raise ModelError(f"a unit is a text such as 's' or 'y/x', not {text!r}.")
    try:
        resolve_unit(text)
    except ModelError:
        return f"'{text.strip(chr(39))}'"
    return text
