"""Resonances, derivative lines and multiplets."""

from __future__ import annotations

from collections.abc import Mapping

from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import AREA, CENTER, GAMMA, HEIGHT, SIGMA
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "BreitWigner",
    "BreitWignerRunning",
    "DampedHarmonic",
    "DerivativeGaussian",
    "DerivativeLorentzian",
    "Fano",
    "GaussianDoublet",
    "LorentzianDoublet",
    "LorentzianQuartet",
    "LorentzianTriplet",
    "MossbauerDoublet",
    "MossbauerSextet",
    "PseudoVoigtDoublet",
    "VoigtDoublet",
]

_Z = {"z": "(x - center) / gamma"}
_RESONANCE = Param("center", "x", "position of the resonance")
_MASS = Param("center", "x", "position of the resonance", 0.0)
_NATURAL = Param("width", "x", "natural width, the full one", 0.0)

Fano = Component(
    Formula("fano", "height * (q + z)**2 / ((1 + q * q) * (1 + z * z))", steps=_Z),
    description="Fano resonance on a continuum",
    parameters=(
        Param("height", "y", "value at the maximum"),
        _RESONANCE,
        Param("gamma", "x", "half width of the resonance", 0.0),
        Param("q", "", "asymmetry; the larger, the nearer to a Lorentzian"),
    ),
    derived=(("level", "height / (1 + q**2)", "y", "value far from the resonance"),),
    scale="height",
    convention="height at the maximum, not the level; gamma is half the width",
    also=("Fano line", "Breit-Wigner-Fano", "BreitWignerModel", "BWF"),
    reference="U. Fano, Phys. Rev. 124 (1961) 1866.",
    example=Example((-5.0, 5.0), {"q": (0.0, 1.0, 5.0)}),
)

BreitWigner = Component(
    Formula(
        "breit_wigner",
        "amplitude * sqrt(8) / pi * center * width * root / sqrt(square + root) "
        "/ ((x - center)**2 * (x + center)**2 + square * width**2)",
        steps={
            "square": "center**2",
            "root": "center * sqrt(square + width**2)",
        },
    ),
    description="relativistic Breit-Wigner resonance, against energy",
    parameters=(AREA, _MASS, _NATURAL),
    scale="amplitude",
    convention="area over energies > 0; width is the full one; x is an energy",
    also=("relativistic Breit-Wigner", "rel_breitwigner"),
    reference="Particle Data Group, Review of Particle Physics, section Resonances.",
    example=Example((0.0, 10.0), {"center": 5.0, "width": (0.5, 1.5)}),
)

BreitWignerRunning = Component(
    Formula(
        "breit_wigner_running",
        "height * s * width**2 / ((x - center)**2 * (x + center)**2 + w * w)",
        steps={"s": "x * x", "w": "s * width / center"},
    ),
    description="Breit-Wigner resonance with a width that grows as s, as of the Z",
    parameters=(HEIGHT, _MASS, _NATURAL),
    scale="height",
    convention="height at s = center^2; x is the energy, s its square",
    also=("s-dependent width", "Z line shape"),
    reference="D. Bardin et al., Phys. Lett. B 206 (1988) 539.",
    example=Example((0.0, 10.0), {"center": 5.0, "width": (0.5, 1.5)}),
)

#: u / (1 - exp(-u)), by its series near 0 and without overflow.
_BALANCE = (
    "where(abs(u) < 0.05, 1 + u * (0.5 + u * (1/12 + u * u * (-1/720 + u * u "
    "* (1/30240 - u * u / 1209600)))), "
    "where(u > 0, u / -expm1(-u), u * exp(u) / expm1(u)))"
)
DampedHarmonic = Component(
    Formula(
        "damped_harmonic",
        f"amplitude * 4 * center * gamma * kT / pi * ({_BALANCE}) "
        "/ (((x - center)**2 + gamma * gamma) * ((x + center)**2 + gamma * gamma))",
        steps={"u": "x / kT"},
    ),
    description="damped harmonic oscillator S(Q, E) with detailed balance",
    formula="amplitude (L(x - center) - L(x + center)) / (1 - exp(-x / kT)), "
    "L(x) = gamma / pi / (x^2 + gamma^2)",
    parameters=(
        Param("amplitude", "y*x", "strength: the area of L"),
        Param("center", "x", "energy of the mode", 0.0),
        GAMMA,
        Param("kT", "x", "temperature in units of x", 0.0),
    ),
    scale="amplitude",
    convention="energy gain at x < 0; gamma is half of the full width; lmfit calls kT "
    "gamma and gamma sigma",
    also=("DHO", "DampedHarmonicOscillatorModel", "phonon", "neutron scattering"),
    reference="B. Fak, B. Dorner, Physica B 234 (1997) 1107.",
    example=Example((-6.0, 6.0), {"center": 3.0, "gamma": 0.4, "kT": (1.0, 5.0)}),
)

