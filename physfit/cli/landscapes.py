"""Command `landscape`: chi2 over one or two parameters, with paths of optimisers."""

from __future__ import annotations

from typing import Annotated

from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    FewEpochsOption,
    check_figures,
    counted,
    given_start,
    opened_columns,
    ranges,
    rates_by_name,
    show,
)
from physfit.cli.options import (
    DATA,
    OUTPUT_PANEL,
    PARAMETERS,
    Request,
    job_command,
    option,
)
from physfit.cli.settings import names, number
from physfit.errors import InputError

__all__ = ["landscape"]

PANEL = "Landscape"


@job_command(
    *("data", "model", "batch_size", "seed", "threads", *DATA[2:]),
    *(*PARAMETERS, "loss", "plot"),
)
def landscape(
    request: Request,
    over: Annotated[
        str,
        option(
            *("--over", "NAMES"),
            "One or two parameters with a comma between; or 'principal': the "
            "softest and the stiffest direction at the best fit.",
            PANEL,
        ),
    ] = "principal",
    span: Annotated[
        list[str] | None,
        option(
            *("--span", "NUMBER|NAME=LOW:HIGH"),
            "Half width in standard errors (5), or the range of an axis.",
            PANEL,
        ),
    ] = None,
    points: Annotated[int, option("--points", "N", "Along each axis.", PANEL)] = 81,
    profile: Annotated[
        bool,
        option(
            *("--profile", ""),
            "Fit the other parameters at every point; else they are held.",
            PANEL,
        ),
    ] = False,
    methods: Annotated[
        str | None,
        option(
            *("--methods", "NAMES"),
            "First-order methods whose paths are drawn: gd,momentum,adam.",
            PANEL,
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        option(
            *("--rate", "NAME=VALUE"),
            "Learning rates of the methods, or one number or schedule for all.",
            PANEL,
        ),
    ] = None,
    epochs: FewEpochsOption = None,
    animate: Annotated[
        str | None,
        option("--animate", "FILE", "Draw the growing paths: .gif.", OUTPUT_PANEL),
    ] = None,
) -> int:
    """Chi2 over one or two parameters, and the paths of optimisers on it."""
    from physfit.fitting.exploration.surface import landscape as draw

    job, console = request.job, request.console
    check_figures(request, animate)
    start = given_start(job)
    if isinstance(start, str):
        raise InputError(
            "a landscape begins its paths at given values; write --start name=value."
        )
    if animate is not None and methods is None:
        raise InputError("--animate needs paths; name some with --methods gd,adam.")
    half_width = _span(span)
    rates = rates_by_name("--rate", rate)
    model, data = opened_columns(job, console)
    with counted("landscape", console.quiet) as progress:
        result = draw(
            model,
            **data,
            over=over if over == "principal" else names("--over", over),
            span=half_width,
            points=points,
            others="profile" if profile else "fixed",
            methods=() if methods is None else names("--methods", methods),
            rates=rates,
            batch_size=request.options["batch_size"],
            epochs=epochs,
            seed=job.seed,
            threads=job.minibatch.threads,
            start=start,
            progress=progress,
        )
    show(request, result)
    if animate is not None:
        result.animate(animate, overwrite=request.overwrite)
        console.note(f"wrote `{animate}`.")
    return ExitCode.CONVERGED


def _span(texts: list[str] | None) -> float | dict[str, tuple[float, float]] | None:
    if not texts:
        return None
    if len(texts) == 1 and "=" not in texts[0]:
        return number("--span", texts[0])
    return ranges("--span", texts)
