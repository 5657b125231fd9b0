"""How a fit goes, whatever its data are: what a caller asks, checked and in one record.

One curve, rows in windows and many rows on their own have the same. What a run on
minibatches makes of it is a record of `minibatch_settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, cast

from physfit.counts import checked_threads
from physfit.data.stream import DEFAULT_MEMORY
from physfit.models.loss import LEAST_SQUARES, Loss, as_loss
from physfit.settings.minibatches import Minibatch
from physfit.settings.setting import declared, or_default
from physfit.solve.base import Stop

if TYPE_CHECKING:
    from physfit.fitting.minibatch_settings import Minibatches
    from physfit.optim.base import Optimizer

__all__ = ["FitSettings", "StartArgument"]

#: What a caller says of start values: by name, "random" for one fit or "previous" for
#: many; None has all of them guessed.
StartArgument = Mapping[str, Any] | str | None
#: Names of the settings of minibatches and windows.
_NAMES = tuple(declared(Minibatch))
#: Seconds between two checkpoints.
INTERVAL = 30.0
#: What says no more than leaving it out does.
SILENT = {"averaged": True, "resume": False}


class FitSettings(NamedTuple):
    """What a caller asks of a fit.

    Attributes
    ----------
    loss : Loss
    start : mapping of str to float or array, "random", "previous", or None
    stop : Stop or None
        None for that of the method.
    retry : bool
        Whether rows that fail are tried again from other start values.
    minibatch : Minibatch
        Threads, memory and how minibatches are drawn: what is not left to its default.
    """

    loss: Loss = LEAST_SQUARES
    start: StartArgument = None
    stop: Stop | None = None
    retry: bool = True
    minibatch: Minibatch = Minibatch()

    @classmethod
    def of(
        cls,
        given: Mapping[str, Any] = MappingProxyType({}),
        *,
        loss: str | Loss = LEAST_SQUARES,
        start: StartArgument = None,
        stop: Stop | None = None,
    ) -> FitSettings:
        """Those among the checked settings of a function that are not None."""
        if not given:
            return cls(as_loss(loss), start, stop)
        named = ((name, given.get(name)) for name in _NAMES)
        own = {name: value for name, value in named if value is not None}
        retry = given.get("retry", True)
        return cls(as_loss(loss), start, stop, retry, cast(Minibatch, own))

    def but(self, **changes: Unpack[Minibatch]) -> FitSettings:
        """The same with other values."""
        return self._replace(minibatch={**self.minibatch, **changes})

    def without(self, name: str) -> FitSettings:
        """The same with one left to its default."""
        kept = {key: own for key, own in self.minibatch.items() if key != name}
        return self._replace(minibatch=cast(Minibatch, kept))

    @property
    def is_random(self) -> bool:
        """Whether the start is drawn."""
        return isinstance(self.start, str)

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the settings that say something."""
        return tuple(
            name for name, own in self.minibatch.items() if own is not SILENT.get(name)
        )

    def minibatches(self, method: str | Optimizer, n_rows: int) -> Minibatches:
        """Record of a run by a first-order method over so many rows."""
        from physfit.fitting.minibatch_settings import minibatches_of

        return minibatches_of(self.minibatch, method, n_rows)

    @property
    def ridge(self) -> float:
        """Weight decay of a fit by its normal equations."""
        return or_default(self.minibatch.get("weight_decay"), 0.0)

    @property
    def seed(self) -> int:
        """Seed of the order of the rows and of random starts."""
        return self.minibatch.get("seed") or 0

    @property
    def n_bytes(self) -> int:
        """Memory for buffers, in bytes."""
        return or_default(self.minibatch.get("memory"), DEFAULT_MEMORY)

    @property
    def n_threads(self) -> int:
        """Threads, as many as are granted unless said otherwise."""
        return checked_threads(self.minibatch.get("threads"))

    @property
    def interval(self) -> float:
        """Seconds between two checkpoints."""
        return or_default(self.minibatch.get("checkpoint_every"), INTERVAL)
