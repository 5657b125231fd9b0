"""Settings of fits on minibatches and of files that are read by passes."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, TypedDict, get_args

from physfit.counts import MOST_THREADS, SEEDS
from physfit.settings import kinds
from physfit.settings.kinds import FLAG, RATE, TEXT, counted, flag, measured, one_of
from physfit.settings.setting import Setting, group

if TYPE_CHECKING:
    from physfit.optim.schedules import Schedule

__all__ = ["AnyRate", "Batch", "BatchSize", "Drawn", "Epochs", "Kept", "LearningRate"]
__all__ += ["Minibatch", "Run", "ScalingName", "Threads"]

LearningRate: TypeAlias = "Schedule | Callable[[int], float] | float | str"
#: As a keyword: None is the method's own.
AnyRate: TypeAlias = "Schedule | Callable[[int], float] | float | str | None"

#: Steps and epochs that somebody could wait for.
MOST_STEPS = 1_000_000_000
ScalingName = Literal["curvature", "magnitude", "bounds", "none"]


@group("Fit", table="minibatch")
class Threads(TypedDict, total=False):
    """By how many threads.

    Attributes
    ----------
    threads
        How many work, on which the answer does not depend. Default: as many as the
        scheduler grants.
    """

    threads: Annotated[int | None, Setting(counted(1, MOST_THREADS), "N")]


@group("Minibatches", table="minibatch")
class Drawn(Threads, total=False):
    """What is drawn at random, and by how many threads.

    Attributes
    ----------
    seed
        Decides all that is drawn at random: order of the rows, starts, refits.
        Default: 0.
    """

    seed: Annotated[int | None, Setting(counted(0, SEEDS - 1), "N")]


@group("Minibatches", table="minibatch")
class BatchSize(TypedDict, total=False):
    """How large a minibatch is.

    Attributes
    ----------
    batch_size
        Rows of a minibatch. Default: all for gd, which takes no fewer, else 1024 where
        there are as many.
    """

    batch_size: Annotated[int | None, Setting(counted(), "ROWS")]


@group("Minibatches", table="minibatch")
class Batch(BatchSize, total=False):
    """How large a minibatch is, and how far a step goes.

    Attributes
    ----------
    learning_rate
        A number, or a schedule: inverse_sqrt:0.01, exponential:0.01,k=1e-4,
        staircase:0.01,factor=0.5,every=1000, cosine:0.01,steps=20000, warmup:100+0.01;
        as keyword also a function of the step, from 1.
        Default: the method's own, which falls along half a cosine in the second half
        of the steps.
    """

    learning_rate: Annotated[AnyRate, Setting(RATE, "TEXT")]


@group("Minibatches", table="minibatch")
class Epochs(TypedDict, total=False):
    """How long a run is.

    Attributes
    ----------
    epochs
        Passes over the data, at most. Default: enough for 20,000 steps, at least 3 and
        no more than 100 million rows.
    """

    epochs: Annotated[int | None, Setting(counted(1, MOST_STEPS), "N")]


@group("Minibatches", table="minibatch")
class Run(Batch, Epochs, Drawn, total=False):
    """A run on minibatches.

    Attributes
    ----------
    weight_decay
        Adds half of it times the sum of squared parameters to the mean loss; by adamw
        decoupled from the gradient; for lm of spins the exact ridge. Default: 0.
    sampler
        How rows are drawn: blocks, sequential, shuffle, with_replacement or
        stratified:COLUMN. Default: blocks.
    scaling
        What one learning rate is relative to: curvature, magnitude, bounds or none.
        Default: curvature.
    averaged
        Report the average of the path, late steps weighing more (true), or the last
        parameters (false, --last). Default: true.
    tolerance
        Stop when averages move by less than this part of their standard errors; 0
        never. Default: 0.1.
    max_steps
        Steps, at most. Default: no limit.
    memory
        For the buffers of a file's rows, in MiB; as keyword in bytes. Default: 64 MiB.
    """

    weight_decay: Annotated[float | None, Setting(measured(), "NUMBER")]
    sampler: Annotated[str | None, Setting(TEXT, "NAME")]
    scaling: Annotated[
        ScalingName | None, Setting(one_of(*get_args(ScalingName)), "NAME")
    ]
    averaged: Annotated[bool | None, Setting(flag(False), "--last")]
    tolerance: Annotated[float | None, Setting(measured(), "NUMBER")]
    max_steps: Annotated[int | None, Setting(counted(1, MOST_STEPS), "N")]
    memory: Annotated[int | None, Setting(kinds.MEBIBYTES, "MIB")]


@group("Minibatches", table="minibatch")
class Kept(TypedDict, total=False):
    """How the state of a run is kept.

    Attributes
    ----------
    checkpoint
        File in which the state of the run is kept.
    checkpoint_every
        Seconds between two checkpoints. Default: 30.
    resume
        Go on from the checkpoint if it is there.
    """

    checkpoint: Annotated[str | os.PathLike[str] | None, Setting(kinds.OUTPUT, "FILE")]
    checkpoint_every: Annotated[float | None, Setting(measured(), "SECONDS")]
    resume: Annotated[bool | None, Setting(FLAG)]


@group("Minibatches", table="minibatch")
class Minibatch(Run, Kept, total=False):
    """All settings of a fit on minibatches, as `physfit.fit` takes them."""
