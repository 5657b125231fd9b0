"""A model, and the rows that it is fitted to: in memory, or in their file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations
from physfit.fitting.rows import sample_of
from physfit.fitting.spins import assess_spins, passes_over
from physfit.fitting.start import is_exact, start_of_rows
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.solve.normal_sums import Passes
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.sandwich import Assessment, assess

__all__ = ["SAMPLE", "RowProblem", "row_problem"]

#: Rows of a file that are kept to be shown, and that starts are guessed from.
SAMPLE = 20_000


class RowProblem(NamedTuple):
    """A model and a loss, the rows of a source, and how these are read.

    Attributes
    ----------
    model : Model
    loss : Loss
    source : Source
    sample : Observations
        All rows, or some of them where they stay in their file.
    nan : {"raise", "omit"}
    memory : int
        Bytes for the buffers of a pass.
    threads : int
    """

    model: Model
    loss: Loss
    source: Source
    sample: Observations
    nan: NanPolicy
    memory: int
    threads: int

    @property
    def is_exact(self) -> bool:
        """Whether the normal equations of one pass give the minimum."""
        return is_exact(self.model, self.loss)

    @property
    def is_absolute(self) -> bool:
        """Whether the weights are the true ones."""
        return self.loss.knows_noise(self.source.has_sigma)

    def objective(self) -> StreamedObjective:
        """A new objective that sums over the rows in passes."""
        return StreamedObjective(
            self.model.layout,
            self.source,
            self.loss,
            memory=self.memory,
            threads=self.threads,
            nan=self.nan,
        )

    def passes(self) -> Passes:
        """Passes over the configurations of a model of spins."""
        return passes_over(
            self.source, memory=self.memory, threads=self.threads, nan=self.nan
        )

    def start(
        self, given: Mapping[str, float] | str | None, seed: int
    ) -> tuple[FloatArray, tuple[str, ...]]:
        """Start of the free parameters, and which names were guessed."""
        return start_of_rows(self.model, self.sample, given, self.loss, seed)

    def assessed(
        self,
        theta: FloatArray,
        objective: StreamedObjective | None = None,
        *,
        n_steps: int = 0,
    ) -> Assessment:
        """What parameters are worth, by one pass over all rows."""
        if self.is_exact:
            return assess_spins(
                self.model,
                theta,
                self.passes(),
                absolute=self.is_absolute,
                n_steps=n_steps,
            )
        objective = self.objective() if objective is None else objective
        found = assess(
            objective,
            theta,
            self.model.free_lower,
            self.model.free_upper,
            absolute=self.is_absolute,
            n_steps=n_steps,
        )
        objective.release()
        return found

    def shown(self, n_samples: int) -> Observations:
        """The sample, with how many rows there are and were left out."""
        if self.sample.n_total is None:
            return self.sample
        used = n_samples // self.source.n_outputs
        return self.sample._replace(n_total=used, n_left_out=self.source.n_rows - used)


def row_problem(
    model: Model,
    loss: Loss,
    source: Source,
    *,
    nan: NanPolicy,
    memory: int,
    threads: int,
    data: Observations | None = None,
) -> RowProblem:
    """Problem of the rows of a source; a sample of them is taken without `data`."""
    if data is None:
        data = sample_of(source, SAMPLE, nan=nan, loss=loss.kernel)
    return RowProblem(model, loss, source, data, nan, memory, threads)
