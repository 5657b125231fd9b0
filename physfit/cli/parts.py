"""The entries of a job, each declared once: its key, its option and what it may be.

The fields of the parts are the keys of a job file's tables. Where a field has flags, it
is an option of the command line too, with the metavar and the help that stand there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from physfit.cli.settings import Interval, check_interval, interval
from physfit.errors import InputError

__all__ = ["ENTRIES", "PARAMETER", "PARAMETER_OPTIONS", "TABLES", "DataPart"]
__all__ += ["Entry", "FitPart", "MinibatchPart", "OutputPart", "Setting"]

Check = Callable[[str, Any], Any]


class Entry(NamedTuple):
    """How a job file and the command line spell one entry of a job.

    Attributes
    ----------
    check : callable
        `(what, value) -> value`, for a value of a job file.
    flags : tuple of str
        Of the option, such as "--x"; empty where there is none.
    metavar, help : str
    kind : type
        Of what stands behind the option.
    read : callable or None
        `(what, given) -> value`, from what stands behind the option.
    panel, table, key : str
        Of the help, and the place in a job.
    """

    check: Check
    flags: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""
    kind: Any = str
    read: Check | None = None
    panel: str = ""
    table: str = ""
    key: str = ""

    def value(self, given: Any) -> Any:
        """Value of what stands behind the option."""
        return given if self.read is None else self.read(self.flags[0], given)


def entry(
    check: Check,
    flags: str = "",
    metavar: str = "",
    text: str = "",
    *,
    kind: Any = str,
    read: Check | None = None,
    default: Any = None,
) -> Any:
    """Field of a part; `flags` are separated by spaces, `text` is the help."""
    own = Entry(check, tuple(flags.split()), metavar, text, kind, read)
    return field(default=default, metadata={"entry": own})


def text(what: str, value: Any) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{what} must be a text, not {value!r}.")
    return value


def column(what: str, value: Any) -> str | int:
    """Column by its name or number."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.strip():
        return value
    raise InputError(
        f"{what} must be the name of a column or its number from 0, not {value!r}."
    )


def number(what: str, value: Any) -> float:
    """Finite number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value):
        return float(value)
    raise InputError(f"{what} must be a finite number, not {value!r}.")


def limit(what: str, value: Any) -> float:
    """Number, perhaps infinite."""
    if isinstance(value, float) and math.isinf(value):
        return value
    return number(what, value)


def flag(what: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InputError(f"{what} must be true or false, not {value!r}.")
    return value


def pair(what: str, value: Any) -> tuple[float, float]:
    """Range from a lower to an upper end."""
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(f"{what} must be a pair such as [4, 6], not {value!r}.")
    low, high = (limit(what, side) for side in value)
    check_interval(what, low, high)
    return low, high


def whole(what: str, value: Any) -> int:
    """Whole number that is not negative."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise InputError(f"{what} must be a whole number, not {value!r}.")


def rate(what: str, value: Any) -> str | float:
    """Learning rate: a number, or a schedule as text."""
    return value if isinstance(value, str) else number(what, value)


def random(what: str, value: Any) -> str:
    """The word for start values that are drawn."""
    if value == "random":
        return "random"
    raise InputError(f"{what} must be 'random', not {value!r}.")


def nan_policy(what: str, value: Any) -> str:
    """The word that says what NaN in the data means."""
    if value not in ("raise", "omit"):
        raise InputError(f"{what} must be 'raise' or 'omit', not {value!r}.")
    return str(value)


@dataclass(frozen=True, slots=True)
class DataPart:
    """Which data: file, columns, range of x, and what NaN means."""

    file: str = entry(text)
    x: str | int | None = entry(
        column, "--x", "COLUMN", "Column of x: a name, or a number from 0."
    )
    y: str | int | None = entry(
        *(column, "--y", "COLUMN"),
        "Column of y; 're,im' joins two columns to complex values.",
    )
    sigma: str | int | None = entry(
        *(column, "--sigma", "COLUMN"),
        "Column of the standard deviations of y; 'none' takes none.",
    )
    dataset: str | None = entry(text, "--dataset", "PATH", "Path inside an HDF5 file.")
    x_range: Interval = entry(
        *(pair, "--x-range", "LOW:HIGH"),
        "Use this range of x only, ends included; a side may be left out.",
        read=interval,
        default=(None, None),
    )
    nan: Literal["raise", "omit"] = entry(
        *(nan_policy, "--nan", "raise|omit"),
        "Refuse samples with NaN (as without this option), or leave them out.",
        read=nan_policy,
        default="raise",
    )


