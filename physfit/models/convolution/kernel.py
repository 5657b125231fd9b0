"""Kernels of convolutions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import comb
from typing import NamedTuple

import numpy as np

from physfit.engine.convolution import convolve
from physfit.engine.convolution_words import N_ENDS, N_GRADED, Facts, sizes
from physfit.engine.host import host_block
from physfit.engine.inner import SPARE
from physfit.engine.layout import Code, Evaluate, Layout, Operation
from physfit.engine.problem import work_size
from physfit.errors import ModelError
from physfit.kernels.kernel import Context, Kernel
from physfit.models.convolution.pairs import pair_kernel
from physfit.models.declaration import Declaration
from physfit.typing import FloatArray

__all__ = ["Placed", "Side", "convolution_kernel", "program_of"]

#: Samples that a sum needs in the width of a Gaussian, and of anything else: there the
#: transform of a Gaussian is 4e-14 and that of a Lorentzian 5e-13 of its largest.
IN_SIGMA, IN_WIDTH = 1.25, 4.5
#: The same of a decay from its beginning on, and by how much more of the response.
IN_DECAY, OF_RESPONSE = 6.0, 3.0
#: Places in the half width of a response at least, whatever widths it declares.
IN_HALF = 2.0
#: Parameters that are widths; without one, lengths that are never negative.
_WIDTHS = frozenset({"sigma", "sigma_r", "gamma", "gamma_r", "width", "fwhm"})


class Placed(NamedTuple):
    """A component of a side, and the place of its first parameter there."""

    declaration: Declaration
    prefix: str
    first: int


class Side(NamedTuple):
    """A side of a convolution, or a term of it.

    Attributes
    ----------
    operations : tuple of Operation
        Over the parameters of the side.
    components : tuple of Placed
    n_outputs : int
    """

    operations: tuple[Operation, ...]
    components: tuple[Placed, ...]
    n_outputs: int

    @property
    def begins(self) -> bool:
        """Whether it is zero before x = 0."""
        return any(own.declaration.begins for own in self.components)

    def named(self, held: frozenset[str]) -> set[int]:
        """Places of its parameters but for some by name."""
        return {
            own.first + k
            for own in self.components
            for k, param in enumerate(own.declaration.parameters)
            if own.prefix + param.name not in held
        }

    @property
    def places(self) -> list[int]:
        """Places of its parameters."""
        found: list[int] = []
        for own in self.components:
            found += range(own.first, own.first + len(own.declaration.parameters))
        return found


def convolution_kernel(
    terms: Sequence[Side],
    response: Side,
    name: str,
    held: frozenset[str] = frozenset(),
    only: int | None = None,
) -> Kernel:
    """Kernel of a sum of terms that is convolved with a response of unit area.

    Parameters
    ----------
    terms : sequence of Side
        Terms of the left side, over all of its parameters.
    response : Side
    name : str
        For people.
    held : frozenset of str
        Parameters by which a fit asks for no partials.
    only : int, optional
        Which term is wanted alone; all by default.

    Raises
    ------
    ModelError
        When it cannot be summed.
    """
    known = pair_kernel(terms, response, only)
    found = _summed(terms, response, held, only) if known is None else known
    return replace(found, name=name)


def _summed(
    terms: Sequence[Side], response: Side, held: frozenset[str], only: int | None
) -> Kernel:
    """Kernel that sums over places of the response."""
    _refuse(terms, response)
    shown = [own for k, own in enumerate(terms) if only in (None, k)]
    smooth = [own for own in shown if not own.begins]
    begin = [own for own in shown if own.begins]
    programs = [group for group in (smooth, begin) if group]
    n_left = sum(len(own.places) for own in terms)
    n_right = len(response.places)
    n_outputs = max(own.n_outputs for own in terms)
    left = [program_of(group, n_left, n_outputs) for group in programs]
    right = program_of([response], n_right, 1)
    facts = Facts.filled(
        n_left=n_left,
        n_right=n_right,
        n_outputs=n_outputs,
        n_programs=len(programs),
        begins=len(programs) - 1 if begin else -1,
        is_normalised=not _has_unit_area(response),
        right_begins=response.begins,
        origin=_place(response, "center", "shift"),
        scale=_scale(response),
        in_half=round(100 * IN_HALF * (OF_RESPONSE if begin else 1.0)),
        is_bounded=_measured(response) is not None,
    )
    context = Context(
        facts,
        _support(response),
        _widths(terms, bool(begin)),
        _widths([response], bool(begin)),
        _masks(programs, n_left, response, frozenset())
        + _masks(programs, n_left, response, held),
        end_weights(),
        graded_places(),
    )
    inner = (right, *left)
    fixed, by_sample = sizes(n_left, n_right, n_outputs)
    fixed += sum(work_size(own) + SPARE for own in inner)
    return Kernel(
        name="@",
        function=host_block,
        inputs=("x",),
        parameters=_names(terms, response),
        n_outputs=n_outputs,
        is_block=True,
        context=context,
        scratch=fixed,
        scratch_per_sample=by_sample,
        prepare=convolve,
        inner=inner,
    )


def _names(terms: Iterable[Side], response: Side) -> tuple[str, ...]:
    return tuple(
        own.prefix + param.name
        for side in (*terms, response)
        for own in side.components
        for param in own.declaration.parameters
    )


def program_of(group: Sequence[Side], n_full: int, n_outputs: int) -> Layout:
    """Program of the sum of some terms, all of whose parameters are given."""
    operations = list(group[0].operations)
    for own in group[1:]:
        operations += [*own.operations, Code.ADD]
    places = tuple(range(n_full))
    return Layout(tuple(operations), n_full, places, (), (), 1, n_outputs)


def _refuse(terms: Sequence[Side], response: Side) -> None:
    """Refuse what has no values between samples, or no area, or begins twice."""
    layouts = [own.operations for own in (*terms, response)]
    for step in (step for own in layouts for step in own):
        if not isinstance(step, Evaluate):
            continue
        kernel = step.kernel
        if kernel.host is not None or kernel.n_by_sample or kernel.takes_spins:
            raise ModelError(
                f"{kernel.name} cannot be convolved: it is called as Python, or valid "
                "at the samples of its fit alone; write it with functions that physfit "
                "compiles (`physfit.model` says which), or as a formula."
            )
        if kernel.needs_whole_curve:
            raise ModelError(
                f"{kernel.name} cannot be convolved, because it is computed for whole "
                "curves; of two convolutions one can be written as the response of the "
                "other, a @ (b @ c)."
            )
    entries = [own.declaration for own in response.components]
    if not response.begins and all(map(_is_endless, entries)):
        raise ModelError(
            f"{entries[0].point} is no response: it has no width, and so no area; take "
            "a peak, a decay or a measured curve."
        )
    if response.begins and any(own.begins for own in terms):
        raise ModelError(
            "a decay cannot be convolved with another decay, since both begin at "
            "x = 0; take the sum of two exponentials that is their convolution."
        )


def _is_endless(declaration: Declaration) -> bool:
    """Whether an entry of the catalogue has no length; formulas declare no units."""
    units = {own.unit for own in declaration.parameters}
    return any("y" in unit for unit in units) and "x" not in units


def _measured(response: Side) -> Declaration | None:
    """The measured response that a side is, if it is one alone."""
    first = response.components[0].declaration
    is_alone = len(response.components) == 1
    return first if is_alone and first.response is not None else None


def _has_unit_area(response: Side) -> bool:
    """Whether the area is 1 where the scale is 1."""
    [first, *others] = response.components
    declaration = first.declaration
    scale = declaration.scale
    if others or len(response.operations) > 1 or scale is None:
        return False
    units = {own.name: own.unit for own in declaration.parameters}
    return units[scale] == "y*x"


def _place(response: Side, *names: str) -> int:
    """Place of a parameter of the first component, -1 where it has none of these."""
    first = response.components[0]
    for k, own in enumerate(first.declaration.parameters):
        if own.name in names:
            return first.first + k
    return -1


def _scale(response: Side) -> int:
    """Place of the scale of a response that is a single component, else -1."""
    scale = response.components[0].declaration.scale
    if scale is None or len(response.operations) > 1:
        return -1
    return _place(response, scale)


def _support(response: Side) -> FloatArray:
    declared = _measured(response)
    if declared is None or declared.response is None:
        return np.zeros(3)
    places = declared.response.x
    return np.array([places[0], places[-1], 1.0 / (places[1] - places[0])])


def _widths(sides: Iterable[Side], begins: bool) -> list[int]:
    """Widths of components (see `engine.convolution`)."""
    table, count = list[int](), 0
    for own in (own for side in sides for own in side.components):
        declaration = own.declaration
        lengths = {
            param.name: own.first + k
            for k, param in enumerate(declaration.parameters)
            if param.unit == "x" and param.lower == 0.0
        }
        widths = [place for name, place in lengths.items() if name in _WIDTHS]
        groups = [widths] if widths else [[place] for place in lengths.values()]
        wanted = IN_SIGMA if declaration.point == "gaussian" else IN_WIDTH
        if begins:
            wanted = IN_DECAY if declaration.begins else OF_RESPONSE * wanted
        for places in groups:
            table += [round(100 * wanted), len(places), *places]
            count += 1
    return [count, *table]


def _masks(
    programs: Sequence[Sequence[Side]],
    n_left: int,
    response: Side,
    held: frozenset[str],
) -> list[int]:
    """Parameters whose partials count: of each program, and of the response."""
    masks: list[int] = []
    for group in programs:
        own = {place for side in group for place in side.named(held)}
        masks += [int(place in own) for place in range(n_left)]
    wanted = response.named(held) - {_scale(response)}
    return masks + [int(place in wanted) for place in response.places]


def graded_places() -> FloatArray:
    """Places and weights of Gauss and Legendre on the unit interval, dense at 0.

    The places are s^6 of those in s, so that a power t^b of a small b is smooth.
    """
    nodes, weights = np.polynomial.legendre.leggauss(N_GRADED)
    s = 0.5 * (1.0 + nodes)
    return np.concatenate([s**6, 3.0 * s**5 * weights])


def end_weights() -> FloatArray:
    """Weights of the first places of a sum, from where it begins, after Gregory.

    The integral is the sum less ``G_k`` times the difference of order k - 1 at the
    beginning, for k from 1 to `N_ENDS`, with ``x / log(1 + x) = sum G_k x^k``.
    """
    series = [Fraction(1)]
    for k in range(1, N_ENDS + 1):
        known = (own * (-1) ** (k - j) / (k + 1 - j) for j, own in enumerate(series))
        series.append(-sum(known, Fraction(0)))
    weights = [Fraction(1)] * N_ENDS
    for k in range(1, N_ENDS + 1):
        for j in range(k):
            weights[j] -= series[k] * (-1) ** (k - 1 - j) * comb(k - 1, j)
    return np.array([float(own) for own in weights])
