"""Resonances, derivative lines and multiplets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath as mp
from scipy import stats

from tests.kernels import domains
from tests.models.catalogue.cases.case import (
    WIDTHLESS,
    Case,
    Range,
    either,
    over,
    peak,
    scale,
    uniform,
)


def breit_wigner(x, amplitude, center, width):
    """As the density of the Particle Data Group."""
    g = mp.sqrt(center**2 * (center**2 + width**2))
    k = 2 * mp.sqrt(2) * center * width * g / (mp.pi * mp.sqrt(center**2 + g))
    return amplitude * k / ((x**2 - center**2) ** 2 + center**2 * width**2)


def running(x, height, center, width):
    """By s, with a width s width / center."""
    s, m = x**2, center**2
    return height * s * width**2 / abs(mp.mpc(s - m, s * width / center)) ** 2


def derivative_lorentzian(x, amplitude, center, gamma, phase):
    """Derivative of the real part of a turned complex Lorentzian."""
    turned = mp.expj(-phase) * mp.mpc(0, 1) * amplitude / mp.pi
    return (-turned / mp.mpc(x - center, gamma) ** 2).real


def derivative_gaussian(x, amplitude, center, sigma):
    """Hermite's polynomial times the density."""
    return -(x - center) / sigma**2 * domains.gaussian(x, amplitude, center, sigma)


def doublet(line: Callable[..., Any], widths: Mapping[str, Range]) -> Case:
    """Case of two lines."""
    n = len(widths)

    def reference(x, amplitude, center, *others):
        own, (splitting, ratio) = others[:n], others[n:]
        second = line(x, amplitude * ratio, center + splitting, *own)
        return line(x, amplitude, center, *own) + second

    return over(
        reference,
        (0.0, 10.0),
        {
            "amplitude": either(),
            "center": uniform(2.0, 8.0),
            **widths,
            "splitting": uniform(-3.0, 3.0),
            "ratio": scale(0.01, 10.0),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(2.0, 4.0),
            **dict.fromkeys(widths, uniform(0.2, 0.5)),
            "splitting": uniform(2.0, 4.0),
            "ratio": uniform(0.3, 0.7),
        },
        no_limit={"sigma": WIDTHLESS, "gamma": WIDTHLESS},
        share=0.9,
    )


def multiplet(weights: tuple[int, ...]) -> Case:
    """Case of lines at equal distances."""

    def reference(x, amplitude, center, gamma, coupling):
        n = len(weights)
        return sum(
            domains.lorentzian(
                x,
                amplitude * w / mp.mpf(sum(weights)),
                center + (k - mp.mpf(n - 1) / 2) * coupling,
                gamma,
            )
            for k, w in enumerate(weights)
        )

    return over(
        reference,
        (0.0, 10.0),
        {
            "amplitude": either(),
            "center": uniform(2.0, 8.0),
            "gamma": scale(0.05, 5.0),
            "coupling": scale(0.01, 3.0),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(4.0, 6.0),
            "gamma": uniform(0.1, 0.3),
            "coupling": uniform(0.8, 1.5),
        },
        no_limit={"gamma": WIDTHLESS},
        share=0.9,
    )


def quadrupole(x, amplitude, shift, gamma, splitting):
    """Two lines."""
    half = splitting / 2
    return sum(
        domains.lorentzian(x, amplitude / 2, shift + own, gamma)
        for own in (-half, half)
    )


def sextet(x, amplitude, shift, gamma, splitting, quadrupole):
    """Six lines, placed as those of alpha iron."""
    total = mp.mpf(0)
    for place, weight, sign in (
        (5.3123, 3, 1),
        (3.0760, 2, -1),
        (0.8397, 1, -1),
    ):
        for side in (-1, 1):
            apart = side * mp.mpf(place / 10.6246) * splitting
            center = shift + sign * quadrupole + apart
            area = amplitude * mp.mpf(weight) / 12
            total += domains.lorentzian(x, area, center, gamma)
    return total


def damped_harmonic(x, amplitude, center, gamma, kT):
    """Two Lorentzians over the factor of detailed balance; its limit at 0."""
    if x == 0:
        return amplitude * 4 * gamma * center * kT / mp.pi / (center**2 + gamma**2) ** 2
    with mp.extradps(30):
        both = [domains.lorentzian(x, 1, own, gamma) for own in (center, -center)]
        return amplitude * (both[0] - both[1]) / (1 - mp.exp(-x / kT))


