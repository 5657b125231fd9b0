"""A log of cases: outcomes counted by kind, and what did not hold kept on disk."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

__all__ = ["Log", "Outcome"]


class Outcome(Enum):
    """How a case ended; the first three are what physfit promises."""

    HELD = "held"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    TRACEBACK = "TRACEBACK"
    UNCLEAR = "UNCLEAR"
    CRASH = "CRASH"
    HANG = "HANG"
    MEMORY = "MEMORY"
    WRONG_SUCCESS = "WRONG SUCCESS"
    LOST = "LOST"
    LEFTOVERS = "LEFTOVERS"
    EXECUTED = "EXECUTED"

    @property
    def holds(self) -> bool:
        """Whether physfit did what it promises."""
        return self in (Outcome.HELD, Outcome.REFUSED, Outcome.INTERRUPTED)


class Log:
    """Counts the cases of one attack and keeps those that did not hold.

    Parameters
    ----------
    folder : Path
        Of all attacks. In the folder of this one, `cases.jsonl` holds every case,
        `found/` a folder for each that did not hold; `work/` is for scratch files.
    name : str
        Of the attack.
    loud : bool
        Print what did not hold at once.
    """

    def __init__(self, folder: Path, name: str, loud: bool = True) -> None:
        self.name = name
        self.loud = loud
        self.work = folder / name / "work"
        self.found = folder / name / "found"
        shutil.rmtree(folder / name, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.found.mkdir()
        self.counts: Counter[tuple[str, Outcome]] = Counter()
        self._lines = (folder / name / "cases.jsonl").open("w", encoding="utf-8")

    def __call__(
        self,
        kind: str,
        case: str,
        outcome: Outcome,
        *,
        files: Path | None = None,
        **about: Any,
    ) -> None:
        """Count one case.

        Parameters
        ----------
        kind : str
            Row of the table at the end, as "HDF5 structure".
        case : str
            What was tried, enough to find it again.
        outcome : Outcome
            How it ended.
        files : Path, optional
            Folder of the case, copied to `found/` unless the outcome holds.
        **about
            Command, exit code, output: whatever tells what happened.
        """
        self.counts[kind, outcome] += 1
        record = {"kind": kind, "case": case, "outcome": outcome.value, **about}
        if not outcome.holds:
            record["kept"] = str(self._kept(record, files))
        self._lines.write(json.dumps(record, default=str) + "\n")
        self._lines.flush()
        if self.loud and not outcome.holds:
            print(f"{outcome.value}: {kind}: {case} -> {record['kept']}", flush=True)

    def _kept(self, record: Mapping[str, Any], files: Path | None) -> Path:
        number = sum(n for (_, outcome), n in self.counts.items() if not outcome.holds)
        kept = self.found / f"{number:04}"
        if files is None:
            kept.mkdir()
        else:
            shutil.copytree(files, kept, symlinks=True, ignore=_special)
        text = json.dumps(record, default=str, indent=1)
        (kept / "case.json").write_text(text, encoding="utf-8")
        return kept

    @property
    def holds(self) -> bool:
        """Whether every case so far held."""
        return all(outcome.holds for _, outcome in self.counts)

    def table(self) -> str:
        """Counts by kind and outcome."""
        ordered = sorted(
            self.counts.items(), key=lambda item: (item[0][0], str(item[0][1]))
        )
        lines = [
            f"  {kind:<32} {outcome.value:<14} {number:>6}"
            for (kind, outcome), number in ordered
        ]
        return "\n".join([f"{self.name}: {self.counts.total()} cases", *lines])

    def close(self) -> None:
        """Close the file of cases and delete the attack's scratch files."""
        self._lines.close()
        shutil.rmtree(self.work, ignore_errors=True)


def _special(folder: str, names: list[str]) -> list[str]:
    """Names that cannot be copied: pipes, sockets, devices."""
    paths = {name: Path(folder, name) for name in names}
    return [
        name
        for name, path in paths.items()
        if not (path.is_symlink() or path.is_file() or path.is_dir())
    ]
