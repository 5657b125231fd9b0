"""The part of parameter space that a landscape shows: a line or a plane.

Over parameters a point of it sets one or two of them. Over principal directions it
moves all of them along two eigenvectors e of the correlation matrix at the minimum,

    theta = theta_0 + stderr * (a e_1 + b e_2) ,

the softest and the stiffest, so that a and b are in standard errors and the ravine
between correlated parameters is seen along its length and across.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np

from physfit.errors import InputError, check_known
from physfit.fitting.exploration.spread import NO_PARAMETER, checked_range
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["PRINCIPAL", "Plane", "Span", "over_parameters", "over_principal"]

PRINCIPAL = "principal"
#: Half the width of a landscape, in standard errors, where none is given.
WIDTH = 5.0
#: A number of standard errors, or a range for some of the axes.
Span = float | Mapping[str, tuple[float, float]] | None


class Plane(NamedTuple):
    """One or two axes through a minimum.

    Attributes
    ----------
    over : tuple of str
        What the axes are called: parameters, or "direction 1" and "direction 2".
    units : tuple of str
        As declared by the parameters.
    ranges : tuple of (float, float)
        Ends of the axes.
    center : ndarray, shape (P,)
        Free parameters at the minimum.
    directions : ndarray, shape (d, P)
        By how much the free parameters move along each axis.
    is_principal : bool
    """

    over: tuple[str, ...]
    units: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...]
    center: FloatArray
    directions: FloatArray
    is_principal: bool

    def axes(self, points: int) -> tuple[FloatArray, ...]:
        """Places along each axis."""
        return tuple(np.linspace(low, high, points) for low, high in self.ranges)

    def coordinates(self, theta: FloatArray) -> FloatArray:
        """Places on the axes of free parameters, shape (..., P) to (..., d)."""
        if self.is_principal:
            inverse = np.linalg.pinv(self.directions)
            found: FloatArray = (theta - self.center) @ inverse
            return found
        places = np.argmax(self.directions, axis=1)
        return np.asarray(theta[..., places])

    def at(self, coordinates: FloatArray) -> FloatArray:
        """Free parameters at places on the axes, the others at the minimum."""
        moved = coordinates - self.coordinates(self.center)
        return self.center + moved @ self.directions


def over_parameters(
    model: Model,
    over: Sequence[str],
    center: FloatArray,
    stderr: FloatArray,
    span: Span,
) -> Plane:
    """Plane or line over one or two free parameters."""
    names = _checked(model, over)
    places = [model.free_index[name] for name in names]
    ranges = tuple(
        _range(model, name, float(center[place]), float(stderr[place]), span)
        for name, place in zip(names, places, strict=True)
    )
    on_axes = span if isinstance(span, Mapping) else ()
    check_known("`span` names", on_axes, names, ", which is on no axis")
    return Plane(
        over=names,
        units=tuple(model.parameters[name].unit for name in names),
        ranges=ranges,
        center=center,
        directions=np.eye(len(center))[places],
        is_principal=False,
    )


def over_principal(center: FloatArray, covariance: FloatArray, span: Span) -> Plane:
    """Plane along the softest and the stiffest direction at a minimum."""
    stderr = np.sqrt(np.diagonal(covariance))
    if len(center) < 2 or not (np.isfinite(covariance).all() and stderr.all()):
        raise InputError(
            "principal directions need two free parameters or more that the data "
            "determine; name parameters instead."
        )
    if isinstance(span, Mapping):
        raise InputError(
            "`span` must be a number of standard errors for principal directions, but "
            f"is {dict(span)!r}."
        )
    correlation = covariance / np.outer(stderr, stderr)
    lengths, vectors = np.linalg.eigh(correlation)
    picked = vectors[:, [-1, 0]].T
    # A sign that does not depend on the library: the largest part is positive.
    largest = picked[[0, 1], np.argmax(np.abs(picked), axis=1)]
    picked = picked * np.sign(largest)[:, None]
    width = _width(span)
    reach = [width * max(1.0, float(np.sqrt(lengths[-1]))), width]
    return Plane(
        over=("direction 1", "direction 2"),
        units=("'σ'", "'σ'"),
        ranges=tuple((-own, own) for own in reach),
        center=center,
        directions=picked * stderr,
        is_principal=True,
    )


def _checked(model: Model, over: Sequence[str]) -> tuple[str, ...]:
    listed = [over] if isinstance(over, str) else over
    names = tuple(listed) if isinstance(listed, Iterable) else ()
    are_names = all(isinstance(name, str) for name in names)
    if not are_names or len(names) not in (1, 2) or len(set(names)) != len(names):
        raise InputError(
            "`over` must name one or two parameters, or be 'principal', but is "
            f"{over!r}."
        )
    check_known("`over` names", names, model.free_names, NO_PARAMETER)
    return names


def _range(
    model: Model, name: str, center: float, stderr: float, span: Span
) -> tuple[float, float]:
    own = model.parameters[name]
    if isinstance(span, Mapping) and name in span:
        return checked_range(model, "span", name, span[name])
    width = WIDTH if isinstance(span, Mapping) else _width(span)
    known = np.isfinite(stderr) and stderr > 0.0
    unit = stderr if known else 0.1 * (abs(center) or 1.0)
    low = max(center - width * unit, own.lower)
    high = min(center + width * unit, own.upper)
    return low, high


def _width(span: Span) -> float:
    if span is None:
        return WIDTH
    width = float(span) if isinstance(span, Real) else math.nan
    if not (math.isfinite(width) and width > 0.0):
        raise InputError(
            "`span` must be a number of standard errors above 0, or a range for each "
            f"axis, but is {span!r}."
        )
    return width
