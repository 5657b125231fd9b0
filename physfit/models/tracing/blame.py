"""Where in the caller's function an error arose: line and expression."""

from __future__ import annotations

import dis
import linecache
from pathlib import Path
from types import TracebackType

import physfit
from physfit.models.tracing.rebuild import is_library

__all__ = ["place_of", "was_raised_by_caller"]

_HOME = str(Path(physfit.__file__).parent)


def place_of(trace: TracebackType | None) -> str:
    """Line and expression of the last frame of the caller's code; empty without one."""
    last = _last_of_caller(trace)
    if last is None:
        return ""
    code, line = last.tb_frame.f_code, last.tb_lineno
    positions = list(code.co_positions())[last.tb_lasti // 2]
    text = _expression(code.co_filename, *positions) or linecache.getline(
        code.co_filename, line
    )
    shown = " ".join(text.split())
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return f"line {line}: `{shown}`" if shown else f"line {line}:"


def _expression(
    path: str, line: int | None, end: int | None, first: int | None, last: int | None
) -> str:
    if line is None or end is None or first is None or last is None:
        return ""
    lines = [linecache.getline(path, k).encode() for k in range(line, end + 1)]
    if not all(lines):
        return ""
    lines[-1] = lines[-1][:last]
    lines[0] = lines[0][first:]
    return b"".join(lines).decode(errors="replace")


def _last_of_caller(trace: TracebackType | None) -> TracebackType | None:
    found = None
    while trace is not None:
        frame = trace.tb_frame
        path = frame.f_code.co_filename
        if not path.startswith(_HOME) and not is_library(
            frame.f_globals.get("__name__")
        ):
            found = trace
        trace = trace.tb_next
    return found


def was_raised_by_caller(trace: TracebackType | None) -> bool:
    """Whether a `raise` or `assert` of the caller's code made the error."""
    last = _last_of_caller(trace)
    if last is None or last.tb_next is not None:
        return False
    operation = dis.opname[last.tb_frame.f_code.co_code[last.tb_lasti]]
    return operation == "RAISE_VARARGS"
