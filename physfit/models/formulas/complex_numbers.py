"""Complex numbers in formulas: pairs of real terms.

Apart from the other modules, which need nothing of them: few formulas are complex.
"""

from __future__ import annotations

from physfit.models.formulas.functions import OF_COMPLEX
from physfit.models.graph.term import Term
from physfit.models.tracing.complex_functions import COMPLEX
from physfit.models.tracing.elements import Pair

__all__ = ["Pair", "applied", "pair_of"]


def pair_of(value: Term | Pair) -> Pair:
    """A number as a pair."""
    return value if isinstance(value, Pair) else Pair(value, value.constant(0.0))


def applied(name: str, *values: Term | Pair) -> Term | Pair | None:
    """Function of numbers of which some are complex; None where there is none."""
    if name == "where":
        condition, *sides = values
        then, otherwise = map(pair_of, sides)
        assert isinstance(condition, Term)
        return Pair(
            condition.choose(then.re, otherwise.re),
            condition.choose(then.im, otherwise.im),
        )
    if name not in OF_COMPLEX:
        return None
    pairs = [pair_of(value) for value in values]
    if name in ("real", "imag"):
        return pairs[0].re if name == "real" else pairs[0].im
    result: Term | Pair = COMPLEX[OF_COMPLEX[name]](*pairs)
    return result
