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
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from physfit import __version__
from physfit.data.record import Observations
from physfit.errors import DataError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.parse import parse_model
from physfit.models.ties import ordered_ties
from physfit.result.estimate import Estimate
from physfit.result.fit_result import FitResult
from physfit.solve.base import Solution, Status
from physfit.solve.history import History, RunSettings
from physfit.typing import FloatArray
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
        "derived": {own.name: _found(own) for own in result.derived.values()},
        "free_names": list(result.free_names),
        "covariance": result.covariance,
        "correlation": result.correlation,
        "quality": _quality(result),
        "warnings": list(result.warnings),
    }


def from_record(record: Record) -> FitResult:
    """Result from its record.

    Raises
    ------
    KeyError, TypeError, ValueError
        When something is missing or has the wrong form.
    DataError
        When the data are not those that were saved.
    ModelError
        When the model cannot be read.
    """
    model = model_of(record["model"])
    n_free = len(model.free_names)
    solution = _solution(record["solution"], n_free)
    return FitResult(
        model=model,
        data=_data(record["data"], model),
        loss=Loss(
            str(record["loss"]["name"]), tuple(map(float, record["loss"]["hyper"]))
        ),
        method=str(record["method"]),
        solution=solution,
        start=_array(record["start"], (n_free,)),
        guessed=tuple(map(str, record["guessed"])),
        seconds=_number(record["seconds"]),
        compile_seconds=_number(record["compile_seconds"]),
        created=_number(record["created"]),
        versions={str(k): str(v) for k, v in _plain(record["versions"]).items()},
        assessment=_assessment(record.get("assessment"), solution),
        run=_run(record.get("run")),
        weight_decay=_number(record.get("weight_decay"), 0.0),
    )


def _plain(record: Record) -> Record:
    """Entries that are no attributes of an HDF5 group."""
    return {key: value for key, value in record.items() if not key.startswith("@")}


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


def _array(values: Any, shape: tuple[int, ...]) -> FloatArray:
    """Float array of that shape; None becomes NaN."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape and array.size + math.prod(shape):
        raise ValueError(f"an array has shape {array.shape} instead of {shape}")
    return array.reshape(shape)


def model_record(model: Model) -> dict[str, Any]:
    """Expression of a model, and what is asked of each parameter."""
    parameters = {
        own.name: {
            "start": own.start,
            "lower": own.lower,
            "upper": own.upper,
            "fixed": own.fixed,
            "tie": own.tie,
        }
        for own in model.params
    }
    return {"expression": model.expression, "parameters": parameters}


def model_of(record: Record) -> Model:
    """Model from its record."""
    base = parse_model(record["expression"])
    params = tuple(_param(own, record["parameters"][own.name]) for own in base.params)
    model = Model(base.tree, params)
    ordered_ties(model.parameters)
    return model


def _param(declared: Param, record: Record) -> Param:
    start, tie = record["start"], record["tie"]
    return replace(
        declared,
        start=None if start is None else float(start),
        lower=_number(record["lower"], -math.inf),
        upper=_number(record["upper"], math.inf),
        fixed=bool(record["fixed"]),
        tie=None if tie is None else str(tie),
    )


def _data_record(data: Observations) -> dict[str, Any]:
    return {**data._asdict(), "sha256": _checksum(data)}


def _data(record: Record, model: Model) -> Observations:
    n = np.shape(record["x"])[1]
    sigma = record["sigma"]
    data = Observations(
        x=_array(record["x"], (model.n_inputs, n)),
        y=_array(record["y"], (model.n_outputs, n)),
        sigma=None if sigma is None else _array(sigma, (model.n_outputs, n)),
        n_left_out=int(record["n_left_out"]),
        n_total=None if record.get("n_total") is None else int(record["n_total"]),
        x_label=str(record["x_label"]),
        y_label=str(record["y_label"]),
        x_unit=str(record["x_unit"]),
        y_unit=str(record["y_unit"]),
        source=str(record["source"]),
    )
    if record["sha256"] != _checksum(data):
        raise DataError("its data do not match their checksum; fit them anew.")
    return data


def _checksum(data: Observations) -> str:
    """SHA-256 of x, y and sigma as little-endian float64."""
    digest = hashlib.sha256()
    for rows in (data.x, data.y, data.sigma):
        if rows is not None:
            digest.update(np.ascontiguousarray(rows, dtype="<f8").tobytes())
    return digest.hexdigest()


def _solution_record(solution: Solution) -> dict[str, Any]:
    history = solution.history
    return {
        **solution._asdict(),
        "status": int(solution.status),
        "history": None if history is None else history._asdict(),
    }


def _solution(record: Record, n_free: int) -> Solution:
    return Solution(
        theta=_array(record["theta"], (n_free,)),
        cost=_number(record["cost"]),
        status=Status(int(record["status"])),
        n_steps=int(record["n_steps"]),
        n_evals=int(record["n_evals"]),
        covariance=_array(record["covariance"], (n_free, n_free)),
        condition=_number(record["condition"], math.inf),
        at_bound=_array(record["at_bound"], (n_free,)).astype(np.int64),
        optimality=_number(record["optimality"]),
        gradient=_array(record["gradient"], (n_free,)),
        history=_history(record.get("history"), n_free),
    )


def _history(record: Record | None, n_free: int) -> History | None:
    if record is None:
        return None
    n = len(record["step"])
    return History(
        step=_array(record["step"], (n,)),
        n_rows=_array(record["n_rows"], (n,)),
        rate=_array(record["rate"], (n,)),
        loss=_array(record["loss"], (n,)),
        seconds=_array(record["seconds"], (n,)),
        theta=_array(record["theta"], (n, n_free)),
    )


def _run(record: Record | None) -> RunSettings | None:
    if record is None:
        return None
    return RunSettings(
        batch_size=int(record["batch_size"]),
        epochs=int(record["epochs"]),
        schedule=str(record["schedule"]),
        transforms=str(record["transforms"]),
        seed=int(record["seed"]),
        sampler=str(record["sampler"]),
        scaling=str(record["scaling"]),
        averaged=bool(record["averaged"]),
    )


def _assessment_record(found: Assessment | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "covariance": asdict(found.covariance),
        "sandwich": None if found.sandwich is None else asdict(found.sandwich),
        "step": found.step,
        "distance": found.distance,
        "n_samples": found.n_samples,
        "curvature": found.curvature,
        "notes": list(found.notes),
    }


def _assessment(record: Record | None, solution: Solution) -> Assessment | None:
    if record is None:
        return None
    n_free, sandwich = len(solution.theta), record["sandwich"]
    return Assessment(
        solution,
        _covariance(record["covariance"], n_free),
        None if sandwich is None else _covariance(sandwich, n_free),
        _array(record["step"], (n_free,)),
        _number(record["distance"]),
        int(record["n_samples"]),
        str(record["curvature"]),
        tuple(map(str, record["notes"])),
    )


def _covariance(record: Record, n_free: int) -> Covariance:
    null = np.array(record["null"], dtype=np.float64).reshape(n_free, -1)
    return Covariance(
        _array(record["core"], (n_free, n_free)),
        _array(record["held"], (n_free,)).astype(np.bool_),
        null,
        _array(record["scale"], (n_free,)),
        int(record["rank"]),
    )


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
