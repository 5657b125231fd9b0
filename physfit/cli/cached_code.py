"""Commands `cache info`, `clear` and `warm`: the folder of compiled code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pkgutil import walk_packages
from time import perf_counter
from typing import TYPE_CHECKING, Any

from physfit.cli.command import Command
from physfit.cli.console import print_text
from physfit.cli.exit_codes import ExitCode
from physfit.settings.outputs import Quiet

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["Clear", "Info", "Warm", "compilations"]


class Info(Command, command="cache info"):
    """Print where compiled code is kept, how many kernels and how large they are."""

    def run(self) -> int:
        """Look, and print."""
        from physfit.engine.cache import entries, folder, not_trusted

        kernels, ignored = entries(), len(not_trusted())
        size = sum(path.lstat().st_size for path in kernels)
        print_text(f"folder   {folder()}")
        print_text(f"kernels  {len(kernels) - ignored}")
        print_text(f"size     {size / 1024:.0f} KiB")
        if ignored:
            print_text(
                f"ignored  {ignored}, which somebody else may have written; clear them"
            )
        return ExitCode.CONVERGED


class Clear(Command, command="cache clear"):
    """Delete all compiled code; the next fits compile anew."""

    def run(self) -> int:
        """Delete, and say how much."""
        from physfit.engine.cache import clear, folder

        print_text(f"deleted {clear()} kernels from {folder()}")
        return ExitCode.CONVERGED


class Warm(Command, command="cache warm"):
    """Compile everything now, so that the first fit need not."""

    takes = (Quiet,)

    def run(self) -> int:
        """Compile, behind a bar."""
        from physfit.engine.cache import folder
        from physfit.progress import counted, progress_bar

        began = perf_counter()
        tasks = compilations()
        is_wanted = self.watched is True
        with progress_bar("compiling", counted(), is_wanted=is_wanted) as callback:
            for done, (name, build) in enumerate(tasks.items()):
                if callback is not None:
                    callback(done, len(tasks), name)
                build()
        seconds = perf_counter() - began
        print_text(f"{len(tasks)} kernels are ready in {folder()} ({seconds:.1f} s)")
        return ExitCode.CONVERGED


def compilations() -> dict[str, Callable[[], Any]]:
    """What compiles each kernel, by name: components, losses, drivers."""
    import numpy as np

    import physfit.kernels.losses
    import physfit.models.catalogue  # noqa: F401  both fill the registries
    from physfit.engine import blocks, chain, jit, many
    from physfit.engine.abi import PREPARE
    from physfit.kernels.registry import LOSSES
    from physfit.models import Doniach, Gaussian, Lorentzian, Moffat, Shirley
    from physfit.models.convolution.response import response_declared
    from physfit.models.declaration import DECLARATIONS
    from physfit.models.ising_energy import IsingEnergy
    from physfit.optim import transforms
    from physfit.optim.base import Kind

    tasks: dict[str, Callable[[], Any]] = {}
    for name, declaration in DECLARATIONS.items():
        kernel = declaration.kernel
        tasks[name] = partial(blocks.component, kernel)
        if kernel.prepare is not None:
            prepare = partial(blocks.part, kernel.prepare, PREPARE)
            tasks[f"{name}, followed"] = prepare
    tasks["energies of spins"] = partial(_assembled, IsingEnergy(4))
    known, summed = Gaussian() @ Lorentzian("r_"), Moffat() @ Gaussian("r_")
    tasks["convolutions that are known"] = partial(_assembled, known)
    tasks["convolutions that are summed"] = partial(_assembled, summed)
    metal = Doniach() @ Gaussian("r_")
    tasks["lines of metals with a Gaussian"] = partial(_assembled, metal)
    tasks["backgrounds of peaks"] = partial(_assembled, Gaussian() + Shirley())
    places = np.arange(4.0)
    measured = response_declared(places, np.full(4, 0.25)).kernel
    tasks["measured responses"] = partial(blocks.component, measured)
    for loss in LOSSES.values():
        inputs = 3 + len(loss.hyper)
        each = partial(blocks.elementwise, loss.function, inputs, 4)
        tasks[f"{loss.name} loss"] = partial(blocks.loss, loss)
        tasks[f"{loss.name} loss of each sample"] = each
    for driver in _drivers():
        tasks[driver.__name__] = partial(jit.compiled, driver)
    for n in range(1, many.MOST_UNROLLED + 1):
        tasks[f"many fits of {n} parameters"] = partial(many.compiled_driver, n)
    for kind in vars(transforms).values():
        if isinstance(kind, Kind):
            stage = chain.Stage(kind.function, kind.state, ())
            tasks[kind.name] = partial(chain.compiled_stage, stage)
    return tasks


def _assembled(model: Model) -> Any:
    """Program of a model, compiled."""
    from physfit.engine.problem import assemble

    return assemble(model.layout)


def _drivers() -> list[Callable[..., Any]]:
    """Functions of the engine that Python calls by address."""
    from physfit import engine

    marked = {
        value.__name__: value
        for module in walk_packages(engine.__path__, f"{engine.__name__}.")
        for value in vars(import_module(module.name)).values()
        if hasattr(value, "__physfit_signature__")
    }
    return list(marked.values())
