"""The tables and keys of a job file: what is allowed, and how options override them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from physfit.cli.settings import check_interval
from physfit.errors import InputError, did_you_mean

__all__ = ["Record", "checked_record", "merged", "nan_policy"]

#: Tables of a job, by name; `parameters` holds one table for each parameter.
Record: TypeAlias = Mapping[str, Any]
VERSION = 1


def checked_record(record: Record, source: str) -> dict[str, Any]:
    """Copy of the tables of a job file, after a look at every key and value.

    Raises
    ------
    InputError
        When a key is unknown, a value is of the wrong kind, or the version is not 1.
    """
    _check_version(record, source)
    _check_keys(record, ["version", "parameters", *_TABLES], source, "key or table")
    checked: dict[str, Any] = {
        name: _table(record[name], keys, f"{source}, [{name}]")
        for name, keys in _TABLES.items()
        if name in record
    }
    if "parameters" in record:
        place = f"{source}, [parameters"
        checked["parameters"] = {
            name: _table(table, _PARAMETER, f"{place}.{name}]")
            for name, table in _mapping(record["parameters"], place + "]").items()
        }
    return checked


def merged(record: Record, options: Record) -> dict[str, Any]:
    """Tables of a job with those of the options put over them.

    A parameter that an option fixes or ties loses what the file said of it; one that an
    option gives a start or bounds is free.
    """
    tables = {
        name: {**record.get(name, {}), **options.get(name, {})}
        for name in (*_TABLES, "parameters")
        if name in record or name in options
    }
    for name, values in options.get("parameters", {}).items():
        before = record.get("parameters", {}).get(name, {})
        alone = {"fixed", "tie"}
        kept = {} if alone & set(values) else _without(before, alone)
        tables["parameters"][name] = {**kept, **values}
    return tables


def _without(values: Record, keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


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


def _table(
    values: Any, keys: Mapping[str, Callable[[str, Any], Any]], place: str
) -> dict[str, Any]:
    _check_keys(_mapping(values, place), keys, place, "key")
    return {key: keys[key](f"{place}: `{key}`", value) for key, value in values.items()}


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{place} must be a table, not {value!r}.")
    return value


def _check_keys(values: Record, allowed: Any, place: str, word: str) -> None:
    for key in values:
        if key not in allowed:
            raise InputError(
                f"{place} has an unknown {word} {key!r}; {did_you_mean(key, allowed)}"
            )


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{what} must be a text, not {value!r}.")
    return value


def _column(what: str, value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.strip():
        return value
    raise InputError(
        f"{what} must be the name of a column or its number from 0, not {value!r}."
    )


def _number(what: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value):
        return float(value)
    raise InputError(f"{what} must be a finite number, not {value!r}.")


def _limit(what: str, value: Any) -> float:
    if isinstance(value, float) and math.isinf(value):
        return value
    return _number(what, value)


def _flag(what: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{what} must be true or false, not {value!r}.")
    return value


def _range(what: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(f"{what} must be a pair such as [4, 6], not {value!r}.")
    low, high = (_limit(what, side) for side in value)
    check_interval(what, low, high)
    return low, high


def _whole(what: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise InputError(f"{what} must be a whole number, not {value!r}.")


def _rate(what: str, value: Any) -> str | float:
    return value if isinstance(value, str) else _number(what, value)


def _random(what: str, value: Any) -> str:
    if value == "random":
        return "random"
    raise InputError(f"{what} must be 'random', not {value!r}.")


def nan_policy(what: str, value: Any) -> str:
    """The word that says what NaN in the data means."""
    if value not in ("raise", "omit"):
        raise InputError(f"{what} must be 'raise' or 'omit', not {value!r}.")
    return str(value)


_TABLES: Mapping[str, Mapping[str, Callable[[str, Any], Any]]] = {
    "data": {
        "file": _text,
        "x": _column,
        "y": _column,
        "sigma": _column,
        "dataset": _text,
        "x_range": _range,
        "nan": nan_policy,
    },
    "model": {"expression": _text},
    "fit": {"loss": _text, "method": _text, "start": _random},
    "minibatch": {
        "batch_size": _whole,
        "epochs": _whole,
        "schedule": _rate,
        "weight_decay": _number,
        "seed": _whole,
        "sampler": _text,
        "scaling": _text,
        "averaged": _flag,
        "tolerance": _number,
        "max_steps": _whole,
        "memory": _whole,
        "threads": _whole,
        "checkpoint": _text,
        "checkpoint_every": _number,
        "resume": _flag,
    },
    "output": {"result": _text, "plot": _text, "overwrite": _flag},
}
_PARAMETER: Mapping[str, Callable[[str, Any], Any]] = {
    "start": _number,
    "min": _limit,
    "max": _limit,
    "fixed": _number,
    "tie": _text,
}
