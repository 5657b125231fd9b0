"""Command `models`: the catalogue, or one model in full."""

from __future__ import annotations

from shutil import get_terminal_size
from typing import TYPE_CHECKING

from physfit.cli.command import Command
from physfit.cli.console import print_text
from physfit.cli.execution import written_figure
from physfit.cli.exit_codes import ExitCode
from physfit.errors import InputError
from physfit.settings.files import Named
from physfit.settings.outputs import Plot, Printed, ReportFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from physfit.document.blocks import Columns, Document, Table
    from physfit.document.documented import Documented
    from physfit.models.catalogue import Component

__all__ = ["Models"]


class Models(Command, command="models"):
    """List the models, or show one in full: formula, parameters, picture, reference.

    $ physfit models
    $ physfit models voigt --plot voigt.png
    $ physfit models --like "asymmetric peak"
    $ physfit models "a*exp(-x/tau) + c"
    """

    takes = (Named, Plot, ReportFile, Printed)

    def run(self) -> int:
        """Print the catalogue, some of it, or one model."""
        import physfit.models.catalogue  # noqa: F401  fills the catalogue

        if self.name is None and self.plot is not None:
            raise InputError("--plot takes the name of a model to draw.")
        if self.name is not None and self.like is not None:
            raise InputError("--like searches the catalogue, without a name.")
        self.print_report(self._found())
        if self.name is not None and self.name.isidentifier():
            self._draw()
        return ExitCode.CONVERGED

    def _found(self) -> Documented:
        from physfit.document.documented import Report
        from physfit.models.catalogue import COMPONENTS, EVERY
        from physfit.models.declaration import declaration_of
        from physfit.models.description import described

        if self.like is not None:
            return Report(_alike(self.like, EVERY.values()))
        if self.name is None:
            return Report(_overview(COMPONENTS.values()))
        if self.name.isidentifier():
            return Report(described(declaration_of(self.name)))
        from physfit.result.explanation import explain

        return explain(self.name, derivatives=True)

    def _draw(self) -> None:
        """Draw the model in the terminal, and into a file where one is asked for."""
        from physfit.models.declaration import declaration_of
        from physfit.models.example import shown
        from physfit.plot.terminal import entry_lines

        declaration = declaration_of(self.name)
        if declaration.spins or declaration.follows_peaks:
            return
        curves = shown(declaration)
        if not self.as_json and self.format == "text":
            width = min(get_terminal_size((80, 24)).columns, 80)
            print_text("\n".join(["", *entry_lines(curves, width)]))
        if self.plot is not None:
            from physfit.plot.entries import entry_figure

            figure = entry_figure(curves, self.name)
            with written_figure(figure, self.plot, overwrite=self.overwrite):
                pass
            self.note(f"wrote `{self.plot}`.")


def _overview(catalogue: Iterable[Component]) -> Document:
    from physfit.document.blocks import Text

    hint = (
        "`physfit models NAME` shows one in full, `physfit models --like WORDS` finds "
        "some. Join models by +",
        "and *, with prefixes where parameter names meet: 'voigt(a_) + voigt(b_) + "
        "linear'. Some take numbers:",
        "'polynomial(5)', 'polynomial_2d(3)', 'chebyshev(5, 0, 10)', "
        "'spline(0, 1, 3, 8)', 'ising_finite(4, energy)';",
        "others a peak: 'doublet(voigt)', 'multiplet(lorentzian, 1, 3, 3, 1)'. "
        "Energies of spin configurations",
        "are 'ising_energy(40, nearest)', with the sides of the lattice, and nearest, "
        "by_distance or all_pairs.",
        "Backgrounds that follow the peaks of their sum are 'voigt + shirley'",
        "and 'voigt + tougaard'. `@` convolves with a response: 'lorentzian @ "
        "gaussian(r_)'. Everything else is",
        "a formula, alone or beside them: 'a*exp(-x/tau) + c'.",
    )
    return [_list(catalogue), Text(hint)]


def _alike(text: str, catalogue: Iterable[Component]) -> Document:
    """The models that words describe, or that there are none."""
    from physfit.document.blocks import Text
    from physfit.models.search import alike

    found = alike(text, catalogue)
    if found:
        return [_list(found)]
    return [
        Text(
            [
                f"no model is described by {text!r}; `physfit models` lists all, and a "
                "formula is a model too: 'a*exp(-x/tau) + c'."
            ]
        )
    ]


def _list(catalogue: Iterable[Component]) -> Table:
    """A line for each model."""
    from physfit.document.blocks import rows_of, table

    columns: Columns = {
        "model": "{0.point}",
        "parameters": lambda model: ", ".join(own.name for own in model.parameters),
        "description": "{0.description}",
    }
    return table("l", tuple(columns), rows_of(columns, catalogue))
