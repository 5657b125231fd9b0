"""LLVM code that comes with the package: all of it, none of it stale, and the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from physfit.engine import jit, lowering
from physfit.engine.abi import FUNCTION
from physfit.engine.guesses.spread_data import turn
from physfit.engine.source import module_text

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
import numpy as np
import physfit as pf
from physfit.engine import lowering
if sys.argv[1] == "here":
    lowering.ARCHIVE = lowering.ARCHIVE.with_name("none.zip")
x = np.linspace(0.0, 9.0, 50)
y = 3.0 * np.exp(-0.5 * (x - 4.0) ** 2) + 0.1 * np.cos(40.0 * x)
fit = pf.fit(pf.models.Gaussian() + pf.models.Constant(), x, y)
rows = pf.fit_many(fit.model, x, np.tile(y, (2, 1)))
print([p.hex() for p in fit.values.values()], float(rows["center"].value[1]).hex())
print("numba" in sys.modules)
"""


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PHYSFIT_CACHE_DIR=str(folder), PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_all_that_is_compiled_is_in_the_archive(tmp_path):
    """Every text by its key; `python scripts/make_lowered.py` mends it."""
    outcome = run([str(ROOT / "scripts" / "make_lowered.py"), "--check"], tmp_path)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.uname().machine != "x86_64",
    reason="the archive is for x86-64 on Linux",
)
def test_the_archive_gives_what_numba_gives_here(tmp_path):
    """To the last bit; and with it a first fit does not even import numba."""
    there = run(["-c", SCRIPT, "there"], tmp_path / "there").stdout.splitlines()
    here = run(["-c", SCRIPT, "here"], tmp_path / "here").stdout.splitlines()
    assert there[0] == here[0]
    assert (there[1], here[1]) == ("False", "True")


def test_a_text_has_one_key():
    """Which every character of it decides."""
    keys = {lowering.key_of(text) for text in ("a", "b", "a ")}
    assert len(keys) == 3
    assert lowering.key_of("a") in keys


def test_loops_are_vectorised_unless_they_are_left_as_they_stand():
    """What is compiled quickly has no vector of numbers, everything else has."""
    text = module_text(turn, FUNCTION)
    assert "x double>" in jit.llvm_of(text)
    assert "x double>" not in jit.llvm_of(text, unroll=False)
