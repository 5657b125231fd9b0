"""A user's function, and the component that it becomes on the samples of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from physfit.kernels.kernel import Kernel
from physfit.models.declaration import Declaration
from physfit.models.graph.compilation import kernel_of
from physfit.models.param import Param
from physfit.models.tracing import NeedsGrid, Traced, trace
from physfit.models.user_function.grid import Form, Grid
from physfit.models.user_function.signature import Signature, name_of

__all__ = ["UserFunction"]


class Arguments:
    """What a function is called with, from columns and values of parameters.

    With slots and no dictionary, so that a trace, which copies functions and objects of
    users, leaves it as it is.
    """

    __slots__ = ("form", "signature")

    def __init__(self, signature: Signature, form: Form) -> None:
        self.signature = signature
        self.form = form

    def __call__(
        self, columns: Sequence[Any], values: Sequence[Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments by place and by keyword."""
        return self.signature.arguments(self.form.arguments(columns), values)


@dataclass(frozen=True, eq=False)
class UserFunction:
    """A Python function with what is known of its arguments.

    Attributes
    ----------
    function : callable
    signature : Signature
    params : tuple of Param
        Its parameters, without prefix.
    """

    function: Callable[..., Any]
    signature: Signature
    params: tuple[Param, ...]
    _declared: dict[tuple[Form, int], Declaration | None] = field(
        default_factory=dict, repr=False
    )

    @property
    def name(self) -> str:
        """Name for people."""
        return name_of(self.function)

    def declaration(self, n_inputs: int, form: Form) -> Declaration | None:
        """Component that has a value for each sample alone; None where none is found.

        Parameters
        ----------
        n_inputs : int
            Coordinates of a sample.
        form : Form
            How the function takes them.
        """
        key = (form, n_inputs)
        if key not in self._declared:
            try:
                traced = self._traced(n_inputs, form, None)
            except NeedsGrid:
                self._declared[key] = None
            else:
                self._declared[key] = self._component(traced)
        return self._declared[key]

    def declaration_on(self, grid: Grid) -> Declaration:
        """Component on the samples of a grid alone."""
        return self._component(self._traced(grid.n_inputs, grid.form, grid))

    @property
    def unbound(self) -> Declaration:
        """Component that cannot be evaluated before it has samples."""
        kernel = Kernel(
            name=self.name,
            function=self.function,
            inputs=(),
            parameters=self.signature.names,
        )
        return self._declaration(kernel)

    def _traced(self, n_inputs: int, form: Form, grid: Grid | None) -> Traced:
        function, arguments = self.function, Arguments(self.signature, form)

        def call(columns: Sequence[Any], values: Sequence[Any]) -> Any:
            places, keywords = arguments(columns, values)
            return function(*places, **keywords)

        return trace(
            call, n_inputs, self.signature.names, None if grid is None else grid.columns
        )

    def _component(self, traced: Traced) -> Declaration:
        declared = self._declaration(kernel_of(traced.graph, self.name))
        return replace(declared, graph=traced.graph)

    def _declaration(self, kernel: Kernel) -> Declaration:
        document = (self.function.__doc__ or "").strip().partition("\n")[0]
        return Declaration(
            kernel=kernel,
            description=document,
            formula=f"{self.name}({', '.join(self.signature.names)})",
            parameters=self.params,
            function=self,
        )
