"""Python's parser, used by one thread at a time.

CPython 3.11 counts the depth of a syntax tree for all threads together, and raises
SystemError where another one parses while a collection of garbage interrupts the first.
"""

from __future__ import annotations

import ast
import threading

__all__ = ["parsed_expression", "parsed_module"]

_lock = threading.RLock()


def parsed_module(text: str) -> ast.Module:
    """Syntax tree of the text of a module."""
    with _lock:
        return ast.parse(text)


def parsed_expression(text: str) -> ast.expr:
    """Syntax tree of one expression."""
    with _lock:
        return ast.parse(text, mode="eval").body
