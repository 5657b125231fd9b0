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
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from physfit.cli.job_file import Record, checked_record, merged, toml_record
from physfit.cli.parts import DataPart, FitPart, MinibatchPart, OutputPart, Setting
from physfit.cli.settings import check_interval
from physfit.errors import InputError

__all__ = ["Job", "job_of", "read_job"]

_PATHS = (
    ("data", "file"),
    ("output", "result"),
    ("output", "plot"),
    ("minibatch", "checkpoint"),
)


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
    fit: FitPart = field(default_factory=FitPart)
    output: OutputPart = field(default_factory=OutputPart)
    minibatch: MinibatchPart = field(default_factory=MinibatchPart)
    path: str | None = field(default=None, compare=False)

    @property
    def inputs(self) -> list[str]:
        """Files that are read: the data, and the job file if there is one."""
        return [self.data.file, *([] if self.path is None else [self.path])]

    @property
    def seed(self) -> int:
        """Seed of whatever is drawn."""
        return self.minibatch.seed or 0

    def by(self, method: str) -> Job:
        """The job by another method."""
        return replace(self, fit=replace(self.fit, method=method))

    def in_memory(self) -> Job:
        """The job by lm over all samples at once, its random starts drawn as before."""
        seed = None if self.fit.start is None else self.minibatch.seed
        return replace(self.by("lm"), minibatch=MinibatchPart(seed=seed))

    def writing(self, plot: str | None, overwrite: bool) -> Job:
        """The job with a figure for output; those of a job file are of its fit."""
        return replace(self, output=OutputPart(None, plot, overwrite))


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
    record = checked_record(toml_record(Path(path)), f"`{path}`")
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
