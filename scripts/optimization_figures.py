"""Make the pictures of docs/optimization.md: python scripts/optimization_figures.py.

    python scripts/optimization_figures.py [NAME ...]

Every name is a picture in docs/images/optimization; without names all are made.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from optimization_gallery import (
    adaptive,
    averages,
    decay,
    escapes,
    landscapes,
    minibatches,
    rates,
    schedules,
    sweeping,
    worth,
)
from optimization_gallery.canvas import Figures

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images" / "optimization"
FIGURES: dict[str, Figures] = {
    "distance": landscapes.distance,
    "minima": landscapes.minima,
    "starts": landscapes.starts,
    "three_rates": rates.three_rates,
    "found_rate": rates.found_rate,
    "escape": escapes.escape,
    "batches": minibatches.batches,
    "schedules": schedules.schedules,
    "averages": averages.averages,
    "stable_rates": averages.stable_rates,
    "scaling": adaptive.scaling,
    "first_steps": adaptive.first_steps,
    "errors_by_decay": decay.errors_by_decay,
    "couplings": decay.couplings,
    "sweeps": sweeping.sweeps,
    "worth": worth.worth,
}


def main(names: Sequence[str] = ()) -> int:
    """Write a PNG for every name, or for all; 1 when a name is unknown."""
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        print(f"no figure {unknown[0]!r}; there are {', '.join(FIGURES)}")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name in names or FIGURES:
        began = perf_counter()
        figure = FIGURES[name]()
        # Nothing that changes from run to run goes into the file.
        figure.savefig(IMAGES / f"{name}.png", dpi=110, metadata={"Software": None})
        print(f"{name}: {perf_counter() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
