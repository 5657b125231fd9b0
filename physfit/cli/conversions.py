"""Further quantities in the report of a fit: `--convert Q,tau --convert-unit eV`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.command import Command
    from physfit.document.documented import Documented, Report
    from physfit.result import FitResult

__all__ = ["print_converted", "refuse_conversion"]


def print_converted(command: Command, report: Documented, result: FitResult) -> None:
    """Print a report, with the quantities that are asked for below it.

    Raises
    ------
    InputError
        When one of them is not known; the report is printed without them before.
    """
    try:
        if command.convert is not None:
            report = _with_quantities(command, report, result)
        elif command.convert_unit is not None:
            raise InputError(
                "--convert-unit is that of the quantities of --convert; name these, as "
                "in --convert center,fwhm."
            )
    finally:
        command.print_report(report)


def _with_quantities(command: Command, report: Documented, result: FitResult) -> Report:
    from physfit.document.blocks import Heading
    from physfit.document.documented import Report

    pairs = [text.partition("=") for text in command.convert]
    found = result.convert(
        *(name.strip() for name, equals, _ in pairs if not equals),
        unit=command.convert_unit,
        **{name.strip(): said.strip() for name, equals, said in pairs if equals},
    )
    blocks = [*report._document(), Heading("converted"), *found._document()]
    return Report(blocks, {**report.to_dict(), "converted": found.to_dict()})


def refuse_conversion(command: Command, of: str) -> None:
    """Refuse quantities of several fits."""
    if command.convert is not None or command.convert_unit is not None:
        raise InputError(
            f"--convert is for {of}; of several, `physfit show` takes the result of "
            "each, and maps and tables have the derived quantities as columns."
        )
