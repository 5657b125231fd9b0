"""Units as they stand in headers: which texts are units, and factors between two."""

from __future__ import annotations

import re

__all__ = ["PARTS", "is_unit", "unit_factor"]

#: Units of what is a part of something else, such as sigma in per cent of y.
PARTS = {"%": 1e-2, "percent": 1e-2, "per cent": 1e-2, "‰": 1e-3, "ppm": 1e-6}

_PREFIXES = {
    **{"y": -24, "z": -21, "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3},
    **{"c": -2, "d": -1, "": 0, "h": 2, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15},
}
_SYMBOL_WORDS = (
    "m g s A K mol cd Hz N Pa J W C V F Ohm S Wb T H lm lx Bq Gy Sv eV L l bar "
    "rad sr emu Oe G Torr Wh Ah B dB dBm cal M b u Da X"
)
_SYMBOLS = frozenset(_SYMBOL_WORDS.split())
#: Units without prefixes, in small letters, and the symbol and factor of some.
_WORDS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), ("s", 1.0)),
    **dict.fromkeys(("volt", "volts"), ("V", 1.0)),
    **dict.fromkeys(("ampere", "amperes", "amp", "amps"), ("A", 1.0)),
    **dict.fromkeys(("ohm", "ohms"), ("Ohm", 1.0)),
    **dict.fromkeys(("hertz",), ("Hz", 1.0)),
    **dict.fromkeys(("kelvin",), ("K", 1.0)),
    **dict.fromkeys(("watt", "watts"), ("W", 1.0)),
    **dict.fromkeys(("min", "minute", "minutes"), ("s", 60.0)),
    **dict.fromkeys(("h", "hr", "hour", "hours"), ("s", 3600.0)),
    **dict.fromkeys(("d", "day", "days"), ("s", 86400.0)),
    **dict.fromkeys(("ms", "msec", "milliseconds"), ("s", 1e-3)),
    **dict.fromkeys(("us", "usec", "microseconds"), ("s", 1e-6)),
    **dict.fromkeys(("ns", "nsec", "nanoseconds"), ("s", 1e-9)),
    **dict.fromkeys(("angstrom", "angstroms", "å", "aa"), ("m", 1e-10)),
}
_OTHER_WORDS = (
    "% ‰ ° deg degree degrees °c °f degc degf celsius c count counts cts ct cps "
    "kcps a.u. a.u au arb arb. arb.u. arb.units arb.unit a.u.(counts) arbitrary "
    "arbitraryunits rel.units relative normalized norm. ppm ppb pixel pixels px "
    "pts points div sccm rpm psi mmhg atm gauss oersted absorbance abs abs. "
    "transmittance 1 - dimensionless none cm-1 cm^-1 1/cm wavenumber "
    "wavenumbers v(rms) vrms vpp dbv dbc counts/s count/s cts/s photons phot. "
    "mmol molar sequence"
)
_OTHERS = frozenset(_OTHER_WORDS.split())
_LETTERS = str.maketrans(
    {"µ": "u", "μ": "u", "−": "-", "⁻": "-", "²": "2", "³": "3", "¹": "1", "Ω": "Ohm"}
)
_PARTS = re.compile(r"[/*·.\s()]+")
_POWER = re.compile(r"\^?(?:[+-]?\d+)$")


def is_unit(text: str) -> bool:
    """Whether a text is a unit that is known.

    Examples
    --------
    >>> is_unit("mV"), is_unit("A/m^2"), is_unit("Volt"), is_unit("signal")
    (True, True, True, False)
    """
    text = _normal(text)
    lowered = text.lower().replace(" ", "")
    if lowered in _OTHERS or lowered in _WORDS:
        return True
    parts = [_POWER.sub("", part) for part in _PARTS.split(text) if part != "1"]
    parts = [part for part in parts if part]
    return bool(parts) and all(
        _split(part) is not None or part.lower() in _OTHERS for part in parts
    )


def unit_factor(unit: str, to: str) -> float | None:
    """By what a number in `unit` is multiplied to be one in `to`; None if unknown.

    Examples
    --------
    >>> unit_factor("mV", "V"), unit_factor("s", "s"), unit_factor("K", "V")
    (0.001, 1.0, None)
    """
    one, other = _normal(unit), _normal(to)
    if one.lower() == other.lower() and one[:1] == other[:1]:
        return 1.0
    head, other_head = re.split(r"[\s/*·]", one)[0], re.split(r"[\s/*·]", other)[0]
    if one[len(head) :] != other[len(other_head) :]:
        return None
    source, target = _split(head), _split(other_head)
    if source is None or target is None or source[0] != target[0]:
        return None
    return source[1] / target[1] if source[1] != target[1] else 1.0


def _normal(text: str) -> str:
    text = text.strip().strip("[]()").strip().translate(_LETTERS)
    return re.sub(r"(?<=[A-Za-z])\^", "", text)


def _split(text: str) -> tuple[str, float] | None:
    """Symbol and factor of a unit such as mV."""
    if text.lower() in _WORDS and text not in ("H", "D", "Ms", "MS"):
        return _WORDS[text.lower()]
    for size in (0, 1):
        prefix, symbol = text[:size], text[size:]
        if symbol in _SYMBOLS and prefix in _PREFIXES:
            return symbol, float(f"1e{_PREFIXES[prefix]}")
    return None
