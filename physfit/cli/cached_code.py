"""Commands `cache info`, `clear` and `warm`: the folder of compiled code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import typer

from physfit.cli.console import progress_bar
from physfit.cli.exit_codes import ExitCode
from physfit.cli.options import QuietOption

__all__ = ["app"]

app = typer.Typer(
    help="Look at, empty or fill the folder of compiled code.", no_args_is_help=False
)


@app.command()
def info() -> int:
    """Print where compiled code is kept, how many kernels and how large they are."""
    from physfit.engine.cache import entries, folder

    found = entries()
    size = sum(path.stat().st_size for path in found)
    print(f"folder   {folder()}")
    print(f"kernels  {len(found)}")
    print(f"size     {size / 1024:.0f} KiB")
    return ExitCode.CONVERGED


@app.command()
def clear() -> int:
    """Delete all compiled code; the next fits compile anew."""
    from physfit.engine.cache import clear as clear_folder
    from physfit.engine.cache import folder

    print(f"deleted {clear_folder()} kernels from {folder()}")
    return ExitCode.CONVERGED


@app.command()
def warm(quiet: QuietOption = False) -> int:
    """Compile everything now, so that the first fit need not."""
    from physfit.engine.cache import folder

    began = perf_counter()
    tasks = _compilations()
    with progress_bar("compiling", quiet, total=len(tasks)) as update:
        for done, (name, build) in enumerate(tasks.items()):
            if update is not None:
                update(done, name)
            build()
    seconds = perf_counter() - began
    print(f"{len(tasks)} kernels are ready in {folder()} ({seconds:.1f} s)")
    return ExitCode.CONVERGED


def _compilations() -> dict[str, Callable[[], Any]]:
    """What compiles each kernel, by name: components, losses, drivers."""
    import physfit.models.catalogue  # noqa: F401  fills the registries
    from physfit.engine import blocks, jit
    from physfit.kernels.registry import LOSSES, POINTS

    tasks: dict[str, Callable[[], Any]] = {}
    for name in POINTS:
        tasks[name] = partial(blocks.component, name)
    for name in LOSSES:
        tasks[f"{name} loss"] = partial(blocks.loss, name)
    for driver in _drivers():
        tasks[driver.__name__] = partial(jit.compiled, driver)
    return tasks


def _drivers() -> list[Callable[..., Any]]:
    """Functions of the engine that Python calls by address."""
    from physfit.engine import fit, normal, program

    marked = {
        value.__name__: value
        for module in (program, normal, fit)
        for value in vars(module).values()
        if hasattr(value, "__physfit_signature__")
    }
    return list(marked.values())
