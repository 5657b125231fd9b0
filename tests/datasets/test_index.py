"""What stands in datasets/ is what its index says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import make_datasets
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from physfit.data.readers import read_table


def numbers(path: Path) -> np.ndarray:
    """Read a table with plain numpy: a row for each sample."""
    with path.open(encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    return np.loadtxt(lines[1:], delimiter=",", ndmin=2)


def test_checksum_is_that_of_the_file(file: dict[str, Any], datasets: Path) -> None:
    """No file has changed since the index was written."""
    content = (datasets / file["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_file_opens_with_plain_tools(file: dict[str, Any], datasets: Path) -> None:
    """numpy, h5py or json read each file, and find the columns that are listed."""
    path = datasets / file["path"]
    if path.suffix == ".csv":
        table = numbers(path)
        assert table.shape[1] == len(file["columns"])
        assert np.isfinite(table).all()
    elif path.suffix == ".h5":
        with h5py.File(path) as stored:
            shapes = {f"/{name}": list(array.shape) for name, array in stored.items()}
        assert shapes == {array["path"]: array["shape"] for array in file["arrays"]}
    else:
        assert json.loads(path.read_text(encoding="utf-8"))


def test_every_file_is_listed(index: list[dict[str, Any]], datasets: Path) -> None:
    """The folder holds what the index lists, its texts and its licences, no more."""
    listed = {file["path"] for entry in index for file in entry["files"]}
    listed |= {entry["licence_file"] for entry in index} - {"../LICENSE"}
    listed |= {"index.json", "README.md"}
    found = {
        str(path.relative_to(datasets))
        for path in datasets.rglob("*")
        if path.is_file()
    }
    assert found == listed


def test_licence_is_there(entry: dict[str, Any], datasets: Path) -> None:
    """Each set names its source, its licence, and a file with the licence's text."""
    assert entry["source"]
    assert entry["licence"] in {"MIT", "BSD-3-Clause", "public domain"}
    text = (datasets / entry["licence_file"]).read_text(encoding="utf-8")
    mark = {
        "MIT": "Permission is hereby granted, free of charge",
        "BSD-3-Clause": "Redistribution and use in source and binary forms",
        "public domain": "not subject to copyright",
    }[entry["licence"]]
    assert mark in " ".join(text.split())


def test_readme_is_written_from_the_recipes(datasets: Path) -> None:
    """README.md is the text that the script writes."""
    text = (datasets / "README.md").read_text(encoding="utf-8")
    assert text == make_datasets.readme(datasets)


def test_reader_takes_the_declared_columns(
    fit: dict[str, Any], index: list[dict[str, Any]], datasets: Path
) -> None:
    """`read_table` finds x, y and sigma by the names in the index."""
    path = datasets / fit["file"]
    listed = {file["path"]: file for entry in index for file in entry["files"]}
    names = [column["name"] for column in listed[fit["file"]]["columns"]]
    columns = dict(zip(names, numbers(path).T, strict=True))
    columns["real,imaginary"] = columns.get("real", 0) + 1j * columns.get(
        "imaginary", 0
    )
    table = read_table(path, fit["x"], fit["y"], fit.get("sigma"))
    assert_array_equal(table.x, columns[fit["x"]])
    assert_array_equal(table.y, columns[fit["y"]])
    if "sigma" in fit:
        assert_array_equal(table.sigma, columns[fit["sigma"]])
    else:
        assert table.sigma is None


@pytest.mark.parametrize(
    ("name", "x_unit", "y_unit"),
    [
        ("silicon_raman.csv", "1/cm", "counts"),
        ("ringdown.csv", "s", "um"),
        ("eu152_gamma.csv", "", "counts"),
    ],
)
def test_reader_needs_no_column_names(
    name: str, x_unit: str, y_unit: str, datasets: Path
) -> None:
    """Left to itself, `read_table` takes the first columns with their units."""
    table = read_table(datasets / name)
    assert (table.x_unit, table.y_unit) == (x_unit, y_unit)
    assert_array_equal(table.y, numbers(datasets / name)[:, 1])
