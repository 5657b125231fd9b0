"""Make a notebook of a page of the documentation.

    python scripts/make_notebook.py docs/guide.md guide.ipynb

Blocks of Python become cells, everything between them is text. What a page prints by
`print(result.report())` a notebook shows as a table. Run it where `datasets/` is.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["main", "notebook"]

#: A block with the lines around it: its language and whose code it is, and its text.
_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
#: A line that prints a report.
_PRINTED = re.compile(r"^print\((\w+)\.report\(\)\)$", re.MULTILINE)


def notebook(page: str) -> dict[str, Any]:
    """Record of a notebook, of a page in Markdown."""
    cells = []
    for number, (kind, text) in enumerate(_cells(page)):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append({**cell, "source": text.splitlines(keepends=True)})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(page: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each cell; what a block printed is left to the notebook."""
    text, end, is_behind_code = "", 0, False
    for block in _FENCED.finditer(page):
        between = page[end : block.start()]
        end = block.end()
        if block[1].strip() == "python":
            if text := (text + between).strip():
                yield "markdown", text
            yield "code", _shown(block[2].strip())
            text, is_behind_code = "", True
        elif block[1].strip() == "text" and is_behind_code and not between.strip():
            is_behind_code = False
        else:
            text, is_behind_code = text + between + block[0], False
    if text := (text + page[end:]).strip():
        yield "markdown", text


def _shown(code: str) -> str:
    """The code, where reports that it printed are shown as a notebook does."""
    shown = _PRINTED.sub(r"display(\1)", code)
    return re.sub(r"^display\((\w+)\)\Z", r"\1", shown, flags=re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Read the page that is named first, write the notebook that is named second."""
    page, target = map(Path, arguments)
    text = json.dumps(notebook(page.read_text(encoding="utf-8")), indent=1)
    target.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {target}; open it in Jupyter, in the folder that holds `datasets/`")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python scripts/make_notebook.py PAGE.md NOTEBOOK.ipynb")
    sys.exit(main(sys.argv[1:]))
