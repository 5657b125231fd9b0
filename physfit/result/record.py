"""A result as a nested record of plain values, and back.

The record holds what was done (model, data, loss, start, solution), from which a result
is rebuilt, and for readers of the file what follows from it (parameters with errors,
derived quantities, covariance, quality). A number that does not exist is None in the
record or null in a file: an infinite bound, the error of a fixed parameter.
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict as plain
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from msgspec.structs import asdict

from physfit import __version__
from physfit.data.files.schema import check_arrays, check_names, convert
from physfit.data.record import Observations
from physfit.errors import DataError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.parse import parse_model
from physfit.models.ties import ordered_ties
from physfit.result.estimate import Estimate
from physfit.result.fit_record import (
    AssessmentRecord,
    DataRecord,
    FitRecord,
    ModelRecord,
    ParameterRecord,
    SolutionRecord,
)
from physfit.result.fit_result import FitResult
from physfit.solve.base import Solution
from physfit.solve.history import History, RunSettings
from physfit.uncertainty.covariance import Covariance
from physfit.uncertainty.sandwich import Assessment

__all__ = ["from_record", "model_of", "model_record", "to_record"]

Record = Mapping[str, Any]


def to_record(result: FitResult) -> dict[str, Any]:
    """Record of a result."""
    return {
        "date": _date(result.created),
        "created": result.created,
        "versions": dict(result.versions or _versions()),
        "model": model_record(result.model),
        "loss": {"name": result.loss.name, "hyper": np.array(result.loss.hyper)},
        "method": result.method,
        "run": None if result.run is None else result.run._asdict(),
        "weight_decay": result.weight_decay,
        "data": _data_record(result.data),
        "start": result.start,
        "guessed": list(result.guessed),
        "seconds": result.seconds,
        "compile_seconds": result.compile_seconds,
        "solution": _solution_record(result.solution),
        "assessment": _assessment_record(result.assessment),
        "parameters": {name: _found(result[name]) for name in result.names},
        "derived": {
            quantity.name: _found(quantity) for quantity in result.derived.values()
        },
        "free_names": list(result.free_names),
        "covariance": result.covariance,
        "correlation": result.correlation,
        "quality": _quality(result),
        "warnings": list(result.warnings),
        "checksum": _result_checksum(result),
    }


def from_record(raw: Record) -> FitResult:
    """Result from its record, as a file holds it.

    Raises
    ------
    DataError
        When an entry is missing or cannot be, or the data are not those that were
        saved.
    ModelError, InputError
        When model or loss cannot be read.
    """
    record = convert(raw, FitRecord)
    model = model_of(record.model)
    shapes = {"n_inputs": model.n_inputs, "n_outputs": model.n_outputs}
    check_arrays(record, n_free=len(model.free_names), **shapes)
    solution = _solution(record.solution)
    result = FitResult(
        model=model,
        data=_data(record.data),
        loss=Loss(record.loss.name, tuple(record.loss.hyper.tolist())),
        method=record.method,
        solution=solution,
        start=record.start,
        guessed=tuple(record.guessed),
        seconds=_number(record.seconds),
        compile_seconds=_number(record.compile_seconds),
        created=record.created,
        versions=record.versions,
        assessment=_assessment(record.assessment, solution),
        run=None if record.run is None else RunSettings(**asdict(record.run)),
        weight_decay=_number(record.weight_decay, 0.0),
    )
    if record.checksum not in (None, _result_checksum(result)):  # none of older files
        raise DataError(
            "its entries were altered: they do not fit their checksum; take the file "
            "as it was saved, or fit again."
        )
    return result


def _versions() -> dict[str, str]:
    return {
        "physfit": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _date(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="seconds")


def _number(value: float | None, missing: float = math.nan) -> float:
    return missing if value is None else float(value)


def model_record(model: Model) -> dict[str, Any]:
    """Expression of a model, and what is asked of each parameter."""
    parameters = {
        parameter.name: {
            "start": parameter.start,
            "lower": parameter.lower,
            "upper": parameter.upper,
            "fixed": parameter.fixed,
            "tie": parameter.tie,
        }
        for parameter in model.params
    }
    return {"expression": model.expression, "parameters": parameters}


def model_of(record: ModelRecord) -> Model:
    """Model from its record."""
    base = parse_model(record.expression)
    check_names(record.parameters, base.names, "model.parameters")
    params = tuple(
        _param(parameter, record.parameters[parameter.name])
        for parameter in base.params
    )
    model = Model(base.tree, params)
    ordered_ties(model.parameters)
    return model


def _param(declared: Param, record: ParameterRecord) -> Param:
    return replace(
        declared,
        start=record.start,
        lower=_number(record.lower, -math.inf),
        upper=_number(record.upper, math.inf),
        fixed=record.fixed,
        tie=record.tie,
    )


def _data_record(data: Observations) -> dict[str, Any]:
    return {**data._asdict(), "sha256": _checksum(data)}


def _data(record: DataRecord) -> Observations:
    entries = asdict(record)
    checksum = entries.pop("sha256")
    data = Observations(**entries)
    if checksum != _checksum(data):
        raise DataError("its data do not match their checksum; fit them anew.")
    return data


def _checksum(data: Observations) -> str:
    """SHA-256 of x, y and sigma as little-endian float64."""
    digest = hashlib.sha256()
    for rows in (data.x, data.y, data.sigma):
        if rows is not None:
            digest.update(np.ascontiguousarray(rows, dtype="<f8").tobytes())
    return digest.hexdigest()


def _result_checksum(result: FitResult) -> str:
    """SHA-256 of all that a result is rebuilt from."""
    kept = {field.name: getattr(result, field.name) for field in fields(result)}
    kept |= {"model": model_record(result.model), "data": _checksum(result.data)}
    kept |= {"texts": result.data[3:], "versions": None}
    return hashlib.sha256(_canonical(kept).encode()).hexdigest()


def _canonical(value: Any) -> str:
    """Text of nested values, the same for all forms in which files keep them."""
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if is_dataclass(value):
        # What is no part of its value, such as compiled code, differs by process.
        kept = [field.name for field in fields(value) if field.compare]
        value = [getattr(value, name) for name in kept]
    if isinstance(value, Mapping):
        value = sorted((key, _canonical(own)) for key, own in value.items())
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_canonical, value))}]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        return repr(number) if math.isfinite(number) else "none"  # null in JSON
    if callable(value):
        raise TypeError(f"{value!r} has no text that other processes know")
    return str(value)


def _solution_record(solution: Solution) -> dict[str, Any]:
    history = solution.history
    return {
        **solution._asdict(),
        "status": int(solution.status),
        "history": None if history is None else history._asdict(),
    }


def _solution(record: SolutionRecord) -> Solution:
    history = record.history
    if (record.covariance.diagonal() < 0.0).any():
        raise DataError("its entry 'solution.covariance' has a variance below 0.")
    if record.cost is not None and record.cost < -1e-6:  # a deviance may round to -0
        raise DataError(f"its entry 'solution.cost' is {record.cost:g}, below 0.")
    entries = asdict(record) | {
        "cost": _number(record.cost),
        "condition": _number(record.condition, math.inf),
        "optimality": _number(record.optimality),
        "history": None if history is None else History(**asdict(history)),
    }
    return Solution(**entries)


def _assessment_record(found: Assessment | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "covariance": plain(found.covariance),
        "sandwich": None if found.sandwich is None else plain(found.sandwich),
        "step": found.step,
        "distance": found.distance,
        "n_samples": found.n_samples,
        "curvature": found.curvature,
        "notes": list(found.notes),
    }


def _assessment(
    record: AssessmentRecord | None, solution: Solution
) -> Assessment | None:
    if record is None:
        return None
    sandwich = record.sandwich
    entries = asdict(record) | {
        "covariance": Covariance(**asdict(record.covariance)),
        "sandwich": None if sandwich is None else Covariance(**asdict(sandwich)),
        "distance": _number(record.distance),
        "notes": tuple(record.notes),
    }
    return Assessment(solution, **entries)


def _found(own: Estimate) -> dict[str, Any]:
    return {
        "value": own.value,
        "stderr": own.stderr,
        "unit": own.unit,
        "start": own.start,
        "note": own.note,
    }


def _quality(result: FitResult) -> dict[str, Any]:
    return {
        "message": result.message,
        "converged": result.converged,
        "chi2": result.chi2,
        "n_samples": result.n_samples,
        "n_fitted": result.n_fitted,
        "dof": result.dof,
        "reduced_chi2": result.reduced_chi2,
        "p_value": result.p_value,
        "aic": result.aic,
        "bic": result.bic,
        "errors_are_absolute": result.is_absolute,
    }
