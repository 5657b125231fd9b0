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
expression = "voigt(a_) + linear"       # or a formula, "a*exp(-t/tau) + c"
x_name = "t"                # what formulas call x

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
learning_rate = "inverse_sqrt:0.01"
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

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from physfit.cli import kinds
from physfit.cli.command import Command
from physfit.cli.job_file import checked_record, toml_record
from physfit.cli.settings import REQUIRED, Kind, Setting, Settings
from physfit.errors import InputError

__all__ = ["CURVE", "DRAWN", "MINIBATCH", "MODEL", "PARAMETERS", "PRINTED", "Job"]
__all__ += ["ParameterSettings"]


#: Tables `[parameters.NAME]` by name.
Tables = Mapping[str, Mapping[str, Any]]
#: Keys of a parameter that an option of several stands for.
KEYS = {
    "start": ("start",),
    "bounds": ("min", "max"),
    "fix": ("fixed",),
    "tie": ("tie",),
}
#: Keys of a parameter beside which there is no other.
_ALONE = {"fixed", "tie"}


class DataSettings(Settings, table="data", panel="Data"):
    """Which data: file, columns, range of x, and what NaN means."""

    data = kinds.PATH(
        "DATA",
        "CSV, TSV, NPZ or HDF5 file, or a job file (.toml). A path inside an HDF5 "
        "file follows after '::'.",
        default=REQUIRED,
    ).but(key="file")
    x = kinds.COLUMN("--x COLUMN", "Column of x: a name, or a number from 0.")
    y = kinds.COLUMN(
        "--y COLUMN", "Column of y; 're,im' joins two columns to complex values."
    )
    sigma = kinds.COLUMN(
        "--sigma COLUMN", "Column of the standard deviations of y; 'none' takes none."
    )
    dataset = kinds.TEXT("--dataset PATH", "Path inside an HDF5 file.")
    x_range = kinds.RANGE(
        "--x-range LOW:HIGH",
        "Use this range of x only, ends included; a side may be left out.",
        default=(None, None),
    )
    nan = kinds.words("raise", "omit")(
        "--nan raise|omit",
        "Refuse samples with NaN (as without this option), or leave them out.",
        default="raise",
    )


class ModelSettings(Settings, table="model", panel="Model"):
    """Which model."""

    model = kinds.TEXT(
        "--model --formula -m TEXT",
        "Names of the catalogue with prefixes, and formulas, joined by + - * /: "
        "'voigt(a_) + voigt(b_) + linear', 'a*exp(-x/tau) + c'. See `physfit models`.",
        default="",
    ).but(key="expression")
    x_name = kinds.TEXT(
        "--x-name NAME",
        "What formulas call x, such as t; u,v for two coordinates; without this "
        "option x.",
        default="x",
    )


class ParameterSettings(Settings, table="parameters"):
    """What is asked of one parameter; `min` and `max` of None keep the model's own."""

    start = kinds.NUMBER()
    min = kinds.LIMIT()
    max = kinds.LIMIT()
    fixed = kinds.NUMBER()
    tie = kinds.TEXT()


class ParameterOptions(Settings, panel="Model"):
    """Options that stand for keys of several parameters."""

    bounds = kinds.BOUNDS(
        "--bounds NAME=LOW:HIGH", "Bounds, ends included; a side left out is open."
    )
    fix = kinds.NUMBERS("--fix NAME=VALUE", "Hold a parameter at a value.")
    tie = kinds.EXPRESSIONS(
        "--tie NAME=EXPRESSION", "Tie a parameter to others: 'b_sigma=2*a_sigma'."
    )


class FitSettings(Settings, table="fit", panel="Fit"):
    """How to fit."""

    start = kinds.START(
        "--start NAME=VALUE|random",
        "Start value; what is not given is guessed from the data. 'random' draws "
        "them all.",
        panel="Model",
    )
    loss = kinds.TEXT(
        "--loss NAME",
        "chi2 (as without this option), poisson, huber, soft_l1 or cauchy, with its "
        "constant where wanted, in sigma or, without, in the residuals' scale: "
        "huber:1.5.",
        default="chi2",
    )
    method = kinds.TEXT(
        "--method NAME",
        "lm (as without this option); gauss_newton; gd, sgd, momentum, nesterov, "
        "rmsprop, adam, adamw, adagrad, lecture_adam, with settings as in "
        "adam:beta1=0.95; scipy as referee: scipy:trf and others.",
        default="lm",
    )


