"""LabVIEW measurement files (.lvm): text in segments, each with a heading of its own.

The numbers are read by the rules of text. The headings tell the separator and the
decimal mark, the units, and the places of samples where no column has them: X0 and
Delta_X. Readers of others were tried: one drops the column of x, one takes what it
cannot read for NaN.

References
----------
National Instruments, "Specification for the LabVIEW Measurement File (.lvm)" (2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from physfit.data.dialect import TextFormat
from physfit.data.files.text_file import lines_of_file
from physfit.data.instruments.scans import Scans
from physfit.data.table import Field, Offer, Steps
from physfit.data.text import offer_of_lines
from physfit.errors import DataError, printable

__all__ = ["labview_scans"]

_LONGEST_LINE = 1 << 20
_END = "***End_of_Header***"
_X = "X_Value"
_SEPARATORS = {"tab": "\t", "comma": ","}
_UNITS = {"time": "s", "frequency": "Hz"}


class _Segment(NamedTuple):
    """Cells after each key of a heading, the names of columns, and lines of rows."""

    heading: dict[str, list[str]]
    names: list[str]
    start: int
    stop: int


def labview_scans(path: Path) -> Scans:
    """The segments of a LabVIEW measurement file."""
    lines = list(lines_of_file(path, _LONGEST_LINE))
    mark = _separator(path, lines)
    said, at = _heading(path, lines, 0, mark)
    decimal = (said.get("Decimal_Separator") or ["."])[0] or "."
    segments = list(_segments(path, lines, at, mark))
    if decimal not in ".," or decimal == mark:
        raise DataError(
            f"`{path}` says that its decimal separator is {decimal[:9]!r} between "
            f"columns separated by {mark!r}; export it anew."
        )
    form = TextFormat(0, 0, mark, decimal)

    def read(k: int) -> Offer:
        return _offer(path, lines, segments[k], form)

    def title(k: int) -> str:
        return printable(_cell(segments[k].heading, "Time", 0))[:15]

    return Scans(len(segments), read, title)


def _separator(path: Path, lines: list[str]) -> str:
    """What separates columns, which a line of the heading says in a word."""
    line = next((line for line in lines[:20] if line.startswith("Separator")), "")
    word = line[len("Separator") :].strip("\t, ").lower() or "tab"
    if word not in _SEPARATORS:
        raise DataError(
            f"`{path}` says that its separator is {word[:20]!r}; tabs and commas are "
            "read."
        )
    return _SEPARATORS[word]


def _heading(
    path: Path, lines: list[str], at: int, mark: str
) -> tuple[dict[str, list[str]], int]:
    """The cells after each key, and the line behind the end of the heading."""
    cells: dict[str, list[str]] = {}
    for number in range(at, len(lines)):
        key, *values = lines[number].split(mark)
        if key == _END:
            return cells, number + 1
        cells.setdefault(key.strip(), [value.strip() for value in values])
    raise DataError(
        f"`{path}` has no {_END} after line {at + 1}, so it is cut; copy it anew."
    )


def _segments(path: Path, lines: list[str], at: int, mark: str) -> Iterator[_Segment]:
    """The segments from a line on; blocks of other programs are passed over."""
    is_special = False
    while at < len(lines):
        text = lines[at].strip(f"{mark} ")
        is_special |= text.startswith("***Start_Special")
        if not text or is_special:
            is_special &= not text.startswith("***End_Special")
            at += 1
            continue
        heading, at = _heading(path, lines, at, mark)
        names = lines[at].split(mark) if at < len(lines) else []
        start = at = at + 1
        while at < len(lines) and lines[at].strip(f"{mark} "):
            at += 1
        yield _Segment(heading, [name.strip() for name in names], start, at)


def _cell(heading: dict[str, list[str]], key: str, at: int) -> str:
    values = heading.get(key, [])
    return values[at] if 0 <= at < len(values) else ""


def _offer(path: Path, lines: list[str], part: _Segment, form: TextFormat) -> Offer:
    """Columns of a segment, with their units and what each is measured against."""
    offer = offer_of_lines(path, list(_rows(path, lines, part, form)), form)
    remarks = (*offer.remarks, *_missing(path, part, part.stop == len(lines)))
    fields: list[Field] = []
    axes: dict[int, int] = {}
    computed: dict[tuple[float, float], int] = {}
    n_columns, n_rows = len(offer.fields), part.stop - part.start
    if any(f.values is not None and f.values.size != n_rows for f in offer.fields):
        raise DataError(
            f"`{path}` has lines without numbers among the {n_rows} from line "
            f"{part.start + 1} on; correct them."
        )
    last_x, shift = None, int(part.names[:1] == [_X])
    for at, field in enumerate(offer.fields):
        name = part.names[at] if at < len(part.names) else ""
        channel = at - shift
        if name == _X:
            has_numbers = not field.is_text
            last_x = at if has_numbers else last_x
            unit = _x_unit(part, channel + 1) if has_numbers else ""
            fields.append(field._replace(name=name, unit=unit, is_text=not has_numbers))
            continue
        unit = printable(_cell(part.heading, "Y_Unit_Label", channel))
        fields.append(field._replace(name=printable(name), unit=unit))
        if last_x is None:
            place = _start_and_step(path, part, channel)
            axes[at] = computed.setdefault(place, n_columns + len(computed))
        else:
            axes[at] = last_x
    fields += [_time(part, place, n_rows) for place in computed]
    first = min(axes, default=None)
    axis = None if first is None else axes[first]
    return offer._replace(fields=tuple(fields), axis=axis, axes=axes, remarks=remarks)


def _missing(path: Path, part: _Segment, is_open: bool) -> list[str]:
    """What is said of rows that the heading promises and that are not there.

    `is_open` tells that nothing ends the last line of the file, not even a line break.
    """
    promised = [int(s) for s in part.heading.get("Samples", []) if s.isdigit()]
    n_rows, most = part.stop - part.start, max(promised, default=0)
    if n_rows >= most:
        return []
    if is_open:
        raise DataError(
            f"`{path}` is cut in line {part.stop}, after {n_rows} rows of {most} that "
            "its heading promises; copy it anew."
        )
    return [f"{n_rows} rows of {most} that the heading promises"]


def _rows(
    path: Path, lines: list[str], part: _Segment, form: TextFormat
) -> Iterator[str]:
    """The rows of a segment, all as wide as its names, without its comment."""
    names = part.names
    width = len(names) - (names[-1:] == [""])
    width -= names[width - 1 : width] == ["Comment"]
    mark = form.delimiter or "\t"
    yield from [""] * part.start
    for number in range(part.start, part.stop):
        cells = lines[number].split(mark)
        if len(cells) < width or any(cells[len(names) :]):
            raise DataError(
                f"`{path}` has {len(cells)} cells in line {number + 1}, but "
                f"{len(names)} names of columns; correct the line."
            )
        yield mark.join(cells[:width])


def _x_unit(part: _Segment, channel: int) -> str:
    """The unit of x by what it is; empty if that is unknown."""
    return _UNITS.get(_cell(part.heading, "X_Dimension", channel).lower(), "")


def _start_and_step(path: Path, part: _Segment, channel: int) -> tuple[float, float]:
    """X0 and Delta_X of a channel."""
    texts = [_cell(part.heading, key, channel) for key in ("X0", "Delta_X")]
    try:
        start, step = (float(text.replace(",", ".")) for text in texts)
    except ValueError:
        raise DataError(
            f"`{path}` has no column of x above line {part.start + 1}, and X0 and "
            f"Delta_X are {texts[0][:20]!r} and {texts[1][:20]!r}; correct them."
        ) from None
    return start, step


def _time(part: _Segment, place: tuple[float, float], n: int) -> Field:
    """Places of samples that are a start and a step."""
    start, step = place
    name = _cell(part.heading, "X_Dimension", 0).lower() or "x"
    return Steps(start, step).field(n, printable(name), _x_unit(part, 0))
