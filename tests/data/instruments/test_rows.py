"""Spectra of a file of an instrument, fitted one by one."""

from __future__ import annotations

import numpy as np
import pytest
from instrument_files import (
    X,
    Y,
    opus_absorbance,
    spc,
    wdf,
    workbook,
    xrdml,
    xrdml_scan,
)
from numpy.testing import assert_allclose

import physfit as pf
from physfit.data.row_source import open_rows
from physfit.errors import DataError

ROW, COLUMN = np.meshgrid(np.arange(3.0), np.arange(4.0), indexing="ij")
CENTERS = 436.0 + 2.0 * ROW + COLUMN
MAP = [100.0 + 900.0 * np.exp(-0.5 * ((X - c) / 8.0) ** 2) for c in CENTERS.ravel()]


def written(tmp_path, content: bytes, name: str = "map.wdf"):
    """Path of a file."""
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_map_has_its_shape_and_places(tmp_path):
    """Points that follow one another as a grid become axes."""
    places = (0.5 * COLUMN.ravel(), ROW.ravel())
    path = written(tmp_path, wdf(MAP, x=X, places=places))
    many = pf.fit_many(pf.models.Gaussian() + pf.models.Constant(), path)
    assert_allclose(many["center"].value, CENTERS, atol=1e-3)
    assert [axis.name for axis in many.axes] == ["y", "x"]
    assert_allclose(many.axes[1].values, 0.5 * np.arange(4.0))
    assert many.axes[1].unit == "um"


def test_a_map_may_be_measured_along_y(tmp_path):
    """The axis that changes at once comes last, whatever it is called."""
    places = (ROW.ravel(), 0.5 * COLUMN.ravel())
    source = open_rows(written(tmp_path, wdf(MAP, x=X, places=places)))
    assert [axis.name for axis in source.axes] == ["x", "y"]
    assert source.shape == (3, 4)
    source.close()


def test_points_that_are_no_grid_are_counted(tmp_path):
    """A line that goes there and back has rows, not a map."""
    there_and_back = np.where(ROW % 2, 3.0 - COLUMN, COLUMN).ravel()
    path = written(tmp_path, wdf(MAP, x=X, places=(there_and_back, ROW.ravel())))
    source = open_rows(path)
    assert source.shape == (12,)
    assert_allclose(source.read(0, 12).y, MAP, rtol=1e-6)
    source.close()


def test_rows_keep_their_coordinate_and_units(tmp_path):
    """z of SPC is the axis of the rows."""
    labels = b"Shift (cm-1)\0I (counts)\0T (K)\0"
    source = open_rows(written(tmp_path, spc(MAP, labels=labels), "a.spc"))
    assert (source.axes[0].name, source.axes[0].unit) == ("T", "K")
    assert (source.x_label, source.x_unit, source.y_unit) == ("Shift", "cm-1", "counts")
    source.close()


def test_scans_of_another_quantity_are_left_out(tmp_path):
    """An interferogram is no row beside spectra, which is said."""
    source = open_rows(written(tmp_path, opus_absorbance(), "a.0"))
    assert_allclose(source.read(0, 1).y, [Y])
    assert source.remarks == ("2 of 3 scans are of another quantity",)
    source.close()


def test_factors_of_any_row_are_said(tmp_path):
    """Not those of the first alone."""
    factors = f"<beamAttenuationFactors>{'10 ' * 40}</beamAttenuationFactors>"
    data = xrdml(xrdml_scan(), xrdml_scan(more=factors)).encode()
    source = open_rows(written(tmp_path, data, "a.xrdml"))
    assert "counts times attenuation factors 10" in source.remarks
    assert_allclose(source.read(0, 2).y, [Y, 10 * Y])
    source.close()


def test_a_workbook_is_no_file_of_rows(tmp_path):
    """Which is said, with what to give."""
    path = written(tmp_path, workbook({"A": [[1.0, 2.0], [3.0, 4.0]]}), "a.xlsx")
    with pytest.raises(DataError, match="not read by rows; give the array as"):
        open_rows(path)


def test_rows_over_different_x_are_refused(tmp_path):
    """Rows have one x; a file where each has its own says so."""
    flags = 1 << 3  # Multitrack: a list of x for each
    data = wdf(MAP[:2], x=np.concatenate([X, X + 1.0]), flags=flags)
    with pytest.raises(DataError, match="another x in scan 1"):
        open_rows(written(tmp_path, data))
