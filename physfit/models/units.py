"""Units of parameters as readable text, from the units of the data.

A parameter's unit is declared in terms of `x` and `y`: "y*x" is a product of their
units, "y/x**2" a quotient. `resolve_unit` puts the units of the data in, by rules of
text:

- a unit that is one symbol with an optional power ("cm", "cm⁻¹", "cm^-1", "1/cm") takes
  part in powers and merges with its like: "1/x" of "s" is "1/s", of "cm⁻¹" it is "cm";
- any other text ("m/s", "counts per s") is kept whole and put in parentheses when it
  has to be raised or joined with others: "1/(m/s)";
- "1" is dimensionless; "" is unknown, and so is everything that needs it;
- a unit that comes out as it went in keeps its spelling; what has to be inverted stands
  behind a slash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from physfit.errors import ModelError, printable

__all__ = ["resolve_unit"]

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_FACTOR = re.compile(r"([*/])([xy1])(?:\*\*(\d))?")

#: A unit as it was given, and the power that its symbol has in it.
Spelling: TypeAlias = tuple[str, int]

_SYMBOL = re.compile(r"(1/)?([^\W\d_]+|[°%µΩ]\w*)(?:(?:\^|\*\*)?\(?(-?\d+)\)?|)")


@lru_cache(maxsize=1024)
def resolve_unit(unit: str, x_unit: str = "", y_unit: str = "") -> str:
    """Readable unit of a parameter.

    Parameters
    ----------
    unit : str
        "x", "y*x", "1/x", "y/x**2" and the like; a literal in single quotes; or "".
    x_unit, y_unit : str
        Units of the data; "" when unknown, "1" when dimensionless.

    Returns
    -------
    str
        "" when unknown or dimensionless.

    Raises
    ------
    ModelError
        When `unit` is none of these.

    Examples
    --------
    >>> resolve_unit("y*x", "cm⁻¹", "counts")
    'counts cm⁻¹'
    >>> resolve_unit("y*x", "1/cm", "counts")
    'counts/cm'
    >>> resolve_unit("1/x", "s")
    '1/s'
    >>> resolve_unit("'rad'", "s")
    'rad'
    """
    if not unit or unit.startswith("'"):
        return unit.strip("'")
    if not (x_unit.isprintable() and y_unit.isprintable()):
        x_unit, y_unit = printable(x_unit.strip()), printable(y_unit.strip())
    units = {"x": x_unit.strip(), "y": y_unit.strip(), "1": "1"}
    powers: dict[str, int] = {}
    spelling: dict[str, Spelling] = {}
    for symbol, power in _factors(unit):
        text = units[symbol]
        if not text:
            return ""
        if text != "1":
            base, inner = _base(text)
            powers[base] = powers.get(base, 0) + power * inner
            spelling.setdefault(base, (text, inner))
    left = {base: power for base, power in powers.items() if power}
    if len(left) == 1:
        ((base, power),) = left.items()
        text, inner = spelling[base]
        return text if power == inner else _quotient(left, spelling)
    return _quotient(left, spelling)


def _quotient(powers: Mapping[str, int], spelling: Mapping[str, Spelling]) -> str:
    """Units joined: "V s", "V/s", "1/s", "V/(s m)"."""
    above, below = [], []
    for base, power in powers.items():
        text, inner = spelling[base]
        if power == inner and not text.startswith("1/"):
            above.append(_whole(text))
        elif power > 0:
            above.append(_raised(base, power))
        else:
            below.append(_raised(base, -power))
    if not below:
        return " ".join(above)
    divisor = below[0] if len(below) == 1 else f"({' '.join(below)})"
    return f"{' '.join(above) or '1'}/{divisor}"


def _factors(unit: str) -> list[tuple[str, int]]:
    text = "*" + unit.replace(" ", "")
    factors = [
        (symbol, (1 if sign == "*" else -1) * int(power or 1))
        for sign, symbol, power in _FACTOR.findall(text)
    ]
    if _FACTOR.sub("", text):
        raise ModelError(
            f"cannot read the unit {unit!r}; write it with x, y, * and /, as in "
            "'y*x' or 'y/x**2', or put a literal in single quotes."
        )
    return factors


def _base(text: str) -> tuple[str, int]:
    """Symbol and power of a simple unit; any other text whole, to the power 1."""
    match = _SYMBOL.fullmatch(text.translate(_PLAIN))
    if match is None:
        return text, 1
    inverse, symbol, power = match.groups()
    return symbol, (-1 if inverse else 1) * int(power or 1)


def _raised(base: str, power: int) -> str:
    return _whole(base) + ("" if power == 1 else str(power).translate(_SUPERSCRIPT))


def _whole(text: str) -> str:
    """Text that can stand beside others: in parentheses unless it is one symbol."""
    is_one = _SYMBOL.fullmatch(text.translate(_PLAIN)) is not None
    return text if is_one else f"({text})"
