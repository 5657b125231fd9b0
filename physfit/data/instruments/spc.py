"""Galactic (Thermo) SPC: one or many spectra, read by spc-io.

The numbers of a file of one spectrum are scaled by the exponent of its main header.
Many programs leave that of the subheader 0, by which the reader scales.

References
----------
Galactic Industries, "A Brief Guide to SPC File Format and Using GSPCIO" (1997).
"""

from __future__ import annotations

import logging
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from physfit.data.headings import split_unit
from physfit.data.instruments.scans import Scans, bytes_of, text_in, xy_offer
from physfit.data.row_data import Axis
from physfit.data.table import Field, Offer
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["spc_scans"]

_X = {
    "XARB": ("x", ""), "XWAVEN": ("wavenumber", "1/cm"), "XUMETR": ("wavelength", "um"),
    "XNMETR": ("wavelength", "nm"), "XSECS": ("time", "s"), "XMINUTS": ("time", "min"),
    "XHERTZ": ("frequency", "Hz"), "XKHERTZ": ("frequency", "kHz"),
    "XMHERTZ": ("frequency", "MHz"), "XMUNITS": ("m/z", ""),
    "XPPM": ("chemical shift", "ppm"), "XDAYS": ("time", "d"),
    "XRAMANS": ("Raman shift", "1/cm"), "XEV": ("energy", "eV"),
    "XDIODE": ("diode", ""), "XCHANL": ("channel", ""), "XDEGRS": ("angle", "deg"),
    "XDEGRC": ("temperature", "degC"), "XDEGRK": ("temperature", "K"),
    "XPOINT": ("point", ""), "XMSEC": ("time", "ms"), "XUSEC": ("time", "us"),
    "XNSEC": ("time", "ns"), "XGHERTZ": ("frequency", "GHz"), "XCM": ("length", "cm"),
    "XMETERS": ("length", "m"), "XMMETR": ("length", "mm"), "XHOURS": ("time", "h"),
}  # fmt: skip
_Y = {
    "YIGRAM": ("interferogram", ""), "YABSRB": ("absorbance", ""),
    "YKMONK": ("Kubelka-Munk", ""), "YCOUNT": ("intensity", "counts"),
    "YVOLTS": ("voltage", "V"), "YDEGRS": ("angle", "deg"), "YAMPS": ("current", "mA"),
    "YMETERS": ("length", "mm"), "YMVOLTS": ("voltage", "mV"),
    "YLOGDR": ("log(1/R)", ""), "YPERCNT": ("y", "%"),
    "YRELINT": ("relative intensity", ""), "YENERGY": ("energy", ""),
    "YDECBL": ("level", "dB"), "YDEGRK": ("temperature", "K"),
    "YTRANS": ("transmittance", ""), "YREFLEC": ("reflectance", ""),
    "YEMISN": ("emission", ""),
}  # fmt: skip
#: The exponent that says that numbers are floating points.
_FLOAT = -128


def spc_scans(path: Path) -> Scans:
    """The spectra of an SPC file."""
    from spc_io.low_level import SpcRaw

    data = bytearray(bytes_of(path))
    struct.pack_into("<I", data, 248, 0)  # no log, at which the reader may fail
    logging.getLogger("spc_io").setLevel(logging.ERROR)  # and warns of bytes left
    raw: Any = SpcRaw.from_bytes_io(BytesIO(data))
    header = raw.main_header
    is_many = bool(header.ftflgs.TMULTI)
    scale = 1.0 if is_many else _scale(path, header, raw.subs[0].header)
    labels = _labels(data) if header.ftflgs.TALABS else ("", "", "")
    x_name = _named(labels[0], _X.get(str(header.fxtype), ("x", "")))
    y_name = _named(labels[1], _Y.get(str(header.fytype), ("intensity", "")))
    shared = None if header.ftflgs.TXYXYS else _x(raw)
    said = () if scale == 1.0 else (f"factor {scale:.9g} of the main header applied",)

    def read(k: int) -> Offer:
        x = raw.subs[k].xarray if shared is None else shared
        y = scale * np.array(raw.subs[k].yarray, dtype=np.float64)
        return xy_offer(path, Field(*x_name, x), Field(*y_name, y))

    return Scans(len(raw.subs), read, axes=_axis(raw, labels[2]), remarks=said)


def _scale(path: Path, header: Any, sub: Any) -> float:
    """By what numbers scaled by the subheader are to be multiplied."""
    if _FLOAT in (header.fexp, sub.subexp) or header.fexp == sub.subexp:
        return 1.0
    if sub.subexp != 0:
        raise DataError(
            f"`{path}` scales its spectrum by 2^{header.fexp} in one header and by "
            f"2^{sub.subexp} in the other; export it anew, or as text."
        )
    return float(2.0**header.fexp)


def _x(raw: Any) -> FloatArray:
    """The x that all spectra share: stored, or even from the first to the last."""
    header = raw.main_header
    if header.ftflgs.TXVALS:
        return np.array(raw.xarray, dtype=np.float64)
    return np.linspace(header.ffirst, header.flast, header.fnpts)


def _labels(data: bytes | bytearray) -> tuple[str, ...]:
    """Labels of x, y and z, each up to its zero, in 30 bytes of the header."""
    texts = data[218:248].split(b"\0")
    return tuple(text_in(bytes(text)) for text in [*texts, b"", b"", b""][:3])


def _named(label: str, name: tuple[str, str]) -> tuple[str, str]:
    """A label of the file, with its unit, or the name of the type."""
    return split_unit(label) if label else name


def _axis(raw: Any, label: str) -> tuple[Axis, ...]:
    """The z of many spectra, if they differ."""
    z = np.array([sub.header.subfirst for sub in raw.subs], dtype=np.float64)
    if raw.main_header.fwplanes or len(z) < 2 or len(np.unique(z)) < len(z):
        return ()
    name, unit = _named(label, _X.get(str(raw.main_header.fztype), ("z", "")))
    return (Axis("z" if name == "x" else name, z, unit),)
