"""Command `landscape`: chi2 over one or two parameters, with paths of optimisers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from physfit.cli.console import Console, print_json, print_text
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exploring import (
    FewEpochsOption,
    check_figures,
    counted,
    given_start,
    opened_columns,
    ranges,
    rates_by_name,
    show_figure,
)
from physfit.cli.minibatch_options import (
    BatchSizeOption,
    SeedOption,
    ThreadsOption,
)
from physfit.cli.options import (
    OUTPUT_PANEL,
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
from physfit.cli.settings import names, number
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job

__all__ = ["landscape"]

PANEL = "Landscape"


def landscape(
    data: DataArgument,
    model: ModelOption = None,
    over: Annotated[
        str,
        typer.Option(
            "--over",
            metavar="NAMES",
            help="One or two parameters with a comma between; or 'principal': the "
            "softest and the stiffest direction at the best fit.",
            rich_help_panel=PANEL,
        ),
    ] = "principal",
    span: Annotated[
        list[str] | None,
        typer.Option(
            "--span",
            metavar="NUMBER|NAME=LOW:HIGH",
            help="Half width in standard errors (5), or the range of an axis.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    points: Annotated[
        int,
        typer.Option(
            "--points", metavar="N", help="Along each axis.", rich_help_panel=PANEL
        ),
    ] = 81,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile",
            metavar="",
            help="Fit the other parameters at every point; else they are held.",
            rich_help_panel=PANEL,
        ),
    ] = False,
    methods: Annotated[
        str | None,
        typer.Option(
            "--methods",
            metavar="NAMES",
            help="First-order methods whose paths are drawn: gd,momentum,adam.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            "--rate",
            metavar="NAME=VALUE",
            help="Learning rates of the methods, or one number or schedule for all.",
            rich_help_panel=PANEL,
        ),
    ] = None,
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
    start: StartOption = None,
    bounds: BoundsOption = None,
    fix: FixOption = None,
    tie: TieOption = None,
    loss: LossOption = None,
    plot: PlotOption = None,
    animate: Annotated[
        str | None,
        typer.Option(
            "--animate",
            metavar="FILE",
            help="Draw the growing paths: .gif.",
            rich_help_panel=OUTPUT_PANEL,
        ),
    ] = None,
    as_json: JsonOption = False,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Chi2 over one or two parameters, and the paths of optimisers on it."""
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
    check_figures(job, plot, overwrite=overwrite, gif=animate)
    arguments: dict[str, Any] = {
        "over": over if over == "principal" else names("--over", over),
        "span": _span(span),
        "points": points,
        "others": "profile" if profile else "fixed",
        "methods": () if methods is None else names("--methods", methods),
        "rates": rates_by_name("--rate", rate),
        "batch_size": batch_size,
        "epochs": epochs,
        "seed": seed or 0,
        "threads": threads,
    }
    return _landscape(job, arguments, plot, animate, as_json, overwrite, Console(quiet))


def _landscape(
    job: Job,
    arguments: dict[str, Any],
    plot: str | None,
    animate: str | None,
    as_json: bool,
    overwrite: bool,
    console: Console,
) -> int:
    from physfit.fitting.exploration.surface import landscape as draw

    begin = given_start(job)
    if isinstance(begin, str):
        raise InputError(
            "a landscape begins its paths at given values; write --start name=value."
        )
    if animate is not None and not arguments["methods"]:
        raise InputError("--animate needs paths; name some with --methods gd,adam.")
    model, data = opened_columns(job, console)
    with counted("landscape", console.quiet) as progress:
        found = draw(model, **data, **arguments, start=begin, progress=progress)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    figure = None if plot is None else found.plot()
    show_figure(figure, plot, console, overwrite=overwrite)
    if animate is not None:
        found.animate(animate, overwrite=overwrite)
        console.note(f"wrote `{animate}`.")
    return ExitCode.CONVERGED


def _span(texts: list[str] | None) -> float | dict[str, tuple[float, float]] | None:
    if not texts:
        return None
    if len(texts) == 1 and "=" not in texts[0]:
        return number("--span", texts[0])
    return ranges("--span", texts)
