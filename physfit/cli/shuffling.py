"""Command `shuffle`: a copy of an HDF5 file with its rows in a random order."""

from __future__ import annotations

from physfit.cli import kinds
from physfit.cli.command import Command
from physfit.cli.console import counted, progress_bar
from physfit.cli.exit_codes import ExitCode
from physfit.cli.settings import REQUIRED
from physfit.errors import DomainError

__all__ = ["Shuffle"]


class Shuffle(Command, command="shuffle"):
    """Write a copy of an HDF5 file with its rows in one random order.

    $ physfit shuffle run.h5 run_shuffled.h5
    $ physfit shuffle run.h5 run_shuffled.h5 --seed 3 --memory 1024

    All data sets as long as the longest one are permuted alike, by an order that is
    uniformly random over the whole file; attributes and layout stay.
    """

    takes = ("overwrite", "quiet")
    path = kinds.TEXT("IN.h5", "The file to read.", default=REQUIRED)
    out = kinds.TEXT("OUT.h5", "The file to write.", default=REQUIRED)
    seed = kinds.WHOLE("--seed NUMBER", "Decides the order.", default=0)
    memory = kinds.WHOLE("--memory MIB", "Memory for all buffers.", default=256)

    def run(self) -> int:
        """Shuffle, and say what was moved and what was copied."""
        from physfit.data.shuffle import shuffle_file

        if self.memory < 1:
            raise DomainError(f"`--memory` must be at least 1 MiB, not {self.memory}.")
        with progress_bar("shuffling", self.quiet, counted) as callback:
            outcome = shuffle_file(
                self.path,
                self.out,
                seed=self.seed,
                memory=self.memory << 20,
                overwrite=self.overwrite,
                progress=callback,
            )
        moved = ", ".join(outcome.permuted)
        self.console.note(f"{outcome.n_rows} rows of {moved} shuffled")
        if outcome.kept:
            self.console.note(f"{', '.join(outcome.kept)} copied as before")
        return ExitCode.CONVERGED
