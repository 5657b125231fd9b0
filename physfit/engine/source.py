"""Source text of an entry and of everything it calls, as one self-contained module.

numba's own cache looks at one file only: after an edit of a callee in another file the
cached caller gives the old result without a word. Here the whole text is the name: what
is compiled is exactly this text, and its hash is the key of the object file.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from physfit.engine.roles import ENTRY_FLAGS, FLAGS, SUMMING_ENTRY_FLAGS
from physfit.engine.syntax import parsed_module
from physfit.errors import InputError
from physfit.kernels.kernel import Generated

__all__ = ["module_text"]

_TYPES = {
    "void": "types.void",
    "i64": "types.int64",
    "f64": "types.float64",
    "i64*": "intrinsics.I64",
    "f64*": "intrinsics.F64",
    "i32*": "intrinsics.I32",
    "u8*": "intrinsics.U8",
}
_HEADER = """from __future__ import annotations

import math

import numpy as np
from numba import cfunc, njit, types

from physfit.engine import intrinsics
"""
_NAMED_TUPLE = """from collections import namedtuple

{name} = namedtuple("{name}", {fields!r})
"""
#: Names that this header binds, and modules among them that functions use.
_TAKEN = ("annotations", "cfunc", "intrinsics", "main", "math", "njit", "np", "types")
_KNOWN = {"math": math, "np": np}


class _Collection:
    """Parts of a module in the order of need, each object under a name of its own."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.named: dict[str, object] = dict.fromkeys(_TAKEN, _HEADER)

    def text_of(self, function: Any) -> str:
        """Source of a function whose globals have been collected and named."""
        text = _with_defaults(function, _segment(function))
        new = {}
        for name, value in _globals(function):
            if _is_collected(value):
                new[name] = self.name_of(name, value)
            elif re.search(_whole(name), text):
                _refuse_other(function, name, value)
        return _substituted(text, new)

    def name_of(self, name: str, value: Any) -> str:
        """Name of a global of compiled code; other modules may use the same name."""
        unique, count = name, 1
        while unique in self.named:
            if _same(self.named[unique], value):
                return unique
            unique = f"{name}_{count}__"
            count += 1
        self.named[unique] = value
        self._add(unique, value)
        return unique

    def _add(self, name: str, value: Any) -> None:
        role = getattr(value, "__physfit_role__", None)
        if role is None and isinstance(value, type):
            fields = list(value._fields)  # type: ignore[attr-defined]
            self.parts.append(_NAMED_TUPLE.format(name=name, fields=fields))
        elif role is None and hasattr(value, "_fields"):
            self.parts.append(self._bundle(name, value))
        elif role is None:
            self.parts.append(f"{name} = {_literal(value)}\n")
        elif role == "struct":
            fields = list(value.FIELDS)
            self.parts.append(f"{name} = np.dtype({fields!r}, align=True)\n")
        elif role == "intrinsic":
            self.parts.append(f"{name} = intrinsics.{value.__name__}\n")
        else:
            text = _renamed(self.text_of(value), value.__name__, name)
            self.parts.append(f"@njit({FLAGS[role]})\n{text}")

    def _bundle(self, name: str, value: Any) -> str:
        """Text of a named tuple of functions."""
        members = [self.name_of(own.__name__, own) for own in value]
        kind = self.name_of(type(value).__name__, type(value))
        return f"{name} = {kind}({', '.join(members)})\n"


def module_text(
    main: Callable[..., Any] | str,
    signature: str,
    *called: Any,
    reorder: bool = False,
    **named: Any,
) -> str:
    """Text of a module whose `main` is a C function of the given signature.

    Parameters
    ----------
    main : callable or str
        A marked function, or the text of a `def main(...)` made by the engine.
    signature : str
        C signature such as ``"void(f64*, i64)"``.
    *called, **named : callable
        Functions that a text refers to, by their own names or by others.
    reorder : bool
        Whether the additions of `main` itself may be reordered.
    """
    collection = _Collection()
    if isinstance(main, str):
        named |= {own.__name__: own for own in called}
        names = {
            name: collection.name_of(getattr(own, "__name__", name), own)
            for name, own in named.items()
        }
        text = _substituted(main, names)
    else:
        text = _renamed(collection.text_of(main), main.__name__, "main")
    flags = SUMMING_ENTRY_FLAGS if reorder else ENTRY_FLAGS
    decorated = f"@cfunc({_numba_signature(signature)}, {flags})\n{text}"
    return "\n\n".join([_HEADER, *collection.parts, decorated]) + "\n"


