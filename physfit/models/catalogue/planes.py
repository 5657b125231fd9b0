"""Peaks and surfaces over a plane."""

from __future__ import annotations

from physfit.kernels import images
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import SIGMA, of_peak
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import RoundPeak
from physfit.models.param import Param

__all__ = [
    "Gaussian2d",
    "Gaussian2dIsotropic",
    "Gaussian2dRotated",
    "Lorentzian2d",
    "Lorentzian2dRotated",
    "Moffat2d",
    "Paraboloid",
    "Plane",
]

Gaussian2dIsotropic = Component(
    point_kernel(images.gaussian_2d_isotropic, n_inputs=2),
    description="round Gaussian spot in a plane",
    formula=(
        "amplitude / (2 pi sigma^2) "
        "exp(-((x - centerx)^2 + (y - centery)^2) / (2 sigma^2))"
    ),
    parameters=(
        Param("amplitude", "y*x**2", "volume"),
        Param("centerx", "x", "position of the maximum along x"),
        Param("centery", "x", "position of the maximum along y"),
        SIGMA,
    ),
    derived=of_peak("amplitude / (2 * pi * sigma**2)", "2 * sqrt(2 * log(2)) * sigma"),
    guess=RoundPeak(),
    scale="amplitude",
    convention="volume",
    also=("spot", "Gaussian2dModel"),
)

_XY = ("x", "y")
_VOLUME = Param("amplitude", "y*x**2", "volume")
_PEAK = Param("height", "y", "value at the maximum")
_PLACE = (
    Param("centerx", "x", "position of the maximum along x"),
    Param("centery", "x", "position of the maximum along y"),
)
_SIGMAS = (
    Param("sigmax", "x", "standard deviation along x", 0.0),
    Param("sigmay", "x", "standard deviation along y", 0.0),
)
_FWHMS = (
    ("height", "amplitude / (2 * pi * sigmax * sigmay)", "y", "value at the center"),
    ("fwhmx", "2 * sqrt(2 * log(2)) * sigmax", "x", "full width along x"),
    ("fwhmy", "2 * sqrt(2 * log(2)) * sigmay", "x", "full width along y"),
)

Gaussian2d = Component(
    Formula(
        "gaussian_2d",
        "amplitude / (2 * pi * sigmax * sigmay) * exp(-0.5 * (u * u + v * v))",
        steps={"u": "(x - centerx) / sigmax", "v": "(y - centery) / sigmay"},
        x=_XY,
    ),
    description="elliptic Gaussian spot along the axes of a plane",
    parameters=(_VOLUME, *_PLACE, *_SIGMAS),
    derived=_FWHMS,
    scale="amplitude",
    convention="volume",
    also=("Gaussian2dModel", "two-dimensional Gaussian", "beam profile"),
    example=Example((-5.0, 5.0), {"sigmax": 1.8, "sigmay": 0.8}),
)

Gaussian2dRotated = Component(
    Formula(
        "gaussian_2d_rotated",
        "amplitude / (2 * pi * sigmax * sigmay) * exp(-0.5 * (u * u + v * v))",
        steps={
            "c": "cos(theta)",
            "s": "sin(theta)",
            "u": "((x - centerx) * c + (y - centery) * s) / sigmax",
            "v": "((y - centery) * c - (x - centerx) * s) / sigmay",
        },
        x=_XY,
    ),
    description="elliptic Gaussian spot at an angle",
    parameters=(
        _VOLUME,
        *_PLACE,
        Param("sigmax", "x", "standard deviation along the first axis", 0.0),
        Param("sigmay", "x", "standard deviation across it", 0.0),
        Param("theta", "'rad'", "angle of the first axis from x", start=0.3),
    ),
    derived=_FWHMS,
    scale="amplitude",
    convention="volume; theta turns from x to y; theta + pi/2 with the two widths "
    "exchanged is the same spot, and no angle is determined where they are equal",
    also=("rotated Gaussian", "astigmatic beam", "two-dimensional Gaussian"),
    example=Example((-5.0, 5.0), {"sigmax": 1.8, "sigmay": 0.8, "theta": 0.6}),
)

