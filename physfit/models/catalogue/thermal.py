"""Laws of temperature, of radiation and of charges."""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "Arrhenius",
    "Bose",
    "Brillouin",
    "Diode",
    "DiodeResistance",
    "Fermi",
    "Langevin",
    "Maxwell",
    "PlanckFrequency",
    "PlanckWavelength",
]

#: h c / k_B in um K and h / k_B in K s (CODATA 2018, exact).
_C2 = 14387.768775039337
_H_K = 4.799243073366221e-11
_FACTOR = Param("amplitude", "y", "factor")
_KT = Param("kT", "x", "temperature in units of x", 0.0)
_MU = Param("mu", "x", "chemical potential")

Bose = Component(
    Formula(
        "bose",
        "amplitude * where(z > 0, exp(-z) / -expm1(-z), 1 / expm1(z))",
        steps={"z": "(x - mu) / kT"},
        domain="x != mu",
    ),
    description="Bose-Einstein distribution",
    parameters=(_FACTOR, Param("mu", "x", "chemical potential", start=0.0), _KT),
    scale="amplitude",
    also=("BoseModel", "ThermalDistributionModel", "phonon occupation"),
    example=Example((0.2, 5.0), {"mu": 0.0, "kT": (0.5, 1.0, 2.0)}),
)

Fermi = Component(
    Formula("fermi", "amplitude * expit((mu - x) / kT)"),
    description="Fermi-Dirac distribution",
    parameters=(Param("amplitude", "y", "level on the left"), _MU, _KT),
    scale="amplitude",
    also=("FermiModel", "ThermalDistributionModel"),
    example=Example((-5.0, 5.0), {"mu": 0.0, "kT": (0.2, 0.5, 1.0)}),
)

Maxwell = Component(
    Formula(
        "maxwell",
        "where(x > 0, amplitude * sqrt(2 / pi) * z * z / scale * exp(-0.5 * z * z), 0)",
        steps={"z": "x / scale"},
    ),
    description="Maxwell distribution of speeds",
    parameters=(
        Param("amplitude", "y*x", "area"),
        Param("scale", "x", "sqrt(k_B T / m)", 0.0),
    ),
    derived=(
        ("mode", "sqrt(2) * scale", "x", "most probable speed"),
        ("mean", "2 * sqrt(2 / pi) * scale", "x", "mean speed"),
    ),
    scale="amplitude",
    convention="area",
    also=("Maxwell-Boltzmann",),
    example=Example((0.0, 5.0), {"scale": (0.5, 1.0, 1.5)}),
)


def _planck(power: int) -> str:
    """amplitude x^power / (exp(u) - 1), which cannot overflow."""
    x = " * ".join(["x"] * power)
    return f"amplitude * {x} * where(u > 1, exp(-u) / -expm1(-u), 1 / expm1(u))"


PlanckFrequency = Component(
    Formula(
        "planck_frequency",
        _planck(3),
        steps={"u": f"{_H_K!r} * x / T"},
        domain="x > 0",
    ),
    description="black body against frequency (in Hz)",
    formula="amplitude x^3 / (exp(h x / k T) - 1)",
    parameters=(
        Param("amplitude", "y/x**3", "factor"),
        Param("T", "'K'", "temperature", 0.0, start=5000.0),
    ),
    scale="amplitude",
    convention="x in Hz, T in K",
    also=("black body", "thermal radiation"),
    reference="M. Planck, Ann. Phys. 309 (1901) 553.",
    example=Example((1e12, 1e15), {"amplitude": 1e-42, "T": (3000.0, 5000.0)}),
)

PlanckWavelength = Component(
    Formula(
        "planck_wavelength",
        "amplitude / (x * x * x * x * x) "
        "* where(u > 1, exp(-u) / -expm1(-u), 1 / expm1(u))",
        steps={"u": f"{_C2!r} / (x * T)"},
        domain="x > 0",
    ),
    description="black body against wavelength (in um)",
    formula="amplitude x^-5 / (exp(h c / x k T) - 1)",
    parameters=(
        Param("amplitude", "y*x**5", "factor"),
        Param("T", "'K'", "temperature", 0.0, start=3000.0),
    ),
    derived=(("x_max", "2897.771955 / T", "x", "wavelength of the maximum, in um"),),
    scale="amplitude",
    convention="x in um, T in K",
    also=("black body", "thermal radiation", "Wien"),
    reference="M. Planck, Ann. Phys. 309 (1901) 553.",
    example=Example((0.2, 4.0), {"amplitude": 1.0, "T": (3000.0, 4000.0)}),
)

Arrhenius = Component(
    Formula(
        "arrhenius",
        "rate0 * exp(-energy / 8.617333262e-5 * (1 / x - 1 / T0))",
        steps={"T0": "300"},
        domain="x > 0",
    ),
    description="Arrhenius law of a rate against temperature",
    formula="rate0 exp(-energy / k_B (1 / x - 1 / 300 K))",
    parameters=(
        Param("rate0", "y", "rate at 300 K"),
        Param("energy", "'eV'", "activation energy"),
    ),
    derived=(
        (
            "prefactor",
            "rate0 * exp(energy / 8.617333262e-5 / 300)",
            "y",
            "rate at infinite temperature",
        ),
    ),
    scale="rate0",
    convention="x in K, energy in eV; the rate at 300 K, as the prefactor follows the "
    "energy closely",
    also=("activation energy", "thermally activated"),
    example=Example((200.0, 400.0), {"energy": (0.05, 0.1, 0.2)}),
)