@dataclass(frozen=True, slots=True)
class ModelPart:
    """Which model."""

    expression: str = entry(
        *(text, "--model -m", "TEXT"),
        "Names of the catalogue with prefixes, joined by + - * /: "
        "'voigt(a_) + voigt(b_) + linear'. See `physfit models`.",
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked of one parameter; `min` and `max` of None keep the model's own."""

    start: float | None = entry(number)
    min: float | None = entry(limit)
    max: float | None = entry(limit)
    fixed: float | None = entry(number)
    tie: str | None = entry(text)


@dataclass(frozen=True, slots=True)
class FitPart:
    """How to fit."""

    loss: str = entry(
        *(text, "--loss", "NAME"),
        "chi2 (as without this option), poisson, huber, soft_l1 or cauchy, with its "
        "constant where wanted: huber:1.5.",
        default="chi2",
    )
    method: str = entry(
        *(text, "--method", "NAME"),
        "lm (as without this option); gauss_newton; gd, sgd, momentum, nesterov, "
        "rmsprop, adam, adamw, adagrad, lecture_adam, with settings as in "
        "adam:beta1=0.95; scipy as referee: scipy:trf and others.",
        default="lm",
    )
    start: str | None = entry(random)


@dataclass(frozen=True, slots=True)
class MinibatchPart:
    """Settings of fits on minibatches, as `physfit.fit` takes them; memory in MiB."""

    batch_size: int | None = entry(
        *(whole, "--batch-size", "ROWS"),
        "Rows of a minibatch; all for gd, else 1024.",
        kind=int,
    )
    epochs: int | None = entry(
        *(whole, "--epochs", "N"),
        "Passes over the data, at most; enough for 20,000 steps, within limits.",
        kind=int,
    )
    schedule: str | float | None = entry(
        *(rate, "--schedule", "TEXT"),
        "Learning rate: 0.01, inverse_sqrt:0.01, exponential:0.01,k=1e-4, "
        "staircase:0.01,factor=0.5,every=1000, cosine:0.01,steps=20000, "
        "warmup:100+0.01.",
    )
    weight_decay: float | None = entry(
        *(number, "--weight-decay", "NUMBER"),
        "Adds half of it times the sum of squared parameters to the mean loss.",
        kind=float,
    )
    seed: int | None = entry(
        *(whole, "--seed", "N"),
        "Decides the order of the rows and a random start; 0.",
        kind=int,
    )
    sampler: str | None = entry(
        *(text, "--sampler", "NAME"),
        "blocks (as without this option), sequential, shuffle, with_replacement or "
        "stratified:COLUMN.",
    )
    scaling: Any = entry(
        *(text, "--scaling", "NAME"),
        "What one learning rate is relative to: curvature (as without this option), "
        "magnitude, bounds or none.",
    )
    averaged: bool | None = entry(
        *(flag, "--last", ""),
        "Report the last parameters, not the average of the path.",
        kind=bool,
        read=lambda _, last: not last,
    )
    tolerance: float | None = entry(
        *(number, "--tolerance", "NUMBER"),
        "Stop when averages move by less than this part of their standard errors; "
        "0.1, and 0 never.",
        kind=float,
    )
    max_steps: int | None = entry(whole, "--max-steps", "N", "Steps at most.", kind=int)
    memory: int | None = entry(
        *(whole, "--memory", "MIB"),
        "MiB for the buffers of a file's rows; 64.",
        kind=int,
    )
    threads: int | None = entry(
        *(whole, "--threads", "N"),
        "As many as the scheduler grants; the answer does not depend on it.",
        kind=int,
    )
    checkpoint: str | None = entry(
        text, "--checkpoint", "FILE", "Keep the state of the run in this file."
    )
    checkpoint_every: float | None = entry(
        *(number, "--checkpoint-every", "SECONDS"),
        "Time between two checkpoints; 30 s.",
        kind=float,
    )
    resume: bool = entry(
        *(flag, "--resume", ""),
        "Go on from the checkpoint if it is there.",
        kind=bool,
        default=False,
    )

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

    result: str | None = entry(
        text, "--output -o", "FILE", "Write the result: .h5 or .json."
    )
    plot: str | None = entry(
        text, "--plot", "FILE", "Draw a figure: .png, .pdf or .svg."
    )
    overwrite: bool = entry(
        *(flag, "--overwrite", ""),
        "Replace files that exist.",
        kind=bool,
        default=False,
    )


def _entries(part: type, table: str, panel: str) -> dict[str, Entry]:
    """Entries of a part by key."""
    return {
        own.name: own.metadata["entry"]._replace(panel=panel, table=table, key=own.name)
        for own in fields(part)
    }


#: Tables of a job file, but those of the parameters, by name, with their keys.
TABLES: Mapping[str, Mapping[str, Entry]] = MappingProxyType(
    {
        table: _entries(part, table, panel)
        for table, part, panel in (
            ("data", DataPart, "Data"),
            ("model", ModelPart, "Model"),
            ("fit", FitPart, "Fit"),
            ("minibatch", MinibatchPart, "Minibatches"),
            ("output", OutputPart, "Output"),
        )
    }
)
#: Keys of the table of a parameter.
PARAMETER: Mapping[str, Entry] = _entries(Setting, "parameters", "Model")
#: Options that stand for keys of several parameters.
PARAMETER_OPTIONS: Mapping[str, Entry] = {
    name: Entry(text, (f"--{name}",), metavar, help_text, list[str], panel="Model")
    for name, metavar, help_text in (
        (
            "start",
            "NAME=VALUE|random",
            "Start value; what is not given is guessed from the data. 'random' draws "
            "them all.",
        ),
        (
            "bounds",
            "NAME=LOW:HIGH",
            "Bounds, ends included; a side left out is open.",
        ),
        ("fix", "NAME=VALUE", "Hold a parameter at a value."),
        (
            "tie",
            "NAME=EXPRESSION",
            "Tie a parameter to others: 'b_sigma=2*a_sigma'.",
        ),
    )
}
#: Entries that are options, by the name of the option.
ENTRIES: Mapping[str, Entry] = {
    "model" if name == "expression" else name: own
    for keys in TABLES.values()
    for name, own in keys.items()
    if own.flags
}
