"""Parameters of a fit as a table of pandas, and as CSV."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import physfit as pf
from physfit.errors import DataError, InputError
from physfit.models import Constant, Gaussian

X = np.linspace(0.0, 10.0, 60)
MODEL = (Gaussian("a_") + Gaussian("b_") + Constant()).where(
    b_sigma=pf.tie("2 * a_sigma"), c=pf.fixed(0.1), a_center=pf.bounds(0.0, 5.0)
)
TRUTH = {"a_amplitude": 3.0, "a_center": 3.0, "a_sigma": 0.6}
TRUTH |= {"b_amplitude": 2.0, "b_center": 7.0}


@pytest.fixture(scope="module")
def result():
    """Free, bounded, tied, fixed and derived quantities, some with a start."""
    y = MODEL(X, **TRUTH) + 0.02 * np.random.default_rng(5).normal(size=60)
    return pf.fit(MODEL, X, y, sigma=0.02, units=("=s", "V, rms"), start=TRUTH)


def test_a_frame_has_what_the_estimates_have(result):
    """A line for each, in the order of the report."""
    frame = result.to_frame()
    assert list(frame.index) == [*result.names, *result.derived]
    for field in ("value", "stderr", "lower", "upper"):
        known = [getattr(result[name], field) for name in frame.index]
        np.testing.assert_array_equal(frame[field], known)
    assert list(frame["note"]) == [result[name].note for name in frame.index]
    assert list(frame["unit"]) == [result[name].unit for name in frame.index]
    assert set(frame.index[frame["is_derived"]]) == set(result.derived)
    assert np.isnan(frame.loc["b_sigma", "start"])
    assert frame.loc["a_center", "start"] == 3.0


def test_a_file_is_the_frame(result, tmp_path):
    """All digits; texts that a spreadsheet would take for a formula are marked."""
    result.to_csv(tmp_path / "fit.csv")
    read = pd.read_csv(tmp_path / "fit.csv", index_col="name", keep_default_na=False)
    frame = result.to_frame()
    numbers = ["value", "stderr", "lower", "upper", "start"]
    np.testing.assert_array_equal(read[numbers].astype(float), frame[numbers])
    assert list(read["is_derived"]) == list(frame["is_derived"])
    assert read.loc["b_sigma", "note"] == "'= 2 * a_sigma"
    assert [unit.lstrip("'") for unit in read["unit"]] == list(frame["unit"])


def test_no_file_is_replaced_without_a_word(result, tmp_path):
    """Nor written over the data, nor with another suffix."""
    path = tmp_path / "fit.csv"
    result.to_csv(path)
    with pytest.raises(DataError, match="exists"):
        result.to_csv(path)
    result.to_csv(path, overwrite=True)
    with pytest.raises(InputError, match=r"must end in \.csv"):
        result.to_csv(tmp_path / "fit.txt")
    of_file = pf.fit(Constant(), X, X, source=str(path))
    with pytest.raises(InputError, match="would replace the data file"):
        of_file.to_csv(path, overwrite=True)


def test_without_pandas_one_sentence_says_so(result, tmp_path, monkeypatch):
    """A file is written all the same."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="a table needs pandas; run `pip install"):
        result.to_frame()
    result.to_csv(tmp_path / "fit.csv")


def test_a_table_for_a_paper_has_values_errors_and_units_alone(result):
    """Rounded as in the report, with what is derived, and nothing else of it."""
    table, report = result.to_latex(), result.report("latex")
    titles, *lines = [line[:-3] for line in table.splitlines() if " & " in line]
    assert titles == r" & value $\pm$ stderr & unit"
    cells = [line.split(" & ") for line in lines]
    names = [name.replace(r"\_", "_") for name, *_ in cells]
    assert names == [*result.names, *result.derived]
    assert all(f"{name} & {value} & " in report for name, value, _ in cells)
    assert "given" not in table