Lorentzian2d = Component(
    Formula(
        "lorentzian_2d",
        "height / (1 + u * u + v * v)",
        steps={"u": "(x - centerx) / gammax", "v": "(y - centery) / gammay"},
        x=_XY,
    ),
    description="elliptic Lorentzian peak over a plane",
    parameters=(
        _PEAK,
        *_PLACE,
        Param("gammax", "x", "half width at half maximum along x", 0.0),
        Param("gammay", "x", "half width at half maximum along y", 0.0),
    ),
    scale="height",
    convention="height: its volume is infinite",
    also=("two-dimensional Lorentzian",),
    example=Example((-5.0, 5.0), {"gammax": 1.5, "gammay": 0.7}),
)

Lorentzian2dRotated = Component(
    Formula(
        "lorentzian_2d_rotated",
        "height / (1 + u * u + v * v)",
        steps={
            "c": "cos(theta)",
            "s": "sin(theta)",
            "u": "((x - centerx) * c + (y - centery) * s) / gammax",
            "v": "((y - centery) * c - (x - centerx) * s) / gammay",
        },
        x=_XY,
    ),
    description="elliptic Lorentzian peak over a plane, at an angle",
    parameters=(
        _PEAK,
        *_PLACE,
        Param("gammax", "x", "half width at half maximum along the first axis", 0.0),
        Param("gammay", "x", "half width at half maximum across it", 0.0),
        Param("theta", "'rad'", "angle of the first axis from x", start=0.3),
    ),
    scale="height",
    convention="height: its volume is infinite; theta turns from x to y",
    also=("rotated Lorentzian", "two-dimensional Lorentzian"),
    example=Example((-5.0, 5.0), {"gammax": 1.5, "gammay": 0.7, "theta": 0.6}),
)

Moffat2d = Component(
    Formula(
        "moffat_2d",
        "height * (1 + (u * u + v * v) / (alpha * alpha))**(-beta)",
        steps={"u": "x - centerx", "v": "y - centery"},
        x=_XY,
    ),
    description="round Moffat peak over a plane, as images of stars have",
    parameters=(
        _PEAK,
        *_PLACE,
        Param("alpha", "x", "width; half of the full one where beta is 1", 0.0),
        Param("beta", "", "power", 0.0),
    ),
    derived=(("fwhm", "2 * alpha * sqrt(2**(1 / beta) - 1)", "x", "full width"),),
    scale="height",
    convention="height, not volume",
    also=("point spread function",),
    reference="A. F. J. Moffat, A&A 3 (1969) 455.",
    example=Example((-5.0, 5.0), {"alpha": 1.2, "beta": 2.0}),
)

Plane = Component(
    Formula("plane", "slopex * x + slopey * y + intercept", x=_XY),
    description="plane: a background of images",
    parameters=(
        Param("slopex", "y/x", "change per unit of x"),
        Param("slopey", "y/x", "change per unit of y"),
        Param("intercept", "y", "value at x = y = 0"),
    ),
    scale="intercept",
    also=("tilted background",),
    example=Example((-5.0, 5.0), {"slopex": 1.0, "slopey": 0.4}),
)

Paraboloid = Component(
    Formula(
        "paraboloid",
        "xx * x * x + xy * x * y + yy * y * y + slopex * x + slopey * y + intercept",
        x=_XY,
    ),
    description="polynomial of second degree over a plane",
    parameters=(
        Param("xx", "y/x**2", "coefficient of x^2"),
        Param("xy", "y/x**2", "coefficient of x y"),
        Param("yy", "y/x**2", "coefficient of y^2"),
        *Plane.parameters,
    ),
    scale="intercept",
    also=("second-degree surface", "background of images"),
    example=Example((-5.0, 5.0), {"xx": 1.0, "xy": 0.5, "yy": -0.5}),
)
