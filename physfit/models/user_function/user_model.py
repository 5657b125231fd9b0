"""`pf.model`: a model from a Python function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from physfit.errors import ModelError
from physfit.models.model import Model, component
from physfit.models.user_function.elements import elements_of
from physfit.models.user_function.function import UserFunction
from physfit.models.user_function.grid import Form
from physfit.models.user_function.own_guess import OwnGuess
from physfit.models.user_function.partials import checked_kernel, is_point
from physfit.models.user_function.settings import FunctionSettings, Limits, params_of
from physfit.models.user_function.signature import Coordinates, signature_of

__all__ = ["model", "model_of"]

#: What Python and numpy say where one number is taken for several.
OF_ONE_NUMBER = ("unpack", "subscriptable", "iterable", "scalar variable", "has no len")

_Function = Callable[..., Any]


@overload
def model(
    function: _Function,
    *,
    x: Coordinates | None = ...,
    names: Sequence[str] | int | None = ...,
    bounds: Mapping[str, Limits] | Sequence[Limits] | None = ...,
    units: Mapping[str, str] | Sequence[str] | None = ...,
    guess: Mapping[str, float] | _Function | None = ...,
    prefix: str = ...,
    exact: bool = ...,
) -> Model: ...


@overload
def model(
    function: None = ...,
    *,
    x: Coordinates | None = ...,
    names: Sequence[str] | int | None = ...,
    bounds: Mapping[str, Limits] | Sequence[Limits] | None = ...,
    units: Mapping[str, str] | Sequence[str] | None = ...,
    guess: Mapping[str, float] | _Function | None = ...,
    prefix: str = ...,
    exact: bool = ...,
) -> Callable[[_Function], Model]: ...


def model(
    function: _Function | None = None,
    *,
    x: Coordinates | None = None,
    names: Sequence[str] | int | None = None,
    bounds: Mapping[str, Limits] | Sequence[Limits] | None = None,
    units: Mapping[str, str] | Sequence[str] | None = None,
    guess: Mapping[str, float] | _Function | None = None,
    prefix: str = "",
    exact: bool = False,
) -> Model | Callable[[_Function], Model]:
    """Model of a Python function, as a call or as a decorator.

    The function runs once on values that write down what is done to them. What comes
    of it is differentiated exactly, compiled, and compared with the function. Globals,
    closures and attributes that it reads count as they are now.

    Parameters
    ----------
    function : callable
        `f(x, a, b)` of numpy, with `x` an array. Arguments with a number as default
        are held there (where all have one these are start values), other defaults are
        kept. A default or an annotation may be `pf.param(...)`, `pf.bounds(...)` or
        `pf.fixed(...)`; in `Annotated[float, pf.bounds(0, None), "s"]` a text is the
        unit.
    x : int, str or sequence of them, optional
        Position or name of the coordinates among the arguments, the first if left out,
        -1 for the last; several of them for several coordinates. A function may also
        take several as one array or tuple.
    names : sequence of str or int, optional
        Names of the parameters where the function takes them as `*p`, as one vector or
        as lmfit's `Parameters`; or how many there are.
    bounds : mapping of str to pair, optional
        Lower and upper bounds of parameters, None for no bound on that side.
    units : mapping of str to str, optional
        Units of parameters: a text such as "s", or "y/x" in terms of those of the data.
    guess : mapping of str to float, or callable, optional
        Start values, or a function `(x, y)` that finds them in data: as a dict, or one
        for each parameter. What it leaves out is guessed as for any model.
    prefix : str
        Precedes the names of the parameters, where a function stands twice in a model.
    exact : bool
        Whether a function that cannot be traced is refused, with the reason. As it is,
        it is called as Python: its derivatives are exact where dual numbers get through
        it, and differences elsewhere; the report says so.

    Returns
    -------
    Model
        Or a decorator, where `function` is left out.

    Raises
    ------
    ModelError
        When the arguments cannot be understood, or the function cannot be traced.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> @pf.model(bounds={"tau": (0, None)})
    ... def decay(t, a, tau, c):
    ...     return a * np.exp(-t / tau) + c
    >>> decay.names
    ('a', 'tau', 'c')
    >>> t = np.linspace(0.0, 5.0, 50)
    >>> result = pf.fit(decay, t, 2.0 * np.exp(-t / 1.5) + 0.25)
    >>> round(result["tau"].value, 6)
    1.5
    >>> (decay + pf.models.Gaussian()).names
    ('a', 'tau', 'c', 'amplitude', 'center', 'sigma')
    """
    starts = guess if isinstance(guess, Mapping) else None
    if guess is not None and starts is None and not callable(guess):
        raise ModelError(
            f"`guess` must be a dict of start values, or a function of (x, y), but is "
            f"{guess!r}."
        )
    settings = FunctionSettings(bounds, units, starts)
    finder = None if isinstance(guess, Mapping) else guess

    def made(own: _Function) -> Model:
        return model_of(
            *(own, x, names),
            settings=settings,
            guess=finder,
            prefix=prefix,
            exact=exact,
        )

    return made if function is None else made(function)


def model_of(
    function: _Function,
    x: Coordinates | None = None,
    names: Sequence[str] | int | None = None,
    *,
    settings: FunctionSettings = FunctionSettings(),  # noqa: B008
    guess: _Function | None = None,
    prefix: str = "",
    count: int | None = None,
    exact: bool = False,
) -> Model:
    """Model of a function; see `model`, and `signature_of` for `count`."""
    if isinstance(function, Model) or not callable(function):
        what = "the model " * isinstance(function, Model)
        raise ModelError(
            "`function` must be a function such as lambda x, a: a * x, but is "
            f"{what}{function!r}."
        )
    is_called = bool(getattr(function, "__physfit_called__", False))

    def understood(**how: Any) -> UserFunction:
        signature = signature_of(function, x, **{"names": names, **how})
        params = params_of(signature.parameters, settings)
        finder = None if guess is None else OwnGuess(guess, signature.names)
        return UserFunction(function, signature, params, exact, is_called, finder)

    own = understood(count=count)
    if is_point(function):
        kernel = checked_kernel(function, own.signature)
        return component(own.by_hand(kernel), prefix)
    found = own.declaration(own.signature.n_coordinates, Form.ARRAYS)
    if found is None and not is_called:
        if names is None and count is None:
            elements = elements_of(function, own.signature)
            if elements:
                own = understood(names=elements)
                found = own.declaration(own.signature.n_coordinates, Form.ARRAYS)
        # A default may be a number of terms, or an index.
        kept = understood(count=count, keeps_numbers=True)
        if found is None and kept.signature.names not in ((), own.signature.names):
            found = kept.declaration(kept.signature.n_coordinates, Form.ARRAYS)
            if any(type(one.default) is int for one in own.signature.parameters):
                own = kept
        error = None if found or count is not None else _error_of_numbers(own)
        if error is not None and names is not None:
            vector = understood(holds_all=True)
            if vector.signature == own.signature:
                raise ModelError(_said_of_names(own, error)) from error
            own = vector
            found = own.declaration(own.signature.n_coordinates, Form.ARRAYS)
        elif error is not None and len(own.signature.names) == 1:
            raise ModelError(_said_of_one(own, error)) from error
    return component(own.unbound if found is None else found, prefix)


def _error_of_numbers(own: UserFunction) -> Exception | None:
    """What a function raises where it takes a number for several, if it does."""
    signature = own.signature
    samples = [np.linspace(0.5, 1.5, 16)] * signature.n_coordinates
    places, keywords = signature.arguments(samples, [np.float64(1.0)] * len(own.params))
    try:
        with np.errstate(all="ignore"):
            own.function(*places, **keywords)
    except (TypeError, IndexError) as error:
        return error if any(words in str(error) for words in OF_ONE_NUMBER) else None
    except Exception:  # it may ask for other samples
        return None
    return None


def _said_of_one(own: UserFunction, error: Exception) -> str:
    return (
        f"`{own.name}` was called with one number as `{own.signature.names[0]}` "
        f"({error}); if it takes several parameters there, pass pf.model({own.name}, "
        "names=('a', 'tau')), with a name for each, or how many there are."
    )


def _said_of_names(own: UserFunction, error: Exception) -> str:
    return (
        f"`{own.name}` was called with one number for each of its arguments that are "
        f"no coordinates ({error}), named {', '.join(own.signature.names)}; if one of "
        "them holds all parameters, give the others, such as data, a default."
    )
