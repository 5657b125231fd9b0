"""What keeps a function from being traced."""

from __future__ import annotations

from physfit.errors import ModelError

__all__ = ["CoarseRule", "MissingAttribute", "NeedsGrid", "NeedsSample", "TraceError"]


class TraceError(ModelError):
    """A function cannot become a graph; the text says where, why, and what to do.

    Raised inside of a trace it has the second half of a sentence, whose subject (line
    and expression) the trace puts in front.
    """


class NeedsGrid(TraceError):
    """The function asks for what only the coordinates of the data tell."""


class NeedsSample(TraceError):
    """The function takes numbers, one sample at a time."""


class CoarseRule(TraceError):
    """A fixed rule for an integral is not fine enough."""


class MissingAttribute(TraceError, AttributeError):
    """An attribute that traced values do not have; `hasattr` may ask for it."""
