"""Structs that Python and compiled code share, declared once.

Every field takes 8 bytes. In compiled code `at(address, Struct)` is a pointer whose
fields are attributes, as in `at(address, Struct).n_samples`. In Python an attribute of
the class is the place of the field in an array of words: `words[Struct.n_samples]`.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, TypeAlias

import numpy as np

from physfit.typing import IntArray

__all__ = ["Float64", "Struct"]

_KINDS = {"int": "i8", "Float64": "f8"}
#: Annotation of a field that is a float64; the attribute is its place all the same.
Float64: TypeAlias = int


class Struct:
    """Base of structs; fields are annotations of a subclass, `int` or `Float64`.

    A subclass of a struct begins with the fields of its base.

    Attributes
    ----------
    SIZE : int
        Number of fields.
    FIELDS : tuple of (str, str)
        Name and numpy type of each.
    """

    SIZE: ClassVar[int] = 0
    FIELDS: ClassVar[tuple[tuple[str, str], ...]] = ()
    __physfit_role__ = "struct"

    def __init_subclass__(cls) -> None:
        fields = list(cls.FIELDS)
        for name, kind in inspect.get_annotations(cls).items():
            setattr(cls, name, len(fields))
            fields.append((name, _KINDS[kind]))
        cls.FIELDS, cls.SIZE = tuple(fields), len(fields)

    @classmethod
    def filled(cls, **values: float) -> IntArray:
        """Words of a struct; fields that are not named are 0."""
        words = np.zeros(cls.SIZE, dtype=np.int64)
        for name, value in values.items():
            place = getattr(cls, name)
            is_float = cls.FIELDS[place][1] == "f8"
            (words.view(np.float64) if is_float else words)[place] = value
        return words

    @classmethod
    def over(cls, words: Any) -> Any:
        """Array of words whose fields are attributes, as in compiled code."""
        return _View(cls, words)


class _View:
    """What `at` gives in compiled code, for the interpreter."""

    def __init__(self, struct: type[Struct], words: Any) -> None:
        self.__dict__.update(struct=struct, words=words)

    def __getattr__(self, name: str) -> Any:
        return self.words[getattr(self.struct, name)]

    def __setattr__(self, name: str, value: Any) -> None:
        self.words[getattr(self.struct, name)] = value
