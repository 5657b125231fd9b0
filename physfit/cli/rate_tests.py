"""Command `lr-find`: which learning rates are too small, right and too big."""

from __future__ import annotations

from typing import Annotated

from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    by_descent,
    check_figures,
    counted,
    given_start,
    opened,
    show,
)
from physfit.cli.options import DATA, PARAMETERS, Request, job_command, option
from physfit.cli.settings import interval

__all__ = ["lr_find"]

PANEL = "Learning rates"


@job_command(
    *("data", "model", "batch_size", "seed", "threads", *DATA[2:]),
    *(*PARAMETERS, "loss", "plot"),
)
def lr_find(
    request: Request,
    method: Annotated[
        str | None,
        option(
            *("--method", "NAME"),
            "gd, sgd, momentum, rmsprop, adam (as without this option) and "
            "others, with settings as in adam:beta1=0.95.",
            PANEL,
        ),
    ] = None,
    rates: Annotated[
        str, option("--rates", "LOW:HIGH", "Range of the rates.", PANEL)
    ] = "1e-6:10",
    steps: Annotated[int, option("--steps", "N", "Steps at each rate.", PANEL)] = 50,
) -> int:
    """Try learning rates, each for some steps from the same start."""
    from physfit.fitting.exploration.rates import find_rate

    job, console = by_descent(request.job, method), request.console
    check_figures(request)
    lowest, highest = interval("--rates", rates)
    model, data = opened(job, console)
    with counted("trying rates", console.quiet) as progress:
        result = find_rate(
            model,
            **data,
            method=job.fit.method,
            lowest=1e-6 if lowest is None else lowest,
            highest=10.0 if highest is None else highest,
            steps=steps,
            batch_size=job.minibatch.batch_size,
            seed=job.seed,
            threads=job.minibatch.threads,
            start=given_start(job),
            progress=progress,
        )
    show(request, result)
    done = result.suggestion is not None
    return ExitCode.CONVERGED if done else ExitCode.NOT_CONVERGED
