"""Errors that nobody foresaw, provoked in this process."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from pathlib import Path

import pytest

from physfit.cli import fits
from physfit.cli.signals import Interrupted
from physfit.errors import DataError


@pytest.fixture
def broken(peak, monkeypatch, tmp_path):
    """Function that runs a fit which raises; returns the outcome and the traceback."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def run(physfit, error):
        def fails(*arguments, **keywords):
            raise error

        monkeypatch.setattr(fits, "build_model", fails)
        outcome = physfit("compare", peak, "-m", "linear", "--plot", "a.png")
        return outcome, list(folder.iterdir())

    return run


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("a\nb\x1b[2J"), "should not happen (ZeroDivisionError: a b"),
        (RecursionError(), "should not happen (RecursionError)"),
        (MemoryError("9 TiB"), "the memory is not enough (MemoryError: 9 TiB)"),
    ],
    ids=["any", "recursion", "memory"],
)
def test_an_unforeseen_error_is_a_sentence_and_a_file(physfit, broken, error, words):
    """Code 70, one line without control characters, the traceback for the user only."""
    outcome, files = broken(physfit, error)
    assert (outcome.code, outcome.out) == (70, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert "\x1b" not in outcome.err
    assert [str(path) in outcome.err for path in files] == [True]
    assert "Traceback (most recent call last)" in files[0].read_text()
    if os.name != "nt":
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert not Path("a.png").exists()


def test_a_traceback_that_cannot_be_written(physfit, broken, monkeypatch):
    """It is said that there is none."""
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", _refuses)
    outcome, files = broken(physfit, KeyError("k"))
    assert (outcome.code, files) == (70, [])
    assert "cannot be written either (No space left on device)" in outcome.err


def test_an_interrupt_that_python_wrapped_is_one(physfit, broken):
    """Python 3.11 makes a RuntimeError of what `__set_name__` raises."""
    error = RuntimeError("Error calling __set_name__")
    error.__cause__ = Interrupted(signal.SIGINT)
    outcome, files = broken(physfit, error)
    assert (outcome.code, outcome.out, files) == (130, "", [])


def test_what_an_interrupted_run_could_not_keep_is_said(physfit, broken):
    """The error on the way out is one sentence; the code is that of the signal."""
    stopped = Interrupted(signal.SIGTERM)
    stopped.__cause__ = DataError("`c.ck` cannot be written: disk full.")
    outcome, files = broken(physfit, stopped)
    assert (outcome.code, files) == (143, [])
    assert outcome.err == "physfit: error: `c.ck` cannot be written: disk full.\n"


def _refuses(*arguments, **keywords):
    raise OSError(28, "No space left on device")
