"""Settings of what commands print and write."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypedDict, get_args

from physfit.settings import kinds
from physfit.settings.kinds import FIGURE, FLAG, TEXT
from physfit.settings.setting import Setting, group

__all__ = ["FORMATS", "Conversion", "Format", "Plot", "Printed", "Quiet", "Replacing"]
__all__ += ["ReportFile", "Reported", "Result", "Tables", "View", "Written"]

#: What a report can be shown as.
Format = Literal["text", "markdown", "latex", "html", "json"]
FORMATS: tuple[str, ...] = get_args(Format)


@group("Output", table="output")
class Plot(TypedDict, total=False):
    """Where the figure goes.

    Attributes
    ----------
    plot
        Draw a figure: .png, .pdf or .svg.
    """

    plot: Annotated[str, Setting(FIGURE, "FILE")]


@group("Output", table="output")
class View(TypedDict, total=False):
    """How the figure of complex data looks.

    Attributes
    ----------
    view
        Of complex data: both parts, magnitude and phase, or the complex plane.
    """

    view: Annotated[
        Literal["parts", "polar", "plane"],
        Setting(kinds.one_of("parts", "polar", "plane"), "parts|polar|plane", "parts"),
    ]


@group("Output")
class ReportFile(TypedDict, total=False):
    """Where the report goes.

    Attributes
    ----------
    output
        Write the report, too: .txt, .md, .tex or .json.
    """

    output: Annotated[str, Setting(kinds.REPORT, "--output -o FILE")]


@group("Output")
class Written(Plot, ReportFile, total=False):
    """Where report and figure go."""


@group("Output", table="output")
class Conversion(TypedDict, total=False):
    """Further quantities of a report.

    Attributes
    ----------
    convert
        Print these as well, with errors and correlations: words of oscillators (Q, tau,
        f0), parameters, or expressions: 'Q,ratio=a_amplitude/b_amplitude'.
    convert_unit
        Unit of these, along a spectrum: eV, 1/cm, Hz, nm and others.
    """

    convert: Annotated[Sequence[str], Setting(kinds.QUANTITIES, "NAME|NAME=EXPRESSION")]
    convert_unit: Annotated[str, Setting(TEXT, "UNIT")]


@group("Output", table="output")
class Result(TypedDict, total=False):
    """Where the result goes.

    Attributes
    ----------
    result
        Write the result: .h5 or .json.
    """

    result: Annotated[str, Setting(kinds.RESULT, "--output -o FILE")]


@group("Output", table="output")
class Tables(TypedDict, total=False):
    """Tables of what was found.

    Attributes
    ----------
    table
        Write a line for each file: parameters with errors, chi2, status: .csv.
    curve
        Write x, y, fit, residual and components: .csv.
    """

    table: Annotated[str, Setting(kinds.CSV, "FILE.csv")]
    curve: Annotated[str, Setting(kinds.CSV, "FILE.csv")]


@group("Output", table="output")
class Replacing(TypedDict, total=False):
    """Whether files that exist may be replaced.

    Attributes
    ----------
    overwrite
        Replace files that exist.
    """

    overwrite: Annotated[bool, Setting(FLAG)]


@group("Output")
class Quiet(TypedDict, total=False):
    """What stderr shows.

    Attributes
    ----------
    quiet
        No notes, warnings and progress on stderr.
    """

    quiet: Annotated[bool, Setting(FLAG, "--quiet -q")]


@group("Output")
class Reported(TypedDict, total=False):
    """How a command prints what it reports.

    Attributes
    ----------
    format
        What the report is printed as: text, markdown, latex, html or json.
    as_json
        Print one JSON object in place of the report, as --format json does.
    """

    format: Annotated[str, Setting(kinds.one_of(*FORMATS), "--format NAME", "text")]
    as_json: Annotated[bool, Setting(FLAG, "--json")]


@group("Output")
class Printed(Replacing, Quiet, Reported, total=False):
    """What a command prints, and may replace."""
