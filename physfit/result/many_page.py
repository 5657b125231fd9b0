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
from physfit.data.files.paths import not_written, target_of
from physfit.document.blocks import Document, Heading, Picture, Text
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
#: Headings and captions of the pictures that are no maps of a quantity.
TEXTS = {
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
    "worst": (
        "The worst fits",
        "Of those that did not converge, and of the others those with the largest chi "
        "squared per degree of freedom: data, model, and residuals.",
    ),
    "histograms": (
        "How the quantities are spread",
        "Over the rows that determine them, beside the spread that noise alone would "
        "give.",
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
    page, title = folder / "index.html", title or many.model.expression
    pictures = {folder / f"{own.name}.png": own for own in _pictures(many)}
    refuse_inputs(
        {own.name: own for own in (page, *pictures)}, [*inputs, *data_files(many)]
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(folder, error) from error
    for file in (page, *pictures):
        target_of(file, overwrite)
    blocks = [*_head(many, title), *document(many)]
    with output_lock(page) as lock:
        for path, own in pictures.items():
            missing = _write(own, path, overwrite, lock)
            blocks.append(Heading(own.heading, level=2))
            blocks.append(Picture(path.name, own.caption, missing))
        with atomic_file(page, overwrite, lock=lock) as temporary:
            text = as_page([*blocks, *_advice(many)], title)
            temporary.write_text(text, encoding="utf-8")
    drawn = {own.path for own in blocks if isinstance(own, Picture) and not own.missing}
    return [*(path for path in pictures if path.name in drawn), page]


def _write(own: PagePicture, path: Path, overwrite: bool, lock: OutputLock) -> str:
    """Draw a picture, or say why there is none."""
    from physfit.plot.style import save_figure

    try:
        figure = own.draw()
    except (InputError, DataError) as error:
        return f"Not drawn: {error}"
    with atomic_file(path, overwrite, lock=lock) as temporary:
        save_figure(figure, temporary, format="png", dpi=110)
    return ""


def _head(many: ManyResult, title: str) -> Document:
    about = (
        f"The model below was fitted to each of {many.n_rows} rows of data, on its "
        "own. Every row has its own parameters with standard errors, and a status that "
        "says how its fit ended."
    )
    formulas = many.model.description.splitlines()[1:]
    return [Heading(title, level=1), Text([about]), Text(formulas, is_code=True)]


def _pictures(many: ManyResult) -> Iterator[PagePicture]:
    """Pictures in the order of the page."""
    yield _picture(many, "status")
    names = dict.fromkeys((*many.model.free_names, *many.derived))
    for name in [*names][:MOST_MAPS]:
        description = many[name].description
        heading = f"{name} ({description})" if description else name
        seen = "Rows without a good number are grey; below stands which rows are shown."
        yield PagePicture(f"map_{name}", heading, seen, partial(many.plot_map, name))
        heading, seen = f"Standard error of {name}", "As each row states it."
        draw = partial(many.plot_map, name, what="stderr")
        yield PagePicture(f"error_{name}", heading, seen, draw)
    for what in [*TEXTS][1:]:
        yield _picture(many, what)


def _picture(many: ManyResult, what: str) -> PagePicture:
    is_map = what in ("status", "chi2")
    draw = partial(many.plot_map, what=what) if is_map else None
    return PagePicture(what, *TEXTS[what], draw or getattr(many, f"plot_{what}"))


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