#: Coefficients of coth(u) - 1 / u in odd powers of u.
_SERIES = (
    *("1/3", "-1/45", "2/945", "-1/4725", "2/93555", "-1382/638512875"),
    *("4/18243225", "-3617/162820783125"),
)


def _langevin(u: str) -> str:
    """coth(u) - 1 / u, by its series near 0."""
    series = _SERIES[-1]
    for own in _SERIES[-2::-1]:
        series = f"{own} + {u} * {u} * ({series})"
    return f"where(abs({u}) < 0.5, {u} * ({series}), 1 / tanh({u}) - 1 / {u})"


Langevin = Component(
    Formula("langevin", f"amplitude * ({_langevin('u')})", steps={"u": "x / scale"}),
    description="Langevin function: magnetisation of classical moments",
    formula="amplitude (coth(x / scale) - scale / x)",
    parameters=(
        Param("amplitude", "y", "saturation"),
        Param("scale", "x", "field at which moment times field is k_B T", 0.0),
    ),
    derived=(("susceptibility", "amplitude / (3 * scale)", "y/x", "slope at 0"),),
    scale="amplitude",
    also=("superparamagnetism", "paramagnet"),
    reference="P. Langevin, Ann. Chim. Phys. 5 (1905) 70.",
    example=Example((-10.0, 10.0), {"scale": (0.5, 1.5)}),
)

Brillouin = Component(
    # with L(u) = coth(u) - 1 / u, B_J = ((2J + 1) L(p) - L(q)) / 2J: 1 / p - 1 / q
    # falls out
    Formula(
        "brillouin",
        "amplitude * ((2 * J + 1) * lp - lq) / (2 * J)",
        steps={
            "p": "(2 * J + 1) / (2 * J) * x / scale",
            "q": "x / (2 * J * scale)",
            "lp": _langevin("p"),
            "lq": _langevin("q"),
        },
    ),
    description="Brillouin function: magnetisation of moments of spin J",
    formula="amplitude ((2 J + 1) coth((2 J + 1) x / (2 J scale)) - coth(x / (2 J "
    "scale))) / (2 J)",
    parameters=(
        Param("amplitude", "y", "saturation"),
        Param("scale", "x", "field at which g mu_B J B is k_B T", 0.0),
        Param("J", "", "angular momentum", 0.0),
    ),
    derived=(
        (
            "susceptibility",
            "amplitude * (J + 1) / (3 * J * scale)",
            "y/x",
            "slope at 0",
        ),
    ),
    scale="amplitude",
    convention="x / scale = g mu_B J B / k_B T",
    also=("paramagnet",),
    reference="L. Brillouin, J. Phys. Radium 8 (1927) 74.",
    example=Example((-8.0, 8.0), {"J": (0.5, 3.5)}),
)

Diode = Component(
    Formula("diode", "saturation * expm1(x / slope)"),
    description="Shockley's law of a diode: current against voltage",
    parameters=(
        Param("saturation", "y", "saturation current", 0.0),
        Param("slope", "x", "ideality factor times k_B T / e", 0.0),
    ),
    derived=(("ideality", "slope / 0.025852", "", "at 300 K, of x in V"),),
    scale="saturation",
    also=("Shockley", "solar cell", "ideality factor"),
    reference="W. Shockley, Bell Syst. Tech. J. 28 (1949) 435.",
    example=Example((-1.0, 2.0), {"saturation": 1e-2, "slope": (0.4, 0.5)}),
)

DiodeResistance = Component(
    # the current is saturation y with y = w / a - 1, w + log(w) = z; where exp(z)
    # would overflow, w by two of Newton's steps, exact to a rounding for z > 50.
    # A step in y gives its digits back near 0
    Formula(
        "diode_resistance",
        "saturation * where(z > 50, where(w > 0.5 * a, "
        "y - (log1p(y) + a * y - x / slope) / (1 / (1 + y) + a), y), expm1(u - w0))",
        steps={
            "a": "saturation * resistance / slope",
            "u": "x / slope + a",
            "z": "u + log(a)",
            "w0": "lambert_w0(a * exp(u))",
            "v": "z - log(z)",
            "v1": "v * (1 + z - log(v)) / (1 + v)",
            "w": "v1 * (1 + z - log(v1)) / (1 + v1)",
            "y": "w / a - 1",
        },
    ),
    description="diode with a resistance in series",
    formula="I = saturation (exp((x - I resistance) / slope) - 1)",
    parameters=(
        *Diode.parameters,
        Param("resistance", "x/y", "resistance in series", 0.0),
    ),
    convention="solved by Lambert's W; the current is that at the terminals",
    also=("Shockley", "series resistance"),
    reference="T. C. Banwell, A. Jayakumar, Electron. Lett. 36 (2000) 291.",
    example=Example(
        (-1.0, 3.0), {"saturation": 1e-2, "slope": 0.4, "resistance": (0.1, 1.0)}
    ),
)
