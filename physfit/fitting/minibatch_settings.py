"""How a run on minibatches goes: every setting with its value, and the optimiser."""

from __future__ import annotations

from typing import NamedTuple

from physfit.data.samplers import sampler_named
from physfit.data.stream import DEFAULT_MEMORY
from physfit.errors import InputError
from physfit.models.function_digest import digest_of
from physfit.optim.base import Optimizer
from physfit.optim.registry import optimizer
from physfit.optim.schedule_text import as_schedule
from physfit.optim.schedules import Schedule, by_function, constant, cosine, joined
from physfit.optim.transforms import add_decayed_weights, add_l2
from physfit.settings.minibatches import MOST_STEPS, Minibatch, ScalingName
from physfit.settings.setting import or_default
from physfit.solve.history import RunSettings

__all__ = ["Minibatches", "minibatches_of"]

#: Steps that a run takes where no number of epochs is given, at least.
STEPS = 20_000
#: Rows that they see at most, unless a few epochs are more.
ROWS = 100_000_000
EPOCHS = 3
BATCH = 1024


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
    def told(self) -> RunSettings:
        """What a result tells of them."""
        texts = {"learning_rate": str(self.learning_rate), "transforms": self.chain}
        values = self._asdict() | texts
        return RunSettings(**{name: values[name] for name in RunSettings._fields})

    def marks(self) -> dict[str, object]:
        """What decides how a run goes on, by name; threads do not."""
        codes: dict[str, str] = {}
        if isinstance(self.learning_rate, by_function):
            codes["code of learning_rate"] = digest_of(self.learning_rate.function)
        for transform in self.optimizer.transforms:  # two kinds may have one name
            name = f"code of {transform.kind.name}"
            codes[name] = f"{codes.get(name, '')} {transform.digest}".strip()
        return {**self._asdict(), "optimizer": self.chain, **codes}


def minibatches_of(
    settings: Minibatch, method: str | Optimizer, n_rows: int
) -> Minibatches:
    """Record of a run by a first-order method over so many rows.

    Raises
    ------
    InputError
        When settings do not fit the method or the data.
    """
    decay = settings.get("weight_decay")
    chosen = optimizer(method, **({} if decay is None else {"weight_decay": decay}))
    sampler = or_default(settings.get("sampler"), "blocks")
    sampler_named(sampler)
    usual = n_rows if chosen.name == "gd" else min(BATCH, n_rows)
    batch = or_default(settings.get("batch_size"), usual)
    if batch > n_rows:
        raise InputError(
            f"`batch_size` is {batch}, but the data have {n_rows} rows only; take "
            "a smaller batch."
        )
    if chosen.name == "gd" and batch < n_rows:
        raise InputError(
            f"`gd` takes all rows for each step, but `batch_size` is {batch} of "
            f"{n_rows}; leave it out, or take 'sgd', the same method on minibatches."
        )
    passes = min(-(-STEPS // max(1, n_rows // batch)), ROWS // n_rows)
    epochs = or_default(settings.get("epochs"), max(EPOCHS, passes))
    limit = settings.get("max_steps")
    steps = min(epochs * -(-n_rows // batch), limit or MOST_STEPS)
    rate = settings.get("learning_rate")
    return Minibatches(
        optimizer=chosen,
        learning_rate=_usual(chosen.learning_rate, steps)
        if rate is None
        else as_schedule(rate),
        batch_size=batch,
        epochs=epochs,
        seed=or_default(settings.get("seed"), 0),
        sampler=sampler,
        scaling=or_default(settings.get("scaling"), "curvature"),
        averaged=or_default(settings.get("averaged"), True),
        tolerance=or_default(settings.get("tolerance"), 0.1),
        memory=or_default(settings.get("memory"), DEFAULT_MEMORY),
        max_steps=limit,
    )


def _usual(rate: float, steps: int) -> Schedule:
    """Constant rate that falls along half a cosine from the middle of a run on.

    At a constant one the end is biased by the curvature of the model, however long the
    run; most runs come to rest before their middle.
    """
    if steps < 2:
        return constant(rate)
    return joined(constant(rate), steps // 2, cosine(rate, steps=steps - steps // 2))
