"""Princeton Instruments SPE: frames of a camera, of WinSpec (2.x) and LightField (3.0).

A scan is one line of pixels of one region of one frame. x is the wavelength where the
file has a calibration, else the number of the pixel. Physfit reads these files itself:
the readers that are kept up fail at entries of LightField's footer that nobody needs,
and none of them takes several regions.

References
----------
Princeton Instruments, "WinSpec SPE File Format" (2.5) and "SPE 3.0 File Format
Specification" (2014).
"""

from __future__ import annotations

import bisect
import itertools
import struct
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from physfit.data.headings import split_unit
from physfit.data.instruments.scans import Scans, bytes_of, text_in, xy_offer
from physfit.data.instruments.xml_tree import xml_tree
from physfit.data.row_data import Axis
from physfit.data.table import Field, Offer
from physfit.errors import DataError

__all__ = ["spe_scans"]

_TYPES = {0: "<f4", 1: "<i4", 2: "<i2", 3: "<u2", 5: "<f8", 6: "u1", 8: "<u4"}
_PIXELS = {
    "MonochromeUnsigned16": "<u2",
    "MonochromeUnsigned32": "<u4",
    "MonochromeFloating32": "<f4",
}
_START = 4100
_NO_CALIBRATION = "without a calibration x counts pixels"


class _Region(NamedTuple):
    """Lines of pixels of each frame: where they begin, how many, and their x."""

    offset: int
    width: int
    height: int
    x: Field
    remarks: tuple[str, ...]


class _Camera(NamedTuple):
    """The frames of a file."""

    frames: int
    stride: int
    dtype: np.dtype[Any]
    regions: list[_Region]


def spe_scans(path: Path) -> Scans:
    """The lines of pixels of an SPE file."""
    data = bytes_of(path)
    (footer,) = struct.unpack_from("<Q", data, 678)
    (version,) = struct.unpack_from("<f", data, 1992)
    is_new = version >= 3.0 and footer
    camera = _lightfield(path, data, footer) if is_new else _winspec(path, data)
    expected = _START + camera.frames * camera.stride
    if camera.frames < 1 or camera.stride < 1 or expected > len(data):
        raise DataError(
            f"`{path}` is a truncated Princeton SPE file: {camera.frames} frames need "
            f"{expected} bytes, but it has {len(data)}; copy it anew."
        )
    ends = list(itertools.accumulate(region.height for region in camera.regions))

    def place(k: int) -> tuple[int, int, int]:
        """Frame, region and line of a scan."""
        frame, line = divmod(k, ends[-1])
        at = bisect.bisect(ends, line)
        return frame, at, line - (ends[at] - camera.regions[at].height)

    def title(k: int) -> str:
        frame, at, line = place(k)
        return f"frame {frame}, region {at}, line {line}"

    def read(k: int) -> Offer:
        frame, at, line = place(k)
        region = camera.regions[at]
        item = camera.dtype.itemsize
        begin = region.offset + line * region.width * item
        y = np.frombuffer(
            data, camera.dtype, region.width, _START + frame * camera.stride + begin
        )
        return xy_offer(
            path, region.x, Field("intensity", "counts", y), remarks=region.remarks
        )

    return Scans(camera.frames * ends[-1], read, title, _axes(camera))


def _axes(camera: _Camera) -> tuple[Axis, ...]:
    """Frames and lines, where all regions are one."""
    if len(camera.regions) > 1:
        return ()
    counts = (camera.frames, camera.regions[0].height)
    axes = (
        Axis(name, np.arange(float(n)))
        for name, n in zip(("frame", "line"), counts, strict=True)
        if n > 1
    )
    return tuple(axes)


def _winspec(path: Path, data: bytes) -> _Camera:
    """Frames by the header of version 2."""
    kind, width, height, n_regions = (
        struct.unpack_from("<H", data, at)[0] for at in (108, 42, 656, 1510)
    )
    (frames,) = struct.unpack_from("<i", data, 1446)
    if n_regions > 1:
        raise DataError(
            f"`{path}` holds {n_regions} regions of interest in one frame, which are "
            "not read; export them one by one."
        )
    dtype = np.dtype(_TYPES[kind])
    x, remarks = _calibration(data, width)
    region = _Region(0, width, height, x, remarks)
    return _Camera(frames, width * height * dtype.itemsize, dtype, [region])


