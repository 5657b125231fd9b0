"""`read_table`: x, y and sigma out of a file of any kind the package reads.

What kind a file is, its first bytes say, then its suffix: HDF5, NPZ and NPY archives, a
format of instruments, or text. `Table.note` tells which columns were taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Unpack

import numpy as np

from physfit.counts import checked_count
from physfit.data.archives import ARCHIVE_MAGIC, read_archive
from physfit.data.choosing import pick
from physfit.data.dialect import TextFormat
from physfit.data.files.paths import opened_file
from physfit.data.image import image_offer, is_image, pixel_axes
from physfit.data.instruments.formats import format_of, scans_of
from physfit.data.instruments.scans import one_table
from physfit.data.instruments.workbook import is_workbook, read_workbook
from physfit.data.scans import one_scan
from physfit.data.table import Choice, Key, Offer, Steps, Table, Wanted, values_of
from physfit.data.text import read_text
from physfit.errors import DataError, InputError
from physfit.settings.fits import Reading
from physfit.settings.keywords import takes
from physfit.settings.setting import checked

__all__ = ["choose_and_read", "is_hdf5", "read_table", "refuse_text_settings"]
__all__ += ["split_path", "wanted_of"]

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
#: Where it may stand: a program may write a block of its own first (MATLAB: 512 bytes).
_BLOCKS = (0, 512, 1024, 2048)
_HDF5_SUFFIXES = {".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".nexus"}
_NUMPY_SUFFIXES = {".npz", ".npy"}


@takes(Reading)
def read_table(
    path: str | os.PathLike[str],
    x: Key = None,
    y: Key = None,
    sigma: Key = None,
    *,
    dataset: str | None = None,
    n_inputs: int = 1,
    **settings: Unpack[Reading],
) -> Table:
    r"""Columns x, y and sigma of a file.

    Parameters
    ----------
    path : path
        Text (CSV, tabs, semicolons, spaces; `.gz` too), NPZ, NPY, HDF5, a workbook
        (.xlsx), or a file of an instrument: JCAMP-DX, LabVIEW .lvm, Galactic .spc,
        Renishaw .wdf, Bruker OPUS, Princeton SPE, PANalytical XRDML, Touchstone. A
        path inside an HDF5 file, or a sheet, may follow after `::`, as in
        `run.h5::/entry/data`.
    x, y, sigma : str or int, optional
        Column names, numbers from 0, or paths inside an HDF5 file. Without them: the
        first numeric column, the next one, and the one named like an error of y.
        `y="re,im"` joins two columns to complex values, and so does `y="mag,phase"`,
        whose headings say dB, rad or deg, or `y="1 (dB),2 (deg)"`. Two columns of sigma
        are those of both parts; `sigma="none"` takes no sigma.
    dataset : str, optional
        Path inside an HDF5 file, or a sheet of a workbook, in place of `::`.
    n_inputs : int
        Coordinates of a sample. With 2, `x="a,b"` names them, and a matrix of more than
        four rows and columns is an image, whose pixels are the samples: in HDF5 with
        the axes that the file names, in NPY, NPZ and text without headings.
    **settings
        How it is read.

    Returns
    -------
    Table
        Missing values are NaN; `note` says what was taken.

    Raises
    ------
    DataError
        When the file or a column is missing, damaged, or not numeric; when sigma is in
        another unit than y, or a number can be read in two ways.
    InputError
        When a setting is unknown, is none of this file, or has a value that is not
        allowed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     print("t (s); U (V); err", "0,5; 1,25; 0,1", sep="\n", file=file)
    ...     file.flush()
    ...     table = read_table(file.name)
    >>> table.y, table.y_unit
    (array([1.25]), 'V')
    >>> print(table.note)
    x = column 0 't', y = column 1 'U', sigma = column 2 'err'; decimal commas; 1 row
    """
    known = checked("read_table", Reading, settings)
    file, inside = split_path(path, dataset)
    wanted = wanted_of(x, y, sigma, known)
    wanted = wanted._replace(n_inputs=checked_count("n_inputs", n_inputs, most=8))
    return choose_and_read(file, inside, wanted, known)[1]


def wanted_of(x: Key, y: Key, sigma: Key, known: Reading) -> Wanted:
    """Columns that a caller asks for, of a file that may have no x."""
    if "x_start" not in known and "x_step" not in known:
        return Wanted(x, y, sigma)
    if x is not None:
        raise InputError(
            f"`x` is column {x!r}, but `x_start` and `x_step` are for files without x; "
            "give one or the other."
        )
    steps = Steps(known.get("x_start", 0.0), known.get("x_step", 1.0))
    return Wanted(x, y, sigma, steps=steps)


def choose_and_read(
    file: Path, inside: str | None, wanted: Wanted, known: Reading
) -> tuple[Choice, Table]:
    """What a file offers and what is chosen, and its columns; see `read_table`."""
    with opened_file(file) as stream:
        is_archive = stream.read(8).startswith(ARCHIVE_MAGIC)
    if is_hdf5(file):
        from physfit.data.hdf5.nexus import read_hdf5_table

        refuse_text_settings(file, known)
        return read_hdf5_table(file, inside, wanted)
    if is_workbook(file):
        if "delimiter" in known:
            raise InputError(f"`{file}` is a workbook, so leave out `delimiter`.")
        offer = read_workbook(file, inside, _said(known), wanted.steps is None)
        return _one_of_text(offer._replace(dialect=""), wanted, known)
    if inside is not None:
        raise DataError(
            f"`{file}` is not an HDF5 file, so it has no {inside!r} inside; give the "
            "path of the file only."
        )
    if (form := format_of(file)) is not None:
        refuse_text_settings(file, known, has_scans=True)
        return one_table(file, scans_of(file, form), wanted, known.get("scan"))
    if is_archive or file.suffix.lower() in _NUMPY_SUFFIXES:
        refuse_text_settings(file, known)
        choice = pick(read_archive(file, wanted), wanted)
        return choice, choice.table()
    offer = read_text(file, _said(known), has_x=wanted.steps is None)
    return _one_of_text(offer, wanted, known)


def _said(known: Reading) -> TextFormat:
    """How a text is written, as far as a caller says it."""
    return TextFormat(
        known.get("skip_rows", 0),
        known.get("footer", 0),
        known.get("delimiter"),
        known.get("decimal"),
    )


def _one_of_text(offer: Offer, wanted: Wanted, known: Reading) -> tuple[Choice, Table]:
    """The columns of one scan of a text, or its numbers as an image."""
    if wanted.may_be_image and _is_matrix(offer):
        columns = [values_of(offer, at) for at in range(len(offer.fields))]
        image = np.stack([np.asarray(own) for own in columns], axis=1)
        offer = image_offer(offer.source, image, pixel_axes(image.shape))
        choice = pick(offer, wanted)
        return choice, choice.table()
    choice = pick(offer, wanted)
    breaks = offer.breaks or {}
    if choice.offer.fields[choice.x[0]].is_made:
        _refuse_gaps(offer.source, breaks)
    table = one_scan(choice.table(), breaks, known.get("scan"))
    if wanted.steps is not None:  # each scan begins there
        table = table._replace(x=wanted.steps.x(0, table.x.size))
    return choice, table


def _is_matrix(offer: Offer) -> bool:
    """Whether a text is a matrix of numbers without headings, large enough."""
    fields = [field for field in offer.fields if not field.is_made]
    if any(own.name or own.is_text or own.values is None for own in fields):
        return False
    return is_image((values_of(offer, len(offer.fields) - 1).size, len(fields)))


def _refuse_gaps(source: str, breaks: Mapping[int, bool]) -> None:
    """Refuse empty lines among rows that are counted: a missing value may be meant."""
    gaps = [row for row, is_heading in breaks.items() if not is_heading]
    if gaps:
        raise DataError(
            f"`{source}` has an empty line or a comment behind row {min(gaps)}, where "
            "x, which counts rows, may slip; write nan for a missing value, or take "
            "the line out."
        )


def refuse_text_settings(
    file: Path, known: Reading, *, has_scans: bool = False
) -> None:
    """Refuse settings that only a text has, or only what has scans.

    Raises
    ------
    InputError
        With their names.
    """
    defaults = {"skip_rows": 0, "footer": 0}
    names = [
        f"`{name}`"
        for name in (*TextFormat._fields, *("scan",)[has_scans:])
        if known.get(name, defaults.get(name)) != defaults.get(name)
    ]
    if names:
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        raise InputError(f"`{file}` is no text, so leave out {listed}.")


def is_hdf5(path: str | os.PathLike[str]) -> bool:
    """Whether a file, without a path inside of it, is of HDF5 by its name or begin.

    Examples
    --------
    >>> is_hdf5("run.h5::/entry/data"), is_hdf5("run.csv")
    (True, False)
    """
    file, _ = split_path(path, None)
    if file.suffix.lower() in _HDF5_SUFFIXES:
        return True
    with suppress(DataError), opened_file(file) as stream:  # whoever reads it refuses
        begin = stream.read(_BLOCKS[-1] + len(_HDF5_MAGIC))
        return any(begin.startswith(_HDF5_MAGIC, at) for at in _BLOCKS)
    return False


def split_path(
    path: str | os.PathLike[str], dataset: str | None
) -> tuple[Path, str | None]:
    """The file, and the path inside of it."""
    text = os.fspath(path)
    name, separator, inside = text.partition("::")
    if not separator or os.path.exists(text):
        return Path(text), dataset
    if dataset is not None:
        raise DataError(
            f"`{text}` and dataset={dataset!r} both name a place in the file; give one."
        )
    return Path(name), inside
