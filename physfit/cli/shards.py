"""Commands `merge` and `status`: what many processes have done for one output."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.cli.command import Command
from physfit.cli.exit_codes import ExitCode
from physfit.cli.exports import export
from physfit.errors import DataError, InputError
from physfit.settings.files import Merged, Outcome
from physfit.settings.outputs import Printed, Quiet, Replacing, ReportFile

if TYPE_CHECKING:
    from physfit.data.files.output_lock import OutputLock
    from physfit.data.jobs.parts import Parts
    from physfit.result.many_result import ManyResult

__all__ = ["Merge", "Status", "going_on", "own_command", "print_finished"]

#: Suffixes of tables; those of maps are `many_file.SUFFIXES`.
TABLES = (".csv", ".parquet")


def own_command() -> str:
    """The command of this process, without what says which part of the job it is."""
    words, skip = ["physfit"], False
    for word in sys.argv[1:]:
        if skip or word in ("--resume", "--overwrite") or word.startswith("--shard="):
            skip = False
        elif word == "--shard":
            skip = True
        else:
            words.append(word)
    return shlex.join(words)


def print_finished(
    command: Command, output: Path, result: ManyResult | None = None
) -> int:
    """Print a result of many rows, of a large one only how its rows ended; exit code.

    Parameters
    ----------
    command : Command
        What prints; as JSON, how the rows ended.
    output : Path
        File of the result.
    result : ManyResult, optional
        The result, where it is to be reported however large it is.
    """
    from physfit.result.many_file import brief_of, load_many

    brief = brief_of(output)
    is_brief = "json" in (command.format, "json" if command.as_json else "")
    if is_brief or (result is None and brief.is_large):
        command.print_report(brief)
    else:
        command.print_report(load_many(output) if result is None else result)
    if brief.n_failed == 0:
        return ExitCode.CONVERGED
    is_some = brief.n_failed < brief.n_rows
    return ExitCode.SOME_FAILED if is_some else ExitCode.NOT_CONVERGED


class Merge(Command, command="merge"):
    """Join the parts of `fit-many` into one file.

    $ physfit merge maps.h5
    $ physfit merge maps.h5 -o elsewhere.h5
    """

    takes = (Merged, Replacing, Quiet)

    def run(self) -> int:
        """Write the file."""
        from physfit.result.many_file import SUFFIXES

        target = Path(self.output or self.result)
        if self.output and target.suffix.lower() not in (*TABLES, *SUFFIXES):
            raise InputError(
                f"-o `{target}` must end in {' or '.join(TABLES)} for a table, or in "
                f"{' or '.join(SUFFIXES)} for maps."
            )
        if target.suffix.lower() in TABLES:
            export(self.result, target, overwrite=self.overwrite)
        elif not self._join(target):
            self.note(f"`{target}` is whole.")
            return ExitCode.CONVERGED
        self.note(f"wrote `{target}`.")
        return ExitCode.CONVERGED

    def _join(self, target: Path) -> bool:
        """Join the parts; False where they are joined already."""
        from physfit.data.files.output_lock import output_lock
        from physfit.data.files.outputs import refuse_inputs
        from physfit.data.jobs.parts import Parts, parts_folder
        from physfit.many_fits.joining import join_parts, remove_joined

        with output_lock(self.result) as lock:
            is_in_place = os.path.realpath(target) == os.path.realpath(self.result)
            left = Parts(parts_folder(self.result), lock)
            if is_in_place and not self.overwrite and remove_joined(target, left):
                return False
            parts = _parts(Path(self.result), lock)
            opening = parts.job().about.opening
            read = [*map(str, parts.folder.iterdir())]
            read += [] if opening is None else [opening.path]
            refuse_inputs({"-o": target}, read if is_in_place else [*read, self.result])
            join_parts(
                *(parts, target),
                overwrite=self.overwrite,
                lock=lock if is_in_place else None,
            )
            if is_in_place:
                parts.remove()
        return True


class Status(Command, command="status"):
    """Say what of an output is done, what failed, and what is missing.

    $ physfit status maps.h5
    """

    takes = (Outcome, ReportFile, Printed)

    def run(self) -> int:
        """Report what is there."""
        from physfit.document.blocks import Text
        from physfit.document.documented import Report
        from physfit.many_fits.joining import job_status

        path = Path(self.result)
        if path.exists():
            print_finished(self, path)
            return ExitCode.CONVERGED
        parts = _parts(path)
        status = job_status(parts)
        if status.is_complete:
            merging = shlex.join(["physfit", "merge", self.result])
            hint = f"all rows are there: {merging}"
        else:
            hint = f"go on: {going_on(parts.job().about.command, self.result)}"
        self.print_report(Report([*status.blocks, Text([hint])]))
        return ExitCode.CONVERGED


def going_on(command: str, output: str) -> str:
    """What goes on with a job: its command, or the call from Python.

    Where the folder of parts has another name by now, that is the output's.
    """
    if not command:
        return f"pf.fit_many(..., output={output!r}, resume=True)"
    try:
        words = _renamed(shlex.split(command), Path(output).name)
    except ValueError as error:  # open quotes, or an output without a name
        raise DataError(
            f"`job.json` of `{output}` was altered: {command!r} is no command; give "
            "the one that began the job, with --resume."
        ) from error
    return f"{shlex.join(words)} --resume"


#: Options of an output as they are written; the last was called so before.
_OPTIONS = {"-o": "-o", "--output": "--output", "--out": "--output"}


def _renamed(words: list[str], name: str) -> list[str]:
    """Words of a command whose output has another name."""
    words = list(words)
    for k, word in enumerate(words):
        option, equals, path = word.partition("=")
        if k and words[k - 1] in _OPTIONS:
            words[k - 1] = _OPTIONS[words[k - 1]]
            words[k] = str(Path(word).with_name(name))
        elif equals and option in _OPTIONS:
            words[k] = f"{_OPTIONS[option]}={Path(path).with_name(name)}"
    return words


def _parts(output: Path, lock: OutputLock | None = None) -> Parts:
    from physfit.data.jobs.parts import Parts, parts_folder

    parts = Parts(parts_folder(output), lock)
    if not parts.exists:
        raise DataError(
            f"`{output}` has no parts: `{parts.folder}` does not exist; begin with "
            "`physfit fit-many ... -o`."
        )
    return parts
