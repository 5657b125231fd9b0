"""Which rows have a number that a figure may show, and why the others have none.

The rule is one sentence, which the figure repeats: the fit converged, the quantity has
a finite standard error and is at no bound, and what it describes is there at all. The
center of a peak whose area is compatible with zero is such a number: it converges
anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.errors import PhysfitError
from physfit.plot.reasons import GOOD, Reason
from physfit.result.many_factors import factors_of

if TYPE_CHECKING:
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_fitted import ManyFitted

__all__ = ["STRONG", "Cut", "cut_of"]

#: Standard errors from zero from which on a component is there.
STRONG = 5.0


class Cut(NamedTuple):
    """Rows that pass, and those that do not.

    Attributes
    ----------
    marks : ndarray of uint8
        GOOD, or the `Reason` why a row has no good number, in the map's shape.
    rule : str
        What passes, in words.
    """

    marks: NDArray[np.uint8]
    rule: str

    @property
    def good(self) -> NDArray[np.bool_]:
        """Rows that pass."""
        passed: NDArray[np.bool_] = self.marks == GOOD
        return passed


def cut_of(many: ManyFitted, name: str | None = None, where: Any = None) -> Cut:
    """Rows with a good number.

    Parameters
    ----------
    many : ManyFitted
    name : str, optional
        Of the quantity; left out, the fit is what is looked at.
    where : str, array_like of bool or array_like of int, optional
        Rows to show, as `ManyResult.refit` takes them; all of them if left out.
    """
    marks = np.zeros(many.shape, dtype=np.uint8)
    said = ["converged"]
    if name is not None:
        said += _mark_quantity(many, name, marks)
    flat = marks.reshape(-1)
    flat[many.table.failed] = Reason.FAILED
    flat[many.table.unfitted] = Reason.UNFITTED
    if where is not None:
        said.append("chosen by `where`")
        flat[_left_out(many, where)] = Reason.LEFT_OUT
    return Cut(marks, ", ".join(said))


def _mark_quantity(many: ManyFitted, name: str, marks: NDArray[np.uint8]) -> list[str]:
    """Mark rows that do not determine a quantity; what the others are said to have."""
    own, said = many[name], []
    for factor in _factors(many, name):
        strength = many[factor]
        if np.isfinite(strength.stderr).any():
            marks[_is_weak(strength)] = Reason.WEAK
            said.append(f"{factor} at least {STRONG:g} standard errors from zero")
    if np.isfinite(own.stderr).any():
        marks[~np.isfinite(own.stderr)] = Reason.NO_ERROR
        marks[np.isposinf(own.stderr)] = Reason.UNDETERMINED
        said.insert(0, "finite error")
    if own.at_bound.any():
        marks[own.at_bound != 0] = Reason.NO_ERROR
        said.insert(1, "at no bound")
    return said


def _factors(many: ManyFitted, name: str) -> tuple[str, ...]:
    """Factors of a quantity, looked at where the median row ended."""
    good = ~many.table.failed
    if not good.any():
        return ()
    derived = {own.name: own for own in many.model.derived}
    names = derived[name].expression.names if name in derived else (name,)
    theta = np.median(many.table.theta[good], axis=0)
    try:
        return factors_of(many.model, names, theta)
    except PhysfitError:  # a function that has values on its samples alone
        return ()


def _is_weak(strength: ManyEstimate) -> NDArray[np.bool_]:
    """Rows in which a component may as well be zero."""
    error = np.nan_to_num(strength.stderr, nan=0.0, posinf=np.inf)
    weak: NDArray[np.bool_] = ~(np.abs(strength.value) >= STRONG * error)
    weak |= strength.value == 0.0
    return weak


def _left_out(many: ManyFitted, where: Any) -> NDArray[np.bool_]:
    from physfit.result.row_selection import selected_rows

    left: NDArray[np.bool_] = np.ones(many.n_rows, dtype=np.bool_)
    left[selected_rows(many, where)] = False
    return left
