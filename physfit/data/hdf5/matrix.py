"""What fits a matrix of an HDF5 file: its axes, masks and sigma, and its chunks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeAlias

import h5py

from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = [
    "check_mask",
    "grain_of",
    "is_matrix",
    "is_per_row",
    "matrices_in",
    "middles",
]

Group: TypeAlias = Any  # h5py has no annotations
Dataset: TypeAlias = Any


def grain_of(y: Dataset) -> int:
    """Rows, counted along the map, that lie in one chunk wherever it is."""
    if y.chunks is None:
        return 1
    chunk, line = int(y.chunks[-2]), int(y.shape[-2])
    return chunk if y.ndim == 2 else math.gcd(chunk, line)


def is_matrix(node: Any) -> bool:
    """Whether a node is a dataset of numbers with two axes or more."""
    is_set = isinstance(node, h5py.Dataset) and node.dtype.kind in "fiuc"
    return is_set and node.ndim >= 2


def matrices_in(file: Group) -> str:
    """Datasets of two axes or more, in words."""
    found: list[str] = []
    file.visititems(
        lambda _, node: (
            found.append(f"{node.name} {node.shape}") if is_matrix(node) else None
        )
    )
    shown = ", ".join(found[:8]) + (", ..." if len(found) > 8 else "")
    return shown or "no matrix of numbers"


def middles(values: FloatArray, size: int) -> FloatArray:
    """Points of an axis, the middles of its bins if it has their edges."""
    return values if len(values) == size else 0.5 * (values[1:] + values[:-1])


def check_mask(path: Path, mask: Dataset, shape: tuple[int, ...]) -> None:
    """Refuse a mask that fits neither data of a shape nor a row of them.

    Raises
    ------
    DataError
    """
    shapes = (shape, shape[-1:], (*shape[:-1], 1))
    if mask.shape not in shapes:
        raise DataError(
            f"`{path}`, mask in {mask.name!r}, has shape {mask.shape}; give "
            f"{shapes[0]}, {shapes[1]} for all rows, or {shapes[2]} for whole rows."
        )


def is_per_row(
    path: Path, node: Dataset, shape: tuple[int, ...], wanted: str | None
) -> bool:
    """Whether standard deviations are one number a row of data of a shape.

    Raises
    ------
    DataError
        When they may be that or one per sample, or are not what is `wanted`.
    """
    meant = {"row": node.shape == shape[:-1], "sample": node.shape == shape[-1:]}
    start = f"`{path}`, standard deviations {node.name!r} of shape {node.shape}"
    if wanted is not None and not meant[wanted]:
        raise DataError(
            f"{start} are not one per {wanted} of data of shape {shape}; leave "
            "`sigma_per` out, or name another dataset."
        )
    if all(meant.values()) and wanted is None:
        raise DataError(
            f"{start} may be one per row or one per sample of data of shape {shape}; "
            "say which with --sigma-per row or --sigma-per sample "
            '(sigma_per="row" or "sample").'
        )
    return meant["row"] and wanted != "sample"
