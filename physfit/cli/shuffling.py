"""Command `shuffle`: a copy of an HDF5 file with its rows in a random order."""

from __future__ import annotations

from typing import Annotated

import typer

from physfit.cli.console import Console, progress_bar
from physfit.cli.exit_codes import ExitCode
from physfit.cli.options import OverwriteOption, QuietOption, option
from physfit.errors import DomainError

__all__ = ["shuffle"]

_MEBIBYTE = 1 << 20


def shuffle(
    path: Annotated[str, typer.Argument(metavar="IN.h5", help="The file to read.")],
    out: Annotated[str, typer.Argument(metavar="OUT.h5", help="The file to write.")],
    seed: Annotated[int, option("--seed", "NUMBER", "Decides the order.")] = 0,
    memory: Annotated[int, option("--memory", "MIB", "Memory for all buffers.")] = 256,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write a copy of an HDF5 file with its rows in one random order."""
    from physfit.data.shuffle import shuffle_file

    if memory < 1:
        raise DomainError(f"`--memory` must be at least 1 MiB, not {memory}.")
    with progress_bar("shuffling", quiet, total=1000) as update:

        def callback(done: int, total: int) -> None:
            if update is not None:
                update(1000 * done // total, f"row {done} of {total}")

        outcome = shuffle_file(
            path,
            out,
            seed=seed,
            memory=memory * _MEBIBYTE,
            overwrite=overwrite,
            progress=callback,
        )
    console = Console(quiet)
    console.note(f"{outcome.n_rows} rows of {', '.join(outcome.permuted)} shuffled")
    if outcome.kept:
        console.note(f"{', '.join(outcome.kept)} copied as before")
    return ExitCode.CONVERGED
