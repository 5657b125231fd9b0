"""Checkpoints: two generations, damage found, a whole one after every SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.files.checkpoint import (
    check_previous,
    load_checkpoint,
    previous_of,
    save_checkpoint,
)
from physfit.data.files.checksummed import write_checksummed
from physfit.data.files.paths import target_of
from physfit.data.files.schema import Schema
from physfit.data.files.writers import write_record
from physfit.errors import DataError

RECORD = {
    "step": 7,
    "rate": 0.5,
    "name": "adam",
    "done": False,
    "nothing": None,
    "small": np.float32(0.1),
    "theta": np.array([1.0, np.nan, -0.0]),
    "empty": np.empty(0),
    "names": ["a", "b"],
    "state": {"m": np.arange(6.0).reshape(2, 3), "count": np.int64(3)},
}


def test_what_is_saved_comes_back(tmp_path):
    """Every kind of value, arrays bit by bit."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(path, RECORD)
    got = load_checkpoint(path)
    assert got is not None
    assert got["theta"].tobytes() == RECORD["theta"].tobytes()
    assert (got["step"], got["rate"], got["name"]) == (7, 0.5, "adam")
    assert (got["done"], got["nothing"], got["names"]) == (False, None, ["a", "b"])
    np.testing.assert_array_equal(got["state"]["m"], np.arange(6.0).reshape(2, 3))


def test_no_checkpoint_is_none(tmp_path):
    """A run that never saved has nothing to go on from."""
    assert load_checkpoint(tmp_path / "run.ckpt") is None


@pytest.mark.parametrize("how", ["torn", "flipped", "empty", "missing"])
def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, how):
    """Torn, changed by one bit, empty: a warning, and the previous state."""
    path = tmp_path / "run.ckpt"
    for step in (1, 2):
        save_checkpoint(path, {"step": step, "theta": np.full(500, 0.1 * step)})
    data = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
        got = load_checkpoint(path)
    else:
        at = bytes(data).index(np.full(5, 0.2).tobytes())
        data[at + 3] ^= 4
        content = {"torn": data[: len(data) // 2], "flipped": data, "empty": b""}
        path.write_bytes(content[how])
        with pytest.warns(UserWarning, match="state before it, .*previous.* is used"):
            got = load_checkpoint(path)
    assert got is not None
    assert got["step"] == 1


def test_two_damaged_states_are_an_error(tmp_path):
    """Nothing is made up when neither generation can be used."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(path, {"step": 1})
    save_checkpoint(path, {"step": 2})
    for file in (path, previous_of(path)):
        file.write_bytes(b"no HDF5")
    with pytest.raises(DataError, match=r"run\.ckpt` is damaged: it is no"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("version", "words"), [(1, "an older physfit"), (3, "a newer physfit")]
)
def test_other_versions_are_refused(tmp_path, version, words):
    """By their age; until version 1 the checksum stood among the entries."""
    path = tmp_path / "run.ckpt"
    schema = Schema("physfit.checkpoint", version)
    if version == 1:
        write_record(path, {"@checksum": "0" * 64, "step": 1}, schema)
    else:
        write_checksummed(path, {}, {"step": 1}, schema)
    with pytest.raises(DataError, match=words):
        load_checkpoint(path)
    check_previous(path)


def test_a_foreign_file_is_refused(tmp_path):
    """It is read no further, and never replaced."""
    path = tmp_path / "run.ckpt"
    with h5py.File(path, "w") as file:
        file["a"] = 1
    with pytest.raises(DataError, match=r"is no physfit\.checkpoint file"):
        load_checkpoint(path)
    with pytest.raises(DataError, match="is no checkpoint"):
        check_previous(path)


WRITER = """
import sys, numpy as np
from physfit.data.files.checkpoint import save_checkpoint
step = int(sys.argv[2])
print("ready", flush=True)
while True:
    step += 1
    save_checkpoint(sys.argv[1], {"step": step, "theta": np.full(2000, float(step))})
    print(step, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_state(tmp_path):
    """SIGKILL again and again: the newest state is at most one save behind."""
    path = tmp_path / "run.ckpt"
    rng = np.random.default_rng(5)
    last = 0
    for delay in rng.uniform(0.0, 0.05, 12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(last)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        printed = [int(line) for line in process.communicate()[0].split()]
        record = load_checkpoint(path)
        assert record is not None
        assert (record["theta"] == record["step"]).all()
        assert record["step"] >= max(printed, default=last + 1)
        last = record["step"]
    save_checkpoint(path, {"step": 0})
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"run.ckpt", "run.ckpt.previous"}


def test_the_root_is_no_checkpoint():
    """It has no name to stand before `.previous`, and is a directory."""
    assert previous_of("/") == Path("/.previous")
    with pytest.raises(DataError, match="`/` is a directory"):
        target_of("/")
