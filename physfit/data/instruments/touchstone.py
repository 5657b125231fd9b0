"""Touchstone 1 (.s1p, .s2p, ...): scattering parameters of network analysers.

Frequency first, then a pair of numbers for each parameter: real and imaginary part
(RI), magnitude and degrees (MA), or dB and degrees (DB), as the line of options says.
Of two ports S21 stands before S12, of more they follow row by row. Parameters of noise
behind those of two ports are left out.

References
----------
Touchstone File Format Specification 1.1 (EIA/IBIS Open Forum, 2003).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physfit.data.complex_columns import joined
from physfit.data.files.text_file import lines_of_file
from physfit.data.instruments.scans import Scans
from physfit.data.table import Field, Offer
from physfit.errors import DataError

__all__ = ["touchstone_scans"]

_UNITS = {"hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz"}
_FORMS = {"ri": None, "ma": ("", np.pi / 180.0), "db": ("dB", np.pi / 180.0)}
_LONGEST_LINE = 1 << 16
#: Numbers of a line of noise, of which there are a frequency and four others.
_NOISE = 5


def touchstone_scans(path: Path) -> Scans:
    """The one measurement of a file."""
    return Scans(1, lambda _: _offer(path))


def _offer(path: Path) -> Offer:
    """Frequency and the parameters, complex."""
    options, lines = _parts(path)
    unit = next((_UNITS[word] for word in options if word in _UNITS), "GHz")
    form = _FORMS[next((word for word in options if word in _FORMS), "ma")]
    kind = next((word for word in options if word in set("syzgh")), "s")
    if kind != "s":
        raise DataError(
            f"`{path}` has {kind.upper()} parameters, which are normalised; export "
            "scattering parameters (S)."
        )
    n_ports = _n_ports(path, len(lines[0]))
    if n_ports == 2:
        noise = (k for k, line in enumerate(lines) if len(line) == _NOISE)
        lines = lines[: next(noise, len(lines))]
    numbers = np.array([number for line in lines for number in line])
    width = 1 + 2 * n_ports**2
    if numbers.size % width:
        raise DataError(
            f"`{path}` has {numbers.size} numbers, which are no rows of {width}, a "
            f"frequency and {n_ports**2} pairs; it is damaged or truncated."
        )
    table = numbers.reshape(-1, width)
    names = [(i, j) for i in range(1, n_ports + 1) for j in range(1, n_ports + 1)]
    if n_ports == 2:
        names = [(j, i) for i, j in names]
    values: list[NDArray[np.complex128]] = [
        joined(form, table[:, 1 + 2 * k], table[:, 2 + 2 * k])
        for k in range(len(names))
    ]
    fields = [
        Field(f"S{i}{j}" if n_ports < 10 else f"S{i},{j}", "", own)
        for (i, j), own in zip(names, values, strict=True)
    ]
    frequency = Field("f", unit, np.ascontiguousarray(table[:, 0]))
    return Offer(str(path), (frequency, *fields), axis=0)


def _parts(path: Path) -> tuple[list[str], list[list[float]]]:
    """Words of the line of options, and the numbers of each line."""
    options, lines = list[str](), list[list[float]]()
    for number, line in enumerate(lines_of_file(path, _LONGEST_LINE), 1):
        text = line.partition("!")[0].strip()
        if text.startswith("#"):  # the first one counts
            options = options or text[1:].lower().split()
        elif text.startswith("["):
            raise DataError(
                f"`{path}` has keywords of Touchstone 2, {text[:40]!r} in line "
                f"{number}, which is not read; export it as version 1."
            )
        elif text:
            try:
                lines.append([float(word) for word in text.split()])
            except ValueError:
                raise DataError(
                    f"`{path}` has {text[:40]!r} in line {number}, where numbers "
                    "should be; it is damaged."
                ) from None
    if not lines:
        raise DataError(f"`{path}` is a Touchstone file without a measurement.")
    return options, lines


def _n_ports(path: Path, width: int) -> int:
    """Ports by the name of the file, else by the numbers of its first line."""
    found = re.fullmatch(r"\.s(\d{1,2})p", path.suffix.lower())
    if found and int(found[1]) > 0:
        return int(found[1])
    by_width = {3: 1, 9: 2}
    if width in by_width:
        return by_width[width]
    raise DataError(
        f"`{path}` is a Touchstone file, whose name must end in .s1p, .s2p and so on "
        "to say how many ports it has; rename it."
    )
