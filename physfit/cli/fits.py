"""Commands `fit`, `guess`, `compare` and `show`.

The module is long because the options of a command are the signature of its function.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.command_line import arguments
from physfit.cli.console import Console, fit_progress, print_json, print_text
from physfit.cli.execution import (
    build_model,
    check_job_outputs,
    held_at,
    open_rows,
    prepare_fit,
    read_data,
    run_compare,
    run_fit,
    write_figure,
    write_outputs,
)
from physfit.cli.exit_codes import ExitCode
from physfit.cli.job import Job, OutputPart
from physfit.cli.minibatch_options import (
    BatchSizeOption,
    CheckpointEveryOption,
    CheckpointOption,
    EpochsOption,
    LastOption,
    MaxStepsOption,
    MemoryOption,
    ResumeOption,
    SamplerOption,
    ScalingOption,
    ScheduleOption,
    SeedOption,
    ThreadsOption,
    ToleranceOption,
    WeightDecayOption,
)
from physfit.cli.options import (
    OUTPUT_PANEL,
    BoundsOption,
    DataArgument,
    DatasetOption,
    FixOption,
    JsonOption,
    LossOption,
    MethodOption,
    ModelOption,
    NanOption,
    OverwriteOption,
    PlotOption,
    QuietOption,
    RangeOption,
    SigmaOption,
    StartOption,
    TieOption,
    XOption,
    YOption,
    chosen_job,
)
from physfit.cli.settings import methods as listed_methods
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.models.model import Model
    from physfit.result import FitResult

__all__ = ["compare", "fit", "guess", "show"]


def fit(
    data: DataArgument,
    model: ModelOption = None,
    x: XOption = None,
    y: YOption = None,
    sigma: SigmaOption = None,
    dataset: DatasetOption = None,
    x_range: RangeOption = None,
    nan: NanOption = None,
    start: StartOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    method: MethodOption = None,
    batch_size: BatchSizeOption = None,
    epochs: EpochsOption = None,
    schedule: ScheduleOption = None,
    weight_decay: WeightDecayOption = None,
    seed: SeedOption = None,
    sampler: SamplerOption = None,
    scaling: ScalingOption = None,
    last: LastOption = False,
    tolerance: ToleranceOption = None,
    max_steps: MaxStepsOption = None,
    memory: MemoryOption = None,
    threads: ThreadsOption = None,
    checkpoint: CheckpointOption = None,
    checkpoint_every: CheckpointEveryOption = None,
    resume: ResumeOption = False,
    result: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the result: .h5 or .json.",
            rich_help_panel=OUTPUT_PANEL,
        ),
    ] = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Fit a model to a curve, or to the rows of a file, and print the report."""
    job = chosen_job(
        data,
        model=model,
        x=x,
        y=y,
        sigma=sigma,
        dataset=dataset,
        x_range=x_range,
        nan=nan,
        start=start,
        bounds=bounds,
        fix=fix,
        tie=tie,
        loss=loss,
        method=method,
        result=result,
        plot=plot,
        overwrite=overwrite,
        minibatch={
            "batch_size": batch_size,
            "epochs": epochs,
            "schedule": schedule,
            "weight_decay": weight_decay,
            "seed": seed,
            "sampler": sampler,
            "scaling": scaling,
            "averaged": False if last else None,
            "tolerance": tolerance,
            "max_steps": max_steps,
            "memory": memory,
            "threads": threads,
            "checkpoint": checkpoint,
            "checkpoint_every": checkpoint_every,
            "resume": resume or None,
        },
    )
    return _fit(job, as_json, Console(quiet))


def _fit(job: Job, as_json: bool, console: Console) -> int:
    check_job_outputs(job)
    model = build_model(job)
    rows = open_rows(job, model)
    if rows is None:
        table: Table | Source = _read(job, console)
    else:
        table = _told(rows, job, console)
    with fit_progress(console.quiet) as progress:
        result = run_fit(job, model, table, progress)
    try:
        write_outputs(job, result)
    finally:  # a full disk costs the files, not the answer
        if as_json:
            print_json(_record(result))
        else:
            print_text(result.report())
    for path in (job.output.result, job.output.plot):
        if path is not None:
            console.note(f"wrote `{path}`.")
    if not result.converged:
        console.warn(f"{result.message}.")
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED


