"""Toys: data simulated from known parameters, fitted, and compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.errors import DomainError, InputError
from physfit.fitting.prepared import check_frame
from physfit.fitting.row_settings import RowSettings
from physfit.many_fits.replicas import Refits, as_rows, refits
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.result.row_table import RowTable
from physfit.typing import FloatArray
from physfit.uncertainty.rows import diagonal_places

__all__ = ["Toys", "ToysEstimate", "toys"]


class ToysEstimate(NamedTuple):
    """How one parameter came out of the toys.

    Attributes
    ----------
    name : str
    truth, mean, spread : float
        What it is; mean and standard deviation of the fits.
    pull_mean, pull_width : float
        Mean and standard deviation of (fit - truth) / stated error; 0 and 1 for errors
        that are right.
    within_1, within_2 : float
        Share of fits within one and two stated errors of the truth; 0.683 and 0.954
        for errors that are right.
    n : int
        Fits that these numbers are from.
    """

    name: str
    truth: float
    mean: float
    spread: float
    pull_mean: float
    pull_width: float
    within_1: float
    within_2: float
    n: int


@dataclass(frozen=True, eq=False, repr=False)
class Toys:
    """Fits of simulated data; `toys["center"]` is how a parameter came out.

    Attributes
    ----------
    model : Model
    truth : mapping of str to float
        Free parameters that the data were simulated with.
    table : RowTable
        Of all fits.
    """

    model: Model
    truth: Mapping[str, float]
    table: RowTable

    def __getitem__(self, name: str) -> ToysEstimate:
        place = self.model.free_index[name]
        theta = self.table.theta[:, place]
        with np.errstate(invalid="ignore"):
            places = diagonal_places(len(self.truth))
            stderr = np.sqrt(self.table.covariance[:, places[place]])
        good = ~self.table.failed & np.isfinite(stderr) & (stderr > 0.0)
        if good.sum() < 2:
            raise InputError(f"no toy gave `{name}` with an error; look at the fits.")
        pulls = (theta[good] - self.truth[name]) / stderr[good]
        return ToysEstimate(
            name,
            self.truth[name],
            float(theta[good].mean()),
            float(theta[good].std(ddof=1)),
            float(pulls.mean()),
            float(pulls.std(ddof=1)),
            float((np.abs(pulls) < 1.0).mean()),
            float((np.abs(pulls) < 2.0).mean()),
            int(good.sum()),
        )

    @property
    def n_failed(self) -> int:
        """Fits that did not converge."""
        return int(self.table.failed.sum())

    def report(self) -> str:
        """Text: bias, spread and pulls of each parameter, and failures."""
        head = (
            "",
            "truth",
            "mean",
            "spread",
            "pull mean",
            "pull width",
            "in 1",
            "in 2",
        )
        rows: list[tuple[str, ...]] = [head]
        for own in (self[name] for name in self.truth):
            rows.append(
                (
                    own.name,
                    *(f"{value:.6g}" for value in (own.truth, own.mean)),
                    f"{own.spread:.3g}",
                    f"{own.pull_mean:+.3f} +- {own.n**-0.5:.3f}",
                    f"{own.pull_width:.3f} +- {(2 * own.n) ** -0.5:.3f}",
                    f"{own.within_1:.1%}",
                    f"{own.within_2:.1%}",
                )
            )
        widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
        lines = [f"{self.model.expression}: {self.table.n_rows} toys"]
        lines += [
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines.append("right errors have pulls of mean 0 and width 1, 68.3 % and 95.4 %")
        if self.n_failed:
            lines.append(f"{self.n_failed} fits did not converge and are left out")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Toys of {self.model.expression}: {self.table.n_rows} fits>"


def toys(
    model: Model,
    x: Any,
    truth: Mapping[str, float],
    *,
    sigma: Any = None,
    n: int = 1000,
    loss: str | Loss = "chi2",
    seed: int = 0,
    threads: int | None = None,
) -> Toys:
    """Simulate data from known parameters and fit them, to see what errors are worth.

    Parameters
    ----------
    model : Model
    x : array_like, shape (n_points,) or (n_inputs, n_points)
    truth : mapping of str to float
        All free parameters.
    sigma : float or array_like
        Standard deviations of the noise, which is normal; left out for the Poisson
        loss, whose data are counts.
    n : int
        How many data sets.
    loss : str or Loss
        As for `physfit.fit`.
    seed : int
        Of the noise.
    threads : int, optional
        As many as the scheduler grants if left out; the answer does not depend on it.

    Returns
    -------
    Toys

    Raises
    ------
    InputError, ModelError
        Arguments are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> truth = {"slope": 2.0, "intercept": 1.0}
    >>> found = pf.toys(pf.models.Linear(), np.arange(20.0), truth, sigma=0.5, n=2000)
    >>> abs(found["slope"].pull_width - 1.0) < 0.06
    True
    """
    check_frame(model, ("", ""), ("", ""))
    loss = as_loss(loss)
    full = model.full_values(truth)
    points, _ = model.coordinates(x)
    curve = _curve(model, points, truth)
    spread = _spread(loss, sigma, curve)

    def make(rng: np.random.Generator, count: int) -> RowData:
        if spread is None:
            drawn = rng.poisson(curve[0], (count, curve.shape[1])).astype(np.float64)
            return RowData(drawn, points, None)
        noise = spread * rng.normal(size=(count, *curve.shape))
        return RowData(as_rows(curve + noise), points, spread)

    start = np.array([full[model.index[name]] for name in model.free_names])
    threads_ = RowSettings(threads=threads).n_threads
    table = refits(Refits(model, loss, start, True, threads_), make, n, seed)
    return Toys(model, dict(zip(model.free_names, start.tolist(), strict=True)), table)


def _curve(model: Model, points: FloatArray, truth: Mapping[str, float]) -> FloatArray:
    values = np.asarray(model(points if model.n_inputs > 1 else points[0], **truth))
    rows = [values.real, values.imag] if model.n_outputs == 2 else [values]
    return np.array(rows, dtype=np.float64)


def _spread(loss: Loss, sigma: Any, curve: FloatArray) -> FloatArray | None:
    """Standard deviations, shape (1, 1) or (1, n); None for counts."""
    if loss.name == "poisson":
        if sigma is not None:
            raise InputError("`poisson` has noise of its own; leave `sigma` out.")
        if curve.min() < 0.0:
            raise DomainError("`poisson` needs a model that is nowhere below 0.")
        return None
    if sigma is None:
        raise InputError("`sigma` is missing: say how large the noise is.")
    spread = np.atleast_2d(np.asarray(sigma, dtype=np.float64))
    if spread.shape not in ((1, 1), (1, curve.shape[1])) or not (spread > 0.0).all():
        raise DomainError(
            f"`sigma` must be one number above 0, or {curve.shape[1]} of them, but has "
            f"shape {np.shape(sigma)}."
        )
    return spread
