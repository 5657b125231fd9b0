"""Names that the code of a function, and that of functions inside of it, looks up."""

from __future__ import annotations

from types import CodeType

__all__ = ["names_read"]


def names_read(code: CodeType) -> tuple[str, ...]:
    """Names of globals, attributes and builtins, each once, in order."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= dict.fromkeys(names_read(constant))
    return tuple(names)
