"""Names of functions and of their parameters: which there are, and which may be."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence
from typing import Any

from physfit.errors import ModelError

__all__ = ["check_names", "element_names", "name_of"]

#: Parameters of a function.
MOST_PARAMETERS = 1000


def name_of(function: Callable[..., Any]) -> str:
    """Name of a function for people; "function" for lambdas and what has none."""
    inner = getattr(function, "func", None)  # of a partial
    names = (getattr(own, "__name__", "") for own in (function, inner))
    found = [name for name in names if isinstance(name, str) and name]
    name = found[0] if found else type(function).__name__
    return name if name.isidentifier() else "function"


def element_names(names: Sequence[str] | int | None) -> list[str] | None:
    """Names of the elements of a vector."""
    if names is None:
        return None
    found: list[str] | None = None
    if isinstance(names, int) and not isinstance(names, bool) and names >= 0:
        found = [f"p{k}" for k in range(min(names, MOST_PARAMETERS + 1))]
    elif isinstance(names, str):
        found = names.replace(",", " ").split()
    elif isinstance(names, Sequence) and all(isinstance(one, str) for one in names):
        found = list(names)
    if found is not None and len(found) <= MOST_PARAMETERS:
        return found
    if found is not None:
        raise ModelError(
            f"a function may have at most {MOST_PARAMETERS} parameters, and `names` "
            "asks for more."
        )
    raise ModelError(
        f"`names` must be names of parameters, such as ('a', 'tau'), or how many there "
        f"are, but is {names!r}."
    )


def check_names(function: Callable[..., Any], names: Sequence[str]) -> None:
    """Refuse names of parameters that are none, or stand twice."""
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ModelError(
                f"{name!r} cannot be the name of a parameter of "
                f"`{name_of(function)}`; pass names made of letters, digits and _."
            )
        if names.count(name) > 1:
            raise ModelError(
                f"`{name}` names {names.count(name)} parameters of "
                f"`{name_of(function)}`; pass a name for each."
            )
