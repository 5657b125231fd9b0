"""The command `physfit`: its commands, and usage errors as sentences."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Annotated

import typer
from typer.exceptions import TyperException

from physfit.cli.cached_code import Clear, Info, Warm
from physfit.cli.catalogue import Models
from physfit.cli.command import Command
from physfit.cli.console import warnings_as_sentences
from physfit.cli.data_files import Shuffle, Simulate
from physfit.cli.exit_codes import ExitCode
from physfit.cli.explorations import Landscape, LearningRates, Multistart, Sweep
from physfit.cli.fits import Compare, Fit, Guess, Show
from physfit.cli.many import FitMany
from physfit.cli.refits import Bootstrap, Toys
from physfit.cli.shards import Merge, Status
from physfit.errors import InputError, did_you_mean

__all__ = ["COMMANDS", "UsageError", "app", "run_command"]

#: In the order of the help.
COMMANDS: tuple[type[Command], ...] = (
    *(Fit, FitMany, Merge, Status, Guess, Compare, Bootstrap, Multistart, Landscape),
    *(LearningRates, Sweep, Simulate, Toys, Shuffle, Show, Models, Info, Clear, Warm),
)
EPILOG = """\b
Examples:
  physfit models
  physfit guess raman.csv --model "voigt + linear"
  physfit fit raman.csv --model "voigt + linear" -o raman.h5 --plot raman.png
  physfit compare raman.csv --model "voigt + linear"

\b
Exit codes: 0 converged, 1 input or usage error, 2 not converged, 3 some of many
fits failed, 4 methods disagree, 70 an error of physfit itself, 130 and 143
interrupted.
"""


class UsageError(InputError):
    """The command line is not understood."""


app = typer.Typer(
    name="physfit",
    help="Fit physics models to measured data.",
    epilog=EPILOG,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_cache = typer.Typer(
    help="Look at, empty or fill the folder of compiled code.", no_args_is_help=False
)
for _command in COMMANDS:
    _group, _, _name = _command.command.rpartition(" ")
    _help, _epilog = _command.texts()
    (_cache if _group else app).command(_name, help=_help, epilog=_epilog)(
        _command.function()
    )
app.add_typer(_cache, name="cache")


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", help="Print the version.", is_eager=True),
    ] = False,
) -> int:
    if version:
        from physfit import __version__

        print(f"physfit {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        with redirect_stdout(sys.stderr):
            print(context.get_help())
        raise typer.Exit(ExitCode.INPUT_ERROR)
    return ExitCode.CONVERGED


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code.

    Raises
    ------
    UsageError
        When the command line is not understood.
    """
    try:
        with warnings_as_sentences():
            return int(app(list(arguments), prog_name="physfit", standalone_mode=False))
    except TyperException as error:
        raise UsageError(_usage_sentence(error)) from error


def _usage_sentence(error: TyperException) -> str:
    """A usage error in one sentence, with the nearest option if one was misspelt."""
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    misspelt = getattr(error, "option_name", None)
    if context is not None and hasattr(error, "possibilities"):
        options = [text for each in context.command.params for text in each.opts]
        options = [text for text in options if text.startswith("--")]
        nearest = did_you_mean(str(misspelt), options)
        message = f"no such option {misspelt}; {nearest}"
    command = "physfit" if context is None else context.command_path
    stop = "" if message.endswith(("?", ".")) else "."
    return f"{message[0].lower()}{message[1:]}{stop} See `{command} --help`."
