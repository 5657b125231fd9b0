"""Settings of studies that make many fits of one curve, or look at methods."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, get_args

from physfit.counts import SEEDS
from physfit.settings import kinds, texts
from physfit.settings.kinds import (
    FLAG,
    NUMBERS,
    counted,
    one_of,
    typed,
    typed_list,
)
from physfit.settings.minibatches import MOST_STEPS, AnyRate, LearningRate
from physfit.settings.setting import REQUIRED, Setting, group

if TYPE_CHECKING:
    from physfit.optim.base import Optimizer

__all__ = ["Animated", "BootstrapSettings", "FewEpochs", "LandscapeSettings"]
__all__ += ["Methods", "PeakSearch", "RateSettings"]
__all__ += ["Resampled", "Starts", "SweepSettings", "ToyFits", "ToysSettings"]

#: Learning rates that are tried.
RATES = (1e-6, 10.0)
#: Whose derivatives scipy gets.
Gradients = Literal["both", "exact", "differences"]
#: What data of a bootstrap are made of.
ReplicaKind = Literal["residual", "pairs", "parametric"]
SPANS = typed_list("ranges by name", texts.spans)


@group("Methods")
class Methods(TypedDict, total=False):
    """What `compare` compares.

    Attributes
    ----------
    methods
        Methods, typed with commas between: lm, gauss_newton; adam, sgd and others on
        minibatches, with settings as in adam:beta1=0.95; scipy:lm, scipy:trf,
        scipy:l-bfgs-b and others. Default: lm, and all of scipy that have the loss; of
        rows that stay in a file lm, gauss_newton, adam and sgd.
    gradients
        Whether scipy gets our derivatives, its own differences, or each in turn: exact,
        differences or both.
    repeats
        Runs of a method for the median of its time, after one for warmth; fewer where
        they take long.
    """

    methods: Annotated[
        "Sequence[str | Optimizer] | None",
        Setting(typed("names with commas", texts.methods), "NAMES"),
    ]
    gradients: Annotated[
        Gradients, Setting(one_of(*get_args(Gradients)), "NAME", "both")
    ]
    repeats: Annotated[int, Setting(counted(), "N", 3)]


@group("Minibatches")
class FewEpochs(TypedDict, total=False):
    """How long each of many descents is.

    Attributes
    ----------
    epochs
        Passes over the data of each descent. Default: as many as make 500 steps.
    """

    epochs: Annotated[int | None, Setting(counted(1, MOST_STEPS), "N")]


@group("Starts")
class Starts(TypedDict, total=False):
    """Where the fits of `multistart` begin, and what goes before each.

    Attributes
    ----------
    n_starts
        Number of starts.
    within
        Range to draw a parameter from. Default: its bounds, the range of x for a
        position, or around a guess.
    method
        lm, or a first-order method that goes before it from each start.
    """

    n_starts: Annotated[int, Setting(counted(), "--starts N", 200)]
    within: Annotated[
        Mapping[str, tuple[float, float]] | None, Setting(SPANS, "NAME=LOW:HIGH")
    ]
    method: Annotated["str | Optimizer", Setting(kinds.METHOD, "NAME", "lm")]


@group("Landscape")
class LandscapeSettings(FewEpochs, total=False):
    """What `landscape` draws.

    Attributes
    ----------
    over
        One or two parameters, typed with a comma between; or 'principal': the softest
        and the stiffest direction at the best fit.
    span
        Half width in standard errors, or the range of an axis. Default: 5.
    points
        Along each axis.
    others
        Fit the other parameters at every point (profile), or hold them (fixed).
    methods
        First-order methods whose paths are drawn, typed as gd,momentum,adam.
    learning_rate
        Of the methods by name, or one number or schedule for all. Default: their own.
    start
        Where fit and paths begin; what is not given is guessed from the data.
    """

    over: Annotated[
        Sequence[str] | str, Setting(typed("names", texts.over), "NAMES", "principal")
    ]
    span: Annotated[
        float | Mapping[str, tuple[float, float]] | None,
        Setting(SPANS._replace(read=texts.span), "NUMBER|NAME=LOW:HIGH"),
    ]
    points: Annotated[int, Setting(counted(2), "N", 81)]
    others: Annotated[
        Literal["fixed", "profile"],
        Setting(
            kinds.flag("profile", one_of("fixed", "profile").check),
            "--profile",
            "fixed",
        ),
    ]
    methods: Annotated[
        "Sequence[str | Optimizer] | None",
        Setting(typed("names with commas", texts.names), "NAMES"),
    ]
    learning_rate: Annotated[
        "Mapping[str, LearningRate] | LearningRate | None",
        Setting(typed_list("numbers by name, or one", texts.rates), "NAME=VALUE"),
    ]
    start: Annotated[
        Mapping[str, float] | None,
        Setting(
            kinds.START._replace(check=NUMBERS.check),
            "NAME=VALUE",
            panel="Model",
            table="fit",
        ),
    ]


@group("Output")
class Animated(TypedDict, total=False):
    """Where the paths of a landscape are shown as they grow.

    Attributes
    ----------
    animate
        Draw the growing paths: .gif.
    """

    animate: Annotated[str, Setting(kinds.output(".gif"), "FILE")]


@group("Learning rates")
class RateSettings(TypedDict, total=False):
    """What `lr-find` tries.

    Attributes
    ----------
    method
        gd, sgd, momentum, rmsprop, adam and others, with settings as in
        adam:beta1=0.95.
    learning_rate
        Range of the rates that are tried. Default: 1e-6 to 10.
    per_decade
        Rates per factor of ten.
    steps
        Steps at each rate.
    """

    method: Annotated[
        "str | Optimizer", Setting(kinds.METHOD, "NAME", "adam", table="fit")
    ]
    learning_rate: Annotated[
        tuple[float | None, float | None],
        Setting(typed("range `LOW:HIGH`", texts.interval), "LOW:HIGH", RATES),
    ]
    per_decade: Annotated[int, Setting(counted(1, 1000), "N", 10)]
    steps: Annotated[int, Setting(counted(1, 1_000_000), "N", 50)]


@group("Sweep")
class SweepSettings(TypedDict, total=False):
    """What `sweep` varies.

    Attributes
    ----------
    vary
        Values by name of learning_rate, k, batch_size, epochs, max_steps, weight_decay,
        seed, sampler, scaling, or of a setting of the method such as beta1; typed with
        commas between, schedules of the learning rate with semicolons.
    method
        gd, sgd, momentum, rmsprop, adam and others.
    learning_rate
        Where it is not varied: a number or a schedule.
    """

    vary: Annotated[
        Mapping[str, Sequence[float | int | str]] | None,
        Setting(typed_list("lists by name", texts.varied), "NAME=VALUES"),
    ]
    method: Annotated[
        "str | Optimizer", Setting(kinds.METHOD, "NAME", "adam", table="fit")
    ]
    learning_rate: Annotated[AnyRate, Setting(kinds.RATE, "TEXT")]


@group("Refits")
class Resampled(TypedDict, total=False):
    """What `bootstrap` makes data of.

    Attributes
    ----------
    kind
        What data are made of: residual (the fitted curve and residuals drawn with
        replacement, in units of sigma where it is given), pairs (samples drawn with
        replacement, which believes neither sigma nor that the noise is alike) or
        parametric (the fitted curve and noise as stated).
    """

    kind: Annotated[
        ReplicaKind, Setting(one_of(*get_args(ReplicaKind)), "NAME", "residual")
    ]


@group("Refits")
class BootstrapSettings(Resampled, total=False):
    """What `bootstrap` draws.

    Attributes
    ----------
    n
        How many refits.
    """

    n: Annotated[int, Setting(counted(2), "N", 1000)]


@group("Points")
class GradientPoints(TypedDict, total=False):
    """Where derivatives are compared with differences, beside start and solution.

    Attributes
    ----------
    points
        How many random points.
    seed
        Of these.
    """

    points: Annotated[int, Setting(counted(0, 10_000), "N", 5)]
    seed: Annotated[int, Setting(counted(0, SEEDS - 1), "N", 0)]


@group("Data sets")
class ToyFits(TypedDict, total=False):
    """How `toys` are drawn and fitted.

    Attributes
    ----------
    n
        How many data sets.
    seed
        Of the noise.
    scaled
        Keep sigma from the fits: errors are scaled by the residuals.
    """

    n: Annotated[int, Setting(counted(2), "N", 1000)]
    seed: Annotated[int, Setting(counted(0, SEEDS - 1), "N", 0)]
    scaled: Annotated[bool, Setting(FLAG)]


@group("Data sets")
class ToysSettings(ToyFits, total=False):
    """What `toys` simulates and fits.

    Attributes
    ----------
    x
        Samples, both ends included.
    truth
        True value of a parameter.
    sigma
        Standard deviation of normal noise; none for --loss poisson.
    guess
        Start each fit from a guess of its own, not from the truth.
    starts
        Start value of each fit. Default: the truth.
    """

    x: Annotated[Any, Setting(kinds.GRID, "START:STOP:COUNT", REQUIRED)]
    truth: Annotated[Mapping[str, float], Setting(NUMBERS, "--truth -p NAME=VALUE")]
    sigma: Annotated[float, Setting(kinds.NUMBER, "NUMBER")]
    guess: Annotated[bool, Setting(FLAG)]
    starts: Annotated[
        Mapping[str, float], Setting(NUMBERS, "--start NAME=VALUE", panel="Model")
    ]


@group("Peaks")
class PeakSearch(TypedDict, total=False):
    """Peaks whose number is not known, in place of a model.

    Attributes
    ----------
    peaks
        Find how many peaks there are.
    shape
        Model of each peak: gaussian, lorentzian, voigt or pseudo_voigt.
    background
        Model of what lies below them.
    most_peaks
        Largest number that is tried.
    sign
        Peaks, dips, or either.
    """

    peaks: Annotated[Literal["auto"], Setting(one_of("auto"), "auto")]
    shape: Annotated[str, Setting(kinds.TEXT, "NAME", "voigt")]
    background: Annotated[str, Setting(kinds.TEXT, "NAME", "linear")]
    most_peaks: Annotated[int, Setting(counted(), "N", 12)]
    sign: Annotated[
        Literal["positive", "negative", "both"],
        Setting(
            one_of("positive", "negative", "both"),
            "positive|negative|both",
            "positive",
        ),
    ]
