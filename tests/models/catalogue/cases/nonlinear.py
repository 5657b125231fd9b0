"""Vibrations whose frequency depends on something."""

from __future__ import annotations

import mpmath as mp
import numpy as np
from scipy import special

from tests.models.catalogue.cases.case import (
    Case,
    Sample,
    Values,
    either,
    over,
    scale,
    uniform,
)


def half_swing(theta0, period):
    """Period by quadrature over a quarter of a swing."""
    k = mp.sin(theta0 / 2)
    quarter = mp.quad(lambda u: 1 / mp.sqrt(1 - (k * mp.sin(u)) ** 2), [0, mp.pi / 2])
    return 2 / mp.pi * period * quarter


def backbone(x, omega0, alpha):
    """Mean of arithmetic and geometric means: 2 pi over the period in closed form."""
    s = alpha * x * x
    return mp.agm(mp.sqrt(omega0**2 + s / 2), mp.sqrt(omega0**2 + s))


def draw_backbone(rng: np.random.Generator) -> Sample:
    """Hardening, and softening to near the largest amplitude."""
    omega0, reach = scale()(rng), scale()(rng)
    strength = rng.uniform(-0.95, 0.0) if rng.uniform() < 0.5 else scale()(rng)
    values = {"omega0": omega0, "alpha": strength * omega0**2 / reach**2}
    return reach * rng.uniform(0.0, 1.0, 5), values


def measured_backbone(rng: np.random.Generator) -> Sample:
    """A shift by a tenth to a half."""
    values = {"omega0": rng.uniform(2.0, 8.0)}
    values["alpha"] = rng.choice([-0.6, 0.5, 1.5]) * values["omega0"] ** 2 / 25.0
    return np.linspace(0.0, 5.0, 200), values


def crossing(sign):
    """Case of a branch: an eigenvalue of a 2 x 2 matrix."""

    def branch(x, center, frequency, slope_1, slope_2, coupling):
        one, other = (frequency + own * (x - center) for own in (slope_1, slope_2))
        product = one * other - coupling * coupling
        return (one + other + sign * mp.sqrt((one + other) ** 2 - 4 * product)) / 2

    return over(
        branch,
        (0.0, 10.0),
        {
            "center": uniform(0.0, 10.0),
            "frequency": uniform(-10.0, 10.0),
            "slope_1": either(0.1, 10.0),
            "slope_2": either(0.1, 10.0),
            "coupling": scale(0.1, 10.0),
        },
        {
            "center": uniform(4.0, 6.0),
            "frequency": uniform(5.0, 50.0),
            "slope_1": uniform(1.0, 3.0),
            "slope_2": uniform(-3.0, 0.0),
            "coupling": uniform(0.5, 2.0),
        },
        share=0.95,
        no_limit={"coupling": "modes that cross, with a kink"},
        roundings=10.0,  # sums of sizes 100 that cancel
    )


def duffing(way):
    """Case of a sweep: roots of the cubic equation of the squared amplitude."""

    def amplitude(x, omega0, rate, alpha, force):
        detuned, bent = omega0**2 - x * x, 3 * alpha / 4
        free = detuned**2 + (2 * rate * x) ** 2
        if abs(bent) < 1e-15:  # of first order
            return force / mp.sqrt(free) * (1 - detuned * bent * (force / free) ** 2)
        cubic = [bent**2, 2 * detuned * bent, free, -(force**2)]
        roots = mp.polyroots(cubic, maxsteps=500, extraprec=400)
        real = [mp.re(own) for own in roots if abs(mp.im(own)) < 1e-15 * abs(own)]
        return mp.sqrt(max(real) if (alpha > 0) == (way == "up") else min(real))

    def draw(rng: np.random.Generator) -> Sample:
        omega0, size = scale()(rng), scale()(rng)
        rate = omega0 * scale(0.003, 0.3)(rng)
        alpha = (omega0 / size) ** 2 * either(0.001, 1.0)(rng)
        force = 2.0 * rate * omega0 * size
        x = omega0 * rng.uniform(0.5, 1.5, 5)
        names = ("omega0", "rate", "alpha", "force")
        return x, dict(zip(names, (omega0, rate, alpha, force), strict=True))

    def curve(rng: np.random.Generator) -> Sample:
        omega0, rate = rng.uniform(4.0, 6.0), rng.uniform(0.05, 0.15)
        size = rng.uniform(1.0, 3.0)
        alpha = rng.uniform(0.02, 0.4) * rng.choice([-1.0, 1.0]) * omega0 / size**2
        force = 2.0 * rate * omega0 * size
        values = {"omega0": omega0, "rate": rate, "alpha": alpha, "force": force}
        return np.linspace(3.0, 7.0, 200), values

    return Case(
        amplitude,
        draw,
        curve,
        special=tuple(
            (
                (0.3, 0.9, 1.0, 1.4),
                {"omega0": 1.0, "rate": 0.05, "alpha": alpha, "force": 0.15},
            )
            for alpha in (0.0, 1e-300, 1e-9, -1.1e-5, 1e-3)
        ),
        no_limit={
            "omega0": "nothing to resonate",
            "rate": "of infinite amplitude",
        },
        share=0.95,
        roundings=1e3,  # beside a jump the amplitude moves as a root
    )


