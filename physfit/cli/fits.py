"""Commands `fit`, `guess`, `compare` and `show`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.command_line import arguments
from physfit.cli.console import Console, fit_progress, print_json, print_text
from physfit.cli.execution import (
    build_model,
    check_job_outputs,
    held_at,
    note_rows,
    open_rows,
    prepare_fit,
    read_data,
    run_compare,
    run_fit,
    write_outputs,
)
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import show as show_and_draw
from physfit.cli.options import (
    DATA,
    PARAMETERS,
    JsonOption,
    OverwriteOption,
    QuietOption,
    Request,
    job_command,
    option,
)
from physfit.cli.parts import TABLES
from physfit.cli.settings import methods as listed_methods
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.models.model import Model
    from physfit.result import FitResult

__all__ = ["compare", "fit", "guess", "show"]

#: Settings of a run on minibatches, and those of them that say how it is kept.
MINIBATCH = tuple(TABLES["minibatch"])
KEPT = ("checkpoint", "checkpoint_every", "resume")


@job_command(*DATA, *PARAMETERS, "loss", "method", *MINIBATCH, "result", "plot")
def fit(request: Request) -> int:
    """Fit a model to a curve, or to the rows of a file, and print the report."""
    job, console = request.job, request.console
    check_job_outputs(job)
    model = build_model(job)
    data = _read(job, model, console)
    with fit_progress(console.quiet) as progress:
        result = run_fit(job, model, data, progress)
    try:
        write_outputs(job, result)
    finally:  # a full disk costs the files, not the answer
        _print(result, request.as_json)
    for path in (job.output.result, job.output.plot):
        if path is not None:
            console.note(f"wrote `{path}`.")
    if not result.converged:
        console.warn(f"{result.message}.")
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED


@job_command(*DATA, *PARAMETERS, "loss", "plot")
def guess(request: Request) -> int:
    """Print start values guessed from the data, and the fit command with them."""
    job = request.job.writing(request.plot, request.overwrite)
    check_job_outputs(job)
    model, table = build_model(job), read_data(job, request.console)
    prepared = prepare_fit(job, model, table)
    start = dict(zip(model.free_names, prepared.theta.tolist(), strict=True))
    if job.output.plot is not None:
        write_outputs(job, run_fit(job, held_at(model, start), table))
        request.console.note(f"wrote `{job.output.plot}`.")
    command = shlex.join(["physfit", "fit", *arguments(job, model, start)])
    if request.as_json:
        print_json(
            {
                "model": model.expression,
                "start": start,
                "guessed": prepared.guessed,
                "command": command,
            }
        )
        return ExitCode.CONVERGED
    width = max(map(len, start), default=0)
    for name, value in start.items():
        given = "" if name in prepared.guessed else "  given"
        print_text(f"{name:<{width}}  {value: .6g}{given}")
    print_text(f"\n{command}")
    return ExitCode.CONVERGED


@job_command(
    *(*DATA, *PARAMETERS, "loss", "plot"),
    *(name for name in MINIBATCH if name not in KEPT),
)
def compare(
    request: Request,
    methods: Annotated[
        str | None,
        option(
            *("--methods", "NAMES"),
            "Methods with commas between: lm, gauss_newton; adam, sgd and others "
            "on minibatches, with settings as in adam:beta1=0.95; scipy:lm, scipy:trf, "
            "scipy:l-bfgs-b and others.",
        ),
    ] = None,
) -> int:
    """Run one fit by several methods and say whether they agree (else exit code 4)."""
    job = request.job.writing(request.plot, request.overwrite).by("lm")
    named = None if methods is None else listed_methods("--methods", methods)
    check_job_outputs(job)
    model = build_model(job)
    data = _read(job, model, request.console)
    comparison = run_compare(job, model, data, named)
    show_and_draw(request, comparison)
    return ExitCode.CONVERGED if comparison.agree else ExitCode.DISAGREE


def show(
    path: Annotated[
        str,
        typer.Argument(
            metavar="RESULT", help="File written by `physfit fit -o` or `fit-many -o`."
        ),
    ],
    folder: Annotated[
        str | None,
        option(
            *("-o --out", "FOLDER"),
            "Of many fits: write a page with maps, worst fits and histograms.",
        ),
    ] = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Print the report of a saved result; of many fits write a page as well."""
    from physfit.result.many_file import is_many_file

    if is_many_file(path):
        from physfit.cli.many import show_many

        return show_many(path, folder, as_json, overwrite, Console(quiet))
    if folder is not None:
        raise InputError(
            f"a page is for results of many fits, and `{path}` is none; take --plot "
            "with `physfit fit`."
        )
    from physfit.result.file import load_result

    result = load_result(path)
    _print(result, as_json)
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED


def _print(result: FitResult, as_json: bool) -> None:
    """Print the report of a result, or its record."""
    if as_json:
        print_json(_record(result))
    else:
        print_text(result.report())


def _record(result: FitResult) -> dict[str, Any]:
    """What `-o result.json` writes, without the columns of the data."""
    from physfit.result.file import SCHEMA
    from physfit.result.record import to_record

    record = to_record(result)
    data = record["data"]
    record["data"] = {key: data[key] for key in data if key not in ("x", "y", "sigma")}
    return {"schema": SCHEMA.name, "version": SCHEMA.version, **record}


def _read(job: Job, model: Model, console: Console) -> Table | Source:
    """Data of a job: columns, or the source of rows that stay in their file."""
    from physfit.data.samplers import cautions, sampler_named
    from physfit.data.stream import DEFAULT_MEMORY

    rows = open_rows(job, model)
    if rows is None:
        return read_data(job, console)
    sampler = job.minibatch.sampler or "blocks"
    memory = (job.minibatch.memory or DEFAULT_MEMORY >> 20) << 20
    note_rows(rows, cautions(rows, sampler_named(sampler), memory), console)
    return rows
