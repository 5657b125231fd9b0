"""Outputs that are an input of the same command, by every name that a file can have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import h5py
import numpy as np

from attacks.counting import Outcome
from attacks.judging import judged
from attacks.running import ForkServer

__all__ = ["make_inputs", "replaced"]

M = ("-m", "gaussian + constant")
#: Commands, `OUT` for the output; endings that it may have; files that are read.
COMMANDS: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
    (("fit", "t.csv", *M, "-o", "OUT"), (".json", ".h5"), ("t.csv",)),
    (("fit", "t.csv", *M, "--plot", "OUT"), (".png", ".svg"), ("t.csv",)),
    (("fit", "job.toml", "-o", "OUT"), (".json", ".nxs"), ("t.csv", "job.toml")),
    (
        *(("fit", "d.h5", "-m", "linear", "--method", "adam", "--checkpoint", "OUT"),),
        *(("", ".ck"), ("d.h5", "member.h5", "deep.h5", "base.h5")),
    ),
    (
        *(("fit", "d.h5", "-m", "linear", "-o", "OUT"), (".h5", ".json")),
        ("d.h5", "member.h5", "deep.h5", "base.h5"),
    ),
    (("fit-many", "maps.h5", *M, "-o", "OUT"), (".h5",), ("maps.h5", "rows.h5")),
    (
        *(("fit-many", "maps.h5", "job.toml", "-o", "OUT", "--retry-failed"), (".h5",)),
        ("maps.h5", "rows.h5", "job.toml"),
    ),
    (("guess", "t.csv", *M, "--plot", "OUT"), (".pdf",), ("t.csv",)),
    (("compare", "job.toml", "--plot", "OUT"), (".png",), ("t.csv", "job.toml")),
    (("bootstrap", "t.csv", *M, "--plot", "OUT"), (".png",), ("t.csv",)),
    (("multistart", "t.csv", *M, "--plot", "OUT"), (".png",), ("t.csv",)),
    (("landscape", "t.csv", *M, "--animate", "OUT"), (".gif",), ("t.csv",)),
    (("lr-find", "t.csv", *M, "--plot", "OUT"), (".png",), ("t.csv",)),
    (("sweep", "t.csv", *M, "--plot", "OUT"), (".png",), ("t.csv",)),
    (("shuffle", "d.h5", "-o", "OUT"), (".h5", ""), ("d.h5", "member.h5", "base.h5")),
    (("merge", "made.h5", "-o", "OUT"), (".csv",), ("made.h5", "maps.h5")),
    (("show", "made.h5", "-o", "OUT/page"), ("",), ("made.h5", "maps.h5")),
]


def make_inputs(folder: Path, server: ForkServer) -> None:
    """Files that the commands read, and a result of one of them."""
    x = np.linspace(-5.0, 5.0, 64)
    curve = 20.0 * np.exp(-0.5 * x**2) + 3.0
    np.savetxt(folder / "t.csv", np.c_[x, curve], delimiter=",")
    (folder / "job.toml").write_text(
        f"version = 1\n[data]\nfile = 't.csv'\n[model]\nexpression = '{M[1]}'\n"
    )
    for name, key, data in (
        ("rows.h5", "y", curve + np.arange(40.0)[:, None]),
        ("member.h5", "y", 2.0 * x),
        ("base.h5", "x", x),
    ):
        with h5py.File(folder / name, "w") as file:
            file[key] = data
    for name, key, source, shape in (
        ("maps.h5", "y", "rows.h5", (40, 64)),
        ("d.h5", "y", "member.h5", (64,)),
        ("deep.h5", "x", "base.h5", (64,)),
    ):
        layout = h5py.VirtualLayout(shape=shape, dtype="f8")
        layout[...] = h5py.VirtualSource(source, key, shape=shape)
        with h5py.File(folder / name, "w") as file:
            file.create_virtual_dataset(key, layout)
            if name == "maps.h5":
                file["x"] = x
            elif name == "d.h5":
                file["x"] = h5py.ExternalLink("deep.h5", "x")
    made = server.physfit("fit-many", "maps.h5", *M, "-o", "made.h5", folder=folder)
    assert made.code == 0, made


NAMES: dict[str, Callable[[Path, Path], None]] = {
    "symbolic link": lambda file, out: out.symlink_to(file.name),
    "absolute link": lambda file, out: out.symlink_to(file.resolve()),
    "link of a link": lambda file, out: _twice(file, out),
    "hard link": lambda file, out: os.link(file, out),
}


def _twice(file: Path, out: Path) -> None:
    between = out.with_name("between")
    between.symlink_to(file.name)
    out.symlink_to(between.name)


def replaced(
    server: ForkServer, folder: Path, random: Random
) -> tuple[str, Outcome, str]:
    """One command whose output is one of its inputs: refused, and nothing is touched.

    A page is an output of a folder whose `index.html` is the input.
    """
    command, endings, inputs = random.choice(COMMANDS)
    file, how = folder / random.choice(inputs), random.choice(sorted(NAMES))
    out = "out" + random.choice(endings)
    if command[0] == "show":
        page = folder / out / "page"
        page.mkdir(parents=True)
        os.link(file, page / "index.html")
    else:
        NAMES[how](file, folder / out)
    spelled = random.choice(("", "./", f"../{folder.name}/", f"{folder}/")) + out
    words = [word.replace("OUT", spelled) for word in command]
    before = _contents(folder)
    ended = server.physfit(*words, "--overwrite", folder=folder, timeout=120.0)
    case = f"{' '.join(words)}, {how} to {file.name}"
    if _contents(folder) != before:
        return case, Outcome.LOST, ended.stderr
    outcome = judged(ended)
    if outcome is Outcome.HELD or "would replace" not in ended.stderr:
        return case, Outcome.WRONG_SUCCESS, ended.stderr
    return case, outcome, ended.stderr


def _contents(folder: Path) -> dict[str, bytes]:
    files = (own for own in folder.rglob("*") if own.is_file())
    return {
        str(own.relative_to(folder)): own.read_bytes()
        for own in files
        if own.name not in (".stdout", ".stderr")
    }
