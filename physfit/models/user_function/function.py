"""A user's function, and the component that it becomes on the samples of data.

It is compiled where it can be traced: for any samples, or for those of a grid where it
asks for what only all of them tell. Elsewhere it is called as Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from physfit.errors import ModelError
from physfit.kernels.kernel import Kernel
from physfit.models.decision import agree
from physfit.models.declaration import Declaration
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.graph import Graph
from physfit.models.host_function import host_kernel
from physfit.models.param import Param
from physfit.models.tracing import NeedsGrid, Traced, TraceError, trace
from physfit.models.user_function.called import Arguments, Called, Lost, place_of
from physfit.models.user_function.grid import Form, Grid
from physfit.models.user_function.names import name_of
from physfit.models.user_function.own_guess import OwnGuess
from physfit.models.user_function.signature import Signature

__all__ = ["Placed", "Unbound", "UserFunction"]

#: Compiled values agree with those of the function to this, relative to the largest.
AGREEMENT = 1e-9
#: Trial values of parameters, relative to their start or to 1.
TRIALS = (1.0, 1.25, 0.75, 0.4)


class Placed(NamedTuple):
    """The component of a function on a grid, and how many values it has there."""

    declaration: Declaration
    n_values: int


@dataclass(frozen=True, eq=False)
class UserFunction:
    """A Python function with what is known of its arguments.

    Attributes
    ----------
    function : callable
    signature : Signature
    params : tuple of Param
        Its parameters, without prefix.
    is_exact : bool
        Whether it is refused where it cannot be compiled.
    is_called : bool
        Whether it is called as Python without an attempt to trace it.
    guess : OwnGuess or None
        Finds its start values in data.
    reasons : dict
        Why it is not compiled for any samples, by form and number of coordinates.
    """

    function: Callable[..., Any]
    signature: Signature
    params: tuple[Param, ...]
    is_exact: bool = False
    is_called: bool = False
    guess: OwnGuess | None = None
    reasons: dict[tuple[Form, int], TraceError] = field(
        default_factory=dict, repr=False
    )
    _pointwise: dict[tuple[Form, int], Declaration] = field(
        default_factory=dict, repr=False
    )
    _seen: list[tuple[Grid, list[float], Any]] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """Name for people."""
        return name_of(self.function)

    @property
    def is_here(self) -> bool:
        """Whether the function itself is in this process."""
        return not isinstance(self.function, Lost)

    def declaration(self, n_inputs: int, form: Form) -> Declaration | None:
        """Component that is compiled for any samples; None where there is none.

        Parameters
        ----------
        n_inputs : int
            Coordinates of a sample.
        form : Form
            How the function takes them.
        """
        key = (form, n_inputs)
        if self.is_called:
            return None
        if key not in self._pointwise and key not in self.reasons:
            try:
                traced = self._traced(n_inputs, form, None)
                self._pointwise[key] = self._component(traced)
            except TraceError as error:
                self.reasons[key] = error
        return self._pointwise.get(key)

    def placed(self, grid: Grid) -> Placed:
        """Component on the samples of a grid.

        Raises
        ------
        ModelError
            When the function cannot be called there, or only as Python although that
            was ruled out.
        """
        self.confirm()
        if self.is_called:
            return self.called(grid)
        found = None
        if not grid.lead:
            found = self.declaration(grid.n_inputs, grid.form)
        if found is not None and self.agrees(found, grid):
            return Placed(found, grid.n_samples)
        reason = self.reasons.get((grid.form, grid.n_inputs)) or TraceError(
            f"`{self.name}` has other values on the shape of `x` than sample by sample."
        )
        if found is not None or grid.lead or isinstance(reason, NeedsGrid):
            try:
                traced = self._traced(grid.n_inputs, grid.form, grid)
                found = self._component(traced, grid)
                if self.agrees(found, grid):
                    n_values = found.kernel.n_samples or grid.n_samples
                    return Placed(found, n_values)
            except TraceError as error:
                reason = error
        if self.is_exact:
            raise reason
        return self.called(grid)

    def refusal(self, grid: Grid) -> TraceError | None:
        """Why it is not compiled on a grid, or None."""
        try:
            self._traced(grid.n_inputs, grid.form, grid)
        except TraceError as error:
            return error
        return None

    def confirm(self) -> None:
        """Refuse a function that gives other values than when it was first placed.

        Raises
        ------
        ModelError
            When something that it reads has changed, so that what was traced or fitted
            is no longer what would be called.
        """
        for grid, trial, before in self._seen:
            now = self.called_on(grid, trial)
            if now is None or not _is_same(now, before):
                raise ModelError(
                    f"`{self.name}` gives other values than when its model was made: "
                    "something that it reads has changed; make the model again."
                )

    def _remember(self, grid: Grid, trial: list[float], values: Any) -> None:
        """Keep what the function gave, for `confirm`."""
        if not self._seen and np.isfinite(values).any():
            self._seen.append((grid, trial, values.copy()))

    @property
    def unbound(self) -> Declaration:
        """Component that cannot be evaluated before it has samples."""
        kernel = Kernel(
            name=self.name,
            function=Unbound(self),
            inputs=(),
            parameters=self.signature.names,
        )
        return self._declaration(kernel)

    def by_hand(self, kernel: Kernel) -> Declaration:
        """Component of a kernel with the caller's own partials."""
        found = self._declaration(kernel)
        return replace(found, function=None)

    def called_on(self, grid: Grid, values: Sequence[float]) -> Any:
        """What the function returns on a grid; None where it raises an error."""
        called = Called(self.function, self.signature, grid, grid.n_samples)
        try:
            with np.errstate(all="ignore"):
                # copies: of what it may change, and of what it may fill again
                found = np.array(called(grid.rows.copy(), *values))
            return found if found.dtype.kind in "fiubc" else None
        except Exception:  # whatever a function does with such values
            return None

    def trials(self) -> Iterator[list[float]]:
        """Values of the parameters to look at the function with."""
        for factor in TRIALS:
            middle = [1.0 if own.start is None else own.start for own in self.params]
            near = [own * (factor + 0.01 * k) for k, own in enumerate(middle)]
            limits = [(own.lower, own.upper) for own in self.params]
            yield [
                float(np.clip(own, *pair))
                for own, pair in zip(near, limits, strict=True)
            ]

    def _traced(self, n_inputs: int, form: Form, grid: Grid | None) -> Traced:
        lead = () if grid is None else grid.lead
        function, arguments = self.function, Arguments(self.signature, form, lead)

        def call(columns: Sequence[Any], values: Sequence[Any]) -> Any:
            places, keywords = arguments(columns, values)
            return function(*places, **keywords)

        starts = [own.start for own in self.params if own.start is not None]
        points = [starts] if starts and len(starts) == len(self.params) else []
        columns = None if grid is None else grid.columns
        return trace(call, n_inputs, self.signature.names, columns, points)

    def agrees(
        self, found: Declaration, grid: Grid, at: Sequence[float] | None = None
    ) -> bool:
        """Whether a compiled component has the function's values on a grid.

        Parameters
        ----------
        found : Declaration
        grid : Grid
        at : sequence of float, optional
            Values of the parameters; those of a trial if left out.
        """
        graph = found.graph
        if graph is None:
            return True
        for trial in self.trials() if at is None else (at,):
            expected = self.called_on(grid, trial)
            if expected is not None and not expected.size:
                return False
            if expected is None or not np.isfinite(expected).any():
                continue
            builder, arrays = graph.builder(), graph.samples.arrays
            if at is None:
                self._remember(grid, list(trial), expected)
            values = evaluated(builder, graph.outputs, grid.columns, trial, arrays)
            value = values[0] if len(values) == 1 else values[0] + 1j * values[1]
            n = arrays[0].size if arrays else grid.n_samples
            return _is_same(np.broadcast_to(value, n), expected)
        return True

    def called(self, grid: Grid) -> Placed:
        """Component that calls the function, on a grid."""
        result = None
        for trial in self.trials():
            result = self.called_on(grid, trial)
            if result is not None:
                self._refuse_random(result, self.called_on(grid, trial))
                self._remember(grid, trial, result)
                break
        n_values, n_outputs = grid.n_samples, 1
        if result is not None and result.dtype.kind == "c":
            n_outputs = 2
        if result is not None and result.size > 1:
            n_values = result.size
        kernel = host_kernel(
            Called(self.function, self.signature, grid, n_values),
            self.signature.names,
            grid.n_inputs,
            n_outputs,
            name=self.name,
            limits=(
                [own.lower for own in self.params],
                [own.upper for own in self.params],
            ),
        )
        is_any = n_values == grid.n_samples
        return Placed(
            self._declaration(kernel, grid=None if is_any else grid), n_values
        )

    def _refuse_random(self, one: Any, other: Any) -> None:
        """Refuse a function that gives other values each time that it is called."""
        if other is None or not _is_same(one, other):
            raise ModelError(
                f"`{self.name}` gives other values each time that it is called, as one "
                "does that draws random numbers; draw them once, outside of it."
            )

    def _component(self, traced: Traced, grid: Grid | None = None) -> Declaration:
        graph = traced.graph
        found = self._declaration(kernel_of(graph, self.name), graph, grid)
        notes = [_flat_note(self.name, traced.flat)]
        notes += [f"The value of {self.name} {note}." for note in traced.notes]
        note = " ".join(filter(None, notes))
        return replace(found, note=note) if note else found

    def _declaration(
        self, kernel: Kernel, graph: Graph | None = None, grid: Grid | None = None
    ) -> Declaration:
        document = (self.function.__doc__ or "").strip().partition("\n")[0]
        return Declaration(
            kernel=kernel,
            description=document,
            formula=f"{self.name}({', '.join(self.signature.names)})",
            parameters=self.params,
            graph=graph,
            function=self,
            own_guess=self.guess,
            grid=grid,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> UserFunction:
        return self  # a copy by name would lose functions that have none

    def __reduce__(self) -> tuple[Any, ...]:
        place = place_of(self.function)
        kept = (self.signature, self.params, self.is_exact, self.is_called, self.guess)
        return _restored, (place, self.name, *kept)


class Unbound:
    """What stands for the kernel of a function that has no samples yet."""

    __physfit_role__ = "scalar"

    def __init__(self, own: UserFunction) -> None:
        self.own = own
        self.__name__ = own.name

    def __call__(self, *arguments: Any) -> Any:
        """Refused."""
        raise ModelError(
            f"`{self.__name__}` has no values before its samples are known; call the "
            "model, or fit it to data in memory."
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unbound) and self.own.function == other.own.function

    def __hash__(self) -> int:
        return hash((Unbound, self.own.name))


def _restored(
    place: tuple[str, str] | None,
    name: str,
    signature: Signature,
    params: tuple[Param, ...],
    *others: Any,
) -> UserFunction:
    from physfit.models.user_function.called import imported

    function: Callable[..., Any] = Lost(name)
    if place is not None:
        try:
            function = imported(place)
        except ModelError as error:
            function = Lost(name, str(error))
    return UserFunction(function, signature, params, *others)


def _flat_note(name: str, flat: Sequence[str]) -> str:
    """Sentence about parameters by which the derivative is zero everywhere."""
    if not flat:
        return ""
    listed = ", ".join(f"`{{prefix}}{own}`" for own in flat)
    it = "it" if len(flat) == 1 else "them"
    return (
        f"The value of `{name}` has no slope in {listed}: a fit cannot find {it}; make "
        f"the step smooth, as with tanh, or hold {it} with pf.fixed(value)."
    )


def _is_same(found: Any, expected: Any) -> bool:
    """Whether values agree, relative to the largest."""
    found, expected = (np.ravel(own) + 0.0 for own in (found, expected))  # no bool
    if expected.size == 1:
        expected = np.broadcast_to(expected, found.shape)
    return found.shape == expected.shape and agree(expected, found, AGREEMENT, 0)
