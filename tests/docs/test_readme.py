"""The front page does what it says, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def links(page: Path) -> list[str]:
    found = _LINK.findall(page.read_text(encoding="utf-8"))
    return [link for link in found if "://" not in link]


def test_readme_example_runs(workplace: Path) -> None:
    """The examples and the commands run, and write the files they name."""
    assert run(ROOT / "README.md") == 7
    written = {path.name for path in workplace.iterdir()}
    assert {"silicon.png", "silicon.json", "raman.png", "run.ckpt"} <= written
    assert {"centers.png", "maps.h5"} <= written


def test_readme_example_has_fifteen_lines() -> None:
    """The example fits the promise of a glance: at most 15 lines."""
    code = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1]
    lines = [line for line in code.split("```")[0].splitlines() if line]
    assert len(lines) <= 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    """Every relative link and picture of a page is there."""
    missing = [link for link in links(page) if not (page.parent / link).exists()]
    assert missing == []
