"""Places in an HDF5 file as it was opened, wherever its links lead."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from physfit.errors import DataError, did_you_mean

__all__ = ["Place", "contents_of", "is_number", "member", "refuse_scaled"]


class Place(NamedTuple):
    """A group of an open file, and where it stands.

    A link may lead to another file, whose nodes name that file and their places in it.
    So places are kept here, as those in the file that was opened.
    """

    group: h5py.Group
    path: Path
    root: h5py.Group
    name: str = "/"

    def at(self, key: str) -> str:
        """The place of a member, from the root of the file."""
        return posixpath.normpath(posixpath.join(self.name, key))

    def top(self) -> Place:
        """The root of the file."""
        return self._replace(group=self.root, name="/")

    def around(self, name: str) -> Place:
        """The group that holds what stands at `name`."""
        parent = posixpath.dirname(name)
        return self._replace(group=self.root.get(parent), name=parent)


def member(place: Place, name: str) -> h5py.Group | h5py.Dataset:
    """What stands at `name` in a group; a sentence with its neighbours if nothing."""
    if name == "/":
        return place.root
    start = place.root if name.startswith("/") else place.group
    node = start.get(name)
    if node is not None:
        return node
    parent = start
    for part in name.strip("/").split("/"):
        child = parent.get(part) if isinstance(parent, h5py.Group) else None
        if child is None:
            break
        parent = child
    link = parent.get(part, getlink=True) if isinstance(parent, h5py.Group) else None
    if isinstance(link, h5py.ExternalLink):
        raise DataError(
            f"`{place.path}` has a link at {name!r} to {link.path!r} of "
            f"`{link.filename}`, which is not there; put it there, or name another."
        )
    if isinstance(parent, h5py.Dataset):
        raise DataError(
            f"`{place.path}` has no {name!r}: {parent.name!r} is a dataset, with "
            "nothing inside; end the path there."
        )
    raise DataError(
        f"`{place.path}` has no {name!r}: {parent.name!r} has no {part!r}; "
        f"{did_you_mean(part, parent.keys())}"
    )


def refuse_scaled(place: Place, key: str) -> None:
    """Refuse a dataset beside which NXdata keeps a factor or an offset of it.

    Raises
    ------
    DataError
        Readers of NeXus do not agree in which order the two are applied.
    """
    is_nexus = "NX_class" in place.group.attrs
    for word, nothing in (("scaling_factor", 1.0), ("offset", 0.0)):
        for name in (f"{key}_{word}", *([word] if is_nexus else ())):
            node = place.root.get(place.at(name))
            is_one = isinstance(node, h5py.Dataset) and node.size == 1
            if is_one and not is_number(node[()], nothing):
                raise DataError(
                    f"`{place.path}` has {place.at(name)!r}, which says that the "
                    f"numbers of {key!r} are others than those that are stored; store "
                    "them as they are meant."
                )


def is_number(value: Any, number: float) -> bool:
    """Whether what a file holds is this number, alone or in an array."""
    held = np.asarray(value)
    return held.dtype.kind in "fiu" and held.size == 1 and held.item() == number


def contents_of(group: h5py.Group) -> str:
    """What stands in a group, in words."""
    names = [
        f"{name}/" if isinstance(group.get(name), h5py.Group) else name
        for name in group
    ]
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return shown or "nothing"
