"""Values and documents as JSON has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from physfit.document.blocks import Block, Document, Table
from physfit.errors import InputError

__all__ = ["as_record", "plain"]


def plain(value: Any, place: str = "record") -> Any:
    """Value as JSON has it: None for what is not finite, a status with its sentence.

    Parameters
    ----------
    value : object
        Nested mappings, tuples, lists, arrays, numbers and texts.
    place : str
        Where it stands in the record.

    Raises
    ------
    InputError
        When a key or a value is of another type.

    Examples
    --------
    >>> plain({"stderr": math.nan, "values": (1, 2.5)})
    {'stderr': None, 'values': [1, 2.5]}
    """
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "c":
        value = {"re": value.real, "im": value.imag}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if hasattr(value, "sentence"):
        return {"number": int(value), "sentence": value.sentence}
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError(
                    f"`{place}` has the key {key!r}, but keys must be strings; use "
                    f"{str(key)!r}."
                )
        return {key: plain(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, complex):
        return {"re": plain(value.real, place), "im": plain(value.imag, place)}
    raise InputError(
        f"`{place}` is of type {type(value).__name__}, which a record cannot hold; use "
        "str, int, float, bool, None, list, array or dict."
    )


def as_record(document: Document) -> dict[str, Any]:
    """Document as a record of its blocks, with the texts that a report shows."""
    return {"blocks": list(map(_block, document))}


def _block(block: Block) -> dict[str, Any]:
    fields = {"kind": type(block).__name__.lower(), **block._asdict()}
    if isinstance(block, Table):
        sections = [{"heading": text, "rows": rows} for text, rows in block.filled]
        return {"kind": fields["kind"], "titles": block.titles, "sections": sections}
    fields.pop("indent", None)
    return fields
