"""Results of many rows as files of other programs: the same bits come back."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import physfit as pf
from physfit.errors import DataError, InputError
from physfit.result import many_export
from physfit.result.many_export import WRITERS, export_many

X = np.linspace(-4.0, 4.0, 24)
#: Columns behind those of the quantities.
QUALITY = ["chi2", "reduced_chi2", "dof", "p_value", "n_samples", "converged"]
QUALITY += ["status", "retry_stage", "n_steps"]


@pytest.fixture(scope="module")
def many() -> pf.ManyResult:
    """A map with a dead pixel, a tie, a fixed parameter and derived quantities."""
    model = pf.models.Gaussian() + pf.models.Linear()
    model = model.where(slope=pf.fixed(0.25))
    centers = np.linspace(-1.0, 1.0, 12).reshape(3, 4)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 0.25 * X + 2.0
    y += np.random.default_rng(5).normal(size=y.shape)
    y[1, 2] = np.nan
    return pf.fit_many(model, X, y, sigma=1.0, units=("1/cm", "counts"))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """More than one block, the last of them not full."""
    monkeypatch.setattr(many_export, "BLOCK", 5)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal columns in equal order, number for number; words as text."""
    assert [*found] == [*expected]
    for name, values in expected.items():
        own = found[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            own, values = own.astype(str), values.astype(str)
        np.testing.assert_array_equal(own.to_numpy(), values.to_numpy(), name)


def test_names_are_those_of_pandas(many):
    """Places, quantities with NAME_stderr, a fixed one without, quality."""
    names = [*many.to_frame()]
    assert names[:5] == ["y", "x", "amplitude", "amplitude_stderr", "center"]
    assert "slope" in names
    assert "slope_stderr" not in names
    assert {"height_stderr", "fwhm"} < {*names}
    assert names[-len(QUALITY) :] == QUALITY


def test_csv_comes_back(many, tmp_path: Path):
    """With all digits, statuses in words; a row without a fit has NaN."""
    path = tmp_path / "maps.csv"
    many.to_csv(path)
    assert_same(pd.read_csv(path), many.to_frame())
    assert path.read_text().splitlines()[7].split(",")[-3] == "too_few"
    table = pf.read_table(path, x="y", y="center", sigma="center_stderr")
    np.testing.assert_array_equal(table.y, many["center"].value.ravel())


def test_parquet_comes_back_with_units(many, tmp_path: Path):
    """And with what was fitted."""
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "maps.parquet"
    many.to_parquet(path)
    assert_same(pd.read_parquet(path), many.to_frame())
    schema = parquet.read_schema(path)
    about = json.loads(schema.metadata[b"physfit"])
    assert about["model"] == "gaussian + linear"
    assert schema.field("center_stderr").metadata == {b"units": b"1/cm"}


def test_an_archive_has_maps(many, tmp_path: Path):
    """In their shape, with the axes, and metadata without pickles."""
    path = tmp_path / "maps.npz"
    many.to_npz(path)
    frame = many.to_frame()
    with np.load(path) as found:
        about = json.loads(str(found["metadata"]))
        np.testing.assert_array_equal(found["y"], [0.0, 1.0, 2.0])
        assert found["status"].shape == (3, 4)
        for name in frame.columns.difference(["y", "x", "status", "retry_stage"]):
            np.testing.assert_array_equal(found[name].ravel(), frame[name])
        words = [about["status"][str(own)] for own in found["status"].ravel()]
    assert words == frame["status"].tolist()
    assert about["axes"] == ["y", "x"]
    assert about["units"]["sigma"] == "1/cm"


def test_netcdf_has_axes_units_and_flags(many, tmp_path: Path):
    """As xarray reads them."""
    path = tmp_path / "maps.nc"
    many.to_netcdf(path)
    with xr.open_dataset(path, engine="h5netcdf") as found:
        xr.testing.assert_identical(found.load(), many.to_xarray())
        assert found.center.dims == ("y", "x")
        assert found.center.attrs["ancillary_variables"] == "center_stderr"
        np.testing.assert_array_equal(found.center, many["center"].value)
        flags = dict(
            zip(
                found.status.attrs["flag_values"],
                found.status.attrs["flag_meanings"].split(),
                strict=True,
            )
        )
        assert flags[int(found.status[1, 2])] == "too_few"


def test_a_parameter_hides_no_column(tmp_path: Path):
    """Named as how the fit went, or as an error is."""
    model = pf.formula("chi2*x + status + status_stderr*x**2", x="x")
    rows = np.add.outer(np.arange(3.0), X**2)
    many = pf.fit_many(model, X, rows, start={"chi2": 0.1})
    frame = many.to_frame()
    np.testing.assert_array_equal(frame["chi2"], many["chi2"].value)
    np.testing.assert_array_equal(frame["chi2_of_fit"], many.chi2)
    np.testing.assert_array_equal(frame["status_stderr"], many["status_stderr"].value)
    errors = frame["status_stderr_of_fit"]
    np.testing.assert_array_equal(errors, many["status"].stderr)
    assert set(frame["status_of_fit"]) <= {"ftol", "xtol", "gtol", "exact"}
    many.to_csv(tmp_path / "odd.csv")
    assert_same(pd.read_csv(tmp_path / "odd.csv"), frame)


@pytest.mark.parametrize("suffix", WRITERS)
def test_an_existing_file_stays(many, tmp_path: Path, suffix):
    """Unless it may be replaced."""
    path = tmp_path / f"maps{suffix}"
    path.write_text("kept")
    with pytest.raises(DataError, match="exists"):
        export_many(many, path)
    assert path.read_text() == "kept"
    export_many(many, path, overwrite=True)
    assert path.stat().st_size > 100
    assert [own.name for own in tmp_path.iterdir()] == [path.name]


def test_another_suffix_is_one_sentence(many, tmp_path: Path):
    """Those that are known are named."""
    with pytest.raises(InputError, match=r"must end in \.csv, \.parquet, \.npz or \.n"):
        export_many(many, tmp_path / "maps.xls")
    with pytest.raises(InputError, match=r"must end in \.csv; there is a method"):
        many.to_csv(tmp_path / "maps.nc")


def test_rows_that_have_not_been_run_are_refused(many, tmp_path: Path):
    """A job under way is no result."""
    table = many.table._replace(status=many.table.status.copy())
    table.status[7:] = pf.Status.RUNNING
    many = replace(many, table=table)
    with pytest.raises(InputError, match="not finished: 5 of 12 rows"):
        many.to_npz(tmp_path / "maps.npz")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("suffix", "package", "words"),
    [
        (
            ".parquet",
            "pyarrow",
            r"Parquet needs pyarrow; run `pip install .*\[tables\]",
        ),
        (".nc", "h5netcdf", r"netCDF needs xarray and h5netcdf; run .*\[netcdf\]"),
    ],
)
def test_a_missing_package_is_one_sentence(
    many, tmp_path: Path, monkeypatch, suffix, package, words
):
    """It says what installs it, and leaves no file."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=words):
        export_many(many, tmp_path / f"maps{suffix}")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
def test_counts_are_exported_without_their_data(tmp_path: Path, suffix):
    """The same columns whether the data are at hand or not."""
    rows = np.random.default_rng(1).poisson(20.0, (4, 24)).astype(float)
    many = pf.fit_many(pf.models.Linear(), X, rows, loss="poisson")
    assert many.p_value is not None
    export_many(many, tmp_path / f"with{suffix}")
    export_many(replace(many, data=None), tmp_path / f"without{suffix}")
    files = [
        (tmp_path / f"{name}{suffix}").stat().st_size for name in ("with", "without")
    ]
    assert files[0] == files[1]
