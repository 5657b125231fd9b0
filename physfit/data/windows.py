"""Raw rows into a window of columns: buffers, the compiled gather, refusals.

A slot holds the raw rows of one window, their order and the columns made of them. All
buffers begin at a multiple of 64 bytes and the capacity is a multiple of 8 rows, so
that every column does so too.
"""

from __future__ import annotations

import math
import threading
from typing import Any, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from physfit.data.arrays import NanPolicy
from physfit.data.base import Plan, Source, Strata, row_cost
from physfit.engine import gather, jit
from physfit.errors import DomainError, InputError
from physfit.typing import FloatArray, IntArray

__all__ = ["Checks", "Slot"]

_ALIGN = 64
#: Bytes that are kept for the next stream.
_MOST_KEPT = 64 << 20
Bytes: TypeAlias = NDArray[np.uint8]
_lock = threading.Lock()
_given_back: list[Bytes] = []


class Checks(NamedTuple):
    """What is refused: NaN rows (or left out), and negative counts."""

    nan: NanPolicy = "raise"
    counts: bool = False

    def validated(self) -> Checks:
        """The same, after a look at the policy's name."""
        if self.nan not in get_args(NanPolicy):
            raise InputError(f"`nan` must be 'raise' or 'omit', not {self.nan!r}.")
        return self


