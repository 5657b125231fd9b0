"""Empty figures in the style of the project, and what all panels are labelled by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from textwrap import wrap
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from physfit.document.unit_text import POWER, spelled
from physfit.plot.style import ROLES, applied, plain_text, save_figure

__all__ = ["NotebookFigure", "axis_label", "canvas", "corner_note", "guide_band"]
__all__ += ["legend_below", "panel", "quantity_label", "wrapped"]

#: Size of the letters of a caption, and how many fit into an inch.
CAPTION, PER_INCH = 8.0, 15


class NotebookFigure(Figure):
    """A figure that shows itself as the last value of a notebook's cell."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        save_figure(self, buffer, format="png")
        return buffer.getvalue()


@contextmanager
def canvas(size: tuple[float, float], title: str = "") -> Iterator[Figure]:
    """Figure of some width and height in inches, drawn within the style.

    Parameters
    ----------
    size : pair of float
    title : str
        Above all panels; none when empty.
    """
    with applied():
        figure = NotebookFigure(figsize=size, layout="constrained")
        yield figure
        if title:
            figure.suptitle(plain_text(title), fontsize="large")


@contextmanager
def panel(
    size: tuple[float, float], title: str = "", fontsize: float | str = 10.0
) -> Iterator[tuple[Figure, Axes]]:
    """The same with one panel, and the title above that."""
    with canvas(size) as figure:
        ax = figure.subplots()
        yield figure, ax
        if title:
            ax.set_title(plain_text(title), fontsize=fontsize)


def axis_label(label: str, unit: str) -> str:
    """Name of a quantity as it is, with its unit in signs and raised powers."""
    if unit == label:
        return unit_text(unit)
    return f"{plain_text(label)} ({unit_text(unit)})" if unit else plain_text(label)


def quantity_label(text: str) -> str:
    """The same of a text that ends with the unit in brackets, if it has one."""
    label, bracket, unit = text.partition(" (")
    is_unit = bracket and unit.endswith(")")
    return axis_label(label, unit[:-1]) if is_unit else plain_text(text)


def unit_text(unit: str) -> str:
    """A unit as matplotlib shows it, its powers raised."""
    return POWER.sub(r"$^{\1}$", plain_text(spelled(unit)))


def legend_below(
    figure: Figure,
    handles: Sequence[Artist],
    columns: int,
    caption: str = "",
    **look: Any,
) -> None:
    """Legend below all panels, with a caption above; none without both."""
    if handles or caption:
        width = figure.get_figwidth()
        for handle in handles:  # a line is cut where the figure ends
            handle.set_label(wrapped(str(handle.get_label()), 0.95 * width / columns))
        place: Any = "outside lower center"
        legend = figure.legend(
            handles=list(handles),
            loc=place,
            ncols=columns,
            title=wrapped(caption, width),
            **look,
        )
        legend.get_title().set_fontsize(CAPTION)


def wrapped(text: str, width: float) -> str:
    """A caption in lines for a figure of that width in inches."""
    return "\n".join(wrap(plain_text(text), max(20, int(PER_INCH * width))))


def corner_note(ax: Axes, text: str, x: float = 0.98, y: float = 0.97) -> None:
    """Small text in the upper right corner of a panel."""
    look: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 8.0}
    ax.text(x, y, text, transform=ax.transAxes, **look)


def guide_band(
    ax: Axes, low: float, high: float, alpha: float = 0.25, **look: Any
) -> None:
    """Grey band across a panel: where values are as good as reached."""
    look |= {"color": ROLES["guide"], "alpha": alpha, "linewidth": 0.0}
    ax.axhspan(low, high, **look)
