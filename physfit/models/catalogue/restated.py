"""An entry in the parameters of another convention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from physfit.kernels.kernel import Kernel
from physfit.models.catalogue.component import Component
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = ["restated"]


def restated(
    base: Component,
    name: str,
    parameters: tuple[Param, ...],
    by: Mapping[str, str],
    **said: Any,
) -> Component:
    """The curve of an entry, its parameters expressed by others.

    Parameters
    ----------
    base : Component
        What is computed.
    name : str
        Of the new point function.
    parameters : tuple of Param
        Its parameters.
    by : mapping of str to str
        Parameters of the base by expressions of the new ones, in an order in which
        each may use those before; those of equal meaning and name are left out. Of a
        base that is a kernel, in place of expressions plain names.
    **said
        Fields that differ from those of the base, but for `derived`, `guess`, `scale`
        and `tied`, which speak of parameters and are left out unless they are given.
    """
    law = base.law
    if isinstance(law, Kernel):
        names = tuple(by.get(own, own) for own in law.parameters)
        said = {"formula": base.formula} | said
        restated_law: Any = replace(law, name=name, parameters=names)
    else:
        assert isinstance(law, Formula)
        restated_law = replace(law, name=name, steps={**by, **law.steps})
    fields = {"description": base.description, "reference": base.reference}
    return Component(restated_law, parameters=parameters, **{**fields, **said})
