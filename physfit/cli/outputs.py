"""Output files: refused before the work starts, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from physfit.cli.console import logs_as_sentences, print_json, print_text
from physfit.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.cli.job import Job

__all__ = ["FIGURES", "RESULTS", "TABLES", "check_figures", "check_outputs", "draw"]
__all__ += ["show", "written_figure"]

RESULTS = (".h5", ".hdf5", ".nxs", ".json")
FIGURES = (".png", ".pdf", ".svg")
TABLES = (".csv",)


class Shown(Protocol):
    """What a command found, as far as it is printed and drawn."""

    def report(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def plot(self) -> Figure: ...


def check_outputs(
    outputs: Sequence[tuple[str, str | None, tuple[str, ...]]],
    *,
    overwrite: bool,
    inputs: Sequence[str] = (),
) -> None:
    """Refuse outputs that could not be written at the end.

    Parameters
    ----------
    outputs : sequence of (option, path or None, suffixes)
        What would be written; without suffixes, somebody else checks the path itself.
    overwrite : bool
        Whether existing files may be replaced.
    inputs : sequence of str
        What is read, and never replaced.

    Raises
    ------
    InputError, DataError
    """
    from physfit.data.files.outputs import refuse_inputs

    for option, path, suffixes in outputs:
        if path is not None and suffixes:
            _check_path(option, path, suffixes, overwrite)
            if suffixes is FIGURES:
                logs_as_sentences()
    refuse_inputs({option: path for option, path, _ in outputs}, inputs)


def _check_path(
    option: str, path: str, suffixes: tuple[str, ...], overwrite: bool
) -> None:
    from physfit.data.files.output_lock import free_target

    if Path(path).suffix.lower() not in suffixes:
        ends = " or ".join(suffixes)
        raise InputError(f"{option} `{path}` must end in {ends}, which says its kind.")
    free_target(path, overwrite)


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


def check_figures(job: Job, gif: str | None = None) -> None:
    """Refuse pictures that could not be written at the end."""
    outputs = [("--plot", job.plot, FIGURES), ("--animate", gif, (".gif",))]
    check_outputs(outputs, overwrite=job.overwrite, inputs=job.inputs)


def draw(job: Job, figure: Figure) -> None:
    """Write the figure that a job asks for."""
    with written_figure(figure, job.plot, overwrite=job.overwrite):
        pass
    job.console.note(f"wrote `{job.plot}`.")


def show(job: Job, found: Shown) -> None:
    """Print the report or the record, and write the figure that is asked for."""
    if job.as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    if job.plot is not None:
        draw(job, found.plot())
