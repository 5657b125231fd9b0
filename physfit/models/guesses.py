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

from physfit.engine.guesses import decays, images, motions, resonances, shapes
from physfit.engine.guesses.decays import (
    N_CONSTANTS,
    search_decays,
    search_peaks_over_decay,
)
from physfit.engine.guesses.peaks import search_peaks
from physfit.engine.guesses.spectrum import EXTRA
from physfit.engine.guesses.waves import search_waves
from physfit.models.param import Param
from physfit.typing import IntArray

__all__ = ["Decay", "Family", "Guess", "Member", "Peak", "Polynomial", "RoundPeak"]
__all__ += ["Resonance", "Wave", "family_of"]

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

    def freedom(self, name: str) -> float:
        """Distance of the bounds of a parameter."""
        return self.params[name].upper - self.params[name].lower


class Family(NamedTuple):
    """Guesses that one entry finds together.

    Attributes
    ----------
    search : callable or None
        Function marked `@entry(frame.SEARCH)`, for `jit.compiled`; None where there is
        nothing beside a polynomial.
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
    take : callable, optional
        Function marked `@entry(abi.GUESS)` that takes in samples which are no curve.
    may_bin : bool
        Whether means of neighbouring samples show the same curve.
    """

    search: Callable[..., None] | None
    what: str
    n_columns: int = 1
    spare_columns: int = 0
    extra: int = 0
    most: int = 1000
    take: Callable[..., None] | None = None
    may_bin: bool = True


POLYNOMIALS = Family(None, "a polynomial")
# of each peak also derivatives by center and width
PEAKS = Family(search_peaks, "peaks", n_columns=3)
# beside the decay, a column for data without it
PEAKS_OVER_DECAY = Family(
    search_peaks_over_decay, "peaks over a decay", n_columns=3, spare_columns=1
)
DECAYS = Family(search_decays, "decays", spare_columns=N_CONSTANTS + 1, most=4)
WAVES = Family(search_waves, "oscillations", n_columns=2, extra=EXTRA, may_bin=False)
RESONANCES = Family(
    resonances.search_resonances,
    "a resonance",
    n_columns=0,
    extra=resonances.EXTRA,
    most=1,
)
ROUND_PEAKS = Family(
    images.search_images, "peaks in a plane", take=images.take_plane, may_bin=False
)


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

    def record(self, own: Member) -> IntArray:
        """Record of `engine.guesses.shapes.Peak`."""
        gauss, lorentz = self.gauss or (None, 1.0), self.lorentz or (None, 1.0)
        share = 0.5
        if self.fraction is None and (self.gauss is None or self.lorentz is None):
            share = float(self.gauss is None)
        return shapes.Peak.filled(
            amplitude_at=own.at(self.amplitude),
            center_at=own.at(self.center),
            sigma_at=own.at(gauss[0]),
            gamma_at=own.at(lorentz[0]),
            fraction_at=own.at(self.fraction),
            is_area=self.is_area,
            sign=own.sign(self.amplitude),
            lower=own.params[self.center].lower,
            upper=own.params[self.center].upper,
            share=share,
            fwhm_of_gauss=gauss[1],
            fwhm_of_lorentz=lorentz[1],
        )


@dataclass(frozen=True)
class RoundPeak:
    """A round Gaussian peak in a plane, its amplitude the volume."""

    amplitude: str = "amplitude"
    center: tuple[str, str] = ("centerx", "centery")
    sigma: str = "sigma"

    family: ClassVar[Family] = ROUND_PEAKS

    def record(self, own: Member) -> IntArray:
        """Record of `engine.guesses.images.RoundPeak`."""
        x, y = self.center
        return images.RoundPeak.filled(
            amplitude_at=own.at(self.amplitude),
            center_x_at=own.at(x),
            center_y_at=own.at(y),
            sigma_at=own.at(self.sigma),
            sign=own.sign(self.amplitude),
            lower_x=own.params[x].lower,
            upper_x=own.params[x].upper,
            lower_y=own.params[y].lower,
            upper_y=own.params[y].upper,
        )


