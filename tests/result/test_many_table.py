"""Tables of many rows: no cell is a formula, and names come back."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from physfit import fit_many
from physfit.data.readers import read_table
from physfit.data.row_data import Axis
from physfit.models import Linear

ODD = ["=1+1", "+a", "-2", "@f", "\uff1dx", "a, b", 'say "x" y', "#7", "µ (s)"]


@pytest.mark.parametrize("name", ODD)
def test_a_name_is_no_formula_and_comes_back(tmp_path: Path, name: str) -> None:
    """Programs for tables see text, physfit the same name; numbers are numbers."""
    many = fit_many(Linear(), [0.0, 1.0, 2.0], -np.array([[1.0, 3.1, 4.9]] * 3))
    many.axes[0].values[:] = [-1.0, 0.0, 1.0]
    object.__setattr__(many, "axes", (Axis(name, many.axes[0].values),))
    path = tmp_path / "rows.csv"
    many.to_csv(path)
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert header[0].removeprefix("'") == name
    assert not header[0].startswith(("=", "+", "-", "@", "\uff1d"))
    assert float(rows[0][0]) == -1.0
    table = read_table(path, y="slope")
    unit = f" ({table.x_unit})" if table.x_unit else ""
    assert table.x_label + unit == name
    np.testing.assert_array_equal(table.x, [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(table.y, many.table.theta[:, 0])
