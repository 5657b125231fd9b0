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
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import numpy as np

from physfit import __version__
from physfit.data.files.schema import Array, check_arrays, check_names, convert
from physfit.data.files.tuples import entries_of, record_kind, restored
from physfit.data.record import Observations
from physfit.errors import DataError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.parse import parsed
from physfit.models.stored import At, declaration_from, written
from physfit.models.stored_records import FunctionRecord
from physfit.models.ties import ordered_ties
from physfit.result.fit_result import FitResult
from physfit.solve.base import Solution
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment

__all__ = ["from_record", "model_of", "model_record", "to_record"]

Record = Mapping[str, Any]

#: Entries of a `FitResult` that earlier files do not have.
ADDED = ("scale", "nearest_chi2", "retry_stage")


class ParameterRecord(msgspec.Struct):
    """What is asked of a parameter; None is no start, no bound, no tie."""

    start: float | None
    lower: float | None
    upper: float | None
    fixed: bool
    tie: str | None


class ModelRecord(msgspec.Struct):
    """Expression of a model, its parameters by name, and functions that stand in it."""

    expression: str
    parameters: dict[str, ParameterRecord]
    functions: dict[str, FunctionRecord] = {}


class LossRecord(msgspec.Struct):
    """A loss with its hyper-parameters."""

    name: str
    hyper: Annotated[FloatArray, Array("n_hyper")]


class FitRecord(msgspec.Struct):
    """Entries of a `FitResult` that a file keeps in a form of their own."""

    model: ModelRecord
    loss: LossRecord
    versions: dict[str, str]
    checksum: str | None = None


class DataRecord(msgspec.Struct):
    """`Observations` come with the checksum of their arrays."""

    sha256: str


class AssessmentRecord(msgspec.Struct):
    """The solution of an `Assessment` is that of its result."""

    solution: None = None


#: Entries that earlier files have under another name: place, name before, name now.
RENAMED = (
    (("run",), "schedule", "learning_rate"),
    (("solution", "history"), "rate", "learning_rate"),
)
#: What a file says besides, for its readers: of each quantity, and of the fit.
SHOWN = ("value", "stderr", "unit", "start", "note")
QUALITY = (
    *("message", "converged", "chi2", "n_samples", "n_fitted", "dof"),
    *("reduced_chi2", "p_value", "aic", "bic"),
)
#: All entries that a result is rebuilt from.
STORED = record_kind(
    FitResult,
    FitRecord,
    {Observations: DataRecord, Assessment: AssessmentRecord},
)


def to_record(result: FitResult) -> dict[str, Any]:
    """Record of a result."""
    created = datetime.fromtimestamp(result.created, UTC)
    versions = {"physfit": __version__, "numpy": np.__version__}
    versions["python"] = platform.python_version()
    record = {
        "date": created.isoformat(timespec="seconds"),
        **entries_of(result, without=FitRecord.__match_args__),
        "versions": dict(result.versions or versions),
        "model": _model_record(result),
        "loss": {"name": result.loss.name, "hyper": np.array(result.loss.hyper)},
        "parameters": {name: _shown(result[name], SHOWN) for name in result.names},
        "derived": {name: _shown(result[name], SHOWN) for name in result.derived},
        "free_names": list(result.free_names),
        "covariance": result.covariance,
        "correlation": result.correlation,
        "quality": {
            **_shown(result, QUALITY),
            "stderr_is_absolute": result.is_absolute,
        },
        "conventions": dict(result.model.conventions),
        "warnings": list(result.warnings),
        "checksum": _result_checksum(result),
    }
    record["data"]["sha256"] = _checksum(result.data)
    if record["assessment"] is not None:
        del record["assessment"]["solution"]
    return record


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
    record: Any = convert(_renamed(raw), STORED)
    model = model_of(record.model)
    shapes = {"n_inputs": model.n_inputs, "n_outputs": model.n_outputs}
    check_arrays(record, n_free=len(model.free_names), **shapes)
    loss = Loss(record.loss.name, tuple(record.loss.hyper.tolist()))
    result = restored(
        record, FitResult, model=model, loss=loss, versions=record.versions
    )
    result = replace(result, solution=_left_open(result.solution))
    if result.assessment is not None:
        assessment = result.assessment._replace(solution=result.solution)
        result = replace(result, assessment=assessment)
    if (result.solution.covariance.diagonal() < 0.0).any():
        raise DataError("its entry 'solution.covariance' has a variance below 0.")
    cost = result.solution.cost
    if cost < -1e-6:  # a deviance may round to -0
        raise DataError(f"its entry 'solution.cost' is {cost:g}, below 0.")
    if record.data.sha256 != _checksum(result.data):
        raise DataError("its data do not match their checksum; fit them anew.")
    if record.checksum not in (None, _result_checksum(result)):  # none of older files
        raise DataError(
            "its entries were altered: they do not fit their checksum; take the file "
            "as it was saved, or fit again."
        )
    return result


def _renamed(raw: Record) -> Record:
    """The record with the names that entries have today."""
    for place, before, now in RENAMED:
        entry: Any = raw
        for name in place:
            entry = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(entry, dict) and before in entry:
            entry.setdefault(now, entry.pop(before))
    return raw


def _left_open(solution: Solution) -> Solution:
    """The same with the infinite variances for which JSON has no number.

    What is on no bound has a variance where the matrix has an inverse.
    """
    covariance = solution.covariance.copy()
    is_open = np.isnan(covariance.diagonal()) & (solution.at_bound == 0)
    if not 0.0 < solution.condition < math.inf or not is_open.any():
        return solution
    covariance[is_open, is_open] = math.inf
    return solution._replace(covariance=covariance)


def _shown(found: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(found, name) for name in names}


def _model_record(result: FitResult) -> dict[str, Any]:
    """Record of a model with the curves of functions at the solution."""
    return model_record(result.model, At(result.data.x, result.values))


def model_record(model: Model, at: At | None = None) -> dict[str, Any]:
    """Expression of a model, and what is asked of each parameter.

    Curves of functions that are called as Python are kept at `at`.
    """
    parameters = {
        own.name: _shown(own, ParameterRecord.__match_args__) for own in model.params
    }
    expression, functions = written(model.tree, at)
    record = {"expression": expression, "parameters": parameters}
    return {**record, "functions": functions} if functions else record


def model_of(record: Record | ModelRecord) -> Model:
    """Model from its record.

    Raises
    ------
    DataError, ModelError, InputError
        When it cannot be read.
    """
    if not isinstance(record, ModelRecord):
        record = convert(record, ModelRecord)
    check_arrays(record.functions)
    functions = {name: declaration_from(own) for name, own in record.functions.items()}
    base = parsed(record.expression, ("x",), functions)
    check_names(record.parameters, base.names, "model.parameters")
    params = tuple(_param(own, record.parameters[own.name]) for own in base.params)
    model = Model(base.tree, params)
    ordered_ties(model.parameters)
    return model


def _param(declared: Param, record: ParameterRecord) -> Param:
    return replace(
        declared,
        start=record.start,
        lower=-math.inf if record.lower is None else record.lower,
        upper=math.inf if record.upper is None else record.upper,
        fixed=record.fixed,
        tie=record.tie,
    )


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
    kept |= {"model": _model_record(result), "data": _checksum(result.data)}
    texts = result.data[3:] if result.data.note else result.data[3:-1]
    kept |= {"texts": texts, "versions": None}  # no note in files of before
    for name in ADDED:  # as in files of before there were any
        if _canonical(kept[name]).lower() == "none":
            del kept[name]
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
