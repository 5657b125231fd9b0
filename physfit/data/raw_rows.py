"""Raw rows on their way into a window: buffers, their order, what is refused.

Raw rows are held as they are stored, and the order in which they are gathered.
Rows that cannot be used are refused here, by their number in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.arenas import Arena
from physfit.data.arrays import NanPolicy
from physfit.data.base import Source, Strata, WindowRows
from physfit.engine import gather, jit
from physfit.engine.abi import BLOCK
from physfit.errors import DomainError
from physfit.kernels.registry import LossKernel
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.data.windows import BlockScatter

__all__ = ["Checks", "RawRows"]


class Checks(NamedTuple):
    """What is refused: NaN rows (or left out), and data outside a loss's domain."""

    nan: NanPolicy = "raise"
    loss: LossKernel | None = None


class RawRows:
    """Raw rows and their order.

    Parameters
    ----------
    source : Source
    capacity : int
        Rows at most.

    Attributes
    ----------
    arrays : list of ndarray
        Raw rows, one array per part of the source.
    order : ndarray of int32
        In which the rows are gathered.
    work : ndarray
        A block of doubles on their way.
    scatters : dict
        What scatters blocks from here, by the identity of the window buffer.
    """

    def __init__(self, source: Source, capacity: int) -> None:
        self._source = source
        parts = (((capacity, part.width), part.dtype) for part in source.parts)
        self._arena = Arena(*parts, ((capacity,), np.int32))
        *self.arrays, self.order = self._arena.arrays
        self.work = np.empty(BLOCK)
        self.scatters: dict[int, BlockScatter] = {}
        self._is_ascending = False

    @property
    def spins(self) -> NDArray[np.int8]:
        """Raw rows of spins."""
        return self.arrays[self._source.roles.x[0][0]]

    def release(self) -> None:
        """Give the memory back; the buffers must not be used again."""
        self._arena.release()

    def read(self, start: int, stop: int, at: int = 0) -> None:
        """Put rows of the file behind the first `at` ones."""
        out = [raw[at:] for raw in self.arrays] if at else self.arrays
        self._source.read_into(start, stop, out)

    def arrange(self, n: int, plan: WindowRows) -> None:
        """Make the order of a whole window: shuffled, or as it was read."""
        if plan.key is not None:
            self.shuffle(n, plan.key)
            if plan.strata is not None:
                self._stratify(n, plan.strata)
        elif not self._is_ascending:
            self.order[:] = np.arange(self.order.size, dtype=np.int32)
            self._is_ascending = True

    def shuffle(self, n: int, key: int) -> None:
        """Make a uniformly random order of the first `n` rows."""
        jit.compiled(gather.shuffle_order).call(key, n, self.order.ctypes.data)
        self._is_ascending = False

    def _stratify(self, n: int, strata: Strata) -> None:
        values = self.arrays[strata.part][:n, strata.column]
        of_row = np.searchsorted(strata.edges, values, side="right").astype(np.int32)
        size = strata.edges.size + 1
        work = np.empty(3 * size, dtype=np.int64)
        space = np.empty(n, dtype=np.int32)
        jit.compiled(gather.stratify_order).call(
            self.order.ctypes.data,
            of_row.ctypes.data,
            n,
            size,
            space.ctypes.data,
            work.ctypes.data,
        )

    def check_numbers(self, n: int, plan: WindowRows, nan: NanPolicy) -> None:
        """Refuse rows that are not finite, if they may not be left out.

        Raises
        ------
        DomainError
            When there is one, or a sigma that is not above 0.
        """
        named = {"x": self._source.roles.x, "y": self._source.roles.y}
        if self._source.n_spins:
            del named["x"]
        named["sigma"] = self._source.roles.sigma
        for name, places in named.items():
            for part, column in places:
                values = self.arrays[part][:n, column].astype(np.float64)
                known = np.isfinite(values)
                if nan == "raise" and not known.all():
                    self._refuse(name, values, ~known, plan)
                with np.errstate(all="ignore"):
                    is_bad = known & ~((values > 0.0) & np.isfinite(1.0 / values))
                if name == "sigma" and is_bad.any():
                    self._refuse(name, values, is_bad, plan)

    def _refuse(
        self, name: str, values: FloatArray, is_bad: NDArray[np.bool_], plan: WindowRows
    ) -> None:
        at = int(np.flatnonzero(is_bad)[0])
        start = f"`{name}` of {self._row(plan, at)}"
        if name == "sigma" and np.isfinite(values[at]):
            raise DomainError(
                f"{start} must be above 0, but it is {values[at]}; give that row a "
                "standard deviation, or leave it out."
            )
        raise DomainError(
            f"{start} must be finite, but it is {values[at]}; correct it, or pass "
            'nan="omit" (--nan omit) to leave such rows out.'
        )

    def _row(self, plan: WindowRows, at: int) -> str:
        """What a row is called in a sentence."""
        return f"row {plan.number(at)} of `{self._source.name}`"

    def check_domain(self, n: int, plan: WindowRows, loss: LossKernel | None) -> None:
        """Refuse values that the loss cannot take."""
        if loss is None or not loss.traits.has_domain:
            return
        for part, column in self._source.roles.y:
            values = self.arrays[part][:n, column]
            refused = np.flatnonzero(loss.traits.refuses(values))
            if refused.size:
                at = int(refused[0])
                raise DomainError(
                    f"`y` of {self._row(plan, at)} must be {loss.traits.allowed} for "
                    f"`{loss.name}`, but it is {values[at]}; use `chi2`, or leave that "
                    "row out."
                )

    def refuse_spins(self, n: int, plan: WindowRows) -> None:
        """Name the first spin that is neither +1 nor -1."""
        raw = self.spins
        at, spin = np.argwhere(np.abs(raw[:n].astype(np.int16)) != 1)[0]
        raise DomainError(
            f"Spins must be +1 or -1, but {self._row(plan, at)} has {raw[at, spin]} at "
            f"spin {spin}; correct that row, or store 0 and 1 as -1 and +1."
        )