def _is_collected(value: Any) -> bool:
    if isinstance(value, bool | int | float | tuple):
        return True
    return hasattr(value, "__physfit_role__") or hasattr(value, "_fields")


def _refuse_other(function: Any, name: str, value: Any) -> None:
    """Refuse a global that compiled code would take for another of that name."""
    known = _KNOWN.get(name, getattr(builtins, name, value))
    if value is not known:
        raise InputError(
            f"`{function.__name__}` uses a `{name}` of its own, but compiled code "
            "knows another one; rename it, or mark it as compiled code."
        )


def _whole(*names: str) -> str:
    """Pattern for names that are no attributes and no parts of others."""
    return rf"(?<![.\w])({'|'.join(names)})\b"


def _substituted(text: str, new: Mapping[str, str]) -> str:
    """The text with other names, all of them at once."""
    if all(old == own for old, own in new.items()):
        return text
    return re.sub(_whole(*new), lambda found: new[found[1]], text)


def _same(one: Any, other: Any) -> bool:
    if callable(one) or callable(other) or hasattr(one, "_fields"):
        return one is other
    return repr(one) == repr(other)


def _renamed(text: str, name: str, new: str) -> str:
    return re.sub(rf"^def {name}\(", f"def {new}(", text)


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + "".join(_literal(entry) + ", " for entry in value) + ")"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _globals(function: Any) -> list[tuple[str, Any]]:
    """Globals that a function reads, by name."""
    if isinstance(function, Generated):
        return list(function.calls.items())
    known = function.__globals__
    names = [name for name in function.__code__.co_names if name in known]
    return [(name, known[name]) for name in names if known[name] is not function]


def _segment(function: Any) -> str:
    """Lines of a module-level function from its `def` on, without decorators.

    Raises
    ------
    InputError
        When they cannot be found.
    """
    if isinstance(function, Generated):
        return function.text
    if hasattr(function, "__physfit_source__"):
        return str(function.__physfit_source__)
    code = function.__code__
    lines = linecache.getlines(code.co_filename)
    start = code.co_firstlineno - 1
    head = f"def {code.co_name}("
    while start < len(lines) and not lines[start].startswith(head):
        start += 1
    if start >= len(lines) or function.__qualname__ != code.co_name:
        raise InputError(
            f"the source of `{function.__qualname__}` cannot be found; compiled "
            "functions are written with `def` at the top level of a file or notebook "
            "cell, not as a lambda, inside another function or class, or at the prompt."
        )
    stop = start + 1
    open_text = False
    while stop < len(lines) and (open_text or _continues(lines[stop])):
        open_text ^= lines[stop].count('"""') % 2 == 1
        stop += 1
    return "".join(lines[start:stop]).rstrip() + "\n"


def _with_defaults(function: Any, text: str) -> str:
    """The text with the values of default arguments in place of expressions for them.

    They were taken when the function was defined; a constant may have changed since.
    """
    values = getattr(function, "__defaults__", None) or ()
    if not values:
        return text
    lines = text.encode().splitlines(keepends=True)
    nodes = parsed_module(text).body[0].args.defaults  # type: ignore[attr-defined]
    for node, value in reversed(list(zip(nodes, values, strict=True))):
        is_plain = isinstance(node, ast.Constant) or node.lineno != node.end_lineno
        if is_plain or not isinstance(value, bool | int | float):
            continue
        line = lines[node.lineno - 1]
        own = _literal(value).encode()
        lines[node.lineno - 1] = (
            line[: node.col_offset] + own + line[node.end_col_offset :]
        )
    return b"".join(lines).decode()


def _continues(line: str) -> bool:
    return not line.strip() or line[0] in " \t)"


def _numba_signature(signature: str) -> str:
    match = re.fullmatch(r"(\S+)\((.*)\)", signature)
    if match is None:
        raise TypeError(f"not a C signature: {signature!r}")
    arguments = [_TYPES[name.strip()] for name in match[2].split(",") if name.strip()]
    return f"{_TYPES[match[1]]}({', '.join(arguments)})"
