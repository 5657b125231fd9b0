"""Responses that were measured, as components."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from physfit.data.columns import column
from physfit.errors import DomainError, InputError, ShapeError
from physfit.kernels.kernel import Context, point_kernel
from physfit.kernels.measured import measured
from physfit.models.declaration import Declaration
from physfit.models.model import Model, component
from physfit.models.param import Param
from physfit.typing import Column, FloatArray

__all__ = ["FEWEST", "MOST", "Response", "response", "response_declared"]

#: Samples of a response.
FEWEST, MOST = 4, 1_000_000
#: Steps may differ by this part of the mean one.
UNIFORM = 1e-3
#: As many more samples as places that are not a step apart are interpolated to.
FINER = 4
#: Part of the area of |y| below which an area is rounding.
CANCELLED = 1e-13
#: Shortest step, whose reciprocal and that of the area are numbers.
SHORTEST = 1e-300


@dataclass(frozen=True, eq=False)
class Response:
    """A measured response of unit area, on uniform places.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
        Read-only; the sum of `y` times the step is 1.
    """

    x: FloatArray
    y: FloatArray
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        text = hashlib.sha256(self.x.tobytes() + self.y.tobytes())
        object.__setattr__(self, "digest", text.hexdigest()[:32])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Response) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def response(
    x: Column,
    y: Column,
    *,
    zero: Literal["given", "peak", "centroid"] = "given",
    prefix: str = "",
) -> Model:
    """Model of a measured response, for the right side of `model @ response`.

    Its area is made 1. Between samples it is a cubic spline, beyond them it is 0. Its
    parameter `shift`, fixed at 0 until it is freed, moves it along x.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Places in the unit of the data's x, and values in any unit; a constant below the
        response is to be taken off before. Places that are not a step apart are
        interpolated to such.
    zero : {"given", "peak", "centroid"}
        Where the response is centred: at the x = 0 that it comes with, at its largest
        sample, or at its centroid.
    prefix : str
        Precedes the name of the parameter.

    Returns
    -------
    Model

    Raises
    ------
    ShapeError
        When x and y differ in length, or there are fewer than 4 samples.
    DomainError
        When a place stands twice, something is not finite, or the area is not above 0.
    InputError
        When `zero` is something else.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> u = np.linspace(-2.0, 2.0, 81)
    >>> seen = pf.models.Lorentzian() @ pf.response(u, np.exp(-u**2 / 0.18))
    >>> seen.expression, seen.free_names
    ('lorentzian @ response', ('amplitude', 'center', 'gamma'))
    """
    places, values = _columns(x, y)
    places, values = _on_steps(places, values)
    places, values = _without_zeros(places, values)
    step = (places[-1] - places[0]) / (len(places) - 1)
    area = float(values.sum()) * step
    if abs(area) <= CANCELLED * step * float(np.abs(values).sum()):
        area = 0.0  # what is left of it is rounding
    if not area > 0.0:
        raise DomainError(
            f"the area of the response is {area:.6g}, but must be above 0; take off a "
            "constant that is below it, or turn its sign."
        )
    if zero == "peak":
        places = places - places[int(np.argmax(values))]
    elif zero == "centroid":
        places = places - float(places @ values) / float(values.sum())
    elif zero != "given":
        raise InputError(f"`zero` is 'given', 'peak' or 'centroid', not {zero!r}.")
    first = float(places[0])
    uniform = first + step * np.arange(len(values))
    return component(response_declared(uniform, values / area), prefix)


def response_declared(
    x: FloatArray, y: FloatArray, name: str = "response"
) -> Declaration:
    """Component of a response of unit area on uniform places."""
    from dataclasses import replace

    from scipy.interpolate import CubicSpline

    step = (x[-1] - x[0]) / (len(x) - 1)
    pieces = CubicSpline(np.arange(len(y), dtype=np.float64), y).c
    table = np.concatenate([[x[0], 1.0 / step], pieces.T.ravel()])
    kernel = point_kernel(measured, context=Context(table))
    return Declaration(
        kernel=replace(kernel, name=name),
        description=f"measured response of {len(x)} samples",
        formula=f"cubic spline through {len(x)} samples of unit area, 0 beyond them",
        parameters=(
            Param("shift", "x", "how far the response is moved", start=0.0, fixed=True),
        ),
        response=Response(_frozen(x), _frozen(y)),
    )


def _columns(x: Column, y: Column) -> tuple[FloatArray, FloatArray]:
    """Places in growing order, and values."""
    places = column("x", x)
    values = column("y", y)
    n = places.size
    if values.size != n or not FEWEST <= n <= MOST:
        raise ShapeError(
            f"a response takes {FEWEST} to {MOST} samples, as many x as y, but has "
            f"{n} x and {values.size} y."
        )
    if not (np.isfinite(places).all() and np.isfinite(values).all()):
        raise DomainError(
            "the response has samples that are not finite; leave them out."
        )
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    span = float(places[-1]) - float(places[0])
    if not SHORTEST <= span / n < math.inf and span > 0.0:
        raise DomainError(
            f"the response spans {span:.3g} in x, of which derivatives are no numbers; "
            "take another unit of x."
        )
    same = np.flatnonzero(np.diff(places) == 0.0)
    if same.size:
        raise DomainError(
            f"the response has two samples at x = {places[same[0]]:.6g}; give one."
        )
    return places, values


def _without_zeros(
    places: FloatArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The samples but for zeros at both ends, of which one stays on each side."""
    used = np.flatnonzero(values)
    if used.size == 0:
        return places, values
    first, stop = max(used[0] - 1, 0), min(used[-1] + 2, len(values))
    first = max(0, min(first, stop - FEWEST))
    stop = max(stop, first + FEWEST)
    return places[first:stop], values[first:stop]


def _on_steps(places: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The samples if they are a step apart, else of their spline at such places."""
    steps = np.diff(places)
    if np.ptp(steps) <= UNIFORM * steps.mean():
        return places, values
    from scipy.interpolate import CubicSpline

    span = places[-1] - places[0]
    n = int(np.ceil(min(span / steps.min(), FINER * len(places)))) + 1
    uniform = np.linspace(places[0], places[-1], n)
    return uniform, CubicSpline(places, values)(uniform)


def _frozen(values: FloatArray) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array
