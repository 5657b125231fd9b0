"""A fit as a record: read from a job file, from options, or from both.

A job file is TOML; docs/settings.md shows one. It is data: nothing in it is executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from physfit.cli.command import Command
from physfit.cli.job_file import checked_record, toml_record
from physfit.errors import InputError
from physfit.settings import fits, outputs
from physfit.settings.fits import Parameter
from physfit.settings.minibatches import Minibatch
from physfit.settings.setting import Setting, declared, read
from physfit.settings.texts import check_interval

__all__ = ["GROUPS", "KEYS", "TABLES", "Job", "Tables", "no_model"]

#: Tables `[parameters.NAME]` by name.
Tables = Mapping[str, Parameter]
#: Keys of a parameter that an option of several stands for.
KEYS = {
    "start": ("start",),
    "bounds": ("min", "max"),
    "fix": ("fixed",),
    "tie": ("tie",),
}
#: Settings of minibatches that say something to methods over all rows as well.
_FOR_ALL = ("memory", "seed", "threads", "weight_decay")
#: Keys of a parameter beside which there is no other.
_ALONE = {"fixed", "tie"}
#: Keys of the tables of a job file, those of one parameter under "parameters".
TABLES: dict[str, dict[str, Setting]] = {}
#: All that a job has, though a command may not take it.
GROUPS = (
    *(*fits.Curve, fits.Method, Minibatch),
    *(
        outputs.Result,
        outputs.Plot,
        outputs.View,
        outputs.Tables,
        outputs.Conversion,
        outputs.Printed,
    ),
)
for _each in declared(*GROUPS).values():
    if _each.table:
        TABLES.setdefault(_each.table, {})[_each.key] = _each
TABLES["parameters"] = declared(Parameter)


class Job(Command):
    """One fit: data, model, parameters, method and outputs.

    Attributes
    ----------
    tables : tuple of str
        Tables of a job file that the command obeys beside its options.
    typed_alone : tuple of type
        Groups of settings that it takes from its options alone.

    Examples
    --------
    >>> from physfit.cli.fits import Fit
    >>> job = Fit(data="raman.csv", model="voigt + linear")
    >>> job.loss
    'chi2'
    """

    knows = GROUPS
    tables: ClassVar[tuple[str, ...]] = ("data", "model", "fit", "minibatch")
    typed_alone: ClassVar[tuple[type, ...]] = ()

    @property
    def parameters(self) -> Tables:
        """What is asked of each parameter."""
        asked: Tables = self.values.get("parameters", {})
        return asked

    @property
    def path(self) -> str | None:
        """Job file that was read."""
        path: str | None = self.values.get("path")
        return path

    @property
    def inputs(self) -> list[str]:
        """Files that are read: the data, and the job file if there is one."""
        return [path for path in (self.data, self.path, self.response) if path]

    @classmethod
    def of(cls, typed: Mapping[str, Sequence[str]]) -> Self:
        """Job from the options of a command, over those of a job file if one is given.

        Raises
        ------
        DataError
            When the job file is missing or is no TOML.
        InputError
            When it holds an unknown key or a value of the wrong kind, or an option
            does.
        """
        options = read(cls.settings, typed)
        asked = _by_parameter(options)
        path = cls.job_file(options)
        if path is None:
            return cls._checked("the command line", options, asked)
        if "more" in options:
            raise InputError(
                f"`{path}` is a job of one file; give it alone, or several files of "
                "data and a model."
            )
        record = checked_record(toml_record(Path(path)), TABLES, f"`{path}`")
        parameters = _merged(record.pop("parameters", {}), asked)
        if any("start" in each for each in asked.values()):
            record.get("fit", {}).pop("start", None)  # "random"
        values = cls.of_file(
            {
                name: _beside(path, record[each.table][each.key], each)
                for name, each in cls.known.items()
                if each.table in cls.tables
                and name not in declared(*cls.typed_alone)
                and each.key in record.get(each.table, {})
            }
        )
        return cls._checked(f"`{path}`", {**values, **options}, parameters, path=path)

    def without_batches(self, keywords: dict[str, Any]) -> dict[str, Any]:
        """Keywords for methods over all rows, without [minibatch] of the job file.

        Only options say what is wanted of this run; what the file says of another
        method is left aside, with a note.
        """
        named = declared(Minibatch).keys() - self.typed - {*_FOR_ALL}
        if idle := named & keywords.keys() & self.values.keys():
            self.note(f"[minibatch] of `{self.path}` is for other methods; left aside.")
        return {name: keywords[name] for name in keywords if name not in idle}

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
    def has_model_else(cls, values: Mapping[str, Any]) -> bool:
        """Whether the model is known without being named."""
        return False

    @classmethod
    def _checked(
        cls, source: str, values: Mapping[str, Any], parameters: Tables, **read: str
    ) -> Self:
        """Job that has data and a model; `source` names what it is of."""
        if read and "data" not in values:
            raise InputError(f"{source} names no data; add a file.")
        if "model" not in values and not cls.has_model_else(values):
            raise no_model(source)
        for name, keys in parameters.items():
            _check_parameter(name, keys)
        return cls(**read, **values, parameters=parameters)


def no_model(source: str) -> InputError:
    """What is wrong with options, or a job file, that name no model."""
    return InputError(
        f"{source} names no model; add one such as --model 'gaussian + linear' "
        "(`physfit models` lists them)."
    )


def _beside(path: str, value: Any, declared: Setting) -> Any:
    """Value of a job file, paths as seen from its folder."""
    return str(Path(path).parent / value) if declared.kind.is_path else value


def _by_parameter(options: dict[str, Any]) -> dict[str, Any]:
    """Tables `[parameters.NAME]` that options stand for, which are taken out."""
    tables: dict[str, Any] = {}
    for option, keys in KEYS.items():
        if not isinstance(options.get(option), dict):  # not there, or "random"
            continue
        for name, value in options.pop(option).items():
            values = value if isinstance(value, tuple) else (value,)
            tables.setdefault(name, {}).update(zip(keys, values, strict=True))
    return tables


def _merged(of_file: Any, asked: Any) -> dict[str, Any]:
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


def _check_parameter(name: str, keys: Parameter) -> None:
    """Refuse settings of one parameter that contradict each other."""
    for alone, what in (("fixed", "fixed"), ("tie", "tied")):
        others = [key for key in keys if key != alone]
        if alone in keys and others:
            raise InputError(
                f"`{name}` is {what}, so it can have no {' or '.join(others)}; keep "
                "one of them."
            )
    check_interval(f"`{name}`", keys.get("min"), keys.get("max"))
