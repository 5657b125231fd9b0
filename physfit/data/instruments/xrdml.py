"""PANalytical XRDML: scans of a diffractometer, in XML.

Intensities are taken as they stand. Counts are raw: multiplied by the factors of the
beam attenuator, where there are any, and refused with a divergence correction.

References
----------
Schemas of XRDMeasurement 1.0 to 2.x, PANalytical B.V.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from physfit.data.instruments.scans import Scans, bytes_of, xy_offer
from physfit.data.instruments.xml_tree import xml_tree
from physfit.data.table import Field, Offer
from physfit.errors import DataError, printable
from physfit.typing import FloatArray

__all__ = ["xrdml_scans"]

#: The position that a scan along several of them is plotted against.
_AXES = {"Gonio": "2Theta", "2Theta-Omega": "2Theta", "Omega-2Theta": "Omega"}


def xrdml_scans(path: Path) -> Scans:
    """The scans of all measurements of an XRDML file."""
    root = xml_tree(path, bytes_of(path), "PANalytical XRDML")
    scans = [scan for scan in root.iter("scan") if scan.find("dataPoints") is not None]

    def title(k: int) -> str:
        words = (scans[k].get(key, "") for key in ("scanAxis", "status"))
        return printable(" ".join(words).strip())

    return Scans(len(scans), lambda k: _offer(path, scans[k], k), title)


def _offer(path: Path, scan: Element, number: int) -> Offer:
    """Positions and intensities of a scan."""
    points = scan.find("dataPoints")
    where = f"`{path}`, scan {number},"
    counts = points.find("counts") if points is not None else None
    stored = points.find("intensities") if counts is None else counts  # type: ignore[union-attr]
    if points is None or stored is None:
        raise DataError(f"{where} has neither <intensities> nor <counts>.")
    values = _numbers(where, stored)
    unit = stored.get("unit", "counts")
    remarks, others = [], []
    factors = _each(where, points, "BeamAttenuationFactor", values.size)
    if counts is not None:
        if any("ivergenceCorrection" in child.tag for child in points):
            raise DataError(
                f"{where} has raw counts with a divergence correction, which is not "
                "applied here; export it as corrected intensities or as text."
            )
        if factors is not None and (factors != 1.0).any():
            others.append(Field("raw counts", unit, values))
            values = values * factors
            remarks.append(f"counts times attenuation factors {_range(factors)}")
    elif factors is not None and (factors != 1.0).any():
        remarks.append(f"attenuation factors {_range(factors)} are in the intensities")
    times = _each(where, points, "CountingTime", values.size)
    if times is not None:
        remarks.append(f"{_range(times)} s a point: y is in {unit}, not per second")
        others.append(Field("counting time", "s", times))
    if scan.get("status", "Completed") != "Completed":
        remarks.append(f"the scan is {printable(scan.get('status', ''))}")
    places = [
        _positions(where, place, values.size) for place in points.iter("positions")
    ]
    return _with_x(
        where, path, scan.get("scanAxis", ""), places,
        Field("intensity", unit, values), others, remarks,
    )  # fmt: skip


def _with_x(
    where: str,
    path: Path,
    scan_axis: str,
    places: list[Field],
    y: Field,
    others: list[Field],
    remarks: list[str],
) -> Offer:
    """Columns of a scan, against the position that it is along."""
    moving = [place for place in places if _moves(place)]
    wanted = _AXES.get(scan_axis, scan_axis)
    named = [place for place in moving if place.name == wanted]
    if not moving:
        raise DataError(f"{where} has no position that changes; nothing is its x.")
    x = (named or moving)[0]
    others += [place for place in places if place is not x]
    return xy_offer(
        path,
        x,
        y,
        *others,
        remarks=tuple(remarks),
    )


def _moves(place: Field) -> bool:
    """Whether a position changes along the scan."""
    return isinstance(place.values, np.ndarray) and bool(np.ptp(place.values) > 0.0)


def _positions(where: str, place: Element, n: int) -> Field:
    """One axis of the goniometer: even steps, a list, or one position."""
    name, unit = printable(place.get("axis", "")), printable(place.get("unit", ""))
    listed, common = place.find("listPositions"), place.find("commonPosition")
    if listed is not None:
        values = _numbers(where, listed)
    elif common is not None:
        values = np.full(n, _numbers(where, common)[0])
    else:
        ends = [place.find(tag) for tag in ("startPosition", "endPosition")]
        if ends[0] is None or ends[1] is None:
            raise DataError(f"{where} has no positions of {name!r}.")
        first, last = (_numbers(where, end)[0] for end in ends if end is not None)
        values = np.linspace(first, last, n)
    if values.size != n:
        raise DataError(
            f"{where} has {n} intensities, but {values.size} positions of {name!r}; "
            "it is damaged."
        )
    return Field(name, unit, values)


def _each(where: str, points: Element, what: str, n: int) -> FloatArray | None:
    """A quantity of each point, stored once for all of them or as a list."""
    common = points.find(f"common{what}")
    if common is not None:
        return np.full(n, _numbers(where, common)[0])
    listed = points.find(f"{what[0].lower()}{what[1:]}s")
    if listed is None:
        return None
    values = _numbers(where, listed)
    if values.size != n:
        raise DataError(
            f"{where} has {n} intensities, but {values.size} numbers in "
            f"<{listed.tag}>; it is damaged."
        )
    return values


def _numbers(where: str, element: Element) -> FloatArray:
    """The numbers in an element, at least one."""
    try:
        values = np.array([float(word) for word in (element.text or "").split()])
    except ValueError as error:
        raise DataError(
            f"{where} has no numbers in <{element.tag}>: {error}."
        ) from None
    if not values.size:
        raise DataError(f"{where} has an empty <{element.tag}>.")
    return values


def _range(values: FloatArray) -> str:
    low, high = values.min(), values.max()
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
