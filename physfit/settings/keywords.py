"""A group of settings as keywords of a Python function."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, ForwardRef, TypeVar

from physfit.settings.setting import DOORS, REQUIRED, Setting, declared

__all__ = ["takes", "type_words"]

F = TypeVar("F", bound=Callable[..., Any])
#: Where the docstring of a function leaves room for them.
_ROOM = re.compile(r"^( *)\*\*settings\n(?:\1 +.*\n)+", re.MULTILINE)


def takes(*groups: type) -> Callable[[F], F]:
    """Show the settings of groups in a function's signature and docstring.

    The function takes them as `**settings: Unpack[Group]` and checks them by
    `setting.checked`; its docstring has an entry `**settings`, whose place they take.

    Examples
    --------
    >>> from physfit.settings.minibatches import Epochs
    >>> @takes(Epochs)
    ... def run(x, **settings):
    ...     '''Run.
    ...
    ...     Parameters
    ...     ----------
    ...     **settings
    ...         Of the run.
    ...     '''
    >>> inspect.signature(run)
    <Signature (x, *, epochs: 'int | None' = None)>
    """
    settings = declared(*groups)
    types = {name: own for each in groups for name, own in each.__annotations__.items()}

    def show(function: F) -> F:
        signature = inspect.signature(function)
        shown = {
            name: each
            for name, each in signature.parameters.items()
            if each.kind is not each.VAR_KEYWORD
        }
        more = {name: each for name, each in settings.items() if name not in shown}
        own = [_parameter(name, each, types[name]) for name, each in more.items()]
        DOORS[function.__name__] = dict.fromkeys(shown) | more
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*shown.values(), *own]
        )
        entries = "".join(
            _entry(name, each, types[name]) for name, each in more.items()
        )
        function.__doc__ = _ROOM.sub(
            lambda room: textwrap.indent(entries, room[1]), function.__doc__ or ""
        )
        return function

    return show


def _parameter(name: str, setting: Setting, annotation: Any) -> inspect.Parameter:
    default, words = setting.default, type_words(annotation)
    if default is REQUIRED:
        default = inspect.Parameter.empty
    elif default is None:
        words = f"{words} | None"
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=words
    )


def _entry(name: str, setting: Setting, annotation: Any) -> str:
    """Entry of a setting in the section of parameters."""
    lines = textwrap.fill(
        setting.help,
        84,
        initial_indent="    ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
    return f"{name} : {type_words(annotation)}, optional\n{lines}\n"


def type_words(annotation: Any) -> str:
    """Type of a setting as it is written in a group, but for None."""
    return _words(annotation.__origin__).removesuffix(" | None")


def _words(own: Any) -> str:
    if isinstance(own, ForwardRef):
        return own.__forward_arg__
    text = (
        own.__name__ if isinstance(own, type) and not hasattr(own, "__args__") else own
    )
    text = re.sub(r"\b(?:\w+\.)+(?=\w)", "", str(text))
    return re.sub(r"^Optional\[(.*)\]$", r"\1 | None", text)
