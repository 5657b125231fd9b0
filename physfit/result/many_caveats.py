"""What a reader must know of the fits of many rows before using the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from physfit.data.row_data import RowData
from physfit.result.caveats import GAPS, UNLIKELY, UNRESOLVED, is_unresolved, suspects
from physfit.result.estimate import SIDES
from physfit.result.many_rows import result_of
from physfit.result.rounding import share
from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["MANY_TIMES", "caveats"]

#: Shares of rows, of those expected, from which on a sentence is said about them.
MANY_TIMES = 10.0
#: Rows whose scale is compared with their residuals.
LOOKED_AT = 64


def caveats(many: ManyResult, estimates: Sequence[ManyEstimate]) -> tuple[str, ...]:
    """Sentences that a reader must know before using the numbers."""
    texts = [*_failures(many), *_open(many, estimates), *_improbable(many)]
    texts += [*_unresolved(many), *_gaps(many)]
    return (*texts, *many.notes, *many.model.notes)


def _gaps(many: ManyResult) -> Iterator[str]:
    """Rows of unequal numbers of samples, of curves that need all of them."""
    fitted = many.table.n_samples[~many.table.unfitted]
    if many.model.depends_on_grid and fitted.size and fitted.min() < fitted.max():
        yield GAPS


def _unresolved(many: ManyResult) -> Iterator[str]:
    """Rows whose scale is not that of the median of their residuals, of some rows."""
    if many.scale is None or not isinstance(many.data, RowData):
        return
    good = np.flatnonzero(~many.table.failed & np.isfinite(many.table.scale))
    rows = good[:: max(1, -(-len(good) // LOOKED_AT))]
    n = sum(is_unresolved(result_of(many, int(row))) for row in rows)
    if n:
        yield f"In {n} of {len(rows)} rows looked at a {UNRESOLVED}"


def _failures(many: ManyResult) -> Iterator[str]:
    table = many.table
    unfitted = int(table.unfitted.sum())
    is_open = int((table.status == Status.UNDETERMINED).sum())
    lost = int(table.failed.sum()) - unfitted - is_open
    has = "has" if unfitted == 1 else "have"
    for n, sentence in (
        (
            lost,
            "did not converge: their values are where the fit ended, no results. "
            "`many.failed` lists them, `many.plot_worst()` shows them; better start "
            "values, bounds or `physfit fit-many --retry-failed` may help.",
        ),
        (
            is_open,
            "did not converge, as the data do not determine a parameter: errors of "
            "those left open are infinite. Fix them, or give bounds.",
        ),
        (
            unfitted,
            f"could not be fitted and {has} no values; no start value helps there, "
            "look at their data.",
        ),
    ):
        if n:
            yield f"{_part(n, many.n_rows)} {sentence}"


def _open(many: ManyResult, estimates: Sequence[ManyEstimate]) -> Iterator[str]:
    for own in estimates:
        if own.is_derived:
            continue
        for side, words in SIDES.items():
            if n := own.n_at(side):
                part = _part(n, many.n_rows)
                yield f"`{own.name}` is {words} in {part}; it has no error there."
        if n := own.n_undetermined:
            verb = "does" if n == 1 else "do"
            yield (
                f"{_part(n, many.n_rows)} {verb} not determine `{own.name}`: "
                "its error is infinite there."
            )


def _improbable(many: ManyResult) -> Iterator[str]:
    known = many.some_p_values
    if known is None:
        if many.loss.traits.is_likelihood and not many.is_absolute:
            yield (
                "No sigma was given: errors are scaled by sqrt(chi2 / dof) of each "
                "row, and nothing says whether the model is right."
            )
        return
    spread, wrong, overstated = suspects(many.loss)
    low, high = int((known < UNLIKELY).sum()), int((known > 1.0 - UNLIKELY).sum())
    for n, size, limit, cause in (
        (low, "larger", f"p < {UNLIKELY:g}", f"the {wrong} is not right"),
        (high, "smaller", f"p > {1.0 - UNLIKELY:g}", overstated),
    ):
        if n > max(MANY_TIMES * UNLIKELY * known.size, 1):
            of = "" if known.size == many.n_rows else f" of {known.size}"
            yield (
                f"In {_part(n, known.size)}{of} the residuals are {size} than {spread} "
                f"({limit}, where chance gives {100.0 * UNLIKELY:g} %): there {cause}."
            )


def _part(n: int, whole: int) -> str:
    """Number of rows, and which share of all they are."""
    return f"{n} row{'s' * (n != 1)} ({share(n, whole)})"
