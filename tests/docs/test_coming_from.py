"""Both sides of each idiom do the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import blocks, run

PEERS = ("lmfit", "iminuit", "torch")


def test_physfit_side_runs(docs: Path, workplace: Path) -> None:
    """Everything but the blocks of packages that may be missing."""
    assert run(docs / "coming-from.md") > 5


@pytest.mark.parametrize("peer", PEERS)
def test_peers_side_prints_the_same(docs: Path, workplace: Path, peer: str) -> None:
    """The peer's blocks run beside ours and print what the page says of both."""
    pytest.importorskip(peer)
    page = docs / "coming-from.md"
    assert any(peer in block.info for block in blocks(page))
    assert run(page, (peer,)) > run(page)
