"""The progress bar appears on a terminal, late, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from functools import partial

import numpy as np
import pytest

from physfit.cli import console
from physfit.cli.main import main
from physfit.solve.base import Progress


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Stderr as a terminal, 100 columns wide.

    No fixture: pytest puts its own stderr back between the set-up and the test.
    """
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return stream


def bar(quiet):
    """The bar of a fit that begins now."""
    pace = partial(console.fit_pace, time.monotonic())
    return console.progress_bar("fitting", quiet, pace)


@pytest.mark.parametrize("quiet", [False, True])
def test_no_bar_where_nobody_watches(quiet, capsys):
    """Without a terminal `fit` gets no callback, so it runs in one go."""
    with bar(quiet) as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_no_bar_when_quiet(monkeypatch):
    """`--quiet` holds on a terminal too."""
    watched(monkeypatch)
    with bar(True) as progress:
        assert progress is None


def test_a_short_fit_shows_no_bar(monkeypatch):
    """What ends within half a second prints nothing."""
    terminal = watched(monkeypatch)
    with bar(False) as progress:
        progress(Progress(1, 500, 12.5, np.zeros(2)))
    assert terminal.getvalue() == ""


def test_a_long_fit_shows_step_and_cost(monkeypatch):
    """After the delay the bar tells the step and the cost."""
    terminal = watched(monkeypatch)
    monkeypatch.setattr(console, "BAR_DELAY", 0.01)
    with bar(False) as progress:
        progress(Progress(7, 500, 12.5, np.zeros(2)))
        deadline = time.monotonic() + 10.0
        while "cost" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "step 7, cost 12.5" in terminal.getvalue()


def test_an_error_inside_goes_through(monkeypatch):
    """The bar is taken down and the error stays what it was."""
    watched(monkeypatch)
    with pytest.raises(KeyboardInterrupt), bar(False):
        raise KeyboardInterrupt


def test_json_writes_numbers_that_do_not_exist_as_null(capsys):
    """NaN and infinities are null, arrays lists, complex numbers pairs."""
    console.print_json(
        {"a": np.array([1.0, np.nan]), "b": (np.inf, 2), "c": 1 + 2j, "d": np.int64(3)}
    )
    assert json.loads(capsys.readouterr().out) == {
        "a": [1.0, None],
        "b": [None, 2],
        "c": {"re": 1.0, "im": 2.0},
        "d": 3,
    }


def test_labels_and_file_names_are_shown_and_not_obeyed(tmp_path, capfd, monkeypatch):
    """Escape codes, line breaks, marks of direction, in reports, notes and errors."""
    monkeypatch.chdir(tmp_path)
    odd = "d\x1b[2J\n\u202e.csv"
    rows = "\n".join(f"{i},{2 * i + i % 3}" for i in range(9))
    (tmp_path / odd).write_text("x\x1b]0;t\x07 [\x9bs],[red]y\n" + rows)
    assert main(["fit", odd, "-m", "linear"]) == 0
    assert main(["fit", odd, "-m", "linear\x1b[2J"]) == 1
    assert main(["fit", "none\x1b[2J\n", "-m", "linear"]) == 1
    assert main(["show\x1b[2J"]) == 1
    texts = capfd.readouterr()
    assert "[red]y" in texts.out
    for text in texts:
        assert text.replace("\n", "").isprintable()
    assert len([own for own in texts.err.splitlines() if "error:" in own]) == 3


def test_what_libraries_log_is_one_line_without_control_characters(monkeypatch, capsys):
    """matplotlib quotes a damaged matplotlibrc; its lines cannot move the cursor."""
    monkeypatch.setattr(logging, "lastResort", logging.lastResort)
    console.logs_as_sentences()
    logging.lastResort.handle(
        logging.makeLogRecord({"msg": "Bad key \x1b[2J\nin %s", "args": ("x",)})
    )
    assert capsys.readouterr().err == "physfit: warning: Bad key \\x1b[2J in x\n"
