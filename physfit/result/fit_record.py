"""What a file of a result holds, entry by entry; `record` writes and reads it.

Entries that a reader of the file may want, and that follow from the others
(`parameters`, `derived`, `quality`), are not declared, because they are not read.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.schema import Array, Count, Date, Positive
from physfit.solve.base import Status
from physfit.typing import FloatArray, IntArray

__all__ = ["FitRecord", "ModelRecord", "NexusRecord"]


class ParameterRecord(msgspec.Struct):
    """What is asked of a parameter; None is no start, no bound, no tie."""

    start: float | None
    lower: float | None
    upper: float | None
    fixed: bool
    tie: str | None


class ModelRecord(msgspec.Struct):
    """Expression of a model, and its parameters by name."""

    expression: str
    parameters: dict[str, ParameterRecord]


class LossRecord(msgspec.Struct):
    """A loss with its hyper-parameters."""

    name: str
    hyper: Annotated[FloatArray, Array("n_hyper")]


class RunRecord(msgspec.Struct):
    """`RunSettings` of a run on minibatches."""

    batch_size: Positive
    epochs: Positive
    schedule: str
    transforms: str
    seed: Annotated[int, msgspec.Meta(ge=0)]
    sampler: str
    scaling: str
    averaged: bool


class DataRecord(msgspec.Struct):
    """`Observations`, and the checksum of their arrays."""

    x: Annotated[FloatArray, Array("n_inputs", "n_samples")]
    y: Annotated[FloatArray, Array("n_outputs", "n_samples")]
    sigma: Annotated[FloatArray | None, Array("n_outputs", "n_samples")]
    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    source: str
    n_left_out: Count
    sha256: str
    n_total: Count | None = None


class HistoryRecord(msgspec.Struct):
    """`History` of a run on minibatches."""

    step: Annotated[FloatArray, Array("n_records")]
    n_rows: Annotated[FloatArray, Array("n_records")]
    rate: Annotated[FloatArray, Array("n_records")]
    loss: Annotated[FloatArray, Array("n_records")]
    seconds: Annotated[FloatArray, Array("n_records")]
    theta: Annotated[FloatArray, Array("n_records", "n_free")]


class SolutionRecord(msgspec.Struct):
    """`Solution`; a number that does not exist is None or NaN."""

    theta: Annotated[FloatArray, Array("n_free")]
    cost: float | None
    status: Status
    n_steps: Count
    n_evals: Count
    covariance: Annotated[FloatArray, Array("n_free", "n_free")]
    condition: float | None
    at_bound: Annotated[IntArray, Array("n_free", ge=-1, le=1)]
    optimality: float | None
    gradient: Annotated[FloatArray, Array("n_free")]
    history: HistoryRecord | None = None


class CovarianceRecord(msgspec.Struct):
    """`Covariance` with the directions that are not determined."""

    core: Annotated[FloatArray, Array("n_free", "n_free")]
    held: Annotated[NDArray[np.bool_], Array("n_free")]
    null: Annotated[FloatArray, Array("n_free", "*")]
    scale: Annotated[FloatArray, Array("n_free")]
    rank: Count


class AssessmentRecord(msgspec.Struct):
    """`Assessment` of a solution by a pass over all rows."""

    covariance: CovarianceRecord
    sandwich: CovarianceRecord | None
    step: Annotated[FloatArray, Array("n_free")]
    distance: float | None
    n_samples: Count
    curvature: str
    notes: list[str]


class FitRecord(msgspec.Struct):
    """A result: what was done, and where it ended."""

    created: Date
    versions: dict[str, str]
    model: ModelRecord
    loss: LossRecord
    method: str
    data: DataRecord
    start: Annotated[FloatArray, Array("n_free")]
    guessed: list[str]
    seconds: float | None
    compile_seconds: float | None
    solution: SolutionRecord
    assessment: AssessmentRecord | None = None
    run: RunRecord | None = None
    weight_decay: float | None = None
    checksum: str | None = None


class NexusFit(msgspec.Struct):
    """The group of the fit in HDF5: data as columns, all else in a collection."""

    record: dict[str, Any]
    data: dict[str, Any]


class NexusEntry(msgspec.Struct):
    """The entry of an HDF5 file."""

    fit: NexusFit


class NexusRecord(msgspec.Struct):
    """The root of an HDF5 file."""

    entry: NexusEntry
