"""Settings that a Python function takes together, of several groups."""

from physfit.settings.minibatches import Batch, BatchSize, Drawn, Epochs, Run
from physfit.settings.setting import group
from physfit.settings.studies import (
    FewEpochs,
    Landscape,
    Methods,
    RateTest,
    Starts,
    Sweep,
)

__all__ = ["OfCompare", "OfFindRate", "OfLandscape", "OfMultistart", "OfSweep"]


@group("")
class OfCompare(Methods, Run, total=False):
    """What `compare` takes."""


@group("")
class OfMultistart(Starts, Batch, FewEpochs, Drawn, total=False):
    """What `multistart` takes."""


@group("")
class OfLandscape(Landscape, BatchSize, Drawn, total=False):
    """What `landscape` takes."""


@group("")
class OfFindRate(RateTest, BatchSize, Drawn, total=False):
    """What `find_rate` takes."""


@group("")
class OfSweep(Sweep, BatchSize, Epochs, Drawn, total=False):
    """What `sweep` takes."""
