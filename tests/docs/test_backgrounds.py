"""The page on backgrounds does what it says."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tests.docs.markdown import run

PEERS = tuple(own for own in ("pybaselines",) if find_spec(own))


def test_every_block_of_the_page_runs(docs: Path, workplace: Path) -> None:
    """All blocks run in order, print what the page says, and write what it names."""
    assert run(docs / "backgrounds.md", PEERS) > 3
    assert (workplace / "c1s.png").exists()
