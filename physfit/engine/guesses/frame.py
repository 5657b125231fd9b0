"""What the guesses of a row share: the plan of a model, and the scratch.

The models make a plan (see `models.compiled_guess`): which parameters multiply powers
of x, and a record for each component, which says where its parameters stand among all
and what its search reads of it. A record is copied into the scratch, where the search
adds what it finds.

The scratch is a struct, behind it vectors of one double per sample and one more, then
what is small.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import FUNCTION, address_at, as_floats, at, offset
from physfit.engine.roles import routine, summation
from physfit.engine.struct import Float64, Struct

__all__ = ["SEARCH", "Component", "Plan", "Scratch", "column", "component", "copy"]
__all__ += ["give", "is_known", "lay_out", "scratch_size", "sort_free"]


#: C signature of a search for components: parameters, scratch, number of samples.
SEARCH = FUNCTION


class Plan(Struct):
    """What a model says of its terms and components."""

    #: Address of pairs: the place of a parameter, the power of x that it multiplies.
    terms: int
    n_terms: int
    #: Address of the records of components, and bytes of one.
    components: int
    n_components: int
    component_bytes: int
    #: Columns there must be room for.
    room: int
    #: Values of a sample, 2 for complex data.
    n_outputs: int
    # Addresses of functions, or 0: what takes in other samples than those of a curve,
    # what gives samples other weights, the search for the components, the search for
    # peaks over a decay.
    take_samples: int
    weigh_samples: int
    search: int
    search_peaks: int
    #: Address of the record of a decay below peaks.
    decay: int


class Component(Struct):
    """What records of several searches begin with."""

    #: Whether it is named by its order among the free ones.
    is_free: int
    #: Where it is (its center, its constant), its width, its second coordinate.
    place: Float64
    width: Float64
    place_y: Float64


class Scratch(Struct):
    """Numbers of a row, and addresses of its arrays."""

    #: Address of the plan.
    plan: int
    n: int
    #: Places on the axis: half the samples where these are real and imaginary parts.
    n_places: int
    n_columns: int
    n_polynomial: int
    n_components: int
    component_bytes: int
    #: Words of all components.
    n_words: int
    room: int
    #: Range of x (1 if it is a point), a typical distance of samples.
    span: Float64
    spacing: Float64
    #: Origin and unit of the powers of x.
    middle: Float64
    half: Float64
    #: Sum of squared distances of the samples from even ones, in that distance squared.
    uneven: Float64
    #: Angular frequency up to which the samples tell waves apart.
    highest: Float64
    #: Sum of squares that the polynomial leaves.
    base_square: Float64
    #: Samples that a running sum goes on for beyond each end, and bytes of one.
    pad: int
    running_bytes: int
    #: Samples in the widest box that may stand for a peak; the best box and its width.
    widest: int
    box: int
    box_width: int
    #: Components whose sign is not known; the best way to split a peak.
    n_signless: int
    best_way: int
    #: Whether what is found is only compared, not given.
    is_trial: int
    #: Numbers in an array of a transform.
    length: int
    # Search along a line: the point to be tried, the step, the best point, gains of
    # that and of the one before, steps taken (-1 before the direction is known).
    at: Float64
    step: Float64
    top: Float64
    best: Float64
    before: Float64
    taken: int
    # Vectors: coordinates, weights, weighted data less what is known or explained, the
    # same with the polynomial explained only, a shape, orthonormal columns.
    x: int
    w: int
    residual: int
    base: int
    shape: int
    basis: int
    # Running sums, of the residual, of squared weights, and of each column.
    running: int
    running_squares: int
    running_basis: int
    # Small arrays.
    projections: int
    coefficients: int
    #: Products of the columns, row by row.
    triangle: int
    #: Parameters that take the powers 0, 1, 2 of x; -1 for none.
    powers: int
    components: int
    #: Records of peaks: of the best way to place them, before the least of them is
    #: tried elsewhere, of the best such trial.
    kept_best: int
    kept_whole: int
    kept_other: int
    #: What only one search needs.
    extra: int


SCRATCH_BYTES = 8 * Scratch.SIZE
#: Vectors before the columns, and running sums before theirs.
N_VECTORS = 5
N_RUNNING = 2
#: Doubles before the triangle, times `room`.
N_SMALL = 2
N_POWERS = 3


def scratch_size(n: int, room: int, n_words: int) -> int:
    """Doubles of scratch for `n` samples and `room` columns.

    Parameters
    ----------
    n, room : int
    n_words : int
        Words of all components.
    """
    vectors = (n + 1) * (N_VECTORS + room)
    vectors += int(running_size(n)) * (N_RUNNING + room)
    return Scratch.SIZE + vectors + room * (N_SMALL + room) + N_POWERS + 4 * n_words


@routine
def running_size(n: Any) -> Any:
    """Doubles of a running sum of `n` samples, half the widest box beyond each end."""
    return n + 1 + 2 * (n // 4 + 1)


@routine
def lay_out(plan: Any, n: Any, work: Any) -> None:
    """Places of all arrays in the scratch of a row of `n` samples; the components."""
    work.plan, work.room = address_at(plan), plan.room
    work.n, work.n_places = n * plan.n_outputs, n
    work.n_components, work.component_bytes = plan.n_components, plan.component_bytes
    work.n_columns, work.is_trial, work.best_way = 0, 0, 0
    size, small = 8 * (work.n + 1), 8 * work.room
    work.pad = work.n // 4 + 1
    work.running_bytes = 8 * running_size(work.n)
    work.x = address_at(work) + SCRATCH_BYTES
    work.w = work.x + size
    work.residual = work.w + size
    work.base = work.residual + size
    work.shape = work.base + size
    work.basis = work.shape + size
    work.running = work.basis + work.room * size + 8 * work.pad
    work.running_squares = work.running + work.running_bytes
    work.running_basis = work.running_squares + work.running_bytes
    work.projections = (
        work.running_basis + work.room * work.running_bytes - 8 * work.pad
    )
    work.coefficients = work.projections + small
    work.triangle = work.coefficients + small
    work.powers = work.triangle + work.room * small
    work.components = work.powers + 8 * N_POWERS
    work.n_words = plan.n_components * plan.component_bytes // 8
    copy(as_floats(plan.components), as_floats(work.components), work.n_words)
    work.kept_best = work.components + 8 * work.n_words
    work.kept_whole = work.kept_best + 8 * work.n_words
    work.kept_other = work.kept_whole + 8 * work.n_words
    work.extra = work.kept_other + 8 * work.n_words


@routine
def component(work: Any, k: Any) -> Any:
    """Address of the record of component `k`."""
    return work.components + k * work.component_bytes


@routine
def column(work: Any, j: Any) -> Any:
    """Orthonormal column `j`, or room for it."""
    return offset(as_floats(work.basis), j * (work.n + 1))


@routine
def sort_free(work: Any) -> None:
    """Order the free components by their place; the others stay what they are."""
    for k in range(work.n_components):
        for j in range(k):
            one = at(component(work, j), Component)
            other = at(component(work, k), Component)
            if one.is_free * other.is_free == 1 and other.place < one.place:
                one.place, other.place = other.place, one.place
                one.width, other.width = other.width, one.width
                one.place_y, other.place_y = other.place_y, one.place_y


@summation
def copy(source: Any, target: Any, n: Any) -> None:
    """target = source."""
    for i in range(n):
        target[i] = source[i]


@routine
def is_known(full: Any, place: Any) -> Any:
    """Whether the parameter at a place was given; there may be none (-1)."""
    return place >= 0 and not math.isnan(full[place])


@routine
def give(full: Any, place: Any, value: Any, otherwise: Any) -> None:
    """Set a parameter that was not given, to `otherwise` if the value is not finite."""
    if place >= 0 and math.isnan(full[place]):
        full[place] = value if math.fabs(value) < math.inf else otherwise
