"""Settings, each declared once, in the class of what it belongs to.

A `Setting` is an attribute of a class of `Settings`, made by its `Kind`. From it come
the option of a command (flags, metavar, help, panel), the key of a job file and its
check, and the value that an instance has under its name, to be handed on as keyword
argument.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, overload

import typer

__all__ = ["REQUIRED", "Kind", "Setting", "Settings", "own_settings"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
#: Default of a setting that the command line must give.
REQUIRED = object()


def _as_typed(option: str, typed: Any) -> Any:
    return typed


@dataclass(frozen=True)
class Kind(Generic[T_co]):
    """How the values of settings are written; called, it declares a setting.

    Attributes
    ----------
    typed : type
        What the command line makes of the words: str, int, float, bool or list[str].
    read : callable
        `(option, typed) -> value`, for an option.
    check : callable
        `(place, value) -> value`, for a job file.
    least : int or None
        Lowest number that the command line takes.
    suffixes : tuple of str or None
        Of a file to write; without any, somebody else checks the path.
    absent : object
        Value where the setting is not given.
    """

    typed: Any
    read: Callable[[str, Any], T_co] = _as_typed
    check: Callable[[str, Any], T_co] = _as_typed
    least: int | None = None
    suffixes: tuple[str, ...] | None = None
    absent: Any = None

    @overload
    def __call__(
        self: Kind[bool], spelling: str, help: str, *, panel: str = ""
    ) -> Setting[bool]: ...
    @overload
    def __call__(
        self: Kind[T],
        spelling: str = "",
        help: str = "",
        *,
        default: Any,
        panel: str = "",
    ) -> Setting[T]: ...
    @overload
    def __call__(
        self: Kind[T], spelling: str = "", help: str = "", *, panel: str = ""
    ) -> Setting[T | None]: ...
    def __call__(
        self,
        spelling: str = "",
        help: str = "",
        *,
        default: Any = None,
        panel: str = "",
    ) -> Setting[Any]:
        """Declare a setting.

        Parameters
        ----------
        spelling : str
            Flags and metavar of its option, as in "--model -m TEXT"; "DATA" is an
            argument, and "" a key of a job file that no option stands for.
        help : str
        default : object
            Value where it is not given; without a table, as it is typed.
        panel : str
            Of the help, if it is not that of the class.
        """
        words = spelling.split()
        flags = tuple(word for word in words if word.startswith("-"))
        metavar = "".join(words[len(flags) :])
        default = self.absent if default is None else default
        return Setting(self, flags, metavar, help, default, panel)


@dataclass(eq=False)
class Setting(Generic[T_co]):
    """One setting of a command or of a job; see `Kind` for what it is made of.

    Attributes
    ----------
    name : str
        Of the attribute.
    table : str
        Of a job file; empty where only the command line has the setting.
    key : str
        Of that table; if it is empty, the name.
    """

    kind: Kind[Any]
    flags: tuple[str, ...]
    metavar: str
    help: str
    default: Any
    panel: str
    table: str = ""
    key: str = ""
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.key = name, self.key or name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Settings, owner: type) -> T_co: ...
    def __get__(self, instance: Settings | None, owner: type) -> Any:
        if instance is None:
            return self
        default = None if self.default is REQUIRED else self.default
        return instance.values.get(self.name, default)

    def but(self, **changes: Any) -> Self:
        """The same with other attributes, for a class that takes it in another way."""
        changed = copy.copy(self)
        vars(changed).update(changes)
        return changed

    def read(self, typed: Any) -> T_co:
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
            default=Parameter.empty if self.default is REQUIRED else default,
            annotation=Annotated[kind | None if default is None else kind, declared],
        )


class Settings:
    """Values of the settings that a class declares.

    Attributes
    ----------
    declared : mapping of str to Setting
        Settings of the class and of its bases, by name.
    values : mapping of str to object
        Values that were given.
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
