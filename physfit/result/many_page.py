"""Fits of many rows as one static page: what was fitted, how it went, what to look at.

The page is `index.html` in a folder, with its pictures as PNG beside it; it needs no
network and runs no script. Every text that comes from a file is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.document.blocks import Block, Document, Heading, Picture, Table, Text
from physfit.document.html import as_page
from physfit.errors import DataError, InputError
from physfit.result.many_file import data_files
from physfit.result.many_report import document

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.result.many_result import ManyResult

__all__ = ["write_page"]

#: Quantities that get a map; a model of a dozen peaks would make a page of a hundred.
MOST_MAPS = 24
#: Pictures by the ends of the methods that draw them: headings and captions.
OF_MAP = {
    "status": (
        "Where fits failed",
        "Each row in the colour of its status. Patches of failures point to the data, "
        "single pixels to starts.",
    ),
    "chi2": (
        "How well the model fits",
        "Chi squared per degree of freedom; with sigma given it scatters around 1 "
        "where the model is right.",
    ),
}
OF_ROWS = {
    "worst": (
        "The worst fits",
        "Rows that did not converge first, then those with the largest chi squared per "
        "degree of freedom: data, model, and residuals.",
    ),
    "histograms": (
        "How the quantities are spread",
        "Over the rows that converged, beside the spread that noise alone would give.",
    ),
    "correlations": (
        "How the parameters go together",
        "Across the rows, and within a single fit: what both have in common is noise.",
    ),
    "pulls": (
        "Residuals in units of sigma",
        "Of a sample of the rows. A right model with right errors gives the standard "
        "normal distribution.",
    ),
}


class PagePicture(NamedTuple):
    """A picture of the page: name of its file, heading, what to see in it."""

    name: str
    heading: str
    caption: str
    draw: Callable[[], Figure]


def write_page(
    many: ManyResult,
    folder: Path,
    *,
    title: str = "",
    overwrite: bool = False,
    inputs: Sequence[str] = (),
) -> list[Path]:
    """Write the page and its pictures; the page comes last.

    Pictures that need the data are left out when these are not at hand, and the page
    says so.

    Parameters
    ----------
    many : ManyResult
    folder : Path
        Made if it does not exist.
    title : str
        Heading of the page.
    overwrite : bool
        Whether existing files may be replaced.
    inputs : sequence of str
        Files that are not replaced beside those of the data.

    Returns
    -------
    list of Path
        The files, the page last.

    Raises
    ------
    DataError
        When files exist and may not be replaced, or cannot be written.
    """
    page = folder / "index.html"
    files = [page, *(folder / f"{part.name}.png" for part in _parts(many))]
    refuse_inputs({own.name: own for own in files}, [*inputs, *data_files(many)])
    for file in files:
        if file.exists() and not overwrite:
            raise DataError(
                f"`{file}` exists; give another folder, or replace it with --overwrite "
                "(overwrite=True)."
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"`{folder}` cannot be made: {error.strerror}.") from error
    with output_lock(page) as lock:
        return _write(many, page, title or many.model.expression, overwrite, lock)


def _write(
    many: ManyResult, page: Path, title: str, overwrite: bool, lock: OutputLock
) -> list[Path]:
    """The files of a page that nobody else writes."""
    from physfit.plot.style import save_figure

    files: list[Path] = []
    blocks = [*_head(many, title), *map(_unfolded, document(many))]
    for part in _parts(many):
        blocks.append(Heading(part.heading, level=2))
        path = page.with_name(f"{part.name}.png")
        try:
            figure = part.draw()
        except (InputError, DataError) as error:
            blocks.append(Picture(path.name, part.caption, f"Not drawn: {error}"))
            continue
        with atomic_file(path, overwrite, lock=lock) as temporary:
            save_figure(figure, temporary, format="png", dpi=110)
        files.append(path)
        blocks.append(Picture(path.name, part.caption))
    with atomic_file(page, overwrite, lock=lock) as temporary:
        text = as_page([*blocks, *_advice(many)], title)
        temporary.write_text(text, encoding="utf-8")
    return [*files, page]


def _unfolded(block: Block) -> Block:
    return block._replace(is_detail=False) if isinstance(block, Table) else block


def _head(many: ManyResult, title: str) -> Document:
    about = (
        f"The model below was fitted to each of {many.n_rows} rows of data, on its "
        "own. Every row has its own parameters with standard errors, and a status that "
        "says how its fit ended."
    )
    formulas = many.model.description.splitlines()[1:]
    return [Heading(title, level=1), Text([about]), Text(formulas, is_code=True)]


def _parts(many: ManyResult) -> Iterator[PagePicture]:
    """Pictures in the order of the page."""
    free = many.model.free_names
    names = [*free, *(name for name in many.derived if name not in free)]
    status, chi2 = (
        PagePicture(what, *texts, partial(many.plot_map, what=what))
        for what, texts in OF_MAP.items()
    )
    yield status
    for name in names[:MOST_MAPS]:
        yield from _maps(many, name)
    yield chi2
    for what, texts in OF_ROWS.items():
        yield PagePicture(what, *texts, getattr(many, f"plot_{what}"))


def _maps(many: ManyResult, name: str) -> Iterator[PagePicture]:
    description = many[name].description
    heading = f"{name} ({description})" if description else name
    seen = "Rows without a good number have colours of their own."
    yield PagePicture(f"map_{name}", heading, seen, partial(many.plot_map, name))
    heading, seen = f"Standard error of {name}", "As each row states it."
    draw = partial(many.plot_map, name, what="stderr")
    yield PagePicture(f"error_{name}", heading, seen, draw)


def _advice(many: ManyResult) -> Document:
    n_failed = int(many.table.failed.sum())
    if not n_failed:
        return []
    advice = (
        f"{n_failed} of {many.n_rows} rows have no converged fit; their numbers are "
        "the last ones tried, and are in no picture above. Rows that could not be "
        "fitted at all need other data; those that do not determine a parameter need "
        "it fixed, or bounds. The others can be fitted again, and only those, with "
        "other start values or more steps: the same command with "
        "`--retry-failed --start name=value --max-steps 1000`."
    )
    return [Heading("What to do about rows that failed", level=2), Text([advice])]
