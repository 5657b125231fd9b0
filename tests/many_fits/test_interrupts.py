"""Interrupted calls, some dozens in one process; `scripts/attack` makes thousands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("kind", ["fit_many", "bootstrap", "adam"])
def test_interrupts_leave_a_process_sound(kind):
    """No crash, no thread left, no foreign writes, and the next result bit by bit."""
    ended = subprocess.run(
        [sys.executable, "-m", "attacks.interrupted_calls", kind, "7", "24"],
        cwd=ROOT / "scripts",
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    said = json.loads(ended.stdout)
    assert said["interrupted"] >= 12
    assert said["faults"] == []
