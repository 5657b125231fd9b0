"""Command `models`: the catalogue, or one model in full."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from physfit.cli.command import Command
from physfit.cli.exit_codes import ExitCode
from physfit.settings.files import Named
from physfit.settings.fits import Reported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from physfit.document.blocks import Document
    from physfit.document.documented import Documented
    from physfit.models.declaration import Declaration
    from physfit.models.param import Param

__all__ = ["Models"]


class Models(Command, command="models"):
    """List the models, or show one in full: formula, parameters, derived quantities.

    $ physfit models
    $ physfit models voigt
    $ physfit models "a*exp(-x/tau) + c"
    """

    takes = (Named, Reported)

    def run(self) -> int:
        """Print the catalogue or the model."""
        self.print_report(self._found())
        return ExitCode.CONVERGED

    def _found(self) -> Documented:
        import physfit.models.catalogue  # noqa: F401  fills the catalogue
        from physfit.document.documented import Report
        from physfit.models.declaration import DECLARATIONS, declaration_of

        if self.name is None:
            return Report(_overview(DECLARATIONS.values()))
        if self.name.isidentifier():
            return Report(_in_full(declaration_of(self.name)))
        from physfit.result.explanation import explain

        return explain(self.name, derivatives=True)


def _overview(catalogue: Iterable[Declaration]) -> Document:
    from physfit.document.blocks import Text, table

    rows = [
        (model.point, ", ".join(p.name for p in model.parameters), model.description)
        for model in catalogue
    ]
    hint = (
        "`physfit models NAME` shows one in full. Join models by + and *, with "
        "prefixes where",
        "parameter names meet: 'voigt(a_) + voigt(b_) + linear'. Energies of spin "
        "configurations are",
        "'ising_energy(40, nearest)', with the sides of the lattice, and nearest, "
        "by_distance or all_pairs.",
        "Everything else is a formula, alone or beside them: 'a*exp(-x/tau) + c'.",
    )
    return [table(("model", "parameters", "description"), rows, left=3), Text(hint)]


def _in_full(model: Declaration) -> Document:
    from physfit.document.blocks import Table, Text, columns

    parameters = [
        (param.name, _unit(param.unit), _limits(param), param.description)
        for param in model.parameters
    ]
    derived = [
        (name, _unit(unit), f"{description}: {expression}")
        for name, expression, unit, description in model.derived
    ]
    title = "parameters (units by those of x and y)"
    reference = [f"reference: {model.reference}"] if model.reference else []
    return [
        Text([f"{model.point}: {model.description}"]),
        Text([f"  {model.formula}"], is_code=True),
        Table(columns(*("",) * 4, left=4), [(title, parameters)]),
        Table(
            columns(*("",) * 3, left=3),
            [("derived, with errors in the report", derived)],
        ),
        Text(reference),
    ]


def _unit(unit: str) -> str:
    return f"[{unit.strip(chr(39)) or '1'}]"


def _limits(param: Param) -> str:
    if math.isinf(param.lower) and math.isinf(param.upper):
        return "any value"
    if math.isinf(param.upper):
        return f">= {param.lower:g}"
    return f"{param.lower:g} to {param.upper:g}"
