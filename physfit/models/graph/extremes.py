"""The larger and the smaller of two terms, as numpy has them.

A NaN of either operand stays in `maximum` and `minimum`, so that what has no value is
not taken for one; `fmax` and `fmin` take the other operand.
"""

from __future__ import annotations

from physfit.models.graph.term import Term

__all__ = ["fmax", "fmin", "heaviside", "maximum", "minimum"]


def maximum(a: Term, b: Term) -> Term:
    """The larger one, NaN where either is."""
    if a.is_constant:
        a, b = b, a
    if b.is_constant:
        return a.is_less(b).choose(b, a)
    return _or_none(b.apply("less_equal", a), a).choose(a, b)


def minimum(a: Term, b: Term) -> Term:
    """The smaller one, NaN where either is."""
    if a.is_constant:
        a, b = b, a
    if b.is_constant:
        return b.is_less(a).choose(b, a)
    return _or_none(a.apply("less_equal", b), a).choose(a, b)


def fmax(a: Term, b: Term) -> Term:
    """The larger one of those that are numbers."""
    return _or_none(a.is_less(b), a).choose(b, a)


def fmin(a: Term, b: Term) -> Term:
    """The smaller one of those that are numbers."""
    return _or_none(b.is_less(a), a).choose(b, a)


def heaviside(x: Term, at_zero: Term | float = 0.5) -> Term:
    """0 below 0, 1 above, NaN of NaN."""
    rest = x.equals(0.0).choose(at_zero, x)
    return x.is_less(0.0).choose(0.0, x.constant(0.0).is_less(x).choose(1.0, rest))


def _or_none(condition: Term, a: Term) -> Term:
    """Whether the condition holds, or `a` is NaN."""
    return condition.apply("or", a.apply("not_equal", a))
