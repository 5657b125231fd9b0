"""Files beside the one that was opened, from which HDF5 takes values of datasets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from physfit.data.hdf5_guard import referenced_files
from physfit.data.hdf5_names import named_files

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
    for path in named_files(dataset.file, holder, dataset):
        yield path
        yield from referenced_files(path)
