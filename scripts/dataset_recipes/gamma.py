"""Gamma spectrum of Eu-152 with its strongest lines."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .recipe import Recipe, copy_text, write_table
from .referee import answers, columns, gaussian, referee

__all__ = ["RECIPES"]

Array = NDArray[np.float64]
SPECTRUM = "eu152_gamma.csv"
LINES = "eu152_gamma_lines.csv"
NAMES = ("amplitude", "center", "sigma", "slope", "intercept")
UNITS = ("counts", "channel", "channel", "counts/channel", "counts")
#: Energy (keV) = OFFSET + GAIN channel: the straight line through the six lines. It
#: misses them by up to 0.26 keV, the converter's nonlinearity; the spectrum's own two
#: calibration records by up to 0.4 and 1 keV.
OFFSET, GAIN = -0.0025, 0.18291


class Line(NamedTuple):
    """A line: tabulated energy, the channels of its window, net counts."""

    energy: str  # keV
    start: int
    stop: int
    net_counts: int  # by the package curie

    @property
    def channel(self) -> float:
        """Channel of the tabulated energy."""
        return (float(self.energy) - OFFSET) / GAIN


TABLE = (
    Line("121.7817", 645, 682, 498785),
    Line("244.6974", 1318, 1358, 80193),
    Line("344.2785", 1860, 1904, 213990),
    Line("778.9045", 4230, 4286, 46800),
    Line("1112.076", 6050, 6110, 34719),
    Line("1408.013", 7660, 7730, 43378),
)


def _build(raw: Path, out: Path) -> None:
    lines = (raw / "eu_calib_7cm.Spe").read_text().splitlines()
    at = lines.index("$DATA:") + 1
    first, last = (int(word) for word in lines[at].split())
    counts = [line.strip() for line in lines[at + 1 : at + 2 + last - first]]
    comments = {
        "title": "Gamma spectrum of Eu-152, HPGe detector",
        "live time": "2289 s",
        "real time": "2454 s",
        "energy (keV)": f"{GAIN} channel - {-OFFSET}, to 0.3 keV",
    }
    channels = [str(channel) for channel in range(first, last + 1)]
    write_table(
        out / SPECTRUM, comments, {"channel": channels, "counts (counts)": counts}
    )
    write_table(
        out / LINES,
        {"title": "Lines of Eu-152 in this spectrum, windows in channels"},
        {
            "energy (keV)": [line.energy for line in TABLE],
            "start (channel)": [str(line.start) for line in TABLE],
            "stop (channel)": [str(line.stop) for line in TABLE],
            "net_counts (counts)": [str(line.net_counts) for line in TABLE],
        },
    )
    copy_text(raw / "LICENSE_curie", out / "licences/curie.txt")


def _peak_on_line(
    x: Array, amplitude: float, center: float, sigma: float, slope: float, base: float
) -> Array:
    return gaussian(x, amplitude, center, sigma) + slope * x + base


def _fit(out: Path, line: Line) -> dict[str, object]:
    x, y = columns(out / SPECTRUM, line.start, line.stop)
    start = [line.net_counts, line.channel, 4.0, 0.0, float(np.median(y[:5]))]
    found = referee(_peak_on_line, x, y, start, poisson=True)
    expected = {
        "amplitude": (
            float(line.net_counts),
            0.02 * line.net_counts,
            "net counts by the package curie, 2 %",
        ),
        "center": (
            round(line.channel, 3),
            1.5,
            f"{line.energy} keV on a straight line of energies, 0.3 keV",
        ),
    }
    return {
        "file": SPECTRUM,
        "x": "channel",
        "y": "counts",
        "x_range": [line.start, line.stop],
        "model": "gaussian + linear",
        "loss": "poisson",
        "known": answers(NAMES, UNITS, found, expected),
    }


def _fits(out: Path) -> list[dict[str, object]]:
    return [_fit(out, line) for line in TABLE]


RECIPES = (
    Recipe(
        name="eu152_gamma",
        title="Gamma spectrum of Eu-152",
        description=(
            "16384 channels of an HPGe detector. A Gaussian on a line is not the whole "
            "truth (deviance per degree of freedom 1.4 to 17): at 121.8 keV counts are "
            "in excess on the high side, as if 0.9 % of the peak stood again 1.3 keV "
            "above it, where Eu-154 has a line (123.07 keV; its line at 1274.4 keV "
            "shows too); from 344 keV on peaks have a tail to low energies. Areas "
            "agree within 2 %, and positions lie within 0.3 keV of a straight line."
        ),
        origin="measured",
        source="eu_calib_7cm.Spe of the PyPI package curie (J. Morrell)",
        licence="MIT",
        licence_file="licences/curie.txt",
        files=(SPECTRUM, LINES),
        build=_build,
        raw="gamma",
        fits=_fits,
    ),
)
