"""Options that several commands share, and the tables of a job they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from physfit.cli.job import Job, job_of, read_job
from physfit.cli.job_file import nan_policy
from physfit.cli.settings import interval, parameter_records

__all__ = ["chosen_job"]

DATA_PANEL = "Data"
MODEL_PANEL = "Model"
FIT_PANEL = "Fit"
OUTPUT_PANEL = "Output"

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, NPZ or HDF5 file, or a job file (.toml). A path inside an HDF5 "
        "file follows after '::'.",
        show_default=False,
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="TEXT",
        help="Names of the catalogue with prefixes, joined by + and *: "
        "'voigt(a_) + voigt(b_) + linear'. See `physfit models`.",
        rich_help_panel=MODEL_PANEL,
    ),
]
XOption = Annotated[
    str | None,
    typer.Option(
        "--x",
        metavar="COLUMN",
        help="Column of x: a name, or a number from 0.",
        rich_help_panel=DATA_PANEL,
    ),
]
YOption = Annotated[
    str | None,
    typer.Option(
        "--y",
        metavar="COLUMN",
        help="Column of y; 're,im' joins two columns to complex values.",
        rich_help_panel=DATA_PANEL,
    ),
]
SigmaOption = Annotated[
    str | None,
    typer.Option(
        "--sigma",
        metavar="COLUMN",
        help="Column of the standard deviations of y; 'none' takes none.",
        rich_help_panel=DATA_PANEL,
    ),
]
DatasetOption = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="PATH",
        help="Path inside an HDF5 file.",
        rich_help_panel=DATA_PANEL,
    ),
]
RangeOption = Annotated[
    str | None,
    typer.Option(
        "--x-range",
        metavar="LOW:HIGH",
        help="Use this range of x only, ends included; a side may be left out.",
        rich_help_panel=DATA_PANEL,
    ),
]
NanOption = Annotated[
    str | None,
    typer.Option(
        "--nan",
        metavar="raise|omit",
        help="Refuse samples with NaN (as without this option), or leave them out.",
        rich_help_panel=DATA_PANEL,
    ),
]
StartOption = Annotated[
    list[str] | None,
    typer.Option(
        "--start",
        metavar="NAME=VALUE|random",
        help="Start value; what is not given is guessed from the data. 'random' draws "
        "them all.",
        rich_help_panel=MODEL_PANEL,
    ),
]
BoundsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--bounds",
        metavar="NAME=LOW:HIGH",
        help="Bounds, ends included; a side left out is open.",
        rich_help_panel=MODEL_PANEL,
    ),
]
FixOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fix",
        metavar="NAME=VALUE",
        help="Hold a parameter at a value.",
        rich_help_panel=MODEL_PANEL,
    ),
]
TieOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tie",
        metavar="NAME=EXPRESSION",
        help="Tie a parameter to others: 'b_sigma=2*a_sigma'.",
        rich_help_panel=MODEL_PANEL,
    ),
]
LossOption = Annotated[
    str | None,
    typer.Option(
        "--loss",
        metavar="NAME",
        help="chi2 (as without this option), poisson, huber, soft_l1 or cauchy, with "
        "its constant where wanted: huber:1.5.",
        rich_help_panel=FIT_PANEL,
    ),
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="lm (as without this option); gauss_newton; gd, sgd, momentum, nesterov, "
        "rmsprop, adam, adamw, adagrad, lecture_adam, with settings as in "
        "adam:beta1=0.95; scipy as referee: scipy:trf and others.",
        rich_help_panel=FIT_PANEL,
    ),
]
PlotOption = Annotated[
    str | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw a figure: .png, .pdf or .svg.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        metavar="",
        help="Print one JSON object in place of the report.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
OverwriteOption = Annotated[
    bool,
    typer.Option(
        "--overwrite",
        metavar="",
        help="Replace files that exist.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        metavar="",
        help="No notes, warnings and progress on stderr.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]


def chosen_job(
    data: str,
    *,
    model: str | None = None,
    x: str | None = None,
    y: str | None = None,
    sigma: str | None = None,
    dataset: str | None = None,
    x_range: str | None = None,
    nan: str | None = None,
    start: Sequence[str] | None = None,
    bounds: Sequence[str] | None = None,
    fix: Sequence[str] | None = None,
    tie: Sequence[str] | None = None,
    loss: str | None = None,
    method: str | None = None,
    result: str | None = None,
    plot: str | None = None,
    overwrite: bool = False,
    minibatch: Mapping[str, Any] | None = None,
) -> Job:
    """Job from the options of a command, over those of a job file if one is given."""
    drawn = list(start or ()) == ["random"]
    options: dict[str, Any] = {
        "data": _given(
            x=x,
            y=y,
            sigma=sigma,
            dataset=dataset,
            x_range=None if x_range is None else interval("--x-range", x_range),
            nan=None if nan is None else nan_policy("--nan", nan),
        ),
        "model": _given(expression=model),
        "parameters": parameter_records(
            () if drawn else start or (), bounds or (), fix or (), tie or ()
        ),
        "fit": _given(loss=loss, method=method, start="random" if drawn else None),
        "minibatch": _given(**(minibatch or {})),
        "output": _given(result=result, plot=plot, overwrite=overwrite or None),
    }
    if data.lower().endswith(".toml"):
        return read_job(data, options)
    options["data"]["file"] = data
    return job_of(options, "the command line")


def _given(**entries: Any) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}
