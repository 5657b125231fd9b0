"""Renishaw WDF: Raman spectra, series and maps, read by Renishaw's own package."""

from __future__ import annotations

import itertools
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from physfit.data.instruments.scans import Scans, bytes_of, xy_offer
from physfit.data.row_data import Axis
from physfit.data.table import Field, Offer
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["wdf_scans"]

_UNITS = {
    "RamanShift": ("Raman shift", "1/cm"),
    "Wavenumber": ("wavenumber", "1/cm"),
    "Nanometre": ("wavelength", "nm"),
    "ElectronVolt": ("energy", "eV"),
    "Micron": ("position", "um"),
    "Millimetres": ("position", "mm"),
    "Metres": ("position", "m"),
    "Kelvin": ("temperature", "K"),
    "Seconds": ("time", "s"),
    "Milliseconds": ("time", "ms"),
    "Pixels": ("pixel", "px"),
    "Degrees": ("angle", "deg"),
    "Celcius": ("temperature", "degC"),
}
_INTENSITIES = {
    "Counts": ("intensity", "counts"),
    "Electrons": ("intensity", "electrons"),
    "RelativeIntensity": ("relative intensity", ""),
}
#: Places of a map, from the slowest.
_PLACES = ("Spatial_Z", "Spatial_Y", "Spatial_X")


def wdf_scans(path: Path) -> Scans:
    """The spectra of a WDF file."""
    import wdf

    data = bytes_of(path)
    _check_blocks(path, data)
    file = wdf.Wdf()
    file.open_fd(BytesIO(data))
    header = file.hdr
    if header.flags & wdf.WdfFlags.XYXY:
        raise DataError(
            f"`{path}` holds several lists of x by the flag XYXY, which is not read; "
            "export its spectra as text."
        )
    count = min(header.ncollected, header.nspectra)
    has_own_x = bool(header.flags & wdf.WdfFlags.Multitrack)
    shared_x = None if has_own_x else _x(file, 0)
    y_name = _INTENSITIES.get(header.units.name, ("intensity", ""))

    def read(k: int) -> Offer:
        y = np.array(file.spectrum(k))
        return xy_offer(path, shared_x or _x(file, k), Field(*y_name, y))

    unfinished = header.nspectra - count
    said = (f"{unfinished} of {header.nspectra} spectra were not measured",)
    axes = () if has_own_x or unfinished else _axes(file, count)
    return Scans(count, read, axes=axes, remarks=said if unfinished else ())


def _x(file: Any, track: int) -> Field:
    """x of a spectrum."""
    values = file.xlist(track)
    name, unit = _UNITS.get(values.units.name, ("x", ""))
    return Field(name, unit, np.array(values))


def _check_blocks(path: Path, data: bytes) -> None:
    """Refuse blocks that are cut or have no size, among which a search never ends."""
    at = 0
    while at < len(data):
        head = data[at : at + 16]
        size = struct.unpack("<IIQ", head)[2] if len(head) == 16 else 0
        if size < 16 or at + size > len(data):
            raise DataError(
                f"`{path}` is a truncated or damaged Renishaw WDF file: the block at "
                f"byte {at} says that it has {size} bytes, but {len(data) - at} follow."
            )
        at += size


def _axes(file: Any, count: int) -> tuple[Axis, ...]:
    """Axes of a map whose places are those of a grid, line by line; else none."""
    if count < 2:
        return ()
    try:
        origins = {kind.name: origin for kind, origin in file.origins.items()}
    except (EOFError, ValueError, struct.error):  # without or of unknown kinds
        return ()
    places: dict[str, FloatArray] = {
        name: np.array(origins[name][0:count], dtype=np.float64)
        for name in _PLACES
        if name in origins
    }
    units = {name: _UNITS.get(origins[name].dataunit.name) for name in places}
    axes = [
        Axis(name[-1:].lower(), values, (units[name] or ("", ""))[1])
        for name, values in places.items()
        if np.ptp(values) > 0.0
    ]
    if len(axes) == 1:
        return tuple(axes)
    grids = (_grid(order, count) for order in itertools.permutations(axes))
    return next(filter(None, grids), ())


def _grid(axes: tuple[Axis, ...], count: int) -> tuple[Axis, ...]:
    """Axes of a grid whose points follow one another as those of an array, or none."""
    lengths = [len(np.unique(np.round(axis.values, 6))) for axis in axes]
    if not axes or int(np.prod(lengths)) != count:
        return ()
    grid = []
    for at, axis in enumerate(axes):
        lines = np.moveaxis(axis.values.reshape(lengths), at, 0).reshape(
            lengths[at], -1
        )
        if np.ptp(lines, axis=1).max() > 1e-6 * np.ptp(axis.values):
            return ()
        grid.append(axis._replace(values=lines[:, 0].copy()))
    return tuple(grid)
