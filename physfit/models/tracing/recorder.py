"""What one run of a function writes down, and the samples that it may know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import ModelError
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing.errors import NeedsGrid, TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.paths import Paths

__all__ = ["Recorder"]

#: Operations that may be written down; sums of many become loops of a few.
MOST_STEPS = 100_000


class Recorder:
    """State of a trace.

    Attributes
    ----------
    builder : Builder
    grid : tuple of ndarray or None
        Coordinates of the samples, where they are known.
    arrays : list of ndarray
        Numbers by sample that the graph reads.
    frame : Frame
        All samples of the grid.
    paths : Paths
        The decisions of this run.
    is_bound : bool
        Whether anything was asked that only this grid answers.
    pointwise : int
        How many loops over single samples are under way whose results join outside of
        the function (`np.vectorize`).
    loop : Frame or None
        Samples of the last loop over single samples: a list with one entry may be what
        such a loop made.
    level : int
        How fine the rules of integrals are.
    integrals : list of tuple of Term
        Integrals by two rules, whose difference tells their error.
    rebuilt : callable or None
        Copies a function of a library too.
    refusals : list of TraceError
        What was refused, in case the function catches it.
    """

    def __init__(
        self, columns: int, n_parameters: int, grid: Sequence[NDArray[Any]] | None
    ) -> None:
        self.builder = Builder(MOST_STEPS)
        self.grid = None if grid is None else tuple(np.ravel(one) for one in grid)
        self.columns = columns
        self.n_parameters = n_parameters
        self.arrays: list[NDArray[np.float64]] = []
        self.frame = Frame(None if self.grid is None else self.grid[0].size)
        self.paths = Paths()
        self.is_bound = False
        self.pointwise = 0
        self.loop: Frame | None = None
        self.level = 0
        self.integrals: list[tuple[Term, Term]] = []
        self.refusals: list[TraceError] = []
        self.rebuilt: Callable[..., Any] | None = None
        self._array_places: dict[bytes, int] = {}

    def refuse(self, error: TraceError) -> TraceError:
        """The error, remembered: the function may swallow it."""
        self.refusals.append(error)
        return error

    def needs_grid(self, what: str) -> None:
        """Note that the graph is valid for this grid only.

        Raises
        ------
        NeedsGrid
            When the grid is not known.
        """
        if self.grid is None:
            raise self.refuse(NeedsGrid(f"asks for {what}, which the data tell."))
        self.is_bound = True

    def note_integral(self, value: Any, finer: Any) -> None:
        """Remember an integral by two rules."""
        pairs = (
            ((value.re, finer.re), (value.im, finer.im))
            if hasattr(value, "re")
            else ((value, finer),)
        )
        self.integrals += pairs

    def constant(self, value: float) -> Term:
        """Term of a number."""
        return Term(self.builder, self.builder.constant(value))

    def sample(self, array: NDArray[Any]) -> Term:
        """Term of the entry of an array that has a number for each sample."""
        self.needs_grid("arrays along the samples")
        array = np.ascontiguousarray(array, dtype=np.float64)
        if array.size and np.all(array == array[0]):
            return self.constant(float(array[0]))
        key = array.tobytes()
        if key not in self._array_places:
            self._array_places[key] = len(self.arrays)
            self.arrays.append(array)
        return Term(self.builder, self.builder.sample(self._array_places[key]))

    def apply(self, name: str, *terms: Term) -> Term:
        """Term of an operation.

        Raises
        ------
        TraceError
            When the graph does not know it, or is full.
        """
        try:
            return terms[0].apply(name, *terms[1:])
        except KeyError:
            raise self.refuse(
                TraceError(f"is `{name}`, which graphs do not have.")
            ) from None
        except ModelError as error:
            raise self.refuse(TraceError(str(error))) from None
