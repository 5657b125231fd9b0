"""Fit three of the shipped data sets, print the reports, write the figures.

    bash scripts/demo [FOLDER]

Figures go to FOLDER, or to `output/demo` in the current directory.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

import physfit as pf
from physfit.data.table import Table
from physfit.engine import cache

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
#: The peer that says whether the minimum is the right one.
PEER = "scipy:trf"


@dataclass(frozen=True)
class Case:
    """A data set with its model.

    Attributes
    ----------
    name, title : str
        Of the figure's file and of the figure.
    file : str
        In `datasets/`.
    model : Model
    loss : str
    window : pair of float
        Range of x that is fitted.
    """

    name: str
    title: str
    file: str
    model: pf.Model
    loss: str = "chi2"
    window: tuple[float, float] = (-np.inf, np.inf)

    def table(self) -> Table:
        """The data in the window."""
        table = pf.read_table(DATASETS / self.file)
        inside = (table.x >= self.window[0]) & (table.x <= self.window[1])
        sigma = None if table.sigma is None else table.sigma[inside]
        return table._replace(x=table.x[inside], y=table.y[inside], sigma=sigma)

    def fit(self) -> pf.FitResult:
        """Fit of the data in the window, start values guessed."""
        table = self.table()
        return pf.fit(
            self.model,
            table.x,
            table.y,
            sigma=table.sigma,
            loss=self.loss,
            units=(table.x_unit, table.y_unit),
            labels=(table.x_label, table.y_label),
        )

    def compare(self) -> pf.Comparison:
        """The same fit by the peer, beside physfit's own."""
        table = self.table()
        return pf.compare(
            self.model,
            table.x,
            table.y,
            sigma=table.sigma,
            loss=self.loss,
            methods=["lm", PEER],
            gradients="differences",
        )


CASES = (
    Case(
        name="silicon_raman",
        title="Raman line of a silicon wafer",
        file="silicon_raman.csv",
        model=pf.models.Voigt() + pf.models.Linear(),
    ),
    Case(
        name="eu152_gamma",
        title="Eu-152, the 121.8 keV line in a germanium detector",
        file="eu152_gamma.csv",
        model=pf.models.Gaussian() + pf.models.Linear(),
        loss="poisson",
        window=(645, 682),
    ),
    Case(
        name="ringdown",
        title="Ring-down of a resonator (simulated)",
        file="ringdown.csv",
        model=pf.models.Ringdown() + pf.models.Constant(),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Do what the module says; 0 when all fits converge and agree with the peer."""
    folder = Path(arguments[0] if arguments else "output/demo")
    folder.mkdir(parents=True, exist_ok=True)
    if not cache.entries():
        print("compiling kernels, on the first run only: ten seconds or more\n")
    began = perf_counter()
    good = [show(case, folder) for case in CASES]
    print(
        f"{len(CASES)} fits, their peers and figures in {perf_counter() - began:.1f} s"
    )
    print(f"figures: {folder.resolve()}")
    return 0 if all(good) else 1


def show(case: Case, folder: Path) -> bool:
    """Print report and distance from the peer, write the figure; True if all well."""
    result = case.fit()
    print(f"=== {case.title}\n\n{result.report()}\n")
    compared = case.compare()
    own, peer = compared["lm"], compared[PEER]
    farthest = max(
        abs(own.values[name] - peer.values[name]) / compared.stderr[name]
        for name in own.values
    )
    print(
        f"{PEER.replace(':', ' ')}, with differences in place of our derivatives, ends "
        f"{farthest:.1e} standard\nerrors away, after {peer.n_evals} evaluations and "
        f"{1e3 * peer.seconds:.2g} ms\n(physfit: {own.n_evals} and "
        f"{1e3 * own.seconds:.2g} ms; medians of three runs, without compilation).\n"
    )
    result.plot(title=case.title).savefig(folder / f"{case.name}.png")
    return result.converged and compared.agree


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