@dataclass(frozen=True)
class Decay:
    """An exponential decay; growth where bounds make the constant negative.

    Attributes
    ----------
    amplitude, decay : str
    origin : float
        Where the amplitude is the value.
    """

    amplitude: str = "amplitude"
    decay: str = "decay"
    origin: float = 0.0

    family: ClassVar[Family] = DECAYS

    def record(self, own: Member) -> IntArray:
        """Record of `engine.guesses.decays.Decay`."""
        return decays.Decay.filled(
            amplitude_at=own.at(self.amplitude),
            decay_at=own.at(self.decay),
            sign=own.sign(self.decay),
            origin=self.origin,
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
    origin : float
        Where first and second are those of the motion.
    motion : int
        `engine.guesses.motions.RINGDOWN`, `OSCILLATOR` or `ROTATION`: a ring-down, an
        oscillator, a rotation in the complex plane.
    """

    first: str = "amplitude"
    second: str = "phase"
    frequency: str = "frequency"
    rate: str = "rate"
    motion: int = motions.RINGDOWN
    origin: float = 0.0

    family: ClassVar[Family] = WAVES

    def record(self, own: Member) -> IntArray:
        """Record of `engine.guesses.motions.Wave`."""
        frequency, phase = own.params[self.frequency], own.params[self.second]
        return motions.Wave.filled(
            first_at=own.at(self.first),
            second_at=own.at(self.second),
            frequency_at=own.at(self.frequency),
            rate_at=own.at(self.rate),
            motion=self.motion,
            sign=own.sign(self.first),
            angular=1.0 if self.motion == motions.OSCILLATOR else 2.0 * math.pi,
            lower=frequency.lower,
            upper=frequency.upper,
            phase_lower=phase.lower,
            phase_upper=phase.upper,
            origin=self.origin,
        )


@dataclass(frozen=True)
class Resonance:
    """A resonance in complex data, behind a cable or not.

    Attributes
    ----------
    amplitude, phase : str
        Far from the resonance; on it, where `far` is 0.
    far : float
        What is seen far from the resonance, in amplitudes: 1, -1 or 0.
    ports : float
        Diameter of the circle, in amplitudes, if all losses were those of the coupling.
    delay, coupling, turn : str, optional
        Delay of the cable, in 1 / x; quality factor of the coupling, phase of it.
    frequency, quality : str
    is_driven : bool
        Whether the amplitude is that of the response at x = 0.
    """

    amplitude: str = "amplitude"
    phase: str = "alpha"
    far: float = 0.0
    ports: float = 1.0
    delay: str | None = None
    coupling: str | None = None
    turn: str | None = None
    frequency: str = "f0"
    quality: str = "Q"
    is_driven: bool = False

    family: ClassVar[Family] = RESONANCES

    def record(self, own: Member) -> IntArray:
        """Record of `engine.guesses.resonances.Resonance`."""
        return resonances.Resonance.filled(
            amplitude_at=own.at(self.amplitude),
            phase_at=own.at(self.phase),
            delay_at=own.at(self.delay),
            place_at=own.at(self.frequency),
            quality_at=own.at(self.quality),
            coupling_at=own.at(self.coupling),
            turn_at=own.at(self.turn),
            far=self.far,
            ports=self.ports,
            is_driven=self.is_driven,
        )


Guess: TypeAlias = Peak | RoundPeak | Decay | Wave | Resonance


def family_of(guesses: Sequence[Guess]) -> Family | None:
    """Family that finds all of them together, None for none."""
    families = [own.family for own in guesses]
    if families.count(DECAYS) == 1 and families.count(PEAKS) == len(guesses) - 1 > 0:
        return PEAKS_OVER_DECAY
    first = families[0] if families else POLYNOMIALS
    is_one = all(own is first for own in families)
    return first if is_one and len(families) <= first.most else None
