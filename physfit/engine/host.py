"""Components that a Python function computes: compiled code calls it by address.

A function that cannot be compiled stands at the address of a kernel's `prepare`: it
computes all samples of the curve at once, and the blocks are copied from what it left.
Where rows come in windows it stands at the address of the block form instead.

Nothing can be raised through compiled code. What the function raises is kept for its
thread, its values are NaN from then on, so that the compiled loop ends soon, and what
was kept is raised where the loop was called (`evaluation`). Errors of arithmetic say
that the parameters are outside of the domain of the function, which is a value of NaN,
unless the caller asked for the values there (`host_calls.values_wanted`).

The main thread calls such a loop in a thread of its own: an interrupt that came while
compiled code runs would be raised at the first line of the function that it calls,
where nobody could keep it (see `workers`).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import STRIDE, is_null, offset
from physfit.engine.dense import copy
from physfit.engine.host_calls import is_late, is_wanted, passed_over
from physfit.engine.roles import routine
from physfit.engine.workers import check, stop_work, undisturbed
from physfit.errors import ModelError, PhysfitError
from physfit.kernels.kernel import Host, Kernel
from physfit.typing import FloatArray

__all__ = ["NoCurve", "callback", "evaluation", "guarded", "host_kernel_of"]
__all__ += ["is_of_domain"]

#: Doubles before the curve in the scratch: samples, outputs, parameters.
HEADER = 3
#: What a function raises where its parameters have no value: also warnings that are
#: errors, and what solvers raise that did not converge.
OF_DOMAIN = (ArithmeticError, ValueError, Warning)

_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64
_PREPARE = ctypes.CFUNCTYPE(
    *(None, _POINTER, _POINTER, _INTEGER, _INTEGER, _INTEGER, _POINTER, _POINTER)
)
_COMPONENT = ctypes.CFUNCTYPE(
    *(None, _POINTER, _POINTER, _INTEGER, _INTEGER, _INTEGER),
    *(_POINTER, _POINTER, _POINTER, _POINTER),
)
_is_inside: ContextVar[bool] = ContextVar("inside of a function", default=False)
_turn = threading.Lock()


class _Kept(threading.local):
    """What was raised in a thread and nobody has seen yet."""

    error: BaseException | None = None


_kept = _Kept()


@routine
def host_block(
    params: Any,
    x: Any,
    ldx: Any,
    start: Any,
    n: Any,
    value: Any,
    jac: Any,
    context: Any,
    scratch: Any,
) -> None:
    """Block of a curve that `prepare` has left in the scratch."""
    length, n_outputs = int(scratch[0]), int(scratch[1])
    curve = offset(scratch, HEADER + start)
    for k in range(n_outputs):
        copy(offset(value, k * STRIDE), offset(curve, k * length), n)
    if not is_null(jac):
        curve = offset(curve, n_outputs * length)
        for k in range(n_outputs * int(scratch[2])):
            copy(offset(jac, k * STRIDE), offset(curve, k * length), n)


def host_kernel_of(
    host: Host,
    *,
    name: str,
    inputs: tuple[str, ...],
    parameters: tuple[str, ...],
    n_outputs: int = 1,
) -> Kernel:
    """Kernel of what a Python function computes."""
    return Kernel(
        name=name,
        function=host_block,
        inputs=inputs,
        parameters=parameters,
        n_outputs=n_outputs,
        is_block=True,
        scratch=HEADER,
        scratch_per_sample=n_outputs * (1 + len(parameters)),
        host=host,
    )


def callback(kernel: Kernel) -> Any:
    """C function of the Python function of a kernel: for whole curves, or for blocks.

    It must be held as long as compiled code may call it.
    """
    assert kernel.host is not None
    if kernel.needs_whole_curve:
        return _PREPARE(partial(_prepare, kernel, kernel.host))
    return _COMPONENT(partial(_component, kernel, kernel.host))


def _prepare(
    kernel: Kernel,
    host: Host,
    params: int,
    x: int,
    ldx: int,
    n: int,
    wanted: int,
    context: int,
    scratch: int,
) -> None:
    """Curve of all samples, and its partials, into the scratch."""
    n_outputs, n_parameters = kernel.n_outputs, len(kernel.parameters)
    n_rows = n_outputs * (1 + n_parameters) if wanted else n_outputs
    table = _doubles(scratch, HEADER + n_rows * n)
    table[:HEADER] = n, n_outputs, n_parameters
    rows = table[HEADER:].reshape(n_rows, n)
    _compute(kernel, host, params, _coordinates(kernel, x, ldx, n), rows)


def _component(
    kernel: Kernel,
    host: Host,
    params: int,
    x: int,
    ldx: int,
    start: int,
    n: int,
    value: int,
    jac: int | None,
    context: int,
    scratch: int,
) -> None:
    """Values of a block, and their partials where a Jacobian is wanted."""
    n_outputs, n_parameters = kernel.n_outputs, len(kernel.parameters)
    n_rows = n_outputs * (1 + n_parameters) if jac else n_outputs
    rows = np.empty((n_rows, n))
    _compute(kernel, host, params, _coordinates(kernel, x, ldx, n), rows)
    _doubles(value, n_outputs * STRIDE).reshape(n_outputs, STRIDE)[:, :n] = rows[
        :n_outputs
    ]
    if jac:
        n_partials = n_rows - n_outputs
        block = _doubles(jac, n_partials * STRIDE).reshape(n_partials, STRIDE)
        block[:, :n] = rows[n_outputs:]


def _compute(
    kernel: Kernel, host: Host, params: int, x: FloatArray, rows: FloatArray
) -> None:
    """Values, and partials where there are rows for them; NaN after an error."""
    if _kept.error is not None or is_late():
        rows.fill(np.nan)
        return
    n_outputs, n_parameters = kernel.n_outputs, len(kernel.parameters)
    try:
        check()
        theta = _doubles(params, n_parameters).copy()
        with np.errstate(all="ignore"):  # trials outside the domain overflow
            value, partials = _called(host, theta, x, len(rows) > n_outputs)
        rows[:n_outputs] = value
        if partials is not None:
            rows[n_outputs:] = partials.reshape(-1, x.shape[1])
    except BaseException as error:  # raised by `guarded`
        rows.fill(np.nan)
        if is_wanted.get() or not is_of_domain(error):
            _keep_error(error)


def _keep_error(error: BaseException) -> None:
    """Keep what is to be raised; a search only lists it and goes on."""
    errors = passed_over.get()
    if errors is not None and isinstance(error, Exception):
        errors.append(error)
    else:
        _kept.error = error
        stop_work()


def _called(
    host: Host, params: FloatArray, x: FloatArray, wanted: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a function, which is called by one thread at a time.

    Scripts change globals, and libraries of Fortran have some. A fit inside of the
    function may call others meanwhile.
    """
    if _is_inside.get():
        return host(params, x, wanted)
    with _turn:
        token = _is_inside.set(True)
        try:
            return host(params, x, wanted)
        finally:
            _is_inside.reset(token)