_PHASE = Param("phase", "'rad'", "share of dispersion: 0 is pure absorption")
DerivativeLorentzian = Component(
    Formula(
        "derivative_lorentzian",
        "amplitude / (pi * gamma**2) * l * l "
        "* ((1 - z * z) * sin(phase) - 2 * z * cos(phase))",
        steps={**_Z, "l": "1 / (1 + z * z)"},
    ),
    description="derivative of a Lorentzian line, as EPR spectra have",
    parameters=(
        Param("amplitude", "y*x**2", "area of the absorption"),
        CENTER,
        GAMMA,
        _PHASE,
    ),
    derived=(("peak_to_peak", "2 / sqrt(3) * gamma", "x", "distance of the extremes"),),
    scale="amplitude",
    convention="amplitude is the area of the absorption line: the double integral",
    also=("EPR line", "ESR line", "first derivative", "Dysonian"),
    reference="J. A. Weil, J. R. Bolton, Electron Paramagnetic Resonance, appendix F.",
    example=Example((-5.0, 5.0), {"phase": (0.0, 0.6, 1.57)}),
)

DerivativeGaussian = Component(
    Formula(
        "derivative_gaussian",
        "-amplitude / (sigma**2 * sqrt(2 * pi)) * z * exp(-0.5 * z * z)",
        steps={"z": "(x - center) / sigma"},
    ),
    description="derivative of a Gaussian line, as EPR spectra have",
    parameters=(Param("amplitude", "y*x**2", "area of the absorption"), CENTER, SIGMA),
    derived=(("peak_to_peak", "2 * sigma", "x", "distance of the extremes"),),
    scale="amplitude",
    convention="amplitude is the area of the absorption line: the double integral",
    also=("EPR line", "ESR line", "first derivative"),
    example=Example((-5.0, 5.0), {"sigma": (0.5, 1.0)}),
)

_SPLITTING = Param("splitting", "x", "distance of the second line from the first")
_RATIO = Param("ratio", "", "area of the second line over that of the first", 0.0)
_LINES: Mapping[str, tuple[str, tuple[Param, ...]]] = {
    "gaussian": (
        "exp(-0.5 * ({0})**2 / sigma**2) / (sigma * sqrt(2 * pi))",
        (SIGMA,),
    ),
    "lorentzian": ("gamma / (pi * (gamma**2 + ({0})**2))", (GAMMA,)),
    "voigt": ("voigt_profile({0}, sigma, gamma)", (SIGMA, GAMMA)),
    "pseudo_voigt": (
        "((1 - fraction) * sqrt(log(2) / pi) / sigma "
        "* exp(-log(2) * ({0})**2 / sigma**2) "
        "+ fraction * sigma / (pi * (sigma**2 + ({0})**2)))",
        (
            Param("sigma", "x", "half width at half maximum", 0.0),
            Param("fraction", "", "share of the Lorentzian", 0.0, 1.0),
        ),
    ),
}


def _sum_of_lines(shape: str, weights: Mapping[str, str]) -> str:
    """Lines of one shape at places, by their weights."""
    text = _LINES[shape][0]
    return " + ".join(f"{w} * {text.format(place)}" for place, w in weights.items())


def _doublet(shape: str) -> Component:
    """Two lines of one shape, with a splitting and a ratio that are parameters."""
    places = {"(x - center)": "1", "(x - center - splitting)": "ratio"}
    return Component(
        Formula(f"{shape}_doublet", f"amplitude * ({_sum_of_lines(shape, places)})"),
        description=f"two {shape.replace('_', '-')} lines of one width",
        formula=f"{shape} at center + ratio times {shape} at center + splitting",
        parameters=(
            Param("amplitude", "y*x", "area of the first line"),
            Param("center", "x", "position of the first line"),
            *_LINES[shape][1],
            _SPLITTING,
            _RATIO,
        ),
        derived=(("total", "amplitude * (1 + ratio)", "y*x", "area of both lines"),),
        scale="amplitude",
        convention="area and position of the first line; hold splitting or ratio by "
        "pf.fixed where they are known, as 0.5 of p levels",
        also=("spin-orbit doublet", "XPS doublet"),
        example=Example(
            (-3.0, 5.0),
            {own.name: 0.5 for own in _LINES[shape][1]}
            | {"splitting": 2.0, "ratio": 0.5},
        ),
    )


