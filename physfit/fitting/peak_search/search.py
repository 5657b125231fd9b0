"""Peaks whose number is not known: one after the other, while data ask for them.

A background is fitted first. Then a peak is added where the residuals show one most
clearly (a matched filter over widths), or in place of a peak that two narrower ones
describe better, and all parameters are fitted together; and again, until Schwarz's
criterion has risen a few times. At last peaks are taken away one by one as long as the
criterion falls. What it weighs: ``BIC = chi2 + k log n`` with sigma, the deviance of
counts likewise, ``n log(chi2 / n) + k log n`` without. It takes the residuals of the
right model for independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from physfit.fitting.fit_plan import plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.peak_search.matched_filter import MatchedFilter, Place
from physfit.fitting.runners import run
from physfit.fitting.single import fit
from physfit.models.declaration import declaration_of
from physfit.models.guesses import Peak
from physfit.models.model import Model, component
from physfit.models.param import bounds
from physfit.result.fit_result import FitResult
from physfit.settings.minibatches import Minibatch
from physfit.solve.base import Stop
from physfit.typing import FloatArray

__all__ = ["Candidate", "PeakSearch"]

#: Least full width of a peak, in distances of samples.
LEAST_WIDTH = 1.5
#: How often the criterion may rise before the search ends.
PATIENCE = 2
#: Places that are tried for a new peak.
N_PLACES = 2


class Candidate(NamedTuple):
    """A number of peaks, and the fit of these that has been found best."""

    n: int
    model: Model
    values: dict[str, float]
    chi2: float
    criterion: float


class PeakSearch:
    """The fits of growing numbers of peaks on one background."""

    def __init__(self, first: FitResult, shape: str, sign: int) -> None:
        self.first, self.sign = first, sign
        self.declaration = declaration_of(shape)
        guess = self.declaration.guess
        assert isinstance(guess, Peak)
        self.guess = guess
        self.names = [param.name for param in self.declaration.parameters]
        data = first.data
        self.x, self.y = data.x[0], data.y[0]
        self.sigma = None if data.sigma is None else data.sigma[0]
        self.filter = MatchedFilter(self.x, sign)
        self.span = float(np.ptp(self.x))
        self.spacing = self.span / max(self.x.size - 1, 1)
        self.settings = FitSettings(
            first.loss, None, Stop(ftol=1e-9), False, Minibatch()
        )

    def run(self, most: int) -> dict[int, Candidate]:
        """The best fit of each number of peaks that was tried."""
        values = {name: self.first.values[name] for name in self.first.names}
        found = {0: self._candidate(0, self.first.model, values, self.first.chi2)}
        lowest, n_vain = found[0].criterion, 0
        for n in range(1, most + 1):
            if not self._is_determined(n):
                break
            own = self._with_another(found[n - 1])
            if own is None:
                break
            found[n] = own
            n_vain = 0 if own.criterion < lowest else n_vain + 1
            lowest = min(lowest, own.criterion)
            if n_vain > PATIENCE:
                break
        self._take_away(found)
        return found

    def _is_determined(self, n: int) -> bool:
        """Whether there are samples enough for the parameters of n peaks."""
        n_free = len(self.first.free_names) + n * len(self.names)
        return bool(self.x.size > n_free + 2)

    def finished(self, own: Candidate) -> FitResult:
        """The fit as a result, with peaks in the order of their centers."""
        order = sorted(range(1, own.n + 1), key=lambda k: own.values[f"p{k}_center"])
        start = self._background(own) | self._numbered(own, order)
        data = self.first.data
        model = own.model
        if len(self._widths) > 1:  # either may vanish in the end
            free = {
                f"p{k}_{width}": bounds(0.0, None)
                for k in range(1, own.n + 1)
                for width, _ in self._widths
            }
            model = model.where(**free)
        return fit(
            model,
            self.x,
            self.y,
            sigma=self.sigma,
            loss=self.first.loss,
            start={name: start[name] for name in model.free_names},
            units=(data.x_unit, data.y_unit),
            labels=(data.x_label, data.y_label),
        )

    def _with_another(self, before: Candidate) -> Candidate | None:
        """The best of some fits with one peak more."""
        k = before.n + 1
        starts = [
            before.values | self._peak(k, place)
            for place in self.filter.places(self._residuals(before), N_PLACES)
        ]
        if before.n:
            starts.append(self._split(before))
        return self._best(k, starts)

    def _take_away(self, found: dict[int, Candidate]) -> None:
        """Go back from the best number, as long as the criterion falls."""
        n = min(found, key=lambda own: found[own].criterion)
        while n > 0:
            own = found[n]
            starts = [
                self._background(own)
                | self._numbered(own, [k for k in range(1, n + 1) if k != gone])
                for gone in range(1, n + 1)
            ]
            best = self._best(n - 1, starts)
            if best is not None and best.chi2 < found[n - 1].chi2:
                found[n - 1] = best
            if found[n - 1].criterion >= own.criterion:
                return
            n -= 1

    def _best(self, n: int, starts: Sequence[dict[str, float]]) -> Candidate | None:
        """The best fit of n peaks from some starts."""
        model = self._model(n)
        fits = [own for start in starts if (own := self._fit(n, model, start))]
        return min(fits, key=lambda own: own.chi2, default=None)

    def _fit(self, n: int, model: Model, start: dict[str, float]) -> Candidate | None:
        """Fit from these values; None where they have no finite cost."""
        inside = {
            own.name: min(max(start[own.name], own.lower), own.upper)
            for own in model.params
            if own.is_free
        }
        plan = plan_of(model, self.first.data, self.settings._replace(start=inside))
        solution = run(plan)[0]
        plan.objective.release()
        if not math.isfinite(solution.cost):
            return None
        values = {
            own.name: own.start
            for own in model.params
            if own.fixed and own.start is not None
        }
        values |= dict(zip(model.free_names, solution.theta.tolist(), strict=True))
        return self._candidate(n, model, values, 2.0 * solution.cost)

    def _candidate(
        self, n: int, model: Model, values: dict[str, float], chi2: float
    ) -> Candidate:
        """With Schwarz's criterion, in which each peak has its choice of places.

        To the parameters of a peak 2 log(places) are added, because the best of so many
        places was taken (J. Chen and Z. Chen, Biometrika 95 (2008) 759). Where the
        noise is taken from the residuals, few degrees of freedom make these too small,
        which the factor of C. M. Hurvich and C.-L. Tsai (Biometrika 76 (1989) 297)
        makes up for.
        """
        size, n_free = self.x.size, len(model.free_names)
        penalty = n_free * math.log(size) + 2.0 * n * math.log(size)
        if self.first.is_absolute:
            return Candidate(n, model, values, chi2, chi2 + penalty)
        fit_term = size * math.log(max(chi2, 1e-300) / size)
        penalty *= size / max(size - n_free - 2, 1)
        return Candidate(n, model, values, chi2, fit_term + penalty)

    def _model(self, n: int) -> Model:
        model = self.first.model
        for k in range(n, 0, -1):
            model = component(self.declaration, f"p{k}_") + model
        low, high = float(self.x.min()), float(self.x.max())
        limits: dict[str, Any] = {}
        for k in range(1, n + 1):
            limits[f"p{k}_center"] = bounds(low, high)
            if self.sign:
                ends = (0.0, None) if self.sign > 0 else (None, 0.0)
                limits[f"p{k}_amplitude"] = bounds(*ends)
            for number, (width, per) in enumerate(self._widths):
                # one width keeps the peak wider than a sample
                least = 0.0 if number else LEAST_WIDTH * self.spacing / per
                limits[f"p{k}_{width}"] = bounds(least, self.span / per)
        return model.where(**limits)

    @property
    def _widths(self) -> list[tuple[str, float]]:
        """Parameters that are widths, and the full width where each is 1."""
        return [own for own in (self.guess.gauss, self.guess.lorentz) if own]

    def _background(self, own: Candidate) -> dict[str, float]:
        return {name: own.values[name] for name in self.first.names}

    def _numbered(self, own: Candidate, order: Sequence[int]) -> dict[str, float]:
        """Values of these peaks, numbered anew."""
        return {
            f"p{new}_{name}": own.values[f"p{k}_{name}"]
            for new, k in enumerate(order, 1)
            for name in self.names
        }

    def _residuals(self, own: Candidate) -> FloatArray:
        """Residuals, in units of their noise where it is known."""
        values = np.asarray(own.model(self.x, **own.values), dtype=np.float64)
        residuals: FloatArray = self.y - values
        if self.sigma is not None:
            residuals /= self.sigma
        elif self.first.loss.traits.has_domain:  # counts
            residuals /= np.sqrt(np.maximum(values, 1.0))
        return residuals

    def _peak(self, k: int, place: Place) -> dict[str, float]:
        """Start values of a peak at a place, of the height that residuals have."""
        values = {"center": place.center}
        for name, per in self._widths:
            values[name] = 1.1 * place.fwhm / per / len(self._widths)
        if self.guess.fraction is not None:
            values[self.guess.fraction] = 0.5
        values["amplitude"] = place.height * self._noise(place.center) * place.fwhm
        return {f"p{k}_{name}": own for name, own in values.items()}

    def _noise(self, place: float) -> float:
        """Standard deviation of a sample at a place, or 1 where it is not known."""
        k = int(np.argmin(np.abs(self.x - place)))
        if self.sigma is not None:
            return float(self.sigma[k])
        if self.first.loss.traits.has_domain:
            return math.sqrt(max(float(self.y[k]), 1.0))
        return 1.0

    def _split(self, own: Candidate) -> dict[str, float]:
        """Start with two peaks in place of the one beside which most is left."""
        left = self._residuals(own) ** 2
        gains = []
        for k in range(1, own.n + 1):
            near = np.abs(self.x - own.values[f"p{k}_center"]) < self._fwhm(own, k)
            gains.append(float(left[near].mean()) if near.any() else 0.0)
        k = 1 + int(np.argmax(gains))
        center, fwhm = own.values[f"p{k}_center"], self._fwhm(own, k)
        height = 0.7 * own.values[f"p{k}_amplitude"] / fwhm / self._noise(center)
        start = dict(own.values)
        for number, side in ((k, -0.4), (own.n + 1, 0.4)):
            place = Place(center + side * fwhm, 0.7 * fwhm, height)
            start |= self._peak(number, place)
        return start

    def _fwhm(self, own: Candidate, k: int) -> float:
        """Full width of a peak, of a Voigt peak about that."""
        parts = [own.values[f"p{k}_{name}"] * per for name, per in self._widths]
        return float(max(sum(parts), self.spacing))
