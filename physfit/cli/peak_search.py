"""A search for peaks in place of a model: `physfit fit FILE --peaks auto`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.cli.execution import columns, read_data
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.fitting.peak_search.found import FoundPeaks

__all__ = ["found_peaks"]

#: Options that speak of a model that is known, or of several files.
_NOT_TAKEN = ("model", "response", "x_name", "method", "more")


def found_peaks(job: Job) -> FoundPeaks:
    """The peaks of the file of a job.

    Raises
    ------
    InputError
        When an option asks for what only a known model has.
    """
    from physfit.fitting.peak_search.door import find_peaks

    taken = [name for name in _NOT_TAKEN if name in job.values]
    if taken or job.parameters:
        named = taken[0] if taken else next(iter(job.parameters))
        raise InputError(
            f"--peaks finds the model of one file, so `{named}` cannot be said beside "
            "it; fit the model that it finds again with --model."
        )
    return find_peaks(
        **columns(job, read_data(job)),
        shape=job.shape,
        background=job.background,
        most=job.most_peaks,
        sign=job.sign,
    )
