"""What figures need of many fits: maps with marks, samples of residuals, worst rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import Axis
from physfit.errors import InputError
from physfit.plot.many_maps import GOOD, Picture, category_figure, map_figure
from physfit.plot.many_series import category_series_figure, series_figure
from physfit.result.report import labelled
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.result.many_result import ManyResult

__all__ = ["KINDS", "Slice", "map_of", "marks_of", "slice_of"]

#: What `plot_map` draws besides values and errors of a quantity.
KINDS = ("chi2", "p_value", "n_steps", "n_samples", "status", "retry_stage")
UNDETERMINED, FAILED, UNFITTED, NO_ERROR = 1, 2, 3, 4
#: Colours of statuses: converged ones, those that failed, those that were not fitted.
CONVERGED = ("#0072B2", "#56B4E9", "#009E73", "#9ECAE1", "#8DD3C7", "#5E7FB1")
LOST = ("#D55E00", "#E69F00", "#CC79A7", "#F0E442", "#8C510A", "#A6761D")
WITHOUT = ("#B0B0B0", "#707070", "#404040", "#D8D8D8", "#909090")
#: Colours of retry stages, by their numbers.
STAGES = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#CC79A7")


class Slice(NamedTuple):
    """A part of a map that a figure can show, and what to say of it."""

    where: tuple[Any, ...]
    axes: tuple[Axis, ...]
    title: str


def slice_of(many: ManyResult, at: tuple[int, ...] | None) -> Slice:
    """Last two axes of a map, at one place of the others.

    Parameters
    ----------
    many : ManyResult
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
    texts = []
    for index, axis in zip(at, leading, strict=True):
        size = len(axis.values)
        if not -size <= index < size:
            raise InputError(f"`at`: the map has {size} rows along {axis.name}.")
        unit = f" {axis.unit}" if axis.unit else ""
        texts.append(f"{axis.name} = {axis.values[index]:g}{unit}")
    return Slice(at, many.axes[len(leading) :], ", ".join(texts))


def map_of(
    many: ManyResult,
    name: str | None,
    what: str,
    at: tuple[int, ...] | None,
    title: str,
) -> Figure:
    """Figure of one quantity over the rows; see `ManyResult.plot_map`."""
    part = slice_of(many, at)
    title = ", ".join(text for text in (title, part.title) if text)
    if what in ("status", "retry_stage"):
        codes, kinds = _statuses(many) if what == "status" else _stages(many)
        codes = codes[part.where]
        if len(part.axes) == 1:
            return category_series_figure(codes, kinds, part.axes[0], title=title)
        return category_figure(codes, kinds, part.axes, title=title)
    picture = picture_of(many, name, what)
    error = None if picture.error is None else picture.error[part.where]
    picture = picture._replace(
        values=picture.values[part.where],
        marks=picture.marks[part.where],
        axes=part.axes,
        error=error,
    )
    if len(part.axes) == 1:
        return series_figure(picture, title=title)
    return map_figure(picture, title=title)


def picture_of(many: ManyResult, name: str | None, what: str) -> Picture:
    """Values of the whole map with marks and a label."""
    if what in ("value", "stderr"):
        return _quantity(many, name, what)
    if name is not None:
        raise InputError(f"what={what!r} is of the fit, not of `{name}`; leave it out.")
    labels = {
        "chi2": f"{many.loss.traits.symbol} per degree of freedom",
        "p_value": "p value",
        "n_steps": "steps",
        "n_samples": "samples in use",
    }
    if what not in labels:
        allowed = ", ".join(("value", "stderr", *KINDS))
        raise InputError(f"`what` must be one of {allowed}, but is {what!r}.")
    values: Any
    label = labels[what]
    if what == "chi2":
        values = many.reduced_chi2
    elif what == "p_value":
        values = many.p_value
        if values is None:
            raise InputError(
                "there are no p values without sigma, nor for robust losses."
            )
    else:
        values = np.asarray(getattr(many, what), dtype=np.float64)
    marks = marks_of(many)
    marks[(marks == GOOD) & ~np.isfinite(values)] = NO_ERROR
    return Picture(values, marks, many.axes, label, is_spread=what == "chi2")


def _quantity(many: ManyResult, name: str | None, what: str) -> Picture:
    if name is None:
        raise InputError(
            f"name what to draw: one of {', '.join((*many.names, *many.derived))}, or "
            f"what= one of {', '.join(KINDS)}."
        )
    own = many[name]
    marks = marks_of(many)
    marks[(marks == GOOD) & np.isposinf(own.stderr)] = UNDETERMINED
    if what == "value":
        label = labelled(own.name, own.unit)
        return Picture(own.value, marks, many.axes, label, error=own.stderr)
    marks[(marks == GOOD) & np.isnan(own.stderr)] = NO_ERROR
    label = labelled(f"standard error of {own.name}", own.unit)
    return Picture(own.stderr, marks, many.axes, label, is_spread=True)


def marks_of(many: ManyResult) -> NDArray[np.uint8]:
    """Codes of rows that failed or were not fitted, in the map's shape."""
    table = many.table
    marks = np.zeros(many.n_rows, dtype=np.uint8)
    marks[table.failed] = FAILED
    marks[table.unfitted] = UNFITTED
    return marks.reshape(many.shape)


def _statuses(many: ManyResult) -> tuple[NDArray[Any], list[tuple[str, str]]]:
    """Numbers from 0 on by status, with the sentence and colour of each."""
    codes = np.zeros(256, dtype=np.int64)
    kinds: list[tuple[str, str]] = []
    taken = {"good": 0, "lost": 0, "unfitted": 0}
    palettes = {"good": CONVERGED, "lost": LOST, "unfitted": WITHOUT}
    for number, status in enumerate(many.statuses):
        unfitted = status == Status.RUNNING or status >= Status.TOO_FEW
        kind = "good" if status.converged else "unfitted" if unfitted else "lost"
        color = palettes[kind][taken[kind] % len(palettes[kind])]
        taken[kind] += 1
        codes[int(status)] = number
        kinds.append((status.sentence, color))
    return codes[many.status], kinds


def _stages(many: ManyResult) -> tuple[NDArray[Any], list[tuple[str, str]]]:
    """Numbers from 0 on by start values; rows that failed have one of their own."""
    codes = np.zeros(256, dtype=np.int64)
    kinds: list[tuple[str, str]] = []
    for number, stage in enumerate(many.retry_stages):
        codes[int(stage)] = number
        kinds.append((RetryStage(stage).sentence, STAGES[int(stage)]))
    found = codes[many.retry_stage]
    if not many.converged.all():
        found[~many.converged] = len(kinds)
        kinds.append(("no converged fit", WITHOUT[0]))
    return found, kinds
