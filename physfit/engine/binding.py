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
from physfit.engine.slots import LDX, LDY, N_SAMPLES, W, X, Y
from physfit.typing import FloatArray

__all__ = ["Binding", "Rows"]


class Rows(Protocol):
    """Columns of which the first `n` rows are data."""

    @property
    def x(self) -> Any:
        """Coordinates, float64, shape (n_inputs, capacity), C-contiguous."""

    @property
    def y(self) -> FloatArray:
        """Data, shape (n_outputs, capacity), C-contiguous."""

    @property
    def weights(self) -> FloatArray:
        """1 / sigma, or ones, shape (n_outputs, capacity), C-contiguous."""

    @property
    def n(self) -> int:
        """Rows in use."""


class Binding:
    """Model times loss, bound to one window after the other.

    Parameters
    ----------
    layout : Layout
        Of the model.
    loss : str
        Name in the registry of losses.
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
    """

    def __init__(
        self, layout: Layout, loss: str, hyper: tuple[float, ...] = ()
    ) -> None:
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
        self._rows: Rows | None = None
        self.problem = self._problem.address
        self.gradient = jit.compiled(gradient_of_rows).address
        self.sums = jit.compiled(normal_equations).address

    def bind(self, window: Rows) -> None:
        """Point to the rows of a window, which is kept alive until the next one."""
        words = self._problem.memory.words
        words[X] = address_of(window.x)
        words[Y] = address_of(window.y)
        words[W] = address_of(window.weights)
        words[LDX] = window.x.shape[1]
        words[LDY] = window.y.shape[1]
        words[N_SAMPLES] = window.n
        self._rows = window

    def release(self) -> None:
        """Give back working memory; the binding must not be used again."""
        self._rows = None
        release(self._problem)
