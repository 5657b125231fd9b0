"""Records as notebooks show them: a line for each field, long arrays in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from physfit.document.blocks import Document, Heading, pairs

__all__ = ["Record", "brief", "fields", "fields_html"]

#: Entries of an array, or characters of a text, that are shown in full.
N_ENTRIES, N_CHARACTERS = 8, 200


class Record(Protocol):
    """A named tuple."""

    def _asdict(self) -> dict[str, Any]: ...


def fields(record: Record, heading: str = "") -> Document:
    """Heading, by default the kind of the record, and its fields with their values."""
    facts = {name: brief(value) for name, value in record._asdict().items()}
    return [Heading(heading or type(record).__name__), pairs(facts)]


def fields_html(record: Record, heading: str = "") -> str:
    """The same as HTML."""
    from physfit.document.html import as_html

    return as_html(fields(record, heading))


def brief(value: Any) -> str:
    """A value in a few words.

    Examples
    --------
    >>> brief({"center": 5.00901861, "tie": None})
    'center 5.00902, tie none'
    >>> brief(np.linspace(0.0, 1.0, 50))
    '50 numbers from 0 to 1'
    """
    if value is None:
        return "none"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(getattr(value, "sentence", value.name))
    if isinstance(value, float | complex | np.inexact):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return _of_array(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {brief(own)}" for name, own in value.items())
    if hasattr(value, "_asdict") or is_dataclass(value):
        return type(value).__name__
    if isinstance(value, tuple | list):
        return ", ".join(map(brief, value))
    text = str(value)
    return text if len(text) <= N_CHARACTERS else f"{text[:N_CHARACTERS]}..."


def _of_array(values: NDArray[Any]) -> str:
    if values.size <= N_ENTRIES and values.ndim == 1:
        return ", ".join(map(brief, values))
    shape = " x ".join(map(str, values.shape))
    if values.dtype.kind == "b":
        return f"{shape}, of which {np.count_nonzero(values)} yes"
    if values.dtype.kind not in "iuf":
        return f"{shape} values of {values.dtype}"
    known = values[~np.isnan(values)]
    if not known.size:
        return f"{shape} numbers, all NaN"
    return f"{shape} numbers from {brief(known.min())} to {brief(known.max())}"
