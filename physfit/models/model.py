"""Models: frozen declarations that join components by `+` and `*`.

A model is a tree of components and one `Param` for each of their parameters. All that a
fit needs (names, layout for the engine, index maps, start and bounds as arrays) follows
from these two, is computed once and kept on the instance, outside of equality, hash and
pickle. The module is long because all that can be asked of a model stands, described,
in this one class; the work is done in the modules beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.engine import blocks
from physfit.engine.layout import Layout, Tie
from physfit.engine.program import evaluate
from physfit.engine.tape import tape_gradient
from physfit.errors import InputError, ModelError, check_known, did_you_mean
from physfit.kernels.kernel import Host, Kernel
from physfit.models import programs
from physfit.models import tree as trees
from physfit.models.convolution.notes import notes_of_responses
from physfit.models.declaration import Declaration, Derived
from physfit.models.expression import Expression
from physfit.models.guess import guess
from physfit.models.loss import LEAST_SQUARES, Loss
from physfit.models.param import Change, Param, as_change, fixed, tie
from physfit.models.samples import configurations_of, joined, samples_of
from physfit.models.ties import ordered_ties
from physfit.typing import Column, FloatArray

if TYPE_CHECKING:
    from physfit.models.user_function.function import UserFunction

__all__ = ["Model", "component"]

#: A tied or fixed value handed to a model may differ by this much, relatively.
AGREEMENT = 1e-9


@dataclass(frozen=True, repr=False)
class Model:
    """A model: components joined by operators, with a parameter for each of theirs.

    Made by the callables of `physfit.models`, `+`, `-`, `*`, `/`, `@` (convolution with
    a response of unit area), `through`, `where` and `parse_model`.

    Attributes
    ----------
    tree : Leaf or Join
        Components and how they are joined.
    params : tuple of Param
        All parameters, in the order of the components.

    Examples
    --------
    >>> from physfit.models import Gaussian, Linear
    >>> model = Gaussian("a_") + Linear()
    >>> model.names
    ('a_amplitude', 'a_center', 'a_sigma', 'slope', 'intercept')
    >>> model.where(slope=0.5).parameters["slope"].start
    0.5
    """

    tree: trees.Tree
    params: tuple[Param, ...]

    __array_ufunc__ = None  # arrays leave operators to the methods below

    def __add__(self, other: Model) -> Model:
        return self._joined("+", other)

    def __mul__(self, other: Model) -> Model:
        return self._joined("*", other)

    def __sub__(self, other: Model) -> Model:
        return self._joined("-", other)

    def __truediv__(self, other: Model) -> Model:
        return self._joined("/", other)

    def __matmul__(self, other: Model) -> Model:
        return self._joined("@", other)

    def __radd__(self, other: object) -> Model:
        if type(other) is int and other == 0:  # where the built-in sum begins
            return self
        raise _no_model("+", other)

    def __rmul__(self, other: object) -> Model:
        raise _no_model("*", other)

    def __rsub__(self, other: object) -> Model:
        raise _no_model("-", other)

    def __rtruediv__(self, other: object) -> Model:
        raise _no_model("/", other)

    def __rmatmul__(self, other: object) -> Model:
        raise _no_model("@", other)

    def __abs__(self) -> Model:
        return self.through("abs")

    def through(self, function: str) -> Model:
        """A function of the model's value.

        Parameters
        ----------
        function : str
            "exp", "log", "sqrt", "sin", "cos" or "tanh" of a real model; "real",
            "imag", "abs" or "phase" (in rad) of a complex one, and "reflectivity" (at
            normal incidence) or "energy_loss", Im(-1 / eps), of a dielectric function.

        Returns
        -------
        Model

        Raises
        ------
        ModelError
            When there is no such function, or it takes models of the other kind.

        Examples
        --------
        >>> from physfit.models import ComplexRingdown, Linear
        >>> abs(ComplexRingdown()).expression
        'abs(complex_ringdown)'
        >>> float(Linear().through("exp")(0.0, slope=1.0, intercept=0.0))
        1.0
        """
        said = "there is no function", [function], trees.FUNCTIONS, " of models"
        check_known(*said, error=ModelError)
        return Model(trees.join(function, self.tree), self.params)

    def _joined(self, operator: str, other: Model) -> Model:
        if not isinstance(other, Model):
            raise _no_model(operator, other)
        joined = trees.join(operator, self.tree, other.tree)
        right = other
        if operator == "@":
            right = _as_response(other)
        elif operator in "*/" and trees.scale_of(self.tree) is not None:
            right = _normalised(other)
        return Model(joined, self.params + right.params)

    def where(self, **changes: Change | float) -> Model:
        """Model with some parameters changed.

        Parameters
        ----------
        **changes : float or Change
            For each parameter a number (its start value), `pf.param(start, bounds)`
            (free), `pf.fixed(value)`, `pf.bounds(lower, upper)` or
            `pf.tie("expression")`.

        Returns
        -------
        Model
            Another one; this one stays as it is.

        Raises
        ------
        ModelError
            When a name is unknown or a change does not fit the parameter.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear().where(slope=2.0, intercept=pf.fixed(0.0))
        >>> line.free_names, line.parameters["slope"].start
        (('slope',), 2.0)
        """
        return self._changed(changes, {})

    def _changed(
        self, changes: Mapping[str, Change | float], values: Mapping[str, float]
    ) -> Model:
        """Model with changes as for `where`, of parameters that have these values.

        Where a change gives no start, the value is the start, put inside new bounds.
        """
        for name in changes:
            self._known(name)
        params = tuple(
            as_change(param.name, changes[param.name]).apply(
                *(own.started(values.get(own.name)) for own in (param, declared))
            )
            if param.name in changes
            else param
            for param, declared in zip(
                self.params, trees.declared(self.tree), strict=True
            )
        )
        changed = Model(self.tree, params)
        ordered_ties(changed.parameters)
        return changed

    @cached_property
    def parameters(self) -> Mapping[str, Param]:
        """All parameters by name, in the order of the components."""
        return MappingProxyType({param.name: param for param in self.params})

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(self.parameters)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each parameter among all."""
        return MappingProxyType({name: k for k, name in enumerate(self.names)})

    @cached_property
    def free_names(self) -> tuple[str, ...]:
        """Names of the parameters that a fit moves."""
        return tuple(param.name for param in self.params if param.is_free)

    @cached_property
    def free_index(self) -> Mapping[str, int]:
        """Position of each free parameter among the free ones."""
        return MappingProxyType({name: k for k, name in enumerate(self.free_names)})

    @cached_property
    def free_start(self) -> FloatArray:
        """Start values of the free parameters, NaN where none was given; read-only."""
        starts = (param.start for param in self.params if param.is_free)
        return _frozen([np.nan if start is None else start for start in starts])

    @cached_property
    def free_lower(self) -> FloatArray:
        """Lower bounds of the free parameters; read-only."""
        return _frozen([param.lower for param in self.params if param.is_free])

    @cached_property
    def free_upper(self) -> FloatArray:
        """Upper bounds of the free parameters; read-only."""
        return _frozen([param.upper for param in self.params if param.is_free])

    @cached_property
    def free_limits(self) -> tuple[list[float], list[float]]:
        """Lower and upper bounds of the free parameters, as lists."""
        return self.free_lower.tolist(), self.free_upper.tolist()

    @cached_property
    def is_bounded(self) -> bool:
        """Whether any free parameter has a finite bound."""
        limits = (*self.free_lower, *self.free_upper)
        return bool(np.isfinite(limits).any())

    @cached_property
    def layout(self) -> Layout:
        """The model as the engine reads it."""
        held = frozenset(param.name for param in self.params if param.fixed)
        fixed = (
            (k, param.start)
            for k, param in enumerate(self.params)
            if param.fixed and param.start is not None
        )
        ties = (
            Tie(self.index[name], expression.tape(self.index))
            for name, expression in ordered_ties(self.parameters)
        )
        return Layout(
            operations=programs.operations(self.tree, 0, held),
            n_full=len(self.params),
            free=tuple(self.index[name] for name in self.free_names),
            fixed=tuple(fixed),
            ties=tuple(ties),
            n_inputs=self.n_inputs,
            n_outputs=self.n_outputs,
        )

    @cached_property
    def own_kernels(self) -> Mapping[str, str]:
        """Digest of each kernel that is not one of physfit's, by name.

        Those of physfit go with its version, and formulas with the expression.
        """
        digests: dict[str, str] = {}
        for leaf in trees.leaves(self.tree):
            declaration, kernel = leaf.declaration, leaf.declaration.kernel
            if declaration.is_function and declaration.graph is not None:
                digest = declaration.graph_digest
            elif declaration.response is not None:
                digest = declaration.response.digest
            elif kernel.host is not None or not _is_of_physfit(kernel):
                digest = blocks.digest(kernel)
            else:
                continue
            known = digests.get(kernel.name, digest)
            digests[kernel.name] = digest if known == digest else f"{known} {digest}"
        return MappingProxyType(digests)

    @cached_property
    def terms(self) -> Mapping[str, Layout]:
        """Layout of each term of a sum, by its expression; all read the full values."""
        whole = self.layout
        return MappingProxyType(
            {
                trees.expression(part): whole._replace(operations=operations, ties=())
                for part, operations in programs.components(self.tree)
            }
        )

    @cached_property
    def functions(self) -> tuple[UserFunction, ...]:
        """The users' functions among the components."""
        found = (leaf.declaration.function for leaf in trees.leaves(self.tree))
        return tuple(one for one in found if one is not None)

    @cached_property
    def grid_sizes(self) -> tuple[int, ...]:
        """Samples of the grids that components are valid on alone."""
        grids = (leaf.declaration.grid for leaf in trees.leaves(self.tree))
        return tuple(grid.n_samples for grid in grids if grid is not None)

    @cached_property
    def reads_places(self) -> bool:
        """Whether components know the samples of their one grid by their place."""
        leaves = trees.leaves(self.tree)
        return any(leaf.declaration.kernel.n_by_sample for leaf in leaves)

    @cached_property
    def n_inputs(self) -> int:
        """How many coordinates a sample has."""
        return max(1, trees.shape_of(self.tree).n_inputs)

    @cached_property
    def spins(self) -> tuple[int, ...]:
        """Sides of the lattice whose configurations the model takes; else ()."""
        return trees.leaves(self.tree)[0].declaration.spins

    @cached_property
    def n_outputs(self) -> int:
        """1 for real values, 2 for complex ones."""
        return trees.shape_of(self.tree).n_outputs

    @cached_property
    def prefix(self) -> str:
        """Prefix of a single component; "" for a composite."""
        return self.tree.prefix if isinstance(self.tree, trees.Leaf) else ""

    @cached_property
    def expression(self) -> str:
        """How the components are joined, as `parse_model` reads it."""
        return trees.expression(self.tree)

    @cached_property
    def description(self) -> str:
        """The expression and the formula of each component, a line each."""
        parts = [self.expression]
        for leaf in trees.leaves(self.tree):
            name, formula = trees.expression(leaf), leaf.declaration.formula
            parts.append(name if name == formula else f"{name}: {formula}")
        return "\n".join(parts)

    @cached_property
    def derived(self) -> tuple[Derived, ...]:
        """Quantities that follow from the parameters, with their prefixes."""
        sides = trees.convolutions(self.tree)
        responses = {leaf for _, side in sides for leaf in trees.leaves(side)}
        return tuple(
            quantity
            for leaf in trees.leaves(self.tree)
            for quantity in leaf.declaration.derived_of(leaf.prefix)
            if leaf not in responses or quantity.unit != "y"  # they have no height
        )

    @cached_property
    def at_origin(self) -> tuple[str, ...]:
        """Parameters that are values at x = 0 (see `origins`)."""
        return tuple(
            leaf.prefix + name
            for leaf in trees.pointwise_leaves(self.tree)
            for name in leaf.declaration.at_origin
        )

    @property
    def derivatives(self) -> str:
        """How derivatives are taken where they are not compiled; else ""."""
        return "; ".join(host.note for host in self._hosts)

    @property
    def depends_on_grid(self) -> bool:
        """Whether the value at a sample is known to depend on the other samples."""
        if any(
            leaf.declaration.grid is not None and not leaf.declaration.function.is_here
            for leaf in trees.leaves(self.tree)
            if leaf.declaration.function is not None
        ):
            return True
        leaves = trees.leaves(self.tree)
        if any(leaf.declaration.follows_peaks for leaf in leaves):
            return True
        return not all(host.is_pointwise for host in self._hosts)

    @cached_property
    def _hosts(self) -> tuple[Host, ...]:
        """Python functions that are called for values."""
        hosts = (own.declaration.kernel.host for own in trees.leaves(self.tree))
        return tuple(host for host in hosts if host is not None)

    @cached_property
    def conventions(self) -> Mapping[str, str]:
        """What others define otherwise, of each kind of component that says so."""
        kinds = (leaf.declaration for leaf in trees.leaves(self.tree))
        return {own.point: own.convention for own in kinds if own.convention}

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was decided for the user, for reports."""
        kept = [(own.declaration.note, own.prefix) for own in trees.leaves(self.tree)]
        said = [note.format(prefix=prefix) for note, prefix in kept if note]
        said += [
            f"`{name}` is fixed at 1: of the factors of a product only the first keeps "
            f"its scale; free it with where({name}=pf.param()) or --start {name}=1."
            for name in trees.product_scales(self.tree)
            if self.parameters[name].fixed and self.parameters[name].start == 1.0
        ]
        return (*said, *notes_of_responses(self))

    def full_values(self, values: Mapping[str, float] | None = None) -> FloatArray:
        """Value of every parameter: free ones given or at their start, ties resolved.

        Parameters
        ----------
        values : mapping of str to float, optional
            Values of free parameters. Fixed and tied ones may stand in it when they
            agree with the model to 1e-9.

        Returns
        -------
        ndarray, shape (n_full,)
            In the order of `names`.

        Raises
        ------
        ModelError
            When a name is unknown.
        InputError
            When a free parameter has neither value nor start, or a fixed or tied one
            disagrees.

        Examples
        --------
        >>> import physfit as pf
        >>> voigt = pf.models.Voigt().where(gamma=pf.tie("2 * sigma"))
        >>> voigt.full_values({"amplitude": 3.0, "center": 5.0, "sigma": 0.5})
        array([3. , 5. , 0.5, 1. ])
        """
        values = {} if values is None else values
        full = np.empty(len(self.params))
        for k, param in enumerate(self.params):
            value = (
                values.get(param.name, param.start) if param.is_free else param.start
            )
            if value is None and param.tie is None:
                for name in values:  # a misspelt one may be the value that is missing
                    self._known(name)
                raise InputError(
                    f"`{param.name}` has neither a value nor a start; pass "
                    f"{param.name}=..., or give a start with where({param.name}=...)."
                )
            full[k] = np.nan if value is None else _as_float(param.name, value)
        for target, tape in self.layout.ties:
            full[target] = tape_gradient(tape, full)[0]
        self._agrees(values, full)
        return full

    def _agrees(self, values: Mapping[str, float], full: FloatArray) -> None:
        for name, value in values.items():
            param = self._known(name)
            held = full[self.index[name]]
            number = _as_float(name, value)
            if param.is_free or np.isclose(number, held, rtol=AGREEMENT, atol=0.0):
                continue
            how = f"tied to `{param.tie}`" if param.tie is not None else "fixed"
            raise InputError(
                f"`{name}` is {how} at {float(held)!r} and cannot take the value "
                f"{value!r}; free it first with where({name}=pf.param())."
            )

    def __call__(
        self, x: Any, /, *ordered: float, **values: float
    ) -> NDArray[np.generic]:
        """Values of the model at `x`.

        Parameters
        ----------
        x : array_like
            Coordinates; of shape (n_inputs, ...) when a sample has more than one, of
            shape (..., *spins) for configurations of spins.
        *ordered : float
            The first parameters, in the order of `names`.
        **values : float
            Parameters by name; those left out are at their start.

        Returns
        -------
        ndarray
            In the shape of `x` (without its first axis for several coordinates);
            complex for a complex model.

        Raises
        ------
        ModelError
            When a name is unknown.
        InputError
            When `x` holds no real numbers or has another number of coordinates, or a
            parameter has neither value nor start or is given twice, or a fixed or tied
            one disagrees.

        Examples
        --------
        >>> from physfit.models import Linear
        >>> Linear()([0.0, 1.0, 2.0], slope=2.0, intercept=1.0)
        array([1., 3., 5.])
        """
        if ordered:
            values = self._named(ordered, values)
        full = self.full_values(values)
        if self.spins:
            spins, shape = configurations_of(x, self.spins)
            return evaluate(self.layout, full, spins)[0].reshape(shape)
        model, x = self.bound_to(x)
        points, shape = samples_of(x, model.n_inputs)
        value, _ = evaluate(model.layout, full, points)
        return joined(value).reshape(shape)

    def with_partials(
        self, x: ArrayLike, /, **values: float
    ) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        """Values at `x`, and the partials by every parameter along the first axis.

        The partials are those of the components: a tied parameter has its own, and its
        part in the parameters of the tie is not added.

        Parameters
        ----------
        x, **values
            As for the model's values.

        Returns
        -------
        value : ndarray
            In the shape of `x`.
        partials : ndarray, shape (n_full, ...)
            In the order of `names`.

        Raises
        ------
        ModelError, InputError
            As for the model's values.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear()
        >>> value, partials = line.with_partials([0.0, 3.0], slope=2.0, intercept=1.0)
        >>> value, partials[line.index["slope"]]
        (array([1., 7.]), array([0., 3.]))
        """
        model, x = self.bound_to(x)
        points, shape = model.coordinates(x)
        full = self.full_values(values)
        value, partials = evaluate(model.layout, full, points, partials=True)
        columns = np.moveaxis(cast("FloatArray", partials), 1, 0)
        return joined(value).reshape(shape), joined(columns).reshape(len(full), *shape)

    def bound_to(self, x: Any, size: int | None = None) -> tuple[Model, Any]:
        """A model that can be evaluated at `x`, and coordinates as it takes them.

        A user's function may take several coordinates in one argument, or ask for what
        only all samples tell; any other model is returned as it is.

        Parameters
        ----------
        x : array_like or tuple of array_like
            Coordinates, as a function takes them.
        size : int, optional
            Number of values in the data. A function may return more than there are
            samples; coordinates are repeated then.

        Returns
        -------
        model : Model
        x : array_like

        Raises
        ------
        ModelError, ShapeError
            When the function cannot be evaluated there.

        Examples
        --------
        >>> from physfit.models import Linear
        >>> Linear().bound_to([0.0, 1.0])
        (Model('linear'), [0.0, 1.0])
        """
        if not self.functions:
            return self, x
        known = self.__dict__.get("_is_pointwise")
        if known and type(x) is np.ndarray and x.ndim == 1:
            return self, x
        from physfit.models.user_function.binding import bound

        return bound(self, x, size)

    def coordinates(self, x: ArrayLike) -> tuple[FloatArray, tuple[int, ...]]:
        """Coordinates as the engine reads them, and the shape of values at them.

        Parameters
        ----------
        x : array_like
            As for the model's values.

        Returns
        -------
        points : ndarray, shape (n_inputs, n)
            Of float64, C-contiguous.
        shape : tuple of int

        Raises
        ------
        InputError
            As for the model's values.

        Examples
        --------
        >>> from physfit.models import IsingEnergy
        >>> IsingEnergy(3).coordinates([[1, 1, 1], [1, 1, -1]])
        (array([[ 1.,  1.],
               [ 1.,  1.],
               [ 1., -1.]]), (2,))
        """
        if not self.spins:
            return samples_of(x, self.n_inputs)
        spins, shape = configurations_of(x, self.spins)
        return np.array(spins.T, dtype=np.float64, order="C"), shape

    def guess(
        self,
        x: Column,
        y: Column,
        sigma: Column | float | None = None,
        loss: str | Loss = LEAST_SQUARES,
    ) -> dict[str, float]:
        """Start values of the free parameters, from data; starts already given stay.

        Parameters
        ----------
        x, y : array_like, shape (n,)
            The data, in any order; samples that are not finite are left out.
        sigma : array_like, shape (n,), or float, optional
            Standard deviations of `y`; equal ones without them.
        loss : str or Loss
            What the fit minimises. For a robust one, samples far from their neighbours
            count for less.

        Returns
        -------
        dict of str to float
            By the names of the free parameters, in the units of x and y, each within
            its bounds.

        Raises
        ------
        InputError
            When there are too few samples or they are none, or a start that was given
            leaves the model without a finite value.

        Examples
        --------
        >>> import physfit as pf
        >>> start = pf.models.Linear().guess([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        >>> {name: round(value, 6) for name, value in start.items()}
        {'slope': 2.0, 'intercept': 1.0}
        """
        return guess(self, x, y, sigma, loss)

    def _named(
        self, ordered: Sequence[float], values: Mapping[str, float]
    ) -> dict[str, float]:
        """Values by name, of which some are given in the order of the names."""
        if len(ordered) > len(self.names):
            raise InputError(
                f"{self.expression} has {len(self.names)} parameters, but "
                f"{len(ordered)} values are given; pass {', '.join(self.names)}."
            )
        named = dict(zip(self.names, ordered, strict=False))
        for name in values:
            if name in named:
                raise InputError(
                    f"`{name}` is given twice, in its place and by name; give it once."
                )
        return {**named, **values}

    def _known(self, name: str) -> Param:
        try:
            return self.parameters[name]
        except KeyError:
            raise ModelError(
                f"`{name}` is no parameter of {self.expression}; "
                f"{did_you_mean(name, self.names)}"
            ) from None

    @cached_property
    def _hash(self) -> int:
        return hash((self.tree, self.params))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Model], tuple[trees.Tree, tuple[Param, ...]]]:
        return Model, (self.tree, self.params)

    def __repr__(self) -> str:
        changed = (
            f"{param.name}={_state(param)}"
            for param, declared in zip(
                self.params, trees.declared(self.tree), strict=True
            )
            if param != declared
        )
        return f"Model({', '.join([repr(self.expression), *changed])})"

    def _repr_html_(self) -> str:
        from physfit.document.html import as_html
        from physfit.models.description import described_model

        return as_html(described_model(self))


def component(declaration: Declaration, prefix: str = "") -> Model:
    """Model of one component, with the ties that it is declared with."""
    model = Model(trees.leaf(declaration, prefix), declaration.params(prefix))
    ties = {
        prefix + name: tie(Expression.parse(text, prefix).text)
        for name, text in declaration.tied
    }
    return model.where(**ties) if ties else model


def _is_of_physfit(kernel: Kernel) -> bool:
    return kernel.function.__module__.startswith("physfit.")


def _as_response(model: Model) -> Model:
    """Response of a convolution: scale fixed at 1 and origin at 0, unless touched."""
    declared = {param.name: param for param in trees.declared(model.tree)}
    held = {
        name: fixed(value)
        for name, value in trees.held_of_response(model.tree)
        if model.parameters[name] == declared[name]
    }
    return model.where(**held) if held else model


def _normalised(model: Model) -> Model:
    """Second factor of a product: its scale fixed at 1, unless `where` touched it."""
    name = trees.scale_of(model.tree)
    declared = {param.name: param for param in trees.declared(model.tree)}
    if name is None or model.parameters[name] != declared[name]:
        return model
    return model.where(**{name: fixed(1.0)})


def _state(param: Param) -> str:
    if param.tie is not None:
        return repr(param.tie)
    if param.fixed:
        return f"fixed({param.start!r})"
    start = "" if param.start is None else repr(param.start)
    limits = f" in [{param.lower!r}, {param.upper!r}]"
    return (start + limits).strip()


def _as_float(name: str, value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` takes a number, not {value!r}.") from None


def _frozen(values: list[float]) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def _no_model(operator: str, other: object) -> ModelError:
    """Error of joining a model with what is none."""
    came, cure = repr(other)[:40], "make it a model first"
    if isinstance(other, int | float):
        cure = "pf.models.Constant() stands for a number"
    elif isinstance(other, str):
        cure = f"pf.parse_model({came}) makes one of a text"
    elif callable(other):
        came = getattr(other, "__name__", came)
        cure = f"pf.model({came}) makes one of a function"
    return ModelError(f"`{operator}` joins models, but one side is {came}; {cure}.")
