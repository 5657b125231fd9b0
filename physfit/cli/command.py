"""A command: its settings, its help, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import Signature, cleandoc
from pathlib import Path
from typing import Any, ClassVar, Self

from physfit.cli import kinds
from physfit.cli.console import logs_as_sentences, say
from physfit.cli.settings import Setting, Settings, own_settings
from physfit.errors import InputError

__all__ = ["Command"]


class Command(Settings, panel="Output"):
    """The settings of a command, and what it does with them.

    The docstring of a command is its help: lines after `$` are examples.

    Attributes
    ----------
    command : str
        Its name.
    takes : tuple of str
        Settings of its bases that are options beside its own ones.
    options : list of Setting
        In the order of the help.
    """

    command: ClassVar[str] = ""
    takes: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[list[Setting[Any]]] = []

    as_json = kinds.FLAG("--json", "Print one JSON object in place of the report.")
    overwrite = kinds.FLAG("--overwrite", "Replace files that exist.")
    quiet = kinds.FLAG("--quiet -q", "No notes, warnings and progress on stderr.")

    def __init_subclass__(cls, command: str = "", **places: str) -> None:
        super().__init_subclass__(**places)
        first = [name for name in cls.takes if name in ("data", "model")]
        own = [each.name for each in own_settings(cls)]
        names = dict.fromkeys([*first, *own, *cls.takes])
        cls.command, cls.options = command, [cls.declared[name] for name in names]

    @classmethod
    def of(cls, **typed: Any) -> Self:
        """Command from what typer makes of the command line."""
        return cls(**cls.read(typed))

    @classmethod
    def read(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the options that are there."""
        # By identity: 0 is a seed, and equal to False.
        return {
            name: cls.declared[name].read(words)
            for name, words in typed.items()
            if words is not None and words is not False
        }

    @property
    def inputs(self) -> list[str]:
        """Files that are read."""
        return []

    def outputs(self) -> dict[str, str]:
        """Files that are written, by their options; refused if they could not be."""
        outputs: dict[str, str] = {}
        for each in self.options:
            path, suffixes = getattr(self, each.name), each.kind.suffixes
            if suffixes is None or path is None:
                continue
            option = min(each.flags, key=len)
            outputs[option] = path
            if suffixes:
                _check_path(option, path, suffixes, self.overwrite)
        return outputs

    def note(self, text: str) -> None:
        """Say something worth knowing on stderr, but with `--quiet`."""
        if not self.quiet:
            say(text)

    def warn(self, text: str) -> None:
        """Say something that should not be overlooked."""
        self.note(f"warning: {text}")

    def run(self) -> int:
        """Do what is asked; the exit code."""
        raise NotImplementedError

    @classmethod
    def function(cls) -> Callable[..., int]:
        """The command as function for typer."""

        def run(**typed: Any) -> int:
            command = cls.of(**typed)
            if outputs := command.outputs():
                from physfit.data.files.outputs import refuse_inputs

                refuse_inputs(outputs, command.inputs)
            return command.run()

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
