"""Kernels of sums with backgrounds that follow their peaks."""

from __future__ import annotations

from collections.abc import Sequence

from physfit.engine.active import Facts, follow_peaks, sizes
from physfit.engine.host import host_block
from physfit.engine.inner import SPARE
from physfit.engine.layout import Evaluate, Layout
from physfit.engine.problem import work_size
from physfit.errors import ModelError
from physfit.kernels.kernel import Context, Kernel
from physfit.models.convolution.kernel import Placed, Side, program_of

__all__ = ["KINDS", "is_active", "sum_kernel"]

#: Backgrounds by name: which law, and the way along x that losses lead to.
KINDS = {
    "shirley": (0, 1),
    "shirley_kinetic": (0, -1),
    "tougaard": (1, 1),
    "tougaard_kinetic": (1, -1),
}


def is_active(side: Side) -> bool:
    """Whether a term is a background that follows the peaks."""
    return any(own.declaration.follows_peaks for own in side.components)


def _is_peak(side: Side) -> bool:
    """Whether a term has a center, which backgrounds have not."""
    return any(
        param.name == "center"
        for own in side.components
        for param in own.declaration.parameters
    )


def sum_kernel(terms: Sequence[Side], name: str, only: str | None = None) -> Kernel:
    """Kernel of a sum in which backgrounds follow the peaks.

    Parameters
    ----------
    terms : sequence of Side
        Over the parameters of the sum.
    name : str
        For people.
    only : str, optional
        Prefix and name of the one background that is wanted alone.

    Raises
    ------
    ModelError
        When there is no peak, or a term cannot be computed here.
    """
    active = [own.components[0] for own in terms if is_active(own)]
    peaks = [own for own in terms if not is_active(own) and _is_peak(own)]
    others = [own for own in terms if not is_active(own) and not _is_peak(own)]
    _refuse(terms, active, peaks, name)
    programs = [group for group in (peaks, others) if group]
    names = [
        own.prefix + param.name
        for side in terms
        for own in side.components
        for param in own.declaration.parameters
    ]
    wanted = [own for own in active if only in (None, _called(own))]
    facts = Facts.filled(
        n_parameters=len(names),
        n_programs=len(programs),
        n_backgrounds=len(wanted),
        is_whole=only is None,
    )
    backgrounds = [(*KINDS[own.declaration.point], own.first) for own in wanted]
    masks = []
    for group in programs:
        places = {place for side in group for place in side.places}
        masks += [int(place in places) for place in range(len(names))]
    inner = tuple(program_of(group, len(names), 1) for group in programs)
    fixed, by_sample = sizes(len(names))
    fixed += sum(work_size(own) + SPARE for own in inner)
    rooms = [_room(own) for own in inner]
    words = [word for own in backgrounds for word in own]
    return Kernel(
        name=name,
        function=host_block,
        inputs=("x",),
        parameters=tuple(names),
        is_block=True,
        context=Context(facts, words, masks, [word for own in rooms for word in own]),
        scratch=fixed + sum(own[0] for own in rooms),
        scratch_per_sample=by_sample + sum(own[1] for own in rooms),
        prepare=follow_peaks,
        inner=inner,
    )


def _room(layout: Layout) -> tuple[int, int]:
    """Scratch of a program that has some for each sample: so much, and so much each."""
    by_sample = sum(own.scratch_per_sample for own in layout.kernels)
    fixed = sum(own.scratch for own in layout.kernels)
    return (fixed, by_sample) if by_sample else (0, 0)


def _called(own: Placed) -> str:
    return own.prefix + own.declaration.point


def _refuse(
    terms: Sequence[Side], active: Sequence[Placed], peaks: Sequence[Side], name: str
) -> None:
    kind = active[0].declaration.point
    if not peaks:
        raise ModelError(
            f"{kind} follows the peaks of its sum, which are the terms with a "
            f"`center`; there is none in {name}. Write it beside them, as in "
            f"'voigt + {kind}'."
        )
    if any(own.n_outputs > 1 for own in terms):
        raise ModelError(f"{kind} follows real peaks, but {name} is complex.")
    for side in terms:
        for step in side.operations:
            if not isinstance(step, Evaluate):
                continue
            if step.kernel.host is not None or step.kernel.n_by_sample:
                raise ModelError(
                    f"{step.kernel.name} is called as Python and cannot stand in a sum "
                    f"with {kind}; write it as a formula."
                )
