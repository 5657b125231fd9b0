"""Settings in sentences of the library, called as they are written for a command.

The library says `batch_size`, as its keyword is called; on the command line that is
--batch-size, and what stands in a job file alone is told by its place there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from physfit.errors import PhysfitError
from physfit.settings.setting import Setting

__all__ = ["called_as_written"]

#: What parameters and columns may be called as well.
AMBIGUOUS = ("data", "x", "y", "sigma", "n")
_NAMED = re.compile(r"`(\w+)`")


@contextmanager
def called_as_written(
    settings: Mapping[str, Setting], in_file: Collection[str], path: str | None
) -> Iterator[None]:
    """Let errors call settings by option, or by their place in a job file.

    Parameters
    ----------
    settings : mapping of str to Setting
        Of the command, by name.
    in_file : collection of str
        Names of those that the job file at `path` gives, and no option.
    path : str or None
    """
    try:
        yield
    except PhysfitError as error:
        sentence, *others = error.args
        told = _told(str(sentence), settings, in_file, path)
        error.args = (told, *others)
        raise


def _told(
    sentence: str,
    settings: Mapping[str, Setting],
    in_file: Collection[str],
    path: str | None,
) -> str:
    def called(match: re.Match[str]) -> str:
        own = settings.get(match[1])
        if own is None or own.name in AMBIGUOUS:
            return match[0]
        if own.name in in_file:
            place = f"`{path}`, [{own.table}]: " if match.start() == 0 else ""
            return f"{place}`{own.key}`"
        return own.flags[0] if own.flags else match[0]

    return _NAMED.sub(called, sentence)
