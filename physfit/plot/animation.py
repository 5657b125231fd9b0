"""Paths of optimisers that grow on a landscape, as a GIF."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PIL import Image

from physfit.plot.landscape import (
    FLOOR,
    canvas,
    heights,
    paths,
    places_of,
    progress,
)
from physfit.plot.style import applied

if TYPE_CHECKING:
    from physfit.fitting.exploration.landscape_result import Landscape

__all__ = ["animation"]

Array = NDArray[Any]
FRAMES_PER_SECOND = 15
#: Milliseconds that the last picture stays.
PAUSE = 2000
DPI = 90.0


def animation(landscape: Landscape, frames: int) -> bytes:
    """GIF in which the paths grow; early steps take more of its time.

    The number of steps grows from frame to frame by the same factor, so that a path
    that is fast at first is seen as long as its slow end. What stands still is drawn
    once.
    """
    with applied():
        figure, (ax, panel) = canvas(landscape, "")
        figure.set_dpi(DPI)
        heights(ax, landscape)
        moving = [*paths(ax, landscape), *progress(panel, landscape)]
        for line in moving:
            line.set_animated(True)
        agg: Any = FigureCanvasAgg(figure)
        agg.draw()
        ground = agg.copy_from_bbox(figure.bbox)
        images = []
        for upto in _times(landscape, frames):
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


def _times(landscape: Landscape, frames: int) -> Array:
    """Numbers of steps at which there is a picture."""
    longest = max(float(path.step[-1]) for path in landscape.paths)
    later = np.unique(np.geomspace(1.0, max(longest, 1.0), max(frames, 2)).round())
    return np.concatenate([[0.0], later])


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
