"""Chosen rows of a result, fitted again; better answers take the place of theirs.

Rows are read block by block, and only blocks with chosen rows. When an answer is better
is said by `ManyResult.refit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from physfit.data.jobs.file_rows import FileRows
from physfit.data.jobs.job_record import Block
from physfit.data.row_data import RowData
from physfit.engine.workers import by_caller, check, undisturbed
from physfit.errors import InputError, ModelError
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits.file_job import Read
from physfit.many_fits.progress import ManyProgress, ProgressMeter
from physfit.many_fits.row_job import SAMPLE_ROWS, rows_at_once
from physfit.many_fits.row_refits import Better, RowRefits
from physfit.many_fits.same_data import same_rows
from physfit.models.as_model import as_model
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.result.many_refits import Refit, Refits, fits_of
from physfit.result.many_result import ManyResult
from physfit.result.many_rows import needed_data
from physfit.result.row_selection import selected_rows
from physfit.settings.doors import OfRefit
from physfit.settings.setting import checked
from physfit.solve.base import Status, Stop, check_run
from physfit.solve.row_table import RowTable
from physfit.typing import IntArray

__all__ = ["refit"]

#: Refits of one result at most; their number is a byte in files.
MOST = 255
#: Reads a block.
ReadBlock: TypeAlias = Callable[[Block], Read]


@undisturbed
@np.errstate(all="ignore")
def refit(
    many: ManyResult,
    where: Any,
    *,
    loss: str | Loss | None = None,
    start: Mapping[str, Any] | None = None,
    model: Model | str | None = None,
    stop: Stop | None = None,
    progress: Callable[[ManyProgress], None] | None = None,
    given: OfRefit,
) -> ManyResult:
    """Result with better answers of chosen rows; see `ManyResult.refit`."""
    settings = checked("refit", OfRefit, given)
    progress = check_run(stop, progress, "pf.ManyProgress")
    if isinstance(start, str):
        raise InputError(
            f"`start` must be a dict of names and numbers (or arrays), not {start!r}; "
            "leave it out, and rows also begin at the answers of their neighbours."
        )
    wanted = None if loss is None else as_loss(loss)
    changed = None if model is None else _changed(many.model, as_model(model))
    rows = selected_rows(many, where)
    _check_finished(many)
    if not rows.size:
        return many
    asked = wanted or many.loss
    how = FitSettings.of(settings, loss=asked, start=start, stop=stop)
    meter = ProgressMeter(None if progress is None else by_caller(progress), rows.size)
    answers = _Answers(many, rows, where)
    with _reading(many) as (blocks, read):
        shown = read((0, min(SAMPLE_ROWS, many.n_rows))).data
        for before, chosen in _alike(many, rows):
            own = how._replace(loss=wanted or before.loss)
            fits = RowRefits(
                *(many.free_names, before, changed or before.model, own),
                *(many.shape, shown),
            )
            for block, numbers in _of_blocks(blocks, chosen):
                check()
                found = _fitted(fits, read(block), block, many.table, numbers)
                answers.put(block[0], found, fits.refit)
                meter.add(numbers.size, 0)
                meter.update()
    return answers.result(meter.seconds)


def _fitted(
    fits: RowRefits, read: Read, block: Block, table: RowTable, numbers: IntArray
) -> Better:
    """Better answers of rows of a block, but of those that cannot be read."""
    return fits.better(
        read.data, block[0], table.rows(*block), numbers[~read.lost[numbers]]
    )


def _changed(before: Model, model: Model) -> Model:
    """A model whose parameters have other bounds, starts, or are fixed.

    Raises
    ------
    ModelError
        When it computes something else, or other parameters are free.
    """
    start = f"`model` must be {before.expression} of the result"
    cure = (
        "change it by many.model.where(...), or fit other models to these rows by "
        "pf.fit_many(model, x, y[...])"
    )
    if model.tree != before.tree:
        raise ModelError(f"{start}, not {model.expression}; {cure}.")
    for own, new in zip(before.params, model.params, strict=True):
        is_free = not own.fixed and own.tie is None
        same = (own.fixed, own.tie) == (new.fixed, new.tie)
        same &= not own.fixed or own.start == new.start
        if (new.tie is not None) if is_free else not same:
            raise ModelError(
                f"{start}, with the same ties and fixed parameters, but `{own.name}` "
                f"has another; {cure}."
            )
    return model


def _check_finished(many: ManyResult) -> None:
    """Refuse a result whose job goes on, or that has no data."""
    n_running = int((many.table.status == Status.RUNNING).sum())
    if n_running:
        raise InputError(
            f"{n_running} of {many.n_rows} rows have not been fitted yet; finish the "
            "job first (resume=True, --resume), then refit."
        )
    needed_data(many)


def _alike(many: ManyResult, rows: IntArray) -> Iterator[tuple[Refit, IntArray]]:
    """Chosen rows by what they were fitted with."""
    numbers = many.refitted.reshape(-1)[rows]
    for number in np.unique(numbers).tolist():
        yield fits_of(many, number), rows[numbers == number]


@contextmanager
def _reading(many: ManyResult) -> Iterator[tuple[list[Block], ReadBlock]]:
    """Blocks of the rows of a result, and what reads one."""
    data = needed_data(many)
    if isinstance(data, FileRows):
        with same_rows(data) as read:
            yield data.job.blocks, read
        return
    size = rows_at_once(data.n_points * data.y.itemsize)
    starts = range(0, data.n_rows, size)
    blocks = [(start, min(start + size, data.n_rows)) for start in starts]
    yield blocks, lambda block: _in_memory(data.rows(*block))


def _in_memory(data: RowData) -> Read:
    return Read(data, np.zeros(data.n_rows, dtype=np.bool_), "")


def _of_blocks(blocks: list[Block], rows: IntArray) -> Iterator[tuple[Block, IntArray]]:
    """Blocks that hold some of the rows, and the numbers of these within them."""
    for start, stop in blocks:
        first, last = np.searchsorted(rows, (start, stop)).tolist()
        if last > first:
            yield (start, stop), rows[first:last] - start


class _Answers:
    """A copy of a result into which better answers are put."""

    def __init__(self, many: ManyResult, rows: IntArray, where: Any) -> None:
        self._many, self._n_rows = many, rows.size
        self._where = where if isinstance(where, str) else "rows that were named"
        self._table: RowTable | None = None
        self._numbers = many.refitted.reshape(-1).copy()
        self._entries = list(() if many.refits is None else many.refits.entries)

    def put(self, first: int, found: Better, refit: Refit) -> None:
        """Put answers of rows of the block that begins with row `first`."""
        if not found.numbers.size:
            return
        if self._table is None:
            self._table = RowTable._make(map(np.array, self._many.table))
        rows = first + found.numbers
        self._table.put(rows, found.table)
        self._numbers[rows] = self._number(refit)

    def _number(self, refit: Refit) -> int:
        """Number of a refit, entered where it is not known yet."""
        entry = refit._replace(where=self._where, n_rows=self._n_rows)
        if entry not in self._entries:
            if len(self._entries) == MOST:
                raise InputError(
                    f"this result has {MOST} refits, the most it can keep apart; "
                    "choose the rows of several refits by one condition."
                )
            self._entries.append(entry)
        return self._entries.index(entry) + 1

    def result(self, seconds: float) -> ManyResult:
        """The result with these answers; the same one without any."""
        many = self._many
        if self._table is None:
            return many
        refits = Refits(self._numbers, tuple(self._entries))
        return replace(many, table=self._table, refits=refits)
