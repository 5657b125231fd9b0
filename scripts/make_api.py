"""Write docs/api.md: every public name with its signature and what it gives back."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import physfit as pf

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
HEAD = """# The public names

`import physfit as pf` gives these, and nothing else is public. The docstring of each
(`help(pf.fit)`) describes its arguments, what it raises, and shows an example.
"""


def page() -> str:
    """Text of the page."""
    return "\n".join([HEAD, *(section(name) for name in sorted(pf.__all__))])


def section(name: str) -> str:
    """Heading, signature and first sentence of one name."""
    value = getattr(pf, name)
    lines = [f"### `physfit.{name}`", ""]
    if callable(value) and not inspect.isclass(value):
        lines += ["```text", f"{name}{inspect.signature(value)}", "```", ""]
    first = (inspect.getdoc(value) or "").split("\n\n")[0]
    lines += [re.sub(r"\s+", " ", first), ""]
    if inspect.ismodule(value) and name != "errors":
        lines += [", ".join(f"`{own}`" for own in sorted(value.__all__)), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
