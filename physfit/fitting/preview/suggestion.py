"""A model that may describe a curve: the simplest of a few that leaves the least.

Each of the candidates is fitted. A later one, which has more parameters, is taken if
its criterion of Schwarz (n log(mean squared residual) + parameters log n) is lower by
so much that chance hardly does it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from physfit.data.table import Table
from physfit.errors import PhysfitError
from physfit.fitting.preview.peaks import PeakSeen, after_edge
from physfit.fitting.single import fit
from physfit.typing import FloatArray

__all__ = ["Suggestion", "suggested"]

#: How much lower the criterion must be.
_EVIDENCE = 10.0
#: Residuals of this part of y are as good as none.
_EXACT = 1e-6
#: Samples that are fitted at most; of more, means of neighbours.
_MOST = 50_000
#: Peaks of a model that is suggested.
_MOST_PEAKS = 6
_PREFIXES = "abcdef"
#: Of more peaks the highest one is fitted alone where a model of these leaves more than
#: such a part of the spread: so many widths around it, from so many samples on.
_TOO_MUCH, _WIDTHS, _FEWEST = 0.1, 3.0, 12
_COUNTS = ("count", "cts")


class Suggestion(NamedTuple):
    """A model and how it is fitted.

    Attributes
    ----------
    model : str
    x_range : pair of float or None
        Ends of the range of x that is fitted, None for that of the data.
    loss : str
    left : float
        Spread of the residuals beside that of y.
    n_tried : int
        Models that were fitted.
    """

    model: str
    x_range: tuple[float | None, float | None]
    loss: str
    left: float
    n_tried: int


class _Fitted(NamedTuple):
    """A candidate that converged."""

    model: str
    criterion: float
    left: float


def suggested(table: Table, peaks: Sequence[PeakSeen]) -> Suggestion | None:
    """What to try first; None where nothing converges.

    Parameters
    ----------
    table : Table
        All finite, x ascending.
    peaks : sequence of PeakSeen
        What the curve shows.
    """
    start = 0 if np.iscomplexobj(table.y) else after_edge(table.y.real)
    low = float(table.x[start]) if start else None
    part = _rows(table, slice(start, None))
    best = _best(part, list(_candidates(part, peaks, start > 0)), (low, None))
    if len(peaks) > _MOST_PEAKS and (best is None or best.left > _TOO_MUCH):
        return _of_one_peak(table, peaks) or best
    return best


def _of_one_peak(table: Table, peaks: Sequence[PeakSeen]) -> Suggestion | None:
    """A model of the highest of very many peaks, within a range around it."""
    peak = max(peaks, key=lambda own: abs(own.height))
    if not peak.width > 0.0:
        return None
    step = 10.0 ** np.floor(np.log10(0.1 * peak.width))  # ends of few digits
    low, high = (
        float(step * np.round((peak.place + side * _WIDTHS * peak.width) / step))
        for side in (-1.0, 1.0)
    )
    first, last = np.searchsorted(table.x, [low, high])
    part = _rows(table, slice(int(first), int(last)))
    if part.x.size < _FEWEST:
        return None
    return _best(part, list(_peaked(peaks[:1])), (low, high))


def _best(
    table: Table,
    models: Sequence[str],
    x_range: tuple[float | None, float | None],
) -> Suggestion | None:
    """The first of models that no later one beats by far."""
    table = _binned(table)
    loss = "poisson" if _is_counted(table) else "chi2"
    best = None
    for model in models:
        found = _fitted(model, table, loss)
        if found is None:
            continue
        if best is None or found.criterion < best.criterion - _EVIDENCE:
            best = found
    if best is None:
        return None
    return Suggestion(best.model, x_range, loss, best.left, len(models))


def _candidates(
    table: Table, peaks: Sequence[PeakSeen], has_edge: bool
) -> Iterator[str]:
    """Models from simple ones on."""
    if np.iscomplexobj(table.y):
        yield "complex_ringdown"
        return
    yield from ("constant", "linear", "exponential + constant", "quadratic")
    if not has_edge and _are_most(peaks):
        yield from _peaked(peaks)
    yield "ringdown + constant"
    yield "exponential(a_) + exponential(b_) + constant"


def _are_most(peaks: Sequence[PeakSeen]) -> bool:
    """Whether as many peaks as a model has are half of what is seen, by height."""
    heights = np.sort(np.abs([peak.height for peak in peaks]))
    return bool(2.0 * heights[-_MOST_PEAKS:].sum() >= heights.sum())


def _peaked(peaks: Sequence[PeakSeen]) -> Iterator[str]:
    """As many peaks of a kind as are seen, up to a number, on a line."""
    n = min(len(peaks), _MOST_PEAKS)
    for kind in ("gaussian", "lorentzian", "voigt") if n else ():
        names = [kind] if n == 1 else [f"{kind}({own}_)" for own in _PREFIXES[:n]]
        for ground in ("constant", "linear"):
            yield " + ".join([*names, ground])


def _fitted(model: str, table: Table, loss: str) -> _Fitted | None:
    """A fit and what it leaves, if it converged."""
    sigma = table.sigma if loss == "chi2" else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = fit(model, table.x, table.y, sigma=sigma, loss=loss)
            rest = np.abs(np.asarray(result.residuals))
    except PhysfitError:
        return None
    n, size = table.y.size, float(np.std(table.y))
    n_free = len(result.free_names)  # also those that the data leave open
    if not result.converged or n <= n_free:
        return None
    weights = _weights(table, loss)
    rounding = _EXACT**2 * float(np.mean((weights * np.abs(table.y)) ** 2))
    spread = float(np.mean((weights * rest) ** 2)) + rounding
    if not 0.0 < spread < np.inf:
        return _Fitted(model, -np.inf, 0.0)
    criterion = n * np.log(spread) + n_free * np.log(n)
    left = float(np.sqrt(np.mean(rest**2))) / size if size > 0.0 else 0.0
    return _Fitted(model, float(criterion), left)


def _weights(table: Table, loss: str) -> FloatArray:
    if loss == "poisson":
        return np.asarray(1.0 / np.sqrt(np.maximum(table.y, 1.0)))
    if table.sigma is not None and bool((table.sigma > 0.0).all()):
        return np.asarray(1.0 / table.sigma)
    return np.ones(table.x.size)


def _is_counted(table: Table) -> bool:
    """Whether y is said to be counts and may be."""
    if np.iscomplexobj(table.y) or table.sigma is not None:
        return False
    said = f"{table.y_label} {table.y_unit}".lower()
    whole = bool((table.y >= 0.0).all() and (table.y == np.round(table.y)).all())
    return whole and any(word in said for word in _COUNTS) and "/s" not in said


def _rows(table: Table, rows: slice) -> Table:
    sigma = None if table.sigma is None else table.sigma[rows]
    return table._replace(x=table.x[rows], y=table.y[rows], sigma=sigma)


def _binned(table: Table) -> Table:
    """Means of neighbours where the samples are very many."""
    n = -(-table.x.size // _MOST)
    if n <= 1:
        return table
    size = table.x.size // n * n
    x, y = (own[:size].reshape(-1, n).mean(1) for own in (table.x, table.y))
    return table._replace(x=x, y=y, sigma=None, y_label="", y_unit="")
