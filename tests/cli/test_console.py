"""What goes to the terminal: records, names of files, what libraries log."""

from __future__ import annotations

import json
import logging

import numpy as np

from physfit.cli import console
from physfit.cli.main import main


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
