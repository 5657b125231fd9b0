"""Numbers of a trace: real terms, pairs of terms for complex values, conditions.

An element is a `Term` (a real number, or logical), a `Pair`, or a plain `bool`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from physfit.models.graph.builder import Builder
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term

__all__ = ["Element", "Pair", "assumed", "both", "compare", "condition_of"]
__all__ += ["constant_of", "either", "is_logical", "negation", "number_of", "pair_of"]
__all__ += ["select"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A complex number; no tuple, which arrays of objects would take apart."""

    re: Term
    im: Term


Element: TypeAlias = Term | Pair | bool


def is_logical(element: Element) -> bool:
    """Whether the element is true or false."""
    if isinstance(element, Term):
        name = element.builder.nodes[element.step][0]
        return name in OPERATIONS and OPERATIONS[name].is_logical
    return isinstance(element, bool)


def constant_of(element: Element) -> float | complex | bool | None:
    """Value of an element that is a constant."""
    if isinstance(element, bool):
        return element
    if isinstance(element, Pair):
        re, im = (part.builder.value_of(part.step) for part in (element.re, element.im))
        return None if re is None or im is None else complex(re, im)
    return element.builder.value_of(element.step)


def number_of(element: Element, builder: Builder) -> Term | Pair:
    """The element as a number: 1 for true, 0 for false."""
    if isinstance(element, bool):
        return Term(builder, builder.constant(float(element)))
    if isinstance(element, Term) and is_logical(element):
        return element.apply("number")
    return element


def pair_of(element: Element, builder: Builder) -> Pair:
    """The element as a complex number."""
    number = number_of(element, builder)
    return number if isinstance(number, Pair) else Pair(number, number.constant(0.0))


def condition_of(element: Element) -> Term | bool:
    """The element as a condition: whether it differs from 0."""
    if isinstance(element, bool) or (isinstance(element, Term) and is_logical(element)):
        return element
    if isinstance(element, Pair):
        return either(condition_of(element.re), condition_of(element.im))
    return compare("not_equal", element, element.constant(0.0))


def compare(name: str, a: Term, b: Term) -> Term | bool:
    """Condition of an operation such as "less"; a plain truth of constants."""
    u, v = constant_of(a), constant_of(b)
    if u is not None and v is not None:
        return bool(OPERATIONS[name].evaluate(u, v))
    return a.apply(name, b)


def both(a: Term | bool, b: Term | bool) -> Term | bool:
    """Whether both conditions hold."""
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return a.apply("and", b)


def either(a: Term | bool, b: Term | bool) -> Term | bool:
    """Whether one of the conditions holds, or both."""
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    return a.apply("or", b)


def negation(a: Term | bool) -> Term | bool:
    """Whether the condition does not hold."""
    if isinstance(a, bool):
        return not a
    name, *operands = a.builder.nodes[a.step]
    return Term(a.builder, operands[0]) if name == "not" else a.apply("not")


def assumed(condition: Term) -> bool | None:
    """Answer to a question whether values are finite, which they are taken to be.

    None of other conditions.
    """
    builder = condition.builder
    name, *operands = builder.nodes[condition.step]
    terms = [Term(builder, step) for step in operands]
    if name == "not_equal" and operands[0] == operands[1]:
        return False
    if name in ("less", "equal") and constant_of(terms[1]) == math.inf:
        return bool(name == "less")
    if name not in ("not", "and", "or"):
        return None
    answers = [assumed(term) for term in terms]
    if name == "not":
        return None if answers[0] is None else not answers[0]
    deciding = bool(name == "or")
    if deciding in answers:
        return deciding
    return None if None in answers else not deciding


def select(condition: Term | bool, a: Element, b: Element) -> Element:
    """`a` where the condition holds, `b` elsewhere."""
    if isinstance(condition, bool):
        return a if condition else b
    if is_logical(a) and is_logical(b):
        first, second = condition_of(a), condition_of(b)
        return either(both(condition, first), both(negation(condition), second))
    a, b = (number_of(one, condition.builder) for one in (a, b))
    if isinstance(a, Term) and isinstance(b, Term):
        return condition.choose(a, b)
    first_pair, second_pair = (pair_of(one, condition.builder) for one in (a, b))
    return Pair(
        condition.choose(first_pair.re, second_pair.re),
        condition.choose(first_pair.im, second_pair.im),
    )
