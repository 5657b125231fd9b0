"""What commands do with a job: build its model, read its data, call the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, cast

from physfit.cli.command import Command
from physfit.cli.exit_codes import ExitCode
from physfit.cli.job import Job, Tables
from physfit.errors import InputError
from physfit.settings.fits import Curve, Parameter, Reading
from physfit.settings.minibatches import Drawn
from physfit.settings.outputs import Printed, Written
from physfit.settings.setting import declared

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.data.base import Source
    from physfit.data.csv_text import Cell
    from physfit.data.table import Table
    from physfit.models.model import Model
    from physfit.models.param import Change

__all__ = ["Analysis", "build_model", "columns", "draw", "opened", "parsed_model"]
__all__ += ["read_data", "reading_of", "sigma_of", "written_figure", "written_table"]


def build_model(job: Job) -> Model:
    """Model of a job with every parameter as asked."""
    return with_parameters(parsed_model(job), job.parameters)


def parsed_model(command: Command) -> Model:
    """Model of a command as its text has it, `response` being the curve of a file."""
    from physfit.models.parse import parse_model

    measured = None if command.response is None else _response(command)
    return parse_model(command.model, command.x_name.split(","), measured)


def _response(command: Command) -> Model:
    """Measured response of a file, as a model; tells which columns it is."""
    from physfit.data.readers import read_table
    from physfit.models.convolution.response import response

    table = read_table(command.response, sigma="none")
    command.note(f"{table.source}: a response of {table.note}.")
    return response(table.x, table.y)


def with_parameters(model: Model, asked: Tables) -> Model:
    """A model with parameters as asked."""
    changes = {name: _change(model, name, own) for name, own in asked.items()}
    return model.where(**changes) if changes else model


def read_data(job: Job, model: Model | None = None) -> Table:
    """The columns that a job asks for, for a model; tells which they are."""
    from physfit.data.readers import read_table
    from physfit.fitting.columns import n_columns

    columns = (job.x, job.y, sigma_column(job))
    how = {"dataset": job.dataset, "n_inputs": 1 if model is None else n_columns(model)}
    table = read_table(job.data, *columns, **how, **reading_of(job))
    job.note(f"{table.source}: {table.note}; {table.y.size} samples.")
    return table if job.subtract is None else subtracted(job, table)


def subtracted(job: Job, table: Table) -> Table:
    """The columns without a background of the samples that are fitted."""
    import numpy as np

    from physfit.data.background import background

    method, _, text = job.subtract.partition(":")
    if np.iscomplexobj(table.y) or table.x.ndim > 1:
        raise InputError(
            "--subtract takes a background off a real curve of one coordinate."
        )
    low, high = (own if own is not None else np.nan for own in job.x_range)
    used = np.isfinite(table.x) & np.isfinite(table.y)
    used &= ~(table.x < low) & ~(table.x > high)
    options = dict(_option(each, job.subtract) for each in text.split(",") if text)
    y = np.array(table.y, dtype=np.float64)
    y[used] -= background(table.x[used], y[used], method, **options)
    remark = f"a background by {job.subtract} was taken off"
    job.note(f"{remark}; the errors of the fit do not know it.")
    note = f"{table.note}; {remark}"
    return table._replace(y=y, note=note, remarks=(*table.remarks, remark))


def _option(text: str, whole: str) -> tuple[str, Any]:
    """Name and value of an option of a background."""
    name, _, value = text.partition("=")
    try:
        return name.strip(), int(value) if value.strip().isdigit() else float(value)
    except ValueError:
        raise InputError(
            f"--subtract takes numbers, as in 'arpls:lam=1e6', not {whole!r}."
        ) from None


def reading_of(job: Command) -> Reading:
    """How a file is read, as a command says it."""
    return cast(Reading, job.keywords(*declared(Reading)))


def opened(job: Job, model: Model) -> Table | Source:
    """Columns, or the source of rows that stay in their file and are read by passes."""
    from physfit.data.samplers import cautions, sampler_named
    from physfit.data.stream import DEFAULT_MEMORY

    rows = _rows(job, model)
    if rows is None:
        return read_data(job, model)
    if job.subtract is not None:
        raise InputError(
            "--subtract takes a background off a curve in memory, but the rows of "
            f"{rows.name} are read by passes."
        )
    job.note(f"{rows.name}: {rows.note}; {rows.n_rows} rows.")
    sampler = sampler_named(job.sampler or "blocks")
    for caution in cautions(rows, sampler, job.memory or DEFAULT_MEMORY):
        job.warn(caution)
    return rows


def _rows(job: Job, model: Model) -> Source | None:
    """Source of the rows of a file that is not read as a whole; None where it is."""
    from physfit.data.readers import is_hdf5

    if not is_hdf5(job.data):
        return None
    from physfit.fitting import streaming

    if not streaming.is_by_passes(model, job.data, job.method, job.memory):
        return None
    from physfit.data.hdf5.source import Hdf5Source

    file, _, inside = job.data.partition("::")
    return Hdf5Source(
        file,
        dataset=job.dataset or inside or None,
        x=job.x,
        y=job.y,
        sigma=sigma_column(job),
        reading=reading_of(job),
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
    )


def sigma_column(job: Job) -> str | int | None:
    """Column of sigma of one curve; none where the loss implies the noise."""
    column = sigma_of(job)
    if isinstance(column, float):
        raise InputError(
            f"`{job.path}`, [data]: `sigma` is {column}, but of one curve it must be "
            "the name of a column or its number from 0; add a column of the errors."
        )
    return column


def sigma_of(job: Job) -> str | float | None:
    """What is asked for as sigma; none where the loss implies the noise."""
    column: str | float | None = job.sigma
    if column is None and "loss" in job.values:  # chi2 implies none
        from physfit.models.loss import as_loss

        return "none" if as_loss(job.loss).knows_noise(False) else None
    return column


def columns(job: Job, data: Table | Source) -> dict[str, Any]:
    """Data and loss as arguments of a front door."""
    return {"x": data, **job.keywords("loss", "x_range", "nan")}


class Analysis(Job):
    """A command that calls the library once, and prints and draws what it finds.

    Attributes
    ----------
    front_door : str
        Function of the library, as "module:name". What it returns has `report`,
        `to_dict` and `plot`.
    has_bar : bool
        Whether a bar shows how far it is.
    succeeded : callable
        Whether the exit code is 0, by what the library found.
    failed : ExitCode
        How the command ends where the library did not succeed.
    """

    takes: ClassVar[tuple[type, ...]] = (*Curve, Drawn, Written, Printed)
    front_door: ClassVar[str]
    has_bar: ClassVar[bool] = False
    succeeded: Callable[[Any], bool] = staticmethod(lambda result: True)
    failed: ClassVar[ExitCode] = ExitCode.NOT_CONVERGED

    def run(self) -> int:
        """Read, find, print and draw."""
        self.check()
        keywords = self.library_keywords()
        if self.has_bar:
            keywords["progress"] = self.watched
        result = resolve_name(self.front_door)(**keywords)
        self.show(result)
        return ExitCode.CONVERGED if self.succeeded(result) else self.failed

    def check(self) -> None:
        """Refuse options that contradict each other, before anything is read."""

    def library_keywords(self) -> dict[str, Any]:
        """What the library is asked with."""
        return {**self.data_keywords(), **self.setting_keywords()}

    def data_keywords(self) -> dict[str, Any]:
        """Model, columns or rows, loss and start for the library."""
        model = build_model(self)
        data = columns(self, opened(self, model))
        return {"model": model, **data, **self.keywords("start")}

    def setting_keywords(self) -> dict[str, Any]:
        """Settings for the library: those that are of no data, model or output."""
        others = declared(*Curve, Printed)
        names = [
            name
            for name, each in self.settings.items()
            if name not in others and each.kind.suffixes is None
        ]
        return self.keywords(*names)

    def show(self, result: Any) -> None:
        """Print the report or the record, and draw the figure if asked for."""
        self.print_report(result)
        if self.plot is not None:
            draw(self, result.plot())


def _change(model: Model, name: str, asked: Parameter) -> Change:
    from physfit.models.param import fixed, param, tie

    if "fixed" in asked:
        return fixed(asked["fixed"])
    if "tie" in asked:
        return tie(asked["tie"])
    start = asked.get("start")
    if "min" not in asked and "max" not in asked:
        return param(start)
    declared = model.parameters.get(name)
    lower, upper = (declared.lower, declared.upper) if declared else (None, None)
    return param(start, (asked.get("min", lower), asked.get("max", upper)))


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


@contextmanager
def written_table(
    columns: Mapping[str, Iterable[Cell]] | None, path: str | None, *, overwrite: bool
) -> Iterator[None]:
    """Write columns to a file of CSV that takes its place when the block ends well."""
    if columns is None or path is None:
        yield
        return
    from physfit.data.csv_text import csv_lines
    from physfit.data.files.atomic import atomic_file

    with atomic_file(path, overwrite) as temporary:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.writelines(csv_lines(columns))
        yield


def draw(job: Job, figure: Figure) -> None:
    """Write the figure that a job asks for."""
    with written_figure(figure, job.plot, overwrite=job.overwrite):
        pass
    job.note(f"wrote `{job.plot}`.")
