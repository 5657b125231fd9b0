"""Commands of several files: one after another, each with outputs of its own name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from physfit.cli.command import Command
from physfit.cli.console import say
from physfit.cli.wording import called_as_written
from physfit.errors import InputError, PhysfitError

__all__ = ["OfFiles"]

T = TypeVar("T")

#: What stands for the name of a file in the path of an output.
NAME = "{name}"


class OfFiles(Command):
    """A command that takes further files, `more`, after its `data`.

    Attributes
    ----------
    for_each : tuple of str
        Settings that name an output of each file; the other outputs are of all.
    """

    for_each: ClassVar[tuple[str, ...]] = ()

    @property
    def inputs(self) -> list[str]:
        """Files that are read."""
        return [*super().inputs, self.data, *(self.more or ())]

    def each(self) -> list[Self]:
        """The command of each file alone; outputs of all are with the first one."""
        paths = {
            name: self.values[name]
            for name in self.for_each
            if self.values.get(name) is not None
        }
        if not self.more and not any(NAME in path for path in paths.values()):
            return [self]
        for name, path in paths.items():
            self._check_pattern(name, path)
        others = [
            name
            for name, own in self.settings.items()
            if own.kind.suffixes is not None and name not in self.for_each
        ]
        return [
            self.replaced(
                data=file,
                more=None,
                **{name: _filled(path, file) for name, path in paths.items()},
                **(dict.fromkeys(others) if k else {}),
            )
            for k, file in enumerate([self.data, *(self.more or ())])
        ]

    def outputs(self) -> dict[str, str]:
        """Files that are written, by their options; refused if they could not be."""
        alone = self.each()
        if alone == [self]:
            return super().outputs()
        return {
            f"{option} of `{own.data}`": path
            for own in alone
            for option, path in own.outputs().items()
        }

    def one_by_one(self, act: Callable[[Self], T]) -> Iterator[T | PhysfitError]:
        """What is found for each file; of several none stops the others by an error."""
        alone = self.each()
        if len(alone) == 1:
            yield act(alone[0])
            return
        for own in alone:
            outcome: T | PhysfitError
            try:
                with called_as_written(self.settings, (), None):
                    outcome = act(own)
            except PhysfitError as error:
                is_named = own.data in str(error)
                say(f"error: {'' if is_named else f'`{own.data}`: '}{error}")
                outcome = error
            yield outcome

    def _check_pattern(self, name: str, path: Any) -> None:
        """Refuse one path for the outputs of several files."""
        if NAME in path:
            return
        option = min(self.settings[name].flags, key=len)
        file = Path(path)
        raise InputError(
            f"{option} `{path}` is one file for {1 + len(self.more or ())}; write "
            f"{NAME} in it, which stands for the name of each, as in "
            f"`{file.with_name(f'{file.stem}_{NAME}{file.suffix}')}`."
        )


def _filled(pattern: str, file: str) -> str:
    """The pattern with the name of a file, and of a place inside, in it.

    Examples
    --------
    >>> _filled("fit_{name}.png", "runs/a.csv.gz")
    'fit_a.png'
    >>> _filled("{name}.json", "run.h5::/entry/data")
    'run_entry_data.json'
    """
    path, _, inside = file.partition("::")
    name = Path(path).name.removesuffix(".gz")
    place = inside.strip("/").replace("/", "_")
    return pattern.replace(NAME, "_".join(filter(None, [Path(name).stem, place])))
