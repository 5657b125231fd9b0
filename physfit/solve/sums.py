"""Model times loss times the rows of a file: sums over it, one pass each.

The rows come in windows; each is summed in a thread of its own, and the sums of the
windows are added in their order. So the answer depends on the windows (on the memory
granted), but on no thread and on no timing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TypeVar

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source, Window
from physfit.data.one_pass import map_windows
from physfit.data.stream import DEFAULT_MEMORY
from physfit.engine.abi import BLOCK
from physfit.engine.layout import Layout
from physfit.engine.residual_scale import (
    OVER_MEAN,
    OVER_MEDIAN,
    freedom_of,
)
from physfit.engine.score_sums import (
    ScoreSums,
    score_sums_of,
    score_sums_size,
    summed_scores,
)
from physfit.engine.workers import undisturbed
from physfit.errors import ShapeError
from physfit.models.loss import Loss
from physfit.objective import Objective, rounding_of
from physfit.solve.factor import added, factor_of
from physfit.solve.pass_median import PassMedian
from physfit.solve.spin_gram import counts_bits, gram_of
from physfit.typing import FloatArray

__all__ = ["StreamedObjective"]

#: Blocks of rows wanted for the meat of a sandwich, so that it is good to 1.5 %.
BLOCKS = 8192
Result = TypeVar("Result")


class StreamedObjective:
    """What a solver minimises, where the rows stay in their file.

    Parameters
    ----------
    layout : Layout
        Of the model.
    source : Source
    loss : Loss
    memory : int
        Bytes for the buffers of a pass.
    threads : int
        Threads that read and sum.
    nan : {"raise", "omit"}
        Whether rows that are not finite are refused or left out.

    Attributes
    ----------
    n_free : int
        Number of free parameters.
    n_evals : int
        Passes over the data so far.
    n_rows : int
        Rows in use: those of the source, without those left out once a pass is done.
    rounding : float
        Relative residuals this small are rounding errors of the data.
    squares : float
        Sum of the squared weighted data, after the first pass.

    Raises
    ------
    ShapeError
        When the columns of the source are not those of the model.
    """

    def __init__(
        self,
        layout: Layout,
        source: Source,
        loss: Loss,
        *,
        memory: int = DEFAULT_MEMORY,
        threads: int = 1,
        nan: NanPolicy = "raise",
    ) -> None:
        _check(layout, source)
        self.layout = layout
        self.source = source
        self.loss = loss
        self.memory = memory
        self.threads = threads
        self.nan = nan
        self.n_free = len(layout.free)
        self.n_evals = 0
        self.rounding = rounding_of(loss)
        self.has_domain = loss.traits.has_domain
        self.is_robust = not loss.traits.is_likelihood
        self.n_rows = source.n_rows
        self.squares = np.nan
        self._scale, self._median = 1.0, PassMedian()
        self._objectives = [Objective.of_windows(layout, loss) for _ in range(threads)]

    @property
    def n_samples(self) -> int:
        """Number of real numbers in the rows in use."""
        return self.n_rows * self.layout.n_outputs

    def cost(self, theta: FloatArray) -> float:
        """Cost at `theta`, shape (P,)."""

        def own(objective: Objective, window: Window) -> FloatArray:
            return np.array([objective.cost(theta)])

        return float(self._summed(own, 1)[0])

    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (P,)."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        size = 1 + self.n_free

        def own(objective: Objective, window: Window) -> FloatArray:
            sums = np.zeros(size)
            sums[0] = objective.add_gradient(theta, sums[1:])
            return sums

        sums = self._summed(own, size)
        return float(sums[0]), sums[1:]

    def normal(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Cost, gradient (P,) and Gauss-Newton matrix (P, P)."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        n = self.n_free
        is_counted = self.loss.traits.is_quadratic and counts_bits(self.layout)

        def own(objective: Objective, window: Window) -> FloatArray:
            gradient, gram = np.zeros(n), None
            if is_counted:
                gram = gram_of(self.layout, window)
            if gram is None:
                cost, gradient, gram = objective.normal(theta)
            else:
                cost = objective.add_gradient(theta, gradient)
            return np.concatenate([[cost], gradient, gram.ravel()])

        sums = self._summed(own, 1 + n + n * n)
        return float(sums[0]), sums[1 : n + 1], sums[n + 1 :].reshape(n, n)

    def measure_by(self, scale: float) -> None:
        """Take a number for the standard deviation of all samples."""
        for objective in self._objectives:
            objective.measure_by(scale)
        self.squares *= (self._scale / scale) ** 2
        self._scale = scale

    def scales(self, theta: FloatArray) -> tuple[float, float]:
        """Scales of the residuals by their median and by their mean size."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)

        def sizes(objective: Objective) -> FloatArray:
            return np.abs(objective.y - objective.values(theta)).ravel()

        median, mean = self._median.of(partial(self._taken, sizes))
        freedom = freedom_of(self.n_samples, self.n_free)
        return OVER_MEDIAN * freedom * median, OVER_MEAN * freedom * mean

    def typical_size(self) -> tuple[float, bool]:
        """Median size of the data, and whether more than half of them have it."""

        def sizes(objective: Objective) -> FloatArray:
            return np.abs(objective.y).ravel()

        typical, _ = PassMedian().of(partial(self._taken, sizes))
        equal = self._taken(sizes, lambda own: int(np.count_nonzero(own == typical)))
        return typical, 2 * sum(equal) > self.n_samples

    @undisturbed
    def _taken(
        self,
        numbers: Callable[[Objective], FloatArray],
        take: Callable[[FloatArray], Result],
    ) -> list[Result]:
        """What is taken of the numbers of every window, in their order."""

        def own(objective: Objective, window: Window) -> Result:
            return take(numbers(objective))

        with closing(self._pass(own)) as windows:
            return list(windows)

    def score_sums(self, theta: FloatArray, *, is_likelihood: bool) -> ScoreSums:
        """All sums that say what an estimate is worth, see `engine.score_sums`."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        block_rows = _block_rows(self.source.n_rows)

        def own(objective: Objective, window: Window) -> FloatArray:
            return summed_scores(
                *(objective.problem, self.n_free, theta, block_rows, is_likelihood)
            )

        return score_sums_of(
            self._summed(own, score_sums_size(self.n_free)), self.n_free
        )

    @undisturbed
    def weighted_rows(
        self, theta: FloatArray, *, plain: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """Triangular factor of the weighted partials, and its residual.

        Parameters
        ----------
        theta : ndarray, shape (P,)
        plain : bool
            Whether the weights are 1 / sigma^2 rather than those of Gauss and Newton.

        Returns
        -------
        rows : ndarray, shape (P, P)
            `rows @ rows.T` is the Gauss-Newton matrix, with all its digits.
        residual : ndarray, shape (P,)
            `rows @ residual` is the gradient.
        """
        theta = np.ascontiguousarray(theta, dtype=np.float64)

        def own(objective: Objective, window: Window) -> FloatArray:
            return factor_of(objective, theta, plain=plain)

        n = self.n_free
        total = np.zeros((0, n + 1))
        with closing(self._pass(own)) as windows:
            for factor in windows:
                total = added(total, factor)
        square = np.zeros((n, n + 1))
        square[: min(len(total), n)] = total[:n]
        return np.ascontiguousarray(square[:, :n].T), square[:, n].copy()

    def summed(
        self, function: Callable[[Objective], FloatArray], size: int
    ) -> FloatArray:
        """Sums of `size` numbers over all rows, that a function of some rows gives."""

        def own(objective: Objective, window: Window) -> FloatArray:
            return function(objective)

        return self._summed(own, size)

    @contextmanager
    def softened(self, least: float, margin: float) -> Iterator[None]:
        """Within it the loss is defined for every finite model; see `Objective`."""
        with ExitStack() as stack:
            for objective in self._objectives:
                stack.enter_context(objective.softened(least, margin))
            yield

    def release(self) -> None:
        """Give back working memory; the objective must not be used again."""
        for objective in self._objectives:
            objective.release()

    @undisturbed
    def _summed(
        self, function: Callable[[Objective, Window], FloatArray], size: int
    ) -> FloatArray:
        """Sum of an array over all windows, in their order."""
        total = np.zeros(size)
        with closing(self._pass(function)) as windows:
            for sums in windows:
                total += sums
        return total

    def _pass(
        self, function: Callable[[Objective, Window], Result]
    ) -> Generator[Result]:
        """Result of every window, in their order, while threads go ahead."""
        first = bool(np.isnan(self.squares))

        def own(window: Window, worker: int) -> tuple[int, float, Result]:
            objective = self._objectives[worker]
            objective.bind(window.x, window.y, window.weights, window.n)
            squares = objective.squares if first else 0.0
            return window.n, squares, function(objective, window)

        self.n_evals += 1
        n_rows, total = 0, 0.0
        for n, squares, result in map_windows(
            self.source,
            own,
            memory=self.memory,
            threads=self.threads,
            nan=self.nan,
            loss=self.loss.kernel,
        ):
            n_rows, total = n_rows + n, total + squares
            yield result
        self.n_rows = n_rows
        self.squares = total if first else self.squares


def _block_rows(n_rows: int) -> int:
    """Rows of a block of the sandwich: a power of two, at most those of the engine."""
    rows = 1
    while rows < BLOCK and 2 * rows * BLOCKS <= n_rows:
        rows *= 2
    return rows


def _check(layout: Layout, source: Source) -> None:
    """Refuse a source whose columns are not those of the model."""
    if source.n_spins and not layout.takes_spins:
        raise ShapeError(
            f"{source.name} holds configurations of {source.n_spins} spins, but the "
            "model takes numbers; take couplings of spins, or other columns."
        )
    given = (source.n_inputs, source.n_outputs)
    wanted = (layout.n_inputs, layout.n_outputs)
    if given != wanted:
        raise ShapeError(
            f"{source.name} gives {given[0]} coordinate(s) and {given[1]} value(s) a "
            f"row, but the model takes {wanted[0]} and {wanted[1]}; name its columns."
        )
