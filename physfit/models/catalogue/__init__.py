"""The components that ship, each declared once, in the module of its family.

An entry says what it computes (a formula, or a kernel where a formula is not as
accurate or as fast), its parameters with unit, bounds and meaning, derived quantities,
reference, and how start values are guessed. Bounds are those of the formula's meaning
(a width is not negative); everything else is left to the user. Nothing is computed at
import: kernels are made when they are asked for.
"""

from __future__ import annotations

from physfit.models.catalogue import (
    backgrounds,
    decays,
    ising,
    oscillators,
    peaks,
    planes,
    resonators,
)
from physfit.models.catalogue.component import Component, declare

__all__ = ["COMPONENTS", "FAMILIES", "Component", "declare"]

#: Modules of entries, in the order in which they are listed.
FAMILIES = (peaks, planes, backgrounds, decays, oscillators, resonators, ising)
#: Every component by its name in `physfit.models`.
COMPONENTS: dict[str, Component] = {
    own.class_name: declare(own)
    for family in FAMILIES
    for own in (getattr(family, name) for name in family.__all__)
}
