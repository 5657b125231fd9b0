"""Output files: refused before the work starts, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.cli.console import logs_as_sentences
from physfit.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.cli.job import Job

__all__ = ["check_path", "draw", "written_figure"]


def check_path(
    option: str, path: str, suffixes: tuple[str, ...], overwrite: bool
) -> None:
    """Refuse an output that could not be written at the end.

    Raises
    ------
    InputError, DataError
        When its suffix is of no kind that the option writes, it exists and may not be
        replaced, or its folder cannot be written.
    """
    from physfit.data.files.output_lock import free_target

    if Path(path).suffix.lower() not in suffixes:
        ends = " or ".join(suffixes)
        raise InputError(f"{option} `{path}` must end in {ends}, which says its kind.")
    free_target(path, overwrite)
    if ".png" in suffixes:
        logs_as_sentences()


@contextmanager
def written_figure(
    figure: Figure | None, path: str | None, *, overwrite: bool
) -> Iterator[None]:
    """Draw a figure to a file that takes its place when the block ends well."""
    if figure is None or path is None:
        yield
        return
    from physfit.data.files.atomic import atomic_file
    from physfit.plot.style import save_figure

    with atomic_file(path, overwrite) as temporary:
        save_figure(figure, temporary, format=Path(path).suffix[1:].lower())
        yield


def draw(job: Job, figure: Figure) -> None:
    """Write the figure that a job asks for."""
    with written_figure(figure, job.plot, overwrite=job.overwrite):
        pass
    job.console.note(f"wrote `{job.plot}`.")
