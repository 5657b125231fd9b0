"""Options of commands that work on a job, and the job that they stand for.

Such a command is a function of a `Request` and of the options that it alone has;
`job_command` adds those of `parts` that it names, in their order, and what every
command has: --json, --overwrite and --quiet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from physfit.cli.console import Console
from physfit.cli.job import Job, job_of, read_job
from physfit.cli.parts import ENTRIES, PARAMETER_OPTIONS, Entry
from physfit.cli.settings import parameter_records

__all__ = ["DATA", "OUTPUT_PANEL", "PARAMETERS", "JsonOption", "OverwriteOption"]
__all__ += ["QuietOption", "Request", "chosen_job", "entry_option", "job_command"]
__all__ += ["option"]

OUTPUT_PANEL = "Output"
#: Options of the data and of the parameters, for `job_command`.
DATA = ("data", "model", "x", "y", "sigma", "dataset", "x_range", "nan")
PARAMETERS = ("start", "bounds", "fix", "tie")

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, NPZ or HDF5 file, or a job file (.toml). A path inside an HDF5 "
        "file follows after '::'.",
        show_default=False,
    ),
]


def option(flags: str, metavar: str, text: str, panel: str | None = None) -> Any:
    """Option of typer; `flags` are separated by spaces, `text` is its help."""
    return typer.Option(
        *flags.split(), metavar=metavar, help=text, rich_help_panel=panel
    )


JsonOption = Annotated[
    bool,
    option("--json", "", "Print one JSON object in place of the report.", OUTPUT_PANEL),
]
OverwriteOption = Annotated[
    bool, option("--overwrite", "", ENTRIES["overwrite"].help, OUTPUT_PANEL)
]
QuietOption = Annotated[
    bool,
    option(
        "--quiet -q", "", "No notes, warnings and progress on stderr.", OUTPUT_PANEL
    ),
]


@dataclass(frozen=True)
class Request:
    """What a command is asked for.

    Attributes
    ----------
    data : str
        File of the data, or job file.
    options : mapping
        Options of a job by name, as they are on the command line.
    console : Console
    as_json : bool
        Whether one JSON object is printed in place of the report.
    """

    data: str
    options: Mapping[str, Any]
    console: Console
    as_json: bool

    @cached_property
    def job(self) -> Job:
        """Job from the options, over those of a job file if one is given."""
        return chosen_job(self.data, **self.options)

    @property
    def plot(self) -> str | None:
        """Where the figure goes."""
        path: str | None = self.options.get("plot")
        return path

    @property
    def overwrite(self) -> bool:
        """Whether existing files may be replaced."""
        return bool(self.options.get("overwrite"))


def chosen_job(data: str, **options: Any) -> Job:
    """Job from the options of a command, over those of a job file if one is given."""
    drawn = list(options.get("start") or ()) == ["random"]
    # By identity: 0 is a seed, and equal to False.
    given = {
        name: value
        for name, value in options.items()
        if value is not None and value is not False
    }
    tables: dict[str, dict[str, Any]] = {"data": {}, "fit": {}, "output": {}}
    for name in ENTRIES.keys() & given.keys():
        own = ENTRIES[name]
        tables.setdefault(own.table, {})[own.key] = own.value(given[name])
    tables["parameters"] = parameter_records(
        **{
            name: given[name]
            for name in PARAMETERS
            if name in given and not (drawn and name == "start")
        }
    )
    if drawn:
        tables["fit"]["start"] = "random"
    if data.lower().endswith(".toml"):
        return read_job(data, tables)
    tables["data"]["file"] = data
    return job_of(tables, "the command line")


def entry_option(name: str, text: str = "") -> Any:
    """Option for an entry of a job, perhaps with another help."""
    entry = _entry(name)
    return option(" ".join(entry.flags), entry.metavar, text or entry.help, entry.panel)


def _entry(name: str) -> Entry:
    return PARAMETER_OPTIONS[name] if name in PARAMETER_OPTIONS else ENTRIES[name]


def job_command(*names: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Decorator that gives a command options of a job by name.

    "data" is the argument that names the file. An option that the command itself has
    under one of the names is its own affair.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        mine = [*signature(command, eval_str=True).parameters.values()][1:]
        own = {each.name for each in mine}
        shared = [_parameter(name) for name in names if name not in own]

        def run(**given: Any) -> int:
            request = Request(
                given.get("data", ""),
                {own.name: given[own.name] for own in shared if own.name != "data"}
                | {"overwrite": given["overwrite"]},
                Console(given["quiet"]),
                given["as_json"],
            )
            return command(request, **{name: given[name] for name in own})

        first = [each for each in shared if each.name in ("data", "model")]
        last = [each for each in shared if each not in first]
        keywords = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in mine]
        run.__doc__, run.__name__ = command.__doc__, command.__name__
        run.__signature__ = Signature(  # type: ignore[attr-defined]
            [*first, *keywords, *last, *map(_parameter, _ALWAYS)]
        )
        run.__annotations__ = {}
        return run

    return decorated


#: Options of every command on a job.
_ALWAYS: Mapping[str, Any] = {
    "as_json": JsonOption,
    "overwrite": OverwriteOption,
    "quiet": QuietOption,
}


def _parameter(name: str) -> Parameter:
    """Parameter of a command for an option of a job."""
    annotation, default = _typed(name)
    return Parameter(
        name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )


def _typed(name: str) -> tuple[Any, Any]:
    """Type of an option for typer, and what it is where it is left out."""
    if name == "data":
        return DataArgument, Parameter.empty
    if name in _ALWAYS:
        return _ALWAYS[name], False
    kind = _entry(name).kind
    if kind is bool:
        return Annotated[bool, entry_option(name)], False
    return Annotated[kind | None, entry_option(name)], None
