"""A setting, and the groups in which settings are declared.

A group is a `TypedDict` whose annotations carry the settings and whose docstring says
what each does:

```python
@group("Minibatches", table="minibatch")
class Batch(TypedDict, total=False):
    \"\"\"How large a minibatch is.

Attributes
----------
    batch_size
        Rows of a minibatch. Default: all for gd, else 1024.
    \"\"\"

    batch_size: Annotated[int, Setting(counted(), "ROWS")]
```

`def fit(..., **settings: Unpack[Batch])` gives a function its keywords, a command takes
the options of the group, and a job file has its keys in the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from physfit.errors import check_known
from physfit.settings.kinds import Kind

__all__ = ["DOORS", "REQUIRED", "Setting", "checked", "declared", "group"]
__all__ += ["or_default", "read"]

G = TypeVar("G")
Value = TypeVar("Value")
#: Default of a setting that the command line must give.
REQUIRED: Any = object()


@dataclass(frozen=True, eq=False)  # equal ones would be one to `typing`
class Setting:
    """One setting.

    Attributes
    ----------
    kind : Kind
        How its values are written, and which are allowed.
    typed : str
        Metavar of its option, after flags, "--model -m TEXT", where these are not the
        name with dashes; "<DATA>" is an argument.
    default : object
        What a command takes where it is not given; None is left to the library.
    key : str
        In a job file, if it is not the name.
    panel, table : str
        Of the help, and of a job file; those of the group, if they are not given.
    name : str
        In the group; the keyword.
    flags : tuple of str
        Spellings of its option, the first in errors; of an argument none.
    metavar : str
        What stands for the value in a help.
    help : str
        What it does and what it is where it is not given, of the group's docstring.
    """

    kind: Kind
    typed: str = ""
    default: Any = None
    key: str = ""
    panel: str = ""
    table: str = ""
    name: str = ""
    flags: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""

    def of_group(self, name: str, panel: str, table: str, help: str) -> Setting:
        """The setting as it is called, and where it stands."""
        words = self.typed.split() or [""]
        flags = tuple(word for word in words if word[:1] == "-")
        is_said = self.default in (None, "", REQUIRED) or "Default:" in help
        return replace(
            self,
            panel=self.panel or panel,
            table=self.table or table,
            key=self.key or name,
            name=name,
            flags=()
            if words[0][:1] == "<"
            else flags or (f"--{name.replace('_', '-')}",),
            metavar="".join(words[len(flags) :]).strip("<>"),
            help=help if is_said else f"{help} Default: {self.default}.",
        )


#: Keywords of the functions that take settings; of their own ones None.
DOORS: dict[str, dict[str, Setting | None]] = {}
#: Settings by name of each group.
_GROUPS: dict[type, dict[str, Setting]] = {}
#: What is known of a setting, by the object in its annotation.
_COMPLETE: dict[int, Setting] = {}


def group(panel: str, table: str = "") -> Callable[[type[G]], type[G]]:
    """Declare the settings of a `TypedDict` as those of a panel and of a table."""

    def declare(cls: type[G]) -> type[G]:
        helps, settings = _helps(cls.__doc__ or ""), {}
        for name, annotation in cls.__annotations__.items():
            own: Setting = annotation.__metadata__[0]
            if id(own) not in _COMPLETE:  # and not of a group that this one extends
                _COMPLETE[id(own)] = own.of_group(
                    name, panel, table, helps.get(name, "")
                )
            settings[name] = _COMPLETE[id(own)]
        _GROUPS[cls] = settings
        return cls

    return declare


def _helps(doc: str) -> dict[str, str]:
    """What the section of attributes says of each, in one line."""
    section = doc.partition("----------\n")[2]
    entries = re.findall(r"^    (\w+)\n((?:        .*\n)+)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def declared(*groups: type) -> dict[str, Setting]:
    """Settings of groups and of those that they extend, by name."""
    return {name: each for own in groups for name, each in _GROUPS[own].items()}


def or_default(value: Value | None, default: Value) -> Value:
    """The value of a setting, or its default where nobody said anything."""
    return default if value is None else value


def read(
    settings: Mapping[str, Setting], typed: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Values of what was typed for settings, by name.

    Raises
    ------
    InputError
        When what was typed is no value of its kind, or not allowed.
    """
    return {
        name: settings[name].kind.read((*settings[name].flags, name)[0], texts)
        for name, texts in typed.items()
    }


def checked(door: str, cls: type[G], given: Mapping[str, Any]) -> G:
    """Keywords of a function, each a setting of a group with a value of its kind.

    Those that are None have their defaults, or are left out.

    Parameters
    ----------
    door : str
        Name of the function, for errors.
    cls : type
        The group.
    given : mapping of str to object
        What stood in `**settings`.

    Raises
    ------
    InputError
        When a setting is unknown, or its value is not allowed.
    """
    settings = _GROUPS[cls]
    if not given.keys() <= settings.keys():
        unknown = [name for name in given if name not in settings]
        said = f"`{door}(...)` has an unknown keyword"
        check_known(said, unknown, DOORS.get(door, settings))
    values = {
        name: each.default
        for name, each in settings.items()
        if each.default is not None and each.default is not REQUIRED
    }
    for name, value in given.items():
        if value is not None:
            values[name] = settings[name].kind.check(f"`{name}`", value)
    return cast(G, values)
