"""Command `models`: the catalogue, or one model in full."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from physfit.cli import kinds
from physfit.cli.command import Command
from physfit.cli.console import print_text
from physfit.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from physfit.models.declaration import Declaration
    from physfit.models.param import Param

__all__ = ["Models"]


class Models(Command, command="models"):
    """List the models, or show one in full: formula, parameters, derived quantities.

    $ physfit models
    $ physfit models voigt
    $ physfit models "a*exp(-x/tau) + c"
    """

    name = kinds.TEXT("NAME", "A model, to see it in full, or a formula.")

    def run(self) -> int:
        """Print the catalogue or the model."""
        import physfit.models.catalogue  # noqa: F401  fills the catalogue
        from physfit.models.declaration import DECLARATIONS, declaration_of

        if self.name is None:
            print_text(_overview(list(DECLARATIONS.values())))
        elif self.name.isidentifier():
            print_text(_in_full(declaration_of(self.name)))
        else:
            from physfit.result.explanation import explain

            print_text(explain(self.name, derivatives=True).report())
        return ExitCode.CONVERGED


def _overview(catalogue: Sequence[Declaration]) -> str:
    rows = [
        (model.point, ", ".join(p.name for p in model.parameters), model.description)
        for model in catalogue
    ]
    lines = _aligned([("model", "parameters", "description"), *rows])
    hint = (
        "\n`physfit models NAME` shows one in full. Join models by + and *, with "
        "prefixes where\nparameter names meet: 'voigt(a_) + voigt(b_) + linear'. "
        "Energies of spin configurations are\n'ising_energy(40, nearest)', with the "
        "sides of the lattice, and nearest, by_distance or all_pairs.\n"
        "Everything else is a formula, alone or beside them: 'a*exp(-x/tau) + c'."
    )
    return "\n".join([*lines, hint])


def _in_full(model: Declaration) -> str:
    lines = [f"{model.point}: {model.description}", "", f"  {model.formula}", ""]
    lines.append("parameters (units by those of x and y)")
    rows = [
        (param.name, _unit(param.unit), _limits(param), param.description)
        for param in model.parameters
    ]
    lines += [f"  {line}" for line in _aligned(rows)]
    if model.derived:
        lines += ["", "derived, with errors in the report"]
        derived = [
            (name, _unit(unit), f"{description}: {expression}")
            for name, expression, unit, description in model.derived
        ]
        lines += [f"  {line}" for line in _aligned(derived)]
    if model.reference:
        lines += ["", f"reference: {model.reference}"]
    return "\n".join(lines)


def _unit(unit: str) -> str:
    return f"[{unit.strip(chr(39)) or '1'}]"


def _limits(param: Param) -> str:
    if math.isinf(param.lower) and math.isinf(param.upper):
        return "any value"
    if math.isinf(param.upper):
        return f">= {param.lower:g}"
    return f"{param.lower:g} to {param.upper:g}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines; every column but the last as wide as its widest entry."""
    n_padded = len(rows[0]) - 1
    widths = [max(len(row[k]) for row in rows) for k in range(n_padded)]
    return [
        "  ".join([*(row[k].ljust(widths[k]) for k in range(n_padded)), row[-1]])
        for row in rows
    ]
