"""A model and a loss whose data change from window to window.

Data that do not fit into memory come in windows: columns of a fixed capacity, of which
the first `n` rows are in use. A binding is one problem with working memory of its own;
`bind` points it to a window without copying. Each thread has a binding of its own.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from physfit.engine import blocks, jit
from physfit.engine.gradient import gradient_of_rows
from physfit.engine.layout import Layout
from physfit.engine.normal import normal_equations
from physfit.engine.problem import address_of, assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.engine.spin_words import spin_rows
from physfit.engine.structs import Problem
from physfit.errors import ModelError
from physfit.kernels.registry import LossKernel
from physfit.typing import FloatArray

__all__ = ["Binding", "WindowColumns"]


class WindowColumns(Protocol):
    """Columns of which the first `n` rows are data."""

    @property
    def x(self) -> Any:
        """Coordinates, float64, shape (n_inputs, capacity), C-contiguous.

        For spins int8, shape (capacity, n_spins).
        """

    @property
    def y(self) -> FloatArray:
        """Data, shape (n_outputs, capacity), strided as `weights`."""

    @property
    def weights(self) -> FloatArray:
        """1 / sigma, or ones, shape (n_outputs, capacity)."""

    @property
    def n(self) -> int:
        """Rows in use."""


class Binding:
    """Model times loss, bound to one window after the other.

    Parameters
    ----------
    layout : Layout
        Of the model.
    loss : LossKernel
    hyper : tuple of float
        Its hyper-parameters.

    Attributes
    ----------
    problem : int
        Address of the problem, the same for all windows.
    gradient, sums : int
        Addresses of the compiled gradient over a range of rows and of cost, gradient
        and Gauss-Newton matrix over all rows of the window.
    n_free : int
        Number of free parameters.

    Raises
    ------
    ModelError
        When a component of the model needs the whole curve at once.
    """

    def __init__(
        self, layout: Layout, loss: LossKernel, hyper: tuple[float, ...] = ()
    ) -> None:
        if layout.needs_whole_curve:
            raise ModelError(
                "the model has a component that needs the whole curve at once, but the "
                "rows come in windows; fit it to data in memory, without batches."
            )
        self.n_free = len(layout.free)
        none = np.empty((layout.n_outputs, 0))
        self._problem = problem_of(
            assemble(layout),
            np.empty((layout.n_inputs, 0)),
            none,
            none,
            blocks.loss(loss).address,
            np.array(hyper, dtype=np.float64),
        )
        self._takes_spins = layout.takes_spins
        self._rows: tuple[WindowColumns, Any] | None = None
        self.problem = self._problem.address
        self.gradient = jit.compiled(gradient_of_rows).address
        self.sums = jit.compiled(normal_equations).address

    def bind(self, window: WindowColumns) -> None:
        """Point to the rows of a window, which is kept alive until the next one."""
        words = self._problem.memory.words
        x = window.x
        if self._takes_spins:
            x = spin_rows(x if x.dtype == np.int8 else x[:, : window.n])
        words[Problem.x] = address_of(x)
        words[Problem.y] = address_of(window.y)
        words[Problem.weights] = address_of(window.weights)
        words[Problem.ldx] = x.strides[0] // x.itemsize
        words[Problem.sample_bytes] = x.strides[0] if self._takes_spins else 8
        words[Problem.ldy] = window.y.strides[0] // 8
        words[Problem.n_samples] = window.n
        self._rows = window, x

    def add_gradient(self, theta: FloatArray, out: FloatArray) -> float:
        """Add the gradient at `theta` over the window to `out` (P); return the cost."""
        call = jit.compiled(gradient_of_rows).call
        places = (
            address_of(theta),
            0,
            int(self._problem.memory.words[Problem.n_samples]),
            address_of(out),
        )
        return float(call(self.problem, *places))

    def values_and_partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Model (n_outputs, n) and its partials (P, n_outputs, n) over the window."""
        value, partials = tabulate(self._problem, theta, FREE)
        assert partials is not None
        return value, partials

    def release(self) -> None:
        """Give back working memory; the binding must not be used again."""
        self._rows = None
        release(self._problem)
