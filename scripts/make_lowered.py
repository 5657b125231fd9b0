"""Packs the LLVM code of everything that physfit compiles, as numba lowers it.

    python scripts/make_lowered.py           lower what is missing, write the archive
    python scripts/make_lowered.py --check   only say what is missing

To be run after edits of compiled functions; a test says when.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable

import llvmlite.binding as llvm
from numba import __version__ as version

from physfit.cli.cached_code import compilations
from physfit.engine import jit, lowering


def main(*options: str) -> int:
    """Status for the shell: 1 where something is missing and only looked for."""
    kept = stored()
    wanted = {lowering.key_of(text): text for text in texts()}
    missing = sorted(wanted.keys() - kept.keys())
    if "--check" in options:
        made_by = comment().partition(", numba")[0]
        if made_by and made_by != platform():
            print(f"the archive was made by {made_by}, this is {platform()}")
            return 0
        print(f"{len(missing)} of {len(wanted)} codes are missing")
        return int(bool(missing) or kept.keys() != wanted.keys())
    for number, key in enumerate(missing):
        print(f"\rlowering {number + 1} of {len(missing)}", end="", flush=True)
        kept[key] = lowering.lowered(wanted[key])
    write({key: kept[key] for key in sorted(wanted)})
    return 0


def texts() -> list[str]:
    """Texts of all modules that would be compiled."""
    found = []

    def record(make_text: Callable[[], str], **variant: object) -> int:
        found.append(make_text())
        return 0

    jit._loaded = record
    for build in compilations().values():
        build()
    return found


def stored() -> dict[str, str]:
    """Codes in the archive by their keys."""
    if not lowering.ARCHIVE.exists():
        return {}
    with zipfile.ZipFile(lowering.ARCHIVE) as archive:
        return {key: archive.read(key).decode() for key in archive.namelist()}


def platform() -> str:
    """What decides whether code fits, and the order of names in a text."""
    python = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"{llvm.get_process_triple()}, LLVM {llvm.llvm_version_info[0]}, {python}"


def comment() -> str:
    """What the archive says of itself."""
    if not lowering.ARCHIVE.exists():
        return ""
    with zipfile.ZipFile(lowering.ARCHIVE) as archive:
        return archive.comment.decode()


def write(codes: dict[str, str]) -> None:
    """The archive, the same for the same codes."""
    with zipfile.ZipFile(lowering.ARCHIVE, "w") as archive:
        archive.comment = f"{platform()}, numba {version}".encode()
        for key, code in codes.items():
            archive.writestr(zipfile.ZipInfo(key), code, zipfile.ZIP_DEFLATED, 9)
    size = lowering.ARCHIVE.stat().st_size
    print(f"\n{len(codes)} codes, {size / 1024:.0f} KiB in {lowering.ARCHIVE}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
