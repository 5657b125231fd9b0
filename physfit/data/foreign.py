"""Formats that are no tables of text: known by how they begin, refused by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from physfit.data.files.paths import opened_file
from physfit.errors import DataError

__all__ = ["refuse_binary", "refuse_foreign"]

_EXPORT = "export it as text columns (CSV) by the program that wrote it"
_UNPACK = "unpack it and give what comes out"
_BY_PYTHON = "read it by its own library in Python, and pass the columns as arrays"
_SHOWN = "give the numbers, not their picture"
_NC3 = "convert it by `nccopy -k nc4` to netCDF 4, which is HDF5"
#: First bytes, none of which a text has, the name of the format, and what to do.
_BINARY = (
    (rb"CDF[\x01\x02\x05]", "netCDF 3", _NC3),
    (rb"MATLAB 5\.0 MAT", "MATLAB 5", "save it with -v7.3, which is HDF5, or as CSV"),
    (rb"SIMPLE  =", "FITS", _BY_PYTHON),
    (rb"TDSm[\0-\x1f]", "LabVIEW TDMS", _EXPORT),
    (rb"PAR1[\0-\x1f]", "Parquet", _BY_PYTHON),
    (rb"ARROW1\0", "Arrow", _BY_PYTHON),
    (rb"root\0", "ROOT", _BY_PYTHON),
    (rb"SQLite format 3\0", "SQLite", _BY_PYTHON),
    (rb"Andor Technology Multi-Channel", "Andor SIF", _EXPORT),
    (rb"GWYPGwyContainer", "Gwyddion", _EXPORT),
    (rb"BZh\d1AY&SY", "bzip2", _UNPACK),
    (rb"\xfd7zXZ\0", "xz", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "Zstandard", _UNPACK),
    (rb"7z\xbc\xaf", "7-Zip", _UNPACK),
    (rb"\x89PNG|\xff\xd8\xff", "PNG or JPEG", _SHOWN),
    (rb"II\*\0|MM\0\*", "TIFF", _BY_PYTHON),
    (rb"\x80[\x02-\x05]", "pickle", "save numbers with numpy.savez"),
)
_FORMATS = (
    (re.compile(r"##\s*(?:TITLE|JCAMP-?DX)\s*=", re.IGNORECASE), "JCAMP-DX"),
    (re.compile(r"<\?xml|<xrdMeasurements", re.IGNORECASE), "XML"),
    (re.compile(r"<!doctype html|<html", re.IGNORECASE), "HTML"),
    (re.compile(r"VAMAS Surface Chemical Analysis"), "VAMAS"),
    (re.compile(r"[\[{]\s*(?:[\[{\"]|$)"), "JSON"),
    (re.compile(r"%PDF-"), "PDF"),
)


def refuse_binary(path: Path) -> None:
    """Refuse a file that begins as one of another format, which is no text.

    Raises
    ------
    DataError
        With the name of the format.
    """
    with opened_file(path) as stream:
        begin = stream.read(32)
    for magic, name, cure in _BINARY:
        if re.match(magic, begin, re.DOTALL):
            raise DataError(
                f"`{path}` is a {name} file, not a table of columns; {cure}."
            )


def refuse_foreign(path: Path, lines: Sequence[str]) -> None:
    """Refuse a file whose first line is that of another format.

    Raises
    ------
    DataError
        With the name of the format: its numbers need factors and units, or are no
        columns.
    """
    first = next((line.strip() for line in islice(lines, 20) if line.strip()), "")
    for pattern, name in _FORMATS:
        if pattern.match(first):
            cure = _EXPORT
            if path.suffix.lower() == ".gz" and name in ("JCAMP-DX", "XML"):
                cure = "unpack it by `gunzip -k` and give what comes out"
            raise DataError(
                f"`{path}` is a {name} file, not a table of columns; {cure}."
            )
