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

from physfit.data.files.limits import check_unpacked
from physfit.data.files.text_file import lines_of_file
from physfit.data.instruments.scans import Scans, xy_offer
from physfit.data.table import Field, Offer
from physfit.errors import DataError, printable
from physfit.typing import FloatArray

__all__ = ["jcamp_scans"]

#: Characters of a line, and of one of ordinates; bytes that one of them takes.
_LONGEST_LINE, _LONGEST_ROW, _BYTES_EACH = 1 << 20, 20_000, 64
_DATA = {"XYDATA", "XYPOINTS", "PEAKTABLE", "DATATABLE", "PEAKASSIGNMENTS"}
# An exponent has a sign: without one E and e are packed digits 5 and -5.
_FIRST_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]\d+)?)")
_NUMBERS = re.compile(
    r"(?:[\s,]*+[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?)*+[\s,]*+"
)
_REPEAT = re.compile(r"([S-Zs])(\d*)")
_DIGITS = dict(zip("STUVWXYZs", range(1, 10), strict=True))
_PSEUDO_DIGIT = re.compile(r"[@%A-Za-z]")
_GAP = re.compile(r"[\s,;]+")
_UNITS = {
    "1/CM": ("wavenumber", "1/cm"),
    "CM-1": ("wavenumber", "1/cm"),
    "MICROMETERS": ("wavelength", "um"),
    "NANOMETERS": ("wavelength", "nm"),
    "SECONDS": ("time", "s"),
    "SEC": ("time", "s"),
    "NM": ("wavelength", "nm"),
    "RAMAN SHIFT": ("Raman shift", "1/cm"),
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
    lines: list[tuple[int, str]]
    line: int

    @property
    def has_steps(self) -> bool:
        """Whether ordinates stand at even steps."""
        return self.form.replace(" ", "").upper().startswith("(X++(Y..Y)")

    @property
    def is_read(self) -> bool:
        """Whether its form is one of those that are read."""
        form = self.form.replace(" ", "").upper()
        return self.has_steps or form.startswith("(XY..XY)")

    def number(self, label: str) -> float | None:
        """The number after a label, None without one."""
        try:
            return float(self.labels.get(label, "").replace(",", "."))
        except ValueError:
            return None

    def needed(self, label: str) -> float:
        """The number after a label that must be there."""
        number = self.number(label)
        if number is None:
            raise self.wrong(f"has no number after ##{label}, which tells its x")
        return number

    def wrong(self, what: str) -> DataError:
        """The error that this table `what`."""
        return DataError(
            f"`{self.path}`, ##{self.label} in line {self.line}, {what}; export it "
            "anew, or as CSV."
        )


def jcamp_scans(path: Path) -> Scans:
    """The tables of all blocks of a JCAMP-DX file."""
    every = list(_blocks(path, list(lines_of_file(path, _LONGEST_LINE))))
    blocks = [block for block in every if block.is_read] or every
    left = len(every) - len(blocks)
    tables = "1 table" if left == 1 else f"{left} tables"
    said = (f"{tables} of a form that is not read left out",) if left else ()
    if not blocks:
        raise DataError(
            f"`{path}` is a JCAMP-DX file without ##XYDATA or ##XYPOINTS; export it "
            "with its numbers."
        )

    def title(k: int) -> str:
        words = (blocks[k].labels.get(label, "") for label in ("TITLE", "DATATYPE"))
        return printable(" ".join(words).strip())[:60]

    return Scans(
        len(blocks),
        lambda k: _offer(blocks[k]),
        title,
        remarks=said,
    )


def _blocks(path: Path, lines: list[str]) -> Iterator[_Block]:
    """The tables of a file, each with the labels of its block up to its end."""
    stack: list[tuple[dict[str, str], list[_Block]]] = [({}, [])]
    at: list[tuple[int, str]] | None = None
    for number, line in enumerate(lines, 1):
        text = line.split("$$")[0].rstrip()
        if not text.lstrip().startswith("##"):
            if at is not None and text:
                at.append((number, text))
            continue
        label, _, value = text.lstrip()[2:].partition("=")
        key = re.sub(r"[\s/_-]", "", label).upper()
        value, at = value.strip(), None
        if key == "TITLE":
            stack.append(({}, []))
        labels, tables = stack[-1]
        if key == "END":
            if len(stack) > 1:
                stack.pop()
                yield from tables
        elif key in _DATA:
            table = _Block(path, labels, label.strip().upper(), value, [], number)
            tables.append(table)
            at = table.lines
        else:
            labels.setdefault(key, value)
    for _, tables in stack:
        if tables:
            raise tables[0].wrong("has no ##END= after it, so the file is cut")


def _offer(block: _Block) -> Offer:
    """x and y of a table."""
    if not block.is_read:
        raise block.wrong(f"is of the form {block.form[:40]!r}, which is not read")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        x, y = _stepped(block) if block.has_steps else _pairs(block)
    if x.size != block.needed("NPOINTS"):
        count = f"{block.needed('NPOINTS'):.0f} by ##NPOINTS"
        raise block.wrong(f"has {x.size} ordinates, but {count}")
    factor = block.number("YFACTOR")
    remarks = [] if factor in (None, 1.0) else [f"YFACTOR {factor:.9g} applied"]
    if not block.has_steps and (block.number("XFACTOR") or 1.0) != 1.0:
        remarks.append(f"XFACTOR {block.number('XFACTOR'):.9g} applied")
    y = y if factor is None else y * factor
    remarks += _check_y(block, y)
    remarks += _check_step(block, x)
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
    if not n >= 2.0 or first == last:
        raise block.wrong(f"goes from {first:.9g} to {last:.9g} in {n:.9g} ordinates")
    stored = block.path.stat().st_size
    check_unpacked(
        int(min(n, 1e15)) * _BYTES_EACH,
        stored,
        f"`{block.path}`",
        "exported anew, as text",
    )
    step = (last - first) / (n - 1.0)
    factor = block.number("XFACTOR") or 1.0
    values: list[float] = []
    is_check = False
    for k, line in block.lines:
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
    rest = " ".join(line[match.end() :].split()) if match else ""
    repeated = sum(_DIGITS[mark] * 10 ** len(n) for mark, n in _REPEAT.findall(rest))
    if len(rest) > _LONGEST_ROW or repeated > 10.0 * block.needed("NPOINTS"):
        raise block.wrong(f"has more in line {number} than NPOINTS says")
    is_packed = _PSEUDO_DIGIT.match(rest) is not None
    rest = rest.replace(" ", "") if is_packed else rest
    table = {"XYDATA": [f"(X++(Y..Y))\n0 {rest}"]}
    try:
        ordinates = jcampdx.getdataarray(table)
    except UserWarning:  # as which it tells of what it cannot unpack
        ordinates = None
    if not is_packed and not _NUMBERS.fullmatch(rest):  # it skips what is no number
        ordinates = None
    if match is None or ordinates is None or not len(ordinates):
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
    words = [word for _, line in block.lines for word in _GAP.split(line) if word]
    try:
        values = np.array([float(word) for word in words])
    except ValueError as error:
        raise block.wrong(f"is no table of numbers ({error})") from None
    if not values.size or values.size % 2:
        raise block.wrong(f"has {values.size} numbers, which are no pairs")
    return values[::2] * (block.number("XFACTOR") or 1.0), values[1::2]


def _check_y(block: _Block, y: FloatArray) -> list[str]:
    """What the labels say of the ordinates and is not so."""
    slack = 2e-3 * float(np.abs(y).max(initial=0.0)) + 1e-300
    values = {"FIRSTY": y[0], "MINY": y.min(), "MAXY": y.max()}
    said = {label: block.number(label) for label in values}
    pairs = [(label, n, values[label]) for label, n in said.items() if n is not None]
    differ = [
        f"{label} says {n:.9g}, but {value:.9g} is read"
        for label, n, value in pairs
        if abs(n - value) > slack
    ]
    ratios = [n / value for _, n, value in pairs if value != 0.0]
    is_factor = len(differ) == len(pairs) and np.ptp(ratios or [0.0]) < 1e-2 * max(
        map(abs, ratios), default=0.0
    )
    if is_factor and (len(pairs) > 1 or abs(pairs[0][1] - y[-1]) > slack):
        raise block.wrong(f"lacks a factor: {differ[0]}")
    return differ


def _check_step(block: _Block, x: FloatArray) -> list[str]:
    """What DELTAX says and is not so; the lines themselves begin with the right x."""
    delta = block.number("DELTAX")
    if not delta or not block.has_steps:
        return []
    step = (x[-1] - x[0]) / (x.size - 1)
    if abs(abs(delta / step) - 1.0) * x.size <= 1.0 + 5e-4 * x.size:
        return []
    differs = f"DELTAX says {delta:.9g}, but x has steps of {step:.9g}"
    if len(block.lines) < 3:  # nothing else tells which is right
        raise block.wrong(f"contradicts itself: {differs}")
    return [differs]


def _last_digit(text: str) -> float:
    """The size of the last digit of a number as it is written."""
    digits, _, power = text.lower().partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
