"""Units as people write them, from the spellings of files and keyboards.

`spelled` keeps powers behind a caret, which each medium raises in its own way: figures
by mathtext, LaTeX as a formula.
"""

from __future__ import annotations

import re

__all__ = ["POWER", "spelled"]

#: A power of a unit, as `spelled` writes it.
POWER = re.compile(r"\^([+-]?\d+(?:[./]\d+)?)")
_BASES = (
    *("m", "s", "g", "A", "K", "L", "l", "V", "W", "J", "N", "F", "H", "T", "C"),
    *("Pa", "Hz", "eV", "mol", "rad", "sr", "bar", "Torr"),
)
_PREFIXES = ("", *"fpnuµmckMGT")
#: Symbols whose power may stand behind them without a caret: "cm-1", "m2".
_KNOWN = {prefix + base for prefix in _PREFIXES for base in _BASES}
_SIGNS = {
    **{f"u{base}": f"µ{base}" for base in _BASES},
    **{
        f"{prefix}{ohm}": f"{prefix}Ω".replace("u", "µ")
        for prefix in (*"numkMG", "")
        for ohm in ("Ohm", "ohm", "Ohms", "ohms")
    },
    **dict.fromkeys(("deg", "degree", "degrees"), "°"),
    **{f"deg{scale}": f"°{scale}" for scale in "CF"},
    **dict.fromkeys(("Angstrom", "angstrom", "Angstroms", "angstroms"), "Å"),
}
_PARTS = re.compile(r"([^\W\d_]+)(\^?)([+-]?\d+(?:[./]\d+)?)?")


def spelled(unit: str) -> str:
    """Unit with its signs, and powers behind a caret.

    Examples
    --------
    >>> [spelled(own) for own in ("1/cm", "cm-1", "um", "kOhm", "W/m**2", "counts/s")]
    ['cm^-1', 'cm^-1', 'µm', 'kΩ', 'W/m^2', 'counts/s']
    """
    text = re.sub(r"\^[({]([+-]?\d+(?:[./]\d+)?)[)}]", r"^\1", unit.replace("**", "^"))
    inverse = re.fullmatch(r"1/([^\W\d_]+)(?:\^(\d+(?:\.\d+)?))?", text)
    if inverse:
        return f"{_symbol(inverse[1])}^-{inverse[2] or 1}"
    return _PARTS.sub(_spelled, text).replace("*", "·")


def _spelled(match: re.Match[str]) -> str:
    symbol, caret, power = match.groups()
    if power is None:
        return _symbol(symbol) + caret
    ends = not match.string[match.end() :][:1].isalnum()
    if caret or (ends and symbol in _KNOWN):
        return f"{_symbol(symbol)}^{power}"
    return match[0]


def _symbol(symbol: str) -> str:
    return _SIGNS.get(symbol, symbol)
