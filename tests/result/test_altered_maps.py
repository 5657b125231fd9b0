"""Files of maps that were altered: read, or refused in one sentence with the path."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.jobs.map_reader import read_job
from physfit.errors import DataError
from physfit.result.many_file import brief_of, is_many_file, load_many


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound file of three rows."""
    path = tmp_path_factory.mktemp("maps") / "maps.h5"
    y = [[1.0, 3.1, 4.9, 7.2], [0.0, 0.9, 2.1, 2.8], [1.0, 1.0, 1.1, 0.9]]
    pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0, 3.0], y).save(path)
    return path


def _set(place: str, values: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file[place]
        if values is not None:
            file[place] = values

    return change


def _job(**entries: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        job = json.loads(file["entry/job"][()]) | entries
        del file["entry/job"]
        file["entry/job"] = json.dumps(job)

    return change


def _attribute(place: str, name: str, value: Any) -> Callable[[Any], None]:
    return lambda file: file[place].attrs.__setitem__(name, value)


def _link(file: Any) -> None:
    del file["entry/covariance"]
    file["entry/covariance"] = h5py.ExternalLink("other.h5", "/y")


def _unwritten(file: Any) -> None:
    del file["entry/quality/chi2"]
    file.create_dataset("entry/quality/chi2", (3,), "f8", chunks=(1,))


CHANGES = {
    "no job": _set("entry/job", None),
    "job is a number": _set("entry/job", 3.0),
    "job is not UTF-8": _set("entry/job", np.bytes_(b"{\xff\xfe}")),
    "job twice": _set("entry/job", '{"model": 1, "model": 2}'),
    "job is a list": _set("entry/job", "[1]"),
    "job is deep": _set("entry/job", "[" * 100_000),
    "other parameters": _job(free_names=["a", "b"]),
    "no parameters": _job(free_names=[]),
    "swapped parameters": _job(free_names=["intercept", "slope"]),
    "model is a number": _job(model=3),
    "model is code": _job(model={"expression": "__import__('os')", "parameters": {}}),
    "loss": _job(loss="huber:nan"),
    "about": _job(about=None),
    "created": _job(about={"created": 1e300}),
    "no quality": _set("entry/quality", None),
    "quality is data": _set("entry/quality", np.zeros(3)),
    "short status": _set("entry/quality/status", np.ones(2, "u1")),
    "status of floats": _set("entry/quality/status", np.ones(3)),
    "no such status": _set("entry/quality/status", np.full(3, 9, "u1")),
    "status too large": _set("entry/quality/status", np.full(3, 200, "u1")),
    "no such stage": _set("entry/quality/retry_stage", np.full(3, 77, "u1")),
    "negative steps": _set("entry/quality/n_steps", np.full(3, -1, "i4")),
    "values are text": _set("entry/slope/slope", "abc"),
    "at bound": _set("entry/at_bound", np.full((3, 2), 5, "i1")),
    "covariance of others": _set("entry/covariance", np.ones((3, 4))),
    "no axes": _set("entry/axes", None),
    "axis of text": _set("entry/axes/row", np.array([b"a", b"b", b"c"])),
    "longer axis": _set("entry/axes/row", np.arange(4.0)),
    "axes is an array": _attribute("entry/slope", "axes", np.arange(3)),
    "no such axis": _attribute("entry/slope", "axes", ["gone"]),
    "schema is an array": _attribute("/", "physfit_schema", np.arange(3)),
    "schema is not UTF-8": _attribute("/", "physfit_schema", np.bytes_(b"\xff")),
    "version is text": _attribute("/", "physfit_version", "1"),
    "version is an array": _attribute("/", "physfit_version", np.arange(3)),
    "newer version": _attribute("/", "physfit_version", 99),
    "covariance elsewhere": _link,
    "nothing stored": _unwritten,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_altered_file_of_maps_is_refused(
    maps: Path, tmp_path: Path, change: Callable[[Any], None]
) -> None:
    """By `load_many`; and no reader of less of it ends in another way."""
    path = tmp_path / "maps.h5"
    shutil.copy(maps, path)
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(DataError) as caught:
        load_many(path)
    assert str(path) in str(caught.value)
    assert is_many_file(path) in (True, False)
    for read in (brief_of, read_job):
        try:
            read(path)
        except DataError as error:
            assert str(path) in str(error)
