"""What somebody left in the folder, the cache or the environment of a command."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

__all__ = ["PLANTED"]

Plant = Callable[[Path], tuple[Mapping[str, str | None], tuple[str, ...]]]
RUN = "import os\nos.path.exists('ran') or os.mkdir('ran')\n"
FIT = ("fit", "t.csv", "-m", "linear", "-q")
PLOT = (*FIT, "--plot", "p.png")


class _Folder:
    """Makes the folder `ran` when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("ran",)


def _module(name: str, arguments: tuple[str, ...] = FIT) -> Plant:
    """A module in the current folder that has the name of one that is imported."""

    def plant(folder: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
        (folder / name).write_text(RUN)
        return {}, arguments

    return plant


def _file(name: str, text: str, arguments: tuple[str, ...]) -> Plant:
    """Settings in the current folder, and programs that leave a trace."""

    def plant(folder: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
        (folder / name).write_text(text)
        return {"PATH": f"{_programs(folder)}:{os.environ['PATH']}"}, arguments

    return plant


def _programs(folder: Path) -> Path:
    """Folder of programs that a typesetter or a player would be."""
    programs = folder / "programs"
    programs.mkdir()
    for name in (
        "latex",
        "pdflatex",
        "xelatex",
        "dvipng",
        "dvips",
        "gs",
        "ffmpeg",
        "convert",
    ):
        (programs / name).write_text("#!/bin/sh\nmkdir -p ran\nexit 1\n")
        (programs / name).chmod(0o755)
    return programs


def _environment(arguments: tuple[str, ...] = PLOT, **changes: str) -> Plant:
    def plant(folder: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
        (folder / "a file").write_text(RUN)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        os.symlink("nothing", folder / "dangling")
        return changes, arguments

    return plant


def _pickled(name: str, *arguments: str) -> Plant:
    """A pickle where an array or a result is expected."""

    def plant(folder: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
        planted = np.array([_Folder()] * 3, dtype=object)
        if name.endswith(".npy"):
            np.save(folder / name, planted, allow_pickle=True)
        elif name.endswith(".npz"):
            np.savez(folder / name, x=planted, y=planted)
        elif name.endswith(".h5"):
            _in_hdf5(folder / name)
        else:
            (folder / name).write_bytes(pickle.dumps(_Folder()))
        return {}, arguments

    return plant


def _in_hdf5(path: Path) -> None:
    import h5py

    data = np.void(pickle.dumps(_Folder()))
    with h5py.File(path, "w") as root:
        root["x"], root["y"] = np.array([data] * 3), np.arange(3.0)
        root.attrs["schema"], root.attrs["note"] = "physfit.fit_result", data


def _cache(spoil: Callable[[Path], None]) -> Plant:
    """A cache of its own, in which something is changed after a first fit."""

    def plant(folder: Path) -> tuple[Mapping[str, str | None], tuple[str, ...]]:
        from physfit.engine.cache import folder as cache_folder

        kept = Path(cache_folder())
        made = folder / "cache"
        made.mkdir(mode=0o700)
        for path in kept.iterdir():
            if path.is_file():
                (made / path.name).write_bytes(path.read_bytes())
                (made / path.name).chmod(0o600)
        for path in sorted(made.iterdir()):
            spoil(path)
        return {"PHYSFIT_CACHE_DIR": str(made)}, FIT

    return plant


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x7fELF" + b"\xcc" * 2000)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _one_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)


_NOWHERE = ("cache", "info")
PLANTED: dict[str, Plant] = {
    **{
        f"module {name}": _module(f"{name}.py", PLOT)
        for name in (
            "numpy",
            "h5py",
            "sitecustomize",
            "usercustomize",
            "hdf5plugin",
            "matplotlib",
            "scipy",
            "numba",
            "yaml",
            "rich",
            "cyclopts",
            "physfit",
            "platformdirs",
            "msgspec",
        )
    },
    "matplotlibrc: usetex": _file("matplotlibrc", "text.usetex: True\n", PLOT),
    "matplotlibrc: usetex, pdf": _file(
        "matplotlibrc", "text.usetex: True\n", (*FIT, "--plot", "p.pdf")
    ),
    "matplotlibrc: backend": _file("matplotlibrc", "backend: module://planted\n", PLOT),
    "matplotlibrc: preamble": _file(
        "matplotlibrc",
        "text.usetex: True\ntext.latex.preamble: \\immediate\\write18{mkdir ran}\n",
        PLOT,
    ),
    "matplotlibrc: damaged": _file("matplotlibrc", "\x00\xff: [[[\n", PLOT),
    "matplotlibrc: cycle": _file(
        "matplotlibrc",
        "axes.prop_cycle: cycler('color', [__import__('os').mkdir('ran')])\n",
        PLOT,
    ),
    "numba settings": _file(".numba_config.yaml", "disable_jit: 1\n", FIT),
    "numba settings, damaged": _file(
        ".numba_config.yaml", "!!python/object:x {\n", FIT
    ),
    "pyproject.toml": _file("pyproject.toml", "[tool.physfit]\nx = 1\n", FIT),
    "job beside the data": _file("t.toml", "version = 99\n", FIT),
    "cache: nowhere": _environment(_NOWHERE, PHYSFIT_CACHE_DIR=""),
    "cache: a file": _environment(_NOWHERE, PHYSFIT_CACHE_DIR="a file"),
    "cache: a device": _environment(_NOWHERE, PHYSFIT_CACHE_DIR="/dev/null"),
    "cache: dangling": _environment(_NOWHERE, PHYSFIT_CACHE_DIR="dangling"),
    "cache: open to all": _environment(FIT, PHYSFIT_CACHE_DIR="open"),
    "cache: two lines": _environment(_NOWHERE, PHYSFIT_CACHE_DIR="a\nb\x1b[2J"),
    "cache: of the system": _environment(_NOWHERE, PHYSFIT_CACHE_DIR="/proc/self"),
    "cache: garbage": _cache(_garbage),
    "cache: half files": _cache(_half),
    "cache: a byte": _cache(_one_byte),
    "cache: writable by all": _cache(lambda path: path.chmod(0o666)),
    "MPLCONFIGDIR: a file": _environment(MPLCONFIGDIR="a file"),
    "MPLCONFIGDIR: a device": _environment(MPLCONFIGDIR="/dev/null"),
    "MPLBACKEND": _environment(MPLBACKEND="module://planted"),
    "MATPLOTLIBRC": _environment(MATPLOTLIBRC="a file"),
    "HDF5_PLUGIN_PATH": _environment(FIT, HDF5_PLUGIN_PATH="."),
    "NUMBA_DISABLE_JIT": _environment(FIT, NUMBA_DISABLE_JIT="1"),
    "COLUMNS": _environment(("models",), COLUMNS="-5", LINES="x"),
    "TERM": _environment(("models",), TERM="x\x1b[2J"),
    "LANG": _environment(FIT, LC_ALL="C", PYTHONIOENCODING="ascii"),
    "pickle as NPY": _pickled("p.npy", "fit", "p.npy", "-m", "linear"),
    "pickle as rows": _pickled(
        "p.npy", "fit-many", "p.npy", "-m", "linear", "-o", "o.h5"
    ),
    "pickle as NPZ": _pickled("p.npz", "fit", "p.npz", "-m", "linear"),
    "pickle in HDF5": _pickled("p.h5", "fit", "p.h5", "-m", "linear"),
    "pickle as result": _pickled("p.h5", "show", "p.h5"),
    "pickle as JSON": _pickled("p.json", "show", "p.json"),
    "pickle as text": _pickled("p.csv", "fit", "p.csv", "-m", "linear"),
    "pickle as job": _pickled("p.toml", "fit", "p.toml"),
    "pickle as checkpoint": _pickled(
        "c.ck", *FIT, "--method", "adam", "--checkpoint", "c.ck", "--resume"
    ),
}
