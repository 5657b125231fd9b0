"""Command `bootstrap`: errors from refits of data made from the data themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from physfit.cli.console import Console, print_json, print_text
from physfit.cli.execution import build_model, read_data, run_fit
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import check_figures, show_figure
from physfit.cli.minibatch_options import SeedOption, ThreadsOption
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

__all__ = ["bootstrap"]

PANEL = "Refits"


def bootstrap(
    data: DataArgument,
    model: ModelOption = None,
    n: Annotated[
        int,
        typer.Option(
            "--n", metavar="N", help="How many refits.", rich_help_panel=PANEL
        ),
    ] = 1000,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="NAME",
            help="What data are made of: residual, pairs (samples drawn with "
            "replacement) or parametric (noise as stated).",
            rich_help_panel=PANEL,
        ),
    ] = "residual",
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
    """Fit, then refit data made from it; say what the errors are worth."""
    from physfit.many_fits.bootstrap import bootstrap as run

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
        method="lm",
    )
    console = Console(quiet)
    check_figures(job, plot, overwrite=overwrite)
    table = read_data(job)
    console.note(f"{table.source}: {table.note}; {table.x.size} samples.")
    result = run_fit(job, build_model(job), table)
    found = run(result, n, kind=kind, seed=seed or 0, threads=threads)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    figure = None if plot is None else found.plot()
    show_figure(figure, plot, console, overwrite=overwrite)
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED
