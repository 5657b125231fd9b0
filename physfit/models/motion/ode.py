"""`pf.ode`: a model from equations of motion."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from physfit.errors import ModelError
from physfit.models.declaration import Declaration
from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.model import Model, component
from physfit.models.motion.kernel import motion_kernel
from physfit.models.motion.motion import MAX_STEPS, RTOL, Motion, entered
from physfit.models.motion.reading import Names, Texts
from physfit.models.motion.stated import Stated, stated_text
from physfit.models.param import Param
from physfit.models.tracing.trace import trace

__all__ = ["declared_motion", "ode"]

MOST_PARAMETERS = 100


def ode(
    rhs: Callable[..., Any] | Mapping[str, str],
    states: Sequence[str] = (),
    *,
    observed: str = "",
    start: Sequence[float | str] | Mapping[str, float | str] | None = None,
    t0: float | str = 0.0,
    x: str = "t",
    prefix: str = "",
    rtol: float = RTOL,
    atol: float = 0.0,
    max_steps: int = MAX_STEPS,
) -> Model:
    """Model of what equations of motion give, with exact sensitivities.

    The equations are integrated in compiled code by steps of order 8, together with
    the derivatives of the states by all parameters. Where the sign of something
    changes that moves, as in dry friction, the time of the change is found and the
    derivatives jump as they must; a state may stay at rest there.

    Parameters
    ----------
    rhs : callable or mapping of str to str
        `rhs(t, state, *params)`, a function of numpy that gives the derivative of each
        state by time, as `scipy.integrate.solve_ivp` takes; or the formula of each, by
        the name of the state.
    states : sequence of str
        Names of the states, in order, where `rhs` is a function.
    observed : str
        Formula of what is measured, of states, parameters and time; complex where it
        holds `1j`. The first state if left out.
    start : sequence or mapping of str to float or str, optional
        Values of the states at `t0`: numbers that are held, or formulas of parameters.
        Of a state that is left out it is a parameter, `theta0` of `theta`.
    t0 : float or str
        Time of the start: a number, or a formula of parameters. Samples may lie before.
    x : str
        Name of the time in formulas.
    prefix : str
        Precedes the names of the parameters.
    rtol, atol : float
        Error of one step, for each state of its largest value so far, and in its unit;
        the derivatives have the same relative error.
    max_steps : int
        Steps that a trajectory may have. Where it would need more, is stiff, or leaves
        the range of numbers, its values are NaN.

    Returns
    -------
    Model
        Of the whole curve: it is fitted to data in memory and to rows, not on batches.

    Raises
    ------
    ModelError
        When the equations cannot be understood, or are not smooth at places that
        cannot be found.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> pendulum = pf.ode(
    ...     {"theta": "v", "v": "-omega0**2 * sin(theta) - mu * sign(v)"},
    ...     start={"v": 0.0},
    ... )
    >>> pendulum.names
    ('omega0', 'mu', 'theta0')
    >>> t = np.linspace(0.0, 10.0, 200)
    >>> theta = pendulum(t, omega0=2.0, mu=0.1, theta0=1.5)
    >>> start = {"omega0": 2.1, "mu": 0.0, "theta0": 1.4}
    >>> result = pf.fit(pendulum, t, theta, start=start)
    >>> round(result["omega0"].value, 6), round(result["mu"].value, 6)
    (2.0, 0.1)

    The same of a function:

    >>> def rhs(t, state, omega0, mu):
    ...     theta, v = state
    ...     return v, -(omega0**2) * np.sin(theta) - mu * np.sign(v)
    >>> pf.ode(rhs, ["theta", "v"], start={"v": 0.0}).names
    ('omega0', 'mu', 'theta0')
    """
    if isinstance(rhs, Mapping):
        names = tuple(rhs)
        if states and tuple(states) != names:
            raise ModelError("`states` are the keys of `rhs`; leave them out.")
    elif callable(rhs) and not isinstance(states, str):
        names = tuple(states)
    else:
        raise ModelError(
            "`rhs` is a function `rhs(t, state, *params)`, with the names of the "
            f"states in a list as `states`, or a formula for each; not {rhs!r}."
        )
    rates = tuple((own, rhs[own]) for own in names) if isinstance(rhs, Mapping) else ()
    starts = _starts(names, start)
    stated = Stated(
        rates, starts, observed or "".join(names[:1]), x, str(t0), rtol, atol, max_steps
    )
    stated.check(names)
    if isinstance(rhs, Mapping):
        return component(declared_motion(stated), prefix)
    return component(_of_function(rhs, names, stated), prefix)


def _starts(
    names: tuple[str, ...], start: Sequence[Any] | Mapping[str, Any] | None
) -> tuple[str, ...]:
    own = {} if start is None else start
    if not isinstance(own, Mapping):
        if isinstance(own, str) or len(own) != len(names):
            raise ModelError(
                f"`start` has a value for each of {', '.join(names)}, not {start!r}."
            )
        own = dict(zip(names, own, strict=True))
    unknown = sorted(set(own) - set(names))
    if unknown:
        raise ModelError(
            f"`start` names {', '.join(map(str, unknown))}, but the states are "
            f"{', '.join(names)}."
        )
    return tuple(str(own.get(name, f"{name}0")) for name in names)


@lru_cache(maxsize=256)
def declared_motion(stated: Stated) -> Declaration:
    """Declaration of equations of motion that are texts."""
    builder = Builder()
    names = Names(builder, stated.x, tuple(own for own, _ in stated.rates))
    read = Texts("the equations of motion", builder)
    rates = [read.one(text, names.anywhere) for _, text in stated.rates]
    motion = _motion(builder, names, rates, stated)
    text = stated_text(stated)
    return Declaration(
        kernel=motion_kernel(motion, text),
        description="equations of motion",
        formula=text,
        parameters=tuple(Param(own, "") for own in motion.parameters),
        motion=motion,
    )


def _motion(
    builder: Builder, names: Names, rates: Sequence[int], stated: Stated
) -> Motion:
    """Rates with start and what is observed, as one graph."""
    read = Texts("the equations of motion", builder)
    outputs = list(rates)
    outputs += [read.one(text, names.at_start) for text in stated.start]
    outputs.append(read.one(stated.t0, names.at_start))
    outputs += read.parts(stated.observed, names.anywhere)
    if not 1 <= len(names.parameters) <= MOST_PARAMETERS:
        raise ModelError(
            f"equations of motion have 1 to {MOST_PARAMETERS} parameters, but these "
            f"have {len(names.parameters)}."
        )
    leaves = (*names.states, *names.parameters)
    graph = Graph.finished(builder, outputs, (stated.x,), leaves)
    tolerances = stated.rtol, stated.atol, stated.max_steps
    return Motion(graph, len(names.states), *tolerances)


def _of_function(
    function: Callable[..., Any], states: tuple[str, ...], stated: Stated
) -> Declaration:
    """Declaration of equations of motion that are a function."""
    name, own = getattr(function, "__name__", "motion"), _parameters(function)
    if set(own) & {stated.x, *states}:
        raise ModelError(
            f"`{name}` has a parameter of the name of a state or the time."
        )
    builder = Builder()
    names = Names(builder, stated.x, states)
    for parameter in own:
        names.anywhere(parameter)
    leaves = [builder.parameter(k) for k in range(len(states) + len(own))]
    rates = []
    for k in range(_count(function, len(states), len(own))):
        graph = trace(_one_rate(function, len(states), k), 1, (*states, *own)).graph
        places = entered(builder, graph, [builder.input(0)], leaves)
        rates.append(places[graph.outputs[0]])
    if len(rates) != len(states):
        raise ModelError(
            f"`{name}` gives {len(rates)} derivatives for {len(states)} states, "
            f"{', '.join(states)}."
        )
    motion = _motion(builder, names, rates, stated)
    document = (function.__doc__ or "").strip().partition("\n")[0]
    return Declaration(
        kernel=motion_kernel(motion, name if name.isidentifier() else "motion"),
        description=document or "equations of motion",
        formula=f"{name}({', '.join([stated.x, '(' + ', '.join(states) + ')', *own])})",
        parameters=tuple(Param(one, "") for one in motion.parameters),
        motion=motion,
    )


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the parameters of rates; an argument with a default keeps it."""
    arguments = list(inspect.signature(function).parameters.values())
    named = [own for own in arguments if own.kind == own.POSITIONAL_OR_KEYWORD]
    if len(named) < len(arguments) or len(named) < 2:
        raise ModelError(
            "equations of motion are a function of time, states and parameters by "
            f"name, such as rhs(t, state, a, b), not {inspect.signature(function)}."
        )
    return tuple(own.name for own in named[2:] if own.default is own.empty)


def _one_rate(function: Callable[..., Any], m: int, k: int) -> Callable[..., Any]:
    def rate(x: Any, p: Any) -> Any:
        return function(x[0], np.array([p[i] for i in range(m)]), *p[m:])[k]

    return rate


def _count(function: Callable[..., Any], m: int, n: int) -> int:
    """How many rates a function gives, called with numbers.

    Raises
    ------
    ModelError
        When it cannot be called so.
    """
    try:
        with np.errstate(all="ignore"):
            return len(function(0.5, np.full(m, 0.5), *np.full(n, 0.5)))
    except Exception as error:
        raise ModelError(
            f"equations of motion of {m} states and {n} parameters raise "
            f"{type(error).__name__} ({error}); `rhs(t, state, *params)` gives the "
            "derivative of each state that `states` names."
        ) from error
