"""The components that ship, each declared once.

One entry per point function: parameters with unit, bounds and meaning, derived
quantities, formula, reference, and how start values are guessed. Bounds are those of
the formula's meaning (a width is not negative); everything else is left to the user.
"""

from __future__ import annotations

from dataclasses import dataclass

from physfit.engine.guesses.motions import OSCILLATOR, ROTATION
from physfit.kernels import (
    backgrounds,
    images,
    lineshapes,
    oscillators,
    thermodynamics,
)
from physfit.kernels.kernel import point_kernel, refuse_taken
from physfit.models.declaration import DECLARATIONS, Declaration
from physfit.models.guesses import (
    FWHM_OF_SIGMA,
    Decay,
    Peak,
    Polynomial,
    RoundPeak,
    Wave,
)
from physfit.models.model import Model, component
from physfit.models.param import Param

__all__ = ["COMPONENTS", "Component", "declare"]


@dataclass(frozen=True, repr=False)
class Component(Declaration):
    """A declaration that makes a model when it is called, with a prefix or without.

    Examples
    --------
    >>> Gaussian("a_").names
    ('a_amplitude', 'a_center', 'a_sigma')
    """

    def __call__(self, prefix: str = "") -> Model:
        """Model of this component; `prefix` precedes its parameter names."""
        return component(self, prefix)

    def __repr__(self) -> str:
        return f"physfit.models.{self.class_name}"

    def _repr_html_(self) -> str:
        from physfit.document.html import as_html
        from physfit.models.description import described

        return as_html(described(self))


