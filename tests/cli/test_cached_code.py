"""`cache` looks at, empties and fills the folder of compiled code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import physfit.engine
from physfit.cli import cached_code
from physfit.kernels.registry import LOSSES
from physfit.optim import transforms
from physfit.optim.base import Kind
from tests.kernels.points import KERNELS

ENGINE = Path(physfit.engine.__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An own cache folder with two kernels."""
    place = tmp_path / "kernels"
    place.mkdir(mode=0o700)
    for name in ("a", "b"):
        (place / f"{name}.kernel").write_bytes(bytes(1024))
    (place / "note.txt").write_text("not ours")
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", str(place))
    return place


def test_info_tells_folder_number_and_size(physfit, folder):
    """Three lines; files of others do not count."""
    outcome = physfit("cache", "info")
    assert outcome.code == 0
    assert outcome.out.split() == [
        *("folder", str(folder), "kernels", "2", "size", "2", "KiB")
    ]


def test_clear_deletes_kernels_and_nothing_else(physfit, folder):
    """Files of others stay."""
    outcome = physfit("cache", "clear")
    assert outcome.out == f"deleted 2 kernels from {folder}\n"
    assert [path.name for path in folder.iterdir()] == ["note.txt"]


def test_a_folder_that_is_not_there_holds_nothing(physfit, folder, monkeypatch):
    """Before the first fit there is nothing to look at or to delete."""
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", str(folder / "later"))
    assert "kernels  0" in physfit("cache", "info").out
    assert physfit("cache", "clear").out.startswith("deleted 0 kernels")


def test_warm_knows_every_kernel():
    """Each point, loss, transform and entry of the engine, wherever it is declared."""
    source = "".join(path.read_text() for path in ENGINE.rglob("*.py"))
    entries = set(re.findall(r"^@entry\(.*\)\ndef (\w+)", source, re.MULTILINE))
    assert "run_fit" in entries
    tasks = set(cached_code.compilations())
    losses = {f"{name} loss" for name in LOSSES}
    each = {f"{name} loss of each sample" for name in LOSSES}
    kinds = {own.name for own in vars(transforms).values() if isinstance(own, Kind)}
    assert "scale_by_adam" in kinds
    unrolled = {f"many fits of {n} parameters" for n in range(1, 9)}
    spins = "energies of spins"
    responses = {f"convolutions that are {own}" for own in ("known", "summed")}
    responses.add("lines of metals with a Gaussian")
    responses |= {"measured responses", "backgrounds of peaks"}
    followed = {f"{name}, followed" for name, own in KERNELS.items() if own.prepare}
    assert tasks == {
        *KERNELS,
        *followed,
        spins,
        *responses,
        *losses,
        *each,
        *entries,
        *kinds,
        *unrolled,
    }
    assert len(losses) == 5


def test_warm_compiles_each_of_them(physfit, monkeypatch):
    """Every task is run once; the last line counts them."""
    done = []
    tasks = {name: lambda name=name: done.append(name) for name in ("a", "b", "c")}
    monkeypatch.setattr(cached_code, "compilations", lambda: tasks)
    outcome = physfit("cache", "warm")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("3 kernels are ready in ")
    assert done == ["a", "b", "c"]
