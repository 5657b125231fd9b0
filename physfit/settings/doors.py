"""Settings that a Python function takes together, of several groups."""

from physfit.settings.files import Blocks, Retried, ShuffledRows
from physfit.settings.fits import Within
from physfit.settings.minibatches import (
    Batch,
    BatchSize,
    Drawn,
    Epochs,
    Minibatch,
    Run,
    Threads,
)
from physfit.settings.outputs import Replacing
from physfit.settings.setting import group
from physfit.settings.studies import (
    FewEpochs,
    GradientPoints,
    LandscapeSettings,
    Methods,
    RateSettings,
    Resampled,
    Starts,
    SweepSettings,
    ToyFits,
)

__all__ = ["OfBootstrap", "OfCheckGradient", "OfCompare", "OfFindRate", "OfFit"]
__all__ += ["OfFitMany", "OfLandscape", "OfMultistart", "OfRefit", "OfShuffleFile"]
__all__ += ["OfSweep", "OfToys"]


@group("")
class OfFit(Within, Minibatch, total=False):
    """What `fit` takes."""


@group("")
class OfCompare(Within, Methods, Run, total=False):
    """What `compare` takes."""


@group("")
class OfCheckGradient(Within, GradientPoints, total=False):
    """What `check_gradient` takes."""


@group("")
class OfMultistart(Within, Starts, Batch, FewEpochs, Drawn, total=False):
    """What `multistart` takes."""


@group("")
class OfLandscape(Within, LandscapeSettings, BatchSize, Drawn, total=False):
    """What `landscape` takes."""


@group("")
class OfFindRate(Within, RateSettings, BatchSize, Drawn, total=False):
    """What `find_rate` takes."""


@group("")
class OfSweep(Within, SweepSettings, BatchSize, Epochs, Drawn, total=False):
    """What `sweep` takes."""


@group("")
class OfFitMany(Within, Retried, Threads, Blocks, Replacing, total=False):
    """What `fit_many` takes."""


@group("")
class OfRefit(Threads, total=False):
    """What `ManyResult.refit` takes."""


@group("")
class OfBootstrap(Resampled, Drawn, total=False):
    """What `bootstrap` takes."""


@group("")
class OfToys(ToyFits, Threads, total=False):
    """What `toys` takes."""


@group("")
class OfShuffleFile(ShuffledRows, Replacing, total=False):
    """What `shuffle_file` takes."""
