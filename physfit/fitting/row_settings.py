"""Settings of fits that take their data in windows of rows, as a caller gives them.

They are the declared ones of `settings.minibatches`, checked where the caller stands.
What a run makes of them is a record of `minibatch_settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, cast

from physfit.counts import checked_threads
from physfit.data.stream import DEFAULT_MEMORY
from physfit.settings.minibatches import Minibatch
from physfit.settings.setting import declared

if TYPE_CHECKING:
    from physfit.fitting.minibatch_settings import Minibatches
    from physfit.optim.base import Optimizer

__all__ = ["RowSettings"]

#: Seconds between two checkpoints.
INTERVAL = 30.0
#: What says no more than leaving it out does.
SILENT = {"averaged": True, "resume": False}


class RowSettings(NamedTuple):
    """What `physfit.fit` takes for minibatches and files.

    Attributes
    ----------
    settings : Minibatch
        Those that are not left to their defaults.
    """

    settings: Minibatch = Minibatch()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> RowSettings:
        """Those among the checked settings of a function that are not None."""
        named = {name: given.get(name) for name in declared(Minibatch)}
        own = {name: value for name, value in named.items() if value is not None}
        return cls(cast(Minibatch, own))

    def but(self, **changes: Unpack[Minibatch]) -> RowSettings:
        """The same with other values."""
        return RowSettings({**self.settings, **changes})

    def without(self, *names: str) -> RowSettings:
        """The same with these left to their defaults."""
        kept = {name: own for name, own in self.settings.items() if name not in names}
        return RowSettings.of(kept)

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the settings that say something."""
        return tuple(
            name for name, own in self.settings.items() if own is not SILENT.get(name)
        )

    def minibatches(self, method: str | Optimizer, n_rows: int) -> Minibatches:
        """Record of a run by a first-order method over so many rows."""
        from physfit.fitting.minibatch_settings import minibatches_of

        return minibatches_of(self.settings, method, n_rows)

    @property
    def ridge(self) -> float:
        """Weight decay of a fit by its normal equations."""
        return self.settings.get("weight_decay", 0.0)

    @property
    def seed(self) -> int:
        """Seed of the order of the rows and of random starts."""
        return self.settings.get("seed", 0)

    @property
    def n_bytes(self) -> int:
        """Memory for buffers, in bytes."""
        return self.settings.get("memory", DEFAULT_MEMORY)

    @property
    def n_threads(self) -> int:
        """Threads, as many as are granted unless said otherwise."""
        return checked_threads(self.settings.get("threads"))

    @property
    def interval(self) -> float:
        """Seconds between two checkpoints."""
        return self.settings.get("checkpoint_every", INTERVAL)
