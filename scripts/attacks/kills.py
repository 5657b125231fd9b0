"""Runs that are killed, run twice, meet foreign files, a full disk, their own input.

After any number of kills the same command goes on, ends with the same bits, and leaves
nothing but its output. Full disks need root and a tmpfs; without, they are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from attacks.counting import Log, Outcome
from attacks.judging import DONE, judged
from attacks.long_runs import LONG_RUNS, leftovers, make_data, references
from attacks.running import Ended, ForkServer
from attacks.same_file import make_inputs, replaced

__all__ = ["FULL", "QUICK", "attack"]

QUICK = 100
FULL = 1000
LIMIT = 120.0


class _Place(NamedTuple):
    """Where cases are tried: the folder of all, undisturbed runs and their seconds."""

    folder: Path
    server: ForkServer
    seconds: dict[str, float]


def attack(log: Log, seed: int, count: int) -> None:
    """Try `count` cases, every kind in turn."""
    make_data(log.work)
    with ForkServer() as server:
        place = _Place(log.work, server, references(log.work, server))
        inputs = log.work / "inputs.before"
        inputs.mkdir()
        make_inputs(inputs, server)
        for number in range(count):
            name, kind = KINDS[number % len(KINDS)]
            random = Random(f"{seed} {number}")
            folder = log.work / "case"
            shutil.copytree(log.work / f"{name}.before", folder)
            case, outcome, why = kind(place, name, folder, random)
            label = f"{kind.__name__.strip('_')} {name}"
            log(label, f"{number}: {case}", outcome, files=folder, why=why)
            shutil.rmtree(folder)


Tried = tuple[str, Outcome, str]


def _killed(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """Kill one to three times at any moment, then let it end."""
    run, case = LONG_RUNS[name], []
    for _ in range(random.randint(1, 3)):
        moment = random.uniform(0.0, 1.1 * place.seconds[name])
        case.append(f"{moment:.4f} s")
        command = run.again if len(case) > 1 else run.command
        ended = place.server.physfit(*command, folder=folder, timeout=moment)
        if ended.code is not None:
            break
    ended = place.server.physfit(*run.again, folder=folder, timeout=LIMIT)
    return ", ".join(case), *_compared(place, name, folder, ended)


def _sharded(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """Two shards, each killed at any moment, in any order, and joined."""
    run, case = LONG_RUNS[name], []
    for _ in range(random.randint(1, 4)):
        moment = random.uniform(0.0, 0.7 * place.seconds[name])
        shard = ("--shard", f"{random.randint(1, 2)}/2")
        case.append(f"{shard[1]} {moment:.4f} s")
        command = (*run.again, *shard)
        place.server.physfit(*command, folder=folder, timeout=moment)
    for shard in ("2/2", "1/2"):
        command = (*run.again, "--shard", shard)
        ended = place.server.physfit(*command, folder=folder, timeout=LIMIT)
        if ended.code not in DONE:
            return ", ".join(case), Outcome.LOST, ended.stderr
    merge = LONG_RUNS["merge"].command
    ended = place.server.physfit(*merge, folder=folder, timeout=LIMIT)
    return ", ".join(case), *_compared(place, name, folder, ended)


def _compared(
    place: _Place, name: str, folder: Path, ended: Ended
) -> tuple[Outcome, str]:
    """Whether the end is that of a run that nobody disturbed."""
    run = LONG_RUNS[name]
    is_there = (folder / run.output).exists() and "exists; give" in ended.stderr
    if ended.code not in DONE and not is_there:
        outcome = judged(ended)
        return (Outcome.LOST if outcome.holds else outcome), ended.stderr
    ours = run.content(folder / run.output)
    theirs = run.content(place.folder / name / run.output)
    if not theirs or ours != theirs:
        other = [key for key in theirs if ours.get(key) != theirs[key]]
        return Outcome.LOST, f"other bits in {other}"
    left = leftovers(folder, run)
    return (Outcome.LEFTOVERS, str(left)) if left else (Outcome.HELD, "")


def _twice(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """Two processes at once: one ends well, the other is refused or comes after it."""
    run = LONG_RUNS[name]
    command = [sys.executable, "-m", "physfit", *run.command]
    both = [_begun(command, folder) for _ in range(2)]
    errors = [own.communicate()[1] for own in both]
    codes = [own.returncode for own in both]
    if not any(code in DONE for code in codes):
        return str(codes), Outcome.LOST, str(errors)
    for code, error in zip(codes, errors, strict=True):
        outcome = judged(Ended(code, "", error, 0.0, 0))
        if not outcome.holds:
            return str(codes), outcome, error
    done = Ended(0, "", "", 0.0, 0)
    return str(codes), *_compared(place, name, folder, done)


def _begun(command: list[str], folder: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True)


def _foreign(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """Files with names like one's own are neither read nor changed."""
    run = LONG_RUNS[name]
    token = f"{random.getrandbits(48):012x}"
    names = [f".{run.output}.{token}.tmp", f"{run.output}.new", f"{run.output}.tmp"]
    names += ["c.ck.new", "c.ck.tmp", f".c.ck.{token}.tmp", f".c.ck.new.{token}.tmp"]
    names += [f".{run.output}.lock", "c.ck.previous", ".c.ck.lock"]
    names += [f"{run.output}.parts/.maps.{token}.tmp"]
    theirs = random.sample(names, random.randint(1, 4))
    for own in theirs:
        (folder / own).parent.mkdir(exist_ok=True)
        (folder / own).write_text(own)
    moment = random.uniform(0.0, 2.0 * place.seconds[name])
    place.server.physfit(*run.command, folder=folder, timeout=moment)
    ended = place.server.physfit(*run.again, folder=folder, timeout=LIMIT)
    gone = [own for own in theirs if _text(folder / own) != own]
    if gone:
        return str(theirs), Outcome.LOST, f"{gone} {ended.stderr}"
    for own in theirs:
        (folder / own).unlink()
    with suppress(OSError):
        (folder / f"{run.output}.parts").rmdir()
    if ended.code == 1 and "move it away" in ended.stderr:
        return str(theirs), judged(ended), ended.stderr
    return str(theirs), *_compared(place, name, folder, ended)


