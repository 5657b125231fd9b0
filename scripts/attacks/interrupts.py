"""Interrupts: of nine kinds of call in one process, and of each long command.

`count` interrupts in each kind of call, and a sixteenth of that in each command: a
signal, or two, at a random moment. A command must end by its code and at most one
sentence, leave nothing behind but whole outputs, and end with the same bits when it is
resumed, or run again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from attacks.counting import Log, Outcome
from attacks.interrupted_calls import KINDS
from attacks.judging import judged
from attacks.running import Ended, physfit, run

__all__ = ["FULL", "QUICK", "attack"]

QUICK, FULL = 48, 1000
SIGNALS = ("SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP")
MODEL = ("-m", "gaussian + constant")


class Command(NamedTuple):
    """A long command.

    Attributes
    ----------
    arguments : tuple of str
    outputs : tuple of str
        Files that it makes.
    resumes : bool
        Whether it goes on with --resume.
    kept : tuple of str
        What an interrupted run may leave besides: a checkpoint, a folder of parts.
    """

    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    resumes: bool = False
    kept: tuple[str, ...] = ()


def _figures(name: str, *arguments: str) -> Command:
    return Command((name, *arguments, "--plot", "o.svg"), ("o.svg",))


COMMANDS = {
    "fit by adam": Command(
        (
            *("fit", "rows.h5", *MODEL, "--method", "adam", "--epochs", "12"),
            *("--batch-size", "1000", "--tolerance", "0", "--memory", "2"),
            *("--checkpoint", "c.ck", "--checkpoint-every", "0.05", "-o", "o.h5"),
        ),
        ("o.h5",),
        True,
        ("c.ck", "c.ck.previous"),
    ),
    "fit-many": Command(
        ("fit-many", "map.h5", *MODEL, "--sigma", "1", "-o", "o.h5"),
        ("o.h5",),
        True,
        ("o.h5.parts",),
    ),
    "merge": Command(("merge", "m.h5"), ("m.h5",), kept=("m.h5.parts",)),
    "bootstrap": _figures("bootstrap", "a.csv", *MODEL, "--n", "200000"),
    "toys": _figures(
        *("toys", *MODEL, "--x", "-5:5:64", "--sigma", "1", "--n", "200000"),
        *("-p", "amplitude=50,center=0.2,sigma=1,c=3"),
    ),
    "multistart": _figures("multistart", "a.csv", *MODEL, "--starts", "3000"),
    "landscape": _figures(
        *("landscape", "a.csv", *MODEL, "--over", "center,sigma", "--profile"),
        *("--points", "81"),
    ),
    "sweep": _figures(
        *("sweep", "a.csv", *MODEL, "--vary", "learning_rate=0.001,0.01,0.1"),
        *("--epochs", "4000", "--batch-size", "16"),
    ),
    "lr-find": _figures("lr-find", "rows.h5", *MODEL, "--method", "adam"),
    "shuffle": Command(
        ("shuffle", "rows.h5", "-o", "o.h5", "--memory", "1", "--seed", "2"), ("o.h5",)
    ),
    "compare": _figures("compare", "rows.h5", *MODEL, "--methods", "adam,lm"),
    "simulate": Command(
        (
            *("simulate", *MODEL, "--x", "0:10:200000", "--sigma", "0.05"),
            *("--seed", "1", "-p", "amplitude=5,center=4,sigma=1,c=1", "-o", "o.csv"),
        ),
        ("o.csv",),
    ),
}


def attack(log: Log, seed: int, count: int) -> None:
    """Interrupt calls and commands, `count` and `count / 16` times each."""
    for kind in KINDS:
        _interrupt_calls(log, kind, seed, count)
    data = log.work / "data"
    data.mkdir()
    _make_data(data)
    for name, command in COMMANDS.items():
        _interrupt_command(log, name, command, data, seed, max(1, count // 16))


# --------------------------------------------------------------------------- calls
def _interrupt_calls(log: Log, kind: str, seed: int, count: int) -> None:
    words = [sys.executable, "-m", "attacks.interrupted_calls", kind]
    limit = 120.0 + 2.0 * count
    ended = run([*words, str(seed), str(count)], folder=log.work, timeout=limit)
    said = ended.stdout.strip().splitlines()
    faults = json.loads(said[-1])["faults"] if said else []
    for _ in range(count - len(faults) if said and ended.code in (0, 1) else 0):
        log(f"call: {kind}", "interrupted", Outcome.HELD)
    for fault in faults:
        log(f"call: {kind}", f"seed {seed}, {fault}", Outcome.LOST)
    if ended.code not in (0, 1) or not said:
        log(f"call: {kind}", f"seed {seed}", judged(ended), stderr=ended.stderr)


# ------------------------------------------------------------------------ commands
def _make_data(folder: Path) -> None:
    rng = np.random.default_rng(1)
    x = np.linspace(-5.0, 5.0, 64)
    center = rng.uniform(-1.0, 1.0, (140_000, 1))
    y = 20.0 * np.exp(-0.5 * (x - center) ** 2) + 3.0
    with h5py.File(folder / "map.h5", "w") as file:
        file["x"], file["y"] = x, y + rng.normal(size=y.shape)
    at = rng.uniform(-5.0, 5.0, 300_000)
    with h5py.File(folder / "rows.h5", "w") as file:
        file["x"], file["sigma"] = at, np.ones(at.size)
        file["y"] = 20.0 * np.exp(-0.5 * at**2) + 3.0 + rng.normal(size=at.size)
    curve = 20.0 * np.exp(-0.5 * x**2) + 3.0 + rng.normal(size=64)
    table = "\n".join(f"{a:.6f},{b:.6f},1" for a, b in zip(x, curve, strict=True))
    (folder / "a.csv").write_text(f"x,y,sigma\n{table}\n")
    more = ("--sigma", "1", "-o", "m.h5", "-q")
    for shard in ("1/2", "2/2"):
        physfit("fit-many", "map.h5", *MODEL, *more, "--shard", shard, folder=folder)


def _interrupt_command(
    log: Log, name: str, command: Command, data: Path, seed: int, count: int
) -> None:
    """Interrupt one command at `count` random moments."""
    kind, draw = f"command: {name}", random.Random(f"{seed} {name}")
    whole, seconds, first = None, 0.0, dict[str, object]()
    for _ in range(2):  # what differs between two whole runs is no content
        folder = _fresh(log.work, data)
        began = time.monotonic()
        ended = physfit(*command.arguments, folder=folder, timeout=600.0)
        seconds = time.monotonic() - began
        found = _contents(folder, command)
        whole = found if whole is None else _shared(whole, found)
        first = first or found
        if ended.code not in (0, 2, 3, 4):
            log(kind, "not interrupted", judged(ended), stderr=ended.stderr)
            return
    assert whole is not None
    for turn in range(count):
        folder = _fresh(log.work, data)
        number = getattr(signal, SIGNALS[turn % len(SIGNALS)])
        sent = [(draw.uniform(0.0, 0.95 * seconds), number)]
        if turn % 3 == 0:
            sent.append((sent[0][0] + draw.uniform(0.0, 0.03), draw.choice([2, 15])))
        ended = physfit(
            *command.arguments,
            folder=folder,
            timeout=600.0,
            signals=sent,
            during=_wait_for_handlers,
        )
        outcome, why = _judged(command, folder, ended, whole)
        if outcome.holds and command.resumes and not _is_there(folder, command):
            outcome, why = _resumed(command, folder, whole)
        log(
            *(kind, f"seed {seed}, turn {turn}: {why or ended.code}", outcome),
            files=folder,
            sent=sent,
            code=ended.code,
            stderr=ended.stderr,
        )


def _wait_for_handlers(process: int) -> None:
    """Wait until SIGTERM is caught: Python itself begins with a few milliseconds."""
    status, end = Path(f"/proc/{process}/status"), time.monotonic() + 20.0
    mask = 1 << (signal.SIGTERM - 1)
    if not status.exists():  # not Linux
        time.sleep(0.5)
        return
    while time.monotonic() < end:
        lines = status.read_text().splitlines()
        caught = [line.split()[1] for line in lines if line.startswith("SigCgt")]
        if not caught or int(caught[0], 16) & mask:
            return
        time.sleep(0.0005)


def _fresh(work: Path, data: Path) -> Path:
    folder = work / "case"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder, copy_function=_linked)
    return folder


def _linked(source: str, target: str) -> None:
    """Hard links of data, which no command may change; parts are copied."""
    if ".parts" in source:
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def _judged(
    command: Command, folder: Path, ended: Ended, whole: Mapping[str, object]
) -> tuple[Outcome, str]:
    """How an interrupted command ended, and what does not hold."""
    outcome = judged(ended)
    if not outcome.holds:
        return outcome, f"code {ended.code}"
    if outcome is Outcome.REFUSED:
        return Outcome.UNCLEAR, "refused"
    said = [line for line in ended.stderr.splitlines() if "physfit: " in line]
    if len(said) != len(ended.stderr.splitlines()):
        return Outcome.UNCLEAR, "noise on stderr"
    here = {path.name for path in folder.iterdir()}
    left = here - {*DATA, *command.outputs, *command.kept}
    parts = folder / "o.h5.parts"
    if parts.is_dir():
        left |= {path.name for path in parts.iterdir() if path.suffix == ".tmp"}
    if left:
        return Outcome.LEFTOVERS, f"left {sorted(left)}"
    if _is_there(folder, command):
        found = _contents(folder, command)
        if _shared(whole, found) != whole:
            return Outcome.WRONG_SUCCESS, "another output"
    elif ended.code not in (130, 143):
        return Outcome.LOST, f"code {ended.code} without output"
    return outcome, ""


#: Files that stand in the folder of every case.
DATA = ("map.h5", "rows.h5", "a.csv", "m.h5.parts")


def _is_there(folder: Path, command: Command) -> bool:
    return all((folder / name).exists() for name in command.outputs)


def _resumed(
    command: Command, folder: Path, whole: Mapping[str, object]
) -> tuple[Outcome, str]:
    """Whether the same bits come out with --resume."""
    ended = physfit(*command.arguments, "--resume", folder=folder, timeout=600.0)
    if ended.code not in (0, 2, 3):
        return Outcome.LOST, f"--resume ends with {ended.code}: {ended.stderr}"
    if _shared(whole, _contents(folder, command)) != whole:
        return Outcome.LOST, "other bits after --resume"
    return Outcome.INTERRUPTED, ""


def _contents(folder: Path, command: Command) -> dict[str, object]:
    """Content of all outputs, by name."""
    found: dict[str, object] = {}

    def note(name: str, node: h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = np.asarray(node[()]).tobytes()

    for name in command.outputs:
        path = folder / name
        if path.suffix == ".h5":
            with h5py.File(path) as file:
                file.visititems(note)
        elif path.suffix == ".svg":
            found[name] = path.read_text().rstrip().endswith("</svg>")
        else:
            found[name] = path.read_bytes()
    return found


def _shared(
    one: Mapping[str, object], other: Mapping[str, object]
) -> dict[str, object]:
    """What two contents have in common."""
    return {name: value for name, value in one.items() if other.get(name) == value}