def chi(x, amplitude, phase, f1, Q1, f2, Q2, coupling):
    """First of two amplitudes, by the equations of motion at a frequency."""
    force = 2 * coupling * mp.sqrt(f1 * f2)
    matrix = mp.matrix(
        [
            [mp.mpc(f1**2 - x**2, x * f1 / Q1), -force],
            [-force, mp.mpc(f2**2 - x**2, x * f2 / Q2)],
        ]
    )
    drive = mp.matrix([amplitude * f1**2 * mp.expj(phase), 0])
    return mp.lu_solve(matrix, drive)[0]


def coupled(reference, *, has_phase: bool) -> Case:
    """Case of two coupled oscillators, of which one is driven."""

    def phase(rng: np.random.Generator) -> Values:
        return {"phase": rng.uniform(-3.0, 3.0)} if has_phase else {}

    def draw(rng: np.random.Generator) -> Sample:
        f1 = scale()(rng)
        f2 = f1 * scale(0.3, 3.0)(rng)
        values = {"amplitude": either()(rng)} | phase(rng)
        values |= {"f1": f1, "Q1": scale(0.1, 300.0)(rng)}
        values |= {"f2": f2, "Q2": scale(0.1, 300.0)(rng)}
        values["coupling"] = np.sqrt(f1 * f2) * rng.uniform(0.0, 0.4)
        return f1 * np.array([1.0, *(scale(0.1, 10.0)(rng) for _ in range(5))]), values

    def curve(rng: np.random.Generator) -> Sample:
        values = {"amplitude": rng.uniform(1.0, 5.0)} | phase(rng)
        values |= {"f1": rng.uniform(0.95, 1.05), "Q1": rng.uniform(10.0, 25.0)}
        values |= {"f2": rng.uniform(0.95, 1.05), "Q2": rng.uniform(30.0, 60.0)}
        values["coupling"] = rng.uniform(0.03, 0.1)
        return np.linspace(0.6, 1.4, 250), values

    nothing = {name: "no frequency, no vibration" for name in ("f1", "f2")}
    nothing |= {name: "a damping without limit" for name in ("Q1", "Q2")}
    # near a normal mode the products of both differ by little from the coupling
    return Case(reference, draw, curve, no_limit=nothing, share=0.95, roundings=10.0)


CASES: dict[str, Case] = {
    "pendulum_period": over(
        half_swing,
        (0.0, 3.1),
        {"period": scale()},
        {"period": uniform(1.0, 5.0)},
        peer=lambda x, period: 2 / np.pi * period * special.ellipk(np.sin(x / 2) ** 2),
    ),
    "duffing_backbone": Case(
        backbone,
        draw_backbone,
        measured_backbone,
        no_limit={"omega0": "without a frequency at small amplitudes"},
        share=0.95,
    ),
    "coupled_response": coupled(lambda *a: chi(*a), has_phase=True),
    "coupled_amplitude": coupled(
        lambda x, amplitude, *a: amplitude * abs(chi(x, 1, 0, *a)), has_phase=False
    ),
    "avoided_crossing_upper": crossing(1),
    "avoided_crossing_lower": crossing(-1),
    "duffing_sweep_up": duffing("up"),
    "duffing_sweep_down": duffing("down"),
}