def _replaced(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """An output that is an input by another name is refused."""
    return replaced(place.server, folder, random)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _full(place: _Place, name: str, folder: Path, random: Random) -> Tried:
    """A full disk is one sentence; with room the command goes on to the same bits."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "skipped: needs root and mount", Outcome.HELD, ""
    run = LONG_RUNS[name]
    held = sum(own.stat().st_size for own in folder.rglob("*") if own.is_file())
    whole = sum(own.stat().st_size for own in (place.folder / name).rglob("*"))
    size = held + random.randint(20_000, max(40_000, whole + 20_000))
    with _small_disk(folder, size) as disk:
        if disk is None:
            return "skipped: tmpfs cannot be mounted", Outcome.HELD, ""
        ended = place.server.physfit(*run.command, folder=disk, timeout=LIMIT)
        first = judged(ended)
        if not first.holds:
            return f"{size} bytes", first, ended.stderr
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        if ended.code == 1:
            ended = place.server.physfit(*run.again, folder=disk, timeout=LIMIT)
        return f"{size} bytes", *_compared(place, name, disk, ended)


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[Path | None]:
    """The files of a folder on a disk of so many bytes, beside it."""
    disk = folder.with_name("disk")
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        if is_mounted:
            shutil.copytree(folder, disk, dirs_exist_ok=True)
        yield disk if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", str(disk)], check=True)
        disk.rmdir()


Kind = Callable[[_Place, str, Path, Random], Tried]
KINDS: list[tuple[str, Kind]] = [
    *((name, _killed) for name in LONG_RUNS),
    ("fit-many", _sharded),
    *(("inputs", _replaced) for _ in range(5)),
    *((name, _foreign) for name in ("fit-many", "adam", "merge")),
    *((name, _full) for name in ("fit-many", "adam", "retry-failed", "shuffle")),
    *((name, _twice) for name in ("fit-many", "adam", "shuffle")),
]
