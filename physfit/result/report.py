"""The report of a fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from physfit.document.blocks import Column, Document, Heading, Notes, Table, pairs
from physfit.errors import printable
from physfit.models.guess import how_guessed
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result.caveats import sandwich_ratios
from physfit.result.goodness import has_p_value
from physfit.result.rounding import duration, ends, percent, probability, rounded, short
from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.result.estimate import Estimate
    from physfit.result.fit_result import FitResult

__all__ = ["derivatives", "document", "errors", "file_name", "in_unit", "labelled"]

#: Correlations below this are not listed.
LISTED = 0.5
#: Most correlations that are listed.
MOST = 20
COLUMNS = (
    Column("", is_left=True),
    Column("value"),
    Column("stderr", is_left=True, is_error=True),
    Column("relative"),
    Column("unit", is_left=True),
    Column("start"),
    Column("note", is_left=True),
)


def document(result: FitResult) -> Document:
    """Report of a fit."""
    rows = [_cells(result[name]) for name in result.names]
    derived = [_cells(quantity) for quantity in result.derived.values()]
    strong = [(pair, f"{value:+.4f}") for pair, value in correlations(result)]
    head = [
        ("data", _data(result)),
        *([("read", result.data.note)] if result.data.note else []),
        ("errors", errors(result.loss, result.is_absolute)),
        *derivatives(result.model),
        ("method", _method(result)),
        *_scale(result),
        *_start(result),
        ("status", result.message),
        *_quality(result),
        *_distance(result),
        ("work", _work(result)),
    ]
    return [
        Heading(result.model.expression),
        pairs(head, joined=True),
        Table(COLUMNS, [("", rows), ("derived", derived)]),
        pairs(strong, f"correlations above {LISTED:g}", is_detail=True),
        Notes(result.warnings),
    ]


def derivatives(model: Model) -> Iterator[tuple[str, str]]:
    """How derivatives are taken where they are not compiled."""
    if model.derivatives:
        yield "derivatives", model.derivatives


def _start(result: FitResult) -> Iterator[tuple[str, str]]:
    """How start values that nobody gave were found."""
    n_free, n_guessed = len(result.free_names), len(result.guessed)
    if n_guessed:
        which = "" if n_guessed == n_free else f"{n_guessed} of {n_free} "
        yield "start", f"{which}{how_guessed(result.model)}"


def _method(result: FitResult) -> str:
    """Method with its settings, and the loss."""
    parts = [result.method]
    if result.run is not None:
        parts += [
            f"batches of {result.run.batch_size}",
            f"learning rate {result.run.rate}",
        ]
    if result.weight_decay > 0.0:
        parts.append(f"weight decay {result.weight_decay:g}")
    return ", ".join([*parts, f"loss {result.loss}"])


def _scale(result: FitResult) -> Iterator[tuple[str, str]]:
    """By what a robust loss measured residuals."""
    if result.scale is not None:
        size = in_unit(result.scale, result.data.y_unit)
        yield "scale", f"{size} a sample, from the residuals, as no sigma was given"


def in_unit(value: float, unit: str) -> str:
    """Number of four digits with its unit."""
    return f"{short(value, 4)} {printable(unit)}".rstrip()


def errors(loss: Loss, is_absolute: bool, of: str = "") -> str:
    """Where the standard errors come from, in words; `of` ends "of each row"."""
    traits = loss.traits
    if not traits.is_likelihood:
        spread = f"from the spread of the residuals{of}"
        if is_absolute:
            return f"absolute, {spread} in units of sigma (Huber's formula)"
        return f"{spread} (Huber's formula for M-estimators)"
    if traits.noise is not None:
        return f"absolute, from the Fisher information of the {traits.data}"
    if is_absolute:
        return "absolute, from the sigma given with the data"
    return f"scaled by sqrt(chi2 / dof){of}, because no sigma was given"


def correlations(result: FitResult) -> list[tuple[str, float]]:
    """Pairs of free parameters with their correlation, the strongest first."""
    matrix = result.correlation
    strong = np.argwhere(np.abs(np.tril(matrix, -1)) > LISTED).tolist()
    pairs = [
        (f"{result.free_names[j]}, {result.free_names[i]}", float(matrix[i, j]))
        for i, j in strong
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[1]))[:MOST]


def _cells(quantity: Estimate) -> tuple[str, ...]:
    """Line of a parameter or derived quantity."""
    value, stderr = rounded(quantity.value, quantity.stderr)
    start = ""
    if (
        quantity.start is not None
        and not quantity.fixed
        and not math.isnan(quantity.start)
    ):
        start = short(quantity.start)
    relative = percent(quantity.relative_stderr)
    return (
        *(quantity.name, value, stderr, relative),
        *(quantity.unit, start, quantity.note),
    )


def _data(result: FitResult) -> str:
    data = result.data
    n = data.y.shape[1] if data.n_total is None else data.n_total
    kind = "complex " if len(data.y) == 2 else ""
    text = _several(n, f"{kind}sample")
    if data.source:
        text += f" of {file_name(data.source)}"
    text += f": {labelled(data.y_label, data.y_unit)}"
    text += f" against {labelled(data.x_label, data.x_unit)}"
    if len(data.x) == 1:
        about = "about " if data.n_total is not None else ""
        low, high = ends(float(data.x.min()), float(data.x.max()))
        text += f" from {about}{low} to {about}{high}"
    if data.n_left_out:
        text += f"; {data.n_left_out} left out (masked or not finite)"
    return text


def file_name(source: str) -> str:
    """Name of the file without its folders, and the place inside it."""
    path, _, inside = source.partition("::")
    name = PurePath(path).name
    return printable(f"{name}::{inside}" if inside.strip("/") else name)


def labelled(label: str, unit: str) -> str:
    """Name of a quantity with its unit."""
    return printable(f"{label} ({unit})" if unit not in ("", label) else label)


def _quality(result: FitResult) -> Iterator[tuple[str, str]]:
    freedom = f"{_several(result.dof, 'degree')} of freedom"
    text = f"{short(result.chi2)}, {freedom}"
    if math.isfinite(result.reduced_chi2):
        text += f", reduced {short(result.reduced_chi2, 4)}"
    if result.p_value is not None and math.isfinite(result.p_value):
        text += f", p {probability(result.p_value)}"
    elif result.p_value is None and has_p_value(result) and not result.weight_decay:
        few = f"so few {result.loss.traits.data} follow no known law"
        shown = "its law is not known from a sample of the rows"
        text += f", no p ({few if result.data.n_total is None else shown})"
    yield result.loss.traits.statistic, text
    if result.aic is not None and result.bic is not None and result.chi2 >= 0.0:
        yield "AIC, BIC", f"{result.aic:.6g}, {result.bic:.6g}"


def _distance(result: FitResult) -> Iterator[tuple[str, str]]:
    """How far the minimum still is, and what sigma has to do with the errors."""
    if not math.isfinite(result.distance) or result.status is Status.EXACT:
        return  # where nothing but rounding is left, there is no error to measure by
    away = f"{short(result.distance, 2)} standard errors away, by the Newton step left"
    yield "minimum", away
    ratios = sandwich_ratios(result)
    if len(ratios):
        low, high = short(ratios.min(), 3), short(ratios.max(), 3)
        text = f"{low} to {high}" if low != high else low
        yield "sandwich", f"{text} times the standard errors below"


def _work(result: FitResult) -> str:
    text = (
        f"{_several(result.n_steps, 'step')}, {_several(result.n_evals, 'evaluation')}"
    )
    if result.history is not None and len(result.history.n_rows):
        rows = f"{result.history.n_rows[-1]:.0f}"
        text = f"{_several(result.n_steps, 'step')} over {rows} rows"
    if math.isfinite(result.seconds):
        text += f", {duration(result.seconds)}"
    if result.compile_seconds > 0.0:
        text += f" (and {duration(result.compile_seconds)} of compilation)"
    return text


def _several(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
