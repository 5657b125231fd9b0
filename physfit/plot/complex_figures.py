"""Figures of fits of complex data: magnitude and phase, and the complex plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.plot.canvas import axis_label, canvas
from physfit.plot.figures import (
    BARS,
    checked_size,
    legend,
    places_of,
    point_look,
    residuals,
)
from physfit.plot.style import ROLES, plain_text

if TYPE_CHECKING:
    from physfit.result.fitted_curve import FittedCurve
    from physfit.typing import FloatArray

__all__ = ["complex_figure", "plane", "polar"]

#: Views of complex data beside that of both parts.
VIEWS = ("polar", "plane")


def complex_figure(
    result: FittedCurve,
    view: str,
    *,
    title: str = "",
    band: float | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Figure of a fit of complex data.

    Parameters
    ----------
    result : FittedCurve
        Of a complex model of one coordinate.
    view : {"polar", "plane"}
        Magnitude and phase against x, or imaginary against real part; the residuals in
        units of sigma, of both parts against x, below.
    title, band, size
        As for `fit_figure`; there is no band in the plane.

    Raises
    ------
    InputError
        When the data are real, the view is another, or a band is asked of the plane.
    """
    if view not in VIEWS:
        raise InputError(f"`view` is 'parts', 'polar' or 'plane', not {view!r}.")
    if len(result.data.y) < 2:
        raise InputError(f"`view` {view!r} is for complex data, but these are real.")
    if view == "plane" and band is not None:
        raise InputError(
            "`band` is drawn against x; leave it out, or say view='polar'."
        )
    heights = [3.0, 3.0, 1.3] if view == "polar" else [5.0, 1.3]
    wanted = checked_size(size) or (6.4, 7.4 if view == "polar" else 6.8)
    with canvas(wanted) as figure:
        axes: Any = figure.subplots(len(heights), 1, height_ratios=heights)
        if view == "plane":
            plane(axes[0], result)
        else:
            for quantity, ax in zip(("abs", "phase"), axes, strict=False):
                polar(ax, result, quantity, band=band)
                ax.sharex(axes[-1])
                ax.tick_params(labelbottom=False)
            figure.align_ylabels(axes)
        residuals(axes[-1], result)
        axes[-1].set_xlabel(axis_label(result.data.x_label, result.data.x_unit))
        legend(axes[0])
        if title:
            axes[0].set_title(plain_text(title))
    return figure


def plane(ax: Axes, result: FittedCurve) -> list[Any]:
    """Data as points and the model as a line in the complex plane, to one scale."""
    x, order = places_of(result)
    (re, im), curve = result.data.y, result(x)[order]
    label, unit = result.data.y_label, result.data.y_unit
    drawn = ax.plot(re, im, "o", label="data", zorder=1.5, **point_look(re.size))
    look: dict[str, Any] = {"color": ROLES["model"], "label": "model", "zorder": 3.0}
    drawn += ax.plot(curve.real, curve.imag, **look)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel(axis_label(f"{label}, real", unit))
    ax.set_ylabel(axis_label(f"{label}, imaginary", unit))
    return drawn


def polar(
    ax: Axes, result: FittedCurve, quantity: str, *, band: float | None = None
) -> list[Any]:
    """Magnitude or phase of data and model against x.

    Parameters
    ----------
    ax : Axes
    result : FittedCurve
    quantity : {"abs", "phase"}
        The phase in rad goes on where it passes pi; that of the data is the nearest to
        the model.
    band : float, optional
        Probability with which the model lies in the band that is drawn.
    """
    observed, x = result.data.y[0] + 1j * result.data.y[1], result.data.x[0]
    places, order = places_of(result)
    curve: Any = result(places)[order]
    places = places[order]
    model, values = np.abs(curve), np.abs(observed)
    if quantity == "phase":
        fitted: Any = result(x)
        model, there = np.unwrap(np.angle(curve)), np.angle(fitted)
        rising = np.argsort(places, kind="stable")
        near = np.interp(x, places[rising], model[rising])
        there = there + 2.0 * np.pi * np.round((near - there) / (2.0 * np.pi))
        values = there + np.angle(observed * np.exp(-1j * there))
    errors = _errors(result, observed, quantity) if x.size <= BARS else None
    look: dict[str, Any] = {"elinewidth": 0.7, "zorder": 1.5, **point_look(x.size)}
    drawn: list[Any] = [ax.errorbar(x, values, errors, fmt="o", label="data", **look)]
    line: dict[str, Any] = {"color": ROLES["model"], "label": "model", "zorder": 3.0}
    drawn += ax.plot(places, model, **line)
    if band is not None:
        lower, upper = cast(
            "tuple[FloatArray, ...]", result.band(places, band, quantity)
        )
        half, line = 0.5 * (upper - lower), {**line, "zorder": 2.8, "alpha": 0.25}
        line |= {"label": f"{100.0 * band:.4g} % band", "linewidth": 0.0}
        drawn.append(ax.fill_between(places, model - half, model + half, **line))
    label = f"{result.data.y_label}, {'magnitude' if quantity == 'abs' else 'phase'}"
    unit = result.data.y_unit if quantity == "abs" else "rad"
    ax.set_ylabel(axis_label(label, unit))
    return drawn


def _errors(
    result: FittedCurve, observed: NDArray[Any], quantity: str
) -> NDArray[Any] | None:
    """Standard deviations of magnitude or phase, from those of both parts."""
    if not isinstance(result.spread, np.ndarray):
        return None
    re, im = np.broadcast_to(result.spread, result.data.y.shape)
    size = np.abs(observed)
    with np.errstate(all="ignore"):
        along, across = observed.real / size, observed.imag / size
        errors: NDArray[Any] = np.hypot(along * re, across * im)
        if quantity == "phase":
            errors = np.hypot(across * re, along * im) / size
            errors = np.where(errors < np.pi, errors, np.pi)
    return errors
