"""Commands that write for long: how each goes on after a kill, what it must give."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from attacks.running import ForkServer

__all__ = ["LONG_RUNS", "LongRun", "leftovers", "make_data", "references"]

N_ROWS, N_POINTS = 150_000, 64
MODEL = ("-m", "gaussian + constant")
MAPS = ("fit-many", "../maps.h5", *MODEL, "--sigma", "1", "-o", "o.h5", "-q")
ADAM = (
    *("fit", "../rows.h5", *MODEL, "--method", "adam", "--epochs", "6"),
    *("--tolerance", "0", "--memory", "2", "--checkpoint", "c.ck"),
    *("--checkpoint-every", "0.01", "--resume", "-o", "o.json", "-q"),
)


class LongRun(NamedTuple):
    """A command that writes `output`.

    Attributes
    ----------
    before : sequence of commands
        What must be done first; its files are copied for each case.
    command, again : sequence of str
        The command, and the one that goes on after a kill.
    output : str
    kept : tuple of str
        Files that belong to it besides.
    content : callable
        What of the output must be the same, by name.
    """

    before: Sequence[Sequence[str]]
    command: Sequence[str]
    again: Sequence[str]
    output: str
    kept: tuple[str, ...]
    content: Callable[[Path], dict[str, Any]]


def _datasets(path: Path) -> dict[str, Any]:
    """Bytes of all data sets; the job's record holds times and commands."""
    found: dict[str, Any] = {}

    def note(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and node.dtype.kind != "O":
            found[name] = node[()].tobytes()

    with h5py.File(path) as file:
        file.visititems(note)
    return found


def _numbers(path: Path) -> dict[str, Any]:
    """Entries of a result, but for times."""
    record = json.loads(path.read_text())
    return {
        name: _timeless(record[name])
        for name in ("estimates", "covariance", "solution", "history")
        if name in record
    }


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(own) for k, own in value.items() if "seconds" not in k}
    return value


def _shards() -> list[tuple[str, ...]]:
    return [(*MAPS, "--shard", f"{k}/2") for k in (1, 2)]


RETRY = ("fit-many", "../hard.h5", *MAPS[2:], "--retry-failed")
FIRST = ("fit-many", "../hard.h5", *MAPS[2:], "--max-steps", "3", "--once")
SHUFFLE = ("shuffle", "../rows.h5", "-o", "o.h5", "--memory", "1", "-q")
MERGE = ("merge", "o.h5", "-q")
LONG_RUNS = {
    "fit-many": LongRun([], MAPS, (*MAPS, "--resume"), "o.h5", (), _datasets),
    "merge": LongRun(_shards(), MERGE, MERGE, "o.h5", (), _datasets),
    "retry-failed": LongRun([FIRST], RETRY, RETRY, "o.h5", (), _datasets),
    "adam": LongRun([], ADAM, ADAM, "o.json", ("c.ck", "c.ck.previous"), _numbers),
    "shuffle": LongRun(
        *([], SHUFFLE, (*SHUFFLE, "--overwrite"), "o.h5", (), _datasets)
    ),
}


def make_data(folder: Path) -> None:
    """The files that all runs read."""
    random = np.random.default_rng(3)
    x = np.linspace(-5.0, 5.0, N_POINTS)
    curve = 20.0 * np.exp(-0.5 * x**2) + 3.0
    for name, n in (("maps.h5", N_ROWS), ("hard.h5", 20_000)):
        with h5py.File(folder / name, "w") as file:
            file["x"] = x
            file["y"] = curve + random.normal(size=(n, N_POINTS))
    samples = random.uniform(-5.0, 5.0, 200_000)
    with h5py.File(folder / "rows.h5", "w") as file:
        file["x"] = samples
        file["y"] = 20.0 * np.exp(-0.5 * samples**2) + random.normal(size=samples.size)


def references(folder: Path, server: ForkServer) -> dict[str, float]:
    """Undisturbed runs in folders `NAME` and `NAME.before`; the seconds of each."""
    seconds = {}
    for name, run in LONG_RUNS.items():
        begun, whole = folder / f"{name}.before", folder / name
        begun.mkdir()
        for command in run.before:
            _done(server, command, begun)
        shutil.copytree(begun, whole)
        _done(server, run.command, whole)
        shutil.rmtree(whole)
        shutil.copytree(begun, whole)
        seconds[name] = _done(server, run.command, whole)
    return seconds


def _done(server: ForkServer, command: Sequence[str], folder: Path) -> float:
    ended = server.physfit(*command, folder=folder, timeout=120.0)
    if ended.code not in (0, 2, 3):
        raise SystemExit(f"an undisturbed run failed: {command}: {ended}")
    return ended.seconds


def leftovers(folder: Path, run: LongRun) -> list[str]:
    """Files that a run should not have left."""
    known = {run.output, *run.kept}
    return sorted(own.name for own in folder.iterdir() if own.name not in known)
