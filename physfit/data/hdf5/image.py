"""An image in HDF5: a data set of two dimensions with its axes, as samples.

The axes are those of NXdata (that of the rows first, as `@axes` has them), or scales of
the data set; an axis of bin edges is turned into the bins' middles. Where a file names
none, pixels are counted from 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import as_numbers
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.numbers import (
    check_size,
    dataset_column,
    long_axis,
    middles_of,
    unpacked,
)
from physfit.data.hdf5.nxdata import axes_of, title_of
from physfit.data.hdf5.packing import packing_of
from physfit.data.hdf5.place import Place, member
from physfit.data.image import image_offer, is_image, pixel_axes
from physfit.data.table import Field, LazyColumn, Offer
from physfit.errors import DataError

__all__ = ["holds_image", "offer_of"]


def holds_image(node: h5py.Dataset) -> bool:
    """Whether a data set is a matrix of real numbers that is no table of columns."""
    return node.dtype.kind in "fiu" and is_image(node.shape or ())


def offer_of(place: Place, node: h5py.Dataset, sigma: list[h5py.Dataset]) -> Offer:
    """x, y and the values of an image, with its standard deviations.

    Raises
    ------
    DataError
        When an axis or the standard deviations are of another size, or not complete.
    """
    check_complete(node, place.path)
    offer = image_offer(
        f"{place.path}::{node.name}",
        _pixels(node),
        _axes(place, node),
        "dataset",
        title_of(node),
    )
    for own in sigma:
        if own.shape != node.shape:
            raise DataError(
                f"`{place.path}` has an image of shape {node.shape} at {node.name!r}, "
                f"but {own.name!r} has {own.shape}; give one number for each pixel."
            )
        field = title_of(own)._replace(values=_pixels(own))
        offer = offer._replace(fields=(*offer.fields, field))
    return offer


def _pixels(node: h5py.Dataset) -> LazyColumn:
    """The values, row behind row."""
    numbers, packing = unpacked(node), packing_of(node)

    def read(start: int, stop: int) -> NDArray[Any]:
        check_size(node, Path(node.file.filename), node.size)
        check_chunks(node, tuple(slice(0, n) for n in node.shape))
        return as_numbers(numbers(node[...].ravel()))[start:stop]

    note = f"{node.name} is unpacked: {packing}" if packing.changes else ""
    return LazyColumn(node.size, np.dtype(np.float64), read, note)


def _axes(place: Place, node: h5py.Dataset) -> list[Field]:
    """Of the columns, then of the rows: those that are named, or numbers."""
    axes = pixel_axes(node.shape)
    found = (names for names in axes_of(place.group, node) if any(names))
    names = next((own for own in found if len(own) == 2), ["", ""])
    for k, name in enumerate(reversed(names)):
        if name in ("", "."):
            continue
        axis, n = member(place, name), node.shape[1 - k]
        if not isinstance(axis, h5py.Dataset) or axis.size not in (n, n + 1):
            raise DataError(
                f"`{place.path}` names {name!r} as the axis of {n} "
                f"{('columns', 'rows')[k]}, which has not so many places; correct the "
                "axes of the file."
            )
        column = dataset_column(axis, long_axis(axis.shape))
        is_edges = axis.size == n + 1
        axes[k] = title_of(axis)._replace(
            values=middles_of(column) if is_edges else column
        )
    return axes
