"""What every solver takes and returns: options, statuses, solutions."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import IntEnum
from typing import Annotated, NamedTuple, ParamSpec, Self

from physfit.data.files.schema import Array, Count, Missing
from physfit.document.fields import fields_html
from physfit.errors import DataError, InputError
from physfit.progress import checked_progress
from physfit.solve.history import History
from physfit.typing import FloatArray, IntArray

__all__ = ["Progress", "ProgressCallback", "Sentenced", "Solution", "Status", "Stop"]
__all__ += ["check_run", "counting_on"]

Arguments = ParamSpec("Arguments")


class Sentenced(IntEnum):
    """Numbers that go into files, each with the sentence that is shown."""

    sentence: str

    def __new__(cls, number: int, sentence: str = "") -> Self:
        """A number with its sentence; a number alone finds what has it."""
        member = int.__new__(cls, number)
        member._value_, member.sentence = number, sentence
        return member


class Status(Sentenced):
    """Why a solver ended; the number goes into files, the sentence is shown.

    Numbers below 20 are convergence. The first ones and those from 20 on are those of
    the compiled core.

    Examples
    --------
    >>> Status.MAX_STEPS.converged, Status.MAX_STEPS.sentence
    (False, 'not converged: the limit of steps was reached')
    """

    RUNNING = 0, "still running"
    FTOL = 1, "converged: no step lowers the cost by more than ftol"
    XTOL = 2, "converged: the parameters move by less than xtol"
    GTOL = 3, "converged: the gradient vanishes within gtol"
    EXACT = 4, "converged: the model meets the data exactly"
    NOTHING_FREE = 5, "nothing to fit: every parameter is fixed or tied"
    REPORTED = 6, "converged, as the peer reports"
    SETTLED = (
        7,
        "converged: the parameters are within a fraction of their standard errors "
        "of the minimum",
    )
    EDGE = (
        8,
        "converged: at the edge of the loss's domain, where the model reaches 0",
    )
    MAX_STEPS = 20, "not converged: the limit of steps was reached"
    NOT_FINITE_AT_START = (
        21,
        "not converged: the model is not finite at the start values; choose others",
    )
    NOT_FINITE_AROUND = (
        22,
        "not converged: the model is not finite around the best parameters found; "
        "bound them",
    )
    STALLED = (
        23,
        "not converged: no step lowers the cost, though the gradient does not vanish",
    )
    FAILED = 24, "not converged: the peer gave up"
    DIVERGED = (
        25,
        "not converged: the loss grew or was not finite; take a smaller learning rate",
    )
    EPOCHS_DONE = 26, "not converged: the epochs ended before the minimum was reached"
    RESTING = (
        27,
        "not converged: the averaged parameters stand still, but away from the minimum",
    )
    TOO_FEW = 28, "not fitted: fewer samples than free parameters"
    BAD_SIGMA = 29, "not fitted: a standard deviation is not above 0"
    OUTSIDE_DOMAIN = 30, "not fitted: the loss cannot take one of the values"
    UNREADABLE = 31, "not fitted: its data could not be read"
    UNDETERMINED = (
        32,
        "not converged: the cost has no minimum, as the data do not determine a "
        "parameter",
    )
    SHORT = 40, "not converged: the peer stopped away from the minimum"

    @classmethod
    def _missing_(cls, value: object) -> Status:
        raise DataError(f"{value!r} is the number of no status; the file is damaged.")

    @property
    def converged(self) -> bool:
        """Whether this is a minimum."""
        return 0 < self < 20

    @property
    def fitted(self) -> bool:
        """Whether a fit was tried, so that there are values."""
        return 0 < self < Status.TOO_FEW or self > Status.UNREADABLE


class Stop(NamedTuple):
    """When to stop.

    Attributes
    ----------
    ftol : float
        Relative decrease of the cost that may be left to gain at a minimum; the
        parameters are then within sqrt(2 ftol cost) standard errors of it.
    xtol : float
        Smallest step relative to the scaled length of the parameters.
    gtol : float
        Largest cosine between residuals and a column of the Jacobian at a minimum.
    max_steps : int
        Limit of steps, at least 1.

    Examples
    --------
    >>> import physfit as pf
    >>> quick = Stop(ftol=1e-6, max_steps=50)
    >>> pf.fit(pf.models.Linear(), [0, 1, 2], [1.0, 3.1, 4.9], stop=quick).converged
    True
    """

    ftol: float = 1e-17
    xtol: float = 1e-13
    gtol: float = 0.0
    max_steps: int = 500

    def checked(self) -> Stop:
        """Self, after a look at every number.

        Raises
        ------
        InputError
            When a tolerance is not in [0, 1), or `max_steps` is below 1.
        """
        for name in ("ftol", "xtol", "gtol"):
            value = getattr(self, name)
            if not 0.0 <= value < 1.0:
                raise InputError(f"`{name}` must be in [0, 1), but is {value!r}.")
        if self.max_steps < 1:
            raise InputError(f"`max_steps` must be >= 1, but is {self.max_steps!r}.")
        return self

    def after(self, n_steps: int) -> Stop:
        """The same with the steps that are left after some, one at least."""
        return self._replace(max_steps=max(1, self.max_steps - n_steps))


def check_run(
    stop: object,
    progress: Callable[Arguments, None] | bool | None,
    argument: str = "pf.Progress",
) -> Callable[Arguments, None] | None:
    """Refuse what is no `Stop`, and what is no callback for progress; the callback."""
    if stop is not None and not isinstance(stop, Stop):
        raise InputError(
            f"`stop` must be a pf.Stop, such as pf.Stop(ftol=1e-6), but is {stop!r}."
        )
    return checked_progress(progress, argument)


class Progress(NamedTuple):
    """What a progress callback is told after each round of steps.

    Not after the one that ends the fit: what follows then is the result.

    Attributes
    ----------
    n_steps, max_steps : int
        Steps tried, and their limit.
    cost : float
        At the best point so far: half of chi2 for the chi2 loss.
    theta : ndarray, shape (P,)
        Free parameters there.
    learning_rate : float
        Of the last step; NaN where there is none. The cost is then the
        mean loss per sample of the last rows.
    n_rows, total_rows : int
        Rows seen by a minibatch run, and those of all its epochs; 0 elsewhere.

    Examples
    --------
    >>> import physfit as pf
    >>> x, y, seen = [0.0, 1.0, 2.0, 3.0], [2.1, 0.9, 0.4, 0.2], []
    >>> result = pf.fit(pf.models.Exponential(), x, y, progress=seen.append)
    >>> [own.n_steps for own in seen][:2]
    [1, 2]
    """

    n_steps: int
    max_steps: int
    cost: float
    theta: FloatArray
    learning_rate: float = math.nan
    n_rows: int = 0
    total_rows: int = 0


#: Called with each `Progress`; raise (or press Ctrl-C) to stop.
ProgressCallback = Callable[[Progress], None]


def counting_on(
    progress: ProgressCallback | None, n_steps: int, limit: int | None = None
) -> ProgressCallback | None:
    """Callback that counts the steps of the fits before as well.

    Towards a limit of all together, or that of this fit after those before.
    """
    if progress is None or (n_steps == 0 and limit is None):
        return progress

    def counted(own: Progress) -> None:
        most = own.max_steps + n_steps if limit is None else limit
        progress(own._replace(n_steps=own.n_steps + n_steps, max_steps=most))

    return counted


class Solution(NamedTuple):
    """Where a solver ended.

    Attributes
    ----------
    theta : ndarray, shape (P,)
        Free parameters; the best ones found.
    cost : float
        Sum of rho there: half of chi2 for the chi2 loss.
    status : Status
    n_steps, n_evals : int
        Steps tried; evaluations of the model over all data.
    covariance : ndarray, shape (P, P)
        Inverse Gauss-Newton matrix; NaN for parameters on a bound, and all NaN if the
        matrix is singular.
    condition : float
        Condition number of the Gauss-Newton matrix scaled to a unit diagonal.
    at_bound : ndarray of int, shape (P,)
        -1 on the lower bound, 1 on the upper one, 2 where the edge of the loss's domain
        holds a parameter, 0 elsewhere.
    optimality : float
        Largest cosine between the residuals and a free column of the Jacobian.
    gradient : ndarray, shape (P,)
        Gradient of the cost.
    history : History or None
        How a run on minibatches went; None for other methods.
    """

    theta: Annotated[FloatArray, Array("n_free")]
    cost: float
    status: Status
    n_steps: Count
    n_evals: Count
    covariance: Annotated[FloatArray, Array("n_free", "n_free")]
    condition: Annotated[float, Missing(math.inf)]
    at_bound: Annotated[IntArray, Array("n_free", ge=-1, le=2)]
    optimality: float
    gradient: Annotated[FloatArray, Array("n_free")]
    history: History | None = None

    def after(self, before: Solution) -> Solution:
        """The same with the work that was done before it."""
        n_steps, n_evals = self.n_steps + before.n_steps, self.n_evals + before.n_evals
        return self._replace(n_steps=n_steps, n_evals=n_evals)

    def _repr_html_(self) -> str:
        return fields_html(self)
