"""Units of parameters as text."""

from __future__ import annotations

import pytest

from physfit.errors import ModelError
from physfit.models.units import resolve_unit


@pytest.mark.parametrize(
    ("unit", "x", "y", "text"),
    [
        ("x", "cm⁻¹", "counts", "cm⁻¹"),
        ("x", "cm^-1", "counts", "cm^-1"),
        ("y*x", "cm⁻¹", "counts", "counts cm⁻¹"),
        ("1/x", "s", "", "1/s"),
        ("1/x", "cm⁻¹", "", "cm"),
        ("1/x", "1/cm", "", "cm"),
        ("1/x", "cm^-1", "", "cm"),
        ("1/x", "m/s", "", "1/(m/s)"),
        ("y/x", "s", "V", "V/s"),
        ("y/x**2", "s", "V", "V/s²"),
        ("y/x**2", "m²", "V", "V/m⁴"),
        ("y*x", "V", "V", "V²"),
        ("y/x", "s", "s", ""),
        ("y/x", "s", "1", "1/s"),
        ("y", "s", "counts per s", "counts per s"),
        ("y*x", "µm", "°C", "°C µm"),
        ("x", "1/cm", "counts", "1/cm"),
        ("y*x", "1/cm", "counts", "counts/cm"),
        ("y/x", "1/cm", "counts", "counts cm"),
        ("1/x", "1/s", "", "s"),
        ("y/x", "s", "1/V", "1/(V s)"),
        ("y*x", "1/cm", "1/cm", "1/cm²"),
        ("y/x", "s", "m/s", "(m/s)/s"),
        ("y*x", "cm^-1", "counts per s", "(counts per s) cm^-1"),
        ("y*x", "", "V", ""),
        ("y*x", "s", "", ""),
        ("", "s", "V", ""),
        ("'rad'", "s", "V", "rad"),
    ],
)
def test_units_of_the_data_give_units_of_parameters(unit, x, y, text):
    """Powers of simple units merge, other texts stay whole, unknown stays unknown."""
    assert resolve_unit(unit, x, y) == text


@pytest.mark.parametrize("unit", ["z", "x+y", "x**y", "2*x", "x y"])
def test_other_units_are_refused(unit):
    """A unit expression that is none is an error that shows how to write one."""
    with pytest.raises(ModelError, match=r"'y\*x'"):
        resolve_unit(unit, "s", "V")