class _Help:
    """Docstring of the class, and of each component its description."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, own: Component | None, owner: type) -> str | None:
        if own is None:
            return self.of_class
        from physfit.document.text import as_text
        from physfit.models.description import described

        return as_text(described(own))


# `help(Voigt)` and `Voigt?` show what __doc__ of the object is.
Component.__doc__ = _Help(Component.__doc__)  # type: ignore[assignment]


def declare(declared: Component) -> Component:
    """Enter a component into the catalogue, under the name of its kernel.

    Raises
    ------
    InputError
        When another module has a component of that name.
    """
    name = declared.point
    if name in DECLARATIONS:
        refuse_taken(name, DECLARATIONS[name].kernel.function, declared.kernel.function)
    DECLARATIONS[name] = declared
    return declared


_AREA = Param("amplitude", "y*x", "area")
_CENTER = Param("center", "x", "position of the maximum")
_SIGMA = Param("sigma", "x", "standard deviation of the Gaussian", 0.0)
_GAMMA = Param("gamma", "x", "half width at half maximum of the Lorentzian", 0.0)
_RATE = Param("rate", "1/x", "decay rate: the amplitude falls as exp(-rate t)", 0.0)
_PHASE = Param("phase", "'rad'", "phase at t = 0")
_J = Param("J", "x", "coupling, k_B = 1", 0.0)


def _of_peak(height: str, fwhm: str) -> tuple[tuple[str, str, str, str], ...]:
    """Height and full width of a peak, by their expressions."""
    return (
        ("height", height, "y", "value at center"),
        ("fwhm", fwhm, "x", "full width at half maximum"),
    )


Gaussian = Component(
    kernel=point_kernel(lineshapes.gaussian),
    description="Gaussian peak",
    formula="amplitude / (sigma sqrt(2 pi)) exp(-(x - center)^2 / (2 sigma^2))",
    parameters=(_AREA, _CENTER, _SIGMA),
    derived=_of_peak(
        "amplitude / (sigma * sqrt(2 * pi))", "2 * sqrt(2 * log(2)) * sigma"
    ),
    guess=Peak(gauss=("sigma", FWHM_OF_SIGMA)),
    scale="amplitude",
)

Gaussian2dIsotropic = Component(
    kernel=point_kernel(images.gaussian_2d_isotropic, n_inputs=2),
    description="round Gaussian spot in a plane",
    formula=(
        "amplitude / (2 pi sigma^2) "
        "exp(-((x - centerx)^2 + (y - centery)^2) / (2 sigma^2))"
    ),
    parameters=(
        Param("amplitude", "y*x**2", "volume"),
        Param("centerx", "x", "position of the maximum along x"),
        Param("centery", "x", "position of the maximum along y"),
        _SIGMA,
    ),
    derived=_of_peak("amplitude / (2 * pi * sigma**2)", "2 * sqrt(2 * log(2)) * sigma"),
    guess=RoundPeak(),
    scale="amplitude",
)

Lorentzian = Component(
    kernel=point_kernel(lineshapes.lorentzian),
    description="Lorentzian peak",
    formula="amplitude / (pi gamma) / (1 + ((x - center) / gamma)^2)",
    parameters=(_AREA, _CENTER, _GAMMA),
    derived=_of_peak("amplitude / (pi * gamma)", "2 * gamma"),
    guess=Peak(lorentz=("gamma", 2.0)),
    scale="amplitude",
)

Voigt = Component(
    kernel=point_kernel(
        lineshapes.voigt,
        branches=(lineshapes.gauss_like, lineshapes.mixed, lineshapes.lorentz_like),
        choose=lineshapes.voigt_regime,
    ),
    description="Voigt peak: a Gaussian convolved with a Lorentzian",
    formula=(
        "amplitude Re w(z) / (sigma sqrt(2 pi)), "
        "z = (x - center + i gamma) / (sigma sqrt(2))"
    ),
    parameters=(_AREA, _CENTER, _SIGMA, _GAMMA),
    derived=_of_peak(
        "amplitude * voigt_height(sigma, gamma)", "voigt_fwhm(sigma, gamma)"
    ),
    guess=Peak(gauss=("sigma", FWHM_OF_SIGMA), lorentz=("gamma", 2.0)),
    scale="amplitude",
)

PseudoVoigt = Component(
    kernel=point_kernel(lineshapes.pseudo_voigt),
    description="weighted sum of a Gaussian and a Lorentzian of one width",
    formula=(
        "(1 - fraction) gaussian(sigma / sqrt(2 ln 2)) "
        "+ fraction lorentzian(sigma), both of area amplitude"
    ),
    parameters=(
        _AREA,
        _CENTER,
        Param("sigma", "x", "half width at half maximum", 0.0),
        Param("fraction", "", "share of the Lorentzian", 0.0, 1.0),
    ),
    derived=_of_peak(
        "amplitude / sigma * ((1 - fraction) * sqrt(log(2) / pi) + fraction / pi)",
        "2 * sigma",
    ),
    guess=Peak(gauss=("sigma", 2.0), fraction="fraction"),
    scale="amplitude",
)

Constant = Component(
    kernel=point_kernel(backgrounds.constant),
    description="constant",
    formula="c",
    parameters=(Param("c", "y", "value everywhere"),),
    guess=Polynomial((("c", 0),)),
    scale="c",
    is_flat=True,
)

Linear = Component(
    kernel=point_kernel(backgrounds.linear),
    description="straight line",
    formula="slope x + intercept",
    parameters=(
        Param("slope", "y/x", "change per unit of x"),
        Param("intercept", "y", "value at x = 0"),
    ),
    guess=Polynomial((("slope", 1), ("intercept", 0))),
    scale="intercept",
)

Quadratic = Component(
    kernel=point_kernel(backgrounds.quadratic),
    description="parabola",
    formula="a x^2 + b x + c",
    parameters=(
        Param("a", "y/x**2", "curvature: half the second derivative"),
        Param("b", "y/x", "slope at x = 0"),
        Param("c", "y", "value at x = 0"),
    ),
    guess=Polynomial((("a", 2), ("b", 1), ("c", 0))),
    scale="c",
)

Exponential = Component(
    kernel=point_kernel(backgrounds.exponential),
    description="exponential decay",
    formula="amplitude exp(-x / decay)",
    parameters=(
        Param("amplitude", "y", "value at x = 0"),
        Param("decay", "x", "decay constant", 0.0),
    ),
    derived=(("half_life", "log(2) * decay", "x", "where half is left"),),
    guess=Decay(),
    scale="amplitude",
    at_origin=("amplitude",),
)

DampedOscillator = Component(
    kernel=point_kernel(
        oscillators.damped_oscillator,
        branches=(oscillators.underdamped, oscillators.overdamped),
        choose=oscillators.damping_regime,
    ),
    description="free damped oscillator: under-, critically and over-damped",
    formula="x'' + 2 rate x' + omega0^2 x = 0, x(0) = x0, x'(0) = v0",
    parameters=(
        Param("x0", "y", "displacement at t = 0"),
        Param("v0", "y/x", "velocity at t = 0"),
        Param("omega0", "1/x", "undamped angular frequency", 0.0),
        _RATE,
    ),
    derived=(
        ("Q", "omega0 / (2 * rate)", "", "quality factor"),
        ("zeta", "rate / omega0", "", "damping ratio; 1 is critical"),
        ("tau", "1 / rate", "x", "decay time of the amplitude"),
        ("f0", "omega0 / (2 * pi)", "1/x", "undamped frequency"),
        (
            "frequency",
            "sqrt(omega0**2 - rate**2) / (2 * pi)",
            "1/x",
            "frequency of the damped oscillation; none if over-damped",
        ),
        (
            "period",
            "2 * pi / sqrt(omega0**2 - rate**2)",
            "x",
            "period of the damped oscillation; none if over-damped",
        ),
    ),
    guess=Wave("x0", "v0", "omega0", motion=OSCILLATOR),
    scale="x0",
    at_origin=("x0", "v0"),
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 25.",
)

_OMEGA0 = "sqrt((2 * pi * frequency)**2 + rate**2)"
_RINGDOWN_DERIVED = (
    ("Q", f"{_OMEGA0} / (2 * rate)", "", "quality factor"),
    ("zeta", f"rate / {_OMEGA0}", "", "damping ratio"),
    ("tau", "1 / rate", "x", "decay time of the amplitude"),
    ("f0", f"{_OMEGA0} / (2 * pi)", "1/x", "undamped frequency"),
    ("period", "1 / abs(frequency)", "x", "period of the damped oscillation"),
)

Ringdown = Component(
    kernel=point_kernel(oscillators.ringdown),
    description="decaying oscillation",
    formula="amplitude exp(-rate t) cos(2 pi frequency t + phase)",
    parameters=(
        Param("amplitude", "y", "amplitude at t = 0"),
        Param("frequency", "1/x", "frequency", 0.0),
        _RATE,
        _PHASE,
    ),
    derived=_RINGDOWN_DERIVED,
    guess=Wave(),
    scale="amplitude",
    at_origin=("amplitude", "phase"),
)

ComplexRingdown = Component(
    kernel=point_kernel(oscillators.complex_ringdown, n_outputs=2),
    description="decaying rotation in the complex plane, as an NMR signal has",
    formula="amplitude exp(-rate t) exp(i (2 pi frequency t + phase))",
    parameters=(
        Param("amplitude", "y", "modulus at t = 0"),
        Param("frequency", "1/x", "frequency, of either sign"),
        _RATE,
        _PHASE,
    ),
    derived=(
        *_RINGDOWN_DERIVED,
        ("fwhm", "rate / pi", "1/x", "full width of the Lorentzian line"),
    ),
    guess=Wave(motion=ROTATION),
    scale="amplitude",
    at_origin=("amplitude", "phase"),
)

IsingChainEnergy = Component(
    kernel=point_kernel(thermodynamics.ising_chain_energy),
    description="Ising chain without field, energy per spin over temperature",
    formula="u(T) = -J tanh(J / T)",
    parameters=(_J,),
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
)

IsingChainHeat = Component(
    kernel=point_kernel(thermodynamics.ising_chain_heat),
    description="Ising chain without field, specific heat per spin",
    formula="c(T) = (J / T)^2 / cosh(J / T)^2",
    parameters=(_J,),
    derived=(
        (
            "T_max",
            "0.8335565596009647 * J",
            "x",
            "temperature of the largest specific heat",
        ),
    ),
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
)

_SQUARE_DERIVED = (
    ("Tc", "2 * J / log(1 + sqrt(2))", "x", "critical temperature (Onsager)"),
)

IsingSquareEnergy = Component(
    kernel=point_kernel(thermodynamics.ising_square_energy),
    description="Ising model on the square lattice, energy per spin",
    formula=(
        "u(T) = -J coth(2J/T) (1 + 2/pi (2 tanh(2J/T)^2 - 1) K(k)), "
        "k = 2 sinh(2J/T) / cosh(2J/T)^2"
    ),
    parameters=(_J,),
    derived=_SQUARE_DERIVED,
    reference="L. Onsager, Phys. Rev. 65 (1944) 117.",
)

IsingSquareHeat = Component(
    kernel=point_kernel(thermodynamics.ising_square_heat),
    description="Ising model on the square lattice, specific heat per spin",
    formula="c(T) = du/dT of ising_square_energy",
    parameters=(_J,),
    derived=_SQUARE_DERIVED,
    reference="L. Onsager, Phys. Rev. 65 (1944) 117.",
)

#: Every component by its name in `physfit.models`.
COMPONENTS: dict[str, Component] = {
    value.class_name: declare(value)
    for value in list(globals().values())
    if isinstance(value, Component)
}
