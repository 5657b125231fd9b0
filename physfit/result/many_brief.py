"""How many rows of a file of maps ended how, without reading anything else of it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physfit.data.files.schema import convert
from physfit.data.jobs.map_reader import read_statuses
from physfit.errors import DataError
from physfit.result.document import Counts, Document, Documented, Heading, Pairs
from physfit.result.many_summary import counted
from physfit.result.record import ModelRecord
from physfit.solve.base import Status

__all__ = ["ManyBrief", "brief_of"]

#: Rows above which a report of all of them takes more memory than the fits did.
LARGE = 1_000_000


@dataclass(frozen=True)
class ManyBrief(Documented):
    """Rows of a file of maps by status.

    Attributes
    ----------
    expression : str
        Of the model.
    shape : tuple of int
        Of the map.
    statuses : dict of Status to int
        Most frequent first.
    """

    expression: str
    shape: tuple[int, ...]
    statuses: dict[Status, int]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return math.prod(self.shape)

    @property
    def n_failed(self) -> int:
        """Rows without a converged fit."""
        return sum(n for own, n in self.statuses.items() if not own.converged)

    @property
    def is_large(self) -> bool:
        """Whether this has to do in place of a report."""
        return self.n_rows > LARGE

    def _document(self) -> Document:
        shape = " x ".join(map(str, self.shape))
        return [
            Heading(self.expression),
            Pairs([("rows", f"{self.n_rows} ({shape})")], joined=True),
            Counts("how the fits ended", counted(self.statuses, self.n_rows)),
        ]


def brief_of(path: Path) -> ManyBrief:
    """How the rows of a file of maps ended.

    Raises
    ------
    DataError
        When the file is damaged, of another kind or of a newer physfit.
    """
    job, found = read_statuses(path)
    counts = Counter(dict(enumerate(np.bincount(found.reshape(-1)).tolist())))
    try:
        statuses = {Status(number): n for number, n in counts.most_common() if n}
        expression = convert(job["model"], ModelRecord).expression
    except DataError as error:
        raise DataError(f"`{path}` cannot be read: {error}") from error
    return ManyBrief(expression, found.shape, statuses)
