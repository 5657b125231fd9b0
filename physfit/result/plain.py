"""Values as JSON has them: lists, dicts, texts, numbers, None for what is no number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

__all__ = ["as_record", "plain"]


def plain(value: Any) -> Any:
    """Value for JSON: None for what is not finite, a status with its sentence.

    Examples
    --------
    >>> plain({"stderr": math.nan, "values": (1, 2.5)})
    {'stderr': None, 'values': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "sentence"):
        return {"number": int(value), "sentence": value.sentence}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, complex):
        return {"re": plain(value.real), "im": plain(value.imag)}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_record(found: Any, *more: str) -> dict[str, Any]:
    """Fields of a dataclass as plain values, and further attributes behind them."""
    names = [*(field.name for field in fields(found)), *more]
    return {name: plain(getattr(found, name)) for name in names}
