"""An output that is read by the same run is refused, whatever it is called."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.files.outputs import refuse_inputs
from physfit.data.jobs.parts import parts_folder
from physfit.data.shuffle import shuffle_file
from physfit.errors import InputError

LINE = pf.models.Linear()
X = np.arange(5.0)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Rows in a file in the current folder, drawn from four others as well."""
    monkeypatch.chdir(tmp_path)
    with h5py.File("member.h5", "w") as stored:
        stored["y"] = X + np.arange(40.0)[:, None]
    with h5py.File("deep.h5", "w") as stored:
        stored.create_virtual_dataset("x", _layout("base.h5", (5,)))
    with h5py.File("base.h5", "w") as stored:
        stored["x"] = X
    with h5py.File("data.h5", "w") as stored:
        stored.create_virtual_dataset("y", _layout("member.h5", (40, 5)))
        stored["x"] = h5py.ExternalLink("deep.h5", "x")
        kinds = [("raw.h5", 0, 40)]
        stored.create_dataset("notes", (5,), "f8", external=kinds)
    Path("raw.h5").write_bytes(bytes(40))
    return Path("data.h5")


def _layout(name: str, shape: tuple[int, ...]) -> h5py.VirtualLayout:
    layout = h5py.VirtualLayout(shape=shape, dtype="f8")
    inside = "y" if len(shape) == 2 else "x"
    layout[...] = h5py.VirtualSource(name, inside, shape=shape)
    return layout


def _symbolic(file: Path) -> Path:
    Path("link.h5").symlink_to(file)
    return Path("link.h5")


def _hard(file: Path) -> Path:
    os.link(file, "hard.h5")
    return Path("hard.h5")


def _folder(file: Path) -> Path:
    Path("elsewhere").symlink_to(Path.cwd())
    return Path("elsewhere") / file


NAMES = {
    "same": lambda file: file,
    "spelling": lambda file: f"../{Path.cwd().name}/./{file}",
    "absolute": lambda file: file.absolute(),
    "symbolic": _symbolic,
    "hard": _hard,
    "folder": _folder,
    "member": lambda _: "member.h5",
    "link": lambda _: "deep.h5",
    "member of a link": lambda _: "base.h5",
    "raw": lambda _: "raw.h5",
}


@pytest.mark.parametrize("name", NAMES)
def test_an_output_that_is_an_input_is_refused(file, name):
    """By number of the file, and for all that an HDF5 file draws on."""
    out = NAMES[name](file)
    with pytest.raises(InputError, match="-o would replace the data file"):
        refuse_inputs({"-o": out}, [f"{file}::/y"])
    with pytest.raises(InputError, match="the first and -o both name"):
        refuse_inputs({"the first": out, "-o": out}, [])


def test_other_files_are_not_refused(file):
    """Neither new ones, nor old ones that are not read; damaged inputs neither."""
    Path("old.h5").write_bytes(b"old")
    refuse_inputs({"-o": "new.h5", "--plot": "old.h5", "gif": None}, [file])
    refuse_inputs({"-o": "old.h5"}, ["none.h5", "arrays"])
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    refuse_inputs({"-o": "old.h5"}, [file])


def _checkpoint(name: str) -> None:
    pf.fit(LINE, "rows.h5", method="adam", batch_size=8, epochs=1, checkpoint=name)


def test_every_call_that_knows_its_input_refuses_it(file):
    """Also with overwrite, and before anything is touched."""
    with h5py.File("rows.h5", "w") as stored:
        stored["x"], stored["y"] = np.arange(64.0), np.arange(64.0)
    result, many = pf.fit(LINE, "rows.h5"), pf.fit_many(LINE, file)
    inside = parts_folder("o.h5") / "rows.h5"
    inside.parent.mkdir()
    os.link("member.h5", inside)
    before = {own: own.read_bytes() for own in Path().iterdir() if own.is_file()}
    calls = [
        lambda: pf.fit_many(LINE, file, output="member.h5", overwrite=True),
        lambda: pf.fit_many(LINE, inside, output="o.h5", overwrite=True),
        lambda: many.save("data.h5", overwrite=True),
        lambda: result.save("rows.h5", overwrite=True),
        lambda: shuffle_file("rows.h5", "rows.h5", overwrite=True),
        lambda: _checkpoint("rows.h5"),
    ]
    for call in calls:
        with pytest.raises(InputError, match="would replace the data file"):
            call()
    os.rename("rows.h5", "c.previous")
    os.symlink("c.previous", "rows.h5")
    with pytest.raises(InputError, match="before the last would replace"):
        _checkpoint("c")
    os.unlink("rows.h5")
    os.rename("c.previous", "rows.h5")
    after = {own: own.read_bytes() for own in Path().iterdir() if own.is_file()}
    assert before == after
    assert [own.name for own in inside.parent.iterdir()] == ["rows.h5"]
