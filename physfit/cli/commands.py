"""The commands, and how one is found and run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from pkgutil import resolve_name
from typing import Any

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from physfit.cli.console import warnings_as_sentences
from physfit.cli.exit_codes import ExitCode
from physfit.errors import InputError, did_you_mean

__all__ = ["COMMANDS", "UsageError", "app", "run_command"]

#: In the order of the help; a class is imported where its command is asked for.
COMMANDS = {
    "look": "look:Look",
    "fit": "fits:Fit",
    "fit-many": "many:FitMany",
    "merge": "shards:Merge",
    "status": "shards:Status",
    "export": "exports:Export",
    "guess": "fits:Guess",
    "compare": "fits:Compare",
    "bootstrap": "refits:BootstrapCommand",
    "check": "explorations:Check",
    "multistart": "explorations:Multistart",
    "landscape": "explorations:LandscapeCommand",
    "lr-find": "explorations:LearningRates",
    "sweep": "explorations:SweepCommand",
    "simulate": "data_files:Simulate",
    "toys": "refits:ToysCommand",
    "shuffle": "data_files:Shuffle",
    "show": "fits:Show",
    "models": "catalogue:Models",
    "cache info": "cached_code:Info",
    "cache clear": "cached_code:Clear",
    "cache warm": "cached_code:Warm",
}
EPILOG = """\
Examples:
  physfit look raman.csv
  physfit models
  physfit guess raman.csv --model "voigt + linear"
  physfit fit raman.csv --model "voigt + linear" -o raman.h5 --plot raman.png
  physfit compare raman.csv --model "voigt + linear"

Exit codes: 0 converged, 1 input or usage error, 2 not converged, 3 some of many
fits failed, 4 methods disagree, 70 an error of physfit itself, 130 and 143
interrupted.
"""


class UsageError(InputError):
    """The command line is not understood."""


def _version() -> str:
    from physfit import __version__

    return f"physfit {__version__}"


app = App(
    name="physfit",
    help="Fit physics models to measured data.",
    help_epilogue=EPILOG,
    help_format="plaintext",
    help_flags=["--help", "-h"],
    version=_version,
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)
_cache = App(
    name="cache",
    help="Look at, empty or fill the folder of compiled code.",
    help_epilogue="",
)
app.command(_cache)
for _place, _name in enumerate(COMMANDS):
    _folder, _, _own = _name.rpartition(" ")
    (_cache if _folder else app).command(
        f"{__name__}:{_name}", name=_own, sort_key=_place
    )


def __getattr__(name: str) -> Any:
    """The command of a name, which is imported for it."""
    if name not in COMMANDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return resolve_name(f"physfit.cli.{COMMANDS[name]}").app()


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code.

    Raises
    ------
    UsageError
        When the command line is not understood.
    """
    group = _cache if list(arguments[:1]) == ["cache"] else app
    if group is _cache or not arguments or arguments[0] in app.help_flags:
        for name in group:  # imports it: it says in a sentence what it does
            group[name]
    if not arguments:
        with redirect_stdout(sys.stderr):
            app.help_print([])
        return ExitCode.INPUT_ERROR
    if list(arguments) == ["cache"]:
        raise UsageError("missing command; see `physfit cache --help`.")
    try:
        with warnings_as_sentences():
            return int(app(list(arguments)) or ExitCode.CONVERGED)
    except CycloptsError as error:
        raise UsageError(_usage_sentence(error)) from error


def _usage_sentence(error: CycloptsError) -> str:
    """A usage error in one sentence, with the nearest name if one was misspelt."""
    chain = error.command_chain or ()
    if isinstance(error, UnknownOptionError):
        misspelt = error.token.keyword or error.token.value
        names = [name for each in error.argument_collection for name in each.names]
        message = f"unexpected extra argument {misspelt!r}."  # after "--"
        if misspelt not in names:
            message = _no_option(misspelt, names)
    elif isinstance(error, UnknownCommandError):
        (misspelt, *_), group = error.unused_tokens or [""], "".join(chain)
        known = [name for name in COMMANDS if name.startswith(group)]
        known += [] if group else ["cache"]
        nearest = did_you_mean(f"{group} {misspelt}".strip(), known)
        message = f"no such command {misspelt!r}; {nearest}"
        if misspelt.startswith("-"):
            message = _no_option(misspelt, ["--help", "--version"])
    elif isinstance(error, UnusedCliTokensError):
        message = f"unexpected extra argument {(error.unused_tokens or [''])[0]!r}."
    elif isinstance(error, MissingArgumentError) and error.argument is not None:
        metavar = error.argument.parameter.metavar
        message = f"missing argument {metavar}."
        if error.argument.name.startswith("-"):
            message = f"{error.argument.name} {metavar} is missing."
        if error.keyword:
            message = f"{error.keyword} needs a value."
    elif isinstance(error, CoercionError) and error.token is not None:
        message = f"{error.token.keyword} takes no value; give it alone."
    else:
        message = str(error)[:1].lower() + str(error)[1:]
    return f"{message} See `{' '.join(['physfit', *chain])} --help`."


def _no_option(misspelt: str, names: Iterable[str]) -> str:
    """Beginning of the sentence on an option that there is not."""
    options = [name for name in names if name.startswith("--")]
    return f"no such option {misspelt}; {did_you_mean(misspelt, options)}"
