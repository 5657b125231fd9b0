"""A user's own function as a kernel: called as Python, its derivatives by a step.

For functions that cannot be traced and compiled. Derivatives are exact where dual
numbers get through the function; else they are differences. Which of the two is decided
when the derivatives are first asked for, by comparing them on the data of the fit.

The module is long because that choice, what it remembers and both ways of values and
derivatives share the state of one function.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np

from physfit.engine.host import NoCurve, host_kernel_of, is_of_domain
from physfit.engine.host_calls import (
    call_counted,
    is_late,
    keep,
    looks_again,
    recalled,
)
from physfit.engine.workers import check
from physfit.errors import ModelError, printable
from physfit.kernels.kernel import Kernel
from physfit.models.decision import SAME, Decision, agree, mismatch
from physfit.models.differences import NOTHING, by_differences, steps_at
from physfit.models.duals import Way, followed, ways_of
from physfit.models.function_digest import digest_of
from physfit.models.windowed import Windowed
from physfit.typing import FloatArray

__all__ = ["HostFunction", "Step", "host_kernel"]

Step = Literal["duals", "differences"]
#: Points that are looked at before one decides that does not tell of all parameters.
MOST_LOOKS = 5


class HostFunction:
    """A Python function of coordinates and parameters, with its derivatives.

    Parameters
    ----------
    function : callable
        `f(x, *params)` with `x` of shape (n,), or (n_inputs, n) for several
        coordinates; gives an array of n values, complex ones for two outputs.
    names : sequence of str
        Of the parameters.
    n_inputs, n_outputs : int
    step : {"duals", "differences"}
        "differences" leaves dual numbers untried.
    limits : pair of sequences of float, optional
        Bounds that differences keep to.
    why : str
        Why it is not compiled, for reports.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        names: Sequence[str],
        *,
        n_inputs: int = 1,
        n_outputs: int = 1,
        step: Step = "duals",
        limits: tuple[Sequence[float], Sequence[float]] | None = None,
        why: str = "",
    ) -> None:
        self.function, self.names, self.step = function, tuple(names), step
        self.n_inputs, self.n_outputs = n_inputs, n_outputs
        unbounded = [-np.inf] * len(names), [np.inf] * len(names)
        lower, upper = limits or unbounded
        self.limits = tuple(map(float, lower)), tuple(map(float, upper))
        self.why = why
        self.decision: Decision | None = None
        self._lock, self._n_looks, self._n_renewed = threading.Lock(), 0, 0
        self._n_far, self._is_whole, self._raised = 0, False, ""

    @property
    def name(self) -> str:
        """Name of the function."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    @property
    def digest(self) -> str:
        """Of the text of the function, and of what it refers to."""
        return digest_of(self.function)

    @property
    def note(self) -> str:
        """How derivatives are taken, in words for a report."""
        called = f"{self.name} is called as Python" + (self.why and f": {self.why}")
        if self.decision is None:  # nothing but errors so far, if any
            return called + (self._raised and f"; it raised {self._raised}")
        reason = self.decision.reason
        if self.decision.way is not None:
            return f"exact, by dual numbers: {called}"
        return f"differences: {called}" + (f"; {reason}" if reason else "")

    @property
    def is_pointwise(self) -> bool:
        """Whether a sample is known to have a value of its own, as if undecided."""
        return self.decision is None or self.decision.is_pointwise

    def __call__(
        self, params: FloatArray, x: FloatArray, wanted: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Values (n_outputs, n) at x (n_inputs, n); partials (P, n_outputs, n)."""
        known = recalled(self, params, x) if wanted else None
        if known is not None:
            return known
        try:
            value = self.values(params, x)
        except Exception as error:
            self._raised = f"{type(error).__name__}: {_first_line(error)}"
            raise
        if not wanted:
            return value, None
        partials = self._partials(params, x, value)
        keep(self, params, x, (value, partials))
        return value, partials

    def _partials(
        self, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> FloatArray:
        """Partials as was decided, or is now: by what the look has found here."""
        decision, found = self._decision(params, x, value)
        if found is not None:
            return found
        exact = self._exact(decision, params, x, value)
        if exact is None and decision.way is not None and self._n_renewed < MOST_LOOKS:
            decision, found = self._renewed(decision, params, x, value)
            if found is not None:
                return found
            exact = self._exact(decision, params, x, value)
        if exact is not None:
            return exact
        steps = decision.steps
        slopes, is_far = by_differences(self._around(x), params, value, steps)
        self._n_far += is_far
        if self._n_far > MOST_LOOKS and self._n_renewed < MOST_LOOKS:
            self._n_far = 0  # the steps were those of another region
            self._renewed(decision, params, x, value)
        return slopes

    def _exact(
        self, decision: Decision, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> FloatArray | None:
        """Partials by dual numbers, where they give the values of the function."""
        if decision.way is None:
            return None
        found = self._by_duals(decision.way, params, x)
        if isinstance(found, str) or not agree(value, found[0], SAME, 0):
            return None
        return found[1]

    def _renewed(
        self, old: Decision, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> tuple[Decision, FloatArray | None]:
        """Another decision: globals have changed, a branch is new, or steps are far."""
        self._n_renewed += 1
        return self._decide(old, params, x, value)

    def values(self, params: FloatArray, x: FloatArray) -> FloatArray:
        """Values of the function, shape (n_outputs, n)."""
        own = (x[0] if self.n_inputs == 1 else x).copy()  # which it may change
        found = call_counted(self.function, own, *params)
        # copied: it may fill its memory again in the next call
        return self._rows(np.array(found), x.shape[1])

    def _around(self, x: FloatArray) -> Callable[[FloatArray], FloatArray]:
        """The function of its parameters, NaN outside of its domain, or too late."""
        nothing = np.full((self.n_outputs, x.shape[1]), np.nan)

        def function(params: FloatArray) -> FloatArray:
            check()
            try:
                return nothing if is_late() else self.values(params, x)
            except Exception as error:
                if not is_of_domain(error):
                    raise
                return nothing

        return function

    def _decision(
        self, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> tuple[Decision, FloatArray | None]:
        """How derivatives are taken; those here where that was not known before.

        The first point where every parameter matters decides for all others.
        """
        known = self.decision
        if known is not None and known.way is None and looks_again(self):
            self._n_looks = self._n_renewed = self._n_far = 0
            self.decision, self._raised = None, ""
            known = None
        if known is not None:
            return known, None
        return self._decide(None, params, x, value)

    def _decide(
        self,
        old: Decision | None,
        params: FloatArray,
        x: FloatArray,
        value: FloatArray,
    ) -> tuple[Decision, FloatArray | None]:
        """A decision in place of another, which stays where the point tells nothing."""
        with self._lock:
            if self.decision is not None and self.decision is not old:
                return self.decision, None  # of another thread
            decision, is_telling, partials = self._decided(params, x, value)
            self._n_looks += is_telling is not None
            if not is_late() and (is_telling or self._n_looks > MOST_LOOKS):
                self.decision = decision
            return decision, partials

    def agrees_on_some(
        self, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> bool:
        """Whether some of the samples, in another order, keep their values."""
        chosen = slice(None, None, -2)
        try:
            alone = self.values(params, np.ascontiguousarray(x[:, chosen]))
        except Exception:  # whatever needs the samples that are left out
            return False
        return agree(value[:, chosen], alone, SAME, 0)

    def in_windows(self) -> Windowed:
        """The function for samples in blocks, if each has a value of its own."""
        return Windowed(self)

    def _decided(
        self, params: FloatArray, x: FloatArray, value: FloatArray
    ) -> tuple[Decision, bool | None, FloatArray]:
        """A decision, and whether the point tells of all parameters; None: of none.

        With the partials there.
        """
        function = self._around(x)
        if not agree(value, self.values(params, x), SAME, 0):
            raise NoCurve(
                f"`{self.name}` gives other values when it is called again with the "
                "same parameters; draw random numbers before the fit, or seed them in "
                "the function."
            )
        lower, upper = map(np.array, self.limits)
        steps, expected = steps_at(function, params, value, lower, upper)
        moves = np.abs(np.nan_to_num(expected)).reshape(len(params), -1)
        found = moves.max(axis=1, initial=0.0) > 0.0
        is_good = bool(found.all()) and max(steps.errors, default=0.0) < NOTHING
        is_telling = is_good if found.any() else None
        # where all values are alike a whole curve looks pointwise as well
        self._is_whole = self._is_whole or not self.agrees_on_some(params, x, value)
        is_pointwise, reason = not self._is_whole, ""
        for way in ways_of(self.function) if self.step == "duals" else ():
            found = self._by_duals(way, params, x)
            if isinstance(found, str):
                reason = reason or found
                continue
            exact, slopes = found
            reason = mismatch(self.names, (value, exact), (expected, slopes), steps)
            if not reason:
                return Decision(way, "", steps, is_pointwise), is_telling, slopes
        return Decision(None, reason, steps, is_pointwise), is_telling, expected

    def _by_duals(
        self, way: Way, params: FloatArray, x: FloatArray
    ) -> tuple[FloatArray, FloatArray] | str:
        """Values and partials by dual numbers, or why there are none."""
        places, n = x[0] if self.n_inputs == 1 else x, x.shape[1]
        try:
            value, partials = call_counted(followed, way, places, params)
            rows = np.array([self._rows(own, n) for own in partials])
            shape = (len(params), self.n_outputs, n)
            return self._rows(value, n), rows.reshape(shape)
        except Exception as error:  # whatever a function does with unknown types
            return _first_line(error)

    def _rows(self, found: Any, n: int) -> FloatArray:
        """What a function returns as (n_outputs, n)."""
        if found.dtype.kind == "c" and self.n_outputs == 2 and found.size == n:
            found = np.stack([found.real, found.imag])
        if found.dtype.kind not in "fiub":
            wanted = "complex" if self.n_outputs == 2 else "real"
            what = f"values of type {found.dtype}; convert them."
            if found.dtype == object and not found.ndim:
                what = _kind_of(found[()])
            raise ModelError(
                f"`{self.name}` must return an array of {wanted} numbers, but returned "
                f"{what}"
            )
        if found.size == 1:
            found = np.broadcast_to(found.reshape(1, 1), (self.n_outputs, n))
        if found.size != self.n_outputs * n:
            raise NoCurve(
                f"`{self.name}` returned an array of shape {found.shape} for {n} "
                "samples; return one value for each."
            )
        # a copy: the function may return the same array each time
        return np.array(found, dtype=np.float64).reshape(self.n_outputs, n)

    def _identity(self) -> tuple[Any, ...]:
        shape = (self.n_inputs, self.n_outputs, self.step, self.limits)
        return (self.function, self.names, *shape, self.why)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostFunction) and self._identity() == other._identity()

    def __hash__(self) -> int:
        inner = getattr(self.function, "func", self.function)
        return hash((id(getattr(inner, "__func__", inner)), self.names, self.step))

    def __reduce__(self) -> tuple[Any, ...]:
        inner = self.function
        while not isinstance(inner, FunctionType) and hasattr(inner, "__func__"):
            inner = inner.__func__
        if isinstance(inner, FunctionType) and not _is_importable(inner):
            raise ModelError(
                f"`{self.name}` cannot be found by its name in another process; define "
                "it with `def` at the top level of an importable module."
            )
        return _shared, self._identity()


#: Host functions in use: equal ones are one, and share what was decided of them.
_in_use: WeakValueDictionary[int, HostFunction] = WeakValueDictionary()


def _shared(
    function: Callable[..., Any],
    names: Sequence[str],
    n_inputs: int,
    n_outputs: int,
    step: Step,
    limits: tuple[Sequence[float], Sequence[float]] | None,
    why: str,
) -> HostFunction:
    """The host function of these arguments."""
    host = HostFunction(
        function,
        names,
        n_inputs=n_inputs,
        n_outputs=n_outputs,
        step=step,
        limits=limits,
        why=why,
    )
    kept = _in_use.get(hash(host))
    if kept == host:
        return kept
    _in_use[hash(host)] = host
    return host


def host_kernel(
    function: Callable[..., Any],
    names: Sequence[str],
    n_inputs: int = 1,
    n_outputs: int = 1,
    step: Step = "duals",
    *,
    name: str | None = None,
    limits: tuple[Sequence[float], Sequence[float]] | None = None,
    why: str = "",
) -> Kernel:
    """Kernel that calls a Python function.

    Parameters
    ----------
    function : callable
        `f(x, *params)`, see `HostFunction`.
    names : sequence of str
        Of the parameters.
    n_inputs, n_outputs : int
        Coordinates of a sample; 1 for real values, 2 for complex ones.
    step : {"duals", "differences"}
        How derivatives are taken: exactly if that works, or by differences.
    name : str, optional
        Of the kernel; the function's if left out.
    limits : pair of sequences of float, optional
        Bounds of the parameters, which differences keep to.
    why : str
        Why the function is not compiled, for reports.
    """
    host = _shared(function, names, n_inputs, n_outputs, step, limits, why)
    inputs = ("x",) if n_inputs == 1 else tuple(f"x{k + 1}" for k in range(n_inputs))
    return host_kernel_of(
        host,
        name=host.name if name is None else name,
        inputs=inputs,
        parameters=host.names,
        n_outputs=n_outputs,
    )


def _is_importable(function: FunctionType) -> bool:
    """Whether a function is what its module has under its name."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is function or getattr(found, "__wrapped__", None) is function


def _kind_of(found: object) -> str:
    """What came where an array belongs, and what to do."""
    if found is None:
        return "None; look for a missing `return`."
    if isinstance(found, int):
        return "a number that is too large for a float."
    return f"{type(found).__name__}; return an array with a value for each sample."


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return printable(text[0][:120]).rstrip(".") if text else type(error).__name__
