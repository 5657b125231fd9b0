"""Formats of text that are no tables: known by their first lines, refused by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from physfit.errors import DataError

__all__ = ["refuse_foreign"]

_FORMATS = (
    (re.compile(r"##\s*(?:TITLE|JCAMP-?DX)\s*=", re.IGNORECASE), "JCAMP-DX"),
    (re.compile(r"<\?xml|<xrdMeasurements", re.IGNORECASE), "XML"),
    (re.compile(r"<!doctype html|<html", re.IGNORECASE), "HTML"),
    (re.compile(r"VAMAS Surface Chemical Analysis"), "VAMAS"),
    (re.compile(r"[\[{]\s*(?:[\[{\"]|$)"), "JSON"),
    (re.compile(r"%PDF-"), "PDF"),
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
            cure = "export it as text columns (CSV) by the program that wrote it"
            if path.suffix.lower() == ".gz" and name in ("JCAMP-DX", "XML"):
                cure = "unpack it by `gunzip -k` and give what comes out"
            raise DataError(
                f"`{path}` is a {name} file, not a table of columns; {cure}."
            )
