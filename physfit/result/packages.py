"""Packages that some tables and files need, and that need not be installed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from physfit.errors import InputError, pip_install

__all__ = ["needed"]


def needed(what: str, *packages: str, extra: str = "tables") -> ModuleType:
    """The first of some packages, all of which are needed for something.

    Raises
    ------
    InputError
        When one is not installed.
    """
    try:
        first, *_ = [import_module(name) for name in packages]
    except ImportError as error:
        heads = dict.fromkeys(name.partition(".")[0] for name in packages)
        raise InputError(
            f"{what} needs {' and '.join(heads)}; run {pip_install(extra)}."
        ) from error
    return first
