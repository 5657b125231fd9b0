"""Motions that follow from their equations.

Limits and long times are tried in `tests/models/motion`, against closed forms.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np

from tests.models.catalogue.cases.case import Case, Range, Sample, drawn, scale, uniform

#: Errors of steps, for rtol = 1e-13 of each, in units of 1e-12.
STEPS = 10.0
N_MACRO, N_ROWS = 2, 8


def followed(acceleration: Callable) -> Callable:
    """Displacement by extrapolated midpoint rules (Gragg, Bulirsch and Stoer)."""

    def midpoint(t, state, p, h, count):
        def rates(time, y, v):
            return v, acceleration(time, y, v, *p)

        small = h / count
        before, now = (
            state,
            [a + small * b for a, b in zip(state, rates(t, *state), strict=True)],
        )
        for k in range(1, count):
            after = [
                a + 2 * small * b
                for a, b in zip(before, rates(t + k * small, *now), strict=True)
            ]
            before, now = now, after
        last = rates(t + h, *now)
        return [
            (a + b + small * c) / 2 for a, b, c in zip(before, now, last, strict=True)
        ]

    def reference(end, x0, v0, *p):
        t, state, h = mp.mpf(0), [x0, v0], end / N_MACRO
        for _ in range(N_MACRO):
            rows: list[list] = []
            for k in range(N_ROWS):
                row = [midpoint(t, state, p, h, 2 * (k + 1))]
                for j in range(k):
                    ratio = (mp.mpf(k + 1) / (k - j)) ** 2 - 1
                    row.append(
                        [
                            a + (a - b) / ratio
                            for a, b in zip(row[j], rows[-1][j], strict=True)
                        ]
                    )
                rows.append(row)
            t, state = t + h, rows[-1][-1]
        return state[0]

    return reference


def motion(
    acceleration: Callable,
    domain: dict[str, Range],
    seen: dict[str, Range] | None = None,
    **others,
) -> Case:
    """Case of a motion: a short part of one, and a curve of ten periods."""

    def draw(rng: np.random.Generator) -> Sample:
        return rng.uniform(0.1, 0.4, 2), drawn(rng, domain)

    def curve(rng: np.random.Generator) -> Sample:
        return np.linspace(0.0, 10.0, 300), drawn(rng, seen or {})

    others = {"share": 0.95, "roundings": STEPS} | others
    return Case(followed(acceleration), draw, curve if seen else None, **others)


START = {"x0": uniform(-1.0, 0.0), "v0": uniform(3.0, 5.0)}
OMEGA0, RATE = uniform(0.5, 3.0), uniform(0.0, 0.5)
SEEN = {"x0": uniform(0.5, 1.5), "v0": uniform(-1.0, 1.0), "omega0": uniform(4.0, 7.0)}
SEEN |= {"rate": uniform(0.05, 0.2)}

CASES: dict[str, Case] = {
    "pendulum": motion(
        lambda t, y, v, omega0, rate, friction: (
            -(omega0**2) * mp.sin(y) - 2 * rate * v - friction
        ),
        START | {"omega0": OMEGA0, "rate": RATE} | {"friction": uniform(0.0, 0.5)},
        # not at rest in the end: as many minima as there may be half swings before
        SEEN | {"friction": uniform(0.02, 0.2)},
    ),
    "van_der_pol": motion(
        lambda t, y, v, omega0, mu, size: (
            mu * (1 - (y / size) ** 2) * v - omega0**2 * y
        ),
        START | {"omega0": OMEGA0, "mu": RATE, "size": scale(0.5, 2.0)},
        no_limit={"size": "loss without bounds"},
    ),
    "duffing_free": motion(
        lambda t, y, v, omega0, rate, alpha: (
            -(omega0**2) * y - alpha * y**3 - 2 * rate * v
        ),
        START | {"omega0": OMEGA0, "rate": RATE, "alpha": uniform(-0.5, 0.5)},
        SEEN | {"alpha": uniform(-2.0, 2.0)},
    ),
}
