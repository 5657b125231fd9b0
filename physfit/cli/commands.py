"""The command `physfit`: its commands, and usage errors as sentences."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from physfit.cli import (
    bootstraps,
    cached_code,
    catalogue,
    fits,
    landscapes,
    many,
    multistarts,
    rate_tests,
    shards,
    shuffling,
    simulation,
    sweeps,
    toy_fits,
)
from physfit.cli.console import warnings_as_sentences
from physfit.cli.exit_codes import ExitCode
from physfit.cli.help_texts import EXAMPLES
from physfit.errors import InputError, did_you_mean

__all__ = ["UsageError", "app", "run_command"]


class UsageError(InputError):
    """The command line is not understood."""


app = typer.Typer(
    name="physfit",
    help="Fit physics models to measured data.",
    epilog=EXAMPLES["physfit"],
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in (
    ("fit", fits.fit),
    ("fit-many", many.fit_many),
    ("merge", shards.merge),
    ("status", shards.status),
    ("guess", fits.guess),
    ("compare", fits.compare),
    ("bootstrap", bootstraps.bootstrap),
    ("multistart", multistarts.multistart),
    ("landscape", landscapes.landscape),
    ("lr-find", rate_tests.lr_find),
    ("sweep", sweeps.sweep),
    ("simulate", simulation.simulate),
    ("toys", toy_fits.toys),
    ("shuffle", shuffling.shuffle),
    ("show", fits.show),
    ("models", catalogue.models),
):
    app.command(_name, epilog=EXAMPLES[_name])(_command)
app.add_typer(cached_code.app, name="cache")


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
        message = f"no such option {misspelt}; {_nearest_option(misspelt, context)}"
    command = "physfit" if context is None else context.command_path
    stop = "" if message.endswith(("?", ".")) else "."
    return f"{message[0].lower()}{message[1:]}{stop} See `{command} --help`."


def _nearest_option(name: Any, context: Any) -> str:
    options = [text for parameter in context.command.params for text in parameter.opts]
    return did_you_mean(str(name), [text for text in options if text.startswith("--")])
