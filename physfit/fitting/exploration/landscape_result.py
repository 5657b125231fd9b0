"""What `landscape` gives back: heights over the axes, and paths on them."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np

from physfit.document.blocks import Document, Table, Text, table
from physfit.errors import InputError
from physfit.fitting.distances import distance
from physfit.fitting.exploration.base import Exploration, with_error
from physfit.fitting.exploration.descents import Trajectory
from physfit.result.column_table import TableColumns
from physfit.result.report import labelled
from physfit.result.rounding import short
from physfit.solve.base import Status
from physfit.typing import FloatArray

__all__ = ["Landscape"]

_OTHERS = {"fixed": "fixed", "profile": "fitted at every point"}


@dataclass(frozen=True, repr=False)
class Landscape(Exploration):
    """Heights of chi2 over one or two axes, and paths of descents; drawn as such.

    Attributes
    ----------
    expression, loss : str
        Of the model, as `parse_model` reads it, and of the loss.
    over, units : tuple of str
        Names and units of the axes.
    others : {"fixed", "profile"}
        Whether the other parameters stay at the best fit, or are fitted at every
        point.
    axes : tuple of ndarray
        Places on each axis.
    delta_chi2 : ndarray
        Of shape (points,) or (points, points), the first index along the first axis;
        NaN where the model is not finite.
    center : ndarray, shape (d,)
        The best fit on the axes.
    values, stderr : dict of str to float
        Free parameters of the best fit.
    cost, noise : float
        Its cost, and the standard deviation of a weighted sample (1 if sigma was
        given).
    paths : tuple of Trajectory
        One for each method, all from the same start.
    coordinates, heights : tuple of ndarray, shapes (n, d) and (n,)
        The same on the axes (what they do besides is not seen), and chi2 above the best
        fit where they are.
    seconds : float
    """

    expression: str
    loss: str
    over: tuple[str, ...]
    units: tuple[str, ...]
    others: str
    axes: tuple[FloatArray, ...]
    delta_chi2: FloatArray
    center: FloatArray
    values: dict[str, float]
    stderr: dict[str, float]
    cost: float
    noise: float
    paths: tuple[Trajectory, ...]
    coordinates: tuple[FloatArray, ...]
    heights: tuple[FloatArray, ...]
    seconds: float

    FIGURE = "landscape:landscape_figure"

    def _table(self) -> TableColumns:
        places = np.meshgrid(*self.axes, indexing="ij")
        return {
            **dict(zip(self.over, map(np.ravel, places), strict=True)),
            "delta_chi2": self.delta_chi2.ravel(),
        }

    def _document(self) -> Document:
        """The best fit, the axes and the end of each path."""
        over, others = " and ".join(self.over), _OTHERS[self.others]
        title = (
            f"{self.expression}, {self.loss}: landscape over {over}, others {others}"
        )
        values = [
            (name, with_error(value, self.stderr[name]))
            for name, value in self.values.items()
        ]
        return [
            Text([title]),
            Table("lr", {"best fit": values}),
            table("lr", ("axis", "from", "to", "points"), self._axis_rows()),
            *self._path_rows(),
        ]

    def _axis_rows(self) -> list[tuple[str, ...]]:
        return [
            (labelled(name, unit), short(axis[0]), short(axis[-1]), str(len(axis)))
            for name, unit, axis in zip(self.over, self.units, self.axes, strict=True)
        ]

    def _path_rows(self) -> list[Table]:
        """A line for each path: settings, end on the axes, distance to the best fit."""
        if not self.paths:
            return []
        settings = ("path", "learning rate", "batch", "steps")
        titles = (*settings, *self.over, "distance (sigma)", "end")
        best = np.array([*self.values.values()])
        stderr = np.array([*self.stderr.values()])
        rows = [
            (
                own.method,
                own.learning_rate,
                str(own.batch_size),
                str(own.n_steps),
                *(short(value) for value in seen[-1]),
                short(distance(own.end, best, stderr), 3),
                "diverged" if own.status is Status.DIVERGED else "epochs done",
            )
            for own, seen in zip(self.paths, self.coordinates, strict=True)
        ]
        return [table("lr", titles, rows)]

    def animate(
        self, path: str | PathLike[str], *, frames: int = 60, overwrite: bool = False
    ) -> None:
        """Write a GIF in which the paths grow, at the same number of steps each.

        Parameters
        ----------
        path : path
            Ends in .gif.
        frames : int
            Pictures, at 15 per second.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError
            When there are no paths, or the file has another ending.
        DataError
            When the file exists or cannot be written.

        Examples
        --------
        >>> from physfit.fitting.exploration.surface import landscape
        >>> from physfit.models import Linear
        >>> found = landscape(Linear(), [0, 1, 2], [1.0, 3.1, 4.9], over="slope")
        >>> found.animate("slope.gif")
        Traceback (most recent call last):
            ...
        physfit.errors.InputError: there are no paths to animate; pass `methods`.
        """
        from physfit.data.files.atomic import atomic_file
        from physfit.plot.landscape import animation

        if not self.paths:
            raise InputError("there are no paths to animate; pass `methods`.")
        if not str(path).lower().endswith(".gif"):
            raise InputError(f"an animation must end in .gif, but is `{path}`.")
        with atomic_file(path, overwrite) as temporary:
            temporary.write_bytes(animation(self, frames))
