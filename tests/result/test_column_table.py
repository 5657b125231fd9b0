"""Comparisons and studies as tables: a line for each of what they list."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError

X = np.linspace(0.0, 5.0, 12)
Y = 2.0 * X + 1.0 + 0.1 * np.cos(7.0 * X)
LINE = pf.models.Linear()
TRUTH = {"slope": 2.0, "intercept": 1.0}
STUDIES = {
    "compare": lambda: pf.compare(LINE, X, Y, methods=["lm", "scipy:lm"], repeats=1),
    "multistart": lambda: pf.multistart(LINE, X, Y, n_starts=8),
    "rates": lambda: pf.find_rate(LINE, X, Y, method="gd"),
    "landscape": lambda: pf.landscape(LINE, X, Y, over=["slope", "intercept"]),
    "sweep": lambda: pf.sweep(LINE, X, Y, vary={"seed": [1, 2]}, epochs=3),
    "bootstrap": lambda: pf.bootstrap(pf.fit(LINE, X, Y, sigma=0.1), 50),
    "toys": lambda: pf.toys(LINE, X, TRUTH, sigma=0.1, n=50),
}


@pytest.fixture(scope="module", params=STUDIES)
def study(request):
    return STUDIES[request.param]()


def test_a_file_has_the_table_of_pandas_with_all_digits(study, tmp_path):
    """Names, order and numbers; what is not known is empty or nan."""
    frame = study.to_frame()
    study.to_csv(tmp_path / "study.csv")
    with (tmp_path / "study.csv").open(encoding="utf-8") as stream:
        names, *lines = csv.reader(stream)
    assert names == list(frame.columns)
    assert len(lines) == len(frame)
    numbers = frame.select_dtypes(float)
    written = [[float(line[names.index(name)]) for name in numbers] for line in lines]
    np.testing.assert_array_equal(np.array(written), numbers.to_numpy())
    with pytest.raises(InputError, match=r"must end in \.csv"):
        study.to_csv(tmp_path / "study.txt")


def test_lines_are_what_a_study_lists():
    """Methods with their values, quantities with the ends of intervals, points."""
    found = STUDIES["compare"]()
    frame = found.to_frame()
    assert frame["slope"].to_list() == [row.values["slope"] for row in found.rows]
    boot = STUDIES["bootstrap"]()
    low = boot.to_frame().set_index("name")["bca_low"]
    assert low.to_dict() == {name: boot[name].bca[0] for name in boot}
    relief = STUDIES["landscape"]()
    point = relief.to_frame().iloc[5]
    assert point.to_list() == [
        relief.axes[0][0],
        relief.axes[1][5],
        relief.delta_chi2[0, 5],
    ]


def test_a_parameter_may_be_called_as_a_column():
    """Neither takes the other's place."""
    model = pf.formula("cost*x + seconds")
    found = pf.compare(model, X, Y, methods=["lm"], repeats=1)
    frame = found.to_frame()
    assert frame["values_cost"][0] == pytest.approx(2.0, abs=0.1)
    assert frame["cost"][0] == found["lm"].cost
