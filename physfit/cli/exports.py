"""Command `export`: a saved result as a file that other programs read."""

from __future__ import annotations

from pathlib import Path

from physfit.cli.command import Command
from physfit.cli.exit_codes import ExitCode
from physfit.errors import InputError
from physfit.settings.files import Exported
from physfit.settings.outputs import Quiet, Replacing

__all__ = ["Export", "export"]


class Export(Command, command="export"):
    """Write a saved result as CSV, Parquet, an archive of numpy, or netCDF.

    $ physfit export maps.h5 maps.csv
    $ physfit export maps.h5 maps.nc
    $ physfit export raman.json raman.csv

    Values stand under the names of the parameters and of the quantities that follow
    from them, their standard errors under NAME_stderr. Tables have a line for each row
    of a map, .npz and .nc an array over its axes.
    """

    takes = (Exported, Replacing, Quiet)

    @property
    def inputs(self) -> list[str]:
        """The result."""
        return [self.result]

    def run(self) -> int:
        """Load and write."""
        export(self.result, Path(self.target), overwrite=self.overwrite)
        self.note(f"wrote `{self.target}`.")
        return ExitCode.CONVERGED


def export(result: str, target: Path, *, overwrite: bool) -> None:
    """Write a result, of one fit or of many, as the suffix of the target says.

    Raises
    ------
    InputError
        When the suffix is not one of results of this kind, or the job not finished.
    """
    from physfit.data.files.outputs import refuse_inputs
    from physfit.data.jobs.parts import Parts, parts_folder
    from physfit.result.many_export import export_many
    from physfit.result.many_file import is_many_file, load_many

    refuse_inputs({str(target): target}, [result])
    if is_many_file(result) or Parts(parts_folder(result)).exists:
        export_many(load_many(result), target, overwrite=overwrite)
        return
    from physfit.result.file import load_result

    if target.suffix.lower() != ".csv":
        raise InputError(
            f"`{result}` is a single fit, which is exported as .csv; `{target}` must "
            "end so."
        )
    load_result(result).to_csv(target, overwrite=overwrite)
