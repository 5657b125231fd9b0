"""How every entry of the catalogue is tried: a line for each, by family."""

from __future__ import annotations

from tests.models.catalogue.cases import (
    backgrounds,
    decays,
    ising,
    oscillators,
    peaks,
    planes,
    resonators,
)
from tests.models.catalogue.cases.case import Case

#: By the names of the point functions.
CASES: dict[str, Case] = {
    **peaks.CASES,
    **planes.CASES,
    **backgrounds.CASES,
    **decays.CASES,
    **oscillators.CASES,
    **resonators.CASES,
    **ising.CASES,
}
