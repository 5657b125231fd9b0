"""Units as they are written by hand, from the spellings of files."""

from __future__ import annotations

import pytest

from physfit.document.blocks import Table
from physfit.document.latex import as_latex
from physfit.document.unit_text import spelled

SPELLINGS = {
    "1/cm": "cm^-1",
    "1/s^2": "s^-2",
    "cm^-1": "cm^-1",
    "cm**-1": "cm^-1",
    "cm^{-1}": "cm^-1",
    "cm^(-1)": "cm^-1",
    "cm-1": "cm^-1",
    "m2": "m^2",
    "um": "µm",
    "W/m^2/um": "W/m^2/µm",
    "deg": "°",
    "degC": "°C",
    "kOhm": "kΩ",
    "V*Hz^-0.5": "V·Hz^-0.5",
    "V Hz^-1/2": "V Hz^-1/2",
}
#: What is no such spelling stays.
PLAIN = ["counts/s", "a.u.", "%", "V/sqrt(Hz)", "H2O", "level-2", "$x$", "a_1", "cm⁻¹"]
KEPT = {unit: unit for unit in PLAIN}


@pytest.mark.parametrize(("unit", "text"), {**SPELLINGS, **KEPT}.items())
def test_a_unit_is_spelled(unit, text):
    """With its signs, and powers behind a caret; twice is as once."""
    assert spelled(unit) == text
    assert spelled(text) == text


def test_latex_spells_the_units_of_a_table():
    """In the column of units alone, where nothing else can be meant."""
    rows = [("um", "1.5", "um"), ("deg", "2", "1/cm"), ("b", "3", "V Hz^-1/2")]
    table = Table("lrl", {"": rows}, ("", "value", "unit"))
    text = as_latex([table])
    assert r"um & 1.5 & $\mu$m \\" in text
    assert r"deg & 2 & cm$^{-1}$ \\" in text
    assert r"b & 3 & V Hz$^{-1/2}$ \\" in text
