"""What a model declares to the engine: operations, ties, where parameters come from."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias

from physfit.engine.tape import Tape
from physfit.errors import ModelError
from physfit.kernels.kernel import Kernel, Scalar

__all__ = ["Apply", "Code", "Evaluate", "Layout", "Operation", "Tie"]


class Code(IntEnum):
    """Operations of a program; those after APPLY make a complex value real."""

    EVALUATE = 0
    ADD = 1
    SUBTRACT = 2
    MULTIPLY = 3
    DIVIDE = 4
    APPLY = 5
    REAL = 6
    IMAGINARY = 7
    ABSOLUTE = 8
    PHASE = 9
    REFLECTIVITY = 10
    ENERGY_LOSS = 11


class Evaluate(NamedTuple):
    """A component that reads the full parameters from `offset` on."""

    kernel: Kernel
    offset: int


class Apply(NamedTuple):
    """A function of a real value: a marked scalar `v -> (value, derivative)`."""

    function: Scalar


Operation: TypeAlias = Evaluate | Apply | Code


class Tie(NamedTuple):
    """Full parameter `target` is the value of an expression."""

    target: int
    tape: Tape


class Layout(NamedTuple):
    """A model as the engine sees it; operations in post-order."""

    operations: tuple[Operation, ...]
    n_full: int
    free: tuple[int, ...]
    fixed: tuple[tuple[int, float], ...]
    ties: tuple[Tie, ...]
    n_inputs: int
    n_outputs: int

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """Kernels of the components, in their order."""
        return tuple(
            step.kernel for step in self.operations if isinstance(step, Evaluate)
        )

    @property
    def takes_spins(self) -> bool:
        """Whether samples are rows of int8 rather than columns of float64."""
        return any(kernel.takes_spins for kernel in self.kernels)

    @property
    def in_windows(self) -> Layout:
        """The layout where rows come in windows, so that no curve is whole."""
        return self._replace(
            operations=tuple(
                step._replace(kernel=step.kernel.in_windows)
                if isinstance(step, Evaluate)
                else step
                for step in self.operations
            )
        )

    @property
    def calls_python(self) -> bool:
        """Whether a component is computed by a Python function."""
        return any(
            kernel.host is not None or any(own.calls_python for own in kernel.inner)
            for kernel in self.kernels
        )

    def refuse_places(self) -> None:
        """Refuse components that know samples by their place, where these move.

        Raises
        ------
        ModelError
            When there is one.
        """
        for kernel in self.kernels:
            if kernel.n_by_sample:
                raise ModelError(
                    f"{kernel.name} knows its samples by their place, which they lose "
                    "here; fit it to all samples of one curve in memory."
                )

    @property
    def needs_whole_curve(self) -> bool:
        """Whether a component computes with all samples at once."""
        return any(kernel.needs_whole_curve for kernel in self.kernels)

    @property
    def is_pointwise(self) -> bool:
        """Whether one real value follows from one coordinate of a sample, compiled."""
        is_single = self.n_inputs == self.n_outputs == 1
        return is_single and all(kernel.is_pointwise for kernel in self.kernels)