class MinibatchSettings(Settings, table="minibatch", panel="Minibatches"):
    """Settings of fits on minibatches, as `physfit.fit` takes them."""

    batch_size = kinds.WHOLE(
        "--batch-size ROWS", "Rows of a minibatch; all for gd, else 1024."
    )
    epochs = kinds.WHOLE(
        "--epochs N",
        "Passes over the data, at most; enough for 20,000 steps, within limits.",
    )
    learning_rate = kinds.RATE(
        "--learning-rate TEXT",
        "A number or a schedule: 0.01, inverse_sqrt:0.01, exponential:0.01,k=1e-4, "
        "staircase:0.01,factor=0.5,every=1000, cosine:0.01,steps=20000, "
        "warmup:100+0.01; the method's own, falling in the second half of the steps.",
    )
    weight_decay = kinds.NUMBER(
        "--weight-decay NUMBER",
        "Adds half of it times the sum of squared parameters to the mean loss.",
    )
    seed = kinds.WHOLE(
        "--seed N", "Decides the order of the rows and a random start; 0."
    )
    sampler = kinds.TEXT(
        "--sampler NAME",
        "blocks (as without this option), sequential, shuffle, with_replacement or "
        "stratified:COLUMN.",
    )
    scaling = kinds.TEXT(
        "--scaling NAME",
        "What one learning rate is relative to: curvature (as without this option), "
        "magnitude, bounds or none.",
    )
    averaged = Kind[bool](bool, lambda _, last: not last, kinds.FLAG.check)(
        "--last", "Report the last parameters, not the average of the path."
    )
    tolerance = kinds.NUMBER(
        "--tolerance NUMBER",
        "Stop when averages move by less than this part of their standard errors; "
        "0.1, and 0 never.",
    )
    max_steps = kinds.WHOLE("--max-steps N", "Steps at most.")
    memory = kinds.MEBIBYTES(
        "--memory MIB", "MiB for the buffers of a file's rows; 64."
    )
    threads = kinds.WHOLE(
        "--threads N",
        "As many as the scheduler grants; the answer does not depend on it.",
    )
    checkpoint = kinds.UNCHECKED(
        "--checkpoint FILE", "Keep the state of the run in this file."
    )
    checkpoint_every = kinds.NUMBER(
        "--checkpoint-every SECONDS", "Time between two checkpoints; 30 s."
    )
    resume = kinds.FLAG("--resume", "Go on from the checkpoint if it is there.")


class OutputSettings(Settings, table="output", panel="Output"):
    """Files to write, and whether existing ones may be replaced."""

    result = kinds.RESULT("--output -o FILE", "Write the result: .h5 or .json.")
    plot = kinds.FIGURE("--plot FILE", "Draw a figure: .png, .pdf or .svg.")
    overwrite = Command.overwrite.but()


#: Names of settings that commands take together.
MODEL = tuple(ModelSettings.declared)
CURVE = (*MODEL, *DataSettings.declared)
PARAMETERS = tuple(KEYS)
MINIBATCH = tuple(MinibatchSettings.declared)
DRAWN = ("seed", "threads")
PRINTED = ("as_json", "overwrite", "quiet")


