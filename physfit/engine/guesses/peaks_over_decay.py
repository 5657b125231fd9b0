"""Search for peaks over one exponential decay and a polynomial.

A decay of each of some lengths in turn takes its place in the background; the length
over which the peaks leave least is kept.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS, address_at, as_floats, at, call_guess
from physfit.engine.guesses.basis import append, next_column, residual_square
from physfit.engine.guesses.decays import Decay, give_decay, write_decay
from physfit.engine.guesses.frame import Plan, Scratch, column, copy, is_known
from physfit.engine.roles import entry, routine

__all__ = ["search_peaks_over_decay"]

#: Lengths that are tried, in ranges of x.
N_LENGTHS = 20
SHORTEST = 0.03
LONGEST = 3.0


@entry(GUESS)
def search_peaks_over_decay(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of peaks and of a decay that are NaN in `full`."""
    own, scratch = at(address_at(plan), Plan), at(address_at(work), Scratch)
    decay = at(own.decay, Decay)
    n_polynomial, base = scratch.n_polynomial, column(scratch, scratch.room - 1)
    copy(as_floats(scratch.base), base, scratch.n)
    is_fixed = is_known(full, decay.decay_at) and full[decay.decay_at] != 0.0
    n_lengths = 1 if is_fixed else N_LENGTHS
    lowest, best, length = math.inf, 0, 0.0
    for trial in range(n_lengths + 1):  # the best of them once more
        scratch.is_trial = trial < n_lengths
        length = _length(scratch, trial if trial < n_lengths else best)
        if is_fixed:
            length = math.fabs(full[decay.decay_at])
        scratch.n_columns = n_polynomial
        copy(base, as_floats(scratch.residual), scratch.n)
        write_decay(scratch, length, decay.sign, next_column(scratch))
        append(scratch)
        scratch.n_polynomial = scratch.n_columns
        copy(as_floats(scratch.residual), as_floats(scratch.base), scratch.n)
        call_guess(own.search_peaks, plan, x, ldx, y, w, n, full, work)
        left = residual_square(scratch)
        if left < lowest:
            lowest, best = left, trial
    height = as_floats(scratch.coefficients)[n_polynomial]
    give_decay(scratch, decay, full, length, height)


@routine
def _length(work: Any, trial: Any) -> Any:
    """Length of a trial."""
    step = math.log(LONGEST / SHORTEST) * trial / (N_LENGTHS - 1.0)
    return SHORTEST * work.span * math.exp(step)
