"""Bad inputs by the thousand: whatever is read must be read right, or refused."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from random import Random

from attacks.bad import (
    arrays,
    expressions,
    hdf5_bytes,
    hdf5_structure,
    jobs,
    numbers,
    options,
    records,
    text,
)
from attacks.bad.cases import Case, Generator, emptied
from attacks.counting import Log, Outcome
from attacks.judging import judged
from attacks.running import Ended, ForkServer

__all__ = ["FULL", "QUICK", "attack", "tried"]

QUICK = 1000
FULL = 10_000
TIMEOUT = 30.0
#: Generators with their share of the cases, in percent.
KINDS: dict[str, tuple[Generator, int]] = {
    "text": (text.table, 12),
    "numbers": (numbers.odd_numbers, 6),
    "HDF5 bytes": (hdf5_bytes.damaged, 12),
    "HDF5 maps": (hdf5_structure.odd_map, 11),
    "HDF5 columns": (hdf5_structure.odd_columns, 5),
    "NPY": (arrays.npy, 5),
    "NPZ": (arrays.archive, 5),
    "job files": (jobs.job, 8),
    "expressions": (expressions.odd_text, 11),
    "options": (options.odd_option, 10),
    "paths": (options.odd_argument, 5),
    "altered files": (records.altered, 10),
}


def attack(
    log: Log, seed: int, count: int, kinds: Collection[str] = tuple(KINDS)
) -> None:
    """Try so many bad inputs of the kinds, those of each by its share of `count`."""
    templates = log.work / "templates"
    templates.mkdir()
    with ForkServer() as server:
        for kind in kinds:
            generator, share = KINDS[kind]
            for number in range(-(-count * share // 100)):
                folder = log.work / "case"
                tried(
                    log, server, kind, generator, f"{seed}/{number}", folder, templates
                )


def tried(
    log: Log,
    server: ForkServer,
    kind: str,
    generator: Generator,
    seed: str,
    folder: Path,
    templates: Path,
) -> None:
    """Make one case in a fresh folder, run it, tell the log."""
    emptied(folder)
    case = generator(Random(f"{kind} {seed}"), folder, templates)
    if case.code:
        ended = server.python(case.code, folder=folder, timeout=TIMEOUT)
    else:
        ended = server.physfit(*case.arguments, folder=folder, timeout=TIMEOUT)
    log(
        kind,
        f"{seed} {case.name}",
        _outcome(case, ended, folder),
        files=folder,
        command=case.code or ["physfit", *case.arguments],
        code=ended.code,
        stderr=ended.stderr[-3000:],
        stdout=ended.stdout[:500],
        seconds=round(ended.seconds, 2),
        peak=ended.peak >> 20,
    )


def _outcome(case: Case, ended: Ended, folder: Path) -> Outcome:
    outcome = judged(ended)
    if (folder / "ran").exists():
        return Outcome.EXECUTED
    if outcome is Outcome.HELD and ended.code == 0 and case.is_right is not None:
        try:
            is_right = case.is_right(ended, folder)
        except (KeyError, OSError, json.JSONDecodeError):
            is_right = False
        return Outcome.HELD if is_right else Outcome.WRONG_SUCCESS
    return outcome
