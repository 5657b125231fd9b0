"""Figures of a landscape: heights of chi2, and the paths of optimisers, also as a GIF.

Over two axes the heights are grey, darker upwards, on a logarithmic scale, and lines
show where chi2 is 2.30, 6.18 and 11.83 above the best fit. Of a profile these are the
regions that hold both parameters with 68.3, 95.4 and 99.7 % probability, and the lines
are labelled so; of a slice they are only heights. Over one axis the lines are at 1, 4
and 9: one, two and three standard errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from PIL import Image

from physfit.plot.canvas import axis_label, canvas, guide_band
from physfit.plot.style import ROLES, applied, plain_text, turn_color

if TYPE_CHECKING:
    from physfit.fitting.exploration.landscape_result import Landscape

__all__ = ["animation", "landscape_figure"]

Array = NDArray[Any]
LEVELS_1D = (1.0, 4.0, 9.0)
LEVELS_2D = (2.30, 6.18, 11.83)
PROBABILITIES = ("68 %", "95 %", "99.7 %")
#: Heights below this are one shade: the ground.
GROUND = 0.3
#: Intervals along x: where a view is narrow the numbers are long.
TICKS = 5
#: Shades of grey.
SHADED = 24
#: Lowest height that is drawn on a log scale.
FLOOR = 1e-3
FRAMES_PER_SECOND = 15
#: Milliseconds that the last picture stays.
PAUSE = 2000
DPI = 90.0
#: White to a grey on which every path can be seen.
SHADES = LinearSegmentedColormap.from_list("heights", ["#FFFFFF", "#9A9A9A"])


def landscape_figure(landscape: Landscape, *, title: str = "") -> Figure:
    """Figure of a landscape; with paths, a second panel shows how they descend.

    Parameters
    ----------
    landscape : Landscape
    title : str
        Above the figure; model and kind of landscape when empty.
    """
    return _drawn(landscape, title)[0]


def _drawn(landscape: Landscape, title: str = "") -> tuple[Figure, list[Line2D]]:
    """Figure, and what moves in it: paths, their ends, and how they descend."""
    n = 2 if landscape.paths else 1
    how = "others fitted" if landscape.others == "profile" else "others fixed"
    title = title or f"{landscape.expression}, {how}"
    with canvas((5.4 + 4.0 * (n - 1), 4.2), title) as figure:
        axes = figure.subplots(1, n, squeeze=False, width_ratios=[1.35, 1.0][:n])[0]
        heights(axes[0], landscape)
        moving = paths(axes[0], landscape)
        for ax in axes[1:]:
            moving += progress(ax, landscape)
    return figure, moving


def heights(ax: Axes, landscape: Landscape) -> QuadContourSet | Line2D:
    """Chi2 above the best fit over the axes, and a star where that is."""
    ax.set_xlabel(axis_label(landscape.over[0], landscape.units[0]))
    ax.set_xlim(landscape.axes[0][0], landscape.axes[0][-1])
    if len(landscape.axes) == 1:
        return _curve(ax, landscape)
    ax.set_ylabel(axis_label(landscape.over[1], landscape.units[1]))
    ax.xaxis.set_major_locator(MaxNLocator(TICKS))
    ax.set_ylim(landscape.axes[1][0], landscape.axes[1][-1])
    z = np.ma.masked_invalid(np.maximum(landscape.delta_chi2.T, GROUND))
    levels = _levels(z)
    shades = BoundaryNorm(levels, SHADES.N)
    filled = ax.contourf(*landscape.axes, z, levels=levels, norm=shades, cmap=SHADES)
    _bar(ax, filled, levels)
    lines = ax.contour(*landscape.axes, z, levels=LEVELS_2D, colors=ROLES["data"])
    lines.set_linewidth([1.4, 1.0, 0.7])
    _label(ax, lines, landscape.others == "profile")
    ax.plot(*landscape.center, "*", color=ROLES["data"], markersize=11.0, zorder=6.0)
    return lines


def _levels(z: Array) -> Array:
    """Heights between shades: half of them evenly on a log scale, half by area.

    Evenly spaced ones alone leave a wide view in one shade, with a white dot in it.
    """
    values = np.ma.compressed(z)
    top = max(float(values.max()), 10.0 * GROUND)
    even = np.geomspace(GROUND, top, SHADED // 2)
    areas = np.quantile(values, np.linspace(0.0, 1.0, SHADED - SHADED // 2)[1:-1])
    inside = [f"{own:.2g}" for own in [*even[1:-1], *areas]]
    between = {float(own) for own in inside if GROUND < float(own) < top}
    return np.array([GROUND, *sorted(between), top])


def _bar(ax: Axes, filled: QuadContourSet, levels: Array) -> None:
    ticks = levels[:: max(1, len(levels) // 6)]
    bar = ax.figure.colorbar(filled, ax=ax, label="Δχ²", pad=0.02, spacing="uniform")
    bar.set_ticks(list(ticks), labels=[_plain(tick) for tick in ticks])
    bar.ax.minorticks_off()


def _plain(value: float) -> str:
    """Two digits, without an exponent where that is short."""
    return f"{float(f'{value:.2g}'):,.12g}" if value < 1e6 else f"{value:.0e}"


def _label(ax: Axes, lines: QuadContourSet, is_profile: bool) -> None:
    texts = PROBABILITIES if is_profile else [f"{own:g}" for own in LEVELS_2D]
    shown = [
        level
        for level, own in zip(LEVELS_2D, lines.allsegs, strict=True)
        if any(len(part) for part in own)
    ]
    names = dict(zip(LEVELS_2D, texts, strict=True))
    ax.clabel(lines, shown, fmt=names, fontsize=8.0)


def _curve(ax: Axes, landscape: Landscape) -> Line2D:
    place = int(np.searchsorted(landscape.axes[0], landscape.center[0]))
    x = np.insert(landscape.axes[0], place, landscape.center[0])
    y = np.insert(landscape.delta_chi2, place, 0.0)
    (line,) = ax.plot(x, y, color=ROLES["data"])
    for level, name in zip(LEVELS_1D, ("1σ", "2σ", "3σ"), strict=True):
        ax.axhline(level, color=ROLES["guide"], linewidth=0.8, zorder=1.0)
        ax.text(
            *(0.99, level, name),
            transform=ax.get_yaxis_transform(),
            ha="right",
            va="bottom",
            fontsize=8.0,
        )
    ax.plot(
        landscape.center[0], 0.0, "*", color=ROLES["data"], markersize=11.0, zorder=6.0
    )
    ax.set_ylabel("Δχ² above the best fit")
    top = float(np.nanmax(landscape.delta_chi2))
    top = max(top, *(min(height[0], 10.0 * top) for height in landscape.heights), 0.0)
    if top > 100.0:
        ax.set_yscale("symlog", linthresh=10.0)
    ax.set_ylim(-0.5, 1.3 * max(top, 10.0))
    return line


def paths(ax: Axes, landscape: Landscape) -> list[Line2D]:
    """Paths on the landscape, from one open dot to a full one each.

    The lines come first, then the full dots.
    """
    lines: list[Line2D] = []
    dots: list[Line2D] = []
    for number in range(len(landscape.paths)):
        places, color = places_of(landscape, number), turn_color(number)
        lines += ax.plot(*places, color=color, linewidth=1.3, zorder=4.0)
    for number in range(len(landscape.paths)):
        end, color = places_of(landscape, number)[:, -1:], turn_color(number)
        dots += ax.plot(*end, "o", color=color, markersize=4.5, zorder=5.0)
    if lines:
        (begin,) = ax.plot(
            *places_of(landscape, 0)[:, :1], "o", markersize=6.0, zorder=5.5
        )
        begin.set_markerfacecolor("white")
        begin.set_markeredgecolor(ROLES["data"])
    return [*lines, *dots]


def places_of(landscape: Landscape, number: int) -> Array:
    """Where a path goes on the picture, shape (2, n)."""
    places: Array = landscape.coordinates[number].T
    if len(places) == 1:
        places = np.vstack([places, landscape.heights[number]])
    return places


def progress(ax: Axes, landscape: Landscape) -> list[Line2D]:
    """Chi2 above the best fit against the number of steps, a line for each path.

    Heights below a thousandth are drawn there: nobody can tell them from zero.
    """
    drawn: list[Line2D] = []
    for number, own in enumerate(landscape.paths):
        drawn += ax.plot(
            own.step,
            np.maximum(landscape.heights[number], FLOOR),
            color=turn_color(number),
            linewidth=1.3,
            label=plain_text(f"{own.method}, {_rate(own.learning_rate)}"),
        )
    shown = np.concatenate([np.asarray(line.get_ydata()) for line in drawn])
    shown = shown[np.isfinite(shown)]
    first = max(float(np.asarray(drawn[0].get_ydata())[0]), 10.0)
    guide_band(ax, 0.1 * FLOOR, 1.0)
    ax.set_yscale("log")
    low = 0.5 * min(float(shown.min()), 0.5)
    high = 3.0 * min(max(float(shown.max()), first), 1e3 * first)
    # Room for the legend above the lines.
    ax.set_ylim(low, high * (high / low) ** (0.09 * len(drawn)))
    ax.set_xlim(0.0, max(float(path.step[-1]) for path in landscape.paths))
    ax.set_xlabel("step")
    ax.set_ylabel("Δχ² above the best fit")
    ax.legend(loc="upper right")
    return drawn


def _rate(learning_rate: str) -> str:
    """A constant rate as a number, other schedules as their text."""
    name, _, rate = learning_rate.partition(":")
    return f"rate {rate}" if name == "constant" else learning_rate


def animation(landscape: Landscape, frames: int) -> bytes:
    """GIF in which the paths grow; early steps take more of its time.

    The number of steps grows from frame to frame by the same factor, so that a path
    that is fast at first is seen as long as its slow end. What stands still is drawn
    once.
    """
    with applied():
        figure, moving = _drawn(landscape)
        figure.set_dpi(DPI)
        for line in moving:
            line.set_animated(True)
        agg: Any = FigureCanvasAgg(figure)
        agg.draw()
        ground = agg.copy_from_bbox(figure.bbox)
        images = []
        longest = max(1.0, *(float(path.step[-1]) for path in landscape.paths))
        later = np.unique(np.geomspace(1.0, longest, max(frames, 2)).round())
        for upto in (0.0, *later):
            agg.restore_region(ground)
            _show_until(landscape, moving, upto)
            for line in moving:
                axes = line.axes
                assert axes is not None
                axes.draw_artist(line)
            images.append(Image.fromarray(np.array(agg.buffer_rgba())[..., :3]))
    buffer = BytesIO()
    pause = [1000 // FRAMES_PER_SECOND] * (len(images) - 1) + [PAUSE]
    images[0].save(
        buffer, "GIF", save_all=True, append_images=images[1:], duration=pause, loop=0
    )
    return buffer.getvalue()


def _show_until(landscape: Landscape, moving: Sequence[Line2D], upto: float) -> None:
    """Cut paths, dots and descents at a number of steps."""
    n = len(landscape.paths)
    for number, own in enumerate(landscape.paths):
        seen = int(np.searchsorted(own.step, upto, side="right"))
        places = places_of(landscape, number)
        moving[number].set_data(*places[:, :seen])
        moving[n + number].set_data(*places[:, seen - 1 : seen])
        height = np.maximum(landscape.heights[number][:seen], FLOOR)
        moving[2 * n + number].set_data(own.step[:seen], height)
