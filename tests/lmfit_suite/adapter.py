"""lmfit's interface over physfit, as far as lmfit's own tests of models use it.

`lmfit_modules` makes modules that those tests import under the names of lmfit, so that
they run unchanged: models are those of `physfit.models.lmfit`, fits those of `pf.fit`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import physfit as pf
from physfit.models import lmfit as ours
from physfit.models.tree import leaves


class Parameter(SimpleNamespace):
    """A value with bounds, as lmfit has it."""

    value: float

    def __eq__(self, other: object) -> bool:
        value = other.value if isinstance(other, Parameter) else other
        return bool(np.isclose(self.value, value, rtol=1e-6, atol=1e-9))

    def __lt__(self, other: float) -> bool:
        return self.value < other

    def __gt__(self, other: float) -> bool:
        return self.value > other

    def __mul__(self, other: float) -> float:
        return self.value * other

    def __pow__(self, other: float) -> float:
        return self.value**other

    def __neg__(self) -> float:
        return -self.value

    def __rsub__(self, other: float) -> float:
        return other - self.value

    def __float__(self) -> float:
        return float(self.value)


class Parameters(dict[str, Parameter]):
    """Parameters by name."""

    def __add__(self, other: Mapping[str, Parameter]) -> Parameters:
        return Parameters({**self, **other})

    def update_constraints(self) -> None:
        """Nothing: derived values follow when they are asked for."""


class Model:
    """A model of physfit with the methods of lmfit's."""

    def __init__(self, model: pf.Model, name: str = "") -> None:
        self.model, self._name = model, name

    def __add__(self, other: Model) -> Model:
        return Model(self.model + other.model)

    def make_params(self, **values: Any) -> Parameters:
        """Parameters with these values; `dict(value=, min=, max=)` bounds one."""
        prefix = self.model.prefix
        found = {}
        for own in self.model.params:
            given = values.get(own.name, values.get(own.name.removeprefix(prefix)))
            said = given if isinstance(given, dict) else {"value": given}
            low, high = said.get("min", own.lower), said.get("max", own.upper)
            found[own.name] = Parameter(value=said["value"], min=low, max=high)
        return Parameters(found)

    def guess(self, data: Any, *where: Any, **named: Any) -> Parameters:
        """Start values by physfit; a constant needs no x."""
        if all(leaf.declaration.is_flat for leaf in leaves(self.model.tree)):
            return self._guess(data, np.arange(float(np.size(data))))
        return self._guess(data, *where, **named)

    def _guess(self, data: Any, x: Any, **others: Any) -> Parameters:
        if "y" in others:
            x = np.array([x, others["y"]])
        return self.make_params(**self.model.guess(x, data))

    def fit(self, data: Any, params: Parameters, x: Any) -> SimpleNamespace:
        """The fit by physfit, from these values, without a guess where all have one."""
        changes = {}
        for own in self.model.params:
            if own.tie is None and own.name in params:
                given = params[own.name]
                bounds = (given.min, given.max)
                changes[own.name] = pf.param(start=given.value, bounds=bounds)
        result = pf.fit(self.model.where(**changes), x, data)
        estimates = {
            name: Parameter(value=result[name].value, stderr=result[name].stderr)
            for name in (*result.model.names, *result.derived)
        }
        values = {name: own.value for name, own in estimates.items()}
        n_free = len(result.model.free_names)
        return SimpleNamespace(
            params=estimates,
            best_values={name: values[name] for name in self.model.names},
            chisqr=result.chi2,
            nvarys=n_free,
            # as lmfit counts them, which needs one for each derivative
            nfev=result.n_evals * (1 + n_free),
            errorbars=bool(np.isfinite(result.covariance).all()),
        )


def lmfit_modules(lineshapes: ModuleType) -> dict[str, ModuleType]:
    """Modules by the names under which lmfit's tests import them.

    Parameters
    ----------
    lineshapes : module
        lmfit's own, for the signatures of its functions alone.
    """
    shapes, models, top = (
        ModuleType(name) for name in ("lmfit.lineshapes", "lmfit.models", "lmfit")
    )
    shapes.functions = lineshapes.functions
    shapes.tiny, shapes.not_zero = lineshapes.tiny, lineshapes.not_zero
    for name in lineshapes.functions:
        setattr(shapes, name, _function(name, getattr(lineshapes, name)))
    for name in ours.__all__:
        setattr(models, name, _maker(name, getattr(ours, name)))
    models.__getattr__ = _missing  # type: ignore[method-assign]
    top.lineshapes, top.models = shapes, models
    return {own.__name__: own for own in (top, shapes, models)}


def _missing(name: str) -> Callable[..., Model]:
    """What fails when it is called: tests import more than they all use."""
    if not name.endswith("Model"):
        raise AttributeError(name)

    def make(*args: Any, **how: Any) -> Model:
        raise NotImplementedError(f"physfit.models.lmfit has no {name}")

    return make


def _maker(name: str, maker: Callable[..., pf.Model]) -> Callable[..., Model]:
    def make(*args: Any, prefix: str = "", **how: Any) -> Model:
        return Model(maker(*args, prefix=prefix, **how), name)

    return make


#: Models of lmfit's functions, where the names differ by more than their writing.
_MODELS: dict[str, Callable[..., pf.Model]] = {
    "pvoigt": ours.PseudoVoigtModel,
    "dho": ours.DampedHarmonicOscillatorModel,
    "expgaussian": ours.ExponentialGaussianModel,
    "powerlaw": ours.PowerLawModel,
    "parabolic": ours.QuadraticModel,
    "gaussian2d": ours.Gaussian2dModel,
    "logistic": lambda: ours.StepModel("logistic"),
    "expsine": lambda: ours.ExpressionModel(
        "amplitude * sin(x * frequency + shift) * exp(-x * decay)"
    ),
}


def _function(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the signature of lmfit's and the values of physfit's model."""
    known = name.replace("_", " ").title().replace(" ", "")
    maker = _MODELS.get(name) or getattr(ours, f"{known}Model")
    signature = inspect.signature(theirs)

    def function(*args: Any, **keywords: Any) -> Any:
        bound = signature.bind(*args, **keywords)
        bound.apply_defaults()
        values = {own: one for own, one in bound.arguments.items() if own != "form"}
        form = {k: one for k, one in bound.arguments.items() if k == "form"}
        model = maker(**form)
        x = values.pop("x")
        if "y" in values:
            x = np.array(np.broadcast_arrays(x, values.pop("y")))
        if values.get("gamma", 0.0) is None:
            values["gamma"] = values["sigma"]
        free = {own: pf.param() for own in model.names}
        found = model.where(**free)(x, **values)
        return float(found) if np.ndim(found) == 0 else found

    function.__signature__ = signature  # type: ignore[attr-defined]
    return function
