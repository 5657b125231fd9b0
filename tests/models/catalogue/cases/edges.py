"""Steps, edges and patterns of slits."""

from __future__ import annotations

import mpmath as mp

from tests.models.catalogue.cases.case import (
    Case,
    either,
    over,
    scale,
    uniform,
)

RANGE = (0.0, 10.0)
SIZE, SEEN = either(), uniform(1.0, 5.0)
ANYWHERE, MIDDLE = uniform(0.0, 10.0), uniform(3.5, 6.5)
NO_WIDTH = "a step of no width"
NO_PATTERN = "0 but at one place"


def sinc(u):
    """sin(u) / u."""
    return mp.sin(u) / u if u != 0 else mp.mpf(1)


def step(reference, width) -> Case:
    """Case of a step of amplitude, center and a width."""
    return over(
        reference,
        RANGE,
        {"amplitude": SIZE, "center": ANYWHERE, width: scale(0.05, 20.0)},
        {"amplitude": SEEN, "center": MIDDLE, width: uniform(0.2, 0.8)},
        no_limit={width: NO_WIDTH},
    )


def pattern(reference, domain=None, seen=None) -> Case:
    """Case of a pattern of height, center and a width."""
    return over(
        reference,
        RANGE,
        {
            "height": SIZE,
            "center": ANYWHERE,
            "width": scale(0.1, 20.0),
            **(domain or {}),
        },
        {"height": SEEN, "center": MIDDLE, "width": uniform(0.8, 2.0), **(seen or {})},
        no_limit={"width": NO_PATTERN, "period": NO_PATTERN},
    )


CASES: dict[str, Case] = {
    "step_erf": step(
        lambda x, amplitude, center, sigma: amplitude * mp.ncdf((x - center) / sigma),
        "sigma",
    ),
    "step_atan": step(
        lambda x, amplitude, center, gamma: (
            amplitude * (mp.mpf(1) / 2 + mp.arg(mp.mpc(gamma, x - center)) / mp.pi)
        ),
        "gamma",
    ),
    "step_logistic": step(
        lambda x, amplitude, center, width: (
            amplitude * (1 + mp.tanh((x - center) / width / 2)) / 2
        ),
        "width",
    ),
    "rectangle": over(
        lambda x, amplitude, center, length, sigma: (
            amplitude
            * (
                mp.ncdf((x - center + length / 2) / sigma)
                - mp.ncdf((x - center - length / 2) / sigma)
            )
        ),
        RANGE,
        {
            "amplitude": SIZE,
            "center": ANYWHERE,
            "length": scale(0.1, 10.0),
            "sigma": scale(0.05, 5.0),
        },
        {
            "amplitude": SEEN,
            "center": MIDDLE,
            "length": uniform(2.0, 5.0),
            "sigma": uniform(0.1, 0.5),
        },
        no_limit={"sigma": NO_WIDTH},
    ),
    "fermi_edge": over(
        lambda x, amplitude, slope, center, kT: (
            (amplitude + slope * (x - center)) / (1 + mp.exp((x - center) / kT))
        ),
        RANGE,
        {
            "amplitude": SIZE,
            "slope": either(1e-2, 10.0),
            "center": uniform(3.0, 7.0),
            "kT": scale(0.05, 5.0),
        },
        {
            "amplitude": SEEN,
            "slope": uniform(-0.2, 0.2),
            "center": MIDDLE,
            "kT": uniform(0.1, 0.5),
        },
        no_limit={"kT": NO_WIDTH},
    ),
    "sinc": pattern(
        lambda x, height, center, width: height * sinc(mp.pi * (x - center) / width)
    ),
    "single_slit": pattern(
        lambda x, height, center, width: (
            height * sinc(mp.pi * (x - center) / width) ** 2
        )
    ),
    "double_slit": pattern(
        lambda x, height, center, width, period: (
            height
            * sinc(mp.pi * (x - center) / width) ** 2
            * (1 + mp.cos(2 * mp.pi * (x - center) / period))
            / 2
        ),
        {"period": scale(0.1, 20.0)},
        {"width": uniform(2.0, 4.0), "period": uniform(0.4, 0.9)},
    )._replace(share=0.95),
}
