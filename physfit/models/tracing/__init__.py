"""From a Python function to an expression graph.

The function runs once, on values that write down what is done to them. It is a copy
that runs, whose globals and closure cells hold replacements for what would ask those
values for numbers; the caller's module is never changed. What comes back is compared
with the original. Nothing here knows signatures, models or data.
"""

from physfit.models.tracing.errors import NeedsGrid, TraceError
from physfit.models.tracing.trace import Traced, trace

__all__ = ["NeedsGrid", "TraceError", "Traced", "trace"]
