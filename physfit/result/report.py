"""The report of a fit."""

from __future__ import annotations

import math
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from physfit.document.blocks import Document, Heading, Notes, Row, Table, pairs
from physfit.errors import printable
from physfit.models.guess import how_guessed
from physfit.models.loss import Loss
from physfit.result.caveats import sandwich_ratios
from physfit.result.goodness import has_p_value
from physfit.result.rounding import duration, ends, percent, probability, rounded, short
from physfit.solve.base import Status

if TYPE_CHECKING:
    from physfit.data.record import Observations
    from physfit.result.estimate import Estimate
    from physfit.result.fit_result import FitResult
    from physfit.result.many_result import ManyResult

__all__ = ["document", "errors", "in_unit", "labelled", "of_file", "plotted"]
__all__ += ["quantities"]

#: Correlations below this are not listed.
LISTED = 0.5
#: Most correlations that are listed.
MOST = 20


def document(result: FitResult) -> Document:
    """Report of a fit."""
    facts = {
        "data": _data(result),
        "read": result.data.note,
        "errors": errors(result.loss, result.is_absolute),
        "derivatives": result.model.derivatives,
        "method": _method(result),
        "scale": _scale(result),
        "start": _start(result),
        "status": result.message,
        result.loss.traits.statistic: _quality(result),
        "AIC, BIC": _criteria(result),
        **_distance(result),
        "work": _work(result),
    }
    strong = _correlations(result)
    return [
        Heading(result.model.expression),
        pairs(facts),
        quantities(result),
        pairs(result.model.conventions, "conventions"),
        pairs(strong, f"correlations above {LISTED:g}", is_detail=True),
        Notes(result.warnings),
    ]


def quantities(result: FitResult) -> Table:
    """The parameters, then what is derived from them."""
    parameters = [_cells(result[name]) for name in result.names]
    derived = [_cells(quantity) for quantity in result.derived.values()]
    titles = ("", "value +- stderr", "relative", "unit", "start", "note")
    return Table("lrrlrl", {"": parameters, "derived": derived}, titles)


def _cells(quantity: Estimate) -> Row:
    start = math.nan if quantity.fixed else quantity.start
    return (
        quantity.name,
        " +- ".join(filter(None, rounded(quantity.value, quantity.stderr))),
        percent(quantity.relative_stderr),
        quantity.unit,
        "" if start is None or math.isnan(start) else short(start),
        quantity.note,
    )


def _start(result: FitResult) -> str:
    """How start values that nobody gave were found."""
    n_free, n_guessed = len(result.free_names), len(result.guessed)
    which = "" if n_guessed == n_free else f"{n_guessed} of {n_free} "
    return f"{which}{how_guessed(result.model)}" if n_guessed else ""


def _method(result: FitResult) -> str:
    """Method with its settings, and the loss."""
    run, decay = result.run, result.weight_decay
    settings = f", batches of {run.batch_size}, learning rate {run.rate}" if run else ""
    settings += f", weight decay {decay:g}" if decay > 0.0 else ""
    return f"{result.method}{settings}, loss {result.loss}"


def _scale(result: FitResult) -> str:
    """By what a robust loss measured residuals."""
    if result.scale is None:
        return ""
    size = in_unit(result.scale, result.data.y_unit)
    return f"{size} a sample, from the residuals, as no sigma was given"


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


def _correlations(result: FitResult) -> dict[str, str]:
    """Correlations of pairs of free parameters, the strongest first."""
    matrix, names = result.correlation, result.free_names
    strong = np.argwhere(np.abs(np.tril(matrix, -1)) > LISTED).tolist()
    strong.sort(key=lambda place: -abs(matrix[*place]))
    return {f"{names[j]}, {names[i]}": f"{matrix[i, j]:+.4f}" for i, j in strong[:MOST]}


def _data(result: FitResult) -> str:
    data = result.data
    n = data.y.shape[1] if data.n_total is None else data.n_total
    kind = "complex sample" if len(data.y) == 2 else "sample"
    text = f"{_several(n, kind)}{of_file(data.source)}: {plotted(data)}"
    if len(data.x) == 1:
        about = "about " if data.n_total is not None else ""
        low, high = ends(float(data.x.min()), float(data.x.max()))
        text += f" from {about}{low} to {about}{high}"
    elif len(data.x) == 2:
        (left, right), (low, high) = (
            ends(float(x.min()), float(x.max())) for x in data.x
        )
        text += f" from ({left}, {low}) to ({right}, {high})"
    if data.n_left_out:
        text += f"; {data.n_left_out} left out (masked or not finite)"
    return text


def plotted(data: Observations | ManyResult) -> str:
    """What stands against what, with units."""
    x, y = labelled(data.x_label, data.x_unit), labelled(data.y_label, data.y_unit)
    return f"{y} against {x}"


def of_file(source: str) -> str:
    """Of which file without its folders, and the place inside it."""
    path, _, inside = source.partition("::")
    place = f"::{inside}" if inside.strip("/") else ""
    return f" of {printable(PurePath(path).name + place)}" if source else ""


def labelled(label: str, unit: str) -> str:
    """Name of a quantity with its unit."""
    return printable(f"{label} ({unit})" if unit not in ("", label) else label)


def _quality(result: FitResult) -> str:
    text = f"{short(result.chi2)}, {_several(result.dof, 'degree')} of freedom"
    if math.isfinite(result.reduced_chi2):
        text += f", reduced {short(result.reduced_chi2, 4)}"
    if result.p_value is not None and math.isfinite(result.p_value):
        text += f", p {probability(result.p_value)}"
    elif result.p_value is None and has_p_value(result) and not result.weight_decay:
        few = f"so few {result.loss.traits.data} follow no known law"
        shown = "its law is not known from a sample of the rows"
        text += f", no p ({few if result.data.n_total is None else shown})"
    return text


def _criteria(result: FitResult) -> str:
    if result.aic is None or result.bic is None or not result.chi2 >= 0.0:
        return ""
    return f"{result.aic:.6g}, {result.bic:.6g}"


def _distance(result: FitResult) -> dict[str, str]:
    """How far the minimum still is, and what sigma has to do with the errors."""
    if not math.isfinite(result.distance) or result.status is Status.EXACT:
        return {}  # where nothing but rounding is left, there is no error to measure by
    away = f"{short(result.distance, 2)} standard errors away, by the Newton step left"
    ratios = sandwich_ratios(result)
    if not len(ratios):
        return {"minimum": away}
    times = " to ".join(dict.fromkeys((short(ratios.min(), 3), short(ratios.max(), 3))))
    return {"minimum": away, "sandwich": f"{times} times the standard errors below"}


def _work(result: FitResult) -> str:
    text = _several(result.n_steps, "step")
    if result.history is not None and len(result.history.n_rows):
        text += f" over {result.history.n_rows[-1]:.0f} rows"
    else:
        text += f", {_several(result.n_evals, 'evaluation')}"
    if math.isfinite(result.seconds):
        text += f", {duration(result.seconds)}"
    if result.compile_seconds > 0.0:
        text += f" (and {duration(result.compile_seconds)} of compilation)"
    return text


def _several(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
