"""Files of maps, filled by ranges of rows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.map_file import MapFrame, MapWriter, read_map
from physfit.data.map_rows import DERIVED, QUALITY
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
    """Columns of a table of two parameters in which every number differs."""
    rng = np.random.default_rng(8)
    kinds = {**QUALITY, **DERIVED}
    table = {name: rng.integers(1, 99, N).astype(own) for name, own in kinds.items()}
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
    with MapWriter(path, MapFrame(JOB, axes, ("a", "b"), ("", "m"))) as writer:
        pieces = list(pairwise(cuts))
        for start, stop in reversed(pieces):
            writer.write(start, {name: own[start:stop] for name, own in table.items()})
    _, found_axes, found = read_map(path)
    assert [own.name for own in found_axes] == ["y", "x"]
    assert all((own == table[name]).all() for name, own in found.items())
    with h5py.File(path) as file:
        errors = file["entry/b/b_errors"]
        assert errors.shape == SHAPE
        assert errors.attrs["units"] == "m"
        assert (errors[()].ravel() == table["stderr"][:, 1]).all()
