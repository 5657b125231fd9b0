"""Parameters that a function takes as one argument."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

__all__ = ["Vector"]


class Number(float):
    """A value as lmfit's parameters hold it, in `value`."""

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self)


class Vector(tuple[Any, ...]):
    """Values of parameters: a sequence, by name also what lmfit's `Parameters` is."""

    names: tuple[str, ...]

    @staticmethod
    def of(names: tuple[str, ...], values: Sequence[Any]) -> Vector:
        """Values under their names."""
        vector = Vector(values)
        vector.names = names
        return vector

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self.names:
            raise KeyError(key)
        value = super().__getitem__(self.names.index(key))
        return Number(value) if isinstance(value, Real) else value

    def valuesdict(self) -> dict[str, Any]:
        """Values by name, as of lmfit."""
        return dict(zip(self.names, self, strict=True))