class _Arena:
    """One allocation cut into arrays that begin at multiples of 64 bytes.

    A large one gets huge pages where the system has them; with small ones the random
    reads of the gather took twice as long. Memory that was touched before is taken
    first: the first touch of new memory can cost more than all that is done with it.
    """

    def __init__(self, size: int) -> None:
        self.memory = _spare(size + _ALIGN)
        self._free = self.memory[-self.memory.ctypes.data % _ALIGN :]

    def array(self, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """The next array."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        array: NDArray[Any] = self._free[:size].view(kind).reshape(shape)
        self._free = self._free[-(-size // _ALIGN) * _ALIGN :]
        return array


def _spare(size: int) -> Bytes:
    """Memory of at least that size: given back by an earlier stream, else new."""
    with _lock:
        fitting = [own for own in _given_back if size <= own.size <= 2 * size]
        if fitting:
            chosen = min(fitting, key=lambda own: own.size)
            _given_back[:] = [own for own in _given_back if own is not chosen]
            return chosen
    return np.empty(size, dtype=np.uint8)


def _give_back(memory: Bytes) -> None:
    """Keep memory for the next stream, as long as it is not too much."""
    with _lock:
        kept = sum(own.size for own in _given_back)
        if kept + memory.size <= _MOST_KEPT:
            _given_back.append(memory)


class Slot:
    """Buffers of one window, used again for the next one.

    Attributes
    ----------
    raw : tuple of ndarray
        Raw rows, one array per part of the source, to be filled by its owner.
    x, y, weights : ndarray
        The columns, see `Window`.
    """

    def __init__(self, source: Source, capacity: int) -> None:
        self._source = source
        self._capacity = capacity = -(-capacity // 8) * 8
        n_arrays = len(source.parts) + 4
        arena = _Arena(capacity * row_cost(source) + n_arrays * _ALIGN)
        self._memory = arena.memory
        self.raw = tuple(
            arena.array((capacity, part.width), part.dtype) for part in source.parts
        )
        self._order = arena.array((capacity,), np.int32)
        self.y: FloatArray = arena.array((source.n_outputs, capacity), np.float64)
        self.weights: FloatArray = arena.array(self.y.shape, np.float64)
        self.weights.fill(1.0)
        self.x = (
            arena.array((capacity, source.n_spins), np.int8)
            if source.n_spins
            else arena.array((source.n_inputs, capacity), np.float64)
        )
        self._is_ascending = False
        self._tables = self._columns_of_parts()

    def release(self) -> None:
        """Give the memory back; the buffers must not be used again."""
        _give_back(self._memory)

    def _columns_of_parts(self) -> list[tuple[int, IntArray]]:
        """Part, and (column, whether inverted, address) of its columns."""
        roles = self._source.roles
        wanted = [(at, 0, self.y[j]) for j, at in enumerate(roles.y)]
        wanted += [(at, 1, self.weights[j]) for j, at in enumerate(roles.sigma)]
        if not self._source.n_spins:
            wanted += [(at, 0, self.x[j]) for j, at in enumerate(roles.x)]
        tables = []
        for part in range(len(self._source.parts)):
            rows = [
                (at[1], w, out.ctypes.data) for at, w, out in wanted if at[0] == part
            ]
            if rows:
                tables.append((part, np.array(rows, dtype=np.int64)))
        return tables

    def gather(self, n: int, plan: Plan, numbers: IntArray, checks: Checks) -> int:
        """Columns of the first `n` raw rows as planned; how many are kept.

        `numbers` are the row numbers in the file: of every raw row, or pairs of start
        and stop of the ranges that were read.
        """
        self._arrange(n, plan)
        order = self._order.ctypes.data
        call = jit.compiled(gather.gather_columns).call
        is_sound = True
        for part, table in self._tables:
            raw = self.raw[part]
            kind, width = gather.DTYPES[raw.dtype], raw.shape[1]
            is_sound &= bool(
                call(
                    raw.ctypes.data,
                    kind,
                    width,
                    table.ctypes.data,
                    len(table),
                    order,
                    n,
                )
            )
        if self._source.n_spins:
            self._gather_spins(n, order, numbers)
        kept = n if is_sound else self._refuse_or_omit(n, numbers, checks)
        if checks.counts and kept and self.y[:, :kept].min() < 0.0:
            self._refuse_negative(n, numbers)
        return kept

    def _arrange(self, n: int, plan: Plan) -> None:
        """Make the order of the window: shuffled, or as it was read."""
        if plan.key is not None:
            shuffle = jit.compiled(gather.shuffle_order).call
            shuffle(plan.key, n, self._order.ctypes.data)
            self._is_ascending = False
            if plan.strata is not None:
                self._stratify(n, plan.strata)
        elif not self._is_ascending:
            self._order[:] = np.arange(self._capacity, dtype=np.int32)
            self._is_ascending = True

    def _stratify(self, n: int, strata: Strata) -> None:
        values = self.raw[strata.part][:n, strata.column]
        of_row = np.searchsorted(strata.edges, values, side="right").astype(np.int32)
        size = strata.edges.size + 1
        work = np.empty(3 * size, dtype=np.int64)
        space = np.empty(n, dtype=np.int32)
        jit.compiled(gather.stratify_order).call(
            self._order.ctypes.data,
            of_row.ctypes.data,
            n,
            size,
            space.ctypes.data,
            work.ctypes.data,
        )

    def _gather_spins(self, n: int, order: int, numbers: IntArray) -> None:
        raw = self.raw[self._source.roles.x[0][0]]
        width = raw.shape[1]
        call = jit.compiled(gather.gather_spins).call
        if call(raw.ctypes.data, width, order, n, self.x.ctypes.data):
            return
        at, spin = np.argwhere(np.abs(raw[:n].astype(np.int16)) != 1)[0]
        raise DomainError(
            f"Spins must be +1 or -1, but row {_number(numbers, at)} of "
            f"`{self._source.name}` has {raw[at, spin]} at spin {spin}; correct that "
            "row, or store 0 and 1 as -1 and +1."
        )

    def _refuse_or_omit(self, n: int, numbers: IntArray, checks: Checks) -> int:
        """Leave rows with NaN or inf out, or name the first; sigma <= 0 is refused."""
        named = {"x": self._source.roles.x, "y": self._source.roles.y}
        if self._source.n_spins:
            del named["x"]
        named["sigma"] = self._source.roles.sigma
        finite = np.ones(n, dtype=np.bool_)
        for name, places in named.items():
            for part, column in places:
                values = self.raw[part][:n, column].astype(np.float64)
                usable = np.isfinite(values)
                if checks.nan == "raise" and not usable.all():
                    self._refuse(name, values, ~usable, numbers)
                with np.errstate(divide="ignore", over="ignore"):
                    is_bad = usable & ~((values > 0.0) & np.isfinite(1.0 / values))
                if name == "sigma" and is_bad.any():
                    self._refuse(name, values, is_bad, numbers)
                finite &= usable
        keep = finite[self._order[:n]]
        kept = int(np.count_nonzero(keep))
        for columns in (self.y, self.weights):
            columns[:, :kept] = columns[:, :n][:, keep]
        if self._source.n_spins:
            self.x[:kept] = self.x[:n][keep]
        else:
            self.x[:, :kept] = self.x[:, :n][:, keep]
        return kept

    def _refuse(
        self,
        name: str,
        values: FloatArray,
        is_bad: NDArray[np.bool_],
        numbers: IntArray,
    ) -> None:
        at = int(np.flatnonzero(is_bad)[0])
        start = f"`{name}` of row {_number(numbers, at)} of `{self._source.name}`"
        if name == "sigma" and np.isfinite(values[at]):
            raise DomainError(
                f"{start} must be above 0, but it is {values[at]}; give that row a "
                "standard deviation, or leave it out."
            )
        raise DomainError(
            f"{start} must be finite, but it is {values[at]}; correct it, or pass "
            'nan="omit" (--nan omit) to leave such rows out.'
        )

    def _refuse_negative(self, n: int, numbers: IntArray) -> None:
        for part, column in self._source.roles.y:
            values = self.raw[part][:n, column]
            if (values < 0).any():
                at = int(np.flatnonzero(values < 0)[0])
                raise DomainError(
                    f"`y` of row {_number(numbers, at)} of `{self._source.name}` must "
                    f"be 0 or more for counts, but it is {values[at]}; use `chi2`, or "
                    "leave that row out."
                )


def _number(numbers: IntArray, at: int) -> int:
    """Row number in the file of raw row `at`."""
    if numbers.ndim == 1:
        return int(numbers[at])
    ends = np.cumsum(numbers[:, 1] - numbers[:, 0])
    k = int(np.searchsorted(ends, at, side="right"))
    return int(numbers[k, 1] - (ends[k] - at))
