"""Standard deviations that a caller names and all rows share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.errors import InputError
from physfit.typing import FloatArray

__all__ = ["SharedSigma"]


class SharedSigma:
    """One number, one for each sample, or none.

    Attributes
    ----------
    values : ndarray, shape (1, 1) or (1, n_points), or None
    is_equal : bool
        Whether all samples of a row have the same.
    digest : str
        "none" without any.

    Raises
    ------
    InputError
        When there are neither one nor `n_points`.
    """

    def __init__(
        self, name: str, sigma: float | FloatArray | None, n_points: int
    ) -> None:
        self._argument = sigma
        self.values: NDArray[Any] | None = None
        self.is_equal, self.digest = True, "none"
        if sigma is None:
            return
        self.values = np.atleast_2d(np.asarray(sigma, float))
        if self.values.shape not in ((1, 1), (1, n_points)):
            raise InputError(
                f"`sigma` must be one number or {n_points} (one per sample) for "
                f"`{name}`, but has shape {self.values.shape}."
            )
        self.is_equal = self.values.shape[1] == 1
        self.digest = digest_of(self.values)

    def opening(self, path: Path) -> dict[str, Any] | None:
        """Arguments of `open_rows`, if they can be written down."""
        if self._argument is None or isinstance(self._argument, int | float):
            return {"path": str(path.resolve()), "sigma": self._argument}
        return None
