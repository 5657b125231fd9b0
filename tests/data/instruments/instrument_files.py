"""Small made-up files of instruments, written here from the public specifications."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

import numpy as np

N = 40
X = 400.0 + 2.0 * np.arange(N)
Y = np.round(100.0 + 900.0 * np.exp(-0.5 * ((X - 440.0) / 8.0) ** 2))


# ------------------------------------------------------------------------- JCAMP-DX
def affn(x: np.ndarray, y: np.ndarray, per_line: int = 6) -> str:
    """Lines of an abscissa and plain integers."""
    return "".join(
        f"{x[k]:.1f} {' '.join(f'{v:.0f}' for v in y[k : k + per_line])}\n"
        for k in range(0, len(y), per_line)
    )


def _pseudo(value: int, positive: str, negative: str, zero: str) -> str:
    digits = str(abs(value))
    if value == 0:
        return zero
    first = (positive if value > 0 else negative)[int(digits[0]) - 1]
    return first + digits[1:]


def difdup(x: np.ndarray, y: np.ndarray, per_line: int = 8) -> str:
    """Lines of differences with repeats; each begins with the last ordinate again."""
    values = [int(v) for v in y]
    lines, k = [], 0
    while k < len(values) - 1:
        last = min(k + per_line, len(values) - 1)
        text = _pseudo(values[k], "ABCDEFGHI", "abcdefghi", "@")
        steps = [b - a for a, b in pairwise(values[k : last + 1])]
        at = 0
        while at < len(steps):
            same = at
            while same < len(steps) and steps[same] == steps[at]:
                same += 1
            text += _pseudo(steps[at], "JKLMNOPQR", "jklmnopqr", "%")
            if same - at > 1:
                text += _pseudo(same - at, "STUVWXYZs", "", "")
            at = same
        lines.append(f"{x[k]:.1f}{text}\n")
        k = last
    lines.append(f"{x[k]:.1f}{_pseudo(values[k], 'ABCDEFGHI', 'abcdefghi', '@')}\n")
    return "".join(lines)


def jcamp_block(
    x: np.ndarray = X,
    y: np.ndarray = Y,
    table: str = "",
    form: str = "XYDATA=(X++(Y..Y))",
    yfactor: float = 0.001,
    title: str = "sample",
    labels: str = "",
    **changed: str,
) -> str:
    """One block; `changed` replaces labels."""
    said = {
        "TITLE": title,
        "JCAMP-DX": "4.24 $$ made up",
        "DATA TYPE": "INFRARED SPECTRUM",
        "XUNITS": "1/CM",
        "YUNITS": "ABSORBANCE",
        "XFACTOR": "1.0",
        "YFACTOR": f"{yfactor}",
        "FIRSTX": f"{x[0]}",
        "LASTX": f"{x[-1]}",
        "NPOINTS": f"{len(x)}",
        "FIRSTY": f"{y[0] * yfactor}",
    }
    said |= {name.replace("_", " "): value for name, value in changed.items()}
    head = "".join(f"##{name}={value}\n" for name, value in said.items())
    return f"{head}{labels}##{form}\n{table or affn(x, y)}##END=\n"


def jcamp_link(*blocks: str) -> str:
    """Blocks within one."""
    head = "##TITLE=both\n##JCAMP-DX=4.24\n##DATA TYPE=LINK\n##BLOCKS=2\n"
    return head + "".join(blocks) + "##END=\n"


# ------------------------------------------------------------------------------ SPC
def spc(
    spectra: list[np.ndarray],
    *,
    ends: tuple[float, float] = (X[0], X[-1]),
    x: np.ndarray | None = None,
    exponent: int = -128,
    sub_exponent: int | None = None,
    is_short: bool = False,
    labels: bytes = b"",
    types: tuple[int, int] = (1, 2),
) -> bytes:
    """Spectra with even x, or with one list of x."""
    n = len(spectra[0])
    flags = 1 * is_short | 4 * (len(spectra) > 1) | 32 * bool(labels)
    flags |= 128 * (x is not None)
    head = bytearray(512)
    struct.pack_into("<BBBb", head, 0, flags, 0x4B, 0, exponent)
    struct.pack_into("<IddI", head, 4, n, *ends, len(spectra))
    head[28:30] = bytes(types)
    head[218 : 218 + len(labels)] = labels
    body = b"" if x is None else np.asarray(x, "<f4").tobytes()
    power = exponent if sub_exponent is None else sub_exponent
    for k, y in enumerate(spectra):
        body += struct.pack("<BbHfff", 0, power, k, float(k), k + 1.0, 0.0)
        body += struct.pack("<IIf4x", n, 1, 0.0)
        if exponent == -128:
            body += np.asarray(y, "<f4").tobytes()
        else:
            bits = 16 if is_short else 32
            whole = np.round(np.asarray(y) / 2.0 ** (exponent - bits))
            body += whole.astype("<i2" if is_short else "<i4").tobytes()
    return bytes(head) + body


# ------------------------------------------------------------------------------ WDF
def _block(name: bytes, body: bytes, uid: int = 1) -> bytes:
    return name + struct.pack("<IQ", uid, 16 + len(body)) + body


def wdf(
    spectra: list[np.ndarray],
    *,
    x: np.ndarray = X[::-1],
    measured: int | None = None,
    places: tuple[np.ndarray, np.ndarray] | None = None,
    flags: int = 0,
) -> bytes:
    """Spectra with one list of x, falling as WiRE stores it."""
    n, count = len(spectra[0]), len(spectra)
    head = struct.pack(
        "<IIQQ16s12xIIIQQIIII24s4HIIQQIf48x32s160s48x32x32x",
        *(0x31464457, 1, 512, flags, b"\0" * 16),
        *(0, 0, n, count, count if measured is None else measured, 1, 1, n),
        *(2 if places else 0, b"made up", 1, 0, 0, 0, 1, 3, 0, 0, 6, 514.5),
        *(b"nobody", b"title"),
    )
    data = _block(b"DATA", b"".join(np.asarray(y, "<f4").tobytes() for y in spectra))
    xlist = _block(b"XLST", struct.pack("<II", 19, 1) + np.asarray(x, "<f4").tobytes())
    ylist = _block(b"YLST", struct.pack("<IIf", 0, 0, 0.0))
    origins = b""
    if places:
        for kind, name, values in zip((3, 4), (b"X", b"Y"), places, strict=True):
            label = name.ljust(16, b"\0")
            origins += struct.pack("<II", kind | 0x80000000, 5) + label
            origins += np.asarray(values, "<f8").tobytes()
        origins = _block(b"ORGN", struct.pack("<I", 2) + origins)
    return head + data + ylist + xlist + origins


# ----------------------------------------------------------------------------- OPUS
def _parameters(**values: float | int | str) -> bytes:
    text = b""
    for name, value in values.items():
        if isinstance(value, str):
            raw, kind = value.encode() + b"\0", 2
            raw += b"\0" * (len(raw) % 2)
        elif isinstance(value, int):
            raw, kind = struct.pack("<i", value), 0
        else:
            raw, kind = struct.pack("<d", value), 1
        text += name.encode() + b"\0" + struct.pack("<hh", kind, len(raw) // 2) + raw
    text += b"END\0" + b"\0" * 4
    return text + b"\0" * (-len(text) % 4)


def _status(y: np.ndarray, ends: tuple[float, float], **changed: object) -> bytes:
    said = {
        "DPF": 1, "NPT": len(y), "FXV": float(ends[0]), "LXV": float(ends[1]),
        "CSF": 1.0, "MXY": float(y.max()), "MNY": float(y.min()), "DXU": "WN",
        "DAT": "01/03/2020", "TIM": "10:00:00.000 (GMT+1)",
    }  # fmt: skip
    return _parameters(**{**said, **changed})


def opus_type(parts: tuple[int, int, int, int, int, int]) -> int:
    """Six numbers of a block as its code."""
    shifts = (0, 2, 4, 10, 17, 19)
    return sum(part << shift for part, shift in zip(parts, shifts, strict=True))


def opus(
    *blocks: tuple[tuple[int, int, int, int, int, int], bytes],
) -> bytes:
    """Blocks of given types, behind their directory."""
    start, count = 24, len(blocks) + 1
    most = count + 8
    at = start + 12 * most
    entries = struct.pack("<3i", opus_type((0, 0, 0, 13, 0, 0)), 3 * count, start)
    body = b""
    for parts, content in blocks:
        content += b"\0" * (-len(content) % 4)
        entries += struct.pack("<3i", opus_type(parts), len(content) // 4, at)
        body += content
        at += len(content)
    head = b"\n\n\xfe\xfe" + struct.pack("<d3i", 920622.0, start, most, count)
    return head + entries.ljust(12 * most, b"\0") + body


def opus_absorbance(
    y: np.ndarray = Y,
    ends: tuple[float, float] = (X[-1], X[0]),
    more: Sequence[tuple[tuple[int, int, int, int, int, int], bytes]] = (),
    **changed: object,
) -> bytes:
    """An absorbance, its sample spectrum and interferogram, and more blocks."""
    raw = np.asarray(y, "<f4").tobytes()
    other = np.asarray(2.0 * y, "<f4").tobytes()
    return opus(
        ((3, 1, 0, 2, 0, 0), other),
        ((3, 1, 1, 2, 0, 0), _status(2.0 * y, (0.0, float(len(y))), DXU="PNT")),
        ((3, 1, 0, 1, 0, 0), other),
        ((3, 1, 1, 1, 0, 0), _status(2.0 * y, ends)),
        ((3, 3, 0, 4, 0, 0), raw),
        ((3, 3, 1, 4, 0, 0), _status(y, ends, **changed)),
        *more,
    )


# ------------------------------------------------------------------------------ SPE
def winspec(
    frames: np.ndarray,
    factors: tuple[float, ...] = (),
    code: int = 3,
    regions: int = 1,
    start: int = 1,
) -> bytes:
    """Frames of shape (frames, height, width) of version 2, with a polynomial."""
    head = bytearray(4100)
    count, height, width = frames.shape
    kind = {0: "<f4", 1: "<i4", 2: "<i2", 3: "<u2"}[code]
    struct.pack_into("<H", head, 42, width)
    struct.pack_into("<H", head, 108, code)
    struct.pack_into("<H", head, 656, height)
    struct.pack_into("<i", head, 1446, count)
    struct.pack_into("<H", head, 1510, regions)
    struct.pack_into("<3H", head, 1512, start, start + width - 1, 1)
    struct.pack_into("<f", head, 1992, 2.5)
    struct.pack_into("<I", head, 2996, 0x01234567)
    if factors:
        head[3098], head[3101] = 1, len(factors) - 1
        struct.pack_into(f"<{len(factors)}d", head, 3263, *factors)
        head[3320] = 200
        head[3321:3336] = b"Wavelength (nm)"
    return bytes(head) + frames.astype(kind).tobytes()


def lightfield(
    frames: np.ndarray, wavelengths: str = "", sensor: str = "", extra: int = 0
) -> bytes:
    """Frames of version 3, with `extra` bytes of something else after each."""
    head = bytearray(4100)
    count, height, width = frames.shape
    raw = [frame.astype("<u2").tobytes() + b"\xff" * extra for frame in frames]
    body = b"".join(raw)
    struct.pack_into("<H", head, 108, 3)
    struct.pack_into("<H", head, 42, width)
    struct.pack_into("<H", head, 656, height)
    struct.pack_into("<i", head, 1446, count)
    struct.pack_into("<Q", head, 678, 4100 + len(body))
    struct.pack_into("<f", head, 1992, 3.0)
    head[4098:4100] = b"\x55\x55"
    size = 2 * height * width
    mapping = f"<Wavelength>{wavelengths}</Wavelength>" if wavelengths else ""
    footer = (
        '<SpeFormat version="3.0" xmlns="http://www.princetoninstruments.com/spe/2009">'
        f'<DataFormat><DataBlock type="Frame" count="{count}" '
        f'pixelFormat="MonochromeUnsigned16" size="{size}" stride="{size + extra}">'
        f'<DataBlock type="Region" count="1" width="{width}" height="{height}" '
        f'size="{size}" stride="{size}" calibrations="1,2"/></DataBlock></DataFormat>'
        f"<Calibrations><WavelengthMapping>{mapping}</WavelengthMapping>{sensor}"
        "</Calibrations></SpeFormat>"
    )
    return bytes(head) + body + footer.encode()


# ---------------------------------------------------------------------------- XRDML
def xrdml_scan(
    values: np.ndarray = Y,
    tag: str = "counts",
    more: str = "<commonCountingTime unit='seconds'>0.5</commonCountingTime>",
    axis: str = "Gonio",
    ends: tuple[float, float] = (20.0, 59.0),
    positions: str = "",
) -> str:
    """A scan of 2Theta with Omega at its half."""
    a, b = ends
    places = positions or (
        f'<positions axis="2Theta" unit="deg"><startPosition>{a}</startPosition>'
        f"<endPosition>{b}</endPosition></positions>"
        f'<positions axis="Omega" unit="deg"><startPosition>{a / 2}</startPosition>'
        f"<endPosition>{b / 2}</endPosition></positions>"
        '<positions axis="Phi" unit="deg"><commonPosition>0</commonPosition>'
        "</positions>"
    )
    numbers = " ".join(f"{v:.0f}" for v in values)
    return (
        f'<scan appendNumber="0" scanAxis="{axis}" status="Completed"><dataPoints>'
        f'{places}{more}<{tag} unit="counts">{numbers}</{tag}></dataPoints></scan>'
    )


def xrdml(*scans: str) -> str:
    """Scans of one measurement."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xrdMeasurements '
        'xmlns="http://www.xrdml.com/XRDMeasurement/2.1" status="Completed">\n'
        f'<xrdMeasurement measurementType="Scan">{"".join(scans)}</xrdMeasurement>\n'
        "</xrdMeasurements>\n"
    )


# ----------------------------------------------------------------------------- xlsx
def workbook(
    sheets: dict[str, list[list[object]]],
    forms: dict[str, str] = {},  # noqa: B006 (never changed)
    hidden: str = "",
) -> bytes:
    """Sheets of rows; a text that begins with = is a formula without a value.

    `forms` says how numbers of a column such as "C" are shown.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
        for column, form in forms.items():
            for cell in sheet[column]:
                cell.number_format = form
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def renamed_member(data: bytes, name: str, other: str) -> bytes:
    """A zip file with another name of one of its members."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            new.writestr(other if member == name else member, old.read(member))
    return out.getvalue()
