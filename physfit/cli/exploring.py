"""What commands that explore a fit share: data, progress, reports, figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from physfit.cli.console import Console, print_json, print_text, progress_bar
from physfit.cli.execution import build_model, note_rows, open_rows, read_data
from physfit.cli.options import entry_option
from physfit.cli.outputs import FIGURES, check_outputs, written_figure
from physfit.cli.settings import Interval, assignments, interval, number
from physfit.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.cli.job import Job
    from physfit.cli.options import Request
    from physfit.models.model import Model

__all__ = [
    "FewEpochsOption",
    "by_descent",
    "check_figures",
    "counted",
    "given_start",
    "opened",
    "opened_columns",
    "ranges",
    "rates_by_name",
    "show",
]

#: For descents that are looked at, and end before a fit would.
FewEpochsOption = Annotated[
    int | None,
    entry_option(
        "epochs", "Passes over the data of each descent; as many as make 500 steps."
    ),
]


class Shown(Protocol):
    """What a command found, as far as it is printed and drawn."""

    def report(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def plot(self) -> Figure: ...


def check_figures(request: Request, gif: str | None = None) -> None:
    """Refuse pictures that could not be written at the end."""
    outputs = [("--plot", request.plot, FIGURES), ("--animate", gif, (".gif",))]
    inputs = request.job.inputs
    check_outputs(outputs, overwrite=request.overwrite, inputs=inputs)


def opened_columns(job: Job, console: Console) -> tuple[Model, dict[str, Any]]:
    """Model of a job, and its columns as arguments."""
    model = build_model(job)
    if model.spins:
        raise InputError(
            f"`{model.expression}` is linear in its couplings and has one minimum "
            "only; take `physfit fit`, or pf.landscape(model, spins, energies) in "
            "Python."
        )
    table = read_data(job, console)
    columns: dict[str, Any] = {"x": table.x, "y": table.y, "sigma": table.sigma}
    columns |= {"units": (table.x_unit, table.y_unit)}
    return model, {**columns, "loss": job.fit.loss, "nan": job.data.nan}


def opened(job: Job, console: Console) -> tuple[Model, dict[str, Any]]:
    """The same, with the rows of a file where the method takes them by batches."""
    model = build_model(job)
    rows = open_rows(job, model)
    if rows is None:
        return opened_columns(job, console)
    note_rows(rows, rows.cautions, console)
    return model, {"x": rows, "loss": job.fit.loss, "nan": job.data.nan}


def by_descent(job: Job, asked: str | None) -> Job:
    """The job with a first-order method: Adam, where neither it nor a user has one."""
    if asked is not None:
        return job.by(asked)
    return job.by("adam") if job.fit.method == "lm" else job


def given_start(job: Job) -> dict[str, float] | str | None:
    """Start values that a user gave, "random", or None."""
    if job.fit.start is not None:
        return job.fit.start
    given = {
        name: setting.start
        for name, setting in job.parameters.items()
        if setting.start is not None
    }
    return given or None


def ranges(option: str, texts: Sequence[str] | None) -> dict[str, tuple[float, float]]:
    """Ranges by name, closed on both sides."""
    intervals = assignments(option, texts or (), interval)
    return {name: _closed(f"{option} {name}", pair) for name, pair in intervals.items()}


def _closed(what: str, pair: Interval) -> tuple[float, float]:
    low, high = pair
    if low is None or high is None:
        raise InputError(f"{what} needs both ends, as in 4:6.")
    return low, high


def rates_by_name(
    option: str, texts: Sequence[str] | None
) -> dict[str, float] | str | None:
    """Learning rates by the name of the method, or one (or a schedule) for all."""
    if not texts:
        return None
    if len(texts) == 1 and ("=" not in texts[0] or ":" in texts[0]):
        return texts[0].strip()
    rates: dict[str, float] = assignments(option, texts, number)
    return rates


@contextmanager
def counted(title: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Callback `(done, total)` behind a bar; None where nobody watches."""
    with progress_bar(title, quiet, 1000) as update:
        if update is None:
            yield None
            return

        def callback(done: int, total: int) -> None:
            update(round(1000 * done / max(1, total)), f"{done} of {total}")

        yield callback


def show(request: Request, found: Shown) -> None:
    """Print the report or the record, and write the figure that is asked for."""
    if request.as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    if request.plot is not None:
        figure = found.plot()
        with written_figure(figure, request.plot, overwrite=request.overwrite):
            pass
        request.console.note(f"wrote `{request.plot}`.")
