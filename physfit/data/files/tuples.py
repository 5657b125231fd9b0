"""Tuples and dataclasses of the library as entries of a file, by their annotations.

A file keeps a `NamedTuple` or a dataclass under the names of its fields. Types, sizes
of arrays (`Array`) and ranges of numbers (`Count`) stand in the annotations of the
fields, once. Null in place of a number is one that does not exist: NaN, or what
`Missing` says. A field with a default may be missing in a file.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import is_dataclass
from enum import IntEnum
from inspect import Parameter, signature
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from physfit.data.files.schema import Missing

__all__ = ["entries_of", "record_kind", "restored"]

Kind = TypeVar("Kind")
Base = TypeVar("Base", bound=msgspec.Struct)
Forms = Mapping[type, type[msgspec.Struct]]


def entries_of(value: Any, *, without: Container[str] = ()) -> Any:
    """Value as a file keeps it: nested dicts of fields, statuses as their numbers."""
    if isinstance(value, IntEnum):
        return int(value)
    if _is_kind(type(value)):
        return {
            name: entries_of(getattr(value, name))
            for name in _notes(type(value))
            if name not in without
        }
    return list(value) if isinstance(value, tuple) else value


def record_kind(kind: type, base: type[Base], forms: Forms) -> type[Base]:
    """Struct of the entries of a tuple or dataclass, for `convert`.

    Parameters
    ----------
    kind : type
    base : type
        Struct that declares entries besides, and those that a file keeps in another
        form than the annotation says.
    forms : mapping of type to type
        The same for tuples and dataclasses inside of `kind`.
    """
    declared: list[Any] = []
    for name, note in _notes(kind).items():
        if name not in base.__struct_fields__:
            is_optional = (
                signature(kind).parameters[name].default is not Parameter.empty
            )
            entry = _entry(note, forms)
            missing = (entry | msgspec.UnsetType, msgspec.UNSET)
            declared.append((name, *(missing if is_optional else (entry,))))
    made: Any = msgspec.defstruct(kind.__name__, declared, bases=(base,), kw_only=True)
    return made  # type: ignore[no-any-return]


def restored(record: msgspec.Struct, kind: type[Kind], **known: Any) -> Kind:
    """Tuple or dataclass from its entries, those that are known left alone."""
    values = {
        name: _restored(getattr(record, name), note)
        for name, note in _notes(kind).items()
        if name not in known and getattr(record, name) is not msgspec.UNSET
    }
    return kind(**values, **known)


def _restored(value: Any, note: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return restored(
            value, next(option for option in _options(note) if _is_kind(option))
        )
    if value is not None or not _is_number(note):
        return value
    marks = getattr(note, "__metadata__", ())
    return next((mark.value for mark in marks if isinstance(mark, Missing)), math.nan)


def _entry(note: Any, forms: Forms) -> Any:
    """What stands in a file for a value of some type."""
    options = _options(note)
    if len(options) > 1:
        return Union[tuple(_entry(option, forms) for option in options)]  # noqa: UP007
    if _is_kind(note):
        return record_kind(note, forms.get(note, msgspec.Struct), forms)
    return note | None if _is_number(note) else note


def _options(note: Any) -> tuple[Any, ...]:
    """Types of a union."""
    return get_args(note) if get_origin(note) in (Union, UnionType) else (note,)


def _is_number(note: Any) -> bool:
    return getattr(note, "__origin__", note) is float


def _is_kind(note: Any) -> bool:
    return isinstance(note, type) and (hasattr(note, "_fields") or is_dataclass(note))


def _notes(kind: type) -> Mapping[str, Any]:
    """Annotations of the fields of a tuple or dataclass."""
    return get_type_hints(kind, include_extras=True)
