"""Settings of fits that take their data in windows of rows, as a caller gives them."""

from __future__ import annotations

import math
from os import PathLike
from typing import NamedTuple

from physfit.counts import MOST, SEEDS, checked_count, checked_threads
from physfit.errors import InputError
from physfit.fitting.minibatch import Minibatches
from physfit.fitting.resuming import INTERVAL
from physfit.optim.base import Optimizer
from physfit.optim.registry import optimizer
from physfit.optim.schedule_text import as_schedule
from physfit.optim.schedules import Schedule
from physfit.solve.scaling import ScalingName, check_scaling

__all__ = ["RowSettings"]

#: Bytes for all buffers together unless said otherwise.
MEMORY = 64 << 20
#: A pebibyte, beyond what any machine has.
MOST_MEMORY = 1 << 50
#: Steps and epochs that somebody could wait for.
MOST_STEPS = 1_000_000_000


class RowSettings(NamedTuple):
    """What `physfit.fit` takes for minibatches and files; None is the default."""

    batch_size: int | None = None
    epochs: int | None = None
    schedule: Schedule | float | str | None = None
    weight_decay: float | None = None
    seed: int | None = None
    sampler: str | None = None
    scaling: ScalingName | None = None
    averaged: bool | None = None
    tolerance: float | None = None
    max_steps: int | None = None
    memory: int | None = None
    threads: int | None = None
    checkpoint: str | PathLike[str] | None = None
    checkpoint_every: float | None = None
    resume: bool | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the settings that are not left to their defaults."""
        return tuple(
            name
            for name, value in zip(self._fields, self, strict=True)
            if value is not None and value is not False
        )

    def minibatches(self, method: str | Optimizer) -> Minibatches:
        """Checked settings of a run by a first-order method."""
        decay = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        chosen = optimizer(method, **decay)
        scaling = self.scaling or "curvature"
        check_scaling(scaling)
        tolerance = 0.1 if self.tolerance is None else self.tolerance
        if not (math.isfinite(tolerance) and tolerance >= 0.0):
            raise InputError(f"`tolerance` must be >= 0, but is {self.tolerance!r}.")
        return Minibatches(
            optimizer=chosen,
            schedule=as_schedule(self.schedule, usual=chosen.rate),
            batch_size=_count("batch_size", self.batch_size),
            epochs=_count("epochs", self.epochs, most=MOST_STEPS),
            seed=self.checked_seed,
            sampler=self.sampler or "blocks",
            scaling=scaling,
            averaged=True if self.averaged is None else bool(self.averaged),
            tolerance=tolerance,
            memory=self.n_bytes,
            max_steps=_count("max_steps", self.max_steps, most=MOST_STEPS),
        )

    @property
    def ridge(self) -> float:
        """Weight decay of a fit by its normal equations."""
        given = 0.0 if self.weight_decay is None else self.weight_decay
        if not (math.isfinite(given) and given >= 0.0):
            raise InputError(
                f"`weight_decay` must be finite and not negative, but is {given!r}."
            )
        return given

    @property
    def checked_seed(self) -> int:
        """Seed of the order of the rows and of random starts."""
        return _count("seed", self.seed, least=0, most=SEEDS - 1) or 0

    @property
    def n_bytes(self) -> int:
        """Memory for buffers, in bytes."""
        return _count("memory", self.memory, most=MOST_MEMORY) or MEMORY

    @property
    def n_threads(self) -> int:
        """Threads, as many as are granted unless said otherwise."""
        return checked_threads(self.threads)

    @property
    def interval(self) -> float:
        """Seconds between two checkpoints."""
        every = INTERVAL if self.checkpoint_every is None else self.checkpoint_every
        if not (math.isfinite(every) and every >= 0.0):
            raise InputError(
                f"`checkpoint_every` must be >= 0 seconds, but is {every!r}."
            )
        return every


def _count(
    name: str, value: int | None, *, least: int = 1, most: int = MOST
) -> int | None:
    return None if value is None else checked_count(name, value, least=least, most=most)
