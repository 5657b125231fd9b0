"""Entries of the catalogue by words that describe them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physfit.models.catalogue.component import Component

__all__ = ["alike"]

#: How alike two words must be, and what a word counts where it is found.
ALIKE = 0.78
IN_NAME, IN_DESCRIPTION, IN_TEXT = 3.0, 2.0, 1.0
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def alike(text: str, components: Iterable[Component]) -> list[Component]:
    """Entries whose names or descriptions hold words of a text, the best first.

    Parameters
    ----------
    text : str
        Words in any order: "asymmetric peak", "EMG", "SplitLorentzianModel".
    components : iterable of Component

    Returns
    -------
    list of Component
        Those that hold as many of the words as the best one; words that are nearly
        the same count less than equal ones.
    """
    wanted = _words(text)
    found = [(score, own) for own in components if (score := _score(wanted, own))]
    most = max((score[0] for score, _ in found), default=0)
    best = [pair for pair in found if pair[0][0] == most]
    return [own for _, own in sorted(best, key=lambda pair: pair[0], reverse=True)]


def _score(wanted: set[str], own: Component) -> tuple[int, float] | None:
    """How many words were found, and what they count; None for none."""
    places = [
        (IN_NAME, _words(" ".join((own.point, *own.also)))),
        (IN_DESCRIPTION, _words(own.description)),
        (IN_TEXT, _words(" ".join((own.convention, own.note, own.reference)))),
    ]
    counts = [
        max(weight * _likeness(word, words) for weight, words in places)
        for word in wanted
    ]
    n_found = sum(count > 0.0 for count in counts)
    return (n_found, sum(counts)) if n_found else None


def _likeness(word: str, words: set[str]) -> float:
    """1 where the word is there, less where one begins so or is nearly the same."""
    if word in words:
        return 1.0
    if len(word) > 3 and any(own.startswith(word) for own in words):
        return 0.9
    ratios = (SequenceMatcher(None, word, own).ratio() for own in words)
    best = max(ratios, default=0.0)
    return 0.8 * best if best >= ALIKE else 0.0


def _words(text: str) -> set[str]:
    """Lower-case words of a text, those of names in CamelCase apart and joined."""
    parts = {part.lower() for part in _WORD.findall(text)}
    joined = {part.lower() for part in re.findall(r"[A-Za-z]+", text)}
    return (parts | joined) - {"model", "of", "a", "the", "with", "and", "in"}
