"""The command `physfit`: its commands, its errors as sentences, its exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import TextIOWrapper
from types import FrameType
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
from physfit.cli.console import say, warnings_as_sentences
from physfit.cli.exit_codes import ExitCode
from physfit.cli.help_texts import EXAMPLES
from physfit.errors import ConvergenceError, PhysfitError, did_you_mean

__all__ = ["app", "main", "run"]

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


class Terminated(BaseException):
    """A signal asks for the end; unwinds the stack so that no half-written file stays.

    SIGTERM, and SIGUSR1, which schedulers send some time before they kill.
    """


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


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind `physfit` on the command line.
    """
    try:
        with warnings_as_sentences():
            return int(app(list(arguments), prog_name="physfit", standalone_mode=False))
    except TyperException as error:
        return _refused(_usage_sentence(error))
    except ConvergenceError as error:
        _refused(str(error))
        return ExitCode.NOT_CONVERGED
    except PhysfitError as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(_system_sentence(error))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Terminated:
        return ExitCode.TERMINATED


def run() -> None:
    """Entry point of the installed command."""
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, _terminate)
    if isinstance(sys.stdout, TextIOWrapper):
        # as stderr: a unit that the terminal cannot show must not end the command
        sys.stdout.reconfigure(errors="backslashreplace")
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if code == ExitCode.INTERRUPTED:
        # Python kills itself with SIGINT where Ctrl-C came inside an exec() of a
        # string, as numba has them, even though it was caught.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _refused(sentence: str) -> int:
    say(f"error: {sentence}")
    return ExitCode.INPUT_ERROR


def _system_sentence(error: OSError) -> str:
    place = "" if error.filename is None else f"`{error.filename}`: "
    return f"{place}{error.strerror or error}."


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
    options = [text for own in context.command.params for text in own.opts]
    return did_you_mean(str(name), [text for text in options if text.startswith("--")])
