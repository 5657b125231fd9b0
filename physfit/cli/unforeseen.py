"""Errors that nobody foresaw: a sentence, and the traceback in a file."""

from __future__ import annotations

import tempfile
import traceback

__all__ = ["unforeseen"]

#: Letters of an error's own message that are shown.
MOST = 200


def unforeseen(error: Exception) -> str:
    """Sentence that says what happened and where its traceback was written."""
    message = " ".join(str(error).split())[:MOST].rstrip(".")
    what = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, MemoryError):
        start = f"the memory is not enough ({what})"
    else:
        start = f"this should not happen ({what})"
    return f"{start}; {_written(error)}"


def _written(error: Exception) -> str:
    """Where the traceback stands, in a new file that only the user can read."""
    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="physfit-error-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(text)
    except OSError as refused:
        return f"its traceback cannot be written either ({refused.strerror})."
    return f"the traceback is in `{file.name}`; please report it."
