"""The guide does what it says."""

from __future__ import annotations

from pathlib import Path

from tests.docs.markdown import run


def test_every_block_of_the_guide_runs(docs: Path, workplace: Path) -> None:
    """All blocks run in order, print what the page says, and write what it names."""
    assert run(docs / "guide.md") > 25
    written = {path.name for path in workplace.iterdir()}
    assert {"silicon.png", "silicon.json", "line.h5", "raman.json"} <= written
    assert {"scope.png", "decay.png", "decay.csv", "decays.csv"} <= written
