"""Command `sweep`: the same fit with some settings varied."""

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
from physfit.errors import InputError

__all__ = ["sweep"]

PANEL = "Sweep"


@job_command(
    *("data", "model", "batch_size", "epochs", "seed", "threads", *DATA[2:]),
    *(*PARAMETERS, "loss", "plot"),
)
def sweep(
    request: Request,
    vary: Annotated[
        list[str] | None,
        option(
            *("--vary", "NAME=VALUES"),
            "rate, k, batch_size, epochs, weight_decay, seed, sampler, scaling, "
            "or a setting of the method such as beta1, with values in a list with "
            "commas; schedule, with semicolons between.",
            PANEL,
        ),
    ] = None,
    method: Annotated[
        str | None,
        option(
            *("--method", "NAME"),
            "gd, sgd, momentum, rmsprop, adam (as without this option) and others.",
            PANEL,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        option("--rate", "NUMBER", "Learning rate where it is not varied.", PANEL),
    ] = None,
) -> int:
    """Fit with every combination of some settings, beside the exact answer."""
    from physfit.fitting.exploration.sweeps import sweep as run

    job, console = by_descent(request.job, method), request.console
    check_figures(request)
    values = varied(vary or ())
    if request.plot is not None and len(values) > 2:
        raise InputError(
            "--plot shows one or two settings; vary fewer, or leave it out."
        )
    model, data = opened(job, console)
    with counted("sweeping", console.quiet) as progress:
        result = run(
            model,
            **data,
            vary=values,
            method=job.fit.method,
            rate=rate,
            batch_size=job.minibatch.batch_size,
            epochs=job.minibatch.epochs,
            seed=job.seed,
            threads=job.minibatch.threads,
            start=given_start(job),
            progress=progress,
        )
    show(request, result)
    lost = all(run.diverged for run in result.runs)
    return ExitCode.NOT_CONVERGED if lost else ExitCode.CONVERGED


def varied(texts: tuple[str, ...] | list[str]) -> dict[str, list[float | int | str]]:
    """Values of settings from `NAME=VALUE,VALUE` texts.

    Examples
    --------
    >>> varied(["rate=1e-3,0.1", "batch_size=16,64"])
    {'rate': [0.001, 0.1], 'batch_size': [16, 64]}
    >>> varied(["schedule=0.1;cosine:0.1,steps=9"])
    {'schedule': [0.1, 'cosine:0.1,steps=9']}
    """
    if not texts:
        raise InputError("nothing is varied; write --vary rate=1e-3,1e-2,1e-1.")
    values_by_name: dict[str, list[float | int | str]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip()
        parts = listed.split(";" if ";" in listed or name == "schedule" else ",")
        if not (name and equals) or not all(part.strip() for part in parts):
            raise InputError(
                f"--vary takes NAME=VALUES such as rate=1e-3,1e-2, not {text!r}."
            )
        if name in values_by_name:
            raise InputError(f"--vary names {name!r} twice; give it one list.")
        values_by_name[name] = [_value(part.strip()) for part in parts]
    return values_by_name


def _value(text: str) -> float | int | str:
    """Whole number, number or text."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
