"""JCAMP-DX: spectra in text, their ordinates packed (ASDF) or plain (AFFN).

The labels are read here, so that a message names the line; nmrglue unpacks the
ordinates line by line. What the labels promise (NPOINTS, FIRSTX, LASTX, DELTAX,
FIRSTY), the x that begins each line, and the ordinate that repeats the last one before
differences are compared with what comes out: a lost line would be another curve.

References
----------
McDonald and Wilks, Appl. Spectrosc. 42 (1988) 151, with the labels of JCAMP-DX 4.24.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from physfit.data.files.text_file import lines_of_file
from physfit.data.instruments.scans import Scans, xy_offer
from physfit.data.table import Field, Offer
from physfit.errors import DataError, printable
from physfit.typing import FloatArray

__all__ = ["jcamp_scans"]

_LONGEST_LINE = 1 << 20
_DATA = {"XYDATA", "XYPOINTS", "PEAKTABLE", "DATATABLE", "PEAKASSIGNMENTS"}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_FIRST_NUMBER = re.compile(rf"\s*({_NUMBER})")
_PSEUDO_DIGIT = re.compile(r"[@%A-Za-z]")
_GAP = re.compile(r"[\s,;]+")
_UNITS = {
    "1/CM": ("wavenumber", "1/cm"),
    "CM-1": ("wavenumber", "1/cm"),
    "MICROMETERS": ("wavelength", "um"),
    "NANOMETERS": ("wavelength", "nm"),
    "SECONDS": ("time", "s"),
    "HZ": ("frequency", "Hz"),
    "PPM": ("chemical shift", "ppm"),
    "M/Z": ("m/z", ""),
    "TRANSMITTANCE": ("transmittance", ""),
    "REFLECTANCE": ("reflectance", ""),
    "ABSORBANCE": ("absorbance", ""),
    "KUBELKA-MUNK": ("Kubelka-Munk", ""),
    "COUNTS": ("intensity", "counts"),
    "ARBITRARY UNITS": ("intensity", "a.u."),
    "RELATIVE ABUNDANCE": ("relative abundance", ""),
    "RELATIVE INTENSITY": ("relative intensity", ""),
    "DEGREES": ("angle", "deg"),
}


class _Block(NamedTuple):
    """The labels of a block as they stand, and the lines of one table of it."""

    path: Path
    labels: dict[str, str]
    label: str
    form: str
    lines: list[str]
    line: int

    def number(self, label: str) -> float | None:
        """The number after a label, None without it."""
        text = self.labels.get(label, "").strip()
        if not text:
            return None
        try:
            return float(text.replace(",", "."))
        except ValueError:
            raise DataError(
                f"`{self.path}` has ##{label}={text[:40]}, where a number should be; "
                "correct it."
            ) from None

    def needed(self, label: str) -> float:
        """The number after a label that must be there."""
        number = self.number(label)
        if number is None:
            raise self.wrong(f"has no ##{label}, without which its x is not known")
        return number

    def wrong(self, what: str) -> DataError:
        """The error that this table `what`."""
        return DataError(
            f"`{self.path}`, ##{self.label} in line {self.line}, {what}; export it "
            "anew, or as CSV."
        )


def jcamp_scans(path: Path) -> Scans:
    """The tables of all blocks of a JCAMP-DX file."""
    blocks = list(_blocks(path, list(lines_of_file(path, _LONGEST_LINE))))
    if not blocks:
        raise DataError(
            f"`{path}` is a JCAMP-DX file without ##XYDATA or ##XYPOINTS; export it "
            "with its numbers."
        )
    titles = [f"{b.labels.get('TITLE', '')} {b.labels.get('DATATYPE', '')}"
              for b in blocks]  # fmt: skip
    return Scans(
        len(blocks),
        lambda k: _offer(blocks[k]),
        tuple(printable(title.strip())[:60] for title in titles),
    )


def _blocks(path: Path, lines: list[str]) -> Iterator[_Block]:
    """The tables of a file, each with the labels of its block up to its end."""
    stack: list[dict[str, str]] = [{}]
    tables: list[_Block] = []
    at: tuple[str, list[str]] | None = None
    for number, line in enumerate(lines, 1):
        text = line.split("$$")[0].rstrip()
        if not text.lstrip().startswith("##"):
            if at is not None and text:
                at[1].append(text)
            continue
        label, _, value = text.lstrip()[2:].partition("=")
        key = re.sub(r"[\s/_-]", "", label).upper()
        value, at = value.strip(), None
        if key == "TITLE":
            stack.append({})
        if key == "END":
            labels = stack.pop() if len(stack) > 1 else {}
            yield from (table for table in tables if table.labels is labels)
            tables = [table for table in tables if table.labels is not labels]
        elif key in _DATA:
            table = _Block(path, stack[-1], label.strip().upper(), value, [], number)
            tables.append(table)
            at = label, table.lines
        else:
            stack[-1].setdefault(key, value)
    if tables:
        raise tables[0].wrong("has no ##END= after it, so the file is cut")


def _offer(block: _Block) -> Offer:
    """x and y of a table."""
    form = block.form.replace(" ", "").upper()
    if form.startswith("(X++(Y..Y))"):
        x, y = _stepped(block)
    elif form.startswith("(XY..XY)"):
        x, y = _pairs(block)
    else:
        raise block.wrong(f"is of the form {block.form[:40]!r}, which is not read")
    if x.size != block.needed("NPOINTS"):
        count = f"{block.needed('NPOINTS'):.0f} by ##NPOINTS"
        raise block.wrong(f"has {x.size} ordinates, but {count}")
    factor = block.number("YFACTOR")
    remarks = [] if factor in (None, 1.0) else [f"YFACTOR {factor:.9g} applied"]
    y = y if factor is None else y * factor
    remarks += _check_y(block, y)
    columns = (
        Field(*_quantity(block.labels, axis), values)
        for axis, values in (("X", x), ("Y", y))
    )
    return xy_offer(block.path, *columns, remarks=tuple(remarks))


def _quantity(labels: dict[str, str], axis: str) -> tuple[str, str]:
    """Name and unit of an axis."""
    text = printable(labels.get(f"{axis}UNITS", "").strip())
    name, unit = _UNITS.get(text.upper(), (axis.lower(), text))
    return printable(labels.get(f"{axis}LABEL", "").strip()) or name, unit


def _stepped(block: _Block) -> tuple[FloatArray, FloatArray]:
    """Ordinates at even steps from FIRSTX to LASTX."""
    first, last, n = (block.needed(label) for label in ("FIRSTX", "LASTX", "NPOINTS"))
    if n < 2.0 or first == last:
        raise block.wrong(f"goes from {first:.9g} to {last:.9g} in {n:.9g} ordinates")
    step = (last - first) / (n - 1.0)
    delta = block.number("DELTAX")
    if delta and abs(abs(delta / step) - 1.0) * (n - 1.0) > 0.5 + 5e-4 * n:
        raise block.wrong(
            f"has steps of {step:.9g} by FIRSTX, LASTX and NPOINTS, but DELTAX is "
            f"{delta:.9g}"
        )
    factor = block.number("XFACTOR") or 1.0
    values: list[float] = []
    is_check = False
    for k, line in enumerate(block.lines, block.line + 1):
        text, ordinates = _line(block, k, line)
        if is_check and values and ordinates[:1] != values[-1:]:
            raise block.wrong(
                f"has {ordinates[0]:.9g} at the begin of line {k}, but "
                f"{values[-1]:.9g} at the end of the line before, so one is damaged"
            )
        start = len(values) - (is_check and bool(values))
        expected = first + step * start
        slack = 1.5 * abs(step) + abs(factor) * _last_digit(text) + 1e-6 * abs(expected)
        if abs(factor * float(text) - expected) > slack:
            raise block.wrong(
                f"has x = {factor * float(text):.9g} in line {k}, where {expected:.9g} "
                "should be by FIRSTX, LASTX and NPOINTS"
            )
        values += ordinates[len(values) - start :]
        is_check = _ends_in_difference(line)
    return np.linspace(first, last, len(values)), np.array(values)


def _line(block: _Block, number: int, line: str) -> tuple[str, list[float]]:
    """The abscissa of a line as it stands, and its ordinates."""
    from nmrglue.fileio import jcampdx

    match = _FIRST_NUMBER.match(line)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        table = {"XYDATA": [f"(X++(Y..Y))\n{line}"]}
        ordinates = jcampdx.getdataarray(table) if match else None
    if match is None or ordinates is None or said or not len(ordinates):
        raise block.wrong(f"has {line[:30]!r} in line {number}, which is no data")
    return match[1], [float(value) for value in ordinates]


def _ends_in_difference(line: str) -> bool:
    """Whether the last ordinate is a difference, which the next line repeats."""
    marks = _PSEUDO_DIGIT.findall(line)
    while marks and marks[-1] in "STUVWXYZs":
        marks.pop()
    return bool(marks) and marks[-1] in "%JKLMNOPQRjklmnopqr"


def _pairs(block: _Block) -> tuple[FloatArray, FloatArray]:
    """Ordinates with an abscissa each."""
    words = [word for line in block.lines for word in _GAP.split(line) if word]
    try:
        values = np.array([float(word) for word in words])
    except ValueError as error:
        raise block.wrong(f"is no table of numbers ({error})") from None
    if not values.size or values.size % 2:
        raise block.wrong(f"has {values.size} numbers, which are no pairs")
    return values[::2] * (block.number("XFACTOR") or 1.0), values[1::2]


def _check_y(block: _Block, y: FloatArray) -> list[str]:
    """What the labels say of the ordinates and is not so."""
    size = float(np.abs(y).max(initial=0.0))
    differ = []
    for label, value in (("FIRSTY", y[0]), ("MINY", y.min()), ("MAXY", y.max())):
        said = block.number(label)
        if said is not None and abs(said - value) > 2e-3 * size + 1e-300:
            differ.append(f"{label} says {said:.9g}, but {value:.9g} is read")
    if differ and differ[0].startswith("FIRSTY"):
        raise block.wrong(f"is damaged, or a factor is missing: {differ[0]}")
    return differ


def _last_digit(text: str) -> float:
    """The size of the last digit of a number as it is written."""
    digits, _, power = text.lower().partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
