"""The curve of a fit: at the data, elsewhere, by its terms, and with its errors."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from physfit.engine.program import evaluate
from physfit.models import programs
from physfit.models import tree as trees
from physfit.models.samples import joined
from physfit.result.fitted import Fitted
from physfit.typing import FloatArray, Values

if TYPE_CHECKING:
    from physfit.result.band import Band

__all__ = ["FittedCurve"]

#: Ratio of a normal standard deviation to the median size.
MEDIAN_TO_SIGMA = 1.482602218505602


class FittedCurve(Fitted):
    """A fit with its curve, residuals and how the data scatter around it."""

    def __call__(self, x: ArrayLike) -> Values:
        """Fitted curve at `x`.

        Parameters
        ----------
        x : array_like
            In the unit of the data's x; shape (n_inputs, ...) for several coordinates.

        Returns
        -------
        ndarray
            In the unit of y and the shape of `x`; complex for a complex model.

        Raises
        ------
        InputError
            When `x` holds no real numbers, or has another number of coordinates.
        """
        theta = self.solution.theta.tolist()
        return self.model(x, **dict(zip(self.free_names, theta, strict=True)))

    def components(self, x: ArrayLike) -> dict[str, Values]:
        """Value at `x` of each term of the sum, by its expression.

        Parameters
        ----------
        x : array_like
            As for the fitted curve.

        Returns
        -------
        dict of str to ndarray
            Each in the shape of `x`; their sum is the fitted curve.

        Raises
        ------
        InputError
            As for the fitted curve.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear().where(intercept=pf.fixed(0))
        >>> model = pf.models.Constant() + line
        >>> result = pf.fit(model, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        >>> list(result.components([0.0, 1.0]))
        ['constant', 'linear']
        """
        model, places = self.model.bound_to(x)
        points, shape = model.coordinates(places)
        return {
            name: joined(evaluate(layout, self._full, points)[0]).reshape(shape)
            for name, layout in model.terms.items()
        }

    def band(self, x: ArrayLike, level: float = 0.95, of: str = "") -> Band:
        """Range in which the curve lies at each `x` with that probability.

        From the covariance of the parameters, to first order, at each x by itself; with
        Student's t where the residuals say how large the noise is. New data scatter
        around the curve by their own noise besides.

        Parameters
        ----------
        x : array_like
            As for the fitted curve.
        level : float
            Between 0 and 1; 0.683 is one standard error to each side.
        of : str
            Of a complex curve "abs", "phase" (in rad), "real" or "imag"; "" for both
            parts. Of a real one a function as `Model.through` takes it.

        Returns
        -------
        Band
            `lower` and `upper`, each in the shape of `x`; of a complex curve those of
            real and imaginary part. NaN where the curve has no error, infinite where
            the data do not determine it.

        Raises
        ------
        InputError
            As for the fitted curve, and when `level` is none.
        ModelError
            When there is no such quantity of the curve.

        Examples
        --------
        >>> import physfit as pf
        >>> volt = [1.0, 3.1, 4.9, 7.0]
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], volt, sigma=0.1)
        >>> lower, upper = line.band([0.0, 1.5, 3.0])
        >>> (upper - lower).round(3)
        array([0.328, 0.196, 0.328])
        """
        from physfit.result.band import band_of

        return band_of(self, x, level, of)

    @property
    def background_names(self) -> tuple[str, ...]:
        """Those of the `components` that are polynomials: backgrounds."""
        parts = (part for part, _ in programs.components(self.model.tree))
        return tuple(trees.expression(own) for own in parts if trees.is_background(own))

    @cached_property
    def best_fit(self) -> Values:
        """Fitted curve at the data, shape (n,)."""
        return joined(self._curve)

    @cached_property
    def residuals(self) -> Values:
        """Data minus model, shape (n,), in the unit of y."""
        return joined(self.data.y - self._curve)

    @cached_property
    def pulls(self) -> Values:
        """Residuals in units of the standard deviation of each sample, shape (n,).

        The standard deviations are those of `spread`.
        """
        return joined((self.data.y - self._curve) / self.spread)

    @cached_property
    def spread(self) -> FloatArray | float:
        """Standard deviation of the samples, shape (n_outputs, n) where it is known.

        That is sigma; for counts the root of the model. Otherwise one number for all
        samples, taken from the residuals: their root mean square by degree of freedom,
        or for robust losses `scale` (of files without one 1.4826 times their median
        size); NaN when there are none.
        """
        if self.loss.traits.noise is not None:
            return self.loss.implied_sigma(self._curve)
        if self.data.sigma is not None:
            return self.data.sigma
        if self.scale is not None:
            return self.scale
        if self.loss.traits.is_likelihood:
            size = math.sqrt(self.reduced_chi2)
        else:
            sizes = np.abs(self.data.y - self._curve)
            size = MEDIAN_TO_SIGMA * float(np.median(sizes))
        return size if size > 0.0 else math.nan

    @cached_property
    def _curve(self) -> FloatArray:
        layout = self.model.layout
        return evaluate(layout, self._full, self.data.x)[0]
