"""The page on backgrounds does what it says."""

from __future__ import annotations

from pathlib import Path

from tests.docs.markdown import run


def test_every_block_of_the_page_runs(docs: Path, workplace: Path) -> None:
    """All blocks run in order, print what the page says, and write what it names."""
    assert run(docs / "backgrounds.md") > 3
    assert (workplace / "c1s.png").exists()
