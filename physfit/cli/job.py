"""A fit as a record: read from a TOML file, from options, or from both.

```toml
version = 1

[data]
file = "raman.csv"          # relative to this file
x = "shift"                 # column names, or numbers from 0
y = "intensity"
sigma = "err"               # "none" takes none
dataset = "/entry/data"     # inside an HDF5 file
x_range = [470, 570]
nan = "omit"                # or "raise"

[model]
expression = "voigt(a_) + linear"

[parameters.a_center]
start = 520
min = 500
max = 540

[parameters.a_gamma]
tie = "a_sigma"

[parameters.slope]
fixed = 0.0

[fit]
loss = "huber:1.5"
method = "lm"               # or "adam", with the table below
start = "random"            # only where it shall be drawn

[minibatch]                 # for first-order methods and files larger than memory
batch_size = 4096
epochs = 3
schedule = "inverse_sqrt:0.01"
weight_decay = 1e-4
seed = 1
checkpoint = "raman.ckpt"
resume = true
# sampler, scaling, averaged, tolerance, max_steps, memory (MiB), threads,
# checkpoint_every (s)

[output]
result = "raman.h5"
plot = "raman.png"
overwrite = true
```

Only `version`, `[data] file` and `[model] expression` are needed. Unknown keys are
refused. The file is data: nothing in it is executed.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from physfit.cli.job_file import Record, checked_record, merged
from physfit.cli.settings import Interval, check_interval
from physfit.data.files.paths import existing_file
from physfit.errors import DataError, InputError

__all__ = ["DataPart", "FitPart", "Job", "OutputPart", "Setting", "job_of"]
__all__ += ["MinibatchPart", "read_job"]

_PATHS = (
    ("data", "file"),
    ("output", "result"),
    ("output", "plot"),
    ("minibatch", "checkpoint"),
)


@dataclass(frozen=True, slots=True)
class DataPart:
    """Which data: file, columns, range of x, and what NaN means."""

    file: str
    x: str | int | None = None
    y: str | int | None = None
    sigma: str | int | None = None
    dataset: str | None = None
    x_range: Interval = (None, None)
    nan: Literal["raise", "omit"] = "raise"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked of one parameter; `min` and `max` of None keep the model's own."""

    start: float | None = None
    min: float | None = None
    max: float | None = None
    fixed: float | None = None
    tie: str | None = None


@dataclass(frozen=True, slots=True)
class FitPart:
    """How to fit."""

    loss: str = "chi2"
    method: str = "lm"
    start: str | None = None


@dataclass(frozen=True, slots=True)
class MinibatchPart:
    """Settings of fits on minibatches, as `physfit.fit` takes them; memory in MiB."""

    batch_size: int | None = None
    epochs: int | None = None
    schedule: str | float | None = None
    weight_decay: float | None = None
    seed: int | None = None
    sampler: str | None = None
    scaling: Any = None
    averaged: bool | None = None
    tolerance: float | None = None
    max_steps: int | None = None
    memory: int | None = None
    threads: int | None = None
    checkpoint: str | None = None
    checkpoint_every: float | None = None
    resume: bool = False

    def keywords(self) -> dict[str, Any]:
        """Arguments of `physfit.fit`."""
        found = {own.name: getattr(self, own.name) for own in fields(self)}
        if self.memory is not None:
            found["memory"] = self.memory << 20
        return found

    def run_keywords(self) -> dict[str, Any]:
        """Arguments of `physfit.compare`, whose runs are not resumed."""
        kept = ("checkpoint", "checkpoint_every", "resume")
        return {
            name: value for name, value in self.keywords().items() if name not in kept
        }


