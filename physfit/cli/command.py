"""A command: the settings that it takes, its help, and what it does."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter as Argument
from inspect import Signature, cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from cyclopts import App, Group, Parameter

from physfit.cli.console import logs_as_sentences, print_json, print_text, say
from physfit.cli.wording import called_as_written
from physfit.errors import InputError
from physfit.settings.kinds import FLAG
from physfit.settings.outputs import Printed
from physfit.settings.setting import REQUIRED, Setting, declared, read

if TYPE_CHECKING:
    from physfit.document.documented import Documented
    from physfit.settings.outputs import Format

__all__ = ["REPORTS", "Command"]

#: What a report is written as, by the suffix of its file.
REPORTS: dict[str, Format] = {
    ".txt": "text",
    ".md": "markdown",
    ".tex": "latex",
    ".json": "json",
}


class Command:
    """The settings that a command was given, by name, and what it does with them.

    A setting that was not given has its default. The docstring of a command is its
    help: lines after `$` are examples.

    Attributes
    ----------
    command : str
        Its name.
    takes : tuple of type
        Groups of its settings in the order of the help; of two settings of one name the
        later counts.
    knows : tuple of type
        Groups whose settings it may be asked for, though it has no options for them.
    settings, known : mapping of str to Setting
        Those that are taken, and all, by name.
    values : dict of str to object
        Those that were given.
    typed : frozenset of str
        Names of those of them that stand on the command line.
    """

    command: ClassVar[str] = ""
    takes: ClassVar[tuple[type, ...]] = ()
    knows: ClassVar[tuple[type, ...]] = (Printed,)
    settings: ClassVar[Mapping[str, Setting]] = {}
    known: ClassVar[Mapping[str, Setting]] = {}

    def __init_subclass__(cls, command: str = "") -> None:
        cls.command = command
        if command:
            cls.settings = declared(*cls.takes)
            cls.known = declared(*cls.knows, *cls.takes)

    def __init__(self, **values: Any) -> None:
        self.values = values
        self.typed: frozenset[str] = frozenset()

    def __getattr__(self, name: str) -> Any:
        if name not in self.known:
            raise AttributeError(f"{type(self).__name__} has no setting {name!r}")
        own = self.known[name]
        absent = False if own.kind is FLAG else own.default
        return self.values.get(name, None if absent is REQUIRED else absent)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.values == other.values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.values})"

    def replaced(self, **changes: Any) -> Self:
        """The same with other values."""
        other = type(self)(**{**self.values, **changes})
        other.typed = self.typed
        return other

    def keywords(self, *names: str) -> dict[str, Any]:
        """Settings as keyword arguments, but those that are left to the callee."""
        values = {
            name: self.values.get(name, self.known[name].default) for name in names
        }
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def of(cls, typed: Mapping[str, Sequence[str]]) -> Self:
        """Command from what was typed for each setting."""
        return cls(**read(cls.settings, typed))

    @property
    def inputs(self) -> list[str]:
        """Files that are read."""
        return []

    def outputs(self) -> dict[str, str]:
        """Files that are written, by their options; refused if they could not be."""
        outputs: dict[str, str] = {}
        for name, own in self.settings.items():
            path, suffixes = self.values.get(name), own.kind.suffixes
            if suffixes is None or path is None:
                continue
            option = min(own.flags, key=len, default=own.metavar)
            outputs[option] = path
            if suffixes:
                _check_path(option, path, suffixes, self.overwrite)
        return outputs

    @property
    def watched(self) -> bool | None:
        """`progress` for the library: True where a bar is wanted and seen."""
        return True if not self.quiet and sys.stderr.isatty() else None

    def note(self, text: str) -> None:
        """Say something worth knowing on stderr, but with `--quiet`."""
        if not self.quiet:
            say(text)

    def warn(self, text: str) -> None:
        """Say something that should not be overlooked."""
        self.note(f"warning: {text}")

    @property
    def report_format(self) -> Format | None:
        """What the report is written as, where a file for it is named."""
        path = self.values.get("output")
        return None if path is None else REPORTS.get(Path(path).suffix.lower())

    def print_report(self, found: Documented) -> None:
        """Print a report in the format that is asked for, and write it to its file."""
        if self.as_json or self.format == "json":
            print_json(found.to_dict())
        else:
            text = found.report(self.format)
            if self.format == "html":  # a fragment names no encoding
                text = text.encode("ascii", "xmlcharrefreplace").decode()
            print_text(text)
        if self.report_format is not None:
            self._write_report(found.report(self.report_format))

    def _write_report(self, report: str) -> None:
        from physfit.data.files.atomic import atomic_file

        with atomic_file(self.output, self.overwrite) as temporary:
            temporary.write_text(f"{report}\n", encoding="utf-8")
        self.note(f"wrote `{self.output}`.")

    def run(self) -> int:
        """Do what is asked; the exit code."""
        raise NotImplementedError

    @classmethod
    def app(cls) -> App:
        """The command for the command line."""
        first, *others = cleandoc(cls.__doc__ or "").split("\n\n")
        app = App(
            name=cls.command.split()[-1],
            help=first,
            help_epilogue="\n".join(map(_kept, others)),
            usage=cls._usage(),
            version_flags=[],
        )
        app.default(cls._function())
        return app

    @classmethod
    def _usage(cls) -> str | None:
        """How it is typed, where an argument may be left out; else None."""
        placed = [each for each in cls.settings.values() if not each.flags]
        words = [
            each.metavar
            if each.default is REQUIRED
            else f"[{each.metavar}{'...' * each.kind.is_many}]"
            for each in placed
        ]
        is_told = all(each.default is REQUIRED for each in placed)
        line = " ".join(["Usage: physfit", cls.command, "[OPTIONS]", *words])
        return None if is_told else line

    @classmethod
    def _function(cls) -> Callable[..., int]:
        """Function whose signature holds the options."""

        def run(*arguments: str, **options: Sequence[str]) -> int:
            typed = {**_placed(places, arguments), **options}
            command = cls.of(typed)
            command.typed = frozenset(typed)
            _refuse_two_formats(command.values)
            if outputs := command.outputs():
                from physfit.data.files.outputs import refuse_inputs

                refuse_inputs(outputs, command.inputs)
            of_file = command.values.keys() - typed.keys()
            path = command.values.get("path")  # of a job file
            with called_as_written(cls.settings, of_file, path):
                return command.run()

        panels = {each.panel: None for each in cls.settings.values()}
        groups = {
            panel: Group(panel, sort_key=place) for place, panel in enumerate(panels)
        }
        parameters = [
            _parameter(each, groups[each.panel]) for each in cls.settings.values()
        ]
        parameters.sort(key=lambda each: each.kind)  # arguments first
        places = [each.name for each in cls.settings.values() if not each.flags]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {}
        return run


def _placed(names: Sequence[str], arguments: Sequence[str | None]) -> dict[str, Any]:
    """What was typed for each argument; the last one may take all that follow."""
    placed: dict[str, list[str]] = {}
    for k, text in enumerate(arguments):
        if text is not None:
            placed.setdefault(names[min(k, len(names) - 1)], []).append(text)
    return placed


def _parameter(own: Setting, group: Group) -> Argument:
    """A setting as parameter of a function: a list of what is typed, however often."""
    declared = Parameter(
        name=own.flags or own.metavar,
        metavar=own.metavar or None,
        help=own.help,
        group=group,
        negative=(),
        allow_leading_hyphen=bool(own.flags),
        show_default=False,
    )
    kind: Any = str
    if own.flags:
        kind = list[str] if own.kind.flag is None else list[bool]
    place = Argument.VAR_POSITIONAL if own.kind.is_many else Argument.POSITIONAL_ONLY
    is_needed = own.default is REQUIRED or own.kind.is_many
    return Argument(
        own.name,
        Argument.KEYWORD_ONLY if own.flags else place,
        default=Argument.empty if is_needed else None,
        # pydantic, where another package has loaded it, checks the default as well
        annotation=Annotated[kind if is_needed else kind | None, declared],
    )


def _refuse_two_formats(values: Mapping[str, Any]) -> None:
    named = values.get("format", "json")
    if values.get("as_json") and named != "json":
        raise InputError(
            f"--json and --format {named} contradict each other; give one of them."
        )


def _kept(paragraph: str) -> str:
    """A paragraph as it stands, or a list of examples."""
    if paragraph.startswith("$ "):
        return (
            "Examples:\n" + re.sub("^[$] ", "  ", paragraph, flags=re.MULTILINE) + "\n"
        )
    return paragraph


def _check_path(
    option: str, path: str, suffixes: tuple[str, ...], overwrite: bool
) -> None:
    """Refuse a suffix of another kind, and a file that could not be written."""
    from physfit.data.files.output_lock import free_target

    if Path(path).suffix.lower() not in suffixes:
        ends = " or ".join(suffixes)
        raise InputError(f"{option} `{path}` must end in {ends}, which says its kind.")
    free_target(path, overwrite)
    if ".png" in suffixes:
        logs_as_sentences()
