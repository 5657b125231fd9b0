"""Positions along a spectrum in other units: energies, wavenumbers, wavelengths.

Everything goes by the wavenumber: energies, frequencies and temperatures are
proportional to it, wavelengths (in vacuum) to its inverse. Constants are those of the
SI of 2019, which are exact.
"""

from __future__ import annotations

from typing import NamedTuple

from physfit.errors import InputError, did_you_mean

__all__ = ["SPECTRAL_UNITS", "Conversion", "conversion"]

_H, _C, _E, _K = 6.62607015e-34, 299792458.0, 1.602176634e-19, 1.380649e-23
#: Wavenumber in 1/m of one unit, of units that are proportional to it.
_PROPORTIONAL = {
    **{"1/m": 1.0, "1/cm": 100.0},
    **{"eV": _E / (_H * _C), "meV": 1e-3 * _E / (_H * _C), "keV": 1e3 * _E / (_H * _C)},
    **{"J": 1.0 / (_H * _C), "K": _K / (_H * _C)},
    **{"Hz": 1.0 / _C, "kHz": 1e3 / _C, "MHz": 1e6 / _C, "GHz": 1e9 / _C},
    **{"THz": 1e12 / _C},
}
#: Length in m of one unit of wavelength.
_WAVELENGTHS = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "nm": 1e-9, "angstrom": 1e-10}
_OTHERS = {
    **dict.fromkeys(
        ("cm^-1", "cm-1", "cm⁻¹", "cm**-1", "cm^{-1}", "wavenumber"), "1/cm"
    ),
    **dict.fromkeys(("m^-1", "m⁻¹"), "1/m"),
    **dict.fromkeys(("µm", "μm", "micron"), "um"),
    **dict.fromkeys(("Å", "Angstrom", "A"), "angstrom"),
    "kelvin": "K",
}
#: All units that positions are converted between.
SPECTRAL_UNITS = (*_PROPORTIONAL, *_WAVELENGTHS)


class Conversion(NamedTuple):
    """From one unit to another: ``factor * value``, or ``factor / value``.

    Attributes
    ----------
    factor : float
    is_inverse : bool
    """

    factor: float
    is_inverse: bool

    def value(self, position: float) -> float:
        """The position in the other unit."""
        return self.factor / position if self.is_inverse else self.factor * position

    def slope(self, position: float) -> float:
        """How the position in the other unit changes with this one."""
        return -self.factor / position**2 if self.is_inverse else self.factor


def conversion(unit: str, other: str) -> Conversion:
    """Conversion of positions between two units of spectra.

    Raises
    ------
    InputError
        When one of them is none.

    Examples
    --------
    >>> round(conversion("eV", "nm").value(2.0), 3)
    619.921
    """
    first, second = (_known(own) for own in (unit, other))
    inverse = (first in _WAVELENGTHS) != (second in _WAVELENGTHS)
    scale = _scale(first)
    if inverse:
        return Conversion(1.0 / (scale * _scale(second)), True)
    return Conversion(scale / _scale(second), False)


def _known(unit: str) -> str:
    name = _OTHERS.get(unit.strip(), unit.strip())
    if name in SPECTRAL_UNITS:
        return name
    raise InputError(
        f"{unit!r} is no unit of energy, wavenumber, frequency or wavelength; "
        f"{did_you_mean(unit, SPECTRAL_UNITS)}"
    )


def _scale(unit: str) -> float:
    """Wavenumber or wavelength in SI units of one of a unit."""
    return _PROPORTIONAL[unit] if unit in _PROPORTIONAL else _WAVELENGTHS[unit]
