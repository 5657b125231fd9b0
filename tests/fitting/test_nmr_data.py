"""A free induction decay of 31P by 16 oscillators with ties; skipped without the data.

The peer is pyAMARES, with the same oscillators and ties (its table stands beside the
data, in which widths are out of the ranges that it was given). Samples begin 300 us
after the pulse, at 10 kHz; shifts are at 120 MHz.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.models.model import Model

FOLDERS = [own / "shared/data/nmr_fid" for own in Path(__file__).resolve().parents]
FOLDER = next((own for own in FOLDERS if own.is_dir()), None)
MHZ, DWELL, DEAD = 120.0, 1e-4, 3e-4
#: Amplitude, shift (ppm) and full width (Hz) at the start, the range of the shift.
GROUPS = {
    "BATP": (1.41, -16.15, 58.12, (-16.30, -16.00)),
    "AATP": (1.545, -7.49, 32.28, (-7.72, -7.42)),
    "GATP": (1.5, -2.46, 39.02, (-2.65, -2.39)),
    "UDPG": (0.08, -9.72, 32.37, (-9.76, -9.68)),
    "NAD": (0.41, -8.25, 40.49, (-8.25, -8.17)),
    "PCr": (4.37, 0.0, 15.41, (-0.5, 0.5)),
    "GPC": (1.32, 2.95, 19.96, (2.94, 2.96)),
    "GPE": (0.8, 3.5, 19.1, (3.49, 3.51)),
    "Pin": (0.85, 4.82, 21.04, (4.81, 4.83)),
    "Pex": (0.3, 5.24, 30.91, (5.19, 5.29)),
    "PC": (0.3, 6.24, 19.96, (6.22, 6.26)),
    "PE": (2.27, 6.76, 22.63, (6.71, 6.81)),
}
#: Further oscillators of multiplets: distance in Hz, and share of the amplitude.
PARTNERS = {
    "BATP2": ("BATP", -15.0, 0.5),
    "BATP3": ("BATP", 15.0, 0.5),
    "AATP2": ("AATP", -16.0, 1.0),
    "GATP2": ("GATP", -16.0, 1.0),
}

pytestmark = pytest.mark.skipif(FOLDER is None, reason="needs ../shared/data/nmr_fid")


def oscillators() -> Model:
    """Sum of all, tied, in one phase; shifts in the peer's ranges."""
    names = [*GROUPS, *PARTNERS]
    model = pf.models.ComplexRingdown(f"{names[0]}_")
    for name in names[1:]:
        model = model + pf.models.ComplexRingdown(f"{name}_")
    said = {f"{name}_phase": pf.tie("PCr_phase") for name in names if name != "PCr"}
    for name, (group, distance, share) in PARTNERS.items():
        said[f"{name}_amplitude"] = pf.tie(f"{share} * {group}_amplitude")
        said[f"{name}_frequency"] = pf.tie(f"{group}_frequency + ({distance})")
        said[f"{name}_rate"] = pf.tie(f"{group}_rate")
    for name, (amplitude, shift, width, shifts) in GROUPS.items():
        said[f"{name}_amplitude"] = pf.param(start=amplitude, bounds=(0, None))
        near = tuple(MHZ * own for own in shifts)
        said[f"{name}_frequency"] = pf.param(start=MHZ * shift, bounds=near)
        said[f"{name}_rate"] = pf.param(start=math.pi * width, bounds=(0.0, None))
    return model.where(PCr_phase=pf.param(start=0.0), **said)


def test_16_oscillators_have_the_amplitude_and_width_of_the_peer():
    """PCr: 4.4349(333) and 15.754(165) Hz, within a fifth of the error."""
    assert FOLDER is not None
    re, im = np.loadtxt(FOLDER / "fid.txt").T
    t = DEAD + DWELL * np.arange(re.size)
    result = pf.fit(oscillators(), t, re + 1j * im)
    amplitude, rate = result["PCr_amplitude"], result["PCr_rate"]
    assert abs(amplitude.value - 4.4349) < 0.0333 / 5.0
    assert abs(rate.value / math.pi - 15.754) < 0.165 / 5.0
    assert amplitude.stderr == pytest.approx(0.0333, rel=0.05)
    assert rate.stderr / math.pi == pytest.approx(0.165, rel=0.05)
