"""Command `lr-find`: which learning rates are too small, right and too big."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.console import Console, print_json, print_text
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    by_descent,
    check_figures,
    counted,
    given_start,
    opened,
    show_figure,
)
from physfit.cli.minibatch_options import (
    BatchSizeOption,
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
    StartOption,
    TieOption,
    XOption,
    YOption,
    chosen_job,
)
from physfit.cli.settings import interval

if TYPE_CHECKING:
    from physfit.cli.job import Job

__all__ = ["lr_find"]

PANEL = "Learning rates"


def lr_find(
    data: DataArgument,
    model: ModelOption = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="gd, sgd, momentum, rmsprop, adam (as without this option) and "
            "others, with settings as in adam:beta1=0.95.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    rates: Annotated[
        str,
        typer.Option(
            "--rates",
            metavar="LOW:HIGH",
            help="Range of the rates.",
            rich_help_panel=PANEL,
        ),
    ] = "1e-6:10",
    steps: Annotated[
        int,
        typer.Option(
            "--steps", metavar="N", help="Steps at each rate.", rich_help_panel=PANEL
        ),
    ] = 50,
    batch_size: BatchSizeOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
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
    """Try learning rates, each for some steps from the same start."""
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
    )
    job = by_descent(job, method)
    check_figures(job, plot, overwrite=overwrite)
    lowest, highest = interval("--rates", rates)
    arguments: dict[str, Any] = {
        "method": job.fit.method,
        "lowest": 1e-6 if lowest is None else lowest,
        "highest": 10.0 if highest is None else highest,
        "steps": steps,
        "batch_size": batch_size or job.minibatch.batch_size,
        "seed": seed or job.minibatch.seed or 0,
        "threads": threads,
    }
    return _lr_find(job, arguments, plot, as_json, overwrite, Console(quiet))


def _lr_find(
    job: Job,
    arguments: dict[str, Any],
    plot: str | None,
    as_json: bool,
    overwrite: bool,
    console: Console,
) -> int:
    from physfit.fitting.exploration.rates import find_rate

    model, data = opened(job, console)
    begin = given_start(job)
    with counted("trying rates", console.quiet) as progress:
        found = find_rate(model, **data, **arguments, start=begin, progress=progress)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    figure = None if plot is None else found.plot()
    show_figure(figure, plot, console, overwrite=overwrite)
    done = found.suggestion is not None
    return ExitCode.CONVERGED if done else ExitCode.NOT_CONVERGED
