"""The command run in this process, and a small data file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from physfit.cli.main import main


class Outcome(NamedTuple):
    """What a command left: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as one JSON value."""
        return json.loads(self.out)


Physfit = Callable[..., Outcome]


@pytest.fixture
def physfit(capsys: pytest.CaptureFixture[str]) -> Physfit:
    """Function that runs `physfit ARGUMENTS` in this process.

    `main` and not a runner of cyclopts: exit codes and sentences are made in `main`.
    """

    def command(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(int(code), *capsys.readouterr())

    return command


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def peak(workplace: Path) -> str:
    """A Gaussian peak of area 10 at 5 on a constant 1, noise 0.05, as `peak.csv`."""
    random = np.random.default_rng(7)
    x = np.linspace(0.0, 10.0, 101)
    shape = np.exp(-0.5 * ((x - 5.0) / 0.8) ** 2) / (0.8 * np.sqrt(2.0 * np.pi))
    y = 10.0 * shape + 1.0 + 0.05 * random.standard_normal(x.size)
    rows = [f"{a:.3f},{b:.6f},0.05" for a, b in zip(x, y, strict=True)]
    text = "\n".join(["freq (Hz),signal (V),err", *rows])
    (workplace / "peak.csv").write_text(text + "\n")
    return "peak.csv"
