"""The command as a process: start-up, exit codes, signals, pipes, terminals."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "physfit"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}

needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and terminals")


def physfit(*arguments, **options):
    """Run the command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=120,
        **options,
    )


def imports_of(*arguments):
    """Names of the packages that the command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "physfit", *arguments],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=120,
    )
    assert done.returncode in (0, 2)
    return set(re.findall(r"\| +(\w+)$", done.stderr, flags=re.MULTILINE))


def test_version():
    """One line with the version of the package."""
    from physfit import __version__

    done = physfit("--version")
    assert (done.returncode, done.stdout) == (0, f"physfit {__version__}\n")


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["report", "json"])
def test_a_terminal_without_the_letters_shows_their_numbers(tmp_path, options):
    """Units that stdout cannot encode are escaped, and JSON stays JSON."""
    path = tmp_path / "a.csv"
    path.write_text("x (µm),y (V)\n0,1\n1,3\n2,5.1\n3,7\n", encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "fit", path, "-m", "linear", *options],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "PYTHONIOENCODING": "ascii"},
        timeout=120,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    if options:
        assert json.loads(done.stdout)["data"]["x_unit"] == "µm"
    else:
        assert "against x (\\xb5m)" in done.stdout


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize(
    "command", ["fit", "guess", "compare", "simulate", "show", "models", "cache warm"]
)
def test_every_command_has_help(command, option):
    """Help on stdout, with the usage."""
    done = physfit(*command.split(), option)
    assert done.returncode == 0
    assert f"Usage: physfit {command}" in done.stdout


def test_help_of_a_group_says_what_its_commands_do():
    """In a sentence each; examples and exit codes are those of other commands."""
    shown = physfit("cache", "--help").stdout
    assert "Delete all compiled code" in shown
    assert "Examples" not in shown


@pytest.mark.parametrize(
    ("command", "arguments"), [("fit-many", "DATA [JOB]"), ("models", "[NAME]")]
)
def test_help_names_arguments_that_may_be_left_out(command, arguments):
    """The usage calls each as the list below it does."""
    shown = physfit(command, "--help").stdout
    assert f"Usage: physfit {command} [OPTIONS] {arguments}\n" in shown


def test_help_of_fit_has_examples_in_their_own_lines():
    """Examples can be copied: no line is filled or broken, no text is markup."""
    lines = [line.rstrip() for line in physfit("fit", "--help").stdout.splitlines()]
    assert '  physfit fit data.csv --model "gaussian + constant"' in lines
    assert any(line.endswith(" --x freq \\") for line in lines)


def test_without_a_command_the_help_goes_to_stderr():
    """Nothing was asked: a usage error, with the help."""
    done = physfit()
    assert (done.returncode, done.stdout) == (1, "")
    assert "Usage: physfit" in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["models", "voigt"]])
def test_help_and_models_start_without_the_heavy_packages(arguments):
    """Neither numba nor scipy, h5py, matplotlib and sympy are imported."""
    imported = imports_of(*arguments)
    assert "cyclopts" in imported
    assert not imported & {"numba", "scipy", "h5py", "matplotlib", "sympy", "pandas"}
    assert ("numpy" in imported) == (arguments[0] == "models")


@pytest.mark.parametrize("loss", ["chi2", "huber", "poisson"])
def test_after_cache_warm_a_fit_needs_no_compiler(tmp_path, loss):
    """Nothing is left to compile: numba is not imported, whatever the loss."""
    data = tmp_path / "a.csv"
    data.write_text("x,y\n" + "".join(f"{k},{k * k + 1}\n" for k in range(9)))
    assert physfit("cache", "warm").returncode == 0
    fit = ("fit", str(data), "-m", "quadratic", "--tie", "c=a+b", "--loss", loss)
    imported = imports_of(*fit)
    assert "llvmlite" in imported
    assert not imported & {"numba", "h5py", "matplotlib", "sympy"}


def test_a_usage_error_is_1_without_traceback():
    """The process ends with 1 where click has 2."""
    done = physfit("fit", "--modle", "voigt")
    assert (done.returncode, done.stdout) == (1, "")
    start = "physfit: error: no such option --modle; did you mean '--model'? "
    assert done.stderr.startswith(start)
    assert done.stderr.endswith("? See `physfit fit --help`.\n")


def in_shell(words, folder, **variables):
    """Exit code and stderr of a shell command in which `physfit` is the command."""
    command = " ".join(COMMAND)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words.replace('physfit', command)}"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**ENVIRONMENT, **variables},
        timeout=120,
    )
    return done.returncode, done.stderr


@needs_posix
@pytest.mark.parametrize("buffering", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("words", ["physfit models", "physfit --help", "physfit -h"])
def test_a_reader_that_leaves_early_is_no_error(tmp_path, words, buffering):
    """`physfit models | true` ends with 0 and prints no complaint."""
    done = in_shell(f"{words} | true", tmp_path, PYTHONUNBUFFERED=buffering)
    assert done == (0, "")


@needs_posix
def test_files_are_written_when_the_reader_leaves(tmp_path):
    """A report that nobody reads does not cost the files of its command."""
    rows = "".join(f"{k},{k * k % 7 + k}\n" for k in range(20))
    (tmp_path / "a.csv").write_text("x,y\n" + rows)
    words = "physfit multistart a.csv -m linear --starts 3 -q --plot a.svg | true"
    assert in_shell(words, tmp_path) == (0, "")
    assert (tmp_path / "a.svg").exists()


@needs_posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(tmp_path, closed):
    """Standard streams that the caller has closed are as the null device."""
    done = in_shell(f"physfit models {closed} | cat >/dev/null", tmp_path)
    assert done == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_output_is_one_sentence(tmp_path):
    """What cannot be printed is an error of one line and code 1."""
    code, err = in_shell("physfit models > /dev/full", tmp_path)
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("physfit: error: standard output")
    assert in_shell("physfit fit none.csv -m linear 2> /dev/full", tmp_path) == (1, "")


@needs_posix
@pytest.mark.parametrize(
    ("number", "code", "module"),
    [
        ("SIGINT", 130, "cyclopts"),
        ("SIGTERM", 143, "physfit.cli.commands"),
        ("SIGUSR1", 143, "physfit.cli.fits"),
        ("SIGHUP", 143, "numpy"),
    ],
)
def test_a_signal_while_modules_are_imported(number, code, module):
    """From its first lines on the command ends as it does later."""
    program = f"""if True:
        import signal, sys
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == {module!r}:
                    signal.raise_signal(signal.{number})
        sys.meta_path.insert(0, Finder())
        sys.argv[1:] = ["fit", "none.csv", "-m", "linear"]
        from physfit.cli.main import run
        run()"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@needs_posix
