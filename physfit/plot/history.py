"""Figures of how descents went: loss, learning rate, distance to a reference.

The distance of parameters theta to those of a reference is the largest of

    |theta_k - reference_k| / (standard error of the reference)_k ,

so that one is a standard error, and a tenth of that no longer matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.errors import InputError, check_known
from physfit.plot.canvas import canvas, guide_band
from physfit.plot.style import ROLES, plain_text

if TYPE_CHECKING:
    from physfit.result.fitted_curve import FittedCurve
    from physfit.solve.history import History

__all__ = ["AGAINST", "distance_curve", "distances", "history_figure"]
__all__ += ["loss_curve", "rate_curve"]

Array = NDArray[Any]
#: Columns of a history that a curve may be drawn against, with the label of their axis.
AGAINST = {"step": "step", "n_rows": "rows seen", "seconds": "time (s)"}
#: Distance within which the reference is as good as reached, in standard errors.
REACHED = 1.0


def history_figure(
    result: FittedCurve,
    reference: FittedCurve | None = None,
    *,
    against: str = "step",
    title: str = "",
) -> Figure:
    """Figure of a descent: its loss, its distance to a reference, its rate.

    Parameters
    ----------
    result : FittedCurve
        Of a first-order method.
    reference : FittedCurve, optional
        Of the same parameters, with their errors; without it there is no distance.
    against : {"step", "n_rows", "seconds"}
    title : str
        Above the figure; the method when empty.

    Raises
    ------
    InputError
        When the result has no history, or `against` is unknown.
    """
    history = _history(result)
    heights = [1.6, 1.6, 1.0] if reference is not None else [1.6, 1.0]
    with canvas((6.4, 1.1 + 1.2 * sum(heights))) as figure:
        axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        loss_curve(axes[0], history, against=against)
        if reference is not None:
            distance_curve(axes[1], result, reference, against=against)
        rate_curve(axes[-1], history, against=against)
        for ax in axes[:-1]:
            ax.set_xlabel("")
        figure.align_ylabels(list(axes))
        axes[0].set_title(plain_text(title or f"{result.method}"))
    return figure


def loss_curve(
    ax: Axes,
    history: History,
    *,
    against: str = "step",
    above: float = 0.0,
    **line: Any,
) -> Line2D:
    """Mean loss per sample, on a log scale.

    Parameters
    ----------
    ax : Axes
    history : History
    against : {"step", "n_rows", "seconds"}
    above : float
        Subtracted: the loss of the minimum, to see how it is approached.
    """
    label = "mean loss above the minimum" if above else "mean loss per sample"
    return _curve(ax, history, history.loss - above, against, label, line)


def rate_curve(
    ax: Axes, history: History, *, against: str = "step", **line: Any
) -> Line2D:
    """Learning rate, on a log scale."""
    return _curve(ax, history, history.learning_rate, against, "learning rate", line)


def distance_curve(
    ax: Axes,
    result: FittedCurve,
    reference: FittedCurve,
    *,
    against: str = "step",
    **line: Any,
) -> Line2D:
    """Distance of each record to the reference in its standard errors, on a log scale.

    The band below one standard error is where it is as good as reached.
    """
    history = _history(result)
    if not any(patch.get_gid() == "reached" for patch in ax.patches):
        guide_band(ax, 0.0, REACHED, zorder=0.5, gid="reached")
    values = distances(history.theta, result.free_names, reference)
    return _curve(ax, history, values, against, "distance to the reference (σ)", line)


def distances(theta: Array, names: tuple[str, ...], reference: FittedCurve) -> Array:
    """Distance of each row of free parameters to a reference, in standard errors.

    Parameters
    ----------
    theta : ndarray, shape (n, P)
    names : tuple of str
        Of the columns.
    reference : FittedCurve

    Returns
    -------
    ndarray, shape (n,)
    """
    missing = [name for name in names if name not in reference.values]
    if missing:
        raise InputError(
            f"the reference has no parameter {missing[0]!r}; compare fits of one model."
        )
    center = np.array([reference.values[name] for name in names])
    unit = np.array([reference.stderr[name] for name in names])
    far: Array = np.max(np.abs(theta - center) / unit, axis=1)
    return far


def _history(result: FittedCurve) -> History:
    if result.history is None:
        raise InputError(
            f"a fit by {result.method!r} keeps no history of steps; take a first-order "
            "method such as 'adam'."
        )
    return result.history


def _curve(
    ax: Axes,
    history: History,
    values: Array,
    against: str,
    label: str,
    line: dict[str, Any],
) -> Line2D:
    check_known("`against`", [against], AGAINST, " is unknown")
    look: dict[str, Any] = {"color": ROLES["model"], **line}
    (drawn,) = ax.plot(getattr(history, against), values, **look)
    ax.set_yscale("log")
    ax.set_xlabel(AGAINST[against])
    ax.set_ylabel(label)
    return drawn
