"""Command `multistart`: the minima that many starts lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    FewEpochsOption,
    check_figures,
    counted,
    opened_columns,
    ranges,
    show,
)
from physfit.cli.options import DATA, Request, job_command, option

if TYPE_CHECKING:
    from physfit.solve.base import Progress

__all__ = ["multistart"]

PANEL = "Starts"


@job_command(
    *("data", "model", "schedule", "batch_size", "seed", "threads", *DATA[2:]),
    *("bounds", "fix", "tie", "loss", "plot"),
)
def multistart(
    request: Request,
    starts: Annotated[int, option("--starts", "N", "Number of starts.", PANEL)] = 200,
    within: Annotated[
        list[str] | None,
        option(
            *("--within", "NAME=LOW:HIGH"),
            "Range to draw a parameter from; else its bounds, the range of x for "
            "a position, or around a guess.",
            PANEL,
        ),
    ] = None,
    method: Annotated[
        str,
        option(
            *("--method", "NAME"),
            "lm, or a first-order method that goes before it from each start.",
            PANEL,
        ),
    ] = "lm",
    epochs: FewEpochsOption = None,
) -> int:
    """Fit from many starts; list the minima with their depths and basins."""
    from physfit.fitting.exploration.many_starts import multistart as run

    job = request.job
    check_figures(request)
    intervals = ranges("--within", within)
    model, data = opened_columns(job, request.console)
    with counted("starting", request.console.quiet) as count:

        def callback(progress: Progress) -> None:
            if count is not None:
                count(progress.n_steps, progress.max_steps)

        result = run(
            model,
            **data,
            n_starts=starts,
            within=intervals,
            method=method,
            rate=request.options["schedule"],
            batch_size=request.options["batch_size"],
            epochs=epochs,
            seed=job.seed,
            threads=job.minibatch.threads,
            progress=callback,
        )
    show(request, result)
    return ExitCode.CONVERGED if result.minima else ExitCode.NOT_CONVERGED
