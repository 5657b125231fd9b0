"""Places in an HDF5 file as it was opened, and the files that it names.

Links may lead to other files; numbers may stand in others, as sources of virtual data
sets or as raw data. Those are sought where the library looks for them.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import h5py

from physfit.errors import DataError, did_you_mean

__all__ = ["Place", "contents_of", "files_of", "is_numbered"]
__all__ += [
    "linked_files",
    "member",
    "nodes_below",
    "raw_place",
    "source_files",
]
__all__ += ["source_places"]


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


def nodes_below(group: h5py.Group) -> dict[str, h5py.Group | h5py.Dataset]:
    """Groups and datasets below a group, by their places in it; links are left out."""
    nodes: dict[str, h5py.Group | h5py.Dataset] = {}
    group.visititems(nodes.__setitem__)
    return nodes


def contents_of(group: h5py.Group) -> str:
    """What stands in a group, in words."""
    names = [
        f"{name}/" if isinstance(group.get(name), h5py.Group) else name
        for name in group
    ]
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return shown or "nothing"


# ---------------------------------------------------------- files that a file names
def linked_files(file: h5py.Group, path: Path) -> list[Path]:
    """Files that external links of an open file lead to."""
    files: list[Path] = []

    def note(_: str, link: Any) -> None:
        if isinstance(link, h5py.ExternalLink):
            files.append(_place_of(path, link.filename))

    file.visititems_links(note)
    return files


def source_files(path: Path, node: h5py.Dataset) -> Iterator[Path]:
    """Other files that the numbers of a data set stand in."""
    for source in node.virtual_sources() if node.is_virtual else ():
        yield from (place for place, _ in source_places(path, source) if place != path)
    for name, _, _ in node.external or ():
        yield raw_place(name)


def files_of(*datasets: h5py.Dataset | None) -> list[Path]:
    """Files that are there and hold data sets, or numbers that they draw on."""
    paths: list[Path] = []
    for node in datasets:
        if isinstance(node, h5py.Dataset):
            holder = Path(os.fsdecode(node.file.filename))
            paths += [holder, *source_files(holder, node)]
    return [path for path in paths if path.is_file()]


def is_numbered(source: Any) -> bool:
    """Whether a source stands for a series of them, with numbers in their names."""
    return "%b" in source.file_name or "%b" in source.dset_name


def source_places(path: Path, source: Any) -> Iterator[tuple[Path, str]]:
    """File and data set of a source; of a numbered one all from 0 that are there."""
    name, inside = source.file_name, source.dset_name
    if "%b" not in name:
        yield path if name == "." else _place_of(path, name), inside.replace("%b", "0")
    else:
        for k in count():
            place = _place_of(path, name.replace("%b", str(k)))
            if k > 0 and not place.exists():
                break
            yield place, inside.replace("%b", str(k))


def _place_of(path: Path, name: str) -> Path:
    """Where the library looks for a file that another one names."""
    places = (path.parent / name, Path(name), path.parent / Path(name).name)
    return next((place for place in places if place.exists()), places[0])


def raw_place(name: str) -> Path:
    """Where it looks for raw data: from the current directory."""
    return Path(os.environ.get("HDF5_EXTFILE_PREFIX", "")) / name
