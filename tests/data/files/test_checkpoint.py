"""Checkpoints: two generations, damage found, a whole one after every SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from physfit.data.files.checkpoint import load_checkpoint, previous_of, save_checkpoint
from physfit.data.files.writers import write_hdf5
from physfit.errors import DataError, InputError

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
    with pytest.raises(DataError, match=r"run\.ckpt` is truncated, damaged or not"):
        load_checkpoint(path)


def test_newer_and_foreign_files_are_refused(tmp_path):
    """A later version of the schema, and a file of another kind."""
    path = tmp_path / "run.ckpt"
    write_hdf5(path, {"a": 1}, schema="physfit.checkpoint", version=2)
    with pytest.raises(DataError, match="has version 2 of physfit"):
        load_checkpoint(path)
    with h5py.File(path, "w") as file:
        file["a"] = 1
    with pytest.raises(DataError, match="is no file of results"):
        load_checkpoint(path)
    with pytest.raises(InputError, match="may not have the key '@checksum'"):
        save_checkpoint(path, {"@checksum": "mine"})


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
