"""How every entry of the catalogue is tried: a line for each, by family."""

from __future__ import annotations

import physfit as pf
from physfit.models.declaration import DECLARATIONS
from physfit.models.model import component
from tests.models.catalogue.cases import (
    asymmetric,
    backgrounds,
    decays,
    edges,
    ising,
    lines,
    lmfit,
    motions,
    nonlinear,
    oscillators,
    peaks,
    planes,
    resonators,
    thermal,
)
from tests.models.catalogue.cases.case import Case

#: By the names of the point functions.
CASES: dict[str, Case] = {
    **peaks.CASES,
    **asymmetric.CASES,
    **lines.CASES,
    **planes.CASES,
    **backgrounds.CASES,
    **edges.CASES,
    **decays.CASES,
    **thermal.CASES,
    **oscillators.CASES,
    **motions.CASES,
    **nonlinear.CASES,
    **resonators.CASES,
    **ising.CASES,
    **lmfit.CASES,
}


def freed(
    name: str, prefix: str = "", with_fixed: dict[str, float] | None = None
) -> pf.Model:
    """Model of an entry, all its parameters free; or those that are declared fixed not.

    These are at the values of `with_fixed`.
    """
    model = component(DECLARATIONS[name], prefix)
    changes = {own: pf.param() for own in model.names}
    if with_fixed is not None:
        held = [own.name for own in model.params if own.fixed]
        changes |= {own: pf.fixed(with_fixed[own]) for own in held}
    return model.where(**changes)
