"""31P free induction decay of a human brain, with its prior knowledge."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .recipe import Recipe, copy_text, write_table
from .referee import columns, measured, referee

__all__ = ["RECIPES"]

Array = NDArray[np.float64]
DECAY = "phosphorus_fid.csv"
PRIOR = "phosphorus_fid_prior.json"
CARRIER = 120.0  # MHz
DWELL = 1e-4  # s, sweep width 10 kHz
DEAD_TIME = 3e-4  # s
#: Multiplets: (offset in Hz, weight) of each line against the group's own; ATP couples
#: to its neighbours, so beta is a triplet, alpha and gamma are doublets.
MULTIPLETS = {
    "batp": ((0.0, 1.0), (-15.0, 0.5), (15.0, 0.5)),
    "aatp": ((0.0, 1.0), (-16.0, 1.0)),
    "gatp": ((0.0, 1.0), (-16.0, 1.0)),
}
#: No UDPG shows in this spectrum: free, its linewidth runs to zero. So it is held.
ABSENT = "udpg"


class Group(NamedTuple):
    """A resonance: one to three lines with one amplitude, position and width."""

    name: str
    start: tuple[float, float, float]  # amplitude of weight 1, shift (ppm), width (Hz)
    peer: tuple[tuple[float, float], ...]  # total amplitude, shift, width with errors

    @property
    def lines(self) -> tuple[tuple[float, float], ...]:
        """Offset in Hz and weight of each line."""
        return MULTIPLETS.get(self.name, ((0.0, 1.0),))


def _read_groups(raw: Path) -> list[Group]:
    with (raw / "example_human_brain_31P_7T.csv").open(newline="") as file:
        rows = {row[0]: row[1:] for row in reversed(list(csv.reader(file))) if row}
    starts = {
        name.lower(): tuple(
            float(rows[key][k]) for key in ("amplitude", "chemicalshift", "linewidth")
        )
        for k, name in enumerate(rows["Index"])
        if name[-1] not in "23"
    }
    with (raw / "simple_example.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    groups = []
    for row in table:
        cells = list(row.values())
        # name, amplitude, sd, CRLB, shift, sd, CRLB, width, sd, ...
        peer = tuple((float(cells[k]), float(cells[k + 1])) for k in (1, 4, 7))
        amplitude, shift, width = starts[cells[0].lower()]
        groups.append(Group(cells[0].lower(), (amplitude, shift, width), peer))
    return groups


def _build(raw: Path, out: Path) -> None:
    rows = [line.split() for line in (raw / "fid.txt").read_text().splitlines()]
    real, imaginary = zip(*rows, strict=True)
    comments = {
        "title": "31P free induction decay of a human brain at 7 T",
        "carrier": f"{CARRIER} MHz",
        "time": "starts after the dead time of 300 us",
    }
    times = [f"{DEAD_TIME + DWELL * k:.4f}" for k in range(len(rows))]
    cells = {"time (s)": times, "real (a.u.)": real, "imaginary (a.u.)": imaginary}
    write_table(out / DECAY, comments, cells)
    groups = [
        {
            "name": group.name,
            "lines": [{"offset": o, "weight": w} for o, w in group.lines],
            "start": dict(
                zip(("amplitude", "shift", "linewidth"), group.start, strict=True)
            ),
            "peer": {
                key: {"value": value, "error": error}
                for key, (value, error) in zip(
                    ("total_amplitude", "shift", "linewidth"), group.peer, strict=True
                )
            },
        }
        for group in _read_groups(raw)
    ]
    prior = {
        "units": {
            "offset": "Hz",
            "shift": "ppm",
            "linewidth": "Hz",
            "carrier": "MHz",
        },
        "carrier": CARRIER,
        "peer": "simple_example.csv of the PyPI package pyamares",
        "groups": groups,
    }
    (out / PRIOR).write_text(json.dumps(prior, indent=1) + "\n", encoding="utf-8")
    copy_text(raw / "LICENSE", out / "licences/pyamares.txt")


def _prior(out: Path) -> list[Group]:
    groups = json.loads((out / PRIOR).read_text(encoding="utf-8"))["groups"]
    return [
        Group(
            group["name"],
            tuple(group["start"].values()),
            tuple((p["value"], p["error"]) for p in group["peer"].values()),
        )
        for group in groups
    ]


def _curve(groups: list[Group], t: Array, theta: Array) -> Array:
    """Real, then imaginary parts; theta = (amplitude, frequency, rate) ..., phase."""
    total = np.zeros(t.size, dtype=complex)
    rows = theta[:-1].reshape(-1, 3)
    for group, (amplitude, frequency, rate) in zip(groups, rows, strict=True):
        for offset, weight in group.lines:
            turn = 2j * np.pi * (frequency + offset)
            total += amplitude * weight * np.exp((turn - rate) * t)
    total *= np.exp(1j * theta[-1])
    return np.concatenate((total.real, total.imag))


def _declare(groups: list[Group]) -> tuple[str, dict[str, str]]:
    """Model expression and ties: satellites follow their line, phases the first."""
    terms, ties = [], {}
    lead = groups[0].name
    for group in groups:
        for k, (offset, weight) in enumerate(group.lines):
            prefix = f"{group.name}_" if k == 0 else f"{group.name}{k + 1}_"
            terms.append(f"complex_ringdown({prefix})")
            if k:
                factor = "" if weight == 1.0 else f"{weight} * "
                ties[f"{prefix}amplitude"] = f"{factor}{group.name}_amplitude"
                sign = "+" if offset > 0 else "-"
                ties[f"{prefix}frequency"] = (
                    f"{group.name}_frequency {sign} {abs(offset)}"
                )
                ties[f"{prefix}rate"] = f"{group.name}_rate"
            if prefix != f"{lead}_":
                ties[f"{prefix}phase"] = f"{lead}_phase"
    return " + ".join(terms), ties


def _start(group: Group) -> list[float]:
    amplitude, shift, width = group.start
    return [amplitude, shift * CARRIER, math.pi * width]


def _rows(group: Group, theta: Array, errors: Array) -> list[dict[str, object]]:
    # The peer states the sum over the group's lines, ppm, and full widths in Hz.
    scales = (1.0 / sum(w for _, w in group.lines), CARRIER, math.pi)
    parts = zip(("amplitude", "frequency", "rate"), ("a.u.", "1/s", "1/s"), strict=True)
    rows: list[dict[str, object]] = []
    for (part, unit), value, error, peer, scale in zip(
        parts, theta, errors, group.peer, scales, strict=True
    ):
        expected = {
            "value": float(f"{peer[0] * scale:.8g}"),
            "tolerance": float(f"{0.1 * peer[1] * scale:.3g}"),
            "source": "pyamares, a tenth of its standard error",
        }
        rows.append(
            {
                "parameter": f"{group.name}_{part}",
                "unit": unit,
                **measured(value, error),
                "expected": expected,
            }
        )
    return rows


def _fits(out: Path) -> list[dict[str, object]]:
    groups = _prior(out)
    at = next(k for k, group in enumerate(groups) if group.name == ABSENT)
    held = math.pi * groups[at].start[2]
    hole = 3 * at + 2

    def curve(t: Array, *theta: float) -> Array:
        return _curve(groups, t, np.insert(np.array(theta), hole, held))

    t, real, imaginary = columns(out / DECAY)
    start = np.array([value for group in groups for value in _start(group)] + [0.0])
    found = referee(
        curve, t, np.concatenate((real, imaginary)), np.delete(start, hole).tolist()
    )
    theta, errors = (np.insert(part, hole, np.nan) for part in found)
    model, ties = _declare(groups)
    known = []
    for k, group in enumerate(groups):
        if k != at:
            part = slice(3 * k, 3 * k + 3)
            known.extend(_rows(group, theta[part], errors[part]))
    known.append(
        {
            "parameter": f"{groups[0].name}_phase",
            "unit": "rad",
            **measured(theta[-1], errors[-1]),
        }
    )
    names = ("amplitude", "frequency", "rate")
    return [
        {
            "file": DECAY,
            "x": "time",
            "y": "real,imaginary",
            "model": model,
            "ties": ties,
            "fixed": {f"{ABSENT}_rate": float(f"{held:.12g}")},
            "start": {
                f"{group.name}_{name}": float(f"{value:.12g}")
                for group in groups
                for name, value in zip(names, _start(group), strict=True)
                if f"{group.name}_{name}" != f"{ABSENT}_rate"
            }
            | {f"{groups[0].name}_phase": 0.0},
            "loss": "chi2",
            "known": known,
        }
    ]


RECIPES = (
    Recipe(
        name="phosphorus_fid",
        title="31P free induction decay of a human brain at 7 T",
        description=(
            "1024 complex points. 12 metabolites with known couplings are 16 damped "
            "complex oscillators with one common phase. No UDPG shows, so its "
            "linewidth is held at its start; left free it runs to its bound at zero. "
            "The noise is in the real part: its standard deviation over the last 300 "
            "points is 0.31 there and 0.009 in the imaginary part, so fits that weigh "
            "both alike, as the known answer does, leave precision unused."
        ),
        origin="measured",
        source=(
            "fid.txt, example_human_brain_31P_7T.csv and simple_example.csv of the "
            "PyPI package pyamares (J. Xu); prior knowledge: J. Ren et al., NMR "
            "Biomed. 28 (2015) 1455"
        ),
        licence="BSD-3-Clause",
        licence_file="licences/pyamares.txt",
        files=(DECAY, PRIOR),
        build=_build,
        raw="nmr_fid",
        fits=_fits,
    ),
)