class NoCurve(ModelError):
    """A function returned no curve of the data, or another one when called again.

    An integrator that gives up returns fewer samples, or what was in memory.
    """


def is_of_domain(error: BaseException) -> bool:
    """Whether an error says that the parameters have no value."""
    if isinstance(error, PhysfitError):
        return isinstance(error, NoCurve)
    return isinstance(error, OF_DOMAIN) or type(error) is RuntimeError


def _coordinates(kernel: Kernel, x: int, ldx: int, n: int) -> FloatArray:
    """Copy of the coordinates, shape (n_inputs, n), which may be kept."""
    columns = np.empty((len(kernel.inputs), n))
    for k, column in enumerate(columns):
        column[:] = _doubles(x + 8 * k * ldx, n)
    return columns


def _doubles(address: int, n: int) -> FloatArray:
    """View of doubles at an address."""
    if n == 0:
        return np.empty(0)
    buffer: Any = (ctypes.c_double * n).from_address(address)
    doubles: FloatArray = np.frombuffer(buffer)
    return doubles


def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    """A compiled loop that may call Python; raises what was raised in there."""

    def kept(*arguments: Any) -> Any:
        result = call(*arguments)
        if _kept.error is not None:
            error, _kept.error = _kept.error, None
            raise error
        return result

    return undisturbed(kept)


def evaluation(function: Callable[..., Any], calls_python: bool) -> Callable[..., Any]:
    """Compiled form of an entry that evaluates programs, which may call Python."""
    call = jit.compiled(function).call
    return guarded(call) if calls_python else call
