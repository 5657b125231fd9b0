"""Every error physfit raises on purpose, and the sentence helper they share.

PhysfitError
├── InputError (ValueError)      an argument or option is not usable
│   ├── ShapeError               lengths or dimensions do not fit together
│   └── DomainError              a value lies outside what is allowed
├── ModelError                   a model, tie or parameter declaration is wrong
├── DataError                    a file or data set cannot be read or written
└── ConvergenceError (RuntimeError)  a result was required and none converged
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "ConvergenceError",
    "DataError",
    "DomainError",
    "InputError",
    "ModelError",
    "PhysfitError",
    "ShapeError",
    "did_you_mean",
]


class PhysfitError(Exception):
    """Base of every error that physfit raises on purpose."""


class InputError(PhysfitError, ValueError):
    """An argument or option is not usable."""


class ShapeError(InputError):
    """Lengths or dimensions do not fit together."""


class DomainError(InputError):
    """A value lies outside what is allowed."""


class ModelError(PhysfitError):
    """A model, tie or parameter declaration is wrong."""


class DataError(PhysfitError):
    """A file or data set cannot be read or written."""


class ConvergenceError(PhysfitError, RuntimeError):
    """A converged result was required; `solution` holds where the fit ended."""

    def __init__(self, message: str, solution: object = None) -> None:
        super().__init__(message)
        self.solution = solution


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """End of a sentence: the closest allowed names, or all of them when none is close.

    Examples
    --------
    >>> did_you_mean("gausian", ["gaussian", "voigt"])
    "did you mean 'gaussian'?"
    >>> did_you_mean("sinc", ["gaussian", "voigt"])
    'allowed: gaussian, voigt.'
    """
    choices = sorted(allowed)
    close = get_close_matches(name, choices, n=3, cutoff=0.6)
    if not close:
        folded = {choice.lower(): choice for choice in choices}
        close = [
            folded[match]
            for match in get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
        ]
    if close:
        return "did you mean " + " or ".join(repr(match) for match in close) + "?"
    return f"allowed: {', '.join(choices) or 'none'}."
