"""Fits of many rows as one static page: what was fitted, how it went, what to look at.

The page is `index.html` in a folder, with its pictures as PNG beside it; it needs no
network and runs no script. Every text that comes from a file is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.errors import DataError, InputError
from physfit.result.document import Counts, block_html
from physfit.result.many_file import data_files
from physfit.result.many_report import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.result.many_result import ManyResult

__all__ = ["write_page"]

#: Quantities that get a map; a model of a dozen peaks would make a page of a hundred.
MOST_MAPS = 24
#: Pictures of some rows and of all of them together, with their headings and captions.
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
STYLE = """
body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em;
  color: #222; line-height: 1.4; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 0.5em 0; }
th, td { padding: 0.15em 0.7em; font-weight: normal; } th { color: #555; }
figure { margin: 1.5em 0; } figcaption { color: #444; max-width: 50em; }
code { background: #f2f2f2; padding: 0.1em 0.3em; }
"""


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

    files, sections = [], [_head(many, title)]
    for part in _parts(many):
        try:
            figure = part.draw()
        except (InputError, DataError) as error:
            sections.append(_section(part, f"<p>Not drawn: {escape(str(error))}</p>"))
            continue
        path = page.with_name(f"{part.name}.png")
        with atomic_file(path, overwrite, lock=lock) as temporary:
            save_figure(figure, temporary, format="png", dpi=110)
        files.append(path)
        sections.append(_section(part, f'<img src="{path.name}" alt="">'))
    body = "\n".join([*sections, _advice(many)])
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )
    with atomic_file(page, overwrite, lock=lock) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return [*files, page]


def _head(many: ManyResult, title: str) -> str:
    n_good = int((~many.table.failed).sum())
    formulas = "<br>".join(map(escape, many.model.description.splitlines()[1:]))
    return "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f"<p>The model below was fitted to each of {many.n_rows} rows of data, on "
            "its own. Every row has its own parameters with standard errors, and a "
            "status that says how its fit ended.</p>",
            f"<p><code>{formulas}</code></p>",
            many._repr_html_(),
            "<h2>How the fits ended</h2>",
            block_html(Counts("status", counted(many.statuses, many.n_rows))),
            "<h2>Which start values led to the answers</h2>",
            block_html(Counts("start", counted(many.retry_stages, n_good))),
        ]
    )


def _section(part: PagePicture, content: str) -> str:
    return (
        f"<h2>{escape(part.heading)}</h2>\n<figure>{content}"
        f"<figcaption>{escape(part.caption)}</figcaption></figure>"
    )


def _parts(many: ManyResult) -> Iterator[PagePicture]:
    """Pictures in the order of the page."""
    yield PagePicture(
        "status",
        "Where fits failed",
        "Each row in the colour of its status. Patches of failures point to the data, "
        "single pixels to starts.",
        lambda: many.plot_map(what="status"),
    )
    free = many.model.free_names
    names = [*free, *(name for name in many.derived if name not in free)]
    for name in names[:MOST_MAPS]:
        yield from _maps(many, name)
    yield PagePicture(
        "chi2",
        "How well the model fits",
        "Chi squared per degree of freedom; with sigma given it scatters around 1 "
        "where the model is right.",
        lambda: many.plot_map(what="chi2"),
    )
    for name, (heading, caption) in OF_ROWS.items():
        yield PagePicture(name, heading, caption, getattr(many, f"plot_{name}"))


def _maps(many: ManyResult, name: str) -> Iterator[PagePicture]:
    description = many[name].description
    text = f" ({description})" if description else ""
    yield PagePicture(
        f"map_{name}",
        f"{name}{text}",
        "Rows without a good number have colours of their own.",
        lambda: many.plot_map(name),
    )
    yield PagePicture(
        f"error_{name}",
        f"Standard error of {name}",
        "As each row states it.",
        lambda: many.plot_map(name, what="stderr"),
    )


def _advice(many: ManyResult) -> str:
    n_failed = int(many.table.failed.sum())
    if not n_failed:
        return ""
    return (
        "<h2>What to do about rows that failed</h2>\n"
        f"<p>{n_failed} of {many.n_rows} rows have no converged fit; their numbers are "
        "the last ones tried, and are in no picture above. Rows that could not be "
        "fitted at all need other data; those that do not determine a parameter need "
        "it fixed, or bounds. The others can be fitted again, and only those, with "
        "other start values or more steps: the same command with "
        "<code>--retry-failed --start name=value --max-steps 1000</code>.</p>"
    )
