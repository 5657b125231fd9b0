"""Where the HDF5 library looks for the files that an open file names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import h5py

__all__ = ["files_of", "is_numbered", "linked_files", "raw_place", "source_files"]
__all__ += ["source_places"]


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
