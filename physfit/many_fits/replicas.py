"""Replicas: data sets that are made and fitted, and what they say of each quantity.

The data come block by block, as they are needed: a block is made by all threads at
once, then fitted by the compiled driver of many rows. Its size follows from a fixed
amount of memory and touches no answer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from physfit.counts import checked_count
from physfit.data.files.limits import check_option
from physfit.data.row_data import RowData, numbered_axes
from physfit.engine.workers import in_threads
from physfit.errors import InputError, did_you_mean
from physfit.fitting.exploration.base import Exploration
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.start import Start
from physfit.many_fits.progress import ManyProgress, ProgressMeter
from physfit.many_fits.resampling import Resampling, generator, rows_of_chunk
from physfit.many_fits.row_job import RowFrame, RowJob, RowPlan
from physfit.models.expression import Expression
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result.column_table import TableColumns, columns_of
from physfit.result.estimate import ManyEstimate
from physfit.result.many_result import ManyResult
from physfit.solve.row_table import RowTable
from physfit.typing import FloatArray
from physfit.uncertainty.propagation import Quantity, chain, quantity, resolve

__all__ = ["BLOCK_BYTES", "Replicas", "checked_n", "lost", "quantities"]
__all__ += ["refits", "replica_job"]

#: Bytes of a block's data, about.
BLOCK_BYTES = 16 * 2**20
#: Bytes of a replica: its parameters, and what becomes of them in reports.
_REPLICA_BYTES = 256

Estimate = TypeVar("Estimate", bound=NamedTuple)


@dataclass(frozen=True, eq=False, repr=False)
class Replicas(Exploration, Generic[Estimate]):
    """Fits of data sets that were made, and what they say of each quantity.

    Attributes
    ----------
    fits : ManyResult
        Those that converged and whose data determine the parameters.
    quantities : mapping of str to Quantity
        Parameters and derived quantities where the data sets come from, with their
        partials by the free parameters.
    n : int
        Data sets.
    seed : int
    """

    fits: ManyResult
    quantities: Mapping[str, Quantity]
    n: int
    seed: int

    def _table(self) -> TableColumns:
        return columns_of(self.estimates.values())

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[self._known(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.quantities)

    @property
    def model(self) -> Model:
        """The model that was fitted."""
        return self.fits.model

    @property
    def loss(self) -> Loss:
        """The loss of the fits."""
        return self.fits.loss

    @property
    def n_failed(self) -> int:
        """Fits that are left out: not converged, or with parameters left open."""
        return self.n - self.fits.n_rows

    @property
    def seconds(self) -> float:
        """Wall time of the fits."""
        return self.fits.seconds

    @cached_property
    def estimates(self) -> dict[str, Estimate]:
        """What the fits say of parameters and derived quantities, by name."""
        return {name: self._estimate(name) for name in self}

    def _record(self) -> dict[str, Any]:
        return {
            "model": self.model.expression,
            "loss": str(self.loss),
            **self._entries(),
            "seed": self.seed,
            "failed": self.n_failed,
            "parameters": self.estimates,
            "warnings": self.warnings,
            "seconds": self.seconds,
        }

    @property
    @abstractmethod
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what should not be overlooked."""

    @abstractmethod
    def _estimate(self, name: str) -> Estimate:
        """What the fits say of a quantity."""

    @abstractmethod
    def _entries(self) -> dict[str, Any]:
        """What a record says besides."""

    @cached_property
    def _columns(self) -> dict[str, ManyEstimate]:
        """Values and standard errors in the fits, by name."""
        return {name: self.fits[name] for name in self}

    def _known(self, name: str) -> str:
        """The name, if there is a quantity of that name."""
        if name not in self.quantities:
            raise InputError(
                f"{name!r} is no free or tied parameter and no derived quantity of "
                f"{self.model.expression}; {did_you_mean(str(name), self.quantities)}"
            )
        return name


def quantities(model: Model, theta: FloatArray) -> dict[str, Quantity]:
    """All that depend on a free parameter, by name: parameters, then derived ones."""
    full = resolve(model.layout, theta)
    jacobian = chain(model.layout, full)
    parameters = [own.name for own in model.params if own.is_free]
    parameters += [own.name for own in model.params if own.tie is not None]
    named = {name: Expression.parse(name) for name in parameters}
    named |= {own.name: own.expression for own in model.derived}
    every = {
        name: quantity(expression, model.index, full, jacobian)
        for name, expression in named.items()
    }
    return {
        name: own
        for name, own in every.items()
        if own.gradient.any() and np.isfinite(own.value)
    }


def replica_job(
    model: Model,
    settings: FitSettings,
    start: Start,
    resampling: Resampling,
    n: int,
) -> RowJob:
    """Fits of `n` data sets, begun at the same place and not tried again."""
    frame = RowFrame.of((n,), resampling.template(1), settings.loss)
    if resampling.is_paired:  # memory that nothing has been drawn into
        frame = frame._replace(x=resampling.x)
    return RowJob(RowPlan(model, frame, start, settings._replace(retry=False)))


def refits(
    job: RowJob,
    resampling: Resampling,
    seed: int,
    units: tuple[str, str],
    progress: Callable[[ManyProgress], None] | None = None,
) -> ManyResult:
    """Fits of the data sets of a job; those that are `lost` are left out."""
    (n,) = job.frame.shape
    meter = ProgressMeter(progress, n)
    chunk = rows_of_chunk(resampling.n_points)
    size = max(1, BLOCK_BYTES // (resampling.row_bytes * chunk)) * chunk
    room, tables = resampling.template(min(size, n)), []
    for first in range(0, n, size):
        rows = room.rows(0, min(size, n - first))
        starts = range(0, rows.n_rows, chunk)
        make_filling = partial(_filling, resampling, rows, first, seed)
        in_threads(make_filling, starts, job.settings.n_threads)
        table = job.fit_blocks(rows, first, meter.update)
        meter.add(rows.n_rows, int(table.failed.sum()))
        good = ~lost(table)
        tables.append([column[good] for column in table])
    kept = RowTable._make(map(np.concatenate, zip(*tables, strict=True)))
    return ManyResult(
        job.model,
        job.settings.loss,
        kept,
        numbered_axes((kept.n_rows,)),
        job.frame.is_absolute,
        x_unit=units[0],
        y_unit=units[1],
        seconds=meter.seconds,
    )


def _filling(
    resampling: Resampling, rows: RowData, first: int, seed: int
) -> Callable[[int], None]:
    """Function that makes the data of one chunk of a block."""
    chunk = rows_of_chunk(resampling.n_points)

    def fill(start: int) -> None:
        random = generator(seed, (first + start) // chunk)
        resampling.fill(random, rows.rows(start, start + chunk))

    return fill


def lost(table: RowTable) -> NDArray[np.bool_]:
    """Fits that did not converge, or whose data do not determine the parameters."""
    return table.failed | np.isinf(table.condition)


def checked_n(n: object) -> int:
    """Number of replicas, refused where memory has no room for them."""
    n = checked_count("n", n, least=2)
    check_option("n", n, _REPLICA_BYTES)
    return n
