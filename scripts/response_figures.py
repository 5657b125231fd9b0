"""Make the pictures of the pages on convolutions and backgrounds.

python scripts/response_figures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import physfit as pf

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def decay() -> pf.FitResult:
    """Two lifetimes behind a lamp that was measured, in counts."""
    t = np.arange(0.0, 50.0, 0.05)
    rng = np.random.default_rng(5)
    lamp = 1e4 * np.exp(-0.5 * ((t - 5.3) / 0.15) ** 2)
    lamp = rng.poisson(lamp + 800.0 * np.exp(-0.5 * ((t - 5.9) / 0.3) ** 2))
    both = pf.models.Exponential("a_") + pf.models.Exponential("b_")
    model = both @ pf.response(t, lamp) + pf.models.Constant()
    truth = {"a_amplitude": 2000.0, "a_decay": 1.2, "b_amplitude": 800.0}
    counts = rng.poisson(model(t, **truth, b_decay=5.5, c=3.0))
    return pf.fit(model, t, counts, loss="poisson")


def carbon() -> pf.FitResult:
    """A line of a conductor and another one on their Shirley background, in counts."""
    energy = np.linspace(278.0, 296.0, 361)
    metal = pf.models.Doniach("a_") @ pf.models.Gaussian("r_")
    other = pf.models.Voigt("b_") + pf.models.Shirley() + pf.models.Constant()
    model = metal + other
    truth = {"a_amplitude": 8e3, "a_center": 284.5, "a_gamma": 0.2, "a_alpha": 0.12}
    truth |= {"b_amplitude": 2e3, "b_center": 288.2, "b_sigma": 0.5, "b_gamma": 0.3}
    expected = model(energy, **truth, r_sigma=0.25, k=0.03, c=300.0)
    counts = np.random.default_rng(2).poisson(expected)
    return pf.fit(model, energy, counts, loss="poisson")


def main() -> None:
    """Write a PNG of each."""
    for name, make in {"convolved_decay": decay, "active_shirley": carbon}.items():
        figure = make().plot()
        path = IMAGES / f"{name}.png"
        # Nothing that changes from run to run goes into the file.
        figure.savefig(path, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
