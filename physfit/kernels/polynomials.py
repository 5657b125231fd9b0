"""Polynomials with constant coefficients, written out as straight-line code.

A loop over a table of coefficients would keep the loops around it from becoming vector
code. So each polynomial is a function of its own, made from text in which its
coefficients stand as literals.

References
----------
Knuth, The Art of Computer Programming 2 (3rd ed.), section 4.6.4, eq. 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from physfit.kernels.kernel import Scalar, scalar

__all__ = ["complex_polynomial", "polynomial", "straight_line"]


def polynomial(*coefficients: float) -> Scalar:
    """Function `x -> c0 + c1 x + c2 x^2 + ...`, summed by Horner's rule.

    Examples
    --------
    >>> polynomial(1.0, 0.0, 3.0)(2.0)
    13.0
    """
    *others, last = map(float, coefficients)
    steps = [f"p = {c!r} + x * p" for c in reversed(others)]
    return straight_line("x", [f"p = {last!r}", *steps, "return p"])


def complex_polynomial(*coefficients: float) -> Scalar:
    """Function `(re, im) -> (a, b)`, with which `P(z) = a - conj(z) b`.

    The coefficients of P are real, so a and b are, for any z = re + i im: a recurrence
    of two real terms.

    Examples
    --------
    >>> complex_polynomial(1.0, 0.0, 3.0)(0.0, 2.0)  # P = -11
    (-11.0, 0.0)
    """
    *others, second, last = map(float, coefficients)
    steps = [f"a, b = ({c!r} - v * b) + u * a, a" for c in reversed(others)]
    start = ["u = 2.0 * re", "v = re * re + im * im"]
    start += [f"b = {last!r}", f"a = {second!r} + u * b"]
    return straight_line("re, im", [*start, *steps, "return a, b"])


def straight_line(arguments: str, body: Sequence[str]) -> Scalar:
    """Function of these lines, marked; it carries its text for the compiler."""
    text = "\n    ".join([f"def generated({arguments}):", *body]) + "\n"
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(text, namespace)
    function: Scalar = namespace["generated"]
    function.__physfit_source__ = text  # type: ignore[attr-defined]
    return scalar(function)
