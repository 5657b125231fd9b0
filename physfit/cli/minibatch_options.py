"""Options of fits on minibatches, and of files larger than memory."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = [
    "BatchSizeOption",
    "CheckpointEveryOption",
    "CheckpointOption",
    "EpochsOption",
    "LastOption",
    "MaxStepsOption",
    "MemoryOption",
    "ResumeOption",
    "SamplerOption",
    "ScalingOption",
    "ScheduleOption",
    "SeedOption",
    "ThreadsOption",
    "ToleranceOption",
    "WeightDecayOption",
]

PANEL = "Minibatches"

BatchSizeOption = Annotated[
    int | None,
    typer.Option(
        "--batch-size",
        metavar="ROWS",
        help="Rows of a minibatch; all for gd, else 1024.",
        rich_help_panel=PANEL,
    ),
]
EpochsOption = Annotated[
    int | None,
    typer.Option(
        "--epochs",
        metavar="N",
        help="Passes over the data, at most; enough for 20,000 steps, within limits.",
        rich_help_panel=PANEL,
    ),
]
ScheduleOption = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="TEXT",
        help="Learning rate: 0.01, inverse_sqrt:0.01, exponential:0.01,k=1e-4, "
        "staircase:0.01,factor=0.5,every=1000, cosine:0.01,steps=20000, "
        "warmup:100+0.01.",
        rich_help_panel=PANEL,
    ),
]
WeightDecayOption = Annotated[
    float | None,
    typer.Option(
        "--weight-decay",
        metavar="NUMBER",
        help="Adds half of it times the sum of squared parameters to the mean loss.",
        rich_help_panel=PANEL,
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        help="Decides the order of the rows and a random start; 0.",
        rich_help_panel=PANEL,
    ),
]
SamplerOption = Annotated[
    str | None,
    typer.Option(
        "--sampler",
        metavar="NAME",
        help="blocks (as without this option), sequential, shuffle, with_replacement "
        "or stratified:COLUMN.",
        rich_help_panel=PANEL,
    ),
]
ScalingOption = Annotated[
    str | None,
    typer.Option(
        "--scaling",
        metavar="NAME",
        help="What one learning rate is relative to: curvature (as without this "
        "option), magnitude, bounds or none.",
        rich_help_panel=PANEL,
    ),
]
LastOption = Annotated[
    bool,
    typer.Option(
        "--last",
        metavar="",
        help="Report the last parameters, not the average of the path.",
        rich_help_panel=PANEL,
    ),
]
ToleranceOption = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        metavar="NUMBER",
        help="Stop when averages move by less than this part of their standard "
        "errors; 0.1, and 0 never.",
        rich_help_panel=PANEL,
    ),
]
MaxStepsOption = Annotated[
    int | None,
    typer.Option(
        "--max-steps",
        metavar="N",
        help="Steps at most.",
        rich_help_panel=PANEL,
    ),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        "--memory",
        metavar="MIB",
        help="MiB for the buffers of a file's rows; 64.",
        rich_help_panel=PANEL,
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        help="As many as the scheduler grants; the answer does not depend on it.",
        rich_help_panel=PANEL,
    ),
]
CheckpointOption = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="Keep the state of the run in this file.",
        rich_help_panel=PANEL,
    ),
]
CheckpointEveryOption = Annotated[
    float | None,
    typer.Option(
        "--checkpoint-every",
        metavar="SECONDS",
        help="Time between two checkpoints; 30 s.",
        rich_help_panel=PANEL,
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        metavar="",
        help="Go on from the checkpoint if it is there.",
        rich_help_panel=PANEL,
    ),
]
