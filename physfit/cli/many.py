"""Command `fit-many`: one model, each of many rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physfit.cli.console import logs_as_sentences
from physfit.cli.execution import build_model, sigma_of
from physfit.cli.exit_codes import ExitCode
from physfit.cli.job import Job
from physfit.cli.shards import own_command, print_finished
from physfit.cli.signals import Interrupted, asked_to_stop
from physfit.errors import InputError
from physfit.settings.files import ManyFits, ManyOutput, Rows
from physfit.settings.fits import Expression, Loss, Reading, Ties
from physfit.settings.minibatches import Threads
from physfit.settings.outputs import Printed
from physfit.settings.setting import declared

if TYPE_CHECKING:
    from physfit.cli.fits import Show
    from physfit.data.row_source import RowSource
    from physfit.fitting.fit_settings import FitSettings
    from physfit.models.model import Model

__all__ = ["FitMany", "show_many"]


class FitMany(Job, command="fit-many"):
    r"""Fit a model to each row of a file, on its own; write maps of the parameters.

    $ physfit fit-many map.h5 -m "gaussian + linear" --sigma 2.5 -o maps.h5
    $ physfit fit-many map.h5::/entry/data job.toml -o maps.h5 --resume
    $ physfit fit-many map.h5 -m "voigt + constant" -o trial.h5 --rows 0:1000
    $ physfit fit-many map.h5 job.toml -o maps.h5 --shard 3/64
    $ physfit fit-many map.h5 job.toml -o maps.h5 --retry-failed \
        --start center=5.1 --max-steps 1000
    $ physfit fit-many maps.h5 --refit "reduced_chi2 > 2" --loss cauchy

    Starts that are not given are guessed from each row; --start previous takes the
    solution of the row before. Rows that fail are tried again, and never stop the
    others. Exit codes: 0 all rows converged, 1 input or usage error, 2 none, 3 some
    failed, 130 and 143 interrupted, with all finished blocks kept.
    """

    takes = (
        *(Rows, Expression, Ties, Loss, ManyFits, Threads),
        *(ManyOutput, Printed),
    )
    tables = (*Job.tables, "output")

    @classmethod
    def job_file(cls, options: dict[str, Any]) -> str | None:
        """Take the job file out of the options: the second argument, or the first."""
        path: str | None = options.pop("job", None)
        return super().job_file(options) if path is None else path

    @classmethod
    def of_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Values of a job file, but those that choose other samples of a curve."""
        cures = dict.fromkeys(declared(Reading), "") | {
            "y": ", or take --dataset",
        }
        for name, cure in cures.items():
            if name in values:
                raise InputError(
                    f"`{name}` of a job file is for single curves, not for many rows; "
                    f"leave it out{cure}."
                )
        return values

    def run(self) -> int:
        """Fit the rows, or those that failed again."""
        if self.refit is not None:
            from physfit.cli.row_refits import refit_rows

            return refit_rows(self)
        if self.result is None:
            raise InputError("an output is missing; name one with -o maps.h5.")
        source, output = _opened(self), Path(self.result)
        try:
            again = _retry if self.retry_failed else _fit
            return again(self, build_model(self), source, output)
        finally:
            source.close()

    @property
    def inputs(self) -> list[str]:
        """Files that are read; of a refit the result may be written as well."""
        return super().inputs if self.refit is None else []

    @classmethod
    def has_model_else(cls, values: Mapping[str, Any]) -> bool:
        """Whether the result that is refitted has a model."""
        return "refit" in values

    @property
    def progress(self) -> Callable[..., None] | bool | None:
        """A bar in a terminal; elsewhere a line a minute, for the log of a job."""
        if self.quiet or self.watched:
            return self.watched
        from physfit.progress import lines, pace_of_rows

        return lines(pace_of_rows(), self.note)

    def finished(self, output: Path) -> int:
        """Report of the finished result; its exit code."""
        code = print_finished(self, output)
        self.note(f"wrote `{output}`.")
        return code


def _opened(job: FitMany) -> RowSource:
    from physfit.data.row_source import open_rows

    source = open_rows(
        job.data,
        x=None if job.x is None else str(job.x),
        sigma=_sigma(job),
        **job.keywords("dataset", "mask", "sigma_per", "rows", "map_axes", "x_range"),
    )
    return source if job.rows is None else source.part(*job.rows)


def _sigma(job: FitMany) -> float | str | None:
    """A number, if it is one or the text of one; else the name of a dataset."""
    given = sigma_of(job)
    if isinstance(given, int):  # of a file: what is typed is text
        raise InputError(
            f"`{job.path}`, [data]: `sigma` is {given}, which is column {given} of one "
            f"curve; write {given}.0 for that standard deviation of all samples, or "
            "the name of a dataset."
        )
    if given is None or isinstance(given, float):
        return given
    try:
        return float(given)
    except ValueError:
        return given


def _settings(job: FitMany) -> FitSettings:
    from physfit.fitting.fit_settings import FitSettings
    from physfit.solve.many import default_stop

    chained = "previous" if job.start == "previous" else None
    stop = default_stop()._replace(**job.keywords("max_steps"))
    return FitSettings.of(job.values, loss=job.loss, start=chained, stop=stop)


def _fit(job: FitMany, model: Model, source: RowSource, output: Path) -> int:
    from physfit.many_fits.file_job import Interruption
    from physfit.many_fits.from_file import JobOutput, run_file

    number, count = job.shard or (1, 1)
    shard, command = (number, count), own_command()
    given = (job.resume, job.overwrite, shard, command, job.block_rows)
    kept = JobOutput(output, *given)
    shape = " x ".join(f"{len(axis.values):,}" for axis in source.axes)
    size = f"{shape} rows of {source.n_points} samples"
    read = "; ".join(filter(None, (size, source.columns, *source.remarks)))
    job.note(f"{source.name}: {read}.")
    try:
        with asked_to_stop() as asked:
            is_whole = run_file(
                *(model, source, _settings(job), kept),
                progress=job.progress,
                asked_to_stop=asked,
            )
    except (Interruption, Interrupted, KeyboardInterrupt) as stopped:
        job.note(
            "finished blocks are kept; go on with the same command and --resume; "
            f"`physfit status {output}` says what is done."
        )
        if not isinstance(stopped, Interruption):
            raise
        return ExitCode.TERMINATED
    if not is_whole:
        job.note(
            f"shard {number} of {count} is done; `physfit status {output}` says what "
            f"is missing, `physfit merge {output}` joins all."
        )
        return ExitCode.CONVERGED
    return job.finished(output)


def _retry(job: FitMany, model: Model, source: RowSource, output: Path) -> int:
    from physfit.many_fits.retrying import retry_failed

    retry_failed(model, source, _settings(job), output, progress=job.progress)
    return job.finished(output)


def show_many(command: Show) -> int:
    """Report of a saved result of many rows, and its page."""
    from physfit.result.many_file import load_many

    path = Path(command.result)
    result = load_many(path)
    code = print_finished(command, path, result)
    if command.output is not None and command.report_format is None:
        from physfit.result.many_page import write_page

        logs_as_sentences()
        files = write_page(
            *(result, Path(command.output)),
            title=path.name,
            overwrite=command.overwrite,
            inputs=[command.result],
        )
        command.note(f"wrote `{files[-1]}` and {len(files) - 1} pictures.")
    return code
