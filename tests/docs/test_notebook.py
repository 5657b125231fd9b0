"""The guide as a notebook: it runs without a screen and shows reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import make_notebook
import pytest

#: How Python shows a record, an array or an object without a text of its own.
BARE = re.compile(r"\b[A-Z]\w*\(\w+=|array\(|object at 0x")

RUN = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read("guide.ipynb", 4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=None, startup_timeout=300).execute()
nbformat.write(notebook, "run.ipynb")
"""


@pytest.fixture
def cells(docs: Path, workplace: Path) -> list[dict]:
    """Cells of the guide with code, run in a kernel of its own."""
    make_notebook.main([str(docs / "guide.md"), "guide.ipynb"])
    folders = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    homes = dict.fromkeys((*folders, "JUPYTER_RUNTIME_DIR"), str(workplace / "jupyter"))
    subprocess.run([sys.executable, "-c", RUN], check=True, env={**os.environ, **homes})
    record = json.loads(Path("run.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in record["cells"] if cell["cell_type"] == "code"]


def test_a_notebook_of_the_guide_shows_reports(cells):
    """All cells run and show reports, tables and figures, never a record."""
    assert len(cells) > 25
    outputs = [output for cell in cells for output in cell["outputs"]]
    shown = [output["data"] for output in outputs if "data" in output]
    html = ["".join(data.get("text/html", "")) for data in shown]
    assert sum("<table>" in text for text in html) >= 6
    bare = [
        "".join(data["text/plain"])[:200]
        for data in shown
        if not {"text/html", "image/png"} & set(data)
    ]
    assert [text for text in [*bare, *html] if BARE.search(text)] == []


def test_prose_and_code_of_a_page_are_cells():
    """What is printed below a block goes, other blocks stay as text."""
    page = "# A\n\n```python\nr = 1\nprint(q.report())\nprint(r.report())\n```\n\n"
    page += "```text\n1\n```\n\nB\n\n```console\n$ physfit models\n```\n"
    found = make_notebook.notebook(page)["cells"]
    assert [cell["cell_type"] for cell in found] == ["markdown", "code", "markdown"]
    assert "".join(found[1]["source"]) == "r = 1\ndisplay(q)\nr"
    assert "".join(found[2]["source"]) == "B\n\n```console\n$ physfit models\n```"
