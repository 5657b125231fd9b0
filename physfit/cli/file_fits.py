"""Fits of several files, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from physfit.cli.console import print_text
from physfit.cli.execution import build_model, written_table
from physfit.cli.exit_codes import ExitCode
from physfit.cli.fits import Fit
from physfit.errors import PhysfitError

if TYPE_CHECKING:
    from physfit.document.documented import Report
    from physfit.result import FitResult
    from physfit.result.fit_tables import FileFit

__all__ = ["fit_files"]


def fit_files(command: Fit) -> int:
    """Fit files, print a line for each and write their table; the exit code.

    The table of a command that is interrupted has the files that were fitted.
    """
    build_model(command)  # what is wrong with it is said once
    files = [own.data for own in command.each()]
    fits: list[FileFit] = []
    try:
        for file, outcome in zip(files, command.one_by_one(_fitted_file), strict=True):
            fits.append((file, outcome))
    finally:
        if fits and command.table is not None:
            _write_table(command, fits)
    if not _is_text(command):
        command.print_report(_report(fits))
    return _code([own for _, own in fits])


def _write_table(command: Fit, fits: Sequence[FileFit]) -> None:
    from physfit.result.fit_tables import lines_of_files

    lines = lines_of_files(fits)
    with written_table(lines, command.table, overwrite=command.overwrite):
        pass
    command.note(f"wrote `{command.table}`.")


def _is_text(command: Fit) -> bool:
    return bool(command.format == "text" and not command.as_json)


def _fitted_file(command: Fit) -> FitResult:
    """Fit a file, write what is of it alone, and print a line."""
    from physfit.result.fit_tables import line_of

    result = command.found()
    command.write(result, None)
    if _is_text(command):
        print_text(f"{command.data}: {', '.join(line_of(result))}")
    return result


def _report(fits: Sequence[FileFit]) -> Report:
    """A line for each file, and their records."""
    from physfit.document.blocks import table
    from physfit.document.documented import Report
    from physfit.result.fit_tables import status_of

    results = [own for _, own in fits if not isinstance(own, PhysfitError)]
    names = results[0].names if results else ()
    rows: list[tuple[str, ...]] = []
    records: list[dict[str, Any]] = []
    for file, own in fits:
        if isinstance(own, PhysfitError):
            rows.append((file, *[""] * (len(names) + 1), str(own)))
            records.append({"file": file, "error": str(own)})
            continue
        values = [str(own[name]) for name in names]
        quality = f"{own.reduced_chi2:.4g}"
        rows.append((file, *values, quality, status_of(own)))
        records.append({"file": file, **own.to_dict()})
    titles = ("file", *names, "reduced chi2", "status")
    return Report([table("l", titles, rows)], {"fits": records})


def _code(outcomes: Sequence[FitResult | PhysfitError]) -> int:
    """0 all converged, 3 some, 2 none, 1 none could be fitted."""
    results = [own for own in outcomes if not isinstance(own, PhysfitError)]
    n_converged = sum(own.converged for own in results)
    if n_converged == len(outcomes):
        return ExitCode.CONVERGED
    if n_converged:
        return ExitCode.SOME_FAILED
    return ExitCode.NOT_CONVERGED if results else ExitCode.INPUT_ERROR
