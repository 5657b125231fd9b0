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
    **resonators.CASES,
    **ising.CASES,
    **lmfit.CASES,
}


def freed(name: str, prefix: str = "") -> pf.Model:
    """Model of an entry, without the ties that it is declared with."""
    model = component(DECLARATIONS[name], prefix)
    return model.where(**{own: pf.param() for own in model.names})
