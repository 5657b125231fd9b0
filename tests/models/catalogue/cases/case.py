"""What tests know of an entry: a reference, its domain, curves as they are measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.kernels.domains import log_uniform, signed

Array = NDArray[np.float64]
Values = dict[str, float]
#: A value drawn by a generator.
Range = Callable[[np.random.Generator], float]
#: Coordinates (n,) or (n_inputs, n), and parameters by name.
Sample = tuple[Array, Values]


class Case(NamedTuple):
    """How an entry of the catalogue is tried.

    Attributes
    ----------
    reference : callable
        `(x, ..., *params)` in the order of the declaration, on numbers of mpmath; it
        shares no formula with the entry. A complex number for complex models.
    draw : callable
        `rng -> (x, params)` over the whole domain, some five coordinates.
    curve : callable or None
        `rng -> (x, params)` of a curve as it is measured, some 200 samples, whose
        parameters data at a signal-to-noise ratio of 10 determine.
    special : tuple of (coordinates, params)
        Where formulas tend to break: centres, far tails, limits, joins.
    no_limit : mapping of str to str
        Parameters at whose bounds there is no model, and why; at all other bounds the
        model is compared with the reference there.
    outside : tuple of params
        Where the value must be NaN, at the coordinates of the first special sample.
    peer : callable or None
        `(x, *params)` with arrays: the same of scipy or another library.
    share : float
        Of curves at a signal-to-noise ratio of 10, how many must end at the right
        minimum when no start is given.
    roundings : float
        Allowed error of values, relative to the largest at these coordinates, in units
        of 1e-12; more than 1 with a reason beside it.
    """

    reference: Callable[..., Any]
    draw: Callable[[np.random.Generator], Sample]
    curve: Callable[[np.random.Generator], Sample] | None = None
    special: tuple[tuple[tuple[Any, ...], Values], ...] = ()
    no_limit: Mapping[str, str] = {}
    outside: tuple[Values, ...] = ()
    peer: Callable[..., Any] | None = None
    share: float = 0.98
    roundings: float = 1.0


def uniform(low: float, high: float) -> Range:
    """A number between two."""
    return lambda rng: float(rng.uniform(low, high))


def scale(low: float = 1e-3, high: float = 1e3) -> Range:
    """A positive number, uniform in its logarithm."""
    return lambda rng: log_uniform(rng, low, high)


def either(low: float = 1e-3, high: float = 1e3) -> Range:
    """The same with a random sign."""
    return lambda rng: signed(rng, low, high)


def drawn(rng: np.random.Generator, ranges: Mapping[str, Range]) -> Values:
    """A value of each."""
    return {name: one(rng) for name, one in ranges.items()}


WIDTHLESS = "infinite at the centre, 0 elsewhere"


def peak(
    reference: Callable[..., Any],
    *,
    size: str = "amplitude",
    width: str | tuple[str, ...] = "sigma",
    far: float = 30.0,
    shapes: Mapping[str, Range] | None = None,
    seen: Mapping[str, Range] | None = None,
    **others: Any,
) -> Case:
    """Case of a peak.

    Parameters
    ----------
    reference : callable
    size, width : str, tuple of str
        Parameters: area or height; widths.
    far : float
        How many widths from the centre it is tried.
    shapes, seen : mapping of str to Range
        The other parameters: over the whole domain, and in measured curves (there as
        over the domain where it is left out).
    **others
        Further fields of `Case`.
    """
    widths = (width,) if isinstance(width, str) else width
    shapes = shapes or {}
    seen = {**shapes, **(seen or {})}

    def draw(rng: np.random.Generator) -> Sample:
        first = log_uniform(rng, 1e-3, 1e3)
        values = {size: signed(rng, 1e-3, 1e3), "center": first * rng.normal(0.0, 10.0)}
        for own in widths:
            values[own] = first if own == widths[0] else first * scale(1e-2, 1e2)(rng)
        spread = max(values[own] for own in widths)
        steps = [0.0, *(signed(rng, 1e-3, far) for _ in range(5))]
        return values["center"] + spread * np.array(steps), values | drawn(rng, shapes)

    def curve(rng: np.random.Generator) -> Sample:
        values = {size: rng.uniform(1.0, 5.0), "center": rng.uniform(3.5, 6.5)}
        values |= {own: rng.uniform(0.3, 0.8) for own in widths}
        return np.linspace(0.0, 10.0, 200), values | drawn(rng, seen)

    no_limit = dict.fromkeys(widths, WIDTHLESS) | dict(others.pop("no_limit", {}))
    return Case(reference, draw, curve, no_limit=no_limit, **others)


def over(
    reference: Callable[..., Any],
    x: tuple[float, float],
    domain: Mapping[str, Range],
    seen: Mapping[str, Range],
    **others: Any,
) -> Case:
    """Case of a curve over a fixed range of x, its parameters from ranges."""

    def draw(rng: np.random.Generator) -> Sample:
        values = drawn(rng, domain)
        own = rng.uniform(*x, 5)
        if x[0] < values.get("center", x[0]) < x[1]:
            width = values.get("sigma", values.get("kt", 0.0))
            own[:2] = values["center"] + width * np.array([0.0, 1.0])
        if "scale" in values and x[0] < 0.7 * values["scale"] < x[1]:
            own[0] = 0.7 * values["scale"]
        return own, values

    def curve(rng: np.random.Generator) -> Sample:
        return np.linspace(*x, 200), drawn(rng, seen)

    return Case(reference, draw, curve, **others)
