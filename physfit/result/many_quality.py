"""Which rows have a number that a figure may show, and why the others have none.

The rule is one sentence, which the figure repeats: the fit converged, the quantity has
a finite standard error and is at no bound, and what it describes is there at all. The
center of a peak whose area is compatible with zero is such a number: it converges
anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.models.tree import Join, Tree, leaves, scale_of, terms
from physfit.plot.reasons import GOOD, Reason

if TYPE_CHECKING:
    from physfit.models.model import Model
    from physfit.models.param import Param
    from physfit.result.estimate import ManyEstimate
    from physfit.result.many_result import ManyResult

__all__ = ["STRONG", "Cut", "cut_of", "factors_of"]

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


def cut_of(many: ManyResult, name: str | None = None, where: Any = None) -> Cut:
    """Rows with a good number.

    Parameters
    ----------
    many : ManyResult
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


def _mark_quantity(many: ManyResult, name: str, marks: NDArray[np.uint8]) -> list[str]:
    """Mark rows that do not determine a quantity; what the others are said to have."""
    own, said = many[name], []
    for factor in factors_of(many.model, name):
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


def _is_weak(strength: ManyEstimate) -> NDArray[np.bool_]:
    """Rows in which a component may as well be zero."""
    error = np.nan_to_num(strength.stderr, nan=0.0, posinf=np.inf)
    weak: NDArray[np.bool_] = ~(np.abs(strength.value) >= STRONG * error)
    weak |= strength.value == 0.0
    return weak


def factors_of(model: Model, name: str) -> tuple[str, ...]:
    """Factors of the terms that a quantity describes, without which it means nothing.

    Empty for quantities that are, or are proportional to, such a factor.

    Examples
    --------
    >>> import physfit as pf
    >>> model = pf.models.Gaussian() + pf.models.Linear()
    >>> [factors_of(model, name) for name in ("center", "fwhm", "height", "slope")]
    [('amplitude',), ('amplitude',), (), ()]
    """
    derived = {own.name: own for own in model.derived}
    names = derived[name].expression.names if name in derived else (name,)
    found = []
    for term, _ in terms(model.tree):
        factor = _factor_of(term, model)
        if factor is None or model.parameters[factor].fixed:
            continue
        if factor in names:
            return ()
        if any(own.name in names for own in _parameters(term)):
            found.append(factor)
    return tuple(found)


def _parameters(tree: Tree) -> list[Param]:
    return [
        own for leaf in leaves(tree) for own in leaf.declaration.params(leaf.prefix)
    ]


def _factor_of(term: Tree, model: Model) -> str | None:
    """Parameter that a term is proportional to: the only one in units of the data."""
    factor = scale_of(term)
    if factor is None or _has_sum(term):
        return None
    in_units = [
        own.name
        for own in _parameters(term)
        if own.name != factor
        and re.search(r"(?<!')\by\b", own.unit)
        and not model.parameters[own.name].fixed
    ]
    return None if in_units else factor


def _has_sum(tree: Tree) -> bool:
    return isinstance(tree, Join) and (
        tree.operator not in "*/" or any(map(_has_sum, tree.parts))
    )


def _left_out(many: ManyResult, where: Any) -> NDArray[np.bool_]:
    from physfit.result.row_selection import selected_rows

    left: NDArray[np.bool_] = np.ones(many.n_rows, dtype=np.bool_)
    left[selected_rows(many, where)] = False
    return left
