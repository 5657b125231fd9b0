"""Odd values of every option of every command, as the command line declares them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from random import Random
from typing import Any, NamedTuple

import numpy as np

from attacks.bad.cases import Case, command, python

__all__ = ["ODD_NUMBERS", "ODD_TEXTS", "line_of_data", "odd_argument", "odd_option"]

ODD_NUMBERS = (
    *("nan", "inf", "-inf", "-1", "0", "-0.0", "1e309", "1e308", "5e-324", "1e-320"),
    *("1000000000000000000000000000000", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775809", "2147483648", "4294967296", "0.5", "1e3", "0x10", "1_0"),
    *("٣", "½", "", " ", "1,5", "+3", "1e", "--1", "1j", "True", "None", "9" * 5000),
)
WHOLE = (
    *("-1", "0", "1", "2", "3", "7", "1000", "-0", "2147483647", "2147483648"),
    *(
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
    ),
    *("10000000000", "1" + "0" * 30, "9" * 5000, "0x10", "1_0", "\u0663", "+3", " 3 "),
)
ODD_TEXTS = (
    *(
        "",
        " ",
        "é",
        "x" * 3000,
        "a\nb",
        "a\tb",
        "\x1b[2J",
        "\u202e",
        "\x7f",
        "a,b",
        ",",
        "=",
    ),
    *(
        "0",
        "-1",
        "none",
        "None",
        "nan",
        "*",
        "?",
        "~",
        "$HOME",
        "%s",
        "{0}",
        "{}",
        "'",
        '"',
    ),
    *(
        "\\",
        "::",
        ":",
        "a::b",
        "-",
        "--",
        "@t.csv",
        "😀" * 50,
        "\udcff",
        "A" * 300 + ".h5",
    ),
)
PATHS: tuple[str, ...] = (
    "",
    ".",
    "/",
    "..",
    "folder",
    "pipe",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
)
PATHS += (
    "dangling",
    "loop",
    "linked.csv",
    "t.csv",
    "t.csv/x",
    "no/such/file",
    "t.csv::y",
)
PATHS += (
    "new.h5",
    "new.json",
    "new.png",
    "new.svg",
    "new.pdf",
    "new.csv",
    "new.gif",
    "new",
)
PATHS += (
    "unreadable",
    "é\x1b[2J.h5",
    "\udcff.png",
    "new.h5 ",
    "NEW.H5",
    "-x.h5",
    "a" * 300,
)
PATHS += (
    "locked/new.h5",
    "new.parquet",
    "::",
    "a\nb.h5",
    "/proc/self/mem",
    "/dev/stdin",
)

#: What each command needs beside the option that is tried.
NEEDED: dict[str, tuple[str, ...]] = {
    "fit": ("t.csv", "-m", "linear"),
    "fit-many": ("m.npy", "-m", "linear", "-o", "o.h5"),
    "merge": ("o.h5",),
    "status": ("o.h5",),
    "guess": ("t.csv", "-m", "linear"),
    "compare": ("t.csv", "-m", "linear", "--epochs", "2", "--methods", "lm,adam"),
    "bootstrap": ("t.csv", "-m", "linear", "--n", "20"),
    "multistart": ("t.csv", "-m", "linear", "--starts", "5"),
    "landscape": ("t.csv", "-m", "linear", "--points", "5"),
    "lr-find": ("t.csv", "-m", "linear", "--steps", "5"),
    "sweep": (
        "t.csv",
        "-m",
        "linear",
        "--vary",
        "learning_rate=0.1,0.01",
        "--epochs",
        "2",
    ),
    "simulate": ("-m", "linear", "--x", "0:1:5", "-p", "slope=1,intercept=0"),
    "toys": ("-m", "linear", "--x", "0:1:9", "-p", "slope=1,intercept=0", "--n", "20"),
    "shuffle": ("m.h5", "-o", "s.h5"),
    "show": ("r.json",),
    "models": (),
    "cache info": (),
}
MINIBATCHES = {"fit", "sweep", "multistart", "landscape", "lr-find"}


def odd_option(random: Random, folder: Path, templates: Path) -> Case:
    """A command with an odd value of one of its options, or of several."""
    _surroundings(folder)
    name = random.choice(tuple(NEEDED))
    arguments = list(NEEDED[name])
    options = _declared(name)
    if name in MINIBATCHES and random.random() < 0.4:
        _set(arguments, ("--method",), ["adam"])
        _set(arguments, ("--epochs",), ["2"])
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        option = random.choice(options)
        _set(arguments, option.flags, _values(random, option.kind))
    return command(" ".join(arguments)[:200], *name.split(), *arguments)


def odd_argument(random: Random, folder: Path, templates: Path) -> Case:
    """A path that is no ordinary file, in place of a file to read or to write."""
    _surroundings(folder)
    path = random.choice(PATHS)
    if random.random() < 0.1:
        door = random.choice(("read_table", "load_result", "load_many", "Hdf5Source"))
        return python(f"{door} of {path!r}", f"pf.{door}({path!r})")
    name = random.choice(tuple(NEEDED)[:-2])
    arguments = list(NEEDED[name])
    places = [at for at, piece in enumerate(arguments) if piece.endswith(_ENDS)]
    written = [one for one in _declared(name) if one.flags[0] in _WRITTEN]
    if places and (random.random() < 0.5 or not written):
        arguments[random.choice(places)] = path
    elif written:
        option = random.choice(written)
        _set(arguments, option.flags, [path])
        if random.random() < 0.4:
            arguments.append("--overwrite")
        if option.flags[0] == "--checkpoint":
            arguments += ["--method", "adam", "--epochs", "2"]
    return command(" ".join([name, *arguments])[:200], name, *arguments)


_WRITTEN = ("--output", "--plot", "--checkpoint", "--animate")
_ENDS = (".csv", ".npy", "m.h5", "s.h5", "o.h5", "json")


def _set(arguments: list[str], flags: tuple[str, ...], values: list[str]) -> None:
    """Give an option another value in place of the one it has."""
    for flag in flags:
        if flag in arguments and values:
            arguments[arguments.index(flag) + 1] = values[0]
            return
    arguments += [flags[0], *values]


def _values(random: Random, kind: str) -> list[str]:
    """No value for a flag; for numbers mostly numbers; else anything."""
    if kind == "boolean":
        return []
    draw = random.random()
    if kind == "integer" and draw < 0.9:
        return [random.choice(WHOLE)]
    if draw < (0.9 if kind == "float" else 0.3):
        return [random.choice(ODD_NUMBERS)]
    if draw < 0.5:
        return [random.choice(ODD_TEXTS)]
    if draw < 0.65:
        return [random.choice(PATHS)]
    low, high = random.choice(ODD_NUMBERS), random.choice(ODD_NUMBERS)
    forms: tuple[str, ...] = (
        "slope={0}",
        "slope={0}:{1}",
        "{0}:{1}",
        "{0},{1}",
        "{0}:{1}:9",
        "0:1:{0}",
    )
    forms += (
        "{0}/{1}",
        "learning_rate={0},{1}",
        "adam:beta1={0}",
        "slope,intercept",
        "adam,lm",
    )
    return [random.choice(forms).format(low, high)]


class _Option(NamedTuple):
    """How an option is called, the long name first, and what it takes."""

    flags: tuple[str, ...]
    kind: str


@cache
def _declared(name: str) -> list[_Option]:
    """Options of a command."""
    from physfit.cli import commands

    found = resolve_name(f"physfit.cli.{commands.COMMANDS[name]}").settings
    options = [
        _Option(tuple(sorted(flags, key=len, reverse=True)), _kind(one))
        for one in found.values()
        if (flags := one.flags)
    ]
    return options or [_Option(("--help",), "boolean")]


def _kind(setting: Any) -> str:
    """What an option takes: boolean, integer, float or text."""
    if setting.kind.flag is not None:
        return "boolean"
    kinds = {"whole": "integer", "number": "float"}
    return kinds.get(setting.kind.words.split()[0], "text")


def line_of_data(folder: Path) -> None:
    """The table `t.csv` of a line."""
    lines = [f"{k},{2 * k + 1 + (k % 3) / 10}" for k in range(40)]
    (folder / "t.csv").write_text("\n".join(["x,y", *lines]) + "\n")


def _surroundings(folder: Path) -> None:
    """Data, and paths that are links, pipes, folders, or not for us."""
    import h5py

    line_of_data(folder)
    rows = 2.0 * np.arange(10.0) + np.arange(6.0)[:, None] % 4
    np.save(folder / "m.npy", rows)
    with h5py.File(folder / "m.h5", "w") as root:
        root["x"], root["y"] = np.arange(40.0), np.arange(40.0) % 7
    (folder / "r.json").write_text("{}")
    (folder / "folder").mkdir()
    (folder / "locked").mkdir(mode=0o500)
    os.mkfifo(folder / "pipe")
    os.symlink("nothing", folder / "dangling")
    os.symlink("loop", folder / "loop")
    os.symlink("t.csv", folder / "linked.csv")
    (folder / "unreadable").write_text("x,y\n1,2\n")
    (folder / "unreadable").chmod(0)
