"""Command `multistart`: the minima that many starts lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.console import Console, print_json, print_text
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    FewEpochsOption,
    check_figures,
    counted,
    opened_columns,
    ranges,
    show_figure,
)
from physfit.cli.minibatch_options import (
    BatchSizeOption,
    ScheduleOption,
    SeedOption,
    ThreadsOption,
)
from physfit.cli.options import (
    BoundsOption,
    DataArgument,
    DatasetOption,
    FixOption,
    JsonOption,
    LossOption,
    ModelOption,
    NanOption,
    OverwriteOption,
    PlotOption,
    QuietOption,
    RangeOption,
    SigmaOption,
    TieOption,
    XOption,
    YOption,
    chosen_job,
)

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.solve.base import Progress

__all__ = ["multistart"]

PANEL = "Starts"


def multistart(
    data: DataArgument,
    model: ModelOption = None,
    starts: Annotated[
        int,
        typer.Option(
            "--starts", metavar="N", help="Number of starts.", rich_help_panel=PANEL
        ),
    ] = 200,
    within: Annotated[
        list[str] | None,
        typer.Option(
            "--within",
            metavar="NAME=LOW:HIGH",
            help="Range to draw a parameter from; else its bounds, the range of x for "
            "a position, or around a guess.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="NAME",
            help="lm, or a first-order method that goes before it from each start.",
            rich_help_panel=PANEL,
        ),
    ] = "lm",
    schedule: ScheduleOption = None,
    batch_size: BatchSizeOption = None,
    epochs: FewEpochsOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    x: XOption = None,
    y: YOption = None,
    sigma: SigmaOption = None,
    dataset: DatasetOption = None,
    x_range: RangeOption = None,
    nan: NanOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Fit from many starts; list the minima with their depths and basins."""
    job = chosen_job(
        data,
        model=model,
        x=x,
        y=y,
        sigma=sigma,
        dataset=dataset,
        x_range=x_range,
        nan=nan,
        bounds=bounds,
        fix=fix,
        tie=tie,
        loss=loss,
        method="lm",
    )
    check_figures(job, plot, overwrite=overwrite)
    arguments: dict[str, Any] = {
        "n_starts": starts,
        "within": ranges("--within", within),
        "method": method,
        "rate": schedule,
        "batch_size": batch_size,
        "epochs": epochs,
        "seed": seed or 0,
        "threads": threads,
    }
    return _multistart(job, arguments, plot, as_json, overwrite, Console(quiet))


def _multistart(
    job: Job,
    arguments: dict[str, Any],
    plot: str | None,
    as_json: bool,
    overwrite: bool,
    console: Console,
) -> int:
    from physfit.fitting.exploration.many_starts import multistart as run

    model, data = opened_columns(job, console)
    with counted("starting", console.quiet) as count:

        def told(progress: Progress) -> None:
            if count is not None:
                count(progress.n_steps, progress.max_steps)

        found = run(model, **data, **arguments, progress=told)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    figure = None if plot is None else found.plot()
    show_figure(figure, plot, console, overwrite=overwrite)
    return ExitCode.CONVERGED if found.minima else ExitCode.NOT_CONVERGED
