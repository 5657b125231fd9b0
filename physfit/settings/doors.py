"""Settings that a Python function takes together, of several groups."""

from physfit.settings.files import Retried, ShuffledRows
from physfit.settings.fits import Replacing
from physfit.settings.minibatches import (
    Batch,
    BatchSize,
    Drawn,
    Epochs,
    Run,
    Threads,
)
from physfit.settings.setting import group
from physfit.settings.studies import (
    FewEpochs,
    Landscape,
    Methods,
    RateTest,
    Resampled,
    Starts,
    Sweep,
    ToyFits,
)

__all__ = ["OfBootstrap", "OfCompare", "OfFindRate", "OfFitMany", "OfLandscape"]
__all__ += ["OfMultistart", "OfShuffleFile", "OfSweep", "OfToys"]


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


@group("")
class OfFitMany(Retried, Threads, Replacing, total=False):
    """What `fit_many` takes."""


@group("")
class OfBootstrap(Resampled, Drawn, total=False):
    """What `bootstrap` takes."""


@group("")
class OfToys(ToyFits, Threads, total=False):
    """What `toys` takes."""


@group("")
class OfShuffleFile(ShuffledRows, Replacing, total=False):
    """What `shuffle_file` takes."""
