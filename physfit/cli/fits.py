"""Commands `fit`, `guess`, `compare` and `show`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from physfit.cli.command import REPORTS, Command
from physfit.cli.conversions import print_converted, refuse_conversion
from physfit.cli.execution import (
    Analysis,
    build_model,
    columns,
    draw,
    opened,
    read_data,
    written_figure,
    written_table,
)
from physfit.cli.exit_codes import ExitCode
from physfit.cli.job import KEYS, Job
from physfit.cli.several import OfFiles
from physfit.errors import InputError
from physfit.settings.doors import OfCompare
from physfit.settings.files import Saved
from physfit.settings.fits import Curve, Data, Expression, Further, Method
from physfit.settings.minibatches import Minibatch
from physfit.settings.outputs import (
    Conversion,
    Plot,
    Printed,
    Result,
    Tables,
    View,
    Written,
)
from physfit.settings.setting import declared
from physfit.settings.studies import PeakSearch

if TYPE_CHECKING:
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.document.documented import Report
    from physfit.models.model import Model
    from physfit.result import FitResult
    from physfit.result.fit_tables import FileFit

__all__ = ["Compare", "Fit", "Guess", "Show", "arguments", "fitted"]


class Fit(OfFiles, Job, command="fit"):
    r"""Fit a model to a curve, or to the rows of a file, and print the report.

    $ physfit fit data.csv --model "gaussian + constant"
    $ physfit fit data.csv --formula "a*exp(-t/tau) + c" --x-name t
    $ physfit fit data.csv -m "voigt(a_) + voigt(b_) + linear" --x freq \
        --y signal --sigma err --x-range 4:6 \
        --start a_center=5.1,b_center=5.4 --bounds a_gamma=0:2 \
        --tie b_sigma=a_sigma --fix slope=0
    $ physfit fit counts.csv -m "gaussian + linear" --loss poisson --json
    $ physfit fit run.h5::/entry/data -m ringdown -o run_fit.h5 --plot run_fit.png
    $ physfit fit *.csv -m "gaussian + constant" --table areas.csv \
        --plot fit_{name}.png --curve fit_{name}.csv
    $ physfit fit spectrum.csv --peaks auto --shape voigt --plot peaks.png
    $ physfit fit job.toml --method scipy:trf
    $ physfit fit big.h5 -m "gaussian + linear" --method adam --batch-size 4096 \
        --learning-rate inverse_sqrt:0.01 --checkpoint run.ckpt --resume

    Options that take NAME=VALUE may be repeated, or take lists with commas. In a
    job file the same things stand as tables; options come before what it says.
    Without sigma the errors are scaled so that chi2 per degree of freedom is 1.
    Several files are fitted one after another, a line of the report for each; none
    stops the others. Exit codes: 0 converged, 1 input or usage error, 2 not
    converged, 3 some of several files failed, 130 and 143 interrupted, with the
    checkpoint written.
    """

    takes = (
        *(*Curve, PeakSearch, Further, Method, Minibatch),
        *(Result, Plot, View, Tables, Conversion, Printed),
    )
    tables = (*Job.tables, "output")
    for_each = ("result", "plot", "curve", "checkpoint")

    def outputs(self) -> dict[str, str]:
        """Files that are written, a second checkpoint among them."""
        from physfit.data.files.checkpoint import previous_of

        outputs = super().outputs()
        if self.checkpoint is not None:
            before = os.fspath(previous_of(self.checkpoint))
            outputs["the checkpoint before the last"] = before
        return outputs

    def run(self) -> int:
        """Fit one file, print, and write what is asked for; or several files."""
        if self.peaks is not None:
            return self._search()
        if self.more:
            refuse_conversion(self, "one file")
            from physfit.cli.file_fits import fit_files

            return fit_files(self)
        [own] = self.each()
        result = own.found()
        try:
            own.write(result, [(own.data, result)])
        finally:  # a full disk costs the files, not the answer
            print_converted(self, result, result)
        own.say_written()
        if not result.converged:
            self.warn(f"{result.message}.")
        return _code(result)

    @classmethod
    def has_model_else(cls, values: Mapping[str, Any]) -> bool:
        """A search for peaks makes its own."""
        return "peaks" in values

    def _search(self) -> int:
        """Find how many peaks there are, print, and write what is asked for."""
        from physfit.cli.peak_search import found_peaks

        peaks = found_peaks(self)
        try:
            self.write(peaks.result, [(self.data, peaks.result)])
        finally:
            print_converted(self, peaks, peaks.result)
        self.say_written()
        return _code(peaks.result)

    def found(self) -> FitResult:
        """The fit of the first file."""
        from physfit.fitting.methods import is_first_order

        model = build_model(self)
        data = opened(self, model)
        how = self.keywords("method", *declared(Minibatch))
        if "method" in self.typed and not is_first_order(self.method):
            how = self.without_batches(how)
        return fitted(self, model, data, **how, progress=self.watched)

    def write(self, result: FitResult, fits: Sequence[FileFit] | None) -> None:
        """Write the files of a fit, all of them or none; the table of several fits."""
        figure = None if self.plot is None else result.plot(view=self.view)
        curve, lines = None, None
        if self.curve is not None or self.table is not None:
            from physfit.result.fit_tables import curve_columns, lines_of_files

            curve = None if self.curve is None else curve_columns(result)
            lines = None if fits is None else lines_of_files(fits)
        how = {"overwrite": self.overwrite}
        with (
            written_figure(figure, self.plot, **how),
            written_table(curve, self.curve, **how),
            written_table(lines, self.table, **how),
        ):
            if self.result is not None:
                result.save(self.result, **how)

    def say_written(self) -> None:
        """Say which files are there now."""
        for path in (self.result, self.plot, self.curve, self.table):
            if path is not None:
                self.note(f"wrote `{path}`.")


class Guess(Job, command="guess"):
    """Print start values guessed from the data, and the fit command with them.

    $ physfit guess data.csv --model "voigt + linear"
    $ physfit guess data.csv --model "voigt + linear" --plot start.png
    $ physfit guess ringdown.csv -m "ringdown + constant" --json
    """

    takes = (*Curve, Written, Printed)
    tables = ("data", "model", "fit")

    def run(self) -> int:
        """Guess, draw and print."""
        from physfit.fitting.columns import Columns, observed
        from physfit.fitting.far import refuse_far
        from physfit.fitting.fit_plan import plan_of
        from physfit.fitting.fit_settings import FitSettings
        from physfit.models.param import fixed
        from physfit.result.rounding import digits_between

        model = build_model(self)
        table = read_data(self, model)
        columns = Columns(table, None, nan=self.nan, x_range=self.x_range)
        model, data = observed(model, columns)
        plan = plan_of(model, data, FitSettings.of(loss=self.loss))
        refuse_far(model, data, plan.theta)
        start = dict(zip(model.free_names, plan.theta.tolist(), strict=True))
        if self.plot is not None:
            held = model.where(**{name: fixed(value) for name, value in start.items()})
            draw(self, fitted(self, held, table).plot())
        # A place in seconds since 1970, and a line there, need all of them.
        is_far = digits_between(float(data.x.min()), float(data.x.max())) > 6
        digits = 15 if is_far else 6
        words = arguments(self, model, start, digits)
        command = shlex.join(["physfit", "fit", *words])
        self.print_report(_guessed(model, start, plan.start.guessed, digits, command))
        return ExitCode.CONVERGED


def _guessed(
    model: Model,
    start: Mapping[str, float],
    guessed: Sequence[str],
    digits: int,
    command: str,
) -> Report:
    """Start values, which of them were given, and the command that fits from them."""
    from physfit.document.blocks import Text, table
    from physfit.document.documented import Report

    rows = [
        (name, f"{value: .{digits}g}", "" if name in guessed else "given")
        for name, value in start.items()
    ]
    record = {"model": model.expression, "start": start, "guessed": guessed}
    return Report(
        [table("l", ("", "", ""), rows), Text([command], is_code=True)],
        {**record, "command": command},
    )


class Compare(Analysis, command="compare"):
    """Run one fit by several methods and say whether they agree (else exit code 4).

    $ physfit compare data.csv --model "voigt + linear"
    $ physfit compare data.csv -m "gaussian + constant" --methods lm,scipy:trf
    $ physfit compare job.toml --methods lm,scipy:l-bfgs-b --json

    Exit codes: 0 all got to the same minimum, 1 input or usage error, 2 no method got
    anywhere, 4 methods disagree, or some did not get to the minimum.
    """

    takes = (*Curve, OfCompare, Written, Printed)
    front_door = "physfit.comparison.table:compare"
    succeeded = staticmethod(lambda comparison: comparison.agree)
    failed = ExitCode.DISAGREE

    def library_keywords(self) -> dict[str, Any]:
        """What the library is asked with; by default files of rows take minibatches."""
        from physfit.fitting.methods import is_first_order
        from physfit.fitting.streaming import is_source

        keywords = super().library_keywords()
        is_wanted = is_source(keywords["x"])
        if self.methods is not None:
            is_wanted = any(map(is_first_order, self.methods))
        return keywords if is_wanted else self.without_batches(keywords)

    def data_keywords(self) -> dict[str, Any]:
        """Model, columns or rows as lm would read them, and the start."""
        model = build_model(self)
        data = columns(self, opened(self.replaced(method="lm"), model))
        return {"model": model, **data, **self.keywords("start")}


class Show(Command, command="show"):
    """Print the report of a saved result and write it; of many fits a page as well.

    $ physfit show raman.h5
    $ physfit show raman.json --json
    $ physfit show raman.json -o raman.tex
    $ physfit show maps.h5 -o page

    Exit codes: those of the fit, 0 converged, 2 not, 3 some of many; 1 for a file
    that is no result.
    """

    takes = (Saved, Conversion, Printed)

    def run(self) -> int:
        """Load and print."""
        from physfit.result.many_file import is_many_file

        if is_many_file(self.result):
            from physfit.cli.many import show_many

            refuse_conversion(self, "a single fit")
            return show_many(self)
        from physfit.result.file import load_result

        result = load_result(self.result)
        if self.output is not None and self.report_format is None:
            ends = ", ".join(REPORTS)
            raise InputError(
                f"--output `{self.output}` must end in one of {ends} for the report of "
                "a single fit; pages are for results of many fits."
            )
        print_converted(self, result, result)
        return _code(result)


def fitted(job: Job, model: Model, data: Table | Source, **how: Any) -> FitResult:
    """The fit of a job; it writes nothing but a checkpoint."""
    from physfit.fitting import fit

    return fit(model, **columns(job, data), **job.keywords("start"), **how)


def _code(result: FitResult) -> int:
    return ExitCode.CONVERGED if result.converged else ExitCode.NOT_CONVERGED


def arguments(
    job: Job, model: Model, start: Mapping[str, float], digits: int = 6
) -> list[str]:
    """Words behind `physfit fit` that fit a job from the start values given.

    Parameters
    ----------
    job : Job
    model : Model
        As the job builds it.
    start : mapping of str to float
        Start of every free parameter.
    digits : int
        Of these, as far as that stays within their bounds.
    """
    limits, asked = model.parameters, job.parameters
    lists: dict[str, dict[str, Any]] = {
        "start": {
            name: _start(model, name, value, digits) for name, value in start.items()
        },
        "bounds": {
            name: (limits[name].lower, limits[name].upper)
            for name, each in asked.items()
            if "min" in each or "max" in each
        },
        "fix": {name: each.get("fixed") for name, each in asked.items()},
        "tie": {name: each.get("tie") for name, each in asked.items()},
    }
    words = [job.data, "--model", job.model]
    names = [
        name for name in declared(Expression, Data) if name not in ("model", "data")
    ]
    for name in (*names, *KEYS, "loss", "method"):
        own = job.known[name]
        value = _written(lists.get(name, getattr(job, name)))
        if value not in ("", _written(own.default)):
            words += [own.flags[0], value]
    return words


def _start(model: Model, name: str, value: float, digits: int) -> str:
    """So many digits, or all when rounding would leave the bounds."""
    short = f"{value:.{digits}g}"
    limits = model.parameters[name]
    return short if limits.lower <= float(short) <= limits.upper else repr(value)


def _written(value: Any) -> str:
    """A value as it is typed behind its option."""
    if isinstance(value, tuple):
        return ":".join(map(_written, value))
    if isinstance(value, dict):
        texts = {name: _written(each) for name, each in value.items()}
        return ",".join(f"{name}={text}" for name, text in texts.items() if text)
    return "" if value is None else str(value)
