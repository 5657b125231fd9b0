"""What a search for peaks gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from physfit.document.blocks import Document, Heading, Notes, Text, table
from physfit.document.documented import Documented
from physfit.result.fit_result import FitResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FoundPeaks", "Trial"]

#: Differences of the criterion below which the next best answer is named.
CLOSE = 6.0
#: Samples within a width that may be outliers.
FEW = 3
_PLACED = ("center", "fwhm")


class Trial(NamedTuple):
    """A number of peaks, and how well a model of these describes the data.

    Attributes
    ----------
    n_peaks : int
    bic : float
    chi2 : float
    dof : int
    """

    n_peaks: int
    bic: float
    chi2: float
    dof: int


@dataclass(frozen=True, eq=False, repr=False)
class FoundPeaks(Documented):
    """Peaks that data ask for; `found.result` is the fit of them all.

    Attributes
    ----------
    result : FitResult
        The fit with the lowest criterion, a component of prefix p1_, p2_ and so on for
        each peak, in the order of their centers.
    trials : tuple of Trial
        The best fit of each number of peaks that was tried.
    shape, background : str
        Names of the models of a peak and of what lies below.
    """

    result: FitResult
    trials: tuple[Trial, ...]
    shape: str
    background: str

    @property
    def n_peaks(self) -> int:
        """How many peaks there are."""
        return sum(name.endswith("_center") for name in self.result.names)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Prefixes of the peaks, in the order of their centers."""
        return tuple(f"p{k}_" for k in range(1, self.n_peaks + 1))

    @property
    def alternatives(self) -> tuple[Trial, ...]:
        """Other numbers of peaks whose criterion is nearly as low, the lowest first."""
        others = [own for own in self.trials if own.n_peaks != self.n_peaks]
        near = [own for own in others if own.bic < self._best.bic + CLOSE]
        return tuple(sorted(near, key=lambda own: own.bic))

    def _narrow(self) -> Iterator[tuple[str, int]]:
        """Peaks whose full width holds few samples, and how many."""
        x = self.result.data.x[0]
        for prefix in self.prefixes:
            center, fwhm = (self.result[f"{prefix}{own}"].value for own in _PLACED)
            n_samples = int((abs(x - center) <= 0.5 * fwhm).sum())
            if n_samples <= FEW:
                yield prefix, max(n_samples, 1)

    def _overlapping(self) -> Iterator[tuple[str, str]]:
        """Neighbours that are closer than half of their mean width."""
        for first, second in zip(self.prefixes, self.prefixes[1:], strict=False):
            centers = [self.result[f"{own}center"].value for own in (first, second)]
            widths = [self.result[f"{own}fwhm"].value for own in (first, second)]
            if centers[1] - centers[0] < 0.25 * sum(widths):
                yield first, second

    @property
    def _best(self) -> Trial:
        return next(own for own in self.trials if own.n_peaks == self.n_peaks)

    def plot(self, *, title: str = "") -> Figure:
        """Figure of the fit, with its peaks; see `FitResult.plot`."""
        return self.result.plot(title=title)

    def _document(self) -> Document:
        least = min(own.bic for own in self.trials)
        rows = [
            (
                f"{own.n_peaks}",
                f"{own.bic - least:.1f}",
                f"{own.chi2:.6g}",
                f"{own.dof}",
                "taken" if own.n_peaks == self.n_peaks else "",
            )
            for own in self.trials
        ]
        titles = ("peaks", "BIC - lowest", self.result.loss.traits.statistic, "dof", "")
        return [
            Text([f"{self.n_peaks} peaks ({self.shape}) on {self.background}"]),
            Heading("numbers of peaks that were tried"),
            table("r", titles, rows),
            Notes(list(self._notes())),
            *self.result._document(),
        ]

    def _notes(self) -> Iterator[str]:
        for own in self.alternatives:
            yield (
                f"{own.n_peaks} peaks describe the data nearly as well (BIC higher by "
                f"{own.bic - self._best.bic:.1f}): the data do not tell them apart."
            )
        for first, second in self._overlapping():
            yield (
                f"{first}center and {second}center are closer than half a width: where "
                "one peak would do, its shape may be another one than the model's."
            )
        for prefix, n_samples in self._narrow():
            yield (
                f"{prefix}center rests on {n_samples} "
                f"sample{'s' if n_samples > 1 else ''}: it may be an outlier, of which "
                "the criterion, for Gaussian noise, knows nothing."
            )
        if self.n_peaks == max(own.n_peaks for own in self.trials) > 0:
            yield ("no larger number was tried; there may be more peaks: raise `most`.")
