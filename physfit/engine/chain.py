"""Transforms of a step, generated from one scalar function each, and their chain.

A transform is a function of one parameter: of the step that comes in, of its own state,
of numbers that all parameters share. What it wants it names in its signature (see
`ARGUMENTS`); every other argument is one of its states or a hyper-parameter. The loop
over the parameters around it is generated, as for point functions.

The memory of a run begins with vectors of one double per parameter, in the order of
`VECTORS`; numbers that all parameters share follow `NUMBERS`.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Sequence
from functools import cache as once
from typing import Any, NamedTuple

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import TRANSFORM
from physfit.engine.source import module_text
from physfit.engine.struct import Struct
from physfit.errors import InputError
from physfit.typing import FloatArray, IntArray

__all__ = ["ARGUMENTS", "NUMBERS", "VECTORS", "Stage", "StageWords", "Stages"]
__all__ += ["code_of", "compiled_stage", "signature_of", "stages_of", "text_of"]

#: Vectors that a transform may ask for: the step as it comes in, the scaled parameter
#: before the step, its scale, its scaled bounds, and what turns a penalty on squared
#: parameters in user units into one on scaled parameters.
VECTORS = ("step", "theta", "scale", "lower", "upper", "metric")
#: Numbers that it may ask for: the number of the step (from 1.0), the schedule's rate.
NUMBERS = ("t", "rate")
#: Root of the sum of the squared steps over all parameters.
NORM = "norm"
ARGUMENTS = (*VECTORS, *NUMBERS, NORM)
#: Names of generated modules, which a transform cannot have.
RESERVED = ("main", "math", "np", "cfunc", "njit", "types", "intrinsics")


class Stage(NamedTuple):
    """One transform with its settings.

    Attributes
    ----------
    function : callable
        Of one parameter; returns the step, then the new states.
    state : tuple of str
        Names of its states, which start at 0.
    hyper : tuple of float
        Values of the hyper-parameters, in the order of the signature.
    """

    function: Callable[..., Any]
    state: tuple[str, ...]
    hyper: tuple[float, ...]


class StageWords(Struct):
    """A stage as the compiled loop reads it."""

    code: int
    #: Where its state and its hyper-parameters begin among those of all stages.
    state: int
    hyper: int


class Stages(NamedTuple):
    """A chain as the compiled loop reads it.

    Attributes
    ----------
    words : ndarray, shape (n_stages, 3)
        A `StageWords` each.
    hyper : ndarray
    n_state : int
        Doubles of state for each parameter.
    """

    words: IntArray
    hyper: FloatArray
    n_state: int


def signature_of(
    function: Callable[..., Any], state: tuple[str, ...]
) -> tuple[str, ...]:
    """Names of the hyper-parameters of a transform, in order.

    Raises
    ------
    InputError
        When the function has no `step`, lacks one of its states, or has arguments that
        cannot be passed by place.
    """
    if function.__name__ in RESERVED:
        raise InputError(
            f"a transform cannot be named `{function.__name__}`; choose another name."
        )
    names = []
    for own in inspect.signature(function).parameters.values():
        if own.kind is not own.POSITIONAL_OR_KEYWORD:
            raise InputError(
                f"the transform `{function.__name__}` has the argument {own}; it takes "
                "plain arguments only."
            )
        names.append(own.name)
    for needed in ("step", *state):
        if needed not in names:
            raise InputError(
                f"the transform `{function.__name__}` has no argument `{needed}`; its "
                "function takes the step and each of its states by name."
            )
    clash = [name for name in state if name in ARGUMENTS or keyword.iskeyword(name)]
    if clash:
        raise InputError(
            f"the state `{clash[0]}` of the transform `{function.__name__}` has a name "
            f"that is taken ({', '.join(ARGUMENTS)}); choose another."
        )
    return tuple(name for name in names if name not in (*ARGUMENTS, *state))


def stages_of(stages: Sequence[Stage], n: int) -> Stages:
    """Chain for `n` parameters, its transforms compiled or loaded."""
    words = np.zeros((len(stages), StageWords.SIZE), dtype=np.int64)
    hyper: list[float] = []
    n_state = 0
    for line, stage in zip(words, stages, strict=True):
        line[StageWords.code] = compiled_stage(stage).address
        line[StageWords.state], line[StageWords.hyper] = n_state * n, len(hyper)
        hyper += stage.hyper
        n_state += len(stage.state)
    return Stages(
        words,
        np.array([*hyper, 0.0], dtype=np.float64),
        n_state,
    )


def compiled_stage(stage: Stage) -> jit.Entry:
    """Machine code of a transform, with the values that its constants have now.

    Raises
    ------
    InputError
        When its source cannot be found, or is no arithmetic that can be compiled.
    """
    return _compiled(code_of(stage), stage.function.__name__)


def code_of(stage: Stage) -> str:
    """Text of a transform with all functions that it calls and the constants of now.

    It is what is compiled and what a fingerprint holds: two of one text are one.
    """
    text = text_of(stage.function, stage.state)
    return module_text(text, TRANSFORM, stage.function)


@once
def _compiled(code: str, name: str) -> jit.Entry:
    try:
        return jit.compiled_module(code, TRANSFORM)
    except jit.CompilationError as error:
        raise InputError(
            f"the transform `{name}` cannot be compiled: {error} Give it arithmetic, "
            "conditions, math.sqrt and the functions of physfit.kernels.elementary, "
            "and let it return the step, then its states."
        ) from error


def text_of(function: Callable[..., Any], state: tuple[str, ...]) -> str:
    """Loop over the parameters around a transform's function.

    Names of the loop's own end in two underscores, so that no hyper-parameter and no
    function hides one.
    """
    hyper = signature_of(function, state)
    names = tuple(inspect.signature(function).parameters)
    places = {name: f"vectors__[{v} * n__ + k__]" for v, name in enumerate(VECTORS)}
    places |= {NORM: "norm__"}
    places |= {name: f"state__[{s} * n__ + k__]" for s, name in enumerate(state)}
    places |= {name: f"hyper{k}__" for k, name in enumerate(hyper)}
    places |= {name: f"number{k}__" for k, name in enumerate(NUMBERS)}
    results = ["moved__", *(f"new{s}__" for s in range(len(state)))]
    call = f"{function.__name__}({', '.join(places[name] for name in names)})"
    lines = ["def main(vectors__, numbers__, state__, hyper__, n__):"]
    lines += [f"    number{k}__ = numbers__[{k}]" for k in range(len(NUMBERS))]
    lines += [f"    hyper{k}__ = hyper__[{k}]" for k in range(len(hyper))]
    lines += _norm() if NORM in names else []
    lines += ["    for k__ in range(n__):"]
    lines += [f"        {', '.join(results)} = {call}"]
    lines += ["        vectors__[k__] = moved__"]
    lines += [f"        {places[name]} = new{s}__" for s, name in enumerate(state)]
    return "\n".join(lines)


def _norm() -> list[str]:
    return [
        "    norm__ = 0.0",
        "    for k__ in range(n__):",
        "        norm__ += vectors__[k__] * vectors__[k__]",
        "    norm__ = math.sqrt(norm__)",
    ]
