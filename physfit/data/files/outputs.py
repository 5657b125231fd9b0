"""Outputs of a run, compared with what it reads before anything is touched.

A file is known by its device and number, so that links and other spellings of its path
are the same file. What an HDF5 file draws on (external links, sources of virtual data
sets, raw files) is read as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from physfit.data.readers import is_hdf5, split_path
from physfit.errors import InputError

__all__ = ["refuse_inputs"]

PathLike: TypeAlias = str | os.PathLike[str]
#: What is the same for all names of a file: its number, or where it would be made.
Place: TypeAlias = tuple[int, int] | str


def refuse_inputs(
    outputs: Mapping[str, PathLike | None], inputs: Iterable[PathLike]
) -> None:
    """Refuse outputs that are read by the same run, or name one file twice.

    Parameters
    ----------
    outputs : mapping of str to path or None
        What will be written or replaced, by the name of its option; a folder stands for
        all that is in it.
    inputs : iterable of path
        What is read; a path inside of an HDF5 file may follow after `::`.

    Raises
    ------
    InputError

    Examples
    --------
    >>> refuse_inputs({"-o": "/etc/../etc/hosts"}, ["/etc/hosts"])
    Traceback (most recent call last):
        ...
    physfit.errors.InputError: -o would replace the data file `/etc/hosts`; give ...
    """
    options: dict[Place, str] = {}
    there = False
    for option, path in outputs.items():
        if path is None:
            continue
        place = _place(path)
        if place in options:
            raise InputError(
                f"{options[place]} and {option} both name `{os.fspath(path)}`; give "
                "two paths."
            )
        options[place] = option
        there = there or os.path.lexists(path)
    files = [split_path(name, None)[0] for name in inputs if os.fspath(name)]
    if not there:
        return
    for file in _with_sources(files):
        for path in (file, *Path(os.path.realpath(file)).parents):
            place = _place(path)
            if place in options:
                inside = "" if path is file else ", which lies inside of it"
                raise InputError(
                    f"{options[place]} would replace the data file `{file}`{inside}; "
                    "give another path."
                )


def _place(path: PathLike) -> Place:
    try:
        status = os.stat(path)
    except OSError:
        return os.path.normcase(os.path.realpath(path))
    except ValueError:  # a null character: refused where it is opened
        return os.fspath(path)
    return status.st_dev, status.st_ino


def _with_sources(files: Iterable[Path]) -> Iterator[Path]:
    """Files, there or not, and all that those of HDF5 draw on."""
    from physfit.data.hdf5.guard import referenced_files

    for file in files:
        yield file
        if is_hdf5(file) and file.is_file():
            yield from referenced_files(file)
