"""What a solver minimises: the cost of a model against data, with its derivatives.

The cost is the sum of the loss's rho over all samples. Names, units, ties and bounds
exist above this module; here and below there is one flat vector of free parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from physfit.engine import (
    blocks,
    fit,
    gradient,
    jit,
    normal,
    program,
    residual_scale,
    residuals,
)
from physfit.engine.addresses import address_of
from physfit.engine.host import evaluation
from physfit.engine.host_calls import Look
from physfit.engine.layout import Layout
from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.spin_words import spin_rows
from physfit.engine.structs import Problem
from physfit.errors import ModelError
from physfit.models.loss import Loss
from physfit.typing import FloatArray

__all__ = ["ROUNDING", "Objective", "Term", "rounding_of", "weighted"]

#: Relative residuals this small are rounding errors of model and data.
ROUNDING = 2.220446049250313e-16
NONE = np.empty(0)


class Term(ABC):
    """What a solver minimises, alone or as a term of a `JointObjective`.

    Attributes
    ----------
    n_free : int
        Number of free parameters, P.
    n_evals : int
        Evaluations so far.
    n_samples : int
        Number of residuals: of real numbers in the data.
    rounding : float
        Relative residuals this small are rounding errors of the data; 0 where the loss
        implies the noise, whose size the data do not tell.
    is_robust : bool
        Whether outliers may make up the cost (see `engine.state`).
    address : int
        Address of the problem that the compiled sums are given.
    has_domain : bool
        Whether the loss is not defined for every finite model.
    calls_python : bool
        Whether compiled code calls Python functions for the model.
    look : Look or None
        What these gave where a fit begins.
    """

    #: Entry of the compiled core that gives cost, gradient and Gauss-Newton matrix.
    entry: ClassVar[Callable[..., Any]]
    n_free: int
    n_evals: int
    n_samples: int
    rounding: float
    is_robust: bool = False
    address: int
    has_domain: bool = False
    calls_python: bool = False
    look: Look | None = None

    @property
    def sums(self) -> int:
        """Address of cost, gradient and Gauss-Newton matrix."""
        return jit.compiled(type(self).entry).address

    @property
    @abstractmethod
    def squares(self) -> float:
        """Sum of the squared weighted data."""

    @abstractmethod
    def cost(self, theta: FloatArray) -> float:
        """Cost at `theta`, shape (P,)."""

    @abstractmethod
    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (P,)."""

    def normal(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Cost, gradient (P,) and Gauss-Newton matrix (P, P)."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        slopes = np.empty(self.n_free)
        gauss_newton = np.empty((self.n_free, self.n_free))
        sums = evaluation(type(self).entry, self.calls_python)
        answers = slopes.ctypes.data, gauss_newton.ctypes.data
        cost = sums(self.address, theta.ctypes.data, *answers)
        return float(cost), slopes, gauss_newton

    @abstractmethod
    def weighted_rows(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Partials times the root of the Gauss-Newton weights, and the residuals.

        Returns
        -------
        rows : ndarray, shape (P, n_samples)
            `rows @ rows.T` is the Gauss-Newton matrix.
        residual : ndarray, shape (n_samples,)
            `rows @ residual` is the gradient.
        """


class Objective(Term):
    """Model times loss times data, bound to the compiled core.

    Parameters
    ----------
    layout : Layout
        Of the model.
    x : ndarray, shape (n_inputs, n)
        C-contiguous float64, as `y` and `weights`.
    y : ndarray, shape (n_outputs, n)
        Data; real and imaginary parts for complex models.
    weights : ndarray, shape (n_outputs, n)
        1 / sigma, or ones.
    loss : Loss
    """

    entry = staticmethod(normal.normal_equations)

    def __init__(
        self,
        layout: Layout,
        x: FloatArray,
        y: FloatArray,
        weights: FloatArray,
        loss: Loss,
    ) -> None:
        self.layout = layout
        self.x = x
        self.y = y
        self.weights = weights
        self.loss = loss
        self.n_evals = 0
        self.n_free = len(layout.free)
        self._hyper = np.array(loss.hyper, dtype=np.float64) if loss.hyper else NONE
        self.problem = problem_of(
            assemble(layout),
            x,
            y,
            weights,
            blocks.loss(loss.kernel).address,
            self._hyper,
        )
        self.address = self.problem.address
        self.calls_python = self.problem.program.calls_python
        self.n_samples, self.rounding = int(y.size), rounding_of(loss)
        self.has_domain = loss.traits.has_domain
        self.is_robust = not loss.traits.is_likelihood
        self._alike = NONE

    def release(self) -> None:
        """Give back working memory; the objective must not be used again."""
        release(self.problem)

    def twin(self) -> Objective:
        """The same data with working memory of its own, for another thread."""
        return Objective(self.layout, self.x, self.y, self.weights, self.loss)

    def __reduce__(self) -> tuple[type[Objective], tuple[object, ...]]:
        return Objective, (self.layout, self.x, self.y, self.weights, self.loss)

    def summed(
        self, function: Callable[[Objective], FloatArray], size: int
    ) -> FloatArray:
        """Sums of `size` numbers over all samples, that a function of them gives."""
        return function(self)

    @contextmanager
    def softened(self, least: float, margin: float) -> Iterator[None]:
        """Within it the loss is defined for every finite model.

        Parameters
        ----------
        least : float
            Data below it count as it.
        margin : float
            Models below it go on with the parabola of the loss there.
        """
        words = self.problem.memory.words
        before = words[[Problem.loss, Problem.hyper]]
        hyper = np.array([*self.loss.hyper, least, margin])
        words[Problem.loss] = blocks.softened_loss(self.loss.kernel).address
        words[Problem.hyper] = address_of(hyper)
        try:
            yield
        finally:
            words[[Problem.loss, Problem.hyper]] = before

    @classmethod
    def of_windows(cls, layout: Layout, loss: Loss) -> Objective:
        """An objective without data, which is bound to one window after the other.

        Raises
        ------
        ModelError
            When a component of the model needs the whole curve at once.
        """
        layout = layout.in_windows
        layout.refuse_places()
        if layout.needs_whole_curve:
            names = [own.name for own in layout.kernels if own.needs_whole_curve]
            raise ModelError(
                f"{names[0]} needs the whole curve at once, but the rows come in "
                "windows; fit it to data in memory, without batches."
            )
        none = np.empty((layout.n_outputs, 0))
        return cls(layout, np.empty((layout.n_inputs, 0)), none, none, loss)

    def bind(self, x: NDArray[Any], y: FloatArray, weights: FloatArray, n: int) -> None:
        """Point to the first `n` rows of a window, without a copy.

        Parameters
        ----------
        x : ndarray, shape (n_inputs, capacity)
            C-contiguous float64; for spins int8, shape (capacity, n_spins).
        y, weights : ndarray, shape (n_outputs, capacity)
            Strided alike.
        n : int
        """
        if self._alike.size:
            weights = self._weights_like(y)
        words, takes_spins = self.problem.memory.words, self.layout.takes_spins
        if takes_spins:
            x = spin_rows(x if x.dtype == np.int8 else x[:, :n])
        words[Problem.x] = address_of(x)
        words[Problem.y] = address_of(y)
        words[Problem.weights] = address_of(weights)
        words[Problem.ldx] = x.strides[0] // x.itemsize
        words[Problem.sample_bytes] = x.strides[0] if takes_spins else 8
        words[Problem.ldy] = y.strides[0] // 8
        words[Problem.n_samples] = n
        self.x, self.y, self.weights = x, y[:, :n], weights[:, :n]
        self.n_samples = self.y.size

    @property
    def squares(self) -> float:
        """Sum of the squared weighted data."""
        return float(jit.compiled(fit.norm_of_data).call(self.address))

    def cost(self, theta: FloatArray) -> float:
        """Cost at `theta`, shape (P,)."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        call = evaluation(normal.cost_at, self.calls_python)
        return float(call(self.problem.address, theta.ctypes.data))

    def costs(self, thetas: FloatArray) -> FloatArray:
        """Costs at many points, shape (..., P), by one call of compiled code."""
        thetas = np.ascontiguousarray(thetas, dtype=np.float64)
        found = np.empty(thetas.shape[:-1])
        self.n_evals += found.size
        evaluation(normal.costs_at, self.calls_python)(
            self.problem.address,
            thetas.ctypes.data,
            found.size,
            thetas.shape[-1],
            found.ctypes.data,
        )
        return found

    def hold(self, place: int, value: float) -> None:
        """Move the fixed parameter at a place among all parameters to another value."""
        self.problem.memory.work[place] = value

    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (P,)."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        out = np.empty(self.n_free)
        call = evaluation(gradient.gradient_at, self.calls_python)
        return float(
            call(self.problem.address, theta.ctypes.data, out.ctypes.data)
        ), out

    def add_gradient(self, theta: FloatArray, out: FloatArray) -> float:
        """Add the gradient at `theta` to `out`, shape (P,); return the cost."""
        self.n_evals += 1
        call = evaluation(gradient.gradient_of_rows, self.calls_python)
        places = address_of(theta), 0, self.y.shape[1], address_of(out)
        return float(call(self.address, *places))

    def correlation(self, theta: FloatArray) -> float:
        """Correlation of neighbouring residuals, in its standard deviations."""
        self.n_evals += 1
        call = evaluation(residuals.correlation_at, self.calls_python)
        return float(call(self.address, address_of(theta)))

    def values(self, theta: FloatArray) -> FloatArray:
        """Model at `theta`, shape (n_outputs, n)."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        return program.tabulate(self.problem, theta)[0]

    def at_sets(
        self, theta: FloatArray, *, partials: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Model (R, n_outputs, n) at sets (R, P), partials (R, P, n_outputs, n)."""
        self.n_evals += len(theta)
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        wanted = program.FREE if partials else program.VALUES
        return program.tabulate_sets(self.problem, theta, wanted)

    def values_and_partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Model (n_outputs, n) and its partials (P, n_outputs, n), ties applied."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        value, partials = program.tabulate(self.problem, theta, program.FREE)
        assert partials is not None
        return value, partials

    def scales(self, theta: FloatArray) -> tuple[float, float]:
        """Scales of the residuals by their median and by their mean size."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        work, scales = np.empty(self.n_samples), np.empty(2)
        evaluation(residual_scale.scales_at, self.calls_python)(
            self.address, *(array.ctypes.data for array in (theta, work, scales))
        )
        by_median, by_mean = scales.tolist()
        return by_median, by_mean

    def typical_size(self) -> tuple[float, bool]:
        """Median size of the data, and whether more than half of them have it."""
        work = np.empty(self.n_samples)
        call = jit.compiled(residual_scale.sizes_of_data).call
        n_equal = call(self.address, work.ctypes.data)
        return float(work[0]), 2 * n_equal > self.n_samples

    def measure_by(self, scale: float) -> None:
        """Take a number for the standard deviation of all samples.

        Of windows those that will be bound; their own weights are left alone.
        """
        self._alike = np.full(max(1, self.y.size), 1.0 / scale)
        self.weights = self._weights_like(self.y)
        self.problem.memory.words[Problem.weights] = address_of(self.weights)

    def _weights_like(self, y: FloatArray) -> FloatArray:
        """The weight that all samples have, strided as `y` is."""
        span = sum(step * (n - 1) for step, n in zip(y.strides, y.shape, strict=True))
        if span // 8 >= self._alike.size:
            self._alike = np.full(span // 8 + 1, self._alike[0])
        return np.lib.stride_tricks.as_strided(self._alike, y.shape, y.strides)

    def loss_terms(self, values: FloatArray) -> FloatArray:
        """Rho, slope, weight and curvature of every sample, shape (4, n_outputs, n)."""
        return self.loss.terms(self.y, values, self.weights)

    def weighted_rows(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted partials (P, n_samples) and residuals (n_samples,)."""
        values, partials = self.values_and_partials(theta)
        if self.loss.traits.is_quadratic:
            return _plainly_weighted(partials, values - self.y, self.weights)
        return weighted(partials, self.loss_terms(values))


def rounding_of(loss: Loss) -> float:
    """Relative residuals that are rounding errors; 0 where the loss implies noise."""
    return ROUNDING if loss.traits.noise is None else 0.0


@np.errstate(all="ignore")
def _plainly_weighted(
    partials: FloatArray, difference: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Rows and residuals of chi2, without squares of weights, which may underflow."""
    rows = (partials * weights).reshape(len(partials), -1)
    return rows, (difference * weights).ravel()


@np.errstate(all="ignore")
def weighted(partials: FloatArray, terms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows and residuals of `weighted_rows` from partials and terms of the loss."""
    _, slope, weight, _ = terms
    root = np.sqrt(weight)
    rows = (partials * root).reshape(len(partials), -1)
    blank = np.zeros_like(slope)
    return rows, np.divide(slope, root, out=blank, where=root > 0.0).ravel()
