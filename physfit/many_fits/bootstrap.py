"""The bootstrap: errors from refits of data made from the data themselves.

- residual: the fitted curve plus residuals drawn with replacement, in units of sigma,
  centred and divided by sqrt(1 - leverage), which makes up for what the fit took out;
- pairs: samples (x, y, sigma) drawn with replacement; believes neither sigma nor the
  model, and holds for samples of any x;
- parametric: the fitted curve plus noise as stated: normal with sigma, or with the
  scatter of the residuals where no sigma was given; counts for the Poisson loss.

References
----------
Davison & Hinkley, Bootstrap Methods and their Application (1997), section 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.errors import InputError, did_you_mean
from physfit.fitting.row_settings import RowSettings
from physfit.many_fits.replicas import Maker, Refits, as_rows, fits_of, fitted, refits
from physfit.result.fit_result import FitResult
from physfit.result.row_table import RowTable
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import ROBUST
from physfit.uncertainty.intervals import (
    acceleration,
    bca_interval,
    percentile_interval,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Bootstrap", "BootstrapEstimate", "bootstrap"]

KINDS = ("residual", "pairs", "parametric")
#: Samples up to which one after the other is left out, for the BCa interval.
MOST_LEFT_OUT = 4000
#: Largest leverage that is made up for.
MOST_LEVERAGE = 0.99
#: Share of refits that may fail without a word.
FEW = 0.02


class BootstrapEstimate(NamedTuple):
    """What the refits say of one parameter.

    Attributes
    ----------
    name : str
    value, stated : float
        Of the fit, with its standard error.
    stderr, bias : float
        Standard deviation of the refits; their mean less the value.
    interval : (float, float)
        Range of the middle 68.3 % of the refits.
    bca : (float, float)
        The same, bias-corrected and accelerated; NaN where it does not exist.
    unit : str
    """

    name: str
    value: float
    stated: float
    stderr: float
    bias: float
    interval: tuple[float, float]
    bca: tuple[float, float]
    unit: str


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap:
    """Refits of one fit; `boot["center"]` is what they say of a parameter.

    Attributes
    ----------
    result : FitResult
        The fit that was repeated.
    kind : str
        "residual", "pairs" or "parametric".
    replicas : ndarray, shape (n, P)
        Free parameters of the refits that converged.
    n_failed : int
        Refits that did not; they are left out.
    left_out : ndarray, shape (n_samples, P), or None
        Free parameters with one sample left out each.
    """

    result: FitResult
    kind: str
    replicas: FloatArray
    n_failed: int
    left_out: FloatArray | None = None

    def __getitem__(self, name: str) -> BootstrapEstimate:
        names = self.result.free_names
        if name not in names:
            raise InputError(
                f"{name!r} is no free parameter; {did_you_mean(str(name), names)}"
            )
        return self.estimates[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.result.free_names)

    @cached_property
    def estimates(self) -> dict[str, BootstrapEstimate]:
        """What the refits say of each free parameter."""
        return {name: self._estimate(k) for k, name in enumerate(self)}

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the refits, shape (P, P)."""
        return np.atleast_2d(np.cov(self.replicas.T))

    def _estimate(self, place: int) -> BootstrapEstimate:
        name = self.result.free_names[place]
        own, found = self.result[name], self.replicas[:, place]
        level = math.erf(math.sqrt(0.5))
        bca = (math.nan, math.nan)
        if self.left_out is not None:
            accelerated = acceleration(self.left_out[:, place])
            bca = bca_interval(found, own.value, accelerated, level)
        return BootstrapEstimate(
            name,
            own.value,
            own.stderr,
            float(found.std(ddof=1)),
            float(found.mean()) - own.value,
            percentile_interval(found, level),
            bca,
            own.unit,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what should not be overlooked."""
        n = len(self.replicas)
        found = []
        if self.n_failed > FEW * (n + self.n_failed):
            found.append(
                f"{self.n_failed} of {n + self.n_failed} refits did not converge and "
                "are left out; the errors are those of the others."
            )
        for own in self.estimates.values():
            ratio = own.stderr / own.stated if own.stated > 0.0 else math.nan
            # The standard deviation of n normal numbers is known to 1 / sqrt(2 n).
            if abs(ratio - 1.0) > max(0.1, 4.0 / math.sqrt(2.0 * n)):
                size = "larger" if ratio > 1.0 else "smaller"
                found.append(
                    f"`{own.name}`: the refits spread {ratio:.2f} times as much as the "
                    f"error stated; the data are not what it takes them for, or its "
                    f"error is {size} than linear theory says."
                )
        return tuple(found)

    def report(self) -> str:
        """Text with the stated error, that of the refits, bias and intervals."""
        head = ("", "value", "stated", "bootstrap", "bias", "68 % BCa", "unit")
        rows = [head, *(_row(own) for own in self.estimates.values())]
        widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
        lines = [
            f"{self.result.model.expression}: {len(self.replicas)} refits, "
            f"{self.kind} bootstrap",
            *(
                "  ".join(
                    cell.ljust(width) for cell, width in zip(row, widths, strict=True)
                ).rstrip()
                for row in rows
            ),
            *(f"warning: {text}" for text in self.warnings),
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        n = len(self.replicas)
        return f"<Bootstrap of {self.result.model.expression}: {n} {self.kind} refits>"

    def plot(self) -> Figure:
        """Histograms of the refits with the stated errors.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> len(pf.bootstrap(line, n=100).plot().axes)
        2
        """
        from physfit.plot.replicas import replicas_figure

        return replicas_figure(self.replicas, tuple(self.estimates.values()))


def _row(own: BootstrapEstimate) -> tuple[str, ...]:
    low, high = own.bca if not math.isnan(own.bca[0]) else own.interval
    numbers = (own.value, own.stated, own.stderr, own.bias)
    shown = (f"{numbers[0]:.6g}", *(f"{value:.3g}" for value in numbers[1:]))
    return own.name, *shown, f"{low:.6g} to {high:.6g}", own.unit


def bootstrap(
    result: FitResult,
    n: int = 1000,
    *,
    kind: str = "residual",
    seed: int = 0,
    threads: int | None = None,
) -> Bootstrap:
    """Refit data made from those of a fit, for errors that do not rest on theory.

    Parameters
    ----------
    result : FitResult
        Of all samples in memory.
    n : int
        How many refits.
    kind : {"residual", "pairs", "parametric"}
        What the data are made of; see the theory.
    seed : int
        Of the draws.
    threads : int, optional
        As many as the scheduler grants if left out; the answer does not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    InputError
        When the result has no data for it, or `kind` does not go with the loss.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 4.0, 50)
    >>> y = 2.0 * x + 1.0 + 0.1 * np.random.default_rng(1).normal(size=50)
    >>> line = pf.fit(pf.models.Linear(), x, y, sigma=0.1)
    >>> boot = pf.bootstrap(line, n=500)
    >>> abs(boot["slope"].stderr / line["slope"].stderr - 1.0) < 0.3
    True
    """
    make = _maker(result, kind)
    count = RowSettings(threads=threads).n_threads
    how = Refits(
        result.model, result.loss, result.solution.theta, result.is_absolute, count
    )
    table = refits(how, make, n, seed)
    good = ~table.failed
    if good.sum() < 2:
        raise InputError(
            f"none of {n} refits converged; look at the fit first: {result.message}."
        )
    left_out = _left_out(how, result)
    return Bootstrap(result, kind, table.theta[good], int(table.failed.sum()), left_out)


def _maker(result: FitResult, kind: str) -> Maker:
    """Function that makes data sets."""
    if kind not in KINDS:
        raise InputError(f"`kind` {kind!r} is unknown; {did_you_mean(kind, KINDS)}")
    if result.data.n_total is not None or result.model.spins:
        raise InputError(
            "a bootstrap needs all samples in memory, but this fit was made in passes "
            "over rows; its report has sandwich errors, which need no theory either."
        )
    is_counts, is_robust = result.loss.name == "poisson", result.loss.name in ROBUST
    if is_counts and kind == "residual":
        raise InputError(
            "residuals of counts are not alike; take kind='parametric' or 'pairs'."
        )
    if is_robust and kind == "parametric":
        raise InputError(
            f"`{result.loss}` does not say what the noise is; take kind='residual' or "
            "'pairs'."
        )
    if kind == "pairs":
        return _pairs(result)
    curve = _curve(result)
    return _residual(result, curve) if kind == "residual" else _noisy(result, curve)


def _curve(result: FitResult) -> FloatArray:
    """Fitted curve at the samples, shape (n_outputs, n)."""
    values = np.asarray(result.model(result.data.x[0], **_values(result)))
    if result.model.n_inputs > 1:
        values = np.asarray(result.model(result.data.x, **_values(result)))
    rows = [values.real, values.imag] if result.model.n_outputs == 2 else [values]
    return np.array(rows, dtype=np.float64)


def _values(result: FitResult) -> dict[str, float]:
    theta = result.solution.theta.tolist()
    return dict(zip(result.free_names, theta, strict=True))


def _pairs(result: FitResult) -> Maker:
    data = result.data

    def make(rng: np.random.Generator, n: int) -> RowData:
        drawn = rng.integers(0, data.y.shape[1], (n, data.y.shape[1]))
        y = as_rows(data.y[:, drawn].transpose(1, 0, 2))
        x = np.ascontiguousarray(data.x[:, drawn].transpose(1, 0, 2))
        sigma = None if data.sigma is None else data.sigma[0][drawn]
        return RowData(y, x, sigma)

    return make


def _residual(result: FitResult, curve: FloatArray) -> Maker:
    data = result.data
    scale = np.ones_like(data.y) if data.sigma is None else data.sigma
    rest = (data.y - curve) / scale / np.sqrt(1.0 - _leverage(result))
    rest -= rest.mean(axis=1, keepdims=True)

    def make(rng: np.random.Generator, n: int) -> RowData:
        drawn = rng.integers(0, rest.shape[1], (n, rest.shape[1]))
        y = curve[:, None] + scale[:, None] * rest[:, drawn]
        return RowData(as_rows(y.transpose(1, 0, 2)), data.x, _one(data.sigma))

    return make


def _noisy(result: FitResult, curve: FloatArray) -> Maker:
    data = result.data
    if result.loss.name == "poisson":

        def counts(rng: np.random.Generator, n: int) -> RowData:
            drawn = rng.poisson(np.maximum(curve[0], 0.0), (n, curve.shape[1]))
            return RowData(drawn.astype(np.float64), data.x, None)

        return counts
    spread: Any = data.sigma
    if spread is None:
        spread = math.sqrt(result.chi2 / max(1, result.dof))

    def make(rng: np.random.Generator, n: int) -> RowData:
        noise = spread * rng.normal(size=(n, *curve.shape))
        return RowData(as_rows(curve + noise), data.x, _one(data.sigma))

    return make


def _one(sigma: FloatArray | None) -> FloatArray | None:
    """Standard deviations that all rows share, shape (1, n)."""
    return None if sigma is None else sigma[:1]


def _leverage(result: FitResult) -> FloatArray:
    """Share of each sample in its own fitted value, in the shape of the data."""
    rows, _ = result.objective.weighted_rows(result.solution.theta)
    _, singular, right = np.linalg.svd(rows, full_matrices=False)
    known = singular > 1e-12 * singular.max(initial=0.0)
    share = (right[known] ** 2).sum(axis=0).reshape(result.data.y.shape)
    kept: FloatArray = np.minimum(share, MOST_LEVERAGE)
    return kept


def _left_out(how: Refits, result: FitResult) -> FloatArray | None:
    """Parameters with one sample left out each; None for too many samples."""
    n = result.data.y.shape[1]
    if n > MOST_LEFT_OUT or n <= len(how.start):
        return None
    numbers: IntArray = np.arange(n)
    table = _without(how, result, numbers)
    theta: FloatArray = np.where(table.failed[:, None], how.start, table.theta)
    return theta


def _without(how: Refits, result: FitResult, numbers: IntArray) -> RowTable:
    data = result.data
    y = np.broadcast_to(as_rows(data.y[None]), (len(numbers), data.y.shape[1]))
    mask = numbers[:, None] == np.arange(data.y.shape[1])
    rows = RowData(np.ascontiguousarray(y), data.x, _one(data.sigma), mask)
    return fitted(fits_of(how), how, rows)
