"""Pictures of the entries of the catalogue: curves, or an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from physfit.plot.canvas import panel
from physfit.plot.style import component_look

if TYPE_CHECKING:
    from physfit.models.example import Shown

__all__ = ["entry_artists", "entry_figure"]


def entry_figure(
    shown: Shown, title: str = "", size: tuple[float, float] = (4.2, 2.8)
) -> Figure:
    """Figure of an entry, with what its curves differ in.

    Parameters
    ----------
    shown : Shown
    title : str
    size : (float, float)
        Width and height in inches.
    """
    with panel(size, title) as (figure, ax):
        entry_artists(ax, shown)
        names = ("x", "y")[: len(shown.coordinates)]
        ax.set_xlabel(names[0])
        if len(names) == 2:
            ax.set_ylabel(names[1])
        elif any(shown.labels) or np.iscomplexobj(shown.values[0]):
            ax.legend(fontsize=7.0, handlelength=1.4)
    return figure


def entry_artists(ax: Axes, shown: Shown) -> list[Artist]:
    """The curves, real and imaginary parts of complex ones; or the image."""
    if len(shown.coordinates) == 2:
        low, high = shown.coordinates[0][[0, -1]]
        image = ax.imshow(
            shown.values[0],
            origin="lower",
            extent=(low, high, low, high),
            cmap="viridis",
        )
        return [image]
    drawn: list[Artist] = []
    for number, (label, y) in enumerate(zip(shown.labels, shown.values, strict=True)):
        look = component_look(number) | {"linestyle": "-"}
        if np.iscomplexobj(y):
            [re] = ax.plot(shown.coordinates[0], y.real, label=label or "real", **look)
            look["linestyle"] = ":"
            other = "imaginary" if not label else None
            [im] = ax.plot(shown.coordinates[0], y.imag, label=other, **look)
            drawn += [re, im]
        else:
            drawn += ax.plot(shown.coordinates[0], y, label=label or None, **look)
    return drawn
