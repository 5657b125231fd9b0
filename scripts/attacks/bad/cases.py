"""A case: a command or a piece of Python, and when its success is a right one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np

from attacks.running import Ended

__all__ = ["Case", "Generator", "command", "emptied", "python", "refused", "says_line"]

Check = Callable[[Ended, Path], bool]
#: Files in a folder, made from random numbers and the folder of templates.
Generator = Callable[[Random, Path, Path], "Case"]


class Case(NamedTuple):
    """What is run in a folder that holds the bad input.

    Attributes
    ----------
    name : str
        What is bad.
    arguments : tuple of str
        Of the command line; empty for `code`.
    code : str
        Python.
    is_right : callable or None
        `(ended, folder) -> bool`: whether a success is the right answer. None where
        nobody could know.
    """

    name: str
    arguments: tuple[str, ...] = ()
    code: str = ""
    is_right: Check | None = None


def command(name: str, *arguments: object, is_right: Check | None = None) -> Case:
    """Case of the command line."""
    return Case(name, tuple(map(str, arguments)), "", is_right)


def python(name: str, code: str, is_right: Check | None = None) -> Case:
    """Case of a piece of Python."""
    return Case(name, (), code, is_right)


def emptied(folder: Path) -> Path:
    """A folder with nothing in it, whatever a case left there."""
    if folder.exists():
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(folder)
    folder.mkdir()
    return folder


def refused(ended: Ended, folder: Path) -> bool:
    """No success is a right one."""
    return False


def says_line(ended: Ended, folder: Path) -> bool:
    """Whether `fit --json` found y = 2 x + 1."""
    fitted = json.loads(ended.stdout)["parameters"]
    values = [fitted[name]["value"] for name in ("slope", "intercept")]
    return bool(np.allclose(values, [2.0, 1.0], rtol=1e-6))
