"""A kernel: what one component of a model computes, as a value.

Two kernels are the same when their functions and constants are. The catalogue finds
kernels by name; a model carries them.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.errors import InputError
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.engine.layout import Layout

__all__ = ["Context", "Generated", "Host", "Kernel", "Scalar", "point_kernel"]
__all__ += ["refuse_taken", "scalar"]

Scalar = Callable[..., Any]
F = TypeVar("F", bound=Scalar)


class Context:
    """Constant arrays of a kernel: a table, a response, knots, a list of edges.

    Parameters
    ----------
    *arrays : array_like
        Kept as read-only copies, integers as int64, everything else as float64.
    """

    def __init__(self, *arrays: ArrayLike) -> None:
        self.arrays = tuple(_constant(array) for array in arrays)
        digest = hashlib.sha256()
        for array in self.arrays:
            digest.update(f"{array.dtype}{array.size}".encode())
            digest.update(array.tobytes())
        self.digest = digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __len__(self) -> int:
        return len(self.arrays)


def _constant(values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    kind = np.int64 if array.dtype.kind in "iu" else np.float64
    array = np.array(array, dtype=kind, order="C")
    array.flags.writeable = False
    return array


NO_CONTEXT = Context()


@dataclass(frozen=True, eq=False)
class Generated:
    """A scalar function of generated text; equal to others of that text and calls.

    Attributes
    ----------
    name : str
    text : str
        Its definition, as the engine compiles it.
    calls : mapping of str to callable
        The functions that it calls, by the names that stand in the text.
    """

    name: str
    text: str
    calls: Mapping[str, Scalar]
    __physfit_role__: ClassVar[str] = "scalar"

    @property
    def __name__(self) -> str:
        """Name in the text."""
        return self.name

    def __call__(self, *arguments: float) -> tuple[float, ...]:
        """Refused: only compiled code calls it."""
        raise NotImplementedError("generated functions run in compiled code only.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Generated) or self.text != other.text:
            return False
        return self.calls is other.calls or dict(self.calls) == dict(other.calls)

    def __hash__(self) -> int:
        return hash(self.text)


class Host(Protocol):
    """A Python function that does the work of a kernel (see `engine.host`).

    Attributes
    ----------
    digest : str
        Of what it computes.
    note : str
        How its derivatives are taken, in words.
    is_pointwise : bool
        Whether the value of a sample does not depend on the others, as far as known.
    """

    @property
    def note(self) -> str:
        """How its derivatives are taken, in words."""

    @property
    def digest(self) -> str:
        """Of what it computes."""

    @property
    def is_pointwise(self) -> bool:
        """Whether the value of a sample does not depend on the others."""

    def __call__(
        self, params: FloatArray, x: FloatArray, wanted: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Values (n_outputs, n) at x (n_inputs, n); partials (P, n_outputs, n)."""

    def in_windows(self) -> Host:
        """The same for blocks of samples, if each has a value of its own."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a component computes.

    Attributes
    ----------
    name : str
        For people; nothing is found by it.
    function : callable
        A point function `(x, ..., *params) -> (value, partials...)`; each array of the
        context follows the parameters as a pointer and a length. With two outputs the
        result is (re, im, d1 re, d1 im, ...). Or, with `is_block`, the function of a
        whole block (see `engine.abi`).
    inputs, parameters : tuple of str
    n_outputs : int
        1 for real values, 2 for complex ones.
    branches, choose
        Functions of the same signature between which `choose(*params)` picks by index;
        the choice is made once per block.
    is_block : bool
    context : Context
    n_by_sample : int
        The first so many arrays of the context have an entry for each sample, which is
        handed to the point function in place of the array.
    n_numbers : int
        The last array of the context holds so many numbers, each of which is handed to
        the point function in place of the array.
    n_prepared : int
        The point function takes, last, so many numbers that `prepare` has written to
        the beginning of the scratch.
    scratch, scratch_per_sample : int
        Doubles of memory of its own: so many, and so many more for each sample.
    prepare : callable or None
        Runs once for each new set of parameters, before any block (see `engine.abi`).
    pull : callable or None
        Of a kernel that is linear in its parameters: takes slopes of the loss back to
        them, so that no Jacobian is stored (see `engine.abi`).
    takes_spins : bool
        Whether samples are rows of int8 rather than columns of float64.
    host : Host or None
        Python function that is called for the values, where they are not compiled.
    inner : tuple of Layout
        Programs that it evaluates (see `engine.inner`), in memory of its own. In the
        context, behind the arrays, stand the template and the size of each.
    """

    name: str
    function: Scalar
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    n_outputs: int = 1
    branches: tuple[Scalar, ...] = ()
    choose: Scalar | None = None
    is_block: bool = False
    context: Context = NO_CONTEXT
    n_by_sample: int = 0
    n_numbers: int = 0
    n_prepared: int = 0
    scratch: int = 0
    scratch_per_sample: int = 0
    prepare: Scalar | None = None
    pull: Scalar | None = None
    takes_spins: bool = False
    host: Host | None = None
    inner: tuple[Layout, ...] = ()

    @property
    def needs_whole_curve(self) -> bool:
        """Whether it computes with all samples at once."""
        return self.scratch_per_sample > 0

    @property
    def in_windows(self) -> Kernel:
        """The kernel where rows come in windows, so that no curve is whole."""
        if self.host is None:
            return self
        host = self.host.in_windows()
        return replace(self, host=host, scratch=0, scratch_per_sample=0)

    @property
    def is_pointwise(self) -> bool:
        """Whether it is compiled, for columns, and knows nothing of other samples."""
        is_compiled = self.host is None and not self.takes_spins
        return is_compiled and not (self.needs_whole_curve or self.n_samples)

    @property
    def n_samples(self) -> int:
        """Samples of the one grid that it can be evaluated on; 0 for any."""
        return self.context.arrays[0].size if self.n_by_sample else 0

    @property
    def is_plain(self) -> bool:
        """Whether a call of the point function at one sample is all there is to it."""
        return not (self.is_block or self.choose or self.prepare or self.context)


def point_kernel(
    function: Scalar,
    *,
    n_inputs: int = 1,
    n_outputs: int = 1,
    branches: tuple[Scalar, ...] = (),
    choose: Scalar | None = None,
    context: Context = NO_CONTEXT,
) -> Kernel:
    """Kernel of a point function, its parameters named as the arguments are.

    Parameters
    ----------
    function : callable
        `(x, *params) -> (value, d/dparams...)`, scalars only; a pointer and a length
        for each array of the context follow the parameters.
    n_inputs : int
        How many leading arguments are coordinates of the sample.
    n_outputs, branches, choose, context
        See `Kernel`.
    """
    names = tuple(inspect.signature(function).parameters)
    stop = len(names) - 2 * len(context)
    return Kernel(
        name=function.__name__,
        function=scalar(function),
        inputs=names[:n_inputs],
        parameters=names[n_inputs:stop],
        n_outputs=n_outputs,
        branches=branches or (function,),
        choose=choose,
        context=context,
    )


def scalar(function: F) -> F:
    """Mark a scalar function that kernels may call; the engine inlines it."""
    function.__physfit_role__ = "scalar"  # type: ignore[attr-defined]
    return function


def refuse_taken(name: str, known: Scalar, function: Scalar) -> None:
    """Keep names to the module that first took them, which may be loaded again.

    Raises
    ------
    InputError
        When another module has a function of that name.
    """
    if known.__module__ != function.__module__:
        raise InputError(
            f"the name `{name}` is taken by {known.__module__}; choose another."
        )
