"""Which dataset is x of rows where nothing in the file says so.

The only dataset beside the rows that has as many numbers as a row is x; of several, or
of one that may as well run along the rows, the caller must name one. The numbers of the
samples are x only where no dataset of the file can be.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

import h5py

from physfit.data.hdf5.place import Place, nodes_below
from physfit.data.headings import error_of
from physfit.errors import DataError

__all__ = ["x_beside"]

#: Datasets that are named in a sentence.
_SHOWN = 8


def x_beside(
    place: Place, y: h5py.Dataset, axes: list[str], others: Collection[str]
) -> h5py.Dataset | None:
    """The dataset that can only be x of the rows y; None if no dataset can be.

    Parameters
    ----------
    place : Place
        The group of y.
    y : h5py.Dataset
    axes : list of str
        Names of the axes of y, "" or "." of those that have none.
    others : collection of str
        Datasets of the group that are something else.

    Raises
    ------
    DataError
        When several can be, or one that may be something else.
    """
    others = {*others, *axes}
    near = (node for name, node in [*place.group.items()] if name not in others)
    beside = _candidates(near, y)
    nameless = {
        size
        for size, name in zip(y.shape[:-1], axes[:-1], strict=True)
        if name in ("", ".")
    }
    is_along_rows = any(node.size in nameless for node in beside)
    if len(beside) == 1 and not is_along_rows:
        return beside[0]
    named = {place.at(name) for name in others}
    anywhere = ((f"/{at}", node) for at, node in nodes_below(place.root).items())
    beside = beside or _candidates((n for at, n in anywhere if at not in named), y)
    if not beside:
        return None
    shown = ", ".join(node.name for node in beside[:_SHOWN])
    shown += ", ..." if len(beside) > _SHOWN else ""
    raise DataError(
        f"`{place.path}` does not say what x of {y.name!r} is, whose rows have "
        f"{y.shape[-1]} samples; it may be {shown}: name one with --x (in Python "
        'pf.fit_many(model, "FILE", x="NAME")), or none to count samples.'
    )


def _candidates(nodes: Iterable[object], y: h5py.Dataset) -> list[h5py.Dataset]:
    """Columns of as many real numbers as a row of y has, or else of one more."""
    columns = [
        node
        for node in nodes
        if isinstance(node, h5py.Dataset)
        and node.dtype.kind in "fiu"
        and h5py.check_enum_dtype(node.dtype) is None
        and node.shape in ((y.shape[-1],), (y.shape[-1] + 1,))
        and not _is_error(node, y)
    ]
    points = [node for node in columns if node.size == y.shape[-1]]
    return points or columns


def _is_error(node: h5py.Dataset, y: h5py.Dataset) -> bool:
    """Whether a dataset is called like the standard deviations of y, or of no one."""
    name = posixpath.basename(y.name).lower()
    stems = error_of(posixpath.basename(node.name)) or set()
    return bool(stems & {"", "y", name})
