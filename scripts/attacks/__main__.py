"""Run attacks and print counts by kind and outcome: bash scripts/attack --help."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from attacks.counting import Log

#: Modules of this package with `attack(log, seed, count)`, `QUICK` and `FULL`.
ATTACKS = ("inputs", "escapes", "formulas", "kills", "interrupts", "changes")


def main() -> int:
    """Run what the command line asks for; 1 if anything did not hold."""
    asked = _arguments()
    logs = [_attacked(name, asked) for name in asked.attacks or ATTACKS]
    print("\n" + "\n\n".join(log.table() for log in logs))
    return 0 if all(log.holds for log in logs) else 1


def _attacked(name: str, asked: argparse.Namespace) -> Log:
    module = importlib.import_module(f"attacks.{name}")
    count = module.FULL if asked.full else max(1, round(module.QUICK * asked.share))
    count = asked.count or count
    log = Log(asked.folder, name)
    began = time.monotonic()
    print(f"{name}: {count} cases from seed {asked.seed}", flush=True)
    try:
        module.attack(log, asked.seed, count)
    finally:
        log.close()
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return log


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/attack", description=__doc__)
    parser.add_argument(
        "attacks",
        nargs="*",
        metavar="ATTACK",
        help=f"of {', '.join(ATTACKS)}; else all",
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything random (1)")
    parser.add_argument("--count", type=int, help="cases of each attack")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the usual number of cases"
    )
    parser.add_argument(
        "--full", action="store_true", help="as many as before a release; takes hours"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("output/attack"),
        help="for logs, scratch files and what did not hold (output/attack)",
    )
    asked = parser.parse_args()
    unknown = sorted(set(asked.attacks) - set(ATTACKS))
    if unknown:
        parser.error(f"no attack is named {', '.join(unknown)}")
    asked.folder = asked.folder.resolve()
    return asked


if __name__ == "__main__":
    sys.exit(main())