CASES: dict[str, Case] = {
    "damped_harmonic": over(
        damped_harmonic,
        (-8.0, 8.0),
        {
            "amplitude": either(),
            "center": scale(0.3, 8.0),
            "gamma": scale(0.05, 5.0),
            "kT": scale(1.0, 1e3),  # below, all x may lie where nothing depends on it
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(2.0, 4.0),
            "gamma": uniform(0.2, 0.6),
            "kT": uniform(1.0, 5.0),
        },
        special=(
            (
                (-800.0, -0.051, -1e-9, 0.0, 0.049, 3.0, 800.0),
                {"amplitude": 2.0, "center": 3.0, "gamma": 0.4, "kT": 1.0},
            ),
        ),
        no_limit={"gamma": WIDTHLESS, "kT": "no energy gain at T = 0"},
    ),
    "fano": peak(
        lambda x, height, center, gamma, q: (
            height
            * (q * gamma + x - center) ** 2
            / (gamma**2 + (x - center) ** 2)
            / (1 + q**2)
        ),
        size="height",
        width="gamma",
        far=1e3,
        shapes={"q": either(1e-3, 1e3)},
        seen={"q": uniform(-2.0, 2.0)},
    ),
    "breit_wigner": over(
        breit_wigner,
        (0.1, 10.0),
        {"amplitude": either(), "center": scale(0.5, 8.0), "width": scale(0.01, 5.0)},
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(4.0, 6.0),
            "width": uniform(0.3, 1.5),
        },
        no_limit={"width": WIDTHLESS, "center": "no resonance"},
        peer=lambda x, amplitude, center, width: (
            amplitude * stats.rel_breitwigner.pdf(x, center / width, scale=width)
        ),
    ),
    "breit_wigner_running": over(
        running,
        (0.1, 10.0),
        {"height": either(), "center": scale(0.5, 8.0), "width": scale(0.01, 5.0)},
        {
            "height": uniform(1.0, 5.0),
            "center": uniform(4.0, 6.0),
            "width": uniform(0.3, 1.5),
        },
        no_limit={"width": "0 but for one sample", "center": "no resonance"},
    ),
    "derivative_lorentzian": peak(
        derivative_lorentzian,
        width="gamma",
        far=1e3,
        shapes={"phase": uniform(-3.0, 3.0)},
        seen={"phase": uniform(-1.0, 1.0)},
    ),
    "derivative_gaussian": peak(derivative_gaussian),
    "gaussian_doublet": doublet(domains.gaussian, {"sigma": scale(0.05, 5.0)}),
    "lorentzian_doublet": doublet(domains.lorentzian, {"gamma": scale(0.05, 5.0)}),
    "voigt_doublet": doublet(
        domains.voigt, {"sigma": scale(0.05, 5.0), "gamma": scale(0.05, 5.0)}
    ),
    "pseudo_voigt_doublet": doublet(
        domains.pseudo_voigt,
        {"sigma": scale(0.05, 5.0), "fraction": uniform(0.0, 1.0)},
    ),
    "lorentzian_triplet": multiplet((1, 2, 1)),
    "lorentzian_quartet": multiplet((1, 3, 3, 1)),
    "mossbauer_doublet": over(
        quadrupole,
        (-4.0, 4.0),
        {
            "amplitude": either(),
            "shift": uniform(-1.0, 1.0),
            "gamma": scale(0.05, 2.0),
            "splitting": scale(0.01, 4.0),
        },
        {
            "amplitude": uniform(-5.0, -1.0),
            "shift": uniform(-0.5, 0.5),
            "gamma": uniform(0.15, 0.3),
            "splitting": uniform(0.8, 2.5),
        },
        no_limit={"gamma": WIDTHLESS},
        share=0.95,
    ),
    "mossbauer_sextet": over(
        sextet,
        (-9.0, 9.0),
        {
            "amplitude": either(),
            "shift": uniform(-1.0, 1.0),
            "gamma": scale(0.05, 2.0),
            "splitting": uniform(0.1, 16.0),
            "quadrupole": uniform(-0.5, 0.5),
        },
        {
            "amplitude": uniform(-9.0, -4.0),
            "shift": uniform(-0.5, 0.5),
            "gamma": uniform(0.15, 0.3),
            "splitting": uniform(6.0, 14.0),
            "quadrupole": uniform(-0.2, 0.2),
        },
        no_limit={"gamma": WIDTHLESS},
        share=0.9,
    ),
}