class Job(
    DataSettings,
    ModelSettings,
    ParameterOptions,
    FitSettings,
    MinibatchSettings,
    OutputSettings,
    Command,
):
    """One fit: data, model, parameters, method and outputs.

    Attributes
    ----------
    tables : tuple of str
        Tables of a job file that the command obeys beside its options.

    Examples
    --------
    >>> job = Job(data="raman.csv", model="voigt + linear")
    >>> job.loss
    'chi2'
    """

    tables: ClassVar[tuple[str, ...]] = ("data", "model", "fit", "minibatch")
    parameters = Kind[Mapping[str, ParameterSettings]](dict)(default={})
    #: Job file that was read.
    path = kinds.TEXT()

    @property
    def inputs(self) -> list[str]:
        """Files that are read: the data, and the job file if there is one."""
        return [path for path in (self.data, self.path) if path]

    @classmethod
    def of(cls, **typed: Any) -> Self:
        """Job from the options of a command, over those of a job file if one is given.

        Raises
        ------
        DataError
            When the job file is missing or is no TOML.
        InputError
            When it holds an unknown key or a value of the wrong kind, or an option
            does.
        """
        options = cls.read(typed)
        asked = _by_parameter(options)
        path = cls.job_file(options)
        if path is None:
            return cls._checked("the command line", options, asked)
        record = checked_record(toml_record(Path(path)), TABLES, f"`{path}`")
        parameters = _merged(record.pop("parameters", {}), asked)
        values = cls.of_file(
            {
                each.name: _beside(path, record[each.table][each.key], each)
                for each in cls.declared.values()
                if each.table in cls.tables and each.key in record.get(each.table, {})
            }
        )
        return cls._checked(f"`{path}`", {**values, **options}, parameters, path=path)

    @classmethod
    def job_file(cls, options: dict[str, Any]) -> str | None:
        """Take the path of a job file out of the options, if there is one."""
        data = options.get("data", "")
        return options.pop("data") if data.lower().endswith(".toml") else None

    @classmethod
    def of_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Values of a job file, as far as the command takes them."""
        return values

    @classmethod
    def _checked(
        cls, source: str, values: Mapping[str, Any], parameters: Tables, **read: str
    ) -> Self:
        """Job that has data and a model; `source` names what it is of."""
        if read and "data" not in values:
            raise InputError(f"{source} names no data; add a file.")
        if "model" not in values:
            raise InputError(
                f"{source} names no model; add one such as --model 'gaussian + linear' "
                "(`physfit models` lists them)."
            )
        asked = {name: _setting(name, keys) for name, keys in parameters.items()}
        return cls(**values, **read, parameters=asked)


#: Keys of the tables of a job file, those of one parameter under "parameters".
TABLES: dict[str, dict[str, Setting[Any]]] = {}
for _each in (*Job.declared.values(), *ParameterSettings.declared.values()):
    if _each.table:
        TABLES.setdefault(_each.table, {})[_each.key] = _each


def _beside(path: str, value: Any, declared: Setting[Any]) -> Any:
    """Value of a job file, paths as seen from its folder."""
    is_path = declared.kind.check is kinds.PATH.check
    return str(Path(path).parent / value) if is_path else value


def _by_parameter(options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Tables `[parameters.NAME]` that options stand for, which are taken out."""
    tables: dict[str, dict[str, Any]] = {}
    for option, keys in KEYS.items():
        if not isinstance(options.get(option), dict):  # not there, or "random"
            continue
        for name, value in options.pop(option).items():
            values = value if isinstance(value, tuple) else (value,)
            tables.setdefault(name, {}).update(zip(keys, values, strict=True))
    return tables


def _merged(of_file: Tables, asked: Tables) -> dict[str, Mapping[str, Any]]:
    """Tables of parameters with those of the options put over them.

    A parameter that an option fixes or ties loses what the file said of it; one that an
    option gives a start or bounds is free.
    """
    tables = dict(of_file)
    for name, values in asked.items():
        before = {} if _ALONE & values.keys() else of_file.get(name, {})
        kept = {key: before[key] for key in before if key not in _ALONE}
        tables[name] = {**kept, **values}
    return tables


def _setting(name: str, values: Mapping[str, Any]) -> ParameterSettings:
    """Settings of one parameter that do not contradict each other."""
    for alone, what in (("fixed", "fixed"), ("tie", "tied")):
        others = [key for key in values if key != alone]
        if alone in values and others:
            raise InputError(
                f"`{name}` is {what}, so it can have no {' or '.join(others)}; keep "
                "one of them."
            )
    setting = ParameterSettings(**values)
    kinds.check_interval(f"`{name}`", setting.min, setting.max)
    return setting
