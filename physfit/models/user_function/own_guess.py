"""Start values that the caller's own function finds in data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from physfit.errors import InputError, check_known
from physfit.models.samples import joined
from physfit.typing import FloatArray

__all__ = ["OwnGuess"]


class OwnGuess:
    """A function `(x, y) -> start values`, as a dict by name or one for each parameter.

    It is left behind where it cannot be pickled: start values are guessed then.

    Parameters
    ----------
    function : callable
    names : sequence of str
        Of the parameters, without prefix.
    n_inputs : int, optional
        So many of the rows of x are coordinates; all if left out.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        names: Sequence[str],
        n_inputs: int | None = None,
    ) -> None:
        self.function, self.names = function, tuple(names)
        self.n_inputs = n_inputs

    def values(self, x: FloatArray, y: FloatArray) -> dict[str, float]:
        """Start values by name, from samples: x (n_inputs, n), y (n_outputs, n).

        Raises
        ------
        InputError
            When the function gives something else.
        """
        places = x[: self.n_inputs]
        places = places[0] if len(places) == 1 else places
        found = self.function(places.copy(), joined(y).copy())
        if isinstance(found, Mapping):
            said = "`guess` gives a start of", ", which is no parameter"
            check_known(said[0], found, self.names, said[1])
            named = dict(found)
        elif np.size(found) == len(self.names):
            named = dict(zip(self.names, np.ravel(found), strict=True))
        else:
            raise InputError(
                f"`guess` must give a dict of start values, or one for each of "
                f"{', '.join(self.names)}, but gave {found!r}."
            )
        try:
            return {name: float(value) for name, value in named.items()}
        except (TypeError, ValueError):
            raise InputError(
                f"`guess` must give numbers, but gave {found!r}."
            ) from None

    def __deepcopy__(self, memo: dict[int, Any]) -> OwnGuess:
        return self  # a copy by name would lose functions that have none

    def __reduce__(self) -> tuple[Any, ...]:
        from physfit.models.user_function.called import place_of

        place = place_of(self.function)
        return _restored, (place, self.names, self.n_inputs)


def _restored(
    place: tuple[str, str] | None, names: Sequence[str], n_inputs: int | None
) -> OwnGuess | None:
    from physfit.errors import ModelError
    from physfit.models.user_function.called import imported

    if place is None:
        return None
    try:
        return OwnGuess(imported(place), names, n_inputs)
    except ModelError:
        return None
