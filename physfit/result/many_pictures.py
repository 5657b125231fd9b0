"""What figures show of many fits: maps with marks, samples of rows, single fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.errors import InputError
from physfit.plot.many_histograms import Distribution
from physfit.plot.many_marks import MARKS, Kinds, Picture
from physfit.plot.many_residuals import Residuals
from physfit.plot.reasons import GOOD, Reason
from physfit.result.many_quality import cut_of
from physfit.result.many_rows import result_of, row_number
from physfit.result.report import labelled
from physfit.result.rounding import probability, short
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.rows import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from physfit.data.row_data import Axis
    from physfit.result.fit_result import FitResult
    from physfit.result.many_fitted import ManyFitted

__all__ = ["distributions", "fits_at", "kinds_of", "picture_of", "pulls_of", "slice_of"]
__all__ += ["within_rows"]

#: Rows that a distribution takes at most, evenly over the map.
SHOWN = 1_000_000
#: Rows whose correlations are looked at.
LOOKED = 20_000
#: What `plot_map` draws besides values and errors of a quantity.
LABELS = {
    "chi2": "{symbol} per degree of freedom",
    "p_value": "p value",
    "n_steps": "steps",
    "n_samples": "samples in use",
}
KINDS = (*LABELS, "status", "retry_stage")
#: Colours of statuses: converged ones, those that failed, those that were not fitted.
CONVERGED = ("#0072B2", "#56B4E9", "#009E73", "#9ECAE1", "#8DD3C7", "#5E7FB1")
LOST = ("#D55E00", "#E69F00", "#CC79A7", "#F0E442", "#8C510A", "#A6761D")
WITHOUT = ("#B0B0B0", "#707070", "#404040", "#D8D8D8", "#909090")
#: Colours of retry stages, by their numbers.
STAGES = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#CC79A7")


def slice_of(
    many: ManyFitted, at: tuple[int, ...] | None
) -> tuple[tuple[int, ...], str]:
    """Place of the last two axes of a map along the others, and what to say of it.

    Parameters
    ----------
    many : ManyFitted
    at : tuple of int or None
        Index along each axis but the last two; the middle without it.
    """
    leading = many.axes[:-2]
    if at is None:
        at = tuple(len(axis.values) // 2 for axis in leading)
    if len(at) != len(leading):
        names = ", ".join(axis.name for axis in leading) or "none"
        raise InputError(
            f"`at` takes one index for each axis but the last two ({names}), not {at}."
        )
    for index, axis in zip(at, leading, strict=True):
        size = len(axis.values)
        if not -size <= index < size:
            raise InputError(f"`at`: the map has {size} rows along {axis.name}.")
    return at, _position(leading, at)


def _position(axes: Sequence[Axis], place: Sequence[int]) -> str:
    """Position along some axes, in words."""
    return ", ".join(
        f"{axis.name} = {axis.values[index]:g}{f' {axis.unit}' if axis.unit else ''}"
        for index, axis in zip(place, axes, strict=True)
    )


def picture_of(
    many: ManyFitted,
    name: str | None,
    what: str,
    where: Any = None,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Values of the whole map with marks and a label."""
    if what in ("value", "stderr"):
        picture = _quantity(many, name, what, where)
    else:
        picture = _of_fits(many, name, what, where)
    marks = picture.marks
    marks[(marks == GOOD) & ~np.isfinite(picture.values)] = Reason.NO_ERROR
    return picture._replace(limits=None if limits is None else _checked(limits))


def _checked(limits: Any) -> tuple[float, float]:
    try:
        low, high = map(float, limits)
        is_range = -math.inf < low < high < math.inf
    except (TypeError, ValueError):
        is_range = False
    if not is_range:
        raise InputError(
            f"`limits` must be a lower and a higher number, such as (519, 522), but is "
            f"{limits!r}."
        )
    return low, high


def _of_fits(many: ManyFitted, name: str | None, what: str, where: Any) -> Picture:
    if name is not None:
        raise InputError(f"what={what!r} is of the fit, not of `{name}`; leave it out.")
    if what not in LABELS:
        allowed = ", ".join(("value", "stderr", *KINDS))
        raise InputError(f"`what` must be one of {allowed}, but is {what!r}.")
    found = many.reduced_chi2 if what == "chi2" else getattr(many, what)
    if found is None:
        raise InputError("there are no p values without sigma, nor for robust losses.")
    values = np.asarray(found, dtype=np.float64)
    label = LABELS[what].format(symbol=many.loss.traits.symbol)
    marks, rule = cut_of(many, where=where)
    spread = what == "chi2"
    return Picture(values, marks, many.axes, label, is_spread=spread, rule=rule)


def _quantity(many: ManyFitted, name: str | None, what: str, where: Any) -> Picture:
    if name is None:
        raise InputError(
            f"name what to draw: one of {', '.join((*many.names, *many.derived))}, or "
            f"what= one of {', '.join(KINDS)}."
        )
    own = many[name]
    marks, rule = cut_of(many, name, where)
    if what == "value":
        label = labelled(own.name, own.unit)
        return Picture(own.value, marks, many.axes, label, own.stderr, rule=rule)
    label = labelled(f"standard error of {own.name}", own.unit)
    return Picture(own.stderr, marks, many.axes, label, is_spread=True, rule=rule)


