"""Command `models`: the catalogue, or one model in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.cli.command import Command
from physfit.cli.exit_codes import ExitCode
from physfit.settings.files import Named
from physfit.settings.fits import Printed, ReportFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from physfit.document.blocks import Columns, Document
    from physfit.document.documented import Documented
    from physfit.models.declaration import Declaration

__all__ = ["Models"]


class Models(Command, command="models"):
    """List the models, or show one in full: formula, parameters, derived quantities.

    $ physfit models
    $ physfit models voigt
    $ physfit models "a*exp(-x/tau) + c"
    """

    takes = (Named, ReportFile, Printed)

    def run(self) -> int:
        """Print the catalogue or the model."""
        self.print_report(self._found())
        return ExitCode.CONVERGED

    def _found(self) -> Documented:
        import physfit.models.catalogue  # noqa: F401  fills the catalogue
        from physfit.document.documented import Report
        from physfit.models.declaration import DECLARATIONS, declaration_of
        from physfit.models.description import described

        if self.name is None:
            return Report(_overview(DECLARATIONS.values()))
        if self.name.isidentifier():
            return Report(described(declaration_of(self.name)))
        from physfit.result.explanation import explain

        return explain(self.name, derivatives=True)


def _overview(catalogue: Iterable[Declaration]) -> Document:
    from physfit.document.blocks import Text, rows_of, table

    columns: Columns = {
        "model": "{0.point}",
        "parameters": lambda model: ", ".join(own.name for own in model.parameters),
        "description": "{0.description}",
    }
    hint = (
        "`physfit models NAME` shows one in full. Join models by + and *, with "
        "prefixes where",
        "parameter names meet: 'voigt(a_) + voigt(b_) + linear'. Energies of spin "
        "configurations are",
        "'ising_energy(40, nearest)', with the sides of the lattice, and nearest, "
        "by_distance or all_pairs.",
        "Everything else is a formula, alone or beside them: 'a*exp(-x/tau) + c'.",
    )
    return [table("l", tuple(columns), rows_of(columns, catalogue)), Text(hint)]
