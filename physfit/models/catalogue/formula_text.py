"""Texts of polynomials, for formulas that need a series near a limit."""

from __future__ import annotations

__all__ = ["horner"]


def horner(variable: str, coefficients: tuple[float, ...]) -> str:
    """Text of a polynomial by Horner's rule, from the constant on."""
    text = repr(coefficients[-1])
    for own in coefficients[-2::-1]:
        text = f"({text} * {variable} + {own!r})"
    return text
