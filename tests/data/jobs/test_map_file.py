"""Files of maps, filled by ranges of rows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.jobs.map_file import MapFrame, new_maps
from physfit.data.jobs.map_reader import opened_maps
from physfit.data.jobs.map_rows import DERIVED, QUALITY
from physfit.data.row_data import Axis

SHAPE = (3, 5)
N = 15
JOB = {
    "model": {},
    "free_names": ["a", "b"],
    "loss": "chi2",
    "is_absolute": True,
    "about": {
        **dict.fromkeys(("x_label", "x_unit", "y_label", "y_unit", "source"), ""),
        "created": 0.0,
    },
}


def columns() -> dict[str, np.ndarray]:
    """Columns of a table of two parameters, in which few numbers agree."""
    rng = np.random.default_rng(8)
    kinds = {**QUALITY, **DERIVED}
    table = {name: rng.integers(1, 5, N).astype(own) for name, own in kinds.items()}
    table["theta"], table["stderr"] = rng.normal(size=(2, N, 2))
    table["at_bound"] = rng.integers(-1, 2, (N, 2)).astype("i1")
    return {**table, "covariance": rng.normal(size=(N, 3))}


@pytest.mark.parametrize(
    "cuts", [(0, N), (0, 5, 10, N), (0, 2, 3, 9, 14, N)], ids=["one", "lines", "odd"]
)
def test_rows_come_back_whatever_the_pieces(tmp_path: Path, cuts: tuple[int, ...]):
    """Last piece first, cut within lines of the map or along them."""
    axes = Axis("y", np.arange(3.0)), Axis("x", np.arange(5.0))
    path, table = tmp_path / "maps.h5", columns()
    with new_maps(path, MapFrame(JOB, axes, ("a", "b"), ("", "m"))) as maps:
        pieces = list(pairwise(cuts))
        for start, stop in reversed(pieces):
            maps.write(start, {name: own[start:stop] for name, own in table.items()})
    with opened_maps(path) as read:
        found = read.columns()
        assert [axis.name for axis in read.axes] == ["y", "x"]
    assert all((own == table[name]).all() for name, own in found.items())
    with h5py.File(path) as file:
        errors = file["entry/b/b_errors"]
        assert errors.shape == SHAPE
        assert errors.attrs["units"] == "m"
        assert (errors[()].ravel() == table["stderr"][:, 1]).all()


NAMES = {
    "as a parameter": ("a", "x"),
    "as an error": ("b_errors", "x"),
    "as a group": ("quality", "job"),
    "as a map of quality": ("status", "chi2"),
    "twice": ("x", "x"),
    "as a path": ("force / area", "../up"),
    "as no axis": (".", ""),
    "in Greek": ("Θ", "λ\0"),
}


@pytest.mark.parametrize("name", NAMES)
def test_axes_may_be_called_anything(tmp_path: Path, name: str):
    """They come back by their names, and a viewer finds each where @axes says."""
    rows, line = NAMES[name]
    axes = Axis(rows, np.arange(3.0), "m"), Axis(line.replace("\0", ""), np.arange(5.0))
    path, table = tmp_path / "maps.h5", columns()
    with new_maps(path, MapFrame(JOB, axes, ("a", "b"), ("", "m"))) as maps:
        maps.write(0, table)
    with opened_maps(path) as stored:
        read, read_axes = stored.columns(), stored.axes
    assert [(own.name, own.unit, len(own.values)) for own in read_axes] == [
        (rows, "m", 3),
        (line.replace("\0", ""), "", 5),
    ]
    np.testing.assert_array_equal(read["theta"], table["theta"])
    with h5py.File(path) as file:
        group = file["entry/a"]
        shapes = [group[own].shape for own in group.attrs["axes"]]
    assert shapes == [(3,), (5,)]


@pytest.mark.parametrize("name", ["job", "axes", "quality", "covariance", "digests"])
def test_parameters_may_be_called_as_what_stands_beside_them(tmp_path: Path, name: str):
    """Their group is another, and the default of the file leads to it."""
    axes = (Axis("row", np.arange(float(N))),)
    path, table = tmp_path / "maps.h5", columns()
    job = {**JOB, "free_names": [name, "b"]}
    with new_maps(path, MapFrame(job, axes, (name, "b"), ("", "m"))) as maps:
        maps.write(0, table)
    with opened_maps(path) as read:
        np.testing.assert_array_equal(read.columns()["theta"], table["theta"])
    with h5py.File(path) as file:
        group = file["entry"][file["entry"].attrs["default"]]
        np.testing.assert_array_equal(
            group[group.attrs["signal"]], table["theta"][:, 0]
        )
