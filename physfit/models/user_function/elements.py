"""How many parameters a function takes as one vector, and what it calls them."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import numpy as np

from physfit.models.user_function.dependencies import code_of
from physfit.models.user_function.signature import Signature

__all__ = ["elements_of"]

#: Elements that a vector may have without being told.
MOST = 40


def elements_of(function: Callable[..., Any], signature: Signature) -> list[str]:
    """Names of the elements of the only parameter, if it is a vector; else none.

    It is one when the function fails for a number, and works for a vector: of as many
    elements as it takes to pieces or asks for. The names are those of `a, b = p`.
    """
    if len(signature.parameters) != 1 or signature.n_coordinates != 1:
        return []
    if _works(function, signature, 1.0):
        return []
    for n in range(1, MOST + 1):
        probe = Probe(np.linspace(0.8, 1.2, n))
        if not _works(function, signature, probe):
            continue
        if probe.is_open and _works(function, signature, np.linspace(0.8, 1.2, n + 1)):
            return []
        return _names(function, signature.names[0], n)
    return []


class Probe(tuple[float, ...]):
    """A vector that knows whether it was asked for more than single elements."""

    is_open = False

    def __iter__(self) -> Iterator[float]:
        self.is_open = True
        return super().__iter__()

    def __len__(self) -> int:
        self.is_open = True
        return super().__len__()

    def __getitem__(self, key: Any) -> Any:
        self.is_open = self.is_open or not isinstance(key, int) or key < 0
        return super().__getitem__(key)


def _works(function: Callable[..., Any], signature: Signature, value: Any) -> bool:
    """Whether the function has values for a number or vector of parameters."""
    x = np.linspace(0.5, 1.5, 6)
    places, keywords = signature.arguments([x], [value])
    try:
        with np.errstate(all="ignore"):
            return np.size(function(*places, **keywords)) in (1, x.size)
    except Exception:  # whatever a function does with a wrong number of parameters
        return False


def _names(function: Callable[..., Any], vector: str, n: int) -> list[str]:
    """Names that the elements get where the vector is taken to pieces."""
    code = code_of(function)
    found = list(_unpacked(code, vector)) if code is not None else []
    is_named = len(found) == n and len(set(found)) == n
    return found if is_named else [f"p{k}" for k in range(n)]


def _unpacked(code: CodeType, vector: str) -> Iterator[str]:
    """Names in `a, b, c = p`, by the instructions of the function."""
    steps = list(dis.get_instructions(code))
    for k, step in enumerate(steps):
        is_vector = step.opname.startswith("LOAD_") and step.argval == vector
        if not is_vector or k + 1 == len(steps):
            continue
        if steps[k + 1].opname != "UNPACK_SEQUENCE":
            continue
        for name in steps[k + 2 : k + 2 + int(steps[k + 1].argval)]:
            if name.opname == "STORE_FAST":
                yield str(name.argval)
            else:
                return
        return
