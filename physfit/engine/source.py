"""Source text of an entry and of everything it calls, as one self-contained module.

numba's own cache looks at one file only: after an edit of a callee in another file the
cached caller gives the old result without a word. Here the whole text is the name: what
is compiled is exactly this text, and its hash is the key of the object file.
"""

from __future__ import annotations

import linecache
import math
import re
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from physfit.engine.roles import FLAGS

__all__ = ["module_text"]

_TYPES = {
    "void": "types.void",
    "i64": "types.int64",
    "f64": "types.float64",
    "i64*": "intrinsics.I64",
    "f64*": "intrinsics.F64",
}
_HEADER = """import math

import numpy as np
from numba import cfunc, njit, types

from physfit.engine import intrinsics
"""


def module_text(
    main: Callable[..., Any] | str, signature: str, *called: Any, reorder: bool = False
) -> str:
    """Text of a module whose `main` is a C function of the given signature.

    Parameters
    ----------
    main : callable or str
        A marked function, or the text of a `def main(...)` made by the engine.
    signature : str
        C signature such as ``"void(f64*, i64)"``.
    *called : callable
        Functions that a text refers to.
    reorder : bool
        Whether the additions of `main` itself may be reordered.
    """
    parts: dict[str, str] = {}
    seen: dict[str, object] = {}
    if isinstance(main, str):
        for function in called:
            _collect(function, parts, seen)
        text = main
    else:
        for name in _names(main):
            _collect_name(name, main, parts, seen)
        text = re.sub(rf"^def {main.__name__}\(", "def main(", _segment(main))
    flags = FLAGS["summation" if reorder else "routine"]
    decorated = f"@cfunc({_numba_signature(signature)}, {flags})\n{text}"
    return "\n\n".join([_HEADER, *parts.values(), decorated]) + "\n"


def _collect(function: Any, parts: dict[str, str], seen: dict[str, object]) -> None:
    name = function.__name__
    if seen.setdefault(name, function) is not function:
        other = seen[name]
        raise TypeError(
            f"two compiled functions are named {name!r}: {_where(other)} and "
            f"{_where(function)}; rename one."
        )
    if name in parts:
        return
    if function.__physfit_role__ == "intrinsic":
        parts[name] = f"{name} = intrinsics.{name}"
        return
    for used in _names(function):
        if used != name:
            _collect_name(used, function, parts, seen)
    flags = FLAGS[function.__physfit_role__]
    parts[name] = f"@njit({flags})\n{_segment(function)}"


def _collect_name(
    name: str, user: FunctionType | Any, parts: dict[str, str], seen: dict[str, object]
) -> None:
    value = user.__globals__.get(name)
    if value is None or isinstance(value, ModuleType):
        return
    if isinstance(value, bool | int | float | tuple):
        _collect_constant(name, value, parts, seen)
    elif hasattr(value, "__physfit_role__"):
        _collect(value, parts, seen)


def _collect_constant(
    name: str, value: Any, parts: dict[str, str], seen: dict[str, object]
) -> None:
    if name in seen and seen[name] != value:
        raise TypeError(f"two constants of compiled code are named {name!r}.")
    seen[name] = value
    parts[name] = f"{name} = {_literal(value)}"


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + "".join(_literal(entry) + ", " for entry in value) + ")"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _names(function: Any) -> tuple[str, ...]:
    return tuple(function.__code__.co_names)


def _segment(function: Any) -> str:
    """Lines of a module-level function from its `def` on, without decorators."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename)
    start = code.co_firstlineno - 1
    while not lines[start].startswith("def "):
        start += 1
    stop = start + 1
    while stop < len(lines) and _continues(lines[stop]):
        stop += 1
    return "".join(lines[start:stop]).rstrip() + "\n"


def _continues(line: str) -> bool:
    return not line.strip() or line[0] in " \t)"


def _where(function: Any) -> str:
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"


def _numba_signature(signature: str) -> str:
    match = re.fullmatch(r"(\S+)\((.*)\)", signature)
    if match is None:
        raise TypeError(f"not a C signature: {signature!r}")
    arguments = [_TYPES[name.strip()] for name in match[2].split(",") if name.strip()]
    return f"{_TYPES[match[1]]}({', '.join(arguments)})"
