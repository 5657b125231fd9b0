"""Every error physfit raises on purpose, and the text helpers of their sentences.

PhysfitError
├── InputError (ValueError)      an argument or option is not usable
│   ├── ShapeError               lengths or dimensions do not fit together
│   └── DomainError              a value lies outside what is allowed
├── ModelError                   a model, tie or parameter declaration is wrong
├── DataError                    a file or data set cannot be read or written
└── ConvergenceError (RuntimeError)  a result was required and none converged
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

__all__ = ["ConvergenceError", "DataError", "DomainError", "InputError", "ModelError"]
__all__ += ["PhysfitError", "ShapeError", "check_known", "did_you_mean", "printable"]
__all__ += ["DISTRIBUTION", "pip_install"]

#: What pip calls the project; under the name of the package another one is published.
DISTRIBUTION = "physfit-toolkit"


class PhysfitError(Exception):
    """Base of every error that physfit raises on purpose.

    Its text is one line without control characters, whatever it quotes from a file.
    """

    def __str__(self) -> str:
        return printable(super().__str__())


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


#: What settings are called elsewhere or were called before, and what they are called.
OTHER_WORDS = {
    "p0": "start",
    "guess": "start",
    "params": "start",
    "yerr": "sigma",
    "weights": "sigma",
    "nan_policy": "nan",
    "ftol": "stop",
    "xtol": "stop",
    "gtol": "stop",
    "maxfev": "stop",
    "max_nfev": "stop",
    "lr": "learning_rate",
    "n_jobs": "threads",
    "random_state": "seed",
    "schedule": "learning_rate",
    "rate": "learning_rate",
    "rates": "learning_rate",
    "lowest": "learning_rate",
    "highest": "learning_rate",
    "once": "retry",
    "out": "output",
    "output": "result",
    "formula": "model",
    "model": "expression",
    "last": "averaged",
    "param": "truth",
    "noise": "sigma",
}


def did_you_mean(name: object, allowed: Iterable[str]) -> str:
    """End of a sentence: the closest allowed names, or all of them when none is close.

    A word of other programs, or of before, is closest to what the setting is called.

    Examples
    --------
    >>> did_you_mean("gausian", ["gaussian", "voigt"])
    "did you mean 'gaussian'?"
    >>> did_you_mean("sinc", ["gaussian", "voigt"])
    'allowed: gaussian, voigt.'
    """
    choices, name = sorted(set(allowed)), str(name)
    word = name.removeprefix("--")
    dashes = name.removesuffix(word)
    while word in OTHER_WORDS:
        word = OTHER_WORDS[word]
        now = dashes + (word.replace("_", "-") if dashes else word)
        if now in choices:
            return f"did you mean {now!r}?"
    close = get_close_matches(name, choices, n=3, cutoff=0.6)
    if not close:
        folded = {choice.lower(): choice for choice in choices}
        close = [
            folded[match]
            for match in get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
        ]
    if close:
        kept = _closest(name, close)
        return "did you mean " + " or ".join(repr(match) for match in kept) + "?"
    return f"allowed: {', '.join(choices) or 'none'}."


def _closest(name: str, close: list[str]) -> list[str]:
    """Those that are nearly as close as the first."""
    ratios = [SequenceMatcher(None, own.lower(), name.lower()).ratio() for own in close]
    return [own for own, r in zip(close, ratios, strict=True) if r > ratios[0] - 0.1]


def check_known(
    start: str,
    names: Iterable[object],
    known: Collection[str],
    end: str = "",
    error: type[PhysfitError] = InputError,
) -> None:
    """Refuse names that are none of the known ones, with the nearest of these.

    Parameters
    ----------
    start, end : str
        What the sentence says before and behind the name.
    names : iterable of str
    known : collection of str
    error : type
        Of what is raised.

    Examples
    --------
    >>> check_known("`start` names", ["centre"], ["center"], ", which is no parameter")
    Traceback (most recent call last):
    physfit.errors.InputError: `start` names 'centre', which is no parameter; did you \
mean 'center'?
    """
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), known)
            raise error(f"{start} {name!r}{end}; {hint}")


def pip_install(extra: str) -> str:
    """The command that installs an extra of pyproject.toml, for a sentence.

    Examples
    --------
    >>> pip_install("tables")
    "`pip install 'physfit-toolkit[tables]'`"
    """
    return f"`pip install '{DISTRIBUTION}[{extra}]'`"


def printable(text: str, keep: str = "") -> str:
    r"""The text with escapes for what a terminal would obey instead of showing it.

    Control characters, line breaks, marks that turn the direction of writing. Spaces
    of any kind and letters of any script stay.

    Parameters
    ----------
    text : str
    keep : str
        Characters that stay all the same.

    Examples
    --------
    >>> print(printable("shift (cm⁻¹)\x1b[2J\nx"))
    shift (cm⁻¹)\x1b[2J\nx
    """
    if text.isprintable():
        return text
    return "".join(
        own
        if own in keep or own.isprintable() or unicodedata.category(own) == "Zs"
        else own.encode("unicode_escape").decode()
        for own in text
    )
