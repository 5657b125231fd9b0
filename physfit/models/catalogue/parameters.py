"""Parameters that several entries have, with one meaning in all of them."""

from __future__ import annotations

from physfit.models.param import Param

__all__ = [
    "AREA",
    "CENTER",
    "GAMMA",
    "HEIGHT",
    "PHASE",
    "RATE",
    "SIGMA",
    "J",
    "of_peak",
]

AREA = Param("amplitude", "y*x", "area")
HEIGHT = Param("height", "y", "value at the maximum")
CENTER = Param("center", "x", "position of the maximum")
SIGMA = Param("sigma", "x", "standard deviation of the Gaussian", 0.0)
GAMMA = Param("gamma", "x", "half width at half maximum of the Lorentzian", 0.0)
RATE = Param("rate", "1/x", "decay rate: the amplitude falls as exp(-rate t)", 0.0)
PHASE = Param("phase", "'rad'", "phase at t = 0")
J = Param("J", "x", "coupling, k_B = 1", 0.0)


def of_peak(height: str, fwhm: str) -> tuple[tuple[str, str, str, str], ...]:
    """Height and full width of a peak, by their expressions."""
    return (
        ("height", height, "y", "value at center"),
        ("fwhm", fwhm, "x", "full width at half maximum"),
    )
