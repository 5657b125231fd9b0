"""Formats of instruments: known by their content, read by the libraries made for them.

A format is told from others by its first bytes, not by the name of the file. Its reader
is imported when such a file is met; it is an optional extra, and without it the message
names the format and the extra.
"""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from physfit.data.files.paths import opened_file
from physfit.errors import DataError, PhysfitError, pip_install, printable

if TYPE_CHECKING:
    from physfit.data.instruments.scans import Scans
    from physfit.data.table import Offer

__all__ = ["FORMATS", "Format", "format_of", "reading", "require"]
__all__ += ["scans_of"]

#: Bytes at the beginning that tell formats apart.
_HEAD = 4100
_LABVIEW = b"LabVIEW Measurement"
# Atomic, because a line of dollars can be taken apart in many ways.
_JCAMP = re.compile(
    rb"(?>\s|\$\$[^\r\n]*+)*+##\s*(?:TITLE|JCAMP-?DX)\s*=", re.IGNORECASE
)


class Format(NamedTuple):
    """A format of files.

    Attributes
    ----------
    name : str
        What people call it.
    suffix : str
        The usual end of its names, which decides nothing; empty if it is a number.
    others : str
        What else is called so and not read, for a sentence.
    is_head : callable
        Whether the first bytes, and the size, are those of such a file.
    needs : str
        The module that reads it; empty if physfit does itself.
    reader : str
        Module and function that give its scans.
    """

    name: str
    suffix: str
    is_head: Callable[[bytes, int], bool]
    needs: str
    reader: str
    others: str = ""


def _is_spc(head: bytes, size: int) -> bool:
    """512 bytes with a version, and counts that make sense, among zeros."""
    if len(head) < 544 or head[1] not in b"\x4b\x4c" or b"\0" not in head[:512]:
        return False
    order = "<" if head[1] == 0x4B else ">"
    (n_scans,) = struct.unpack_from(f"{order}I", head, 24)
    is_type = head[28] <= 32 or head[28] == 255
    return is_type and 0 < n_scans <= size // 32


def _is_spe(head: bytes, size: int) -> bool:
    """4100 bytes with the marks of WinView, or as many numbers after them as said."""
    if len(head) < 4100:
        return False
    kind, width, height = (
        struct.unpack_from("<H", head, at)[0] for at in (108, 42, 656)
    )
    (frames,) = struct.unpack_from("<i", head, 1446)
    item = {0: 4, 1: 4, 2: 2, 3: 2, 5: 8, 6: 1, 8: 4}.get(kind, 0)
    body = item * width * height * max(frames, 0)
    is_marked = head[2996:3000] == b"\x67\x45\x23\x01" or head[4098:4100] == b"\x55\x55"
    return item > 0 and (is_marked or 0 < body == size - 4100)


#: Comments of Touchstone, and its line of options: what `# GHz S RI R 50` may hold.
_OPTION = rb"(?:[kmg]?hz|[syzgh]|ma|db|ri|r[ \t]+[\d.eE+]+)"
_TOUCHSTONE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:![^\n]*\n\s*)*+#[ \t]*"
    rb"%b(?:[ \t]+%b)*[ \t]*(?:![^\n]*)?\r?\n" % (_OPTION, _OPTION),
    re.IGNORECASE,
)


def _is_touchstone(head: bytes, size: int) -> bool:
    return _TOUCHSTONE.match(head) is not None


def _is_xrdml(head: bytes, size: int) -> bool:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text.startswith(b"<") and b"<xrdMeasurements" in text


FORMATS = (
    Format(
        "JCAMP-DX", ".jdx",
        lambda head, size: _JCAMP.match(head.removeprefix(b"\xef\xbb\xbf")) is not None,
        "nmrglue", "jcamp:jcamp_scans",
    ),
    Format(
        "Renishaw WDF", ".wdf", lambda head, size: head.startswith(b"WDF1"),
        "wdf", "wdf:wdf_scans",
    ),
    Format(
        "Bruker OPUS", "", lambda head, size: head.startswith(b"\n\n\xfe\xfe"),
        "brukeropus", "opus:opus_scans",
    ),
    Format(
        "LabVIEW", ".lvm",
        lambda head, size: head.removeprefix(b"\xef\xbb\xbf").startswith(_LABVIEW),
        "", "labview:labview_scans",
    ),
    Format(
        "Galactic SPC", ".spc", _is_spc, "spc_io", "spc:spc_scans",
        " (their older format, of LabCalc, is not read)",
    ),
    Format("Princeton SPE", ".spe", _is_spe, "", "spe:spe_scans"),
    Format("Touchstone", ".s2p", _is_touchstone, "", "touchstone:touchstone_scans"),
    Format("PANalytical XRDML", ".xrdml", _is_xrdml, "", "xrdml:xrdml_scans"),
)  # fmt: skip


def format_of(path: Path) -> Format | None:
    """The format of a file by its content, None if it is none of these.

    Raises
    ------
    DataError
        When the file cannot be read, or is a damaged one of such a format.
    """
    with opened_file(path) as stream:
        head = stream.read(_HEAD)
        size = stream.seek(0, 2)
    for form in FORMATS:
        if form.is_head(head, size):
            return form
    suffix = path.suffix.lower() or None
    by_name = [form for form in FORMATS if form.suffix == suffix]
    if by_name and b"\0" in head[:512]:
        raise DataError(
            f"`{path}` does not begin as files of {by_name[0].name} do"
            f"{by_name[0].others}: it is damaged, truncated, or of another format; "
            "copy or export it anew."
        )
    return None


def scans_of(path: Path, form: Format) -> Scans:
    """The scans of a file of a format.

    Raises
    ------
    DataError
        When its reader is not installed, or the file is damaged.
    """
    require(path, form.name, form.needs)
    module, _, name = form.reader.partition(":")
    with reading(path, form.name):
        scans: Scans = getattr(
            import_module(f"physfit.data.instruments.{module}"), name
        )(path)
        if scans.size < 1:
            raise DataError(f"`{path}` is a {form.name} file without a spectrum.")

    def read(k: int) -> Offer:
        with reading(path, form.name):
            return scans.read(k)

    return scans._replace(read=read)


def require(path: Path, name: str, module: str) -> None:
    """Refuse a file whose reader is not installed."""
    if module and find_spec(module) is None:
        command = pip_install("instruments")
        raise DataError(
            f"`{path}` is a {name} file, which is read by `{module}`, and that is not "
            f"installed; run {command}, or export the file as text (CSV)."
        )


@contextmanager
def reading(path: Path, name: str) -> Iterator[None]:
    """Errors of a reader within the block, as one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except PhysfitError:
        raise
    except (MemoryError, RecursionError) as error:
        raise DataError(
            f"`{path}`, a file of {name}, does not fit into memory; it is damaged, or "
            "must be exported in parts."
        ) from error
    except Exception as error:  # readers raise anything on a damaged file
        said = printable(str(error).split("\n")[0])[:120] or type(error).__name__
        raise DataError(
            f"`{path}` is a damaged or truncated {name} file, or of a kind that is not "
            f"read ({said}); copy or export it anew."
        ) from error
