"""Command `bootstrap`: errors from refits of data made from the data themselves."""

from __future__ import annotations

from typing import Annotated

from physfit.cli.execution import build_model, read_data, run_fit
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import check_figures, show
from physfit.cli.options import DATA, PARAMETERS, Request, job_command, option

__all__ = ["bootstrap"]

PANEL = "Refits"


@job_command(
    *("data", "model", "seed", "threads", *DATA[2:], *PARAMETERS, "loss", "plot")
)
def bootstrap(
    request: Request,
    n: Annotated[int, option("--n", "N", "How many refits.", PANEL)] = 1000,
    kind: Annotated[
        str,
        option(
            *("--kind", "NAME"),
            "What data are made of: residual, pairs (samples drawn with "
            "replacement) or parametric (noise as stated).",
            PANEL,
        ),
    ] = "residual",
) -> int:
    """Fit, then refit data made from it; say what the errors are worth."""
    from physfit.many_fits.bootstrap import bootstrap as run

    job = request.job
    check_figures(request)
    table = read_data(job, request.console)
    result = run_fit(job.in_memory(), build_model(job), table)
    threads = job.minibatch.threads
    show(request, run(result, n, kind=kind, seed=job.seed, threads=threads))
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED
