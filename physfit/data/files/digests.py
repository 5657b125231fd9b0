"""Digests by XXH3 of 128 bits: they tell accidents, and guard against no forger."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

__all__ = ["digest_of", "digest_of_bytes", "digest_of_record"]


def digest_of(*arrays: NDArray[Any] | None) -> str:
    """Digest of types, shapes and bytes of arrays, as 32 hexadecimal digits.

    Examples
    --------
    >>> digest_of(np.zeros(2)) == digest_of(np.zeros((2, 1)))
    False
    """
    digest = xxhash.xxh3_128()
    for array in arrays:
        if array is None:
            digest.update(b"none;")
            continue
        digest.update(f"{array.dtype.str}{array.shape};".encode())
        if array.size:
            # memoryview knows no half or complex numbers: bytes are bytes.
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def digest_of_bytes(*parts: Any) -> str:
    """Digest of bytes in parts, one after the other."""
    digest = xxhash.xxh3_128()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def digest_of_record(record: Any) -> str:
    """Digest of a nested record of plain values, whatever the order of its keys."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return digest_of_bytes(text.encode())
