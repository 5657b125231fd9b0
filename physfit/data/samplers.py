"""In which order the rows of a source are visited.

A sampler arranges a source into windows of a capacity that follows from the memory
granted, and plans each of them on its own: which rows, shuffled by which key. The keys
are words of Philox with the seed as its key and (window, epoch) as its counter, so a
plan depends on nothing that happened before, and a run can go on from any window.

`blocks` is the way through files larger than memory: blocks of rows are read whole,
in an order that is new in every epoch, and a window holds several of them from all over
the file. The rows of a block are shuffled, and the blocks of a window are mixed by runs
of eight rows in random order (see `engine.gather`). Every row comes exactly once an
epoch. Data that fit into one window are shuffled row by row.
Where nothing is compressed a window has 16 blocks, and a sorted file is as good
as a shuffled one; compressed chunks come as a whole, a few in a window, so that a
sorted compressed file is better permuted once (`physfit shuffle`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple, TypeAlias

import numpy as np

from physfit.data.base import Source, Strata, WindowRows, row_cost, shuffled
from physfit.errors import InputError, did_you_mean
from physfit.typing import FloatArray, IntArray

__all__ = ["Arrangement", "Sampler", "blocks", "cautions", "sampler_named"]
__all__ += ["sequential", "uniform_key"]

#: Windows that are in memory at once: read, gathered, waiting, in use.
WINDOWS = 4
_WINDOW, _EPOCH, _DRAWS = 0, 1, 2
#: Blocks wanted in a window if the layout allows, and bytes worth a read.
_BLOCKS_WANTED, _LEAST_READ = 16, 1 << 13
#: Ranges, and rows of each, from which the bins of a column are found.
_PROBES, _PROBE_ROWS = 32, 1024


class Arrangement(NamedTuple):
    """A source cut into windows.

    Attributes
    ----------
    capacity : int
        Rows of the largest window.
    n_windows : int
        Windows of an epoch.
    plan : callable
        `plan(seed, epoch, index)` says which rows make up a window.
    by_blocks : bool
        Whether its windows are shuffled block by block.
    """

    capacity: int
    n_windows: int
    plan: Callable[[int, int, int], WindowRows]
    by_blocks: bool = False


#: An order of rows: `sampler(source, budget)` gives the windows of a source when
#: `budget` rows fit into all buffers together.
Sampler: TypeAlias = Callable[[Source, int], Arrangement]


def uniform_key(seed: int, epoch: int, index: int, purpose: int = _WINDOW) -> int:
    """Word of 63 bits for a window, the same for the same arguments everywhere."""
    counter = np.array([0, index, epoch, purpose], dtype=np.uint64)
    return int(np.random.Philox(key=seed, counter=counter).random_raw() >> 1)


def sequential(source: Source, budget: int) -> Arrangement:
    """Rows in the order of the file, in windows of whole blocks of about a mebibyte."""
    n = source.n_rows
    capacity = min(source.block_rows, _largest(source, budget), n)

    def plan(seed: int, epoch: int, index: int) -> WindowRows:
        start = index * capacity
        return WindowRows(_ranges([start], [min(start + capacity, n)]))

    return Arrangement(capacity, -(-n // capacity), plan)


def with_replacement(source: Source, budget: int) -> Arrangement:
    """Rows drawn independently and uniformly; as many in an epoch as there are."""
    n = source.n_rows
    capacity = min(_largest(source, budget), n)

    def plan(seed: int, epoch: int, index: int) -> WindowRows:
        key = uniform_key(seed, epoch, index, _DRAWS)
        return WindowRows(_ranges([0], [n]), key, min(capacity, n - index * capacity))

    return Arrangement(capacity, -(-n // capacity), plan)


def full_shuffle(source: Source, budget: int) -> Arrangement:
    """All rows in a uniformly random order; the data set must fit in memory."""
    if source.n_rows <= budget:
        return _spread(source.n_rows, source.n_rows)
    raise InputError(
        f"`shuffle` holds all {source.n_rows} rows in memory, but `memory` has "
        f"room for {budget}; use the sampler 'blocks', permute the file once with "
        "`physfit shuffle`, or raise `memory`."
    )


def blocks(source: Source, budget: int) -> Arrangement:
    """Blocks from everywhere in random order, rows shuffled within windows of them.

    A window takes one block from each of as many equal stretches of the file as it
    holds blocks, so that a sorted file is seen from one end to the other in each.
    """
    if source.n_rows * WINDOWS <= budget:
        return _spread(source.n_rows, source.n_rows)
    return _spread_blocks(source, budget)


def stratified(
    source: Source, budget: int, *, column: str, n_strata: int = 16
) -> Arrangement:
    """Blocks from everywhere, every stretch of rows with all strata in proportion.

    Windows are those of `blocks`, and their rows are interleaved by stratum. Columns of
    few values have a stratum for each, others have `n_strata` bins of equal content,
    which come from a few thousand rows spread over the file.
    """
    part, place = _place(source, column)
    edges = _edges(source, part, place, n_strata)
    return _spread_blocks(source, budget, Strata(part, place, edges))


def _place(source: Source, column: str) -> tuple[int, int]:
    """Part and column of what a user calls a column."""
    roles = source.roles
    places = {"x": roles.x[0], "y": roles.y[0]}
    places[source.x_label], places[source.y_label] = roles.x[0], roles.y[0]
    places.update({f"x{k}": place for k, place in enumerate(roles.x)})
    places.update({f"y{k}": place for k, place in enumerate(roles.y)})
    if roles.sigma:
        places["sigma"] = roles.sigma[0]
    if column in places:
        return places[column]
    raise InputError(
        f"`{source.name}` has no column {column!r} to stratify by; "
        f"{did_you_mean(column, places)}"
    )


def _edges(source: Source, part: int, column: int, n_strata: int) -> FloatArray:
    """Edges between the strata of a column, from short ranges spread over the file."""
    n = min(source.block_rows, _PROBE_ROWS, source.n_rows)
    starts = np.linspace(0, source.n_rows - n, _PROBES).astype(np.int64).tolist()
    ranges = [source.read(start, start + n)[part][:, column] for start in starts]
    values = np.concatenate(ranges).astype(np.float64)
    values = values[np.isfinite(values)]
    distinct = np.unique(values)
    if distinct.size <= n_strata:
        return 0.5 * (distinct[1:] + distinct[:-1])
    return np.unique(np.quantile(values, np.arange(1, n_strata) / n_strata))


def _spread(
    n_rows: int, block: int, per_window: int = 1, strata: Strata | None = None
) -> Arrangement:
    """Windows with one block from each of several equal stretches of the file.

    A last, shorter stretch is spread over the windows at random too: numbers beyond
    the blocks stand for none.
    """
    n_blocks = -(-n_rows // block)
    n_windows = -(-n_blocks // per_window)
    n_stretches = -(-n_blocks // n_windows)

    @lru_cache(maxsize=1)
    def order_of(seed: int, epoch: int) -> IntArray:
        """Blocks by (window, stretch)."""
        columns = [
            stretch * n_windows
            + shuffled(n_windows, uniform_key(seed, epoch, stretch, _EPOCH)).astype(
                np.int64
            )
            for stretch in range(n_stretches)
        ]
        return np.stack(columns, axis=1)

    def plan(seed: int, epoch: int, index: int) -> WindowRows:
        numbers = order_of(seed, epoch)[index]
        starts = numbers[numbers < n_blocks] * block
        stops = np.minimum(starts + block, n_rows)
        return WindowRows(
            _ranges(starts, stops), uniform_key(seed, epoch, index), 0, strata
        )

    # One window is shuffled as a whole, and strata need all of its rows at once.
    by_blocks = n_windows > 1 and strata is None
    return Arrangement(n_stretches * block, n_windows, plan, by_blocks)


def _largest(source: Source, budget: int) -> int:
    """Rows of the largest window when `WINDOWS` of them share the memory."""
    rows = budget // WINDOWS // 8 * 8
    if rows < 8:
        raise InputError(
            f"`memory` has room for {budget} rows of `{source.name}`, but at least "
            f"{8 * WINDOWS} are needed; raise `memory`."
        )
    return rows


def _spread_blocks(
    source: Source, budget: int, strata: Strata | None = None
) -> Arrangement:
    """Windows of as many whole blocks as fit into a share of the memory."""
    largest = _largest(source, budget)
    block = _block(source, largest)
    return _spread(source.n_rows, block, largest // block, strata)


def _block(source: Source, largest: int) -> int:
    """Rows of a block: the smaller, the more blocks meet in a window.

    At least 8 KiB are read at once, and whole chunks if they are compressed.
    """
    wanted = max(largest // _BLOCKS_WANTED, _LEAST_READ // source.row_bytes, 1)
    together = source.chunk_rows if source.chunk_bytes else 1
    rows = -(-wanted // together) * together
    return min(rows, source.block_rows, largest)


def _ranges(starts: object, stops: object) -> IntArray:
    return np.array([starts, stops], dtype=np.int64).T.copy()


_NAMED: dict[str, Sampler] = {
    "sequential": sequential,
    "with_replacement": with_replacement,
    "shuffle": full_shuffle,
    "blocks": blocks,
}


def sampler_named(name: str) -> Sampler:
    """The sampler of a name; `stratified:COLUMN` names its column.

    Examples
    --------
    >>> sampler_named("blocks") is blocks
    True
    """
    if name in _NAMED:
        return _NAMED[name]
    kind, _, column = name.partition(":")
    if kind == "stratified" and column:
        return partial(stratified, column=column)
    names = [*_NAMED, "stratified:COLUMN"]
    raise InputError(
        f"`sampler` is {name!r}, which is unknown; {did_you_mean(name, names)}"
    )


def cautions(source: Source, sampler: Sampler, memory: int) -> tuple[str, ...]:
    """What cannot be fast about reading a source in this way, in sentences."""
    sentences = list(source.cautions)
    if source.chunk_bytes and sampler is with_replacement:
        sentences.append(
            f"`{source.name}` is compressed, and rows drawn one by one decompress a "
            "whole chunk each; use the sampler 'blocks', or rewrite the file without "
            "compression."
        )
    budget = memory // row_cost(source)
    if source.block_rows > budget // WINDOWS and source.n_rows > budget:
        sentences.append(
            f"`{source.name}` has chunks of {source.block_rows} rows, more than a "
            f"window of {budget // WINDOWS} rows holds, so each is read several times; "
            "raise `memory`, or rewrite the file with chunks of about 1 MiB."
        )
    return tuple(sentences)
