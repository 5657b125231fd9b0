"""Laws of temperature, of radiation and of charges."""

from __future__ import annotations

import mpmath as mp
from scipy import stats

from tests.models.catalogue.cases.case import Case, either, over, scale, uniform

SIZE, SEEN = either(), uniform(1.0, 5.0)
FROZEN = "a step at T = 0"


def langevin(u):
    """coth(u) - 1 / u."""
    with mp.extradps(30):
        return mp.coth(u) - 1 / u if u != 0 else mp.mpf(0)


def brillouin(x, amplitude, scale, J):
    """By hyperbolic cotangents."""
    with mp.extradps(30):
        u = x / scale
        if u == 0:
            return mp.mpf(0)
        p, q = (2 * J + 1) / (2 * J), 1 / (2 * J)
        return amplitude * (p * mp.coth(p * u) - q * mp.coth(q * u))


def diode_resistance(x, saturation, slope, resistance):
    """Current at which the voltages add up, by Newton's method."""
    with mp.extradps(40):
        a = saturation * resistance / slope
        w = mp.lambertw(a * mp.exp(x / slope + a)).real
        return slope / resistance * w - saturation


C2 = mp.mpf("6.62607015e-34") * 299792458 / mp.mpf("1.380649e-23") * 10**6
H_K = mp.mpf("6.62607015e-34") / mp.mpf("1.380649e-23")
K_EV = mp.mpf("8.617333262e-5")

CASES: dict[str, Case] = {
    "bose": over(
        lambda x, amplitude, mu, kT: amplitude / (mp.exp((x - mu) / kT) - 1),
        (0.5, 10.0),
        {"amplitude": SIZE, "mu": uniform(-3.0, 0.4), "kT": scale(0.05, 30.0)},
        {"amplitude": SEEN, "mu": uniform(-0.5, 0.2), "kT": uniform(1.0, 4.0)},
        no_limit={"kT": FROZEN},
        share=0.9,
    ),
    "fermi": over(
        lambda x, amplitude, mu, kT: amplitude / (mp.exp((x - mu) / kT) + 1),
        (0.0, 10.0),
        {"amplitude": SIZE, "mu": uniform(2.0, 8.0), "kT": scale(0.2, 30.0)},
        {"amplitude": SEEN, "mu": uniform(3.0, 7.0), "kT": uniform(0.2, 1.0)},
        no_limit={"kT": FROZEN},
    ),
    "maxwell": over(
        lambda x, amplitude, scale: (
            amplitude
            * mp.sqrt(2 / mp.pi)
            * x**2
            / scale**3
            * mp.exp(-((x / scale) ** 2) / 2)
        ),
        (0.0, 10.0),
        {"amplitude": SIZE, "scale": scale(0.5, 20.0)},
        {"amplitude": SEEN, "scale": uniform(1.0, 4.0)},
        no_limit={"scale": FROZEN},
        peer=lambda x, amplitude, scale: amplitude * stats.maxwell.pdf(x, 0.0, scale),
    ),
    "planck_frequency": over(
        lambda x, amplitude, T: amplitude * x**3 / (mp.exp(H_K * x / T) - 1),
        (1e13, 1e15),
        {"amplitude": scale(1e-45, 1e-40), "T": scale(300.0, 3e4)},
        {"amplitude": scale(1e-43, 1e-41), "T": uniform(2000.0, 8000.0)},
        no_limit={"T": FROZEN},
    ),
    "planck_wavelength": over(
        lambda x, amplitude, T: amplitude / x**5 / (mp.exp(C2 / x / T) - 1),
        (0.2, 4.0),
        {"amplitude": SIZE, "T": scale(300.0, 3e4)},
        {"amplitude": SEEN, "T": uniform(2000.0, 5000.0)},
        no_limit={"T": FROZEN},
    ),
    "arrhenius": over(
        lambda x, rate0, energy: (
            rate0 * mp.exp(-energy / K_EV * (1 / x - mp.mpf(1) / 300))
        ),
        (200.0, 400.0),
        {"rate0": SIZE, "energy": uniform(-0.5, 1.0)},
        {"rate0": SEEN, "energy": uniform(0.05, 0.3)},
    ),
    "langevin": over(
        lambda x, amplitude, scale: amplitude * langevin(x / scale),
        (-10.0, 10.0),
        {"amplitude": SIZE, "scale": scale(0.01, 100.0)},
        {"amplitude": SEEN, "scale": uniform(0.5, 2.0)},
        special=(
            (
                (-0.51, -0.49, -1e-9, 0.0, 0.3, 0.5, 2.0),
                {"amplitude": 2.0, "scale": 1.0},
            ),
        ),
        no_limit={"scale": FROZEN},
    ),
    "brillouin": over(
        brillouin,
        (-10.0, 10.0),
        {"amplitude": SIZE, "scale": scale(0.05, 100.0), "J": scale(0.2, 30.0)},
        {"amplitude": SEEN, "scale": uniform(1.0, 3.0), "J": uniform(0.5, 2.0)},
        special=(
            (
                (-0.5, -1e-9, 0.0, 0.25, 0.5, 2.0),
                {"amplitude": 2.0, "scale": 1.0, "J": 0.5},
            ),
        ),
        no_limit={"scale": FROZEN, "J": "no moment"},
    ),
    "diode": over(
        lambda x, saturation, slope: saturation * (mp.exp(x / slope) - 1),
        (-1.0, 1.0),
        {"saturation": scale(1e-9, 1.0), "slope": scale(0.02, 1.0)},
        {"saturation": uniform(0.01, 0.1), "slope": uniform(0.2, 0.4)},
        no_limit={"slope": "no current, or an infinite one"},
    ),
    "diode_resistance": over(
        diode_resistance,
        (-1.0, 1.0),
        {
            "saturation": scale(1e-9, 1.0),
            "slope": scale(0.02, 1.0),
            "resistance": scale(1e-3, 10.0),
        },
        {
            "saturation": uniform(0.01, 0.1),
            "slope": uniform(0.15, 0.25),
            "resistance": uniform(0.1, 0.5),
        },
        # exp(x / slope) is infinite there, the current is not
        special=(
            (
                (-1.0, 0.0, 0.1, 0.3, 5.0, 50.0),
                {"saturation": 1e-12, "slope": 3e-4, "resistance": 10.0},
            ),
        ),
        no_limit={
            "slope": "no current, or an infinite one",
            "resistance": "0 / 0",
            "saturation": "0 times infinity",
        },
    ),
}
