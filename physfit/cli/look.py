"""Command `look`: what a file holds, drawn, and what to fit first."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.cli.execution import reading_of, written_figure
from physfit.cli.exit_codes import ExitCode
from physfit.cli.several import OfFiles
from physfit.errors import PhysfitError
from physfit.settings.fits import Columns, Looked
from physfit.settings.outputs import Printed
from physfit.settings.setting import declared

if TYPE_CHECKING:
    from physfit.data.hdf5.listing import DatasetSeen
    from physfit.document.blocks import Block, Table
    from physfit.document.documented import Report
    from physfit.fitting.preview.preview import Preview

__all__ = ["Look"]

#: Data sets that are listed.
_MOST = 100
#: Characters of a line, where nobody says how many there are.
_WIDTH = 80


def encodes() -> bool:
    """Whether standard output has the characters of a picture."""
    try:
        "\u28ff".encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


class Look(OfFiles, command="look"):
    """Print what is read of a file, draw it, and say what to fit first.

    $ physfit look scope.csv
    $ physfit look spectrum.txt --skip-rows 3 --delimiter ";" --decimal ,
    $ physfit look raman.csv -o raman.png
    $ physfit look run.h5
    $ physfit look *.csv -o look_{name}.png

    Columns by number, name, unit and range; rows that were taken or left out;
    factors; peaks with their height above the base and the width at half of it; a
    command that fits the simplest of a few models. Of HDF5 also the data sets.
    Exit codes: 0 all files were read, 1 one was not, or usage error.
    """

    takes = (Looked, Printed)
    for_each = ("output",)

    def run(self) -> int:
        """Look at one file after another."""
        return max(
            ExitCode.INPUT_ERROR if isinstance(code, PhysfitError) else code
            for code in self.one_by_one(Look.look)
        )

    def look(self) -> int:
        """Read, draw and print."""
        data_sets = self._data_sets()
        try:
            preview = self._preview(data_sets)
        except PhysfitError as error:
            if not data_sets:
                raise
            self.print_report(self._listing(data_sets, str(error)))
            return ExitCode.CONVERGED
        if self.output is not None:
            from physfit.plot.preview import preview_figure

            figure = preview_figure(preview)
            with written_figure(figure, self.output, overwrite=self.overwrite):
                pass
        self.print_report(preview)
        if self.output is not None:
            self.note(f"wrote `{self.output}`.")
        return ExitCode.CONVERGED

    def _preview(self, data_sets: list[DatasetSeen]) -> Preview:
        """What a file holds, and what is taken of it."""
        from physfit.data.readers import choose_and_read, split_path, wanted_of
        from physfit.fitting.preview.preview import Preview

        known = reading_of(self)
        wanted = wanted_of(self.x, self.y, self.sigma, known)
        file, inside = split_path(self.data, self.dataset)
        choice, table = choose_and_read(file, inside, wanted, known)
        words = [
            word
            for name, own in declared(Columns).items()
            if name in self.values and own.flags
            for word in (own.flags[0], str(self.values[name]))
        ]
        is_few = len(data_sets) <= len(choice.offer.fields)
        others = None if is_few else self._table_of(data_sets)
        return Preview(self.data, choice, table, words, others, self._width())

    def _width(self) -> int:
        """Characters of a line for a picture; 0 where none is drawn."""
        is_text = self.format == "text" and not self.as_json
        if not is_text or self.output is not None or not encodes():
            return 0
        return min(max(shutil.get_terminal_size((_WIDTH, 24)).columns, 40), 120)

    def _data_sets(self) -> list[DatasetSeen]:
        """Data sets of an HDF5 file; none of another."""
        from physfit.data.readers import is_hdf5, split_path

        file, _ = split_path(self.data, self.dataset)
        if not is_hdf5(file):
            return []
        from physfit.data.hdf5.listing import datasets_of

        return datasets_of(Path(file))

    def _table_of(self, data_sets: list[DatasetSeen]) -> Table:
        """Data sets, and what is typed for each."""
        from physfit.document.blocks import Table

        rows = [
            (
                each.place,
                " x ".join(map(str, each.shape)) or "one",
                each.dtype,
                each.unit,
                self._typed(each),
            )
            for each in data_sets[:_MOST]
        ]
        if len(data_sets) > _MOST:
            rows.append((f"... and {len(data_sets) - _MOST} more", "", "", "", ""))
        titles = ("data set", "shape", "type", "unit", "how to take it")
        return Table("lllll", {"": rows}, titles)

    def _typed(self, each: DatasetSeen) -> str:
        """What is typed for a data set."""
        file = self.data.partition("::")[0]
        if not (each.is_numbers and each.shape):
            return ""
        sizes = [size for size in each.shape if size != 1]
        if len(sizes) > 1:
            return f"physfit fit-many {file}::{each.place}"
        return f"--x, --y or --sigma {each.place}"

    def _listing(self, data_sets: list[DatasetSeen], why: str) -> Report:
        """Data sets of a file that does not say what is x and y."""
        from physfit.document.blocks import Heading, Notes
        from physfit.document.documented import Report

        blocks: list[Block] = [
            Heading(self.data),
            self._table_of(data_sets),
            Notes([why]),
        ]
        record = {
            "source": self.data,
            "data_sets": [each._asdict() for each in data_sets],
            "problem": why,
        }
        return Report(blocks, record)
