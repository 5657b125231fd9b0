"""Roles of compiled functions, and the numba flags each role is compiled with.

The decorators only mark a function; it stays plain Python. Flags, and why:

- `error_model="numpy"`: numba's own puts a raise behind every division, which keeps
  loops scalar (the Faddeeva function took 54 ns a point instead of 8).
- `forceinline`: inlining by LLVM, after the function's own flags have been applied.
  Inlined at the Python level a function takes the flags of its caller, and `reassoc`
  folds away the additions that round on purpose (seen: a silently wrong exp).
- `contract` lets a multiply and an add become one fused instruction.
- `reassoc, nsz, arcp` only in summation loops, so that sums are vectorised.
- no wrappers: nobody calls these functions from Python, and they take a tenth of the
  compile time.
- never `nnan` or `ninf`: NaN is how a kernel says "outside my domain".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["ENTRY_FLAGS", "FLAGS", "SUMMING_ENTRY_FLAGS", "entry", "intrinsic"]
__all__ += ["routine", "summation"]

F = TypeVar("F", bound=Callable[..., Any])

_SUM = 'fastmath={"contract", "reassoc", "nsz", "arcp"}'
_STRICT = 'fastmath={"contract"}'
_BARE = "no_cpython_wrapper=True, no_cfunc_wrapper=True"
#: Arguments of `numba.njit` by role.
FLAGS = {
    "scalar": f'error_model="numpy", forceinline=True, {_STRICT}, {_BARE}',
    "summation": f'error_model="numpy", {_SUM}, {_BARE}',
    "routine": f'error_model="numpy", {_STRICT}, {_BARE}',
}
#: Arguments of `numba.cfunc`: an entry, and one whose own sums may be reordered.
ENTRY_FLAGS = f'error_model="numpy", {_STRICT}'
SUMMING_ENTRY_FLAGS = f'error_model="numpy", {_SUM}'


def summation(function: F) -> F:
    """Mark a loop of sums: additions may be reordered so that it is vectorised."""
    return _mark(function, "summation")


def routine(function: F) -> F:
    """Mark a function of the compiled core that LLVM may inline or not."""
    return _mark(function, "routine")


def intrinsic(function: F) -> F:
    """Mark the interpreter's form of a function of `intrinsics`."""
    return _mark(function, "intrinsic")


def entry(signature: str, *, unroll: bool = True) -> Callable[[F], F]:
    """Mark a function that Python calls by address, with its C signature.

    Without `unroll` its loops are compiled as they stand, in a quarter of the time: of
    a function that leaves the work to others, which it calls by address.
    """

    def mark(function: F) -> F:
        function.__physfit_signature__ = signature  # type: ignore[attr-defined]
        function.__physfit_unroll__ = unroll  # type: ignore[attr-defined]
        return _mark(function, "entry")

    return mark


def _mark(function: F, role: str) -> F:
    function.__physfit_role__ = role  # type: ignore[attr-defined]
    return function