@dataclass(frozen=True, slots=True)
class OutputPart:
    """Files to write, and whether existing ones may be replaced."""

    result: str | None = None
    plot: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One fit: data, model, parameters, method and outputs; `path` is its job file.

    Examples
    --------
    >>> job = Job(DataPart("raman.csv"), "voigt + linear")
    >>> job.fit.loss
    'chi2'
    """

    data: DataPart
    model: str
    parameters: Mapping[str, Setting] = field(default_factory=dict)
    fit: FitPart = FitPart()
    output: OutputPart = OutputPart()
    minibatch: MinibatchPart = MinibatchPart()
    path: str | None = field(default=None, compare=False)

    @property
    def inputs(self) -> list[str]:
        """Files that are read: the data, and the job file if there is one."""
        return [self.data.file, *([] if self.path is None else [self.path])]


def read_job(path: str | os.PathLike[str], options: Record | None = None) -> Job:
    """Job from a TOML file, with some entries overridden.

    Parameters
    ----------
    path : path
        The file; paths in it are relative to its folder.
    options : mapping, optional
        Tables as in the file, whose entries come before those of the file. Paths in it
        are relative to the current directory.

    Returns
    -------
    Job

    Raises
    ------
    DataError
        When the file is missing or is no TOML.
    InputError
        When it holds an unknown key or a value of the wrong kind.
    """
    record = checked_record(_toml(Path(path)), f"`{path}`")
    folder = Path(path).parent
    for table, key in _PATHS:
        if key in record.get(table, {}):
            if "\0" in record[table][key]:
                raise InputError(
                    f"`{path}`, [{table}] {key}: no path holds a null character; "
                    "leave it out."
                )
            record[table][key] = str(folder / record[table][key])
    job = job_of(merged(record, options or {}), f"`{path}`")
    return replace(job, path=os.fspath(path))


def job_of(record: Record, source: str) -> Job:
    """Job from checked tables; `source` names them in error messages."""
    data = dict(record.get("data", {}))
    if "file" not in data:
        raise InputError(f"{source} names no data; add a file.")
    expression = record.get("model", {}).get("expression")
    if expression is None:
        raise InputError(
            f"{source} names no model; add one such as --model 'gaussian + linear' "
            "(`physfit models` lists them)."
        )
    settings = {
        name: _setting(name, values)
        for name, values in record.get("parameters", {}).items()
    }
    return Job(
        DataPart(**data),
        expression,
        settings,
        FitPart(**record.get("fit", {})),
        OutputPart(**record.get("output", {})),
        MinibatchPart(**record.get("minibatch", {})),
    )


#: Bytes of a job file.
_LONGEST = 1 << 20
#: Dots in a row of names; a dotted key of a job file has three.
_MOST_DOTS = 200


def _toml(path: Path) -> dict[str, Any]:
    try:
        with existing_file(path).open("rb") as stream:
            text = stream.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise DataError(f"`{path}` is larger than 1 MiB, which no job file is.")
        _check_keys(path, text)
        record = tomllib.loads(text.decode())
        _check_integers(path, record)
        return record
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # also of integers without end
        reason = str(error).split(";")[0].rstrip(".")
        raise DataError(f"`{path}` is not a TOML file: {reason}.") from error


def _check_keys(path: Path, text: bytes) -> None:
    """Refuse keys of very many parts, for which the parser takes hours."""
    words = re.findall(rb"[\w\"'. \t-]+", text)
    if max((word.count(b".") for word in words), default=0) > _MOST_DOTS:
        raise DataError(
            f"`{path}` has a key or a text of more than {_MOST_DOTS} dots, which no "
            "job file has."
        )


def _check_integers(path: Path, value: Any) -> None:
    """Refuse integers beyond 64 bits, which TOML has not."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise DataError(
            f"`{path}` has a whole number of {value.bit_length()} bits, but 64 are "
            "the most of TOML; write a smaller one."
        )
    if isinstance(value, dict | list):
        for own in value.values() if isinstance(value, dict) else value:
            _check_integers(path, own)


def _setting(name: str, values: Mapping[str, Any]) -> Setting:
    """Setting of one parameter whose entries do not contradict each other."""
    setting = Setting(**values)
    for alone in ("fixed", "tie"):
        others = [key for key in values if key != alone]
        if alone in values and others:
            what = {"fixed": "fixed", "tie": "tied"}[alone]
            raise InputError(
                f"`{name}` is {what}, so it can have no {' or '.join(others)}; keep "
                "one of them."
            )
    check_interval(f"`{name}`", setting.min, setting.max)
    return setting
