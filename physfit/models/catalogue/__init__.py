"""The components that ship, each declared once, in the module of its family.

An entry says what it computes (a formula, or a kernel where a formula is not as
accurate or as fast), its parameters with unit, bounds and meaning, derived quantities,
reference, and how start values are guessed. Bounds are those of the formula's meaning
(a width is not negative); everything else is left to the user. Nothing is computed at
import: kernels are made when they are asked for.
"""

from __future__ import annotations

from types import ModuleType

from physfit.models.catalogue import (
    asymmetric,
    backgrounds,
    decays,
    edges,
    ising,
    lines,
    lmfit,
    molecular,
    motions,
    nonlinear,
    optics,
    oscillators,
    peaks,
    planes,
    resonators,
    tails,
    thermal,
)
from physfit.models.catalogue.component import Component, declare

__all__ = ["COMPONENTS", "CONVENTIONS", "EVERY", "FAMILIES", "Component", "declare"]
__all__ += ["entries"]

#: Modules of entries, in the order in which they are listed.
FAMILIES = (
    *(peaks, asymmetric, tails, lines, molecular, planes, backgrounds, edges),
    *(decays, thermal, oscillators, motions, nonlinear, resonators, optics, ising),
)
#: Modules of entries in the conventions of other programs.
CONVENTIONS = (lmfit,)


def entries(family: ModuleType) -> list[Component]:
    """The entries of a module, in the order of its names."""
    return [getattr(family, name) for name in family.__all__]


#: Every component of physfit's own conventions, by its name in `physfit.models`.
COMPONENTS: dict[str, Component] = {
    own.class_name: declare(own) for family in FAMILIES for own in entries(family)
}
#: Those of other conventions too.
EVERY: dict[str, Component] = COMPONENTS | {
    own.class_name: declare(own) for family in CONVENTIONS for own in entries(family)
}
