"""What an optimiser is made of: transforms, their chain, and the registry of recipes.

A transform changes the step on its way from the gradient to the parameters. It is
declared by a function of one parameter, which is compiled:

    @transform(state=("m",))
    def ewma(step, m, beta=0.9):
        m = beta * m + (1.0 - beta) * step
        return m, m

The arguments are found by name: `step` is what comes in; `theta`, `scale`, `lower`,
`upper` and `metric` belong to the parameter; `t`, `rate` and `norm` are shared by all
(see `physfit.engine.chain`); states are named by the decorator; all others are
hyper-parameters with their defaults. Back come the step and the new states.

`within` gives the half-open range of a hyper-parameter where it has one.

An `Optimizer` is a chain of transforms with a name and a usual learning rate. The
sign flips in one place only: the loop subtracts what the chain leaves of the gradient.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from physfit.engine.chain import Stage, code_of, signature_of
from physfit.errors import DomainError, InputError, check_known
from physfit.optim.numbers import merged

__all__ = ["Kind", "Optimizer", "Transform", "chain", "transform"]


@dataclass(frozen=True)
class Transform:
    """A transform with its hyper-parameters.

    Attributes
    ----------
    kind : Kind
        What it does.
    hyper : tuple of float
        Values in the order of `kind.hyper_names`.

    Examples
    --------
    >>> from physfit.optim.transforms import clip_by_value
    >>> clip_by_value(0.5)
    clip_by_value(limit=0.5)
    """

    kind: Kind
    hyper: tuple[float, ...]

    @property
    def stage(self) -> Stage:
        """What the engine compiles."""
        return Stage(self.kind.function, self.kind.state, self.hyper)

    @property
    def digest(self) -> str:
        """Beginning of the SHA-256 of its code, that of the functions it calls too."""
        return hashlib.sha256(code_of(self.stage).encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        pairs = zip(self.kind.hyper_names, self.hyper, strict=True)
        return f"{self.kind.name}({', '.join(f'{n}={v!r}' for n, v in pairs)})"


@dataclass(frozen=True)
class Kind:
    """A kind of transform; calling it with hyper-parameters makes a `Transform`.

    Attributes
    ----------
    function : callable
        Of one parameter; see the module.
    state : tuple of str
    observes : bool
        Whether it only looks at the step, so that it stands behind the projection on
        the bounds.
    within : tuple of (str, (float, float))
        Half-open ranges of hyper-parameters.
    """

    function: Callable[..., Any]
    state: tuple[str, ...] = ()
    observes: bool = False
    within: tuple[tuple[str, tuple[float, float]], ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        return _kind_named, (self.function.__module__, self.function.__qualname__)

    @property
    def name(self) -> str:
        """Name of its function."""
        return self.function.__name__

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """Names of the hyper-parameters, in order."""
        return signature_of(self.function, self.state)

    def __call__(self, *values: float, **named: float) -> Transform:
        """Transform with hyper-parameters, by place or by name.

        Raises
        ------
        InputError
            When one is unknown, given twice, missing, or no finite number.
        """
        names = self.hyper_names
        if len(values) > len(names):
            raise InputError(
                f"`{self.name}` takes {len(names)} hyper-parameters "
                f"({', '.join(names) or 'none'}), but got {len(values)}."
            )
        check_known(f"`{self.name}` has no hyper-parameter", named, names)
        numbers = merged(dict(zip(names, values, strict=False)), named)
        return Transform(self, tuple(self._value(name, numbers) for name in names))

    def _value(self, name: str, numbers: dict[str, float]) -> float:
        default = inspect.signature(self.function).parameters[name].default
        value = numbers.get(name, default)
        if value is inspect.Parameter.empty:
            raise InputError(f"`{self.name}` needs `{name}`; give it a number.")
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(
                f"`{name}` of `{self.name}` must be a finite number, but is {value!r}."
            )
        low, high = dict(self.within).get(name, (-math.inf, math.inf))
        if not low <= number < high:
            below = "" if math.isinf(high) else f" and below {high:g}"
            raise DomainError(
                f"`{name}` of `{self.name}` must be at least {low:g}{below}, but is "
                f"{value!r}."
            )
        return number


def _kind_named(module: str, name: str) -> Any:
    """Kind that stands under a name in a module; how a kind comes out of a pickle."""
    return getattr(importlib.import_module(module), name)


def transform(
    *,
    state: tuple[str, ...] = (),
    observes: bool = False,
    within: Mapping[str, tuple[float, float]] | None = None,
) -> Callable[[Callable[..., Any]], Kind]:
    """Decorator that makes a kind of transform of a function of one parameter.

    Parameters
    ----------
    state : tuple of str
        Arguments that are states: they start at 0, and the function returns their new
        values behind the step.
    observes : bool
        Whether the step passes through unchanged, as for averages of the parameters.
    within : mapping, optional
        From the names of hyper-parameters to their half-open ranges (low, high).

    Returns
    -------
    callable
        Takes the function, returns the `Kind`.

    Raises
    ------
    InputError
        When the signature does not fit.

    Examples
    --------
    >>> @transform()
    ... def scale_by_sign(step):
    ...     return 1.0 if step > 0.0 else -1.0
    >>> scale_by_sign()
    scale_by_sign()
    """

    def make(function: Callable[..., Any]) -> Kind:
        said = f"the transform `{function.__name__}` has no hyper-parameter"
        check_known(said, within or {}, signature_of(function, state))
        function.__physfit_role__ = "scalar"  # type: ignore[attr-defined]
        return Kind(function, state, observes, tuple((within or {}).items()))

    return make


@dataclass(frozen=True)
class Optimizer:
    """A chain of transforms under a name.

    Attributes
    ----------
    name : str
    transforms : tuple of Transform
        In the order in which the gradient passes through them.
    learning_rate : float
        Where a fit gives none; fits on minibatches let it fall in the second half of
        their steps.
    """

    name: str
    transforms: tuple[Transform, ...]
    learning_rate: float = 0.01

    def then(self, *more: Transform) -> Optimizer:
        """Optimizer with further transforms at the end of its chain."""
        return replace(self, transforms=(*self.transforms, *more))

    def __str__(self) -> str:
        return self.name


def chain(
    *transforms: Transform, name: str = "custom", learning_rate: float = 0.01
) -> Optimizer:
    """Optimizer that runs transforms in order.

    Parameters
    ----------
    *transforms : Transform
        The last but averages is usually `scale_by_rate()`.
    name : str
        How it is called in reports.
    learning_rate : float
        Where a fit gives none.

    Returns
    -------
    Optimizer

    Raises
    ------
    InputError
        When something else than a transform is given.

    Examples
    --------
    >>> from physfit.optim.transforms import scale_by_rate
    >>> chain(scale_by_rate()).transforms
    (scale_by_rate(),)
    """
    for own in transforms:
        if isinstance(own, Kind):
            raise InputError(f"`{own.name}` is a kind of transform; call it.")
        if not isinstance(own, Transform):
            raise InputError(f"`chain` takes transforms, not {own!r}.")
    return Optimizer(name, tuple(transforms), learning_rate)
