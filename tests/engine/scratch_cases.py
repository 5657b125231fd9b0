"""The scratch of a guess in Python: a row taken in, arrays by the names of fields."""

from __future__ import annotations

import math

import numpy as np

from physfit.engine.abi import GUESS, address_at, at
from physfit.engine.guesses.basis import coefficients
from physfit.engine.guesses.frame import Plan, Scratch, lay_out, scratch_size
from physfit.engine.guesses.row import give_polynomials, take_curve, take_polynomials
from physfit.engine.jit import compiled
from physfit.engine.roles import entry

ROOM = 4


@entry(GUESS)
def take_row(plan, x, ldx, y, w, n, full, work):
    """A row taken in, its polynomial explained."""
    own, scratch = at(address_at(plan), Plan), at(address_at(work), Scratch)
    lay_out(own, n, scratch)
    take_curve(own, x, ldx, y, w, n, scratch)
    take_polynomials(own, full, scratch)
    coefficients(scratch)


@entry("void(f64*, f64*)")
def give(full, work):
    """Parameters of the polynomial that are NaN."""
    give_polynomials(full, at(address_at(work), Scratch))


class Row:
    """A row taken in by compiled code.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
    w : ndarray, shape (n,), optional
        Ones by default.
    powers : sequence of (int, int)
        Place of a parameter, power of x that it multiplies.
    full : ndarray, optional
        Parameters, all unknown by default.
    extra : int
        Doubles of scratch for each sample, behind that of all guesses.
    """

    def __init__(self, x, y, w=None, powers=(), full=None, extra=0):
        n = len(x)
        self.n = n
        self.powers = np.array(powers, dtype=np.int64).ravel()
        self.plan = Plan.filled(
            terms=self.powers.ctypes.data,
            n_terms=len(powers),
            room=ROOM,
            n_outputs=1,
        )
        self.work = np.zeros(scratch_size(n, ROOM, 0) + extra * (n + 1))
        self.full = np.full(3, math.nan) if full is None else full
        data = [np.ascontiguousarray(own, dtype=float) for own in (x, y)]
        data.append(np.ones(n) if w is None else w)
        x, y, w = (own.ctypes.data for own in data)
        address = self.plan.ctypes.data
        full, work = self.full.ctypes.data, self.work.ctypes.data
        compiled(take_row).call(address, x, n, y, w, n, full, work)

    def give(self):
        """The parameters, those of the polynomial filled in."""
        compiled(give).call(self.full.ctypes.data, self.work.ctypes.data)
        return self.full

    def call(self, function, *numbers):
        """Call an entry of signature ``void(f64*, f64*, ...)``; eight results."""
        out = np.zeros(8)
        compiled(function).call(self.work.ctypes.data, out.ctypes.data, *numbers)
        return out

    def number(self, place):
        """A word of the scratch as an integer."""
        return int(self.work.view(np.int64)[place])

    def array(self, place, start=0, length=None):
        """The array of a field, from a place on; as long as a row by default."""
        first = (self.number(place) - self.work.ctypes.data) // 8 + start
        return self.work[first : first + (length or self.n)]

    def column(self, k):
        """Orthonormal column."""
        return self.array(Scratch.basis, k * (self.n + 1))
