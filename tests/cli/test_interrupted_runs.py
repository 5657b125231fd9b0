"""Runs of the command that are killed, terminated or interrupted, and go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit import load_result
from physfit.models import Gaussian, Linear

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
N = 200_000
TRUTH = {"amplitude": 10.0, "center": 5.0, "sigma": 0.8, "slope": 0.1, "intercept": 1.0}
START = "amplitude=9,center=4.9,sigma=0.7,slope=0,intercept=2"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with `rows.h5`, gzip-compressed so that reading takes its time."""
    place = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(1)
    x = rng.uniform(0.0, 10.0, N)
    curve = (Gaussian() + Linear())(x, **TRUTH)
    rows = np.stack([x, curve + 0.2 * rng.normal(size=N), np.full(N, 0.2)], 1)
    with h5py.File(place / "rows.h5", "w") as file:
        file.create_dataset("d", data=rows, chunks=(5000, 3), compression="gzip")
    return place


def command(name, *more, epochs=15):
    """A run that keeps `NAME.ckpt` and ends with `NAME.json`."""
    return [
        *(sys.executable, "-m", "physfit", "fit", "rows.h5", "-m", "gaussian + linear"),
        *("--start", START, "--method", "adam", "--batch-size", "500", "--seed", "7"),
        *("--epochs", str(epochs), "--tolerance", "0", "--memory", "2", "--quiet"),
        *("--checkpoint", f"{name}.ckpt", "--checkpoint-every", "0.02"),
        *("-o", f"{name}.json", *more),
    ]


def started(folder, *arguments, **options):
    return subprocess.Popen(
        command(*arguments, **options),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path, process):
    """Until a file is there; the process must not end before."""
    until = time.monotonic() + 120.0
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def same(one, other):
    """Whether two results are the same to the last bit, times apart."""
    ours, theirs = load_result(one), load_result(other)
    fields = [own for own in ours.history._fields if own != "seconds"]
    return (
        np.array_equal(ours.solution.theta, theirs.solution.theta)
        and np.array_equal(ours.covariance, theirs.covariance)
        and all(
            np.array_equal(getattr(ours.history, own), getattr(theirs.history, own))
            for own in fields
        )
    )


@pytest.fixture(scope="module")
def whole(folder):
    """Result of the run that nobody interrupts."""
    process = started(folder, "whole")
    _, err = process.communicate(timeout=300)
    assert process.returncode in (0, 2), err
    return folder / "whole.json"


def test_a_run_killed_again_and_again_ends_like_one_that_was_not(folder, whole):
    """SIGKILL at random moments, then --resume, until it ends: the same bits."""
    rng = np.random.default_rng(11)
    kills = 0
    while True:
        process = started(folder, "killed", "--resume")
        try:
            # Starting takes some 0.3 s, more where others compute; later there is more
            # to hit.
            process.communicate(timeout=0.35 * 1.5**kills + rng.uniform(0.0, 0.2))
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            if (folder / "killed.json").exists():  # killed when all was written
                break
    assert process.returncode in (0, 2, -signal.SIGKILL)
    assert kills >= 2
    assert same(folder / "killed.json", whole)
    assert (folder / "killed.ckpt").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGUSR1, 143), (signal.SIGINT, 130)],
    ids=["SIGTERM", "SIGUSR1", "SIGINT"],
)
def test_a_signal_keeps_the_run_and_its_exit_code(folder, whole, number, code):
    """The last window is kept, nothing else is written, and it goes on from there."""
    name = f"signal{int(number)}"
    process = started(folder, name)
    wait_for(folder / f"{name}.ckpt", process)
    time.sleep(0.01)
    sent = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    # A few windows of some milliseconds; seconds would be a pass that goes on.
    assert time.monotonic() - sent < 5.0
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert not (folder / f"{name}.json").exists()
    resumed = started(folder, name, "--resume")
    resumed.communicate(timeout=300)
    assert resumed.returncode in (0, 2)
    assert same(folder / f"{name}.json", whole)


def test_other_settings_are_refused_with_their_name(folder, whole):
    """Exit code 1, one sentence, no output."""
    (folder / "whole2.ckpt").write_bytes((folder / "whole.ckpt").read_bytes())
    process = started(folder, "whole2", "--resume", epochs=16)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    assert "its epochs was '15', but now is '16'" in err
    assert not (folder / "whole2.json").exists()
