"""Which samples the entries along the sample axis of a value belong to."""

from __future__ import annotations

from dataclasses import dataclass

from physfit.models.tracing.errors import TraceError

__all__ = ["Frame", "common_frame"]


@dataclass(frozen=True)
class Frame:
    """Samples along an axis.

    Attributes
    ----------
    size : int or None
        How many; None when the grid is not known.
    mask : int or None
        Step of the condition that chose them among the samples of the grid: values of
        the frame count where it holds.
    """

    size: int | None
    mask: int | None = None


def common_frame(first: Frame | None, second: Frame | None) -> Frame | None:
    """Samples of a result of two values.

    Raises
    ------
    TraceError
        When both have samples, but not the same.
    """
    if first is None or second is None or first == second:
        return first if second is None else second
    if first.mask != second.mask:
        raise TraceError(
            "joins samples that different conditions chose; use `np.where`."
        )
    raise TraceError(f"joins {first.size} samples with {second.size}.")
