"""A user's function where rows come in windows, so that no curve is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.errors import ModelError
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.host_function import HostFunction

__all__ = ["Windowed"]


class Windowed:
    """A function whose values at blocks of samples are those of the whole curve.

    Raises
    ------
    ModelError
        At the first block, where the value of a sample depends on the others.
    """

    def __init__(self, whole: HostFunction) -> None:
        self.whole = whole
        self.is_checked = False

    @property
    def digest(self) -> str:
        """Of the function."""
        return self.whole.digest

    @property
    def note(self) -> str:
        """As for the function."""
        return self.whole.note

    @property
    def is_pointwise(self) -> bool:
        """Always: others are refused."""
        return True

    def __call__(
        self, params: FloatArray, x: FloatArray, wanted: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """As for the function, of a block."""
        if not self.is_checked and x.shape[1] > 1:
            self._check(params, x)
            self.is_checked = True
        return self.whole(params, x, wanted)

    def in_windows(self) -> Windowed:
        """Itself."""
        return self

    def _check(self, params: FloatArray, x: FloatArray) -> None:
        """Refuse a block of which some samples alone have other values."""
        if not self.whole.agrees_on_some(params, x, self.whole.values(params, x)):
            raise ModelError(
                f"`{self.whole.name}` gives a sample another value when others are left"
                " out, but here rows come in windows; fit it to data in memory, "
                "without batches."
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Windowed) and self.whole == other.whole

    def __hash__(self) -> int:
        return hash((Windowed, self.whole))
