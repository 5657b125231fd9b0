"""The plan by which compiled code guesses start values, of one curve or of many rows.

The entries of `engine.guesses` know no model by name: a plan tells them where the
parameters of each component stand and what shape it has. Covered are sums of
polynomials with components whose declared guesses belong to one search; anything else
has no plan and starts as `models.guess` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from physfit.engine import jit
from physfit.engine.addresses import address_of
from physfit.engine.guesses.counts import weigh_counts
from physfit.engine.guesses.frame import Plan, scratch_size
from physfit.engine.guesses.outliers import soften
from physfit.engine.guesses.row import guess_row
from physfit.kernels.registry import Traits
from physfit.models.guesses import (
    PEAKS,
    PEAKS_OVER_DECAY,
    Decay,
    Family,
    Guess,
    Member,
    Peak,
    Polynomial,
    family_of,
)
from physfit.models.tree import (
    Join,
    Leaf,
    Tree,
    declared,
    leaves,
    shape_of,
    terms,
)
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["CompiledGuess", "Weighing", "compiled_guess", "full_starts", "weighing_for"]

#: Changes the weights of the samples of a curve: `(weights, weighted data, n)`.
Weighing: TypeAlias = Callable[[Any, Any, Any], None]

#: Columns that polynomials may take.
POLYNOMIAL = 3
#: A guess needs no more samples of a curve than so many; means of neighbours do.
N_BINS = 8192


@dataclass(frozen=True, eq=False)
class CompiledGuess:
    """A compiled guess for one model.

    Attributes
    ----------
    family : Family
    powers : sequence of (int, int)
        Places of polynomial parameters among all, and the power of x of each.
    records : sequence of ndarray
        Records of the components; a decay below peaks is the last.
    n_outputs : int
        2 for complex data.
    weighing : callable or None
        What gives samples other weights, marked `@entry(abi.FUNCTION)`.
    """

    family: Family
    powers: list[tuple[int, int]]
    records: list[IntArray]
    n_outputs: int
    weighing: Weighing | None

    #: Whether the search evaluates the model itself.
    is_spread: ClassVar[bool] = False

    @property
    def what(self) -> str:
        """What is looked for, for people."""
        on = " on a polynomial" if self.records and self.powers else ""
        return self.family.what + on

    @property
    def address(self) -> int:
        """Address of the compiled function, of the signature `abi.GUESS`."""
        return jit.compiled(guess_row).address

    @cached_property
    def plan(self) -> IntArray:
        """`engine.guesses.frame.Plan`, and behind it what it refers to.

        Made when it is first needed, because its searches are compiled for it.
        """
        family = self.family
        over_decay = family is PEAKS_OVER_DECAY
        plan = Plan.filled(
            n_terms=len(self.powers),
            n_components=len(self.records) - over_decay,
            component_bytes=self.records[0].nbytes if self.records else 0,
            room=self._room,
            n_outputs=self.n_outputs,
            take_samples=_address_of(family.take),
            weigh_samples=_address_of(self.weighing),
            search=_address_of(family.search),
            search_peaks=_address_of(PEAKS.search if over_decay else None),
        )
        pairs = np.array(self.powers, dtype=np.int64).ravel()
        words = np.concatenate([plan, pairs, *self.records])
        words[Plan.terms] = address_of(words) + plan.nbytes
        words[Plan.components] = words[Plan.terms] + pairs.nbytes
        if over_decay:
            words[Plan.decay] = (
                address_of(words) + words.nbytes - self.records[-1].nbytes
            )
        words.flags.writeable = False
        return words

    @cached_property
    def _n_words(self) -> int:
        """Words of all records."""
        return sum(own.size for own in self.records)

    @cached_property
    def _room(self) -> int:
        """Columns that the scratch must have room for."""
        n_columns = self.family.n_columns * len(self.records)
        return POLYNOMIAL + self.family.spare_columns + n_columns

    def work_size(self, n: int) -> int:
        """Doubles of scratch for a row of `n` samples."""
        n *= self.n_outputs
        n_words = self._n_words
        return scratch_size(n, self._room, n_words) + self.family.extra * (n + 1)

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
        if self.family.may_bin:
            x, y, w = _binned(x, y, w)
        n = y.shape[-1]
        work = np.empty(self.work_size(n))
        plan = self.plan  # held here: another thread may put its own in the place
        jit.compiled(guess_row).call(
            address_of(plan),
            x.ctypes.data,
            n,
            y.ctypes.data,
            w.ctypes.data,
            n,
            full.ctypes.data,
            work.ctypes.data,
        )


def _address_of(function: Callable[..., None] | None) -> int:
    """Address of a compiled function, 0 for none."""
    return 0 if function is None else jit.compiled(function).address


def weighing_for(traits: Traits) -> Weighing | None:
    """What gives samples the weights that a loss gives them, None for equal ones."""
    if not traits.is_likelihood:
        return soften
    are_counts = traits.noise is not None and traits.lower == 0.0
    return weigh_counts if are_counts and not traits.is_open else None


@lru_cache(maxsize=256)
def compiled_guess(
    model: Model, weighing: Weighing | None = None
) -> CompiledGuess | None:
    """Compiled guess of a model, None where there is none.

    Parameters
    ----------
    model : Model
    weighing : callable, optional
        What gives samples other weights (`weighing_for` a loss).
    """
    powers: list[tuple[int, int]] = []
    others: list[tuple[Guess, Member]] = []
    for part, start in _terms(model):
        if not isinstance(part, Leaf):
            return None
        declaration = part.declaration
        names = [own.name for own in declaration.parameters]
        params = model.params[start : start + len(names)]
        own = Member(dict(zip(names, params, strict=True)), start)
        if isinstance(declaration.guess, Polynomial):
            powers += [(own.at(n), power) for n, power in declaration.guess.powers]
        elif declaration.guess is None or shape_of(part).n_outputs != model.n_outputs:
            return None
        else:
            others.append((declaration.guess, own))
    family = family_of([guess for guess, _ in others])
    if family is None:
        return None
    records = [guess.record(own) for guess, own in sorted(others, key=_freedom)]
    return CompiledGuess(family, powers, records, model.n_outputs, weighing)


def _terms(model: Model) -> Iterator[tuple[Tree, int]]:
    """Terms of a sum; of convolutions those of the left side.

    A response that is known changes the widths of what it is convolved with, not where
    it is; one that has to be found is none of the searches' matter, and a decay rises
    with the response before it falls.
    """
    for part, start in terms(model.tree):
        if not (isinstance(part, Join) and part.operator == "@"):
            yield part, start
            continue
        left, right = part.parts
        params = [model.parameters[own.name] for own in declared(right)]
        begins = any(own.declaration.begins for own in leaves(left))
        if begins or any(own.is_free and own.start is None for own in params):
            yield part, start
            continue
        yield from ((own, start + place) for own, place in terms(left))


def _freedom(member: tuple[Guess, Member]) -> tuple[bool, float]:
    """What components are sorted by: peaks with the narrowest bounds first."""
    guess, own = member
    freedom = own.freedom(guess.center) if isinstance(guess, Peak) else math.inf
    return isinstance(guess, Decay), freedom


def full_starts(model: Model) -> FloatArray:
    """Given starts and fixed values of all parameters, NaN elsewhere."""
    starts = (own.start for own in model.params)
    return np.array([math.nan if own is None else own for own in starts])


def _binned(
    x: FloatArray, y: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted means of neighbouring samples of a curve, with the weights of these.

    Parameters
    ----------
    x, y, w : ndarray, shape (1, n), (n_outputs, n) and (n_outputs, n)
        In any order; where there are few, they come back as they are.
    """
    n = x.shape[1]
    size = -(-n // N_BINS)
    if size == 1:
        return x, y, w
    if (np.diff(x[0]) < 0.0).any():
        order = np.argsort(x[0], kind="stable")
        x, y, w = x[:, order], y[:, order], w[:, order]
    starts = np.arange(0, n, size)
    square = w * w
    total = np.add.reduceat(square, starts, axis=1)
    safe = np.where(total > 0.0, total, 1.0)
    mean = np.add.reduceat(y * square, starts, axis=1) / safe
    both = square.sum(axis=0, keepdims=True)  # x is that of both parts of a number
    weight = np.add.reduceat(both, starts, axis=1)
    # a bin without weight stays where its first sample is
    places = np.add.reduceat(x * both, starts, axis=1)
    places = np.where(weight > 0.0, places / np.fmax(weight, 1e-300), x[:, starts])
    return places, mean, np.sqrt(total)