def kinds_of(
    many: ManyFitted, what: str, where: Any = None, limits: Any = None
) -> Kinds:
    """Statuses, or start values: rows that failed are a kind of their own there."""
    if limits is not None:
        raise InputError(f"`limits` are of numbers, which a {what} is not; drop them.")
    of_status = what == "status"
    numbers = many.status if of_status else many.retry_stage
    named = [(own.sentence, STAGES[own]) for own in many.retry_stages]
    named = _of_statuses(many) if of_status else named
    codes = np.zeros(256, dtype=np.int64)
    for number, own in enumerate(many.statuses if of_status else many.retry_stages):
        codes[int(own)] = number
    found = codes[numbers]
    if not of_status and not many.converged.all():
        found[~many.converged] = len(named)
        named.append(("no converged fit", WITHOUT[0]))
    if where is not None:
        found[cut_of(many, where=where).marks == Reason.LEFT_OUT] = len(named)
        named.append((MARKS[Reason.LEFT_OUT].name, MARKS[Reason.LEFT_OUT].color))
    return Kinds(found, named, many.axes)


def _of_statuses(many: ManyFitted) -> list[tuple[str, str]]:
    """Sentence and colour of every status."""
    palettes = {CONVERGED: 0, LOST: 0, WITHOUT: 0}
    named = []
    for status in many.statuses:
        palette = LOST if status.fitted else WITHOUT
        palette = CONVERGED if status.converged else palette
        named.append((status.sentence, palette[palettes[palette] % len(palette)]))
        palettes[palette] += 1
    return named


def even_sample(n: int, most: int) -> IntArray:
    """At most so many numbers below `n`, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def distributions(
    many: ManyFitted,
    names: Iterable[str],
    where: Any = None,
    *,
    is_joint: bool = False,
) -> list[Distribution]:
    """Good values of quantities, of all rows or an even sample of them.

    Parameters
    ----------
    many : ManyFitted
    names : iterable of str
    where : str or array_like, optional
        As for `cut_of`.
    is_joint : bool
        Whether only rows count that are good in all of them.
    """
    rows = even_sample(many.n_rows, SHOWN)
    names = tuple(names)
    cuts = [cut_of(many, name, where) for name in names]
    joint = np.logical_and.reduce([cut.good for cut in cuts])
    found = []
    for name, cut in zip(names, cuts, strict=True):
        own, good = many[name], joint if is_joint else cut.good
        values = np.where(good, own.value, np.nan).ravel()[rows]
        errors = own.stderr[good & np.isfinite(own.stderr)]
        error = float(np.median(errors)) if errors.size else math.nan
        label = labelled(own.name, own.unit)
        found.append(Distribution(label, values, error, cut.rule))
    return found


def within_rows(many: ManyFitted) -> FloatArray:
    """Median over rows of the correlations of the free parameters of a fit."""
    good = np.flatnonzero(~many.table.failed)
    n = len(many.free_names)
    if not good.size:
        return np.full((n, n), np.nan)
    rows = good[even_sample(len(good), LOOKED)]
    scaled = correlation_of(unpacked(many.table.covariance[rows], n))
    result = np.full((n, n), np.nan)
    for i, j in np.ndindex(n, n):
        known = scaled[:, i, j][np.isfinite(scaled[:, i, j])]
        if known.size:
            result[i, j] = np.median(known)
    return result


def pulls_of(many: ManyFitted, n_rows: int, where: Any = None) -> Residuals:
    """Residuals in sigma of an even sample of the rows that converged.

    Raises
    ------
    InputError
        When no row converged, or the data are not at hand.
    """
    good = np.flatnonzero(cut_of(many, where=where).good)
    if not good.size:
        raise InputError("no row has converged, so there are no residuals to look at.")
    rows = good[even_sample(len(good), n_rows)]
    pulls = [result_of(many, row).pulls for row in rows.tolist()]
    values = np.concatenate(pulls).view(np.float64)  # both parts of complex ones
    has_sigma = many.data is not None and many.data.sigma is not None
    is_estimated = not many.loss.knows_noise(has_sigma)
    width = 1.0
    if not is_estimated:
        dof = many.dof.ravel()[rows].clip(0).sum()
        width = math.sqrt(float(dof) / max(values.size, 1))
    return Residuals(values, len(rows), width, is_estimated)


def fits_at(
    many: ManyFitted, places: Sequence[Sequence[int]]
) -> list[tuple[str, FitResult]]:
    """Fits of some rows for a page, each with its place and how good it is."""
    rows = [row_number(many, tuple(int(own) for own in place)) for place in places]
    fits = []
    for row in rows:
        place = [int(own) for own in np.unravel_index(row, many.shape)]
        where = f"({', '.join(map(str, place))}): {_position(many.axes, place)}"
        result = result_of(many, row)
        fits.append((f"{where}\n{_how_good(result)}", result))
    return fits


def _how_good(result: FitResult) -> str:
    if not result.converged:
        return result.message.split(";")[0]
    reduced = short(result.reduced_chi2, 3)
    text = f"{result.loss.traits.symbol}/dof {reduced}"
    if result.p_value is not None and np.isfinite(result.p_value):
        text += f", p {probability(result.p_value)}"
    return text
