"""The tables and keys of a job file, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from physfit.data.files.paths import existing_file
from physfit.errors import DataError, InputError, check_known
from physfit.settings.setting import Setting

__all__ = ["checked_record", "toml_record"]

#: Tables of a job, by name; `parameters` holds one table for each parameter.
Record: TypeAlias = Mapping[str, Any]
#: Settings of a table by their keys.
Keys: TypeAlias = Mapping[str, Setting]
VERSION = 1


def checked_record(
    record: Record, tables: Mapping[str, Keys], source: str
) -> dict[str, Any]:
    """Copy of the tables of a job file, after a look at every key and value.

    Raises
    ------
    InputError
        When a key is unknown, a value is of the wrong kind, or the version is not 1.
    """
    _check_version(record, source)
    check_known(f"{source} has an unknown key or table", record, ["version", *tables])
    checked: dict[str, Any] = {}
    for name, keys in tables.items():
        place = f"{source}, [{name}"
        if name == "parameters" and name in record:
            checked[name] = {
                each: _table(values, keys, f"{place}.{each}]")
                for each, values in _mapping(record[name], f"{place}]").items()
            }
        elif name in record:
            checked[name] = _table(record[name], keys, f"{place}]")
    return checked


def _check_version(record: Record, source: str) -> None:
    version = record.get("version")
    if version is None:
        raise InputError(
            f"{source} says no version; write `version = {VERSION}` on top."
        )
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(
            f"{source} has version {version!r}; write `version = {VERSION}`."
        )
    if version > VERSION:
        raise InputError(
            f"{source} has version {version}, but this physfit reads job files up to "
            f"version {VERSION}; update physfit."
        )


def _table(values: Any, keys: Keys, place: str) -> dict[str, Any]:
    check_known(f"{place} has an unknown key", _mapping(values, place), keys)
    return {
        key: keys[key].kind.of_file(f"{place}: `{key}`", value)
        for key, value in values.items()
    }


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place} must be a table, not {value!r}.")
    return value


#: Bytes of a job file.
_LONGEST = 1 << 20
#: Dots in a row of names; a dotted key of a job file has three.
_MOST_DOTS = 200


def toml_record(path: Path) -> dict[str, Any]:
    """Tables of a TOML file, nothing of them checked yet.

    Raises
    ------
    DataError
        When the file is missing or is no TOML.
    """
    try:
        with existing_file(path).open("rb") as stream:
            text = stream.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise DataError(f"`{path}` is larger than 1 MiB, which no job file is.")
        _check_dots(path, text)
        record = tomllib.loads(text.decode())
        _check_integers(path, record)
        return record
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # also of integers without end
        reason = str(error).split(";")[0].rstrip(".")
        raise DataError(f"`{path}` is not a TOML file: {reason}.") from error


def _check_dots(path: Path, text: bytes) -> None:
    """Refuse keys of very many parts, for which the parser takes hours."""
    keys = re.findall(rb"[\w\"'. \t-]+", text)
    if max((key.count(b".") for key in keys), default=0) > _MOST_DOTS:
        raise DataError(
            f"`{path}` has a key or a text of more than {_MOST_DOTS} dots, which no "
            "job file has."
        )


def _check_integers(path: Path, value: Any) -> None:
    """Refuse integers beyond 64 bits, which TOML has not."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise DataError(
            f"`{path}` has a whole number of {value.bit_length()} bits, but 64 are "
            "the most of TOML; write a smaller one."
        )
    if isinstance(value, dict | list):
        for own in value.values() if isinstance(value, dict) else value:
            _check_integers(path, own)