def guess(
    data: DataArgument,
    model: ModelOption = None,
    x: XOption = None,
    y: YOption = None,
    sigma: SigmaOption = None,
    dataset: DatasetOption = None,
    x_range: RangeOption = None,
    nan: NanOption = None,
    start: StartOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Print start values guessed from the data, and the fit command with them."""
    job = chosen_job(
        data,
        model=model,
        x=x,
        y=y,
        sigma=sigma,
        dataset=dataset,
        x_range=x_range,
        nan=nan,
        start=start,
        bounds=bounds,
        fix=fix,
        tie=tie,
        loss=loss,
    )
    # The outputs of a job file are those of its fit.
    job = replace(job, output=OutputPart(None, plot, overwrite))
    return _guess(job, as_json, Console(quiet))


def _guess(job: Job, as_json: bool, console: Console) -> int:
    check_job_outputs(job)
    model, table = _opened(job, console)
    prepared = prepare_fit(job, model, table)
    start = dict(zip(model.free_names, prepared.theta.tolist(), strict=True))
    if job.output.plot is not None:
        write_outputs(job, run_fit(job, held_at(model, start), table))
        console.note(f"wrote `{job.output.plot}`.")
    command = shlex.join(["physfit", "fit", *arguments(job, model, start)])
    if as_json:
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


def compare(
    data: DataArgument,
    model: ModelOption = None,
    methods: Annotated[
        str | None,
        typer.Option(
            "--methods",
            metavar="NAMES",
            help="Methods with commas between: lm, gauss_newton; adam, sgd and others "
            "on minibatches, with settings as in adam:beta1=0.95; scipy:lm, scipy:trf, "
            "scipy:l-bfgs-b and others.",
        ),
    ] = None,
    x: XOption = None,
    y: YOption = None,
    sigma: SigmaOption = None,
    dataset: DatasetOption = None,
    x_range: RangeOption = None,
    nan: NanOption = None,
    start: StartOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    batch_size: BatchSizeOption = None,
    epochs: EpochsOption = None,
    schedule: ScheduleOption = None,
    weight_decay: WeightDecayOption = None,
    seed: SeedOption = None,
    sampler: SamplerOption = None,
    scaling: ScalingOption = None,
    last: LastOption = False,
    tolerance: ToleranceOption = None,
    max_steps: MaxStepsOption = None,
    memory: MemoryOption = None,
    threads: ThreadsOption = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Run one fit by several methods and say whether they agree (else exit code 4)."""
    job = chosen_job(
        data,
        model=model,
        x=x,
        y=y,
        sigma=sigma,
        dataset=dataset,
        x_range=x_range,
        nan=nan,
        start=start,
        bounds=bounds,
        fix=fix,
        tie=tie,
        loss=loss,
        minibatch={
            "batch_size": batch_size,
            "epochs": epochs,
            "schedule": schedule,
            "weight_decay": weight_decay,
            "seed": seed,
            "sampler": sampler,
            "scaling": scaling,
            "averaged": False if last else None,
            "tolerance": tolerance,
            "max_steps": max_steps,
            "memory": memory,
            "threads": threads,
        },
    )
    # The outputs of a job file are those of its fit; so is its method.
    job = replace(
        job,
        output=OutputPart(None, plot, overwrite),
        fit=replace(job.fit, method="lm"),
    )
    named = None if methods is None else listed_methods("--methods", methods)
    return _compare(job, named, as_json, Console(quiet))


def _compare(
    job: Job, methods: tuple[str, ...] | None, as_json: bool, console: Console
) -> int:
    check_job_outputs(job)
    model = build_model(job)
    rows = open_rows(job, model)
    table = _read(job, console) if rows is None else _told(rows, job, console)
    comparison = run_compare(job, model, table, methods)
    try:
        if job.output.plot is not None:
            write_figure(job, comparison.plot())
    finally:
        if as_json:
            print_json(comparison.to_dict())
        else:
            print_text(comparison.report())
    if job.output.plot is not None:
        console.note(f"wrote `{job.output.plot}`.")
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
        typer.Option(
            "-o",
            "--out",
            metavar="FOLDER",
            help="Of many fits: write a page with maps, worst fits and histograms.",
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
    if as_json:
        print_json(_record(result))
    else:
        print_text(result.report())
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED


def _record(result: FitResult) -> dict[str, Any]:
    """What `-o result.json` writes, without the columns of the data."""
    from physfit.result.file import SCHEMA
    from physfit.result.record import to_record

    record = to_record(result)
    data = record["data"]
    record["data"] = {key: data[key] for key in data if key not in ("x", "y", "sigma")}
    return {"schema": SCHEMA.name, "version": SCHEMA.version, **record}


def _opened(job: Job, console: Console) -> tuple[Model, Table]:
    """Model and data of a job; tells which columns were taken."""
    return build_model(job), _read(job, console)


def _read(job: Job, console: Console) -> Table:
    table = read_data(job)
    console.note(f"{table.source}: {table.note}; {table.x.size} samples.")
    return table


def _told(rows: Source, job: Job, console: Console) -> Source:
    """The source, after a word about its columns and what is slow about it."""
    from physfit.data.samplers import cautions, sampler_named
    from physfit.data.stream import DEFAULT_MEMORY

    sampler = job.minibatch.sampler or "blocks"
    memory = (job.minibatch.memory or DEFAULT_MEMORY >> 20) << 20
    console.note(f"{rows.name}: {rows.note}; {rows.n_rows} rows.")
    for caution in cautions(rows, sampler_named(sampler), memory):
        console.warn(caution)
    return rows
