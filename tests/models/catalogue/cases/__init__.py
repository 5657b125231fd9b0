"""How every entry of the catalogue is tried: a line for each, by family."""

from __future__ import annotations

from importlib import import_module

import physfit as pf
from physfit.models.catalogue import CONVENTIONS, FAMILIES
from physfit.models.declaration import DECLARATIONS
from physfit.models.model import component
from tests.models.catalogue.cases.case import Case

#: By the names of the point functions: a module of cases for each of the catalogue.
CASES: dict[str, Case] = {
    name: case
    for family in (*FAMILIES, *CONVENTIONS)
    for name, case in import_module(
        family.__name__.replace("physfit.models.catalogue", __name__)
    ).CASES.items()
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
