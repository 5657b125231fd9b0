"""Files beside the one that was opened, from which HDF5 takes values of datasets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["files_of"]

Dataset: TypeAlias = Any  # h5py has no annotations


def files_of(*datasets: Dataset | None) -> list[Path]:
    """Files that hold datasets, their virtual sources, or their external storage."""
    return [
        path
        for dataset in datasets
        if hasattr(dataset, "file")
        for path in _files(dataset)
        if path.is_file()
    ]


def _files(dataset: Dataset) -> Iterator[Path]:
    holder = Path(os.fsdecode(dataset.file.filename))
    yield holder
    names = [name for name, *_ in dataset.external or ()]
    if dataset.is_virtual:
        names += [own.file_name for own in dataset.virtual_sources()]
    for name in names:
        if name != ".":  # the library looks beside the file, and where the process is
            yield holder.parent / name
            yield Path(name)
