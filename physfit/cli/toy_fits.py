"""Command `toys`: fits of simulated data, compared with the truth."""

from __future__ import annotations

from typing import Annotated

from physfit.cli.execution import build_model
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import check_figures, show
from physfit.cli.options import Request, entry_option, job_command, option
from physfit.cli.settings import assignments, grid, number

__all__ = ["toys"]


@job_command("model", "bounds", "fix", "tie", "loss", "threads", "plot")
def toys(
    request: Request,
    x: Annotated[
        str, option("--x", "START:STOP:COUNT", "Samples, both ends included.")
    ],
    truth: Annotated[
        list[str] | None,
        option("--truth -p", "NAME=VALUE", "True value of a parameter."),
    ] = None,
    sigma: Annotated[
        float | None,
        option(
            *("--sigma", "NUMBER"),
            "Standard deviation of normal noise; none for --loss poisson.",
        ),
    ] = None,
    n: Annotated[int, option("--n", "N", "How many data sets.")] = 1000,
    seed: Annotated[int, option("--seed", "N", "Seed of the noise; 0.")] = 0,
    guess: Annotated[
        bool,
        option(
            *("--guess", ""),
            "Start each fit from a guess of its own, not from the truth.",
        ),
    ] = False,
    scaled: Annotated[
        bool,
        option(
            *("--scaled", ""),
            "Keep sigma from the fits: errors are scaled by the residuals.",
        ),
    ] = False,
    start: Annotated[list[str] | None, entry_option("start")] = None,
) -> int:
    """Fit simulated data many times; say whether errors and values are right."""
    import numpy as np

    from physfit.many_fits.toys import toys as run

    job, samples = request.job, grid("--x", x)
    check_figures(request)
    starts = assignments("--start", start or (), number)
    true_values = assignments("--truth", truth or (), number)
    result = run(
        build_model(job),
        np.linspace(samples.start, samples.stop, samples.count),
        truth=true_values,
        sigma=sigma,
        n=n,
        seed=seed,
        start=starts if starts or guess else None,
        scaled=scaled,
        loss=job.fit.loss,
        threads=job.minibatch.threads,
    )
    show(request, result)
    return ExitCode.CONVERGED
