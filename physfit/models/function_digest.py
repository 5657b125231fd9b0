"""What a Python function computes, as a digest: its code, and what it refers to.

Two functions of one name are told apart by it where a job or a run is resumed. Numbers,
texts, arrays and functions that the code names or encloses count; of other objects only
their types do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from physfit.models.names_read import names_read

__all__ = ["digest_of"]


def digest_of(function: Any) -> str:
    """128 bits, in hex, of a function and of what it refers to."""
    digest = hashlib.sha256()
    for part in _parts(function, {}):
        digest.update(part + b"\n")
    return digest.hexdigest()[:32]


def _parts(value: Any, seen: dict[int, Any]) -> Iterator[bytes]:
    """Bytes of a value and of all that it refers to, each once."""
    if isinstance(value, bool | int | float | complex | str | bytes | None):
        yield repr(value).encode()
    elif isinstance(value, np.ndarray | np.generic):
        yield repr((value.dtype, value.shape)).encode() + value.tobytes()
    elif id(value) not in seen:
        seen[id(value)] = value  # kept, so that no other gets its identity
        yield type(value).__qualname__.encode()
        if isinstance(value, tuple | list | set | frozenset):
            members = sorted(value, key=repr) if isinstance(value, set) else value
            for member in members:
                yield from _parts(member, seen)
        elif isinstance(value, dict):
            for key, member in value.items():
                yield from _parts((key, member), seen)
        elif isinstance(value, CodeType):
            yield value.co_code
            yield from _parts((value.co_consts, value.co_names), seen)
        else:
            yield from _of_callable(value, seen)


def _of_callable(value: Any, seen: dict[int, Any]) -> Iterator[bytes]:
    inner = getattr(value, "__func__", getattr(value, "pyfunc", None))
    inner = inner or getattr(value, "py_func", getattr(value, "func", None))
    if isinstance(value, FunctionType):
        cells = [
            cell.cell_contents for cell in value.__closure__ or () if _is_set(cell)
        ]
        names = names_read(value.__code__)
        used = {name: value.__globals__.get(name) for name in sorted(names)}
        yield from _parts((value.__code__, value.__defaults__, cells, used), seen)
    elif inner is not None:
        attributes = vars(value.__self__) if hasattr(value, "__self__") else {}
        bound = (getattr(value, "args", ()), getattr(value, "keywords", {}))
        yield from _parts((inner, bound, attributes), seen)
    elif hasattr(value, "__dict__") and not isinstance(value, type | ModuleType):
        called = getattr(type(value), "__call__", None)  # noqa: B004
        yield from _parts((called, vars(value)), seen)


def _is_set(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None or True
    except ValueError:
        return False
