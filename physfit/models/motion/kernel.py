"""Kernels of motions."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from physfit.engine.dormand_prince import tableau
from physfit.engine.host import host_block
from physfit.engine.trajectory import Equations, Sizes, follow, work_size
from physfit.kernels.kernel import Context, Generated, Kernel
from physfit.models.motion.motion import Motion
from physfit.models.motion.texts import Writer

__all__ = ["motion_kernel"]


@lru_cache(maxsize=256)
def motion_kernel(motion: Motion, name: str) -> Kernel:
    """Kernel of a motion: its curve is followed once for each set of parameters.

    Parameters
    ----------
    motion : Motion
    name : str
        For people.
    """
    writer = Writer(motion)
    equations = Equations(
        begin=writer.begin(),
        rates=writer.rates(),
        switches=writer.switches(),
        crossing=writer.crossing(),
        can_slide=writer.can_slide(),
        observe=writer.observe(),
    )
    n_outputs, n_parameters = len(motion.observed), len(motion.parameters)
    n_switches = len(writer.branches.switches)
    sizes = motion.n_states, n_parameters, n_outputs, n_switches
    tolerances = motion.rtol, motion.atol, motion.max_steps
    numbers = ", ".join(map(repr, (*sizes, *tolerances)))
    text = (
        "def prepare(params, x, ldx, n, wanted, context, scratch):\n"
        f"    # {_digest(equations)}\n"
        f"    sizes = Sizes({numbers})\n"
        "    follow(params, x, n, context, scratch, (equations, sizes))\n"
    )
    calls = {"follow": follow, "Sizes": Sizes, "equations": equations}
    return Kernel(
        name=name,
        function=host_block,
        inputs=motion.graph.inputs,
        parameters=motion.parameters,
        n_outputs=n_outputs,
        is_block=True,
        context=Context(tableau(), *writer.arrays),
        scratch=work_size(motion.n_states, n_parameters, n_switches),
        scratch_per_sample=n_outputs * (1 + n_parameters) + 1,
        prepare=Generated("prepare", text, calls),  # type: ignore[arg-type]
    )


def _digest(equations: Equations) -> str:
    """Hash of all texts: generated functions are equal where their own texts are."""
    texts, waiting = list[str](), list(equations)
    while waiting:
        own = waiting.pop()
        if isinstance(own, Generated):
            texts.append(own.text)
            waiting += own.calls.values()
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
