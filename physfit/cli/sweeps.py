"""Command `sweep`: the same fit with some settings varied."""

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
    EpochsOption,
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
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job

__all__ = ["sweep"]

PANEL = "Sweep"


def sweep(
    data: DataArgument,
    model: ModelOption = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="NAME=VALUES",
            help="rate, k, batch_size, epochs, weight_decay, seed, sampler, scaling, "
            "or a setting of the method such as beta1, with values in a list with "
            "commas; schedule, with semicolons between.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="gd, sgd, momentum, rmsprop, adam (as without this option) and "
            "others.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            metavar="NUMBER",
            help="Learning rate where it is not varied.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    batch_size: BatchSizeOption = None,
    epochs: EpochsOption = None,
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
    """Fit with every combination of some settings, beside the exact answer."""
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
    arguments: dict[str, Any] = {
        "vary": varied(vary or ()),
        "method": job.fit.method,
        "rate": rate,
        "batch_size": batch_size or job.minibatch.batch_size,
        "epochs": epochs or job.minibatch.epochs,
        "seed": seed or job.minibatch.seed or 0,
        "threads": threads,
    }
    if plot is not None and len(arguments["vary"]) > 2:
        raise InputError(
            "--plot shows one or two settings; vary fewer, or leave it out."
        )
    return _sweep(job, arguments, plot, as_json, overwrite, Console(quiet))


def _sweep(
    job: Job,
    arguments: dict[str, Any],
    plot: str | None,
    as_json: bool,
    overwrite: bool,
    console: Console,
) -> int:
    from physfit.fitting.exploration.sweeps import sweep as vary

    model, data = opened(job, console)
    begin = given_start(job)
    with counted("sweeping", console.quiet) as progress:
        found = vary(model, **data, **arguments, start=begin, progress=progress)
    if as_json:
        print_json(found.to_dict())
    else:
        print_text(found.report())
    figure = None if plot is None else found.plot()
    show_figure(figure, plot, console, overwrite=overwrite)
    lost = all(own.diverged for own in found.runs)
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
    found: dict[str, list[float | int | str]] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        name = name.strip()
        parts = rest.split(";" if ";" in rest or name == "schedule" else ",")
        if not (name and equals) or not all(own.strip() for own in parts):
            raise InputError(
                f"--vary takes NAME=VALUES such as rate=1e-3,1e-2, not {text!r}."
            )
        if name in found:
            raise InputError(f"--vary names {name!r} twice; give it one list.")
        found[name] = [_value(own.strip()) for own in parts]
    return found


def _value(text: str) -> float | int | str:
    """Whole number, number or text."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
