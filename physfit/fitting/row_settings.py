"""Settings of fits that take their data in windows of rows, as a caller gives them."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, NamedTuple

from physfit.counts import (
    MOST,
    SEEDS,
    checked_count,
    checked_number,
    checked_threads,
)
from physfit.data.samplers import sampler_named
from physfit.errors import InputError
from physfit.optim.base import Optimizer
from physfit.optim.registry import optimizer
from physfit.optim.schedule_text import as_schedule
from physfit.optim.schedules import Schedule, constant, cosine, joined
from physfit.optim.transforms import add_decayed_weights, add_l2
from physfit.solve.history import RunSettings
from physfit.solve.scaling import ScalingName, check_scaling

__all__ = ["Minibatches", "RowSettings"]

#: Bytes for all buffers together unless said otherwise.
MEMORY = 64 << 20
#: A pebibyte, beyond what any machine has.
MOST_MEMORY = 1 << 50
#: Steps and epochs that somebody could wait for.
MOST_STEPS = 1_000_000_000
#: Steps that a run takes where no number of epochs is given, at least.
STEPS = 20_000
#: Rows that they see at most, unless a few epochs are more.
ROWS = 100_000_000
EPOCHS = 3
BATCH = 1024
#: Seconds between two checkpoints.
INTERVAL = 30.0


class Minibatches(NamedTuple):
    """How rows are drawn and the parameters are moved.

    Attributes
    ----------
    optimizer : Optimizer
    learning_rate : Schedule
    batch_size, epochs : int
    seed : int
    sampler : str
    scaling : str
    averaged : bool
        Whether the answer is the average of the path.
    tolerance : float
        Fraction of a standard error within which averages are at rest.
    memory : int
        Bytes for all buffers together.
    max_steps : int or None
    """

    optimizer: Optimizer
    learning_rate: Schedule
    batch_size: int
    epochs: int
    seed: int
    sampler: str
    scaling: ScalingName
    averaged: bool
    tolerance: float
    memory: int
    max_steps: int | None

    @property
    def chain(self) -> str:
        """What the gradient passes through, in order."""
        return " -> ".join(map(repr, self.optimizer.transforms))

    @property
    def weight_decay(self) -> float:
        """Strength of the decay of the parameters, coupled or not; 0 without."""
        strengths = (
            transform.hyper[transform.kind.hyper_names.index("decay")]
            for transform in self.optimizer.transforms
            if transform.kind in (add_l2, add_decayed_weights)
        )
        return sum(strengths, start=0.0)

    @property
    def settings(self) -> RunSettings:
        """What a result tells of them."""
        return RunSettings(
            batch_size=self.batch_size,
            epochs=self.epochs,
            learning_rate=str(self.learning_rate),
            transforms=self.chain,
            seed=self.seed,
            sampler=self.sampler,
            scaling=self.scaling,
            averaged=self.averaged,
        )

    def marks(self, nan: str) -> dict[str, object]:
        """What decides how a run goes on, by name; threads do not."""
        codes: dict[str, str] = {}
        for transform in self.optimizer.transforms:  # two kinds may have one name
            name = f"code of {transform.kind.name}"
            codes[name] = f"{codes.get(name, '')} {transform.digest}".strip()
        return {
            "optimizer": self.chain,
            **codes,
            "learning rate": self.learning_rate,
            "batch size": self.batch_size,
            "number of epochs": self.epochs,
            "seed": self.seed,
            "sampler": self.sampler,
            "scaling": self.scaling,
            "averaging": self.averaged,
            "tolerance": self.tolerance,
            "memory": self.memory,
            "limit of steps": self.max_steps,
            "policy for NaN": nan,
        }


class RowSettings(NamedTuple):
    """What `physfit.fit` takes for minibatches and files; None is the default."""

    batch_size: int | None = None
    epochs: int | None = None
    learning_rate: Schedule | float | str | None = None
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

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> RowSettings:
        """Those among the settings of a function."""
        return cls(**{name: settings[name] for name in cls._fields if name in settings})

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the settings that are not left to their defaults."""
        return tuple(
            name
            for name, value in zip(self._fields, self, strict=True)
            if value is not None and value is not False
        )

    def minibatches(self, method: str | Optimizer, n_rows: int) -> Minibatches:
        """Checked settings of a run by a first-order method over so many rows."""
        decay = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        chosen = optimizer(method, **decay)
        scaling, sampler = self.scaling or "curvature", self.sampler or "blocks"
        sampler_named(sampler)
        check_scaling(scaling)
        tolerance = 0.1 if self.tolerance is None else self.tolerance
        checked_number("`tolerance`", tolerance)
        batch = _count("batch_size", self.batch_size)
        if batch is None:
            batch = n_rows if chosen.name == "gd" else min(BATCH, n_rows)
        if batch > n_rows:
            raise InputError(
                f"`batch_size` is {batch}, but the data have {n_rows} rows only; take "
                "a smaller batch."
            )
        passes = min(-(-STEPS // max(1, n_rows // batch)), ROWS // n_rows)
        epochs = _count("epochs", self.epochs, most=MOST_STEPS) or max(EPOCHS, passes)
        limit = _count("max_steps", self.max_steps, most=MOST_STEPS)
        steps = min(epochs * -(-n_rows // batch), limit or MOST_STEPS)
        return Minibatches(
            optimizer=chosen,
            learning_rate=_usual(chosen.learning_rate, steps)
            if self.learning_rate is None
            else as_schedule(self.learning_rate),
            batch_size=batch,
            epochs=epochs,
            seed=self.checked_seed,
            sampler=sampler,
            scaling=scaling,
            averaged=True if self.averaged is None else bool(self.averaged),
            tolerance=tolerance,
            memory=self.n_bytes,
            max_steps=limit,
        )

    def check(self) -> None:
        """Look at what holds for every method, before any data are read."""
        for own in ("n_bytes", "n_threads", "checked_seed", "interval"):
            getattr(self, own)

    @property
    def ridge(self) -> float:
        """Weight decay of a fit by its normal equations."""
        decay = 0.0 if self.weight_decay is None else self.weight_decay
        return checked_number("`weight_decay`", decay)

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
        return checked_number("`checkpoint_every`", every)


def _usual(rate: float, steps: int) -> Schedule:
    """Constant rate that falls along half a cosine from the middle of a run on.

    At a constant one the end is biased by the curvature of the model, however long the
    run; most runs come to rest before their middle.
    """
    if steps < 2:
        return constant(rate)
    return joined(constant(rate), steps // 2, cosine(rate, steps=steps - steps // 2))


def _count(
    name: str, value: int | None, *, least: int = 1, most: int = MOST
) -> int | None:
    return None if value is None else checked_count(name, value, least=least, most=most)
