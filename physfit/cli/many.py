"""Command `fit-many`: one model, each of many rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.console import (
    Console,
    logs_as_sentences,
    print_json,
    print_text,
    progress_bar,
)
from physfit.cli.execution import build_model
from physfit.cli.exit_codes import ExitCode
from physfit.cli.options import (
    OUTPUT_PANEL,
    Request,
    chosen_job,
    entry_option,
    job_command,
    option,
)
from physfit.cli.outputs import check_outputs
from physfit.cli.shards import command_line, finished_text, own_command, shard_of
from physfit.cli.signals import Interrupted, asked_to_stop
from physfit.counts import decimal
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.data.row_source import RowSource
    from physfit.many_fits.from_file import JobOutput
    from physfit.many_fits.progress import ManyProgress
    from physfit.many_fits.row_job import Settings
    from physfit.models.model import Model
    from physfit.result.many_brief import ManyBrief

__all__ = ["fit_many", "show_many"]

PANEL = "Rows"


@job_command(*("data", "model", "dataset", "bounds", "fix", "tie", "loss", "threads"))
def fit_many(
    request: Request,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="HDF5, NPY or text file of rows, or a job file (.toml). A path inside "
            "an HDF5 file follows after '::'.",
            show_default=False,
        ),
    ],
    job_file: Annotated[
        str | None,
        typer.Argument(
            metavar="JOB.TOML",
            help="Job file whose model and options are taken.",
            show_default=False,
        ),
    ] = None,
    x: Annotated[str | None, option("--x", "PATH", "Dataset of x.", PANEL)] = None,
    sigma: Annotated[
        str | None,
        option(
            *("--sigma", "PATH|NUMBER"),
            "Dataset of the standard deviations, or one number for all samples; "
            "'none' takes none.",
            PANEL,
        ),
    ] = None,
    sigma_per: Annotated[
        str | None,
        option(
            *("--sigma-per", "row|sample"),
            "What as many standard deviations as rows and samples are meant for.",
            PANEL,
        ),
    ] = None,
    mask: Annotated[
        str | None,
        option(
            "--mask",
            "PATH",
            "Dataset of a mask; samples where it is not 0 are left out.",
            PANEL,
        ),
    ] = None,
    rows: Annotated[
        str | None,
        option(
            "--rows",
            "A:B",
            "These rows only, counted along the map; for a trial.",
            PANEL,
        ),
    ] = None,
    start: Annotated[list[str] | None, entry_option("start")] = None,
    max_steps: Annotated[
        int | None,
        typer.Option(
            "--max-steps",
            metavar="N",
            help="Steps of a fit; 200.",
            min=1,
            rich_help_panel=PANEL,
        ),
    ] = None,
    once: Annotated[
        bool,
        option(
            "--once", "", "Do not try rows that fail again from other starts.", PANEL
        ),
    ] = False,
    shard: Annotated[
        str | None,
        option(
            *("--shard", "I/N"),
            "Every N-th block of rows from the I-th on, 1/N to N/N; `merge` "
            "joins them.",
            PANEL,
        ),
    ] = None,
    result: Annotated[
        str | None, option("-o --out", "FILE", "HDF5 file for the maps.", OUTPUT_PANEL)
    ] = None,
    resume: Annotated[
        bool,
        option(
            "--resume", "", "Go on with the finished blocks of this job.", OUTPUT_PANEL
        ),
    ] = False,
    retry_failed: Annotated[
        bool,
        option(
            *("--retry-failed", ""),
            "Fit the rows of a finished result again that have not converged; "
            "the others stay as they are.",
            OUTPUT_PANEL,
        ),
    ] = False,
) -> int:
    """Fit a model to each row of a file, on its own; write maps of the parameters."""
    chained = list(start or ()) == ["previous"]
    job = chosen_job(
        data if job_file is None else job_file,
        **request.options,
        start=None if chained else start,
        result=result,
    ).by("lm")
    if job_file is not None:
        job = replace(job, data=replace(job.data, file=data))
    if job.output.result is None:
        raise InputError("an output is missing; name one with -o maps.h5.")
    check_outputs([("-o", job.output.result, ())], overwrite=True, inputs=job.inputs)
    source = _opened(job, x, (sigma, sigma_per), mask, rows)
    built = build_model(job)
    settings = _settings(job, "previous" if chained else None, max_steps, once)
    console, as_json = request.console, request.as_json
    try:
        if retry_failed:
            return _retry(built, source, settings, job, console, as_json)
        run = _run(job, resume, shard)
        return _fit(built, source, settings, run, console, as_json)
    finally:
        source.close()


def _opened(
    job: Job,
    x: str | None,
    sigma: tuple[str | None, str | None],
    mask: str | None,
    rows: str | None,
) -> RowSource:
    from physfit.data.row_source import open_rows
    from physfit.models.loss import as_loss

    given: Any = sigma[0] if sigma[0] is not None else job.data.sigma
    if given is None and as_loss(job.fit.loss).knows_noise(False):
        given = "none"
    within = None if rows is None else _range(rows)
    source = open_rows(
        job.data.file,
        dataset=job.data.dataset,
        x=x if x is not None or job.data.x is None else str(job.data.x),
        sigma=_number_or_name(given),
        mask=mask,
        sigma_per=sigma[1],
        rows=within,
    )
    return source if within is None else source.part(*within)


def _number_or_name(given: Any) -> Any:
    """A number if the text is one."""
    if given is None:
        return None
    try:
        return float(given)
    except ValueError:
        return str(given)


def _range(rows: str) -> tuple[int, int]:
    first, colon, last = rows.partition(":")
    start, stop = decimal(first), decimal(last)
    if not colon or start is None or stop is None:
        raise InputError(f"--rows must be A:B, as in 0:1000, but is {rows[:80]!r}.")
    return start, stop


def _settings(
    job: Job, chained: str | None, max_steps: int | None, once: bool
) -> Settings:
    from physfit.counts import checked_threads
    from physfit.many_fits.row_job import Settings
    from physfit.models.loss import as_loss
    from physfit.solve.many import default_stop

    stop = default_stop()
    if max_steps is not None:
        stop = stop._replace(max_steps=max_steps)
    threads = checked_threads(job.minibatch.threads)
    return Settings(as_loss(job.fit.loss), chained, stop, not once, threads)


def _run(job: Job, resume: bool, shard: str | None) -> JobOutput:
    from physfit.many_fits.from_file import JobOutput

    output = job.output
    share = (1, 1) if shard is None else shard_of(shard)
    out = Path(str(output.result))
    return JobOutput(out, resume, output.overwrite, share, own_command())


def _fit(
    model: Model,
    source: RowSource,
    settings: Settings,
    run: JobOutput,
    console: Console,
    as_json: bool,
) -> int:
    from physfit.many_fits.file_job import Interruption
    from physfit.many_fits.from_file import run_file

    console.note(f"{source.name}: {_size(source)}.")
    try:
        with asked_to_stop() as asked, _progress(console.quiet) as callback:
            is_whole = run_file(
                model, source, settings, run, progress=callback, asked_to_stop=asked
            )
    except (Interruption, Interrupted, KeyboardInterrupt) as stopped:
        console.note(f"finished blocks are kept; go on with {command_line(run.out)}")
        if not isinstance(stopped, Interruption):
            raise
        return ExitCode.TERMINATED
    if not is_whole:
        number, count = run.shard
        console.note(
            f"shard {number} of {count} is done; `physfit status {run.out}` says what "
            f"is missing, `physfit merge {run.out}` joins all."
        )
        return ExitCode.CONVERGED
    return _finish(run.out, console, as_json)


def _retry(
    model: Model,
    source: RowSource,
    settings: Settings,
    job: Job,
    console: Console,
    as_json: bool,
) -> int:
    from physfit.many_fits.retrying import retry_failed

    out = Path(str(job.output.result))
    with _progress(console.quiet) as callback:
        retry_failed(model, source, settings, out, progress=callback)
    return _finish(out, console, as_json)


def show_many(
    path: str, folder: str | None, as_json: bool, overwrite: bool, console: Console
) -> int:
    """Report of a saved result of many rows, and its page."""
    from physfit.result.many_brief import brief_of
    from physfit.result.many_file import load_many

    result = load_many(path)
    code = _printed(brief_of(Path(path)), result.report, Path(path), as_json)
    if folder is not None:
        from physfit.result.many_page import write_page

        logs_as_sentences()

        title = Path(path).name
        files = write_page(
            result, Path(folder), title=title, overwrite=overwrite, inputs=[path]
        )
        console.note(f"wrote `{files[-1]}` and {len(files) - 1} pictures.")
    return code


def _finish(out: Path, console: Console, as_json: bool) -> int:
    """Report of a finished result; its exit code."""
    from physfit.result.many_brief import brief_of

    brief = brief_of(out)
    code = _printed(brief, lambda: finished_text(brief, out), out, as_json)
    console.note(f"wrote `{out}`.")
    return code


def _printed(
    brief: ManyBrief, report: Callable[[], str], out: Path, as_json: bool
) -> int:
    """Print a report, or the numbers of it; the exit code."""
    if as_json:
        statuses = {own.name: count for own, count in brief.statuses.items()}
        print_json({"out": str(out), "rows": brief.n_rows, "statuses": statuses})
    else:
        print_text(report())
    if brief.n_failed == 0:
        return ExitCode.CONVERGED
    is_some = brief.n_failed < brief.n_rows
    return ExitCode.SOME_FAILED if is_some else ExitCode.NOT_CONVERGED


def _size(source: RowSource) -> str:
    shape = " x ".join(str(len(axis.values)) for axis in source.axes)
    return f"{shape} rows of {source.n_points} samples"


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[ManyProgress], None] | None]:
    """A bar with fits per second, failures and the time left."""
    with progress_bar("fitting", quiet) as update:
        if update is None:
            yield None
            return

        def callback(progress: ManyProgress) -> None:
            update(
                round(1000 * progress.n_done / max(1, progress.n_rows)),
                f"{progress.n_done} of {progress.n_rows} rows, {progress.rate:,.0f} "
                f"fits/s, {progress.n_failed} failed, {progress.seconds_left:.0f} s "
                "left",
            )

        yield callback
