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
from physfit.engine.layout import Evaluate, Layout
from physfit.engine.normal import normal_equations
from physfit.engine.problem import address_of, assemble, problem_of, release
from physfit.engine.program import tabulate
from physfit.engine.slots import LDX, LDY, N_SAMPLES, W, X, Y
from physfit.engine.spins import spin_gradient
from physfit.kernels.registry import LossKernel
from physfit.typing import FloatArray

__all__ = ["Binding", "Rows"]


class Rows(Protocol):
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
        and Gauss-Newton matrix over all rows of the window (0 for spins, whose
        Gauss-Newton matrix never changes: see `solve.normal_sums`).
    n_free : int
        Number of free parameters.
    """

    def __init__(
        self, layout: Layout, loss: LossKernel, hyper: tuple[float, ...] = ()
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
        has_spins = _has_spins(layout)
        gradient = spin_gradient if has_spins else gradient_of_rows
        self.gradient = jit.compiled(gradient).address
        self.sums = 0 if has_spins else jit.compiled(normal_equations).address

    def bind(self, window: Rows) -> None:
        """Point to the rows of a window, which is kept alive until the next one."""
        words = self._problem.memory.words
        words[X] = address_of(window.x)
        words[Y] = address_of(window.y)
        words[W] = address_of(window.weights)
        words[LDX] = window.x.strides[0] // window.x.itemsize
        words[LDY] = window.y.strides[0] // 8
        words[N_SAMPLES] = window.n
        self._rows = window
        is_int8 = window.x.dtype == np.int8
        chosen = spin_gradient if is_int8 else gradient_of_rows
        self.gradient = jit.compiled(chosen).address

    def add_gradient(self, theta: FloatArray, out: FloatArray) -> float:
        """Add the gradient at `theta` over the window to `out` (P); return the cost."""
        assert self._rows is not None
        is_int8 = self._rows.x.dtype == np.int8
        call = jit.compiled(spin_gradient if is_int8 else gradient_of_rows).call
        places = address_of(theta), 0, self._rows.n, address_of(out)
        return float(call(self.problem, *places))

    def values_and_partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Model (n_outputs, n) and its partials (P, n_outputs, n) over the window."""
        value, partials = tabulate(self._problem, theta, "free")
        assert partials is not None
        return value, partials

    def release(self) -> None:
        """Give back working memory; the binding must not be used again."""
        self._rows = None
        release(self._problem)


def _has_spins(layout: Layout) -> bool:
    """Whether the rows of a model are configurations of spins."""
    first = layout.operations[0]
    return isinstance(first, Evaluate) and first.products is not None