def test_a_second_signal_does_not_break_what_the_first_began(tmp_path):
    """While files are put in order, further signals are not obeyed."""
    program = """if True:
        import pathlib, signal
        from physfit.cli import commands
        from physfit.cli.main import run
        def run_command(arguments):
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                try:
                    signal.raise_signal(signal.SIGINT)
                    open("none")
                except OSError:
                    signal.raise_signal(signal.SIGINT)
                pathlib.Path("in order").touch()
        commands.run_command = run_command
        run()"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=20,
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")
    assert (tmp_path / "in order").exists()


@needs_posix
def test_a_signal_lost_where_an_object_is_deleted_comes_again():
    """An exception that Python only prints is raised once more, and nothing printed."""
    program = """if True:
        import signal, sys, time
        from physfit.cli import commands
        from physfit.cli.main import run
        class Swallows:
            def __del__(self):
                signal.raise_signal(signal.SIGTERM)
        def run_command(arguments):
            Swallows()
            time.sleep(30)
            return 0
        commands.run_command = run_command
        run()"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=20,
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")


def test_warnings_are_one_sentence(tmp_path):
    """A cache folder that cannot be written is told in one line."""
    (tmp_path / "file").touch()
    (tmp_path / "a.csv").write_text("x,y\n0,1\n1,3\n2,5.1\n3,7\n")
    done = subprocess.run(
        [*COMMAND, "fit", "a.csv", "-m", "linear"],
        cwd=tmp_path,
        env={**ENVIRONMENT, "PHYSFIT_CACHE_DIR": str(tmp_path / "file" / "cache")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    warned = [line for line in done.stderr.splitlines() if "warning" in line]
    assert done.returncode == 0
    assert len(warned) == 1
    assert warned[0].startswith("physfit: warning: compiled code cannot be kept in ")


def test_options_are_read_where_pydantic_is_loaded(peak):
    """By the reader of a file, or in a notebook: it checks defaults, too."""
    code = (
        "import pydantic\n"
        "from physfit.cli.main import main\n"
        f"raise SystemExit(main(['guess', {str(peak)!r}, '-m', 'gaussian', '-q']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "physfit fit" in done.stdout
