"""The gallery of optimisation does what it says, and its pictures can be made."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import optimization_figures as script
import pytest
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

from tests.docs.markdown import run

#: Every figure, small enough to be drawn in a test.
TINY = {
    "distance": landscapes.distance,
    "minima": landscapes.minima,
    "starts": lambda: landscapes.starts(2),
    "three_rates": rates.three_rates,
    "found_rate": rates.found_rate,
    "escape": lambda: escapes.escape(4, 10),
    "batches": lambda: minibatches.batches(200, 4),
    "schedules": lambda: schedules.schedules(500, 2),
    "averages": lambda: averages.averages(1000, 2, 50),
    "stable_rates": lambda: averages.stable_rates(20, 2),
    "scaling": lambda: adaptive.scaling(20),
    "first_steps": lambda: adaptive.first_steps(4),
    "errors_by_decay": lambda: decay.errors_by_decay(
        50, np.array([0.1, 1.0]), np.array([1.0]), 5
    ),
    "couplings": lambda: decay.couplings(50),
    "sweeps": lambda: sweeping.sweeps(200, 1, (0,)),
    "worth": lambda: worth.worth(400, 3, 2),
}


def shown(docs: Path) -> list[str]:
    """Names of the pictures on the page."""
    text = (docs / "optimization.md").read_text(encoding="utf-8")
    return re.findall(r"!\[[^\]]+\]\(images/optimization/(\w+)\.png\)", text)


def test_every_block_of_the_gallery_runs(docs: Path, workplace: Path) -> None:
    """All blocks run in order, print what the page says, and write what it names."""
    assert run(docs / "optimization.md") > 12
    written = {path.name for path in workplace.iterdir()}
    assert {"ground.png", "landscape.png", "rates.png", "history.png"} <= written


def test_every_picture_has_its_function_and_every_function_its_picture(
    docs: Path,
) -> None:
    """The page shows each figure of the script once, and nothing else."""
    assert shown(docs) == list(script.FIGURES)
    files = {path.stem for path in (docs / "images" / "optimization").iterdir()}
    assert files == set(script.FIGURES)


def test_every_figure_has_a_tiny_form() -> None:
    """The cases below leave no figure of the script out."""
    assert set(TINY) == set(script.FIGURES)


@pytest.mark.parametrize("name", TINY)
def test_figures_are_drawn(name: str) -> None:
    """Each function returns a figure whose axes are labelled and hold finite lines."""
    figure = TINY[name]()
    panels = [ax for ax in figure.axes if ax.get_xlabel()]
    assert panels
    drawn = [np.asarray(line.get_xdata(), float) for ax in panels for line in ax.lines]
    assert all(np.isfinite(x).any() for x in drawn if x.size)


def test_script_writes_what_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name gives its picture; an unknown one is refused, and the others are named."""
    monkeypatch.setattr(script, "IMAGES", tmp_path / "images")
    assert script.main(["first_steps"]) == 0
    assert [path.name for path in (tmp_path / "images").iterdir()] == [
        "first_steps.png"
    ]
    assert script.main(["second_steps"]) == 1
    assert "no figure 'second_steps'; there are distance" in capsys.readouterr().out


def test_gradient_varies_as_one_over_the_batch() -> None:
    """Variance of a batch's gradient: 1/B - 1/n of single rows, within five sigma."""
    sample = minibatches.spectrum(500)
    best = sample.fit()
    sizes = np.array([1, 20, 400])
    found = minibatches.gradient_variance(sample, best.solution.theta, sizes, 200)
    # 200 draws of five parameters: a spread of sqrt(2/1000), more for heavy tails.
    assert found == pytest.approx(1.0 / sizes - 1.0 / 500, rel=0.3)


def test_largest_stable_rate_is_that_of_theory() -> None:
    """Momentum is stable up to 2 (1 + beta) / ((1 - beta) lambda), within 3 %."""
    sample = averages.straight()
    curvature = averages.largest_curvature(sample)
    wanted = averages.limit(0.5, curvature)
    # 400 steps tell growth 1 % beyond the limit; ten halvings of 4 decades leave 1 %.
    found = averages.largest_rate(sample, 0.5, 400, 10)
    assert found == pytest.approx(wanted, rel=0.03)


def test_ridges_are_the_closed_form() -> None:
    """Couplings by sums of spins are (S'S + n lambda sigma^2)^-1 S'E of numpy."""
    sample = decay.spins(900)
    i, j = np.triu_indices(40, 1)
    features = -(sample.x[:, i] * sample.x[:, j]).astype(float) / 2.0
    (found,) = decay.ridges(sample, [0.1])
    matrix = features.T @ features + 900 * 0.1 * np.eye(len(i))
    wanted = np.linalg.solve(matrix, features.T @ (sample.y / 2.0))
    # Condition of the matrix below 1e2, so that rounding stays near 1e-13.
    assert list(found.values()) == pytest.approx(wanted, abs=1e-10)
    assert sample.truth == {
        name: float(b - a in (1, 39)) for name, a, b in zip(found, i, j, strict=True)
    }