def _calibration(data: bytes, width: int) -> tuple[Field, tuple[str, ...]]:
    """x by the polynomial of pixels counted from 1, if it is marked as valid."""
    pixels = np.arange(1.0, width + 1.0)
    order = data[3101]
    factors = struct.unpack_from("<6d", data, 3263)[: order + 1]
    if not data[3098] or not 1 <= order <= 5 or not any(factors[1:]):
        return Field("pixel", "px", pixels), (_NO_CALIBRATION,)
    label = text_in(data[3321:3402]) if data[3320] == 200 else ""
    first, _, group = struct.unpack_from("<3H", data, 1512)
    remarks = [f"x by a calibration of order {order}"]
    if first > 1 or group > 1:
        remarks.append(
            f"the region begins at pixel {first}, {group} pixels joined: its pixels "
            "are counted from 1 all the same"
        )
    values = np.polynomial.polynomial.polyval(pixels, factors)
    return Field(*split_unit(label or "x"), values), tuple(remarks)


def _lightfield(path: Path, data: bytes, footer: int) -> _Camera:
    """Frames by the XML at the end of version 3.0."""
    if not _START <= footer < len(data):
        raise DataError(
            f"`{path}` is a truncated Princeton SPE file: its footer should begin at "
            f"byte {footer}, but it has {len(data)}; copy it anew."
        )
    root = xml_tree(path, data[footer:].strip(b"\0\r\n "), "Princeton SPE")
    frame = root.find("DataFormat/DataBlock")
    blocks = [] if frame is None else frame.findall("DataBlock")
    if frame is None or not blocks or frame.get("pixelFormat") not in _PIXELS:
        raise DataError(
            f"`{path}` is a Princeton SPE file whose footer tells no frames of numbers "
            "that are read; export it as text."
        )
    dtype = np.dtype(_PIXELS[frame.get("pixelFormat", "")])
    sizes = [
        (int(block.get("width", 0)), int(block.get("height", 0))) for block in blocks
    ]
    ends = itertools.accumulate(dtype.itemsize * w * h for w, h in sizes)
    offsets = [0, *ends]
    stride = int(frame.get("stride", offsets[-1]))
    if min(min(size) for size in sizes) < 1 or stride < offsets[-1]:
        raise DataError(f"`{path}` is an SPE file whose regions have no size.")
    regions = [
        _Region(offset, *size, *_mapping(root, block, size[0]))
        for offset, size, block in zip(offsets, sizes, blocks, strict=False)
    ]
    return _Camera(int(frame.get("count", 0)), stride, dtype, regions)


def _mapping(
    root: Element, block: Element, width: int
) -> tuple[Field, tuple[str, ...]]:
    """Wavelengths of the pixels of a region, or their numbers."""
    mapping = root.find("Calibrations/WavelengthMapping")
    listed = None if mapping is None else mapping.find("Wavelength")
    pairs = None if mapping is None else mapping.find("WavelengthError")
    values: list[float] = []
    if listed is not None:
        values = [float(word) for word in (listed.text or "").split(",")]
    elif pairs is not None:
        values = [float(p.split(",")[0]) for p in (pairs.text or "").split()]
    if len(values) == width:
        return Field("wavelength", "nm", np.array(values)), ()
    sensor = _sensor(root, block)
    if values and sensor is not None:
        first, size, joined = sensor
        part = np.array(values)[first : first + size]
        if part.size == size == width * joined:
            part = part.reshape(width, joined).mean(axis=1)
            return Field("wavelength", "nm", part), ()
    said = _NO_CALIBRATION
    if values:
        said = f"{len(values)} wavelengths do not fit {width} pixels: x counts pixels"
    return Field("pixel", "px", np.arange(1.0, width + 1.0)), (said,)


def _sensor(root: Element, block: Element) -> tuple[int, int, int] | None:
    """First pixel, pixels and pixels joined of a region on the sensor."""
    mappings = root.findall("Calibrations/SensorMapping")
    wanted = (block.get("calibrations") or "").split(",")
    for mapping in mappings:
        if len(mappings) == 1 or mapping.get("id") in wanted:
            first, size, joined = (
                int(mapping.get(key, 0)) for key in ("x", "width", "xBinning")
            )
            return first, size, max(joined, 1)
    return None
