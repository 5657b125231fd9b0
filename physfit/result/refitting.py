"""The arguments with which the data of a result are fitted once more."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from physfit.errors import InputError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Change

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["refit_arguments"]


def refit_arguments(
    result: FitResult,
    changes: Mapping[str, Change | float],
    loss: str | Loss | None,
    start: Mapping[str, float] | str | None,
    method: str | None,
) -> dict[str, Any]:
    """Keywords of `physfit.fit`; the arguments are those of `FitResult.refit`."""
    _check_data(result)
    if result.run is not None and method is None:
        raise InputError(
            f"the fit by `{result.method}` was made on minibatches, whose settings are "
            "those of its call; say with method='lm' that all samples are taken at "
            "once, or call pf.fit again."
        )
    model = result.model._changed(changes, result.values)
    if not isinstance(start, str):
        start = {**_starts(model, changes, result.values), **(start or {})}
    keywords: dict[str, Any] = {"model": model, "x": result.data, "start": start}
    if result.run is None and result.weight_decay > 0.0:
        keywords["weight_decay"] = result.weight_decay
    return {
        **keywords,
        "loss": result.loss if loss is None else loss,
        "method": result.method if method is None else method,
    }


def _starts(
    model: Model, changed: Collection[str], values: Mapping[str, float]
) -> dict[str, float]:
    """Start values of the free parameters, as far as there are any."""
    starts = {
        name: model.parameters[name].start if name in changed else values[name]
        for name in model.free_names
    }
    return {
        name: start
        for name, start in starts.items()
        if start is not None and math.isfinite(start)
    }


def _check_data(result: FitResult) -> None:
    """Refuse a result that holds a sample of its rows only."""
    if result.data.n_total is not None:
        raise InputError(
            f"the result holds {result.data.y.shape[1]} of {result.data.n_total} rows, "
            "to show them; fit the file again by pf.fit."
        )
