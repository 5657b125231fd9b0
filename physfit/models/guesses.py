"""What a declaration says of start values: how each parameter follows from the data.

A component names one of these objects as its `guess`. Each belongs to an entry of
`engine.guesses`, compiled code that serves single fits and rows alike, and writes down
for it where the parameters of a component stand and what shape it has. A component
without one starts from points spread over its bounds and the scales of the data
(`models.spread`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeAlias

from physfit.engine.guesses import (
    decays,
    images,
    peaks,
    peaks_over_decay,
    shapes,
    spectrum,
    waves,
)
from physfit.models.param import Param

__all__ = [
    "Decay",
    "Family",
    "Guess",
    "Member",
    "Numbers",
    "Peak",
    "Polynomial",
    "RoundPeak",
]
__all__ += ["Wave", "family_of"]

FWHM_OF_SIGMA = shapes.FWHM_OF_SIGMA


class Member(NamedTuple):
    """A component of a model: its parameters by bare name, the place of the first."""

    params: Mapping[str, Param]
    start: int

    def at(self, name: str | None) -> int:
        """Place of a parameter among all of the model, -1 when there is none."""
        names = list(self.params)
        return -1 if name not in names else self.start + names.index(str(name))

    def sign(self, name: str) -> int:
        """Sign that the bounds of a parameter leave, 0 for either."""
        own = self.params[name]
        return int(own.lower >= 0.0) - int(own.upper <= 0.0)

    def limits(self, name: str) -> tuple[float, float]:
        """Bounds of a parameter; one that is fixed is known, so that none are asked."""
        return self.params[name].lower, self.params[name].upper


class Numbers(NamedTuple):
    """Integers and floats of a component, by their places in the engine."""

    integers: Mapping[int, int]
    floats: Mapping[int, float]
    #: How freely it may move: the narrowest bounds are served first.
    freedom: float = 0.0


class Family(NamedTuple):
    """Guesses that one entry finds together.

    Attributes
    ----------
    entry : callable
        Function marked `@entry(abi.GUESS)`, for `jit.compiled`.
    what : str
        What is looked for, for people.
    n_columns : int
        Columns of a component.
    spare_columns : int
        Further columns that the scratch must have room for.
    extra : int
        More doubles of scratch for each sample.
    most : int
        Components that it takes.
    may_bin : bool
        Whether means of neighbouring samples show the same curve.
    """

    entry: Callable[..., None]
    what: str
    n_columns: int = 1
    spare_columns: int = 0
    extra: int = 0
    most: int = 1000
    may_bin: bool = True


PEAKS = Family(peaks.guess_peaks, "peaks")
PEAKS_OVER_DECAY = Family(peaks_over_decay.guess_peaks_over_decay, "peaks over a decay")
DECAYS = Family(
    decays.guess_decays, "decays", spare_columns=decays.N_CONSTANTS + 1, most=4
)
WAVES = Family(
    waves.guess_waves,
    "oscillations",
    n_columns=2,
    extra=spectrum.EXTRA,
    may_bin=False,
)
ROUND_PEAKS = Family(images.guess_images, "peaks in a plane", may_bin=False)


@dataclass(frozen=True)
class Polynomial:
    """Terms that are powers of x, by least squares beside all else.

    Attributes
    ----------
    powers : tuple of (str, int)
        Each parameter with the power of x that it multiplies, 2 at most.
    """

    powers: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Peak:
    """A peak, by its center, full width at half maximum and height.

    Attributes
    ----------
    gauss, lorentz : (str, float), optional
        Width of the Gaussian and of the Lorentzian part: a parameter, and the full
        width at half maximum where it is 1. Both make a Voigt profile.
    fraction : str, optional
        Parameter that is the share of Lorentzian.
    amplitude, center : str
    is_area : bool
        Whether the amplitude is the area, not the height.
    """

    gauss: tuple[str, float] | None = None
    lorentz: tuple[str, float] | None = None
    fraction: str | None = None
    amplitude: str = "amplitude"
    center: str = "center"
    is_area: bool = True

    family: ClassVar[Family] = PEAKS

    def numbers(self, own: Member) -> Numbers:
        """What `engine.guesses.shapes` reads."""
        lower, upper = own.limits(self.center)
        gauss, lorentz = self.gauss or (None, 1.0), self.lorentz or (None, 1.0)
        share = 0.5
        if self.fraction is None and (self.gauss is None or self.lorentz is None):
            share = float(self.gauss is None)
        return Numbers(
            {
                shapes.AMPLITUDE: own.at(self.amplitude),
                shapes.CENTER: own.at(self.center),
                shapes.SIGMA: own.at(gauss[0]),
                shapes.GAMMA: own.at(lorentz[0]),
                shapes.FRACTION: own.at(self.fraction),
                shapes.SIGN: own.sign(self.amplitude),
                shapes.IS_AREA: int(self.is_area),
            },
            {
                shapes.LOWER: lower,
                shapes.UPPER: upper,
                shapes.SHARE: share,
                shapes.FWHM_OF_GAUSS: gauss[1],
                shapes.FWHM_OF_LORENTZ: lorentz[1],
            },
            upper - lower,
        )


@dataclass(frozen=True)
class RoundPeak:
    """A round Gaussian peak in a plane, its amplitude the volume."""

    amplitude: str = "amplitude"
    center: tuple[str, str] = ("centerx", "centery")
    sigma: str = "sigma"

    family: ClassVar[Family] = ROUND_PEAKS

    def numbers(self, own: Member) -> Numbers:
        """What `engine.guesses.images` reads."""
        x, y = self.center
        return Numbers(
            {
                images.AMPLITUDE: own.at(self.amplitude),
                images.CENTER_X: own.at(x),
                images.CENTER_Y: own.at(y),
                images.SIGMA: own.at(self.sigma),
                images.SIGN: own.sign(self.amplitude),
            },
            {
                images.LOWER_X: own.limits(x)[0],
                images.UPPER_X: own.limits(x)[1],
                images.LOWER_Y: own.limits(y)[0],
                images.UPPER_Y: own.limits(y)[1],
            },
        )


@dataclass(frozen=True)
class Decay:
    """An exponential decay; growth where bounds make the constant negative."""

    amplitude: str = "amplitude"
    decay: str = "decay"

    family: ClassVar[Family] = DECAYS

    def numbers(self, own: Member) -> Numbers:
        """What `engine.guesses.decays` reads."""
        return Numbers(
            {
                decays.AMPLITUDE: own.at(self.amplitude),
                decays.DECAY: own.at(self.decay),
                decays.SIGN: own.sign(self.decay),
            },
            {},
            math.inf,
        )


@dataclass(frozen=True)
class Wave:
    """A decaying oscillation.

    Attributes
    ----------
    first, second : str
        Amplitude and phase, or displacement and velocity of an oscillator of any
        damping.
    frequency : str
        The frequency, or the undamped angular one of an oscillator.
    rate : str
    kind : int
        `engine.guesses.waves.RINGDOWN`, `OSCILLATOR` or `ROTATION`: a ring-down, an
        oscillator, a rotation in the complex plane.
    """

    first: str = "amplitude"
    second: str = "phase"
    frequency: str = "frequency"
    rate: str = "rate"
    kind: int = waves.RINGDOWN

    family: ClassVar[Family] = WAVES

    def numbers(self, own: Member) -> Numbers:
        """What `engine.guesses.waves` reads."""
        is_oscillator = self.kind == waves.OSCILLATOR
        phase = own.limits(self.second)
        return Numbers(
            {
                waves.FIRST: own.at(self.first),
                waves.SECOND: own.at(self.second),
                waves.FREQUENCY: own.at(self.frequency),
                waves.RATE: own.at(self.rate),
                waves.KIND: self.kind,
                waves.SIGN: own.sign(self.first),
            },
            {
                waves.ANGULAR: 1.0 if is_oscillator else 2.0 * math.pi,
                waves.LOWER: own.limits(self.frequency)[0],
                waves.UPPER: own.limits(self.frequency)[1],
                waves.PHASE_LOWER: phase[0],
                waves.PHASE_UPPER: phase[1],
            },
        )


Guess: TypeAlias = Peak | RoundPeak | Decay | Wave


def family_of(guesses: Sequence[Guess]) -> Family | None:
    """Family that finds all of them together, None for none."""
    families = [own.family for own in guesses]
    if families.count(DECAYS) == 1 and families.count(PEAKS) == len(guesses) - 1 > 0:
        return PEAKS_OVER_DECAY
    first = families[0] if families else PEAKS
    is_one = all(own is first for own in families)
    return first if is_one and len(families) <= first.most else None
