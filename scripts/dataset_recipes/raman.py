"""Raman spectra: a silicon wafer and polystyrene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .recipe import Recipe, copy_text, write_table
from .referee import answers, columns, referee, voigt

__all__ = ["RECIPES"]

Array = NDArray[np.float64]
HEADER = ("shift (1/cm)", "intensity (counts)")
SILICON_WINDOW = (470.0, 570.0)
POLYSTYRENE_WINDOW = (1015.0, 1065.0)
VOIGT_LINE = ("amplitude", "center", "sigma", "gamma", "slope", "intercept")
UNITS = ("counts/cm", "1/cm", "1/cm", "1/cm", "counts cm", "counts")


def _cells(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines() if line.strip()]


def _write(path: Path, title: str, rows: list[list[str]]) -> None:
    shift, intensity = zip(*rows, strict=True)
    cells = dict(zip(HEADER, (shift, intensity), strict=True))
    write_table(path, {"title": title}, cells)


def _build_silicon(raw: Path, out: Path) -> None:
    rows = _cells(raw / "Si_spectrum01.txt")
    start, stop = SILICON_WINDOW
    window = [row for row in rows if start <= float(row[0]) <= stop]
    _write(out / "silicon_raman.csv", "Raman line of a silicon wafer", window)
    title = "Raman spectrum of a silicon wafer, laser line included"
    _write(out / "silicon_raman_full.csv", title, rows)
    copy_text(raw / "LICENSE_raman_fitting", out / "licences/raman-fitting.txt")


def _build_polystyrene(raw: Path, out: Path) -> None:
    rows = _cells(raw / "PST10_iR785_OP03_8000msx2.txt")
    title = "Raman spectrum of polystyrene, 785 nm, 8000 ms x 2"
    _write(out / "polystyrene_raman.csv", title, rows)
    copy_text(raw / "LICENSE_ramanchada2", out / "licences/ramanchada2.txt")


def _peak_on_line(
    x: Array, a: float, c: float, s: float, g: float, m: float, b: float
) -> Array:
    return voigt(x, a, c, s, g) + m * x + b


def _fit(
    out: Path,
    file: str,
    window: tuple[float, float] | None,
    start: list[float],
    expected: dict[str, tuple[float, float, str]],
) -> list[dict[str, object]]:
    x, y = columns(out / file, *(window or ()))
    found = referee(_peak_on_line, x, y, start)
    declared: dict[str, object] = {"file": file, "x": "shift", "y": "intensity"}
    if window:
        declared["x_range"] = list(window)
    return [
        {
            **declared,
            "model": "voigt + linear",
            "loss": "chi2",
            "known": answers(VOIGT_LINE, UNITS, found, expected),
        }
    ]


def _fit_silicon(out: Path) -> list[dict[str, object]]:
    literature = "520.45 to 520.7 /cm in the literature; this axis is not calibrated"
    start = [25000.0, 521.0, 2.0, 2.0, 0.0, 580.0]
    expected = {"center": (520.6, 1.0, literature)}
    return _fit(out, "silicon_raman.csv", None, start, expected)


def _fit_polystyrene(out: Path) -> list[dict[str, object]]:
    standard = "1031.8 /cm in ASTM E1840; this axis is not calibrated"
    start = [1000.0, 1036.0, 3.0, 3.0, 0.0, 1045.0]
    expected = {"center": (1031.8, 6.0, standard)}
    return _fit(out, "polystyrene_raman.csv", POLYSTYRENE_WINDOW, start, expected)


RECIPES = (
    Recipe(
        name="silicon_raman",
        title="Raman line of a silicon wafer",
        description=(
            "First-order optical phonon at 520 /cm on a sloping background: the window "
            "470 to 570 /cm, and the full spectrum with the laser line."
        ),
        origin="measured",
        source="Si_spectrum01.txt of the PyPI package raman-fitting (D. Wallace)",
        licence="MIT",
        licence_file="licences/raman-fitting.txt",
        files=("silicon_raman.csv", "silicon_raman_full.csv"),
        build=_build_silicon,
        raw="raman",
        fits=_fit_silicon,
    ),
    Recipe(
        name="polystyrene_raman",
        title="Raman spectrum of polystyrene",
        description=(
            "Many lines on a falling background. The points are interpolated: noise "
            "correlates by 0.96 from one to the next and by 0.5 over five, so stated "
            "errors are too small."
        ),
        origin="measured",
        source="PST10_iR785_OP03_8000msx2.txt of the PyPI package ramanchada2",
        licence="MIT",
        licence_file="licences/ramanchada2.txt",
        files=("polystyrene_raman.csv",),
        build=_build_polystyrene,
        raw="raman",
        fits=_fit_polystyrene,
    ),
)
