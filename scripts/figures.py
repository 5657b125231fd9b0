"""Make the pictures of the documentation: python scripts/figures.py.

Each is the figure of a fit to a shipped data set, as `result.plot()` draws it, or to an
image that is simulated as in the guide.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from demo import CASES
from matplotlib.figure import Figure

import physfit as pf

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def main() -> None:
    """Write a PNG for every case of the demo, and that of the image."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        write(case.fit().plot(title=case.title), case.name)
    write(beam_spot(), "beam_spot")


def write(figure: Figure, name: str) -> None:
    """Write a figure; nothing that changes from run to run goes into the file."""
    figure.savefig(IMAGES / f"{name}.png", dpi=110, metadata={"Software": None})


def beam_spot() -> Figure:
    """The fit of an elliptic spot on a plane."""
    across, up = np.linspace(-3.0, 3.0, 60), np.linspace(-2.0, 2.0, 40)
    spot = pf.models.Gaussian2dRotated() + pf.models.Plane()
    truth = {"amplitude": 20.0, "centerx": 0.5, "centery": -0.3, "theta": 0.5}
    truth |= {"sigmax": 0.8, "sigmay": 0.4}
    truth |= {"slopex": 0.1, "slopey": -0.2, "intercept": 1.0}
    image = spot(np.array(np.meshgrid(across, up)), **truth)
    image = image + np.random.default_rng(0).normal(scale=0.3, size=image.shape)
    fit = pf.fit(spot, (across, up), image, sigma=0.3, units=("mm", "counts"))
    return fit.plot()


if __name__ == "__main__":
    main()
