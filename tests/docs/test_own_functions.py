"""The page on functions of one's own does what it says."""

from __future__ import annotations

from pathlib import Path

from tests.docs.markdown import run


def test_every_block_of_the_page_runs(docs: Path, workplace: Path) -> None:
    """All blocks run in order, print what the page says, and write what it names."""
    assert run(docs / "own-functions.md") > 15
    written = {path.name for path in workplace.iterdir()}
    assert {"ring.csv", "ring.json", "ring-down.json"} <= written