GaussianDoublet, LorentzianDoublet, VoigtDoublet, PseudoVoigtDoublet = map(
    _doublet, _LINES
)


def _multiplet(name: str, weights: tuple[float, ...], also: str) -> Component:
    """Lorentzian lines at equal distances around a center, by their intensities."""
    n = len(weights)
    places = {
        f"(x - center - {k - (n - 1) / 2.0} * coupling)": repr(w / sum(weights))
        for k, w in enumerate(weights)
    }
    return Component(
        Formula(
            f"lorentzian_{name}", f"amplitude * ({_sum_of_lines('lorentzian', places)})"
        ),
        description=f"{name} of Lorentzian lines, as coupled nuclei show",
        formula="lines of intensities "
        + " : ".join(f"{w:g}" for w in weights)
        + ", coupling apart",
        parameters=(
            Param("amplitude", "y*x", "area of all lines"),
            Param("center", "x", "middle of the lines"),
            GAMMA,
            Param("coupling", "x", "distance of neighbouring lines", 0.0),
        ),
        scale="amplitude",
        convention="area of all lines together",
        also=(also,),
        example=Example((-5.0, 5.0), {"gamma": 0.25, "coupling": 1.5}),
    )


LorentzianTriplet = _multiplet("triplet", (1.0, 2.0, 1.0), "NMR triplet")
LorentzianQuartet = _multiplet("quartet", (1.0, 3.0, 3.0, 1.0), "NMR quartet")

_DEPTH = Param("amplitude", "y*x", "area of all lines; negative in absorption")
_SHIFT = Param("shift", "x", "isomer shift: middle of the lines")
MossbauerDoublet = Component(
    Formula(
        "mossbauer_doublet",
        "amplitude * ("
        + _sum_of_lines(
            "lorentzian",
            {
                "(x - shift + splitting / 2)": "0.5",
                "(x - shift - splitting / 2)": "0.5",
            },
        )
        + ")",
    ),
    description="quadrupole doublet of a Moessbauer spectrum",
    formula="two Lorentzian lines at shift +- splitting / 2",
    parameters=(
        _DEPTH,
        _SHIFT,
        GAMMA,
        Param("splitting", "x", "quadrupole splitting", 0.0),
    ),
    scale="amplitude",
    convention="area of both lines; gamma is half of the full width",
    also=("Moessbauer", "quadrupole splitting"),
    example=Example((-4.0, 4.0), {"gamma": 0.3, "splitting": 1.8, "shift": 0.3}),
)

#: Places of the lines of alpha iron in mm/s over its field in T (33.04), by the ground
#: and excited moments of Fe-57, and intensities 3:2:1:1:2:3 of a powder.
_FIELD = 33.04
_PLACES = (5.3123, 3.0760, 0.8397)
_INTENSITIES = (3.0, 2.0, 1.0)


def _sextet() -> str:
    weights = {}
    for place, weight in zip(_PLACES, _INTENSITIES, strict=True):
        sign = "-" if place == _PLACES[0] else "+"
        for side in "+-":
            apart = f"{side} {place / (2.0 * _PLACES[0])!r} * splitting"
            weights[f"(x - shift {sign} quadrupole {apart})"] = repr(weight / 12.0)
    return f"amplitude * ({_sum_of_lines('lorentzian', weights)})"


MossbauerSextet = Component(
    Formula("mossbauer_sextet", _sextet()),
    description="magnetic sextet of Fe-57 in a Moessbauer spectrum of a powder",
    formula="six Lorentzian lines, 3 : 2 : 1 : 1 : 2 : 3, around shift",
    parameters=(
        _DEPTH,
        _SHIFT,
        GAMMA,
        Param("splitting", "x", "distance of the outer lines", 0.0),
        Param("quadrupole", "x", "outer lines up, inner ones down", start=0.0),
    ),
    scale="amplitude",
    derived=(
        (
            "field",
            f"splitting * {_FIELD / (2.0 * _PLACES[0])!r}",
            "'T'",
            "hyperfine field, of x in mm/s",
        ),
    ),
    convention="field for x in mm/s: outer lines 10.6246 mm/s apart are 33.04 T",
    also=("Moessbauer", "hyperfine field", "Zeeman sextet"),
    reference="N. N. Greenwood, T. C. Gibb, Moessbauer Spectroscopy (1971).",
    example=Example(
        (-8.0, 8.0),
        {"gamma": 0.25, "splitting": 10.6, "shift": 0.0, "quadrupole": 0.1},
    ),
)
