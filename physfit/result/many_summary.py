"""What many rows found, in few numbers: medians, shares, counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.result.report import suspects
from physfit.result.rounding import share
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["Spread", "caveats", "counted", "spread_of"]

#: p values below this are told, and how many of them chance would give.
UNLIKELY = 1e-3
#: Shares of rows, of those expected, from which on a sentence is said about them.
MANY_TIMES = 10.0


class Spread(NamedTuple):
    """Median of numbers, and the range that holds 68 % of them; NaN of none."""

    median: float
    low: float
    high: float


@np.errstate(all="ignore")
def spread_of(values: FloatArray) -> Spread:
    """Median and 16 and 84 % points of the finite numbers."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Spread(math.nan, math.nan, math.nan)
    low, median, high = np.percentile(finite, [16.0, 50.0, 84.0]).tolist()
    return Spread(median, low, high)


def caveats(many: ManyResult, estimates: Sequence[ManyEstimate]) -> tuple[str, ...]:
    """Sentences that a reader must know before using the numbers."""
    texts = [*_failures(many), *_open(many, estimates), *_quality(many)]
    return (*texts, *many.notes, *many.model.notes)


def _failures(many: ManyResult) -> Iterator[str]:
    table = many.table
    unfitted = int(table.unfitted.sum())
    lost = int(table.failed.sum()) - unfitted
    if lost:
        yield (
            f"{_rows(lost)} ({share(lost, many.n_rows)}) did not converge: their "
            "values are where the fit ended, no results. `many.failed` lists them, "
            "`many.plot_worst()` shows them; better start values, bounds or `physfit "
            "fit-many --retry-failed` may help."
        )
    if unfitted:
        yield (
            f"{_rows(unfitted)} ({share(unfitted, many.n_rows)}) could not be fitted "
            "and have no values; no start value helps there, look at their data."
        )


def _open(many: ManyResult, estimates: Sequence[ManyEstimate]) -> Iterator[str]:
    for own in estimates:
        if own.is_derived:
            continue
        for count, side in ((own.n_at(-1), "lower"), (own.n_at(1), "upper")):
            if count:
                yield (
                    f"`{own.name}` is at its {side} bound in {_rows(count)} "
                    f"({share(count, many.n_rows)}); it has no error there."
                )
        n = own.n_undetermined
        if n:
            yield (
                f"{_rows(n)} ({share(n, many.n_rows)}) do not determine `{own.name}`: "
                "its error is infinite there."
            )


def _quality(many: ManyResult) -> Iterator[str]:
    p = many.p_value
    if p is not None:
        known = p[np.isfinite(p)]
        low = int((known < UNLIKELY).sum())
        if low > MANY_TIMES * UNLIKELY * max(known.size, 1) and low > 1:
            spread, wrong = suspects(many.loss)
            yield (
                f"In {_rows(low)} ({share(low, known.size)}) the residuals are larger "
                f"than {spread} (p < {UNLIKELY:g}, where chance gives "
                f"{100.0 * UNLIKELY:g} %): there the {wrong} is not right."
            )
    elif many.loss.traits.is_likelihood and not many.is_absolute:
        yield (
            "No sigma was given: errors are scaled by sqrt(chi2 / dof) of each row, "
            "and nothing says whether the model is right."
        )


def counted(endings: Mapping[Any, int], n_rows: int) -> list[tuple[int, str, str]]:
    """Count, share and sentence of each status or start values."""
    return [
        (count, share(count, n_rows), own.sentence) for own, count in endings.items()
    ]


def _rows(n: int) -> str:
    return f"{n} row" if n == 1 else f"{n} rows"
