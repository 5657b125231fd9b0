"""Write docs/settings.md: every setting as keyword, key of a job file and option."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name

import physfit as pf
from physfit.cli.commands import COMMANDS
from physfit.cli.job import TABLES
from physfit.document.blocks import Document, Heading, Text, table
from physfit.document.markdown import as_markdown
from physfit.settings import files, fits, minibatches, outputs, studies
from physfit.settings.setting import DOORS, REQUIRED, Setting, declared

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Every setting, as it is declared in `physfit/settings`; this page is written from there.
A keyword of a Python function, a key of a job file (`[table] key`) and an option of the
command line mean the same, and are checked in the same way. In Python a setting that is
left out, or None, has its default; memory is in bytes there.

A job file has all tables of a fit; only `version`, `file` and `expression` are needed.
Options come before what it says, and its paths are relative to it. The lines behind `#`
are for other files and other fits.

```toml
version = 1

[data]
file = "raman.csv"          # relative to this file
x = "shift"                 # column names, or numbers from 0
y = "intensity"
sigma = "err"               # "none" takes none
# dataset = "/entry/data"   # inside an HDF5 file
# skip_rows = 3             # of a text; see "How a file is read"
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
method = "adam"             # or "lm", without the table below
# start = "random"          # draws all starts; else those above, and a guess

[minibatch]                 # for first-order methods and files larger than memory
batch_size = 64
epochs = 300
learning_rate = "inverse_sqrt:0.01"
# weight_decay = 1e-4       # pulls parameters to 0
seed = 1
checkpoint = "raman.ckpt"
resume = true

[output]
result = "raman.h5"
plot = "raman.png"
overwrite = true
```
"""
TITLES = ("setting", "option", "job file", "takes", "default", "what it does")


def page() -> str:
    """Text of the page."""
    blocks = [
        block
        for module in (fits, outputs, minibatches, studies, files)
        for group in vars(module).values()
        if hasattr(group, "__total__") and group.__module__ == module.__name__
        for block in _section(group)
    ]
    return f"{HEAD}\n{as_markdown(blocks)}\n"


def _section(group: type) -> Document:
    """Heading and table of a group's own settings."""
    own = {
        name: each
        for name, each in declared(group).items()
        if f"\n    {name}\n" in (group.__doc__ or "")
    }
    if not own:
        return []
    title = (group.__doc__ or "").split("\n")[0].rstrip(".")
    commands = [f"`{name}`" for name in _commands(own)]
    taken = [f"Options of {', '.join(commands)}."] if commands else []
    doors = [f"`{name}`" for name in _doors(own)]
    taken += [f"Keywords of {', '.join(doors)}."] if doors else []
    rows = [_row(name, each, bool(commands)) for name, each in own.items()]
    shown = table("l", TITLES, rows)
    return [Heading(title, level=2), *(Text([line]) for line in taken), shown]


def _row(name: str, own: Setting, is_typed: bool) -> tuple[str, ...]:
    words, _, usual = own.help.partition(" Default: ")
    if own.default is REQUIRED:
        usual = "required"
    option = f"`{' '.join([*own.flags, own.metavar]).strip()}`"
    place = "parameters.NAME" if own.table == "parameters" else own.table
    key = f"`[{place}] {own.key}`" if own.key in TABLES.get(own.table, {}) else ""
    cells = f"`{name}`", option * is_typed, key, own.kind.words
    return *cells, usual.rstrip("."), words


def _doors(own: Mapping[str, Setting]) -> Iterator[str]:
    """Public functions that take one of the settings."""
    for name in pf.__all__:
        if inspect.isfunction(getattr(pf, name)) and any(  # which imports it
            each is not None and own.get(keyword) is each
            for keyword, each in DOORS.get(name, {}).items()
        ):
            yield f"pf.{name}"


def _commands(own: Mapping[str, Setting]) -> Iterator[str]:
    """Commands that take one of the settings."""
    wanted = {id(each) for each in own.values()}
    for name, place in COMMANDS.items():
        settings = resolve_name(f"physfit.cli.{place}").settings.values()
        if wanted & {id(each) for each in settings}:
            yield name


if __name__ == "__main__":
    PAGE.write_text(page())
