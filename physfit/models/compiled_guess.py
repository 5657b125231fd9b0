"""The plan by which compiled code guesses start values, of one curve or of many rows.

The entries of `engine.guesses` know no model by name: a plan of numbers tells them
where the parameters of each component stand and what shape it has. Covered are sums of
polynomials with components whose declared guesses belong to one entry; anything else
has no plan and starts as `models.guess` says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.engine import jit
from physfit.engine.guesses import frame
from physfit.models.guesses import Family, Guess, Member, Numbers, Polynomial, family_of
from physfit.models.tree import Leaf, terms
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["CompiledGuess", "compiled_guess", "full_starts"]

#: Columns that polynomials may take.
POLYNOMIAL = 3


class CompiledGuess(NamedTuple):
    """A compiled guess for one model.

    Attributes
    ----------
    family : Family
    plan : ndarray of int64
        Behind its integers stand the floats of the components, by their addresses.
    room : int
        Columns that the scratch must have room for.
    n_outputs : int
        2 for complex data.
    what : str
        What is looked for, for people.
    """

    family: Family
    plan: IntArray
    room: int
    n_outputs: int
    what: str

    def work_size(self, n: int) -> int:
        """Doubles of scratch for a row of `n` samples."""
        n *= self.n_outputs
        return frame.scratch_size(n, self.room) + self.family.extra * (n + 1)

    def fill(
        self, x: FloatArray, y: FloatArray, w: FloatArray, full: FloatArray
    ) -> None:
        """Fill the parameters that are NaN in `full`, from C-contiguous data.

        Parameters
        ----------
        x : ndarray, shape (n_inputs, n)
        y, w : ndarray, shape (n_outputs, n)
            Data and weights, 1 / sigma.
        full : ndarray, shape (n_parameters,)
        """
        n = y.shape[-1]
        work = np.empty(self.work_size(n))
        jit.compiled(self.family.entry).call(
            self.plan.ctypes.data,
            x.ctypes.data,
            n,
            y.ctypes.data,
            w.ctypes.data,
            n,
            full.ctypes.data,
            work.ctypes.data,
        )


@lru_cache(maxsize=256)
def compiled_guess(model: Model, is_robust: bool = False) -> CompiledGuess | None:
    """Compiled guess of a model, None where there is none.

    Parameters
    ----------
    model : Model
    is_robust : bool
        Whether samples far from their neighbours count for less, as they do for the
        loss.
    """
    polynomials: list[tuple[int, int]] = []
    others: list[tuple[Guess, Member]] = []
    for part, start in terms(model.tree):
        if not isinstance(part, Leaf) or part.declaration.n_outputs != model.n_outputs:
            return None
        declaration = part.declaration
        names = [own.name for own in declaration.parameters]
        params = model.params[start : start + len(names)]
        own = Member(dict(zip(names, params, strict=True)), start)
        if isinstance(declaration.guess, Polynomial):
            polynomials += [(own.at(n), power) for n, power in declaration.guess.powers]
        elif declaration.guess is None:
            return None
        else:
            others.append((declaration.guess, own))
    family = family_of([guess for guess, _ in others])
    if family is None:
        return None
    numbers = sorted((own.numbers(member) for own, member in others), key=_freedom)
    return _planned(family, polynomials, numbers, model.n_outputs, is_robust)


def _freedom(numbers: Numbers) -> float:
    return numbers.freedom


def _planned(
    family: Family,
    polynomials: Sequence[tuple[int, int]],
    numbers: Sequence[Numbers],
    n_outputs: int,
    is_robust: bool,
) -> CompiledGuess:
    room = POLYNOMIAL + family.spare_columns + family.n_columns * len(numbers)
    n_integers = 1 + max((max(own.integers) for own in numbers), default=0)
    n_floats = 1 + max((max(own.floats, default=0) for own in numbers), default=0)
    n_header = frame.PLAN_HEADER + 2 * len(polynomials)
    shape, n_before = (len(numbers), n_integers), n_header + len(numbers) * n_integers
    plan = np.zeros(n_before + len(numbers) * n_floats, dtype=np.int64)
    plan[frame.N_TERMS], plan[frame.N_COMPONENTS] = len(polynomials), len(numbers)
    plan[frame.WIDTH], plan[frame.COMPONENT_WIDTH] = room, n_integers
    plan[frame.FOR_M_ESTIMATOR], plan[frame.IS_COMPLEX] = is_robust, n_outputs == 2
    plan[frame.PLAN_HEADER : n_header] = np.ravel(polynomials)
    integers = plan[n_header:n_before].reshape(shape)
    floats = plan[n_before:].view(np.float64).reshape(len(numbers), n_floats)
    for row, column, own in zip(integers, floats, numbers, strict=True):
        row[list(own.integers)] = list(own.integers.values())
        column[list(own.floats)] = list(own.floats.values())
        row[frame.FLOATS] = column.ctypes.data
    plan.flags.writeable = False
    what = family.what if numbers else "a polynomial"
    if numbers and polynomials:
        what += " on a polynomial"
    return CompiledGuess(family, plan, room, n_outputs, what)


def full_starts(model: Model) -> FloatArray:
    """Given starts and fixed values of all parameters, NaN elsewhere."""
    starts = (own.start for own in model.params)
    return np.array([math.nan if own is None else own for own in starts])
