"""Touchstone files: what network analysers write."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError

F = np.array([4.0, 5.0, 6.0])
S = {
    (1, 1): np.array([0.5 - 0.25j, -0.5 + 0.1j, 0.3 + 0.3j]),
    (1, 2): np.array([0.1 - 0.2j, 0.2 + 0.1j, 0.3j]),
    (2, 1): np.array([0.9 + 0.1j, -0.8j, -0.7 + 0.2j]),
    (2, 2): np.array([0.2 + 0.5j, 0.4 - 0.1j, -0.3j]),
}
PAIRS = {
    "RI": lambda s: (s.real, s.imag),
    "MA": lambda s: (np.abs(s), np.degrees(np.angle(s))),
    "DB": lambda s: (20.0 * np.log10(np.abs(s)), np.degrees(np.angle(s))),
}


def written(path, options, form, names, *, end=""):
    """A file of these parameters, in this order."""
    lines = ["! measured", f"# {options}"]
    for k, f in enumerate(F):
        numbers = [float(own) for name in names for own in PAIRS[form](S[name][k])]
        lines.append(" ".join(map(repr, [float(f), *numbers])) + " ! a point")
    path.write_text("\n".join(lines) + "\n" + end)
    return path


TWO = ((1, 1), (2, 1), (1, 2), (2, 2))


@pytest.mark.parametrize("form", PAIRS)
def test_parameters_are_complex_in_every_form(tmp_path, form):
    """S21 stands before S12; noise behind the parameters is left out."""
    noise = "4.0 1.2 0.3 40 0.2\n5.0 1.3 0.3 50 0.2\n"
    path = written(tmp_path / "a.s2p", f"GHz S {form} R 50", form, TWO, end=noise)
    for name in ("S11", "S12", "S21", "S22"):
        table = pf.read_table(path, y=name)
        expected = S[int(name[1]), int(name[2])]
        np.testing.assert_allclose(table.y, expected, rtol=1e-14)
    np.testing.assert_array_equal(table.x, F)
    assert (table.x_unit, table.y_label) == ("GHz", "S22")


def test_one_port_and_defaults(tmp_path):
    """Without options frequencies are in GHz, by magnitude and degrees."""
    path = written(tmp_path / "a.s1p", "R 50", "MA", [(1, 1)])
    table = pf.read_table(path)
    np.testing.assert_allclose(table.y, S[1, 1], rtol=1e-14)
    assert table.x_unit == "GHz"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Hz Z RI R 50\n1 2 3\n", "normalised"),
        ("# Hz S RI R 50\n[Version] 2.0\n1 2 3\n", "Touchstone 2"),
        ("# Hz S RI R 50\n1 2 3\n4 5\n", "truncated"),
        ("# Hz S RI R 50\n1 2 x\n", "line 2"),
        ("# Hz S RI R 50\n! nothing\n", "without a measurement"),
    ],
    ids=["Z", "version 2", "short", "text", "empty"],
)
def test_what_is_not_read_is_said(tmp_path, text, said):
    """In one sentence."""
    (tmp_path / "a.s1p").write_text(text)
    with pytest.raises(DataError, match=said):
        pf.read_table(tmp_path / "a.s1p")
