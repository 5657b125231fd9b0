"""An output is whole or not there, whatever fails while it is written."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.data.files.atomic import atomic_file
from physfit.data.files.checkpoint import save_checkpoint
from physfit.data.files.schema import Schema
from physfit.data.files.writers import write_record
from physfit.errors import DataError
from physfit.result.many_export import export_many

BIG = {"y": np.arange(4000.0)}
SCHEMA = Schema("a", 1)
LINE = pf.models.Linear()


WRITERS = {
    "json": lambda path, _: write_record(path, BIG, SCHEMA, overwrite=True),
    "hdf5": lambda path, _: write_record(path, BIG, SCHEMA, overwrite=True),
    "result.h5": lambda path, made: made[0].save(path, overwrite=True),
    "maps.h5": lambda path, made: made[1].save(path, overwrite=True),
    "csv": lambda path, made: export_many(made[1], path, overwrite=True),
    "ckpt": lambda path, _: save_checkpoint(path, BIG),
}


@pytest.fixture(scope="module")
def made():
    """Results, which were computed before the disk is full."""
    x, y = np.arange(99.0), np.arange(99.0) ** 1.1
    return pf.fit(LINE, x, y), pf.fit_many(LINE, x, y + np.arange(200.0)[:, None])


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is full, as far as a test can have one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 700, 3000], ids=str)
@pytest.mark.parametrize("kind", WRITERS)
def test_a_write_that_fails_leaves_the_old_file(tmp_path, made, kind, size):
    """Byte for byte, nothing beside it, and a sentence of one line."""
    path = tmp_path / f"o.{kind}"
    if kind == "ckpt":
        save_checkpoint(path, {"y": 1})
    else:
        path.write_bytes(b"the old one")
    before = path.read_bytes()
    with (
        files_of_at_most(size),
        pytest.raises(
            DataError, match=r"be written: File too large; it is as it"
        ) as caught,
    ):
        WRITERS[kind](path, made)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [own.name for own in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["folder", "fifo", "device"])
def test_what_is_no_regular_file_is_not_replaced(tmp_path, kind):
    """By a link to it neither."""
    place = tmp_path / "place"
    if kind == "folder":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/null")
    for path in (place, tmp_path / "link"):
        if path != place:
            path.symlink_to(place)
        with (
            pytest.raises(DataError, match=r"is (not a regular file|a directory)"),
            atomic_file(path, overwrite=True),
        ):
            pass


def test_a_folder_that_goes_meanwhile_is_told(tmp_path):
    """One sentence, as for one that was never there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with (
        pytest.raises(DataError, match="does not exist; create it first"),
        atomic_file(folder / "o.txt") as temporary,
    ):
        temporary.unlink()
        for own in folder.iterdir():
            own.unlink()
        folder.rmdir()


def test_a_file_that_comes_meanwhile_is_not_replaced(tmp_path):
    """Also when it comes at the last moment, from another program."""
    path = tmp_path / "o.txt"
    with (
        pytest.raises(DataError, match="exists; give another path"),
        atomic_file(path) as temporary,
    ):
        temporary.write_text("new")
        path.write_text("theirs")
    assert path.read_text() == "theirs"


def test_a_failed_flush_is_a_failed_write(tmp_path, monkeypatch):
    """What the disk does not confirm does not take the place of the old file."""
    path = tmp_path / "o.txt"
    path.write_text("old")

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with (
        pytest.raises(DataError, match="cannot be written: Input/output error"),
        atomic_file(path, overwrite=True) as temporary,
    ):
        temporary.write_text("new")
    assert path.read_text() == "old"
    assert [own.name for own in tmp_path.iterdir()] == ["o.txt"]


def test_permissions_and_links_are_kept(tmp_path):
    """A link is followed, and the file behind it keeps its mode."""
    path, link = Path(tmp_path / "o.txt"), tmp_path / "link.txt"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with atomic_file(link, overwrite=True) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
