"""Command `toys`: fits of simulated data, compared with the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.console import Console, print_json, print_text
from physfit.cli.execution import build_model, check_job_outputs, write_figure
from physfit.cli.exit_codes import ExitCode
from physfit.cli.minibatch_options import ThreadsOption
from physfit.cli.options import (
    BoundsOption,
    FixOption,
    JsonOption,
    LossOption,
    OverwriteOption,
    PlotOption,
    QuietOption,
    StartOption,
    TieOption,
    chosen_job,
)
from physfit.cli.settings import Grid, assignments, grid, number

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.many_fits.toys_result import Toys

__all__ = ["toys"]


def toys(
    model: Annotated[
        str,
        typer.Option("--model", "-m", metavar="TEXT", help="As for `physfit fit`."),
    ],
    x: Annotated[
        str,
        typer.Option(
            "--x", metavar="START:STOP:COUNT", help="Samples, both ends included."
        ),
    ],
    truth: Annotated[
        list[str] | None,
        typer.Option(
            "--truth", "-p", metavar="NAME=VALUE", help="True value of a parameter."
        ),
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(
            "--sigma",
            metavar="NUMBER",
            help="Standard deviation of normal noise; none for --loss poisson.",
        ),
    ] = None,
    n: Annotated[
        int, typer.Option("--n", metavar="N", help="How many data sets.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Seed of the noise; 0.")
    ] = 0,
    guess: Annotated[
        bool,
        typer.Option(
            "--guess",
            metavar="",
            help="Start each fit from a guess of its own, not from the truth.",
        ),
    ] = False,
    scaled: Annotated[
        bool,
        typer.Option(
            "--scaled",
            metavar="",
            help="Keep sigma from the fits: errors are scaled by the residuals.",
        ),
    ] = False,
    start: StartOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    threads: ThreadsOption = None,
    plot: PlotOption = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Fit simulated data many times; say whether errors and values are right."""
    job = chosen_job(
        "toys",
        model=model,
        bounds=bounds,
        fix=fix,
        tie=tie,
        loss=loss,
        plot=plot,
        overwrite=overwrite,
    )
    check_job_outputs(job)
    begun = assignments("--start", start or (), number)
    arguments: dict[str, Any] = {
        "truth": assignments("--truth", truth or (), number),
        "sigma": sigma,
        "n": n,
        "seed": seed,
        "start": begun if begun or guess else None,
        "scaled": scaled,
        "threads": threads,
    }
    found = _toys(job, grid("--x", x), arguments)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    if plot is not None:
        write_figure(job, found.plot())
        Console(quiet).note(f"wrote `{plot}`.")
    return ExitCode.CONVERGED


def _toys(job: Job, samples: Grid, arguments: dict[str, Any]) -> Toys:
    import numpy as np

    from physfit.many_fits.toys import toys as run

    x = np.linspace(samples.start, samples.stop, samples.count)
    return run(build_model(job), x, loss=job.fit.loss, **arguments)
