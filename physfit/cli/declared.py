"""Settings, each declared once, in the class of what it belongs to.

A `Setting` is an attribute of a class of `Settings`. From it come the option of a
command (flags, metavar, help, panel), the key of a job file and its check, and the
value that an instance has under its name, to be handed on as keyword argument. A
`Command` is the settings of one command, and what it does with them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from inspect import Parameter, Signature, cleandoc
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, overload

import typer

from physfit.cli.console import Console
from physfit.cli.kinds import FLAG, Kind

__all__ = ["REQUIRED", "Command", "Setting", "Settings"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
#: Default of a setting that the command line must give.
REQUIRED = object()


class Setting(Generic[T_co]):
    """One setting of a command or of a job.

    Parameters
    ----------
    spelling : str
        Flags and metavar of its option, as in "--model -m TEXT"; "DATA" is an argument,
        and "" a key of a job file that no option stands for.
    kind : Kind
    help : str
    default : object
        Value where it is not given; without a table, as it is typed.
    key : str
        Of a job file's table, if it is not the name.
    panel : str
        Of the help, if it is not that of the class.

    Attributes
    ----------
    name : str
        Of the attribute.
    table : str
        Of a job file; empty where only the command line has the setting.
    """

    name = table = ""

    @overload
    def __init__(
        self: Setting[T | None],
        spelling: str,
        kind: Kind[T],
        help: str = "",
        *,
        key: str = "",
        panel: str = "",
    ) -> None: ...
    @overload
    def __init__(
        self: Setting[T],
        spelling: str,
        kind: Kind[T],
        help: str = "",
        *,
        default: Any,
        key: str = "",
        panel: str = "",
    ) -> None: ...
    def __init__(
        self,
        spelling: str,
        kind: Kind[Any],
        help: str = "",
        *,
        default: Any = None,
        key: str = "",
        panel: str = "",
    ) -> None:
        words = spelling.split()
        self.flags = [word for word in words if word.startswith("-")]
        self.metavar = "".join(words[len(self.flags) :])
        self.kind, self.help, self.key, self.panel = kind, help, key, panel
        self.is_required = default is REQUIRED
        self.default = None if self.is_required else default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.key = name, self.key or name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Settings, owner: type) -> T_co: ...
    def __get__(self, instance: Settings | None, owner: type) -> Any:
        return (
            self if instance is None else instance.values.get(self.name, self.default)
        )

    def but(self, **changes: Any) -> Self:
        """The same with other attributes, for a class that takes it in another way."""
        changed = copy.copy(self)
        vars(changed).update(changes)
        return changed

    def value(self, typed: Any) -> T_co:
        """Value of what stands behind the option."""
        what = self.flags[0] if self.flags else self.metavar
        value: T_co = self.kind.read(what, typed)
        return value

    def parameter(self) -> Parameter:
        """The setting as parameter of a function that typer makes a command of."""
        kind, default = self.kind.typed, None if self.table else self.default
        if kind is bool:
            default = False
        declared = typer.Argument(metavar=self.metavar, help=self.help)
        if self.flags:
            declared = typer.Option(
                *self.flags,
                metavar=self.metavar,
                help=self.help,
                min=self.kind.least,
                rich_help_panel=self.panel or None,
            )
        return Parameter(
            self.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if self.is_required else default,
            annotation=Annotated[kind | None if default is None else kind, declared],
        )


class Settings:
    """Values of the settings that a class declares.

    Attributes
    ----------
    declared : mapping of str to Setting
        Settings of the class and of its bases, by name.
    values : mapping of str to object
        Values that are not the defaults.
    """

    declared: ClassVar[Mapping[str, Setting[Any]]] = {}

    def __init_subclass__(cls, table: str = "", panel: str = "") -> None:
        declared: dict[str, Setting[Any]] = {}
        for base in cls.__bases__:
            for name, each in getattr(base, "declared", {}).items():
                declared.setdefault(name, each)
        for each in own_settings(cls):
            each.table = table or each.table
            each.panel = each.panel or panel
            declared[each.name] = each
        cls.declared = declared

    def __init__(self, **values: Any) -> None:
        unknown = values.keys() - self.declared.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no settings {unknown}")
        self.values: Mapping[str, Any] = values

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name) for name in self.declared
        )

    def __repr__(self) -> str:
        values = (f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({', '.join(values)})"

    def replaced(self, **changes: Any) -> Self:
        """The same with other values."""
        return type(self)(**{**self.values, **changes})

    def keywords(self, *names: str) -> dict[str, Any]:
        """Settings as keyword arguments, but those that are left to the callee."""
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


def own_settings(cls: type) -> list[Setting[Any]]:
    """Settings that a class declares itself."""
    return [each for each in vars(cls).values() if isinstance(each, Setting)]


class Command(Settings, panel="Output"):
    """The settings of a command, and what it does with them.

    A class of its own says its `command`, and by `takes` which settings of its bases
    are options beside its own ones. Its docstring is the help: lines after `$` are
    examples.
    """

    command: ClassVar[str] = ""
    options: ClassVar[list[Setting[Any]]] = []

    as_json = Setting(
        "--json", FLAG, "Print one JSON object in place of the report.", default=False
    )
    overwrite = Setting("--overwrite", FLAG, "Replace files that exist.", default=False)
    quiet = Setting(
        "--quiet -q",
        FLAG,
        "No notes, warnings and progress on stderr.",
        default=False,
    )

    def __init_subclass__(
        cls, command: str = "", takes: tuple[str, ...] = (), **places: str
    ) -> None:
        super().__init_subclass__(**places)
        first = [name for name in takes if name in ("data", "model")]
        own = [each.name for each in own_settings(cls)]
        names = dict.fromkeys([*first, *own, *takes])
        cls.command, cls.options = command, [cls.declared[name] for name in names]

    @classmethod
    def of(cls, **typed: Any) -> Self:
        """Command from what typer makes of the command line."""
        return cls(**cls.given(typed))

    @classmethod
    def given(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the options that are there."""
        # By identity: 0 is a seed, and equal to False.
        return {
            name: cls.declared[name].value(words)
            for name, words in typed.items()
            if words is not None and words is not False
        }

    @cached_property
    def console(self) -> Console:
        """Where the command tells what it does."""
        return Console(self.quiet)

    def run(self) -> int:
        """Do what is asked; the exit code."""
        raise NotImplementedError

    @classmethod
    def function(cls) -> Callable[..., int]:
        """The command as function for typer."""

        def run(**typed: Any) -> int:
            return cls.of(**typed).run()

        parameters = [each.parameter() for each in cls.options]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {}
        return run

    @classmethod
    def texts(cls) -> tuple[str, str]:
        """Help and epilog: the first paragraph of the docstring, and the others."""
        first, *others = cleandoc(cls.__doc__ or "").split("\n\n")
        return first, "\n".join(map(_kept, others))


def _kept(paragraph: str) -> str:
    r"""A paragraph that keeps its lines, as `\b` tells typer, or a list of examples."""
    if paragraph.startswith("$ "):
        paragraph = "Examples:\n" + re.sub("^[$] ", "  ", paragraph, flags=re.MULTILINE)
    return f"\b\n{paragraph}\n"
