"""Start values of peaks over one exponential decay and a polynomial.

A decay of each of some lengths in turn takes its place in the background; the length
over which the peaks leave least is kept. The decay is the last component of the plan.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS
from physfit.engine.guesses.basis import append, copy, next_column
from physfit.engine.guesses.decays import DECAY, SIGN, give_decay, write_decay
from physfit.engine.guesses.frame import (
    BASE,
    COEFFICIENTS,
    N_COLUMNS,
    N_COMPONENTS,
    N_POLYNOMIAL,
    REST,
    SPAN,
    N,
    component_of,
    count,
    is_known,
    small,
    take_row,
    vector,
)
from physfit.engine.guesses.peaks import find_peaks, give_peaks
from physfit.engine.guesses.polynomials import take_polynomials
from physfit.engine.roles import entry, routine

__all__ = ["guess_peaks_over_decay"]

#: Lengths that are tried, in ranges of x.
N_LENGTHS = 20
SHORTEST = 0.03
LONGEST = 3.0


@entry(GUESS)
def guess_peaks_over_decay(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of peaks, a decay and polynomials that are NaN in `full`."""
    n_peaks = plan[N_COMPONENTS] - 1
    component = component_of(plan, n_peaks)
    is_fixed = is_known(full, component[DECAY]) and full[component[DECAY]] != 0.0
    best, chosen = math.inf, 0
    for trial in range(1 if is_fixed else N_LENGTHS):
        take_row(plan, x, ldx, y, w, n, work)
        _append_decay(plan, component, full, work, trial, is_fixed)
        cost = find_peaks(plan, n_peaks, full, work)
        if cost < best:
            best, chosen = cost, trial
    take_row(plan, x, ldx, y, w, n, work)
    length = _append_decay(plan, component, full, work, chosen, is_fixed)
    find_peaks(plan, n_peaks, full, work)
    give_peaks(plan, full, work)
    height = small(work, COEFFICIENTS)[count(work, N_POLYNOMIAL) - 1]
    give_decay(component, full, work, length, height)


@routine
def _append_decay(
    plan: Any, component: Any, full: Any, work: Any, trial: Any, is_fixed: Any
) -> Any:
    """Let a decay join the polynomial; its length."""
    take_polynomials(plan, full, work)
    step = math.log(LONGEST / SHORTEST) * trial / (N_LENGTHS - 1.0)
    length = SHORTEST * work[SPAN] * math.exp(step)
    if is_fixed:
        length = math.fabs(full[component[DECAY]])
    write_decay(work, length, component[SIGN], next_column(work))
    append(work)
    work[N_POLYNOMIAL] = work[N_COLUMNS]
    copy(vector(work, REST), vector(work, BASE), count(work, N))
    return length
